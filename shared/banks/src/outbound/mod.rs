//! The one HTTP client for everything that leaves: it goes only where the public internet is.
//!
//! Literal addresses are classified before the request, because the client resolves only names; a
//! name is resolved once, refused if any of its addresses is not public, and connected to exactly
//! those addresses. Redirects are never followed. Answers are cut at a limit while they stream in.

mod address;
mod resolve;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use url::{Host, Url};

pub use address::is_public;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const TOTAL_TIMEOUT: Duration = Duration::from_secs(6);
/// The longest answer that is read.
const BODY_BYTES_MAX: usize = 256 * 1024;

/// How far requests may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// https to public addresses only.
    Public,
    /// Also http to loopback, for development on one machine.
    PublicAndLoopback,
}

/// The client.
#[derive(Debug, Clone)]
pub struct Outbound {
    client: reqwest::Client,
    reach: Reach,
}

/// An answer, whole.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// Body, complete.
    pub body: Bytes,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OutboundError {
    /// The URL is not one we go to.
    #[error("the address is not allowed")]
    Forbidden,
    /// Nothing was sent.
    #[error("no connection")]
    NotDelivered,
    /// The answer did not arrive, or not whole.
    #[error("no whole answer")]
    Lost,
    /// The answer is longer than we read.
    #[error("the answer is too large")]
    TooLarge,
}

impl Outbound {
    /// A client with this reach.
    ///
    /// # Panics
    /// When TLS cannot be set up, which the process cannot do without.
    #[must_use]
    pub fn new(reach: Reach) -> Self {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TOTAL_TIMEOUT)
            .http1_only()
            .pool_max_idle_per_host(0)
            .dns_resolver(Arc::new(resolve::Guarded { reach }))
            .build()
            .expect("TLS is compiled in and needs no files");
        Self { client, reach }
    }

    /// Sends a request and reads the whole answer.
    ///
    /// # Errors
    /// An [`OutboundError`] that says whether anything was sent.
    pub async fn send(&self, request: Request<Vec<u8>>) -> Result<Answer, OutboundError> {
        let url = Url::parse(&request.uri().to_string()).map_err(|_| OutboundError::Forbidden)?;
        self.check(&url)?;
        let (parts, body) = request.into_parts();
        let call = self.client.request(parts.method, url).headers(parts.headers).body(body);
        let mut answer = call.send().await.map_err(|error| sending(&error))?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|_| OutboundError::Lost)? {
            if body.len() + chunk.len() > BODY_BYTES_MAX {
                return Err(OutboundError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, headers, body: body.into() })
    }

    /// Scheme, user name and literal address; names are checked when they are resolved.
    fn check(&self, url: &Url) -> Result<(), OutboundError> {
        let plain = url.username().is_empty() && url.password().is_none();
        let (public, loopback) = match url.host() {
            Some(Host::Ipv4(ip)) => (is_public(ip.into()), ip.is_loopback()),
            Some(Host::Ipv6(ip)) => (is_public(ip.into()), ip.is_loopback()),
            Some(Host::Domain(name)) => (name != "localhost", name == "localhost"),
            None => return Err(OutboundError::Forbidden),
        };
        let secure = url.scheme() == "https" && public;
        let local = self.reach == Reach::PublicAndLoopback
            && loopback
            && matches!(url.scheme(), "http" | "https");
        if plain && (secure || local) { Ok(()) } else { Err(OutboundError::Forbidden) }
    }
}

fn sending(error: &reqwest::Error) -> OutboundError {
    if error.is_connect() { OutboundError::NotDelivered } else { OutboundError::Lost }
}
