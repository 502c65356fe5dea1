//! The address `serve` listens on, and the URL under which clients and persons reach it.
//!
//! Keeps true: a [`PublicUrl`] is an origin and nothing else, so that paths can be added to it; it
//! is http only where nothing leaves the local network. Both are said by the operator, never taken
//! from a request.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use url::{Host, Url};

/// An address to listen on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListenAddress(SocketAddr);

/// The text is no address to listen on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "write 127.0.0.1:8787, localhost:8787, [::1]:8787, :8787 or 8787 to be reached from this machine \
     only, 0.0.0.0:8787 or [::]:8787 to be reached from every network"
)]
pub struct NotAnAddress;

impl ListenAddress {
    /// The address as the system takes it.
    #[must_use]
    pub const fn socket(self) -> SocketAddr {
        self.0
    }

    /// The address under which this machine reaches what listens here: an unspecified address is
    /// replaced by loopback.
    #[must_use]
    pub fn from_here(self) -> SocketAddr {
        from_here(self.0)
    }
}

impl FromStr for ListenAddress {
    type Err = NotAnAddress;

    /// Parses an address with its port. Without an address, and with `localhost`, it is
    /// 127.0.0.1: nobody is let in from outside unless it was asked for.
    fn from_str(text: &str) -> Result<Self, NotAnAddress> {
        if let Ok(address) = text.parse() {
            return Ok(Self(address));
        }
        let (host, port) = text.rsplit_once(':').unwrap_or(("", text));
        let here = host.is_empty() || host.eq_ignore_ascii_case("localhost");
        let digits = port.bytes().all(|byte| byte.is_ascii_digit());
        match port.parse() {
            Ok(port) if here && digits => Ok(Self((Ipv4Addr::LOCALHOST, port).into())),
            _ => Err(NotAnAddress),
        }
    }
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The address under which this machine reaches a bound socket.
pub(crate) fn from_here(bound: SocketAddr) -> SocketAddr {
    let ip = match bound.ip() {
        ip if !ip.is_unspecified() => ip,
        IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
    };
    SocketAddr::new(ip, bound.port())
}

/// The origin under which clients and persons reach the system: every link, redirect URI and token
/// names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(Url);

/// The text is no public URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAPublicUrl {
    /// It is no URL with a host.
    #[error("it is no URL; write it like https://verify.example.com or http://localhost:8787")]
    NoUrl,
    /// It is neither https nor http.
    #[error("it must begin with https:// or, on the local network, http://")]
    Scheme,
    /// It holds a user name or a password.
    #[error("it must not hold a user name or password; every link would show it")]
    UserInfo,
    /// It holds a path.
    #[error("it must end after the host and port; the paths of the API begin there")]
    Path,
    /// It holds a query or a fragment.
    #[error("it must not hold a query (?) or a fragment (#); the paths of the API follow it")]
    Query,
    /// Its host has characters that host names do not have.
    #[error("its host may hold letters, digits, hyphens and dots only")]
    Host,
    /// It is http and leads out of the local network.
    #[error(
        "http is for this machine and its own network only: localhost, a private address, a name \
         without a dot, or one that ends in .localhost, .local or .internal; write https"
    )]
    InTheClear,
}

impl PublicUrl {
    /// The URL of a socket, where nothing else was said.
    pub(crate) fn of(address: SocketAddr) -> Self {
        let url = Url::parse(&format!("http://{address}/"));
        Self(url.expect("a socket address makes a URL"))
    }

    /// The URL, with a slash at its end.
    #[must_use]
    pub const fn as_url(&self) -> &Url {
        &self.0
    }

    /// The URL as an origin is written, without a slash at its end.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }
}

impl FromStr for PublicUrl {
    type Err = NotAPublicUrl;

    fn from_str(text: &str) -> Result<Self, NotAPublicUrl> {
        let url = Url::parse(text).map_err(|_| NotAPublicUrl::NoUrl)?;
        if !matches!(url.scheme(), "https" | "http") {
            return Err(NotAPublicUrl::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(NotAPublicUrl::UserInfo);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(NotAPublicUrl::Query);
        }
        if url.path() != "/" {
            return Err(NotAPublicUrl::Path);
        }
        let host = url.host().ok_or(NotAPublicUrl::NoUrl)?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
        if matches!(host, Host::Domain(name) if !name.bytes().all(plain)) {
            return Err(NotAPublicUrl::Host);
        }
        if url.scheme() == "http" && !is_local(&host) {
            return Err(NotAPublicUrl::InTheClear);
        }
        Ok(Self(url))
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.origin())
    }
}

/// Whether requests to this host stay on this machine or its own network: containers reach each
/// other by names without a dot, and a phone on the same network by a private address.
fn is_local(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => {
            let reserved = [".localhost", ".local", ".internal"];
            !name.contains('.') || reserved.iter().any(|suffix| name.ends_with(suffix))
        }
        Host::Ipv4(ip) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        Host::Ipv6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}
