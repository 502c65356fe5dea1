//! `GET /v1/events`: everything that happened to a tenant, in order and without gaps.
//!
//! A cursor is the number of the last event that was looked at. Nothing ever appears before it.

use model::event::Entry;
use runtime::{App, Function, Problem, Reading as _, Request, Response, json, store_problem};
use wire::v1::events::{self, Asked};

/// The function.
pub const FUNCTION: Function = Function::Http(|app, request| Box::pin(handle(app, request)));

/// How many entries one answer looks at, whatever it leaves out.
const SCANNED_MAX: usize = 1_000;

/// Answers with a page of the feed.
///
/// # Errors
/// A [`Problem`] that names the member of the query that is wrong.
pub async fn handle(app: &App, request: Request) -> Result<Response, Problem> {
    let entered = app.authorize(&request).await?;
    let asked = events::asked(&wire::json::from_pairs(request.query())?)?;
    let filtered = asked.kind.is_some() || asked.subject.is_some();
    let scanned_max = if filtered { SCANNED_MAX } else { asked.limit + 1 };
    let scanned = app.table.feed(&entered, asked.after, scanned_max).await;
    let (page, cursor, has_more) = page(scanned.map_err(store_problem)?, &asked, scanned_max);
    Ok(json(200, &events::page(&page, cursor, has_more)))
}

/// Those that were asked for, how far that is, and whether there is more.
fn page(scanned: Vec<Entry>, asked: &Asked, scanned_max: usize) -> (Vec<Entry>, u64, bool) {
    let full = scanned.len() == scanned_max;
    let (mut page, mut cursor) = (Vec::new(), asked.after);
    for entry in scanned {
        let kind = asked.kind.is_none_or(|kind| kind == entry.event.kind);
        let subject = asked.subject.is_none_or(|id| Some(id) == entry.event.subject);
        if page.len() == asked.limit {
            return (page, cursor, true);
        }
        cursor = entry.number;
        if kind && subject {
            page.push(entry);
        }
    }
    (page, cursor, full)
}
