//! The one HTTP client for everything that leaves: it goes only where the public internet is.
//!
//! Literal addresses are classified before the request, because the client resolves only names; a
//! name is resolved once, refused if any of its addresses is not public, and connected to exactly
//! those addresses. Redirects are never followed. Connections are not kept, or kept for one owner only
//! ([`KeptConnections`]), so none is shared between tenants. Answers are cut at a limit while they
//! stream in.

mod address;
mod kept;
mod resolve;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use rustls::ClientConfig;
use rustls_platform_verifier::BuilderVerifierExt;
use url::{Host, Url};

pub use address::is_public;
pub use kept::KeptConnections;
pub use resolve::{Looking, Names, SystemNames};

/// How far requests may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// https to public addresses only.
    Public,
    /// Also http to loopback, for development on one machine.
    PublicAndLoopback,
}

/// How long and how much, for one use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Until there is a connection.
    pub connect: Duration,
    /// Until the answer is read.
    pub total: Duration,
    /// The longest body that is read.
    pub body_bytes_max: usize,
    /// The longest headers that are read.
    pub header_bytes_max: usize,
}

impl Limits {
    /// Banks: a person waits, and an answer is read whole or not at all.
    pub const BANK: Self = Self {
        connect: Duration::from_secs(3),
        total: Duration::from_secs(6),
        body_bytes_max: 256 * 1024,
        header_bytes_max: 32 * 1024,
    };
    /// Receivers of webhooks: what they answer is of interest to people only.
    pub const WEBHOOK: Self = Self {
        connect: Duration::from_secs(3),
        total: Duration::from_secs(15),
        body_bytes_max: 16 * 1024,
        header_bytes_max: 32 * 1024,
    };
}

/// The client. It is set up with its first request, because reading the roots that it trusts takes
/// longer than everything else a function does before its first answer.
#[derive(Debug, Clone)]
pub struct Outbound {
    client: Arc<OnceLock<reqwest::Client>>,
    /// Shared between clients that differ in their connections only.
    tls: Arc<OnceLock<ClientConfig>>,
    /// A connection is kept so long without a request; `None` keeps none.
    kept: Option<Duration>,
    names: Arc<dyn Names>,
    reach: Reach,
    limits: Limits,
    own: Option<Own>,
}

/// The service's own public URL, and the address under which its own process reaches it.
#[derive(Debug, Clone)]
struct Own {
    public: Url,
    address: Url,
}

/// An answer, whole.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// Body: complete from [`Outbound::send`], its beginning from [`Outbound::post`].
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
    /// The answer did not arrive in time.
    #[error("no answer in time")]
    TimedOut,
    /// The answer is longer than we read.
    #[error("the answer is too large")]
    TooLarge,
}

impl Outbound {
    /// A client with this reach, for talking to banks.
    #[must_use]
    pub fn new(reach: Reach) -> Self {
        Self::with(reach, Limits::BANK, Arc::new(SystemNames))
    }

    /// A client with limits and a resolver of its own.
    #[must_use]
    pub fn with(reach: Reach, limits: Limits, names: Arc<dyn Names>) -> Self {
        Self {
            client: Arc::default(),
            tls: Arc::default(),
            kept: None,
            names,
            reach,
            limits,
            own: None,
        }
    }

    /// Sends requests to the origin of `public` to `address` instead, in development only: a
    /// process behind a tunnel or in a container may not reach itself by its public URL.
    #[must_use]
    pub fn reaching_itself_at(self, public: Url, address: Url) -> Self {
        let development = self.reach == Reach::PublicAndLoopback;
        Self { own: development.then_some(Own { public, address }), ..self }
    }

    /// The same with connections of its own, each kept so long without a request.
    fn keeping(&self, kept: Duration) -> Self {
        Self { client: Arc::default(), kept: Some(kept), ..self.clone() }
    }

