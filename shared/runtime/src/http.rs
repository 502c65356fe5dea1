//! HTTP: reading a request, building an answer, and rendering a refusal.

use lambda_http::{Body, RequestExt as _};
use model::visit::Browser;
use serde::Serialize;
use wire::Problem;
use wire::json::Members;

/// A request, as `lambda_http` reads it from the event.
pub type Request = lambda_http::Request;
/// An answer.
pub type Response = lambda_http::Response<Body>;

/// The longest idempotency key.
const IDEMPOTENCY_KEY_CHARS_MAX: usize = 255;
/// The longest `User-Agent` that is kept.
const USER_AGENT_CHARS_MAX: usize = 256;

/// What handlers read from a request.
pub trait Reading {
    /// A path parameter; not found where it does not parse, as an unknown id would be.
    ///
    /// # Errors
    /// [`Problem::not_found`].
    fn path_id<T: std::str::FromStr>(&self, name: &str) -> Result<T, Problem>;

    /// A header as text, trimmed.
    fn header(&self, name: &str) -> Option<&str>;

    /// The `Idempotency-Key`, where the request carries one.
    ///
    /// # Errors
    /// A [`Problem`] where it is none: 1 to 255 visible characters.
    fn idempotency_key(&self) -> Result<Option<&str>, Problem>;

    /// The body as strict JSON.
    ///
    /// # Errors
    /// A [`Problem`] that says where the body breaks which rule.
    fn json(&self) -> Result<Members, Problem>;

    /// The body as a form, pair by pair; empty where it is none, or longer than we read.
    fn form(&self) -> Vec<(String, String)>;

    /// The query, pair by pair.
    fn query(&self) -> Vec<(String, String)>;

    /// The bytes of the body.
    fn bytes(&self) -> &[u8];

    /// A cookie.
    fn cookie(&self, name: &str) -> Option<String>;

    /// Who the person's browser is.
    fn browser(&self) -> Browser;
}

impl Reading for Request {
    fn path_id<T: std::str::FromStr>(&self, name: &str) -> Result<T, Problem> {
        let parameters = self.path_parameters();
        let text = parameters.first(name).ok_or_else(Problem::not_found)?;
        text.parse().map_err(|_| Problem::not_found())
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers().get(name).and_then(|value| value.to_str().ok()).map(str::trim)
    }

    fn idempotency_key(&self) -> Result<Option<&str>, Problem> {
        let Some(value) = self.headers().get("idempotency-key") else {
            return Ok(None);
        };
        let visible = |key: &&str| {
            (1..=IDEMPOTENCY_KEY_CHARS_MAX).contains(&key.len())
                && key.bytes().all(|byte| byte.is_ascii_graphic())
        };
        let key = value.to_str().ok().map(str::trim).filter(visible);
        let expected = "1 to 255 visible ASCII characters";
        key.map(Some).ok_or_else(|| Problem::invalid_member("Idempotency-Key", expected))
    }

    fn json(&self) -> Result<Members, Problem> {
        wire::json::read(self.bytes())
    }

    fn form(&self) -> Vec<(String, String)> {
        let bytes = Some(self.bytes()).filter(|bytes| bytes.len() <= wire::json::BODY_BYTES_MAX);
        bytes.and_then(|bytes| serde_urlencoded::from_bytes(bytes).ok()).unwrap_or_default()
    }

    fn query(&self) -> Vec<(String, String)> {
        let parameters = self.query_string_parameters();
        parameters.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    fn bytes(&self) -> &[u8] {
        self.body().as_ref()
    }

    fn cookie(&self, name: &str) -> Option<String> {
        let cookies = self.headers().get_all("cookie").iter();
        let pairs = cookies.filter_map(|value| value.to_str().ok()).flat_map(|all| all.split(';'));
        let mut named = pairs.filter_map(|pair| pair.trim().split_once('='));
        named.find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
    }

    fn browser(&self) -> Browser {
        let source = match self.request_context_ref() {
            Some(lambda_http::request::RequestContext::ApiGatewayV2(context)) => {
                context.http.source_ip.clone()
            }
            _ => None,
        };
        let ip = source.and_then(|ip| ip.parse().ok());
        let printable = |agent: &str| {
            let kept = agent.chars().filter(|c| !c.is_control() && c.is_ascii());
            kept.take(USER_AGENT_CHARS_MAX).collect::<String>()
        };
        Browser {
            ip: ip.unwrap_or(std::net::IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED)),
            user_agent: self.header("user-agent").map(printable),
        }
    }
}

fn build(status: u16, headers: &[(&str, &str)], body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = ::http::StatusCode::from_u16(status).unwrap_or_default();
    for (name, value) in headers {
        let name = ::http::HeaderName::from_bytes(name.as_bytes());
        let value = ::http::HeaderValue::from_str(value);
        if let (Ok(name), Ok(value)) = (name, value) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

/// JSON. Answers may hold personal data, so nobody may keep them.
#[must_use]
pub fn json(status: u16, body: &impl Serialize) -> Response {
    let headers = [("content-type", "application/json"), ("cache-control", "no-store")];
    let body = serde_json::to_string(body).expect("the shapes of the contracts serialize");
    build(status, &headers, Body::Text(body))
}

/// A page.
#[must_use]
pub fn html(status: u16, body: String, headers: &[(&str, &str)]) -> Response {
    build(status, headers, Body::Text(body))
}

/// 303: the browser follows with GET.
#[must_use]
pub fn redirect(to: &str, cookies: &[String]) -> Response {
    let mut headers =
        vec![("location", to), ("cache-control", "no-store"), ("referrer-policy", "no-referrer")];
    headers.extend(cookies.iter().map(|cookie| ("set-cookie", cookie.as_str())));
    build(303, &headers, Body::Empty)
}

/// No body.
#[must_use]
pub fn empty(status: u16) -> Response {
    build(status, &[("cache-control", "no-store")], Body::Empty)
}

/// A refusal.
pub(crate) fn problem(problem: &Problem, request_id: &str) -> Response {
    let mut response = json(problem.status().as_u16(), &problem.body(request_id));
    response.headers_mut().extend(problem.headers());
    response
}
