//! The banks there are: Ivy's `banks/list`, `banks/search` and `banks/details`, Pentadata's
//! `GET /institutions`. No key is needed.

use banks::Bank;
use runtime::{App, Function, Problem, Reading as _, Request, Response, json};
use serde_json::{Value, json as object};
use wire::banks::BankEntry;
use wire::json::Members;

/// The function.
pub const FUNCTION: Function = Function::Http(|app, request| Box::pin(handle(app, request)));

const LIMIT_MAX: i64 = 100;

/// Answers the four routes.
///
/// # Errors
/// A [`Problem`] that names the member.
pub async fn handle(app: &App, request: Request) -> Result<Response, Problem> {
    let path = request.uri().path().trim_end_matches('/').to_owned();
    if path == "/institutions" {
        let window = Window::read(&wire::json::from_pairs(request.query())?, "offset")?;
        let page = window.of(app.banks.search("", None));
        let banks: Vec<Value> = page.iter().map(|b| wire::banks::pentadata(&entry(b))).collect();
        return Ok(json(200, &object!({ "institutions": banks })));
    }
    let body = if request.bytes().is_empty() { Members::default() } else { request.json()? };
    if path.ends_with("/details") {
        let id = body.required_text("id")?.parse().map_err(|_| Problem::not_found())?;
        let bank = app.banks.bank(&id).ok_or_else(Problem::not_found)?;
        return Ok(json(200, &wire::banks::ivy(&entry(bank))));
    }
    let window = Window::read(&body, "skip")?;
    let found = app.banks.search(body.text("search")?.unwrap_or(""), body.text("market")?);
    let more = found.len() > window.skip + window.limit;
    let page: Vec<Value> = window.of(found).iter().map(|b| wire::banks::ivy(&entry(b))).collect();
    let count = page.len();
    Ok(json(200, &object!({ "banks": page, "count": count, "hasNext": more, "skip": window.skip })))
}

struct Window {
    skip: usize,
    limit: usize,
}

impl Window {
    fn read(members: &Members, skip: &str) -> Result<Self, Problem> {
        let size = |number: Option<i64>, otherwise| {
            number.and_then(|number| usize::try_from(number).ok()).unwrap_or(otherwise)
        };
        Ok(Self {
            skip: size(members.integer(skip, 0..=100_000)?, 0),
            limit: size(members.integer("limit", 1..=LIMIT_MAX)?, 100),
        })
    }

    fn of<'a>(&self, banks: Vec<&'a Bank>) -> Vec<&'a Bank> {
        banks.into_iter().skip(self.skip).take(self.limit).collect()
    }
}

fn entry(bank: &Bank) -> BankEntry<'_> {
    BankEntry {
        id: bank.id.as_str(),
        name: &bank.name,
        markets: &bank.markets,
        currencies: &bank.currencies,
        test: bank.test,
    }
}
