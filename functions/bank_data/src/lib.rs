//! What the bank said of a complete session, call by call: Ivy's `data/consent/details` and `revoke`,
//! `data/accounts/list`, `data/account-balances/list`, `data/transactions/list`.

use cloud::Entered;
use model::consent::{Consent, Wanted};
use model::session::{Session, Status};
use model::statement::Statement;
use model::transition::{Command, apply};
use runtime::{App, Function, Problem, Reading as _, Request, Response, json, store_problem};
use wire::ivy;

/// The function.
pub const FUNCTION: Function = Function::Http(|app, request| Box::pin(handle(app, request)));

/// Answers the five calls.
///
/// # Errors
/// A [`Problem`]; unknown and foreign ids answer alike.
pub async fn handle(app: &App, request: Request) -> Result<Response, Problem> {
    let entered = app.authorize(&request).await?;
    let id = ivy::session_id(&request.json()?)?;
    let session = app.table.session(&entered, id).await.map_err(store_problem)?;
    let session = session.ok_or_else(Problem::not_found)?;
    let disclose = |wanted| session.disclose(wanted, app.now()).map_err(ivy::withheld);
    let path = request.uri().path().trim_end_matches('/');
    Ok(match path.rsplit_once("/data/").map(|(_, call)| call) {
        Some("consent/details") => json(200, &consent(app, &entered, &session)),
        Some("consent/revoke") => json(200, &revoke(app, &entered, &session).await?),
        Some("accounts/list") => json(200, &ivy::accounts(disclose(Wanted::Accounts)?)),
        Some("account-balances/list") => {
            disclose(Wanted::Balances)?;
            json(200, &ivy::balances(&statement(app, &entered, &session).await?))
        }
        Some("transactions/list") => {
            disclose(Wanted::Transactions)?;
            json(200, &ivy::transactions(&statement(app, &entered, &session).await?))
        }
        _ => return Err(Problem::not_found()),
    })
}

fn consent(app: &App, entered: &Entered, session: &Session) -> ivy::ConsentDetails {
    let consent = Consent::of(session, entered.tenant.policy.reuse, app.now());
    ivy::consent(session, &consent)
}

/// Once is enough: a revoked consent is answered as it is.
async fn revoke(
    app: &App,
    entered: &Entered,
    session: &Session,
) -> Result<ivy::ConsentDetails, Problem> {
    let change = apply(session, Command::Revoke, app.now());
    let change = change.map_err(|_| match session.status(app.now()) {
        Status::Failed | Status::Cancelled | Status::Expired => Problem::ended(),
        _ => Problem::not_complete(),
    })?;
    app.table.commit_revocation(entered, &change).await.map_err(store_problem)?;
    Ok(consent(app, entered, &change.session))
}

/// A complete session with the permission has a statement, even when the bank had nothing to say.
async fn statement(app: &App, entered: &Entered, session: &Session) -> Result<Statement, Problem> {
    let statement = app.table.statement(entered, session.id).await.map_err(store_problem)?;
    statement.ok_or_else(|| Problem::internal("a complete session without its statement"))
}
