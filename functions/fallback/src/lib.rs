//! Whatever no other route takes: an unknown path is a clean 404 in the body that every client can
//! read, and a known path under another method a 405 that names the right ones.

use runtime::{App, Function, Problem, Request, Response};
use wire::openapi;

/// The function.
pub const FUNCTION: Function = Function::Http(|app, request| Box::pin(handle(app, request)));

/// Refuses.
///
/// # Errors
/// Always.
pub async fn handle(_: &App, request: Request) -> Result<Response, Problem> {
    let methods = methods_of(request.uri().path());
    match methods.as_slice() {
        [] => Err(Problem::unknown_path()),
        methods => Err(Problem::method_not_allowed(methods)),
    }
}

/// The methods that the contracts have for a path.
fn methods_of(path: &str) -> Vec<&'static str> {
    let wanted: Vec<&str> = path.trim_matches('/').split('/').collect();
    let fits = |template: &str| {
        let template: Vec<&str> = template.trim_matches('/').split('/').collect();
        let same = |(part, given): (&&str, &&str)| part.starts_with('{') || part == given;
        template.len() == wanted.len() && template.iter().zip(&wanted).all(same)
    };
    let operations = openapi::operations().into_iter();
    operations.filter(|operation| fits(operation.path)).map(|operation| operation.method).collect()
}
