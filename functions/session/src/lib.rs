//! One session: Ivy's `POST /api/service/data/session/details`, with a key or without, Didit's
//! `GET /auth/v2/session/{id}/status/`, and `/v1/sessions/{id}` with its decision.

use cloud::{Entered, LinkToken};
use model::ids::SessionId;
use model::session::Session;
use runtime::{App, Function, Problem, Reading as _, Request, Response, json, store_problem};
use wire::{didit, ivy, v1};

/// The function.
pub const FUNCTION: Function = Function::Http(|app, request| Box::pin(handle(app, request)));

/// Answers for one session.
///
/// # Errors
/// A [`Problem`]; unknown and foreign ids answer alike.
pub async fn handle(app: &App, request: Request) -> Result<Response, Problem> {
    let path = request.uri().path().trim_end_matches('/').to_owned();
    if path.starts_with("/auth/") {
        let (_, session) = for_status(app, &request).await?;
        return Ok(json(200, &didit::status(session.status(app.now()))));
    }
    if path.starts_with("/api/") && !is_signed(&request) {
        return hosted(app, &request).await;
    }
    let entered = app.authorize(&request).await?;
    let id = if path.starts_with("/v1/") {
        request.path_id("id")?
    } else {
        request.json()?.required_text("id")?.parse().map_err(|_| Problem::not_found())?
    };
    let session = read(app, &entered, id).await?;
    let (status, policy) = (session.status(app.now()), &entered.tenant.policy.matching);
    Ok(match path.as_str() {
        path if path.ends_with("/decision") => json(200, &v1::decision(&session, status, policy)),
        path if path.starts_with("/v1/") => json(200, &v1::session(&session, status, policy)),
        _ => json(200, &ivy::details(&session, status, policy)),
    })
}

/// Whether the caller says who they are. A wrong key is a wrong key, and never as good as none.
fn is_signed(request: &Request) -> bool {
    ["x-ivy-api-key", "x-api-key", "authorization"]
        .iter()
        .any(|n| request.headers().contains_key(*n))
}

/// Details without a key, as old mobile SDKs ask for them from the person's phone: what the hosted
/// page shows, and no data. Only the session's id finds the tenant then.
async fn hosted(app: &App, request: &Request) -> Result<Response, Problem> {
    let id = request.json()?.required_text("id")?.parse().map_err(|_| Problem::not_found())?;
    let tenant = app.table.tenant_of(id).await.map_err(store_problem)?;
    let tenant = tenant.ok_or_else(Problem::not_found)?;
    let entered = app.table.enter(tenant).await.map_err(store_problem)?;
    let session = read(app, &entered.ok_or_else(Problem::not_found)?, id).await?;
    Ok(json(200, &ivy::hosted(&session, session.status(app.now()))))
}

/// Didit's status also answers the bearer of the session's own token.
async fn for_status(app: &App, request: &Request) -> Result<(Entered, Session), Problem> {
    let id: SessionId = request.path_id("id")?;
    let entered = match request.header("data-session-token") {
        None => app.authorize(request).await?,
        Some(text) => {
            let wrong = || Problem::unauthenticated("The session token is not this session's.");
            let token = LinkToken::parse(text).filter(|t| t.session() == id).ok_or_else(wrong)?;
            let entered = app.table.enter(token.tenant()).await.map_err(store_problem)?;
            let entered = entered.filter(|entered| token.is_genuine(&entered.keys));
            let entered = entered.ok_or_else(wrong)?;
            app.count(request, &entered).await?;
            entered
        }
    };
    let session = read(app, &entered, id).await?;
    Ok((entered, session))
}

async fn read(app: &App, entered: &Entered, id: SessionId) -> Result<Session, Problem> {
    let session = app.table.session(entered, id).await.map_err(store_problem)?;
    session.ok_or_else(Problem::not_found)
}
