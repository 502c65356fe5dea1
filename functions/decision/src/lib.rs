//! Didit's `GET /auth/v2/session/{id}/decision/`: the status, and the data that were approved.

use jiff::tz::TimeZone;
use runtime::{App, Function, Problem, Reading as _, Request, Response, json, store_problem};
use wire::didit;

/// The function.
pub const FUNCTION: Function = Function::Http(|app, request| Box::pin(handle(app, request)));

/// Answers with the decision.
///
/// # Errors
/// A [`Problem`]; unknown and foreign ids answer alike.
pub async fn handle(app: &App, request: Request) -> Result<Response, Problem> {
    let entered = app.authorize(&request).await?;
    let id = request.path_id("id")?;
    let session = app.table.session(&entered, id).await.map_err(store_problem)?;
    let session = session.ok_or_else(Problem::not_found)?;
    let now = app.now();
    let today = now.to_zoned_datetime(TimeZone::UTC).date();
    Ok(json(200, &didit::decision(&session, session.status(now), today)))
}
