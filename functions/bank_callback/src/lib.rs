//! `/callback/{bank}`: the bank sends the person back.
//!
//! The `state` names the session and is proven by its hash; the cookie proves the browser. Without
//! the cookie a page asks for confirmation and shows nothing; with a wrong one the answer is not
//! used. What the bank said is committed and queued here, and used elsewhere.

use cloud::{Entered, LinkToken, StateToken};
use model::ids::BankId;
use model::private::Secret;
use model::session::{FailureReason, Session, State, Status, Step};
use model::transition::{Command, apply};
use model::visit::{Callback, Visit};
use pages::{Language, Notice, NoticeKind, Way};
use runtime::{
    App, Around, Function, Marked, Problem, Reading as _, Request, Response, redirect,
    store_problem,
};

/// The function.
pub const FUNCTION: Function = Function::Http(|app, request| Box::pin(handle(app, request)));

/// Banks send few parameters; a flood of them is not a bank.
const PARAMETERS_MAX: usize = 16;

/// Answers a return from a bank; with a page also where something breaks.
///
/// # Errors
/// None: the person is told on a page, the operator in the log.
pub async fn handle(app: &App, request: Request) -> Result<Response, Problem> {
    let spare = app.sorry(&request);
    Ok(answer(app, request).await.unwrap_or_else(|problem| spare.page(app, &problem)))
}

async fn answer(app: &App, request: Request) -> Result<Response, Problem> {
    let bank: BankId = request.path_id("bank")?;
    let mut parameters = if request.method() == "POST" { request.form() } else { request.query() };
    parameters.truncate(PARAMETERS_MAX);
    let Some((entered, session, state)) = find(app, &parameters).await? else {
        return Ok(notice(app, &request, Notice::of(NoticeKind::Unknown), ""));
    };
    let returned = Returned { app, request: &request, entered, session, parameters };
    returned.accept(&bank, &state).await
}

/// The session that the `state` names.
async fn find(
    app: &App,
    parameters: &[(String, String)],
) -> Result<Option<(Entered, Session, StateToken)>, Problem> {
    let state = parameters.iter().find(|(name, _)| name == "state");
    let Some(state) = state.and_then(|(_, text)| StateToken::parse(text)) else {
        return Ok(None);
    };
    let entered = app.table.enter(state.tenant()).await.map_err(store_problem)?;
    let Some(entered) = entered else {
        return Ok(None);
    };
    let session = app.table.session(&entered, state.session()).await.map_err(store_problem)?;
    Ok(session.map(|session| (entered, session, state)))
}

fn notice(app: &App, request: &Request, page: Notice, csrf: &str) -> Response {
    let marked = app.mark(request);
    let language = Language::choose(None, request.header("accept-language"));
    let around = Around { language, csrf, form_targets: &[] };
    app.page(200, &marked, &around, |chrome| pages::notice(&page, chrome))
}

struct Returned<'a> {
    app: &'a App,
    request: &'a Request,
    entered: Entered,
    session: Session,
    parameters: Vec<(String, String)>,
}

impl Returned<'_> {
    async fn accept(self, bank: &BankId, state: &StateToken) -> Result<Response, Problem> {
        let Some((at, visit)) = visit(&self.session.state) else {
            return Ok(self.say(NoticeKind::AlreadyUsed));
        };
        if at != bank || !state.matches(&visit.state_hash) {
            return Ok(self.say(NoticeKind::Unknown));
        }
        let marked = self.app.mark(self.request);
        if marked.is_new() {
            return Ok(self.ask(&marked));
        }
        if marked.hash() != visit.cookie_hash && !self.is_confirmed(&marked) {
            return Ok(self.say(NoticeKind::WrongBrowser));
        }
        if self.session.status(self.app.now()) == Status::Expired {
            return Ok(redirect(&self.wait(), &[]));
        }
        if let Ok(change) = apply(&self.session, self.command(), self.app.now()) {
            match self.app.commit(&self.entered, &change).await {
                Err(problem) if problem.name() == "internal" => return Err(problem),
                // The same redirect arrived twice at once: the other one was committed.
                Err(problem) => tracing::info!(problem = problem.name(), "not committed"),
                Ok(()) => {}
            }
        }
        Ok(redirect(&self.wait(), &[]))
    }

    /// What the bank's parameters mean. `access_denied` is the person's answer, not a failure.
    fn command(&self) -> Command {
        let get = |name: &str| {
            self.parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
        };
        match get("error") {
            None => {
                let kept =
                    |(name, _): &&(String, String)| !matches!(name.as_str(), "csrf" | "state");
                let parameters = self.parameters.iter().filter(kept).cloned().collect();
                Command::Return { callback: Callback { parameters: Secret::new(parameters) } }
            }
            Some("access_denied") => Command::Deny,
            Some("temporarily_unavailable" | "server_error") => {
                Command::Fail { reason: FailureReason::BankUnavailable }
            }
            Some(_) => Command::Fail { reason: FailureReason::BankRefused },
        }
    }

    /// A browser without the cookie: perhaps the bank's app opened another one.
    fn ask(&self, marked: &Marked) -> Response {
        let csrf = marked.csrf(&self.entered, self.session.id);
        let action = self.request.uri().path().to_owned();
        let page = Notice {
            ways: vec![Way::GoOn(action, self.parameters.clone())],
            ..Notice::of(NoticeKind::OtherBrowser)
        };
        let language = self.language();
        let around = Around { language, csrf: &csrf, form_targets: &[] };
        self.app.page(200, marked, &around, |chrome| pages::notice(&page, chrome))
    }

    /// The person confirmed on the page that [`Self::ask`] showed to this very browser.
    fn is_confirmed(&self, marked: &Marked) -> bool {
        let csrf = marked.csrf(&self.entered, self.session.id);
        let sent = self.parameters.iter().find(|(name, _)| name == "csrf");
        self.request.method() == "POST" && sent.is_some_and(|(_, value)| *value == csrf)
    }

    fn say(&self, kind: NoticeKind) -> Response {
        notice(self.app, self.request, Notice::of(kind), "")
    }

    fn language(&self) -> Language {
        let locale = self.session.locale.map(model::locale::Locale::as_str);
        Language::choose(locale, self.request.header("accept-language"))
    }

    fn wait(&self) -> String {
        let token = LinkToken::of(&self.entered.keys, self.entered.scope.tenant(), self.session.id);
        self.app.config.public(&format!("link/{}/wait", token.text())).path().to_owned()
    }
}

/// The visit that a redirect may end: under way, or ended a moment ago by the same redirect.
fn visit(state: &State) -> Option<(&BankId, &Visit)> {
    match state {
        State::AtBank { bank, visit, .. }
        | State::Processing {
            bank,
            step: Step::Answered { visit, .. } | Step::Exchanging { visit, .. },
            ..
        } => Some((bank, visit)),
        _ => None,
    }
}
