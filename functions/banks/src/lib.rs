//! The banks there are: Ivy's `banks/list`, `banks/search` and `banks/details`, Pentadata's
//! `GET /institutions`. No key is needed.

use banks::Bank;
use model::locale::Market;
use runtime::{App, Function, Problem, Reading as _, Request, Response, json, store_problem};
use wire::banks::{BankEntry, Listing};
use wire::json::Members;

/// The function.
pub const FUNCTION: Function = Function::Http(|app, request| Box::pin(handle(app, request)));

/// Answers the four routes.
///
/// # Errors
/// A [`Problem`] that names the member.
pub async fn handle(app: &App, request: Request) -> Result<Response, Problem> {
    let path = request.uri().path().trim_end_matches('/').to_owned();
    if path == "/institutions" {
        let window = wire::banks::institutions_window(&wire::json::from_pairs(request.query())?)?;
        let all = app.banks.search("", None).into_iter().map(entry).collect();
        return Ok(json(200, &wire::banks::institutions(all, window)));
    }
    let body = if request.bytes().is_empty() { Members::default() } else { request.json()? };
    if path.ends_with("/details") {
        let id = body.required_text("id")?.parse().map_err(|_| Problem::not_found())?;
        let bank = app.banks.bank(&id).ok_or_else(Problem::not_found)?;
        return Ok(json(200, &wire::banks::ivy(&entry(bank))));
    }
    let asked = wire::banks::listing(&body)?;
    let first = first(app, &asked).await?;
    let found = app.banks.search(asked.search, first.as_ref().map(Market::as_str));
    let found = found.into_iter().map(entry).filter(|bank| asked.filter.fits(bank)).collect();
    Ok(json(200, &wire::banks::ivy_list(found, asked.window)))
}

/// Whose banks come first: those of the session's market, where a session is named. Its id is all that
/// is needed, as for its hosted page, and its market is all that is learned.
async fn first(app: &App, asked: &Listing<'_>) -> Result<Option<Market>, Problem> {
    let Some(text) = asked.session else {
        return Ok(None);
    };
    let id = text.parse().map_err(|_| Problem::not_found())?;
    let tenant = app.table.tenant_of(id).await.map_err(store_problem)?;
    let tenant = tenant.ok_or_else(Problem::not_found)?;
    let entered = app.table.enter(tenant).await.map_err(store_problem)?;
    let entered = entered.ok_or_else(Problem::not_found)?;
    let session = app.table.session(&entered, id).await.map_err(store_problem)?;
    session.map(|session| Some(session.market)).ok_or_else(Problem::not_found)
}

fn entry(bank: &Bank) -> BankEntry<'_> {
    BankEntry {
        id: bank.id.as_str(),
        name: &bank.name,
        logo: bank.logo.as_ref().map(AsRef::as_ref),
        url: bank.url.as_ref().map(AsRef::as_ref),
        group: bank.group.as_deref(),
        markets: &bank.markets,
        currencies: &bank.currencies,
        default: bank.default,
        test: bank.test,
        capabilities: &bank.capabilities,
    }
}
