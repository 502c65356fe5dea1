//! The person's browser: the cookie that recognises it, the proof that a form was ours, and pages.

use cloud::{Entered, sha256_hex};
use lambda_http::RequestExt as _;
use model::ids::SessionId;
use pages::{Chrome, Html, Language, Notice, NoticeKind};
use wire::Problem;

use crate::app::App;
use crate::http::{Reading as _, Request, Response, html};

/// How long the cookie lives: as long as the longest link.
const COOKIE_S: u32 = 24 * 60 * 60;

/// A browser, recognised by its cookie or newly marked.
#[derive(Debug, Clone)]
pub struct Marked {
    value: String,
    is_new: bool,
}

impl Marked {
    /// What a visit remembers of the browser.
    #[must_use]
    pub fn hash(&self) -> String {
        sha256_hex(self.value.as_bytes())
    }

    /// Whether the request carried no cookie.
    #[must_use]
    pub const fn is_new(&self) -> bool {
        self.is_new
    }

    /// Proves that a form was shown to this browser for this session.
    #[must_use]
    pub fn csrf(&self, entered: &Entered, session: SessionId) -> String {
        let message = format!("{}:{session}", self.value);
        cloud::hex(&entered.keys.mac("forms", message.as_bytes())[..16])
    }
}

impl App {
    /// The browser of a request.
    #[must_use]
    pub fn mark(&self, request: &Request) -> Marked {
        self.marked(self.known(request))
    }

    fn known(&self, request: &Request) -> Option<String> {
        request.cookie(self.cookie_name()).filter(|value| value.len() == 64)
    }

    fn marked(&self, known: Option<String>) -> Marked {
        match known {
            Some(value) => Marked { value, is_new: false },
            None => Marked { value: cloud::hex(&self.random::<32>()), is_new: true },
        }
    }

    /// The cookie to set. `__Host-` binds it to this host over https; plain http is development.
    #[must_use]
    pub fn cookie(&self, marked: &Marked) -> String {
        let secure = if self.is_secure() { "; Secure" } else { "" };
        let (name, value) = (self.cookie_name(), &marked.value);
        format!("{name}={value}; Path=/; Max-Age={COOKIE_S}; HttpOnly; SameSite=Lax{secure}")
    }

    fn is_secure(&self) -> bool {
        self.config.public_url.scheme() == "https"
    }

    fn cookie_name(&self) -> &'static str {
        if self.is_secure() { "__Host-countersign" } else { "countersign-development" }
    }

    /// Renders a page and sets the cookie where the browser is new.
    pub fn page(
        &self,
        status: u16,
        marked: &Marked,
        around: &Around<'_>,
        render: impl FnOnce(&Chrome<'_>) -> Html,
    ) -> Response {
        let nonce = cloud::hex(&self.random::<16>());
        let page = render(&Chrome {
            language: around.language,
            nonce: &nonce,
            csrf: around.csrf,
            form_targets: around.form_targets,
        });
        let cookie = self.cookie(marked);
        let mut headers: Vec<(&str, &str)> =
            page.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        if marked.is_new {
            headers.push(("set-cookie", &cookie));
        }
        html(status, page.body, &headers)
    }
}

/// What is needed to say on a page that something broke, kept before the request is given away.
pub struct Sorry {
    known: Option<String>,
    language: Language,
    request_id: String,
}

impl App {
    /// Prepares the page that says that something broke.
    #[must_use]
    pub fn sorry(&self, request: &Request) -> Sorry {
        let context = request.lambda_context_ref();
        Sorry {
            known: self.known(request),
            language: Language::choose(None, request.header("accept-language")),
            request_id: context.map_or_else(String::new, |context| context.request_id.clone()),
        }
    }
}

impl Sorry {
    /// The page; what only the operator may know goes to the log.
    #[must_use]
    pub fn page(&self, app: &App, problem: &Problem) -> Response {
        let error = problem.internal_message();
        tracing::error!(
            problem = problem.name(),
            error,
            request.id = self.request_id,
            "page failed"
        );
        let around = Around { language: self.language, csrf: "", form_targets: &[] };
        let page = Notice {
            request_id: Some(self.request_id.clone()),
            ..Notice::of(NoticeKind::Internal)
        };
        let status = problem.status().as_u16();
        app.page(status, &app.marked(self.known.clone()), &around, |chrome| {
            pages::notice(&page, chrome)
        })
    }
}

/// What a page needs besides its own data.
#[derive(Debug, Clone, Copy)]
pub struct Around<'a> {
    /// The language.
    pub language: Language,
    /// The proof for its forms.
    pub csrf: &'a str,
    /// Where its forms may lead.
    pub form_targets: &'a [String],
}
