//! Pentadata's persons: made and listed at `/persons`, with their accounts, and erased.

mod create;

use cloud::Entered;
use model::ids::PersonId;
use model::person::Known;
use runtime::{
    App, Function, Problem, Reading as _, Request, Response, empty, json, store_problem,
};
use wire::pentadata::{self, Listing};

/// The function.
pub const FUNCTION: Function = Function::Http(|app, request| Box::pin(handle(app, request)));

/// Answers the four routes.
///
/// # Errors
/// A [`Problem`]; unknown and foreign ids answer alike.
pub async fn handle(app: &App, request: Request) -> Result<Response, Problem> {
    let entered = app.authorize(&request).await?;
    let path = request.uri().path().trim_end_matches('/').to_owned();
    match (request.method().as_str(), path.as_str()) {
        ("POST", "/persons") => create::create(app, &entered, &request).await,
        ("GET", "/persons") => list(app, &entered, &request).await,
        ("DELETE", _) => erase(app, &entered, request.path_id("id")?).await,
        _ => accounts(app, &entered, request.path_id("id")?).await,
    }
}

async fn list(app: &App, entered: &Entered, request: &Request) -> Result<Response, Problem> {
    let query = wire::json::from_pairs(request.query())?;
    let found = match pentadata::listing(&query)? {
        Listing::With(email) => {
            let person = app.table.person_with(entered, &email).await;
            person.map(|person| person.into_iter().collect())
        }
        Listing::Stretch { offset, limit } => app.table.persons(entered, offset, limit).await,
    };
    let found = found.map_err(store_problem)?;
    Ok(json(200, &pentadata::persons(&found)))
}

async fn accounts(app: &App, entered: &Entered, id: PersonId) -> Result<Response, Problem> {
    let known = known(app, entered, id).await?;
    // The contract's ids are integers, which clients in Java hold in 32 bits; ours come from the
    // tenant's key, so that they say nothing.
    let number = |name: &str| {
        let mac = entered.keys.mac("account ids", name.as_bytes());
        let mut bytes = [0; 4];
        bytes.copy_from_slice(&mac[..4]);
        u32::from_be_bytes(bytes) >> 1
    };
    Ok(json(200, &pentadata::accounts(&known.evidence, number)))
}

/// Everything about the subject goes with the person. What one call does not finish, the sweeper does.
async fn erase(app: &App, entered: &Entered, id: PersonId) -> Result<Response, Problem> {
    let subject = known(app, entered, id).await?.person.subject;
    let begun = app.table.begin_erasure(entered, subject).await.map_err(store_problem)?;
    let begun = begun.ok_or_else(Problem::not_found)?;
    app.table.erase(entered, begun).await.map_err(store_problem)?;
    Ok(empty(204))
}

async fn known(app: &App, entered: &Entered, id: PersonId) -> Result<Known, Problem> {
    let known = app.table.known(entered, id).await.map_err(store_problem)?;
    known.ok_or_else(Problem::not_found)
}
