//! Pages that the local gateway answers itself and AWS does not: a start page, a page to
//! come back to, the description of the API, an icon, and whether the system is healthy.
//!
//! Keeps true: no page loads anything from elsewhere; no path is one of the template's.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Method, Response, StatusCode, header};
use http_body_util::Full;
use serde_json::json;

use crate::address::PublicUrl;
use crate::docs;
use crate::stack::Clients;
use crate::template::Table;

/// The system is unhealthy if the database takes longer to answer.
const DATABASE_S_MAX: u64 = 2;
/// The pages of this module load nothing but what is written in them.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; \
                      form-action 'none'; frame-ancestors 'none'; base-uri 'none'";
const HTML: &str = "text/html; charset=utf-8";
const FRAME: &str = include_str!("../../pages/frame.html");
const ICON: &str = include_str!("../../pages/icon.svg");

type Answered = Response<Full<Bytes>>;

/// A path that the local gateway answers itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnPage {
    /// `/`: what this is, and the first steps; for browsers only.
    Start,
    /// `/welcome/done`: where the README's first journey ends, in place of the business's own page.
    Done,
    /// `/docs`: the API for people.
    Docs,
    /// `/docs/reader.js`: what `/docs` runs.
    DocsReader,
    /// `/openapi.yaml`: the API for machines.
    OpenApi,
    /// `/favicon.ico`: what browsers ask for beside pages that name no icon.
    Icon,
    /// `/healthz`: whether the system answers requests.
    Health,
}

impl OwnPage {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Start,
        Self::Done,
        Self::Docs,
        Self::DocsReader,
        Self::OpenApi,
        Self::Icon,
        Self::Health,
    ];

    /// Its path.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Start => "/",
            Self::Done => "/welcome/done",
            Self::Docs => "/docs",
            Self::DocsReader => "/docs/reader.js",
            Self::OpenApi => "/openapi.yaml",
            Self::Icon => "/favicon.ico",
            Self::Health => "/healthz",
        }
    }

    /// The page that a request asks for, a slash at the end or not; `None` where it asks a function.
    pub(super) fn at(head: &Parts) -> Option<Self> {
        if !matches!(head.method, Method::GET | Method::HEAD) {
            return None;
        }
        let plain = |path: &str| path.strip_suffix('/').unwrap_or(path).to_owned();
        let path = plain(head.uri.path());
        let page = Self::ALL.into_iter().find(|page| plain(page.path()) == path)?;
        (page != Self::Start || wants_html(head)).then_some(page)
    }
}

/// Browsers say that they take HTML. Clients of the contracts, which probe `/`, get the 404 there that
/// they get on AWS.
fn wants_html(head: &Parts) -> bool {
    let mut accepted = head.headers.get_all(header::ACCEPT).iter();
    accepted.any(|value| value.to_str().is_ok_and(|value| value.contains("text/html")))
}

/// The URL and the clients that the pages are made from.
pub(crate) struct OwnPages {
    start: Bytes,
    done: Bytes,
    health: Health,
}

impl OwnPages {
    /// Pages of a system with this URL; its health is that of `table`.
    pub(crate) fn new(public_url: &PublicUrl, clients: &Clients, table: Option<&Table>) -> Self {
        let start = framed("Countersign", include_str!("../../pages/start.html"), public_url);
        let done =
            framed("Back at the business", include_str!("../../pages/done.html"), public_url);
        let client = clients.dynamodb.clone();
        let health = Health { client, table: table.map(|table| table.name.clone()) };
        Self { start, done, health }
    }

    pub(super) async fn answer(&self, page: OwnPage) -> Answered {
        match page {
            OwnPage::Start => answer(HTML, POLICY, self.start.clone()),
            OwnPage::Done => answer(HTML, POLICY, self.done.clone()),
            OwnPage::Docs => answer(HTML, docs::POLICY, docs::reader().into()),
            OwnPage::DocsReader => {
                answer("text/javascript; charset=utf-8", docs::POLICY, docs::script())
            }
            OwnPage::OpenApi => {
                let document = Bytes::from_static(docs::OPENAPI.as_bytes());
                answer("application/yaml", docs::POLICY, document)
            }
            OwnPage::Icon => answer("image/svg+xml", POLICY, Bytes::from_static(ICON.as_bytes())),
            OwnPage::Health => self.health.answer().await,
        }
    }
}

/// A page with the origin filled in: letters, digits and `.:/[]-_` only, so nothing needs escaping.
fn framed(title: &str, main: &str, public_url: &PublicUrl) -> Bytes {
    let main = main.replace("{origin}", public_url.origin());
    FRAME.replace("{title}", title).replace("{main}", main.trim_end()).into()
}

/// Asks the database for one item; `true` if it answers in time.
struct Health {
    client: Client,
    /// The table that is read; a template without tables is healthy as long as it runs.
    table: Option<String>,
}

impl Health {
    async fn answer(&self) -> Answered {
        let (status, body) = match self.check().await {
            Ok(()) => (StatusCode::OK, json!({ "status": "ok" })),
            Err(reason) => {
                tracing::error!(reason, "unhealthy");
                let detail = "The database does not answer; the log of the process says why.";
                let body = json!({ "status": "unavailable", "detail": detail });
                (StatusCode::SERVICE_UNAVAILABLE, body)
            }
        };
        let mut response = answer("application/json", POLICY, body.to_string().into());
        *response.status_mut() = status;
        let fresh = HeaderValue::from_static("no-store");
        response.headers_mut().insert(header::CACHE_CONTROL, fresh);
        response
    }

    async fn check(&self) -> Result<(), String> {
        let Some(table) = &self.table else {
            return Ok(());
        };
        let read = self.client.scan().table_name(table).limit(1).send();
        match tokio::time::timeout(Duration::from_secs(DATABASE_S_MAX), read).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(aws_sdk_dynamodb::error::DisplayErrorContext(error).to_string()),
            Err(_) => Err(format!("no answer in {DATABASE_S_MAX} s")),
        }
    }
}

fn answer(kind: &'static str, policy: &'static str, body: Bytes) -> Answered {
    let mut response = Response::new(Full::new(body));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
