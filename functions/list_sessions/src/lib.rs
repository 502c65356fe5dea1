//! Ivy's `POST /api/service/data/session/list`: the complete sessions of one external user.

use cloud::{After, Entered, Filter};
use model::session::Session;
use runtime::{App, Function, Problem, Reading as _, Request, Response, json, store_problem};
use wire::ivy::{self, By};

mod cursor;

/// The function.
pub const FUNCTION: Function = Function::Http(|app, request| Box::pin(handle(app, request)));

/// Answers a list request.
///
/// # Errors
/// A [`Problem`].
pub async fn handle(app: &App, request: Request) -> Result<Response, Problem> {
    let entered = app.authorize(&request).await?;
    let listing = ivy::listing(&request.json()?)?;
    let filter = match listing.by {
        By::Email(email) => Filter::Email(email),
        By::Reference(reference) => Filter::Reference(reference),
        By::Phone(phone) => Filter::Phone(phone),
        By::Metadata(pair) => Filter::Metadata(pair),
    };
    let after = listing.cursor.map(|text| cursor::read(&entered, &text)).transpose()?;
    let page = page(app, &entered, &filter, after, listing.limit).await?;
    Ok(json(200, &ivy::list(&page.sessions, page.cursor.as_deref())))
}

struct Page {
    sessions: Vec<Session>,
    cursor: Option<String>,
}

/// One more than asked for is read, to know whether there is a next page.
async fn page(
    app: &App,
    entered: &Entered,
    filter: &Filter,
    after: Option<After>,
    limit: usize,
) -> Result<Page, Problem> {
    let found = app.table.complete_sessions(entered, filter, after, limit + 1).await;
    let mut sessions = found.map_err(store_problem)?;
    let more = sessions.len() > limit;
    sessions.truncate(limit);
    let last = sessions.last().filter(|_| more);
    let cursor = last.map(|last| {
        cursor::write(entered, After { created_at: last.created_at, session: last.id })
    });
    Ok(Page { sessions, cursor })
}
