//! The person's pages below `/link/{token}`: choose a bank, cancel, wait, start again.
//!
//! The token names tenant and session and is proven by its MAC. Forms are proven by a field bound
//! to the browser's cookie, because without a referrer browsers send no usable `Origin`.

mod choose;
mod leave;
mod stand;

use cloud::{Entered, LinkToken};
use model::session::Session;
use model::transition::{Command, apply};
use pages::{Language, Notice, NoticeKind};
use runtime::{
    App, Around, Function, Marked, Problem, Reading as _, Request, Response, redirect,
    store_problem,
};

/// The function.
pub const FUNCTION: Function = Function::Http(|app, request| Box::pin(handle(app, request)));

/// What every page below a link knows.
struct Visitor<'a> {
    app: &'a App,
    entered: Entered,
    session: Session,
    marked: Marked,
    language: Language,
    /// `/link/<token>`
    base: String,
}

/// Answers everything below a link; with a page also where something breaks.
///
/// # Errors
/// None: the person is told on a page, the operator in the log.
pub async fn handle(app: &App, request: Request) -> Result<Response, Problem> {
    let spare = app.sorry(&request);
    Ok(answer(app, request).await.unwrap_or_else(|problem| spare.page(app, &problem)))
}

async fn answer(app: &App, request: Request) -> Result<Response, Problem> {
    let token: String = request.path_id("token")?;
    let action = request.path_id::<String>("action").unwrap_or_default();
    let Some(visitor) = visitor(app, &request, &token).await? else {
        return Ok(unknown(app, &request));
    };
    if request.method() == "POST" {
        return visitor.act(&action, &request).await;
    }
    match action.as_str() {
        "" => visitor.open(&request).await,
        "wait" => Ok(visitor.stand()),
        _ => Ok(unknown(app, &request)),
    }
}

/// The visitor of a genuine link; `None` for every other, however it is wrong.
async fn visitor<'a>(
    app: &'a App,
    request: &Request,
    token: &str,
) -> Result<Option<Visitor<'a>>, Problem> {
    let Some(link) = LinkToken::parse(token) else {
        return Ok(None);
    };
    let entered = app.table.enter(link.tenant()).await.map_err(store_problem)?;
    let Some(entered) = entered.filter(|entered| link.is_genuine(&entered.keys)) else {
        return Ok(None);
    };
    let session = app.table.session(&entered, link.session()).await.map_err(store_problem)?;
    let Some(session) = session else {
        return Ok(None);
    };
    let locale = session.locale.map(model::locale::Locale::as_str);
    Ok(Some(Visitor {
        app,
        marked: app.mark(request),
        language: Language::choose(locale, request.header("accept-language")),
        base: app.config.public(&format!("link/{token}")).path().to_owned(),
        entered,
        session,
    }))
}

fn unknown(app: &App, request: &Request) -> Response {
    let language = Language::choose(None, request.header("accept-language"));
    let around = Around { language, csrf: "", form_targets: &[] };
    let page = Notice::of(NoticeKind::Unknown);
    app.page(404, &app.mark(request), &around, |chrome| pages::notice(&page, chrome))
}

impl Visitor<'_> {
    /// A form was sent.
    async fn act(self, action: &str, request: &Request) -> Result<Response, Problem> {
        let form = request.form();
        let sent = form.iter().find(|(name, _)| name == "csrf").map(|(_, value)| value.as_str());
        if sent != Some(&self.marked.csrf(&self.entered, self.session.id)) {
            return Ok(self.notice(
                403,
                Notice {
                    ways: vec![pages::Way::Look(self.base.clone())],
                    ..Notice::of(NoticeKind::WrongBrowser)
                },
            ));
        }
        match action {
            "bank" => self.leave(&form, request).await,
            "search" => Ok(self.search(&form)),
            "cancel" => self.cancel().await,
            "again" => self.start_again().await,
            _ => Ok(unknown(self.app, request)),
        }
    }

    async fn cancel(self) -> Result<Response, Problem> {
        let Ok(change) = apply(&self.session, Command::Cancel, self.app.now()) else {
            return Ok(self.stand());
        };
        self.app.commit(&self.entered, &change).await?;
        let to = self.session.request.expose().error_url.clone();
        match to {
            Some(url) => Ok(redirect(url.as_url().as_str(), &[])),
            None => Ok(Self { session: change.session, ..self }.stand()),
        }
    }

    async fn start_again(self) -> Result<Response, Problem> {
        if let Ok(change) = apply(&self.session, Command::StartAgain, self.app.now()) {
            self.app.commit(&self.entered, &change).await?;
        }
        Ok(redirect(&self.base, &[]))
    }

    fn notice(&self, status: u16, page: Notice) -> Response {
        let csrf = self.marked.csrf(&self.entered, self.session.id);
        let targets = self.targets();
        let around = Around { language: self.language, csrf: &csrf, form_targets: &targets };
        self.app.page(status, &self.marked, &around, |chrome| pages::notice(&page, chrome))
    }

    /// Where a form may lead in the end: the tenant's pages.
    fn targets(&self) -> Vec<String> {
        let request = self.session.request.expose();
        let urls = [&request.success_url, &request.error_url].into_iter().flatten();
        urls.map(|url| url.as_url().origin().ascii_serialization()).collect()
    }
}