    fn client(&self) -> &reqwest::Client {
        self.client.get_or_init(|| {
            let (reach, names) = (self.reach, Arc::clone(&self.names));
            let idle_max = if self.kept.is_some() { usize::MAX } else { 0 };
            reqwest::Client::builder()
                .tls_backend_preconfigured(self.tls().clone())
                .redirect(reqwest::redirect::Policy::none())
                .no_proxy()
                .connect_timeout(self.limits.connect)
                .timeout(self.limits.total)
                .http1_only()
                .pool_max_idle_per_host(idle_max)
                .pool_idle_timeout(self.kept)
                .dns_resolver(Arc::new(resolve::Guarded { reach, names }))
                .build()
                .expect("TLS is compiled in and needs no files")
        })
    }

    /// Trusts what the platform trusts.
    fn tls(&self) -> &ClientConfig {
        self.tls.get_or_init(|| {
            let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
            ClientConfig::builder_with_provider(provider)
                .with_safe_default_protocol_versions()
                .and_then(BuilderVerifierExt::with_platform_verifier)
                .expect("the provider has the default protocol versions")
                .with_no_client_auth()
        })
    }

    /// How far this client goes.
    #[must_use]
    pub const fn reach(&self) -> Reach {
        self.reach
    }

    /// Sends a request and reads the whole answer.
    ///
    /// # Errors
    /// An [`OutboundError`] that says whether anything was sent.
    pub async fn send(&self, request: Request<Vec<u8>>) -> Result<Answer, OutboundError> {
        let (status, headers, mut answer) = self.begin(request).await?;
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|_| OutboundError::Lost)? {
            if body.len() + chunk.len() > self.limits.body_bytes_max {
                return Err(OutboundError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, headers, body: body.into() })
    }

    /// Sends a request to somebody of whose answer the status counts. The body is read for people:
    /// its beginning, as far as it came in time.
    ///
    /// # Errors
    /// An [`OutboundError`] that says whether anything was sent.
    pub async fn post(&self, request: Request<Vec<u8>>) -> Result<Answer, OutboundError> {
        let (status, headers, mut answer) = self.begin(request).await?;
        let mut body = Vec::new();
        while let Ok(Some(chunk)) = answer.chunk().await {
            let room = self.limits.body_bytes_max - body.len();
            body.extend_from_slice(&chunk[..chunk.len().min(room)]);
            if body.len() == self.limits.body_bytes_max {
                break;
            }
        }
        Ok(Answer { status, headers, body: body.into() })
    }

    async fn begin(
        &self,
        request: Request<Vec<u8>>,
    ) -> Result<(StatusCode, HeaderMap, reqwest::Response), OutboundError> {
        let url = Url::parse(&request.uri().to_string()).map_err(|_| OutboundError::Forbidden)?;
        let url = match self.own.as_ref().and_then(|own| own.redirected(&url)) {
            Some(url) => url,
            None => {
                self.check(&url)?;
                url
            }
        };
        let (parts, body) = request.into_parts();
        let call = self.client().request(parts.method, url).headers(parts.headers).body(body);
        let answer = call.send().await.map_err(|error| sending(&error))?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let length = headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4);
        if length.sum::<usize>() > self.limits.header_bytes_max {
            return Err(OutboundError::TooLarge);
        }
        Ok((status, headers, answer))
    }

    /// Scheme, user name and literal address; names are checked when they are resolved.
    ///
    /// # Errors
    /// [`OutboundError::Forbidden`] where a request would not be sent.
    pub fn check(&self, url: &Url) -> Result<(), OutboundError> {
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

impl Own {
    /// The same path at our own address, where the URL is one of ours.
    fn redirected(&self, url: &Url) -> Option<Url> {
        if url.origin() != self.public.origin() {
            return None;
        }
        let mut moved = self.address.clone();
        moved.set_path(url.path());
        moved.set_query(url.query());
        Some(moved)
    }
}

fn sending(error: &reqwest::Error) -> OutboundError {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(inner) = cause {
        if inner.is::<resolve::NotAllowed>() {
            return OutboundError::Forbidden;
        }
        cause = inner.source();
    }
    match error {
        error if error.is_connect() => OutboundError::NotDelivered,
        error if error.is_timeout() => OutboundError::TimedOut,
        _ => OutboundError::Lost,
    }
}

#[cfg(test)]
mod tests;
