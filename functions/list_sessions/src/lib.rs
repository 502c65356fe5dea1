//! Lists of sessions: Ivy's `POST /api/service/data/session/list` (a user's complete ones), and
//! `GET /v1/sessions` (all of them).

use cloud::{After, Entered, Filter, Found};
use model::session::{Session, Status};
use runtime::{App, Function, Problem, Reading as _, Request, Response, json, store_problem};
use wire::{ivy, v1};

mod cursor;

/// The function.
pub const FUNCTION: Function = Function::Http(|app, request| Box::pin(handle(app, request)));

/// Answers a list request of either contract.
///
/// # Errors
/// A [`Problem`].
pub async fn handle(app: &App, request: Request) -> Result<Response, Problem> {
    let entered = app.authorize(&request).await?;
    if request.method() == http::Method::GET {
        let query = wire::json::from_pairs(request.query())?;
        return any(app, &entered, v1::listing(&query)?).await;
    }
    complete(app, &entered, ivy::listing(&request.json()?)?).await
}

async fn complete(
    app: &App,
    entered: &Entered,
    listing: ivy::Listing,
) -> Result<Response, Problem> {
    let filter = match listing.by {
        ivy::By::Email(email) => Filter::Email(email),
        ivy::By::Reference(reference) => Filter::Reference(reference),
        ivy::By::Phone(phone) => Filter::Phone(phone),
        ivy::By::Metadata(pair) => Filter::Metadata(pair),
    };
    let wanted = Wanted {
        stored: cloud::Wanted::Readable,
        cursor: listing.cursor.as_deref(),
        skip: listing.skip,
        limit: listing.limit,
    };
    let page = page(app, entered, &filter, &wanted).await?;
    Ok(json(200, &ivy::list(&page.sessions, page.cursor.as_deref())))
}

async fn any(app: &App, entered: &Entered, listing: v1::Listing) -> Result<Response, Problem> {
    let filter = match listing.by {
        v1::By::UserReference(reference) => Filter::Reference(reference),
        v1::By::Email(email) => Filter::Email(email),
        v1::By::Phone(phone) => Filter::Phone(phone),
        v1::By::Metadata(pair) => Filter::Metadata(pair),
        v1::By::Reference(reference) => {
            let found = app.table.session_by_reference(entered, &reference).await;
            let found = found.map_err(store_problem)?;
            return Ok(answer(app, entered, found.into_iter().collect(), listing.status, None));
        }
    };
    let stored = listing.status.map_or(&Status::ALL[..], Status::stored_as);
    let cursor = listing.cursor.as_deref();
    let stored = cloud::Wanted::At(stored);
    let wanted = Wanted { stored, cursor, skip: 0, limit: listing.limit };
    let page = page(app, entered, &filter, &wanted).await?;
    Ok(answer(app, entered, page.sessions, listing.status, page.cursor))
}

/// Of what is stored as open, some has expired meanwhile: what stands elsewhere is left out, so a
/// page may be shorter than its limit.
fn answer(
    app: &App,
    entered: &Entered,
    sessions: Vec<Session>,
    status: Option<Status>,
    cursor: Option<String>,
) -> Response {
    let now = app.now();
    let stands = sessions.into_iter().map(|session| {
        let at = session.status(now);
        (session, at)
    });
    let shown: Vec<_> = stands.filter(|(_, at)| status.is_none_or(|s| s == *at)).collect();
    json(200, &v1::list(&shown, &entered.tenant.policy.matching, cursor.as_deref()))
}

struct Wanted<'a> {
    stored: cloud::Wanted<'a>,
    cursor: Option<&'a str>,
    skip: usize,
    limit: usize,
}

struct Page {
    sessions: Vec<Session>,
    cursor: Option<String>,
}

/// One more than asked for is read, to know whether there is a next page. Skipping counts from the
/// beginning of the list: a cursor has done it, or knows how much is left.
async fn page(
    app: &App,
    entered: &Entered,
    filter: &Filter,
    wanted: &Wanted<'_>,
) -> Result<Page, Problem> {
    let after = wanted.cursor.map(|text| cursor::read(entered, text)).transpose()?;
    let skip = after.map_or(wanted.skip, |(_, left)| usize::from(left));
    let range = (after.map(|(after, _)| after), skip + wanted.limit + 1);
    let found = app.table.sessions_of(entered, filter, wanted.stored, range).await;
    let Found { mut sessions, stopped } = found.map_err(store_problem)?;
    let skipped = skip.min(sessions.len());
    sessions.drain(..skipped);
    let more = sessions.len() > wanted.limit;
    sessions.truncate(wanted.limit);
    let last = sessions.last().filter(|_| more).map(After::of);
    let left = u16::try_from(skip - skipped).unwrap_or(u16::MAX);
    let cursor = last.or(stopped).map(|place| cursor::write(entered, place, left));
    Ok(Page { sessions, cursor })
}
