//! Whatever no other route takes: an unknown path is a clean 404 in the body that every client can
//! read, and a known path under another method a 405 that names the right ones.

use runtime::{App, Function, Problem, Request, Response, not_routed};

/// The function.
pub const FUNCTION: Function = Function::Http(|app, request| Box::pin(handle(app, request)));

/// Refuses.
///
/// # Errors
/// Always.
pub async fn handle(_: &App, request: Request) -> Result<Response, Problem> {
    Err(not_routed(request.uri().path()))
}
