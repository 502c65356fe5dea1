//! Creates a session: Ivy's `POST /api/service/data/session/create`, Didit's `POST /auth/v2/session/`.

use cloud::{Entered, Idempotency, LinkToken};
use model::session::Door;
use runtime::{App, Function, Problem, Reading as _, Request, Response, json, store_problem};
use wire::json::Members;
use wire::{didit, ivy};

/// The function.
pub const FUNCTION: Function = Function::Http(|app, request| Box::pin(handle(app, request)));

/// Answers a create request of either contract.
///
/// # Errors
/// A [`Problem`]; nothing was created then.
pub async fn handle(app: &App, request: Request) -> Result<Response, Problem> {
    let entered = app.authorize(&request).await?;
    let body = request.json()?;
    if request.uri().path().starts_with("/auth/") {
        create_for_didit(app, &entered, &body).await
    } else {
        create_for_ivy(app, &entered, &body, &request).await
    }
}

async fn create_for_ivy(
    app: &App,
    entered: &Entered,
    body: &Members,
    request: &Request,
) -> Result<Response, Problem> {
    let asked = ivy::new_session(body, &entered.tenant, app.now())?;
    let idempotency = idempotency(entered, request)?;
    let transition = app.open(entered, asked, Door::Ivy, None).await?;
    let created = app.table.create_session(entered, &transition, idempotency.as_ref()).await;
    let (session, before) = App::created(created.map_err(store_problem)?)?;
    let mut response = json(200, &ivy::opened(&session, &app.link(entered, session.id)));
    if before {
        let replayed = http::HeaderValue::from_static("true");
        response.headers_mut().insert("idempotent-replayed", replayed);
    }
    Ok(response)
}

async fn create_for_didit(
    app: &App,
    entered: &Entered,
    body: &Members,
) -> Result<Response, Problem> {
    let asked = didit::new_session(body, &entered.tenant)?;
    let transition = app.open(entered, asked, Door::Didit, None).await?;
    let created = app.table.create_session(entered, &transition, None).await;
    let (session, _) = App::created(created.map_err(store_problem)?)?;
    let token = LinkToken::of(&entered.keys, entered.scope.tenant(), session.id).text();
    let link = app.link(entered, session.id);
    Ok(json(201, &didit::opened(&session, &token, &link)))
}

/// The key and the request, hashed under the tenant's key: neither is stored as it came.
fn idempotency(entered: &Entered, request: &Request) -> Result<Option<Idempotency>, Problem> {
    let Some(key) = request.idempotency_key()? else {
        return Ok(None);
    };
    let hash = |purpose: &str, bytes: &[u8]| cloud::hex(&entered.keys.mac(purpose, bytes));
    let route = format!("create\n{key}");
    Ok(Some(Idempotency {
        key_hash: hash("idempotency keys", route.as_bytes()),
        fingerprint: hash("idempotency fingerprints", request.bytes()),
    }))
}
