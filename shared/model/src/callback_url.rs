//! Where a browser may be sent afterwards, and where results may be posted.

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use crate::contact::InvalidValue;

/// An origin (RFC 6454) the tenant registered: scheme, host and port, nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Origin(String);

impl Origin {
    /// Parses `https://host[:port]`; `http` is accepted for the developer's own machine only.
    ///
    /// # Errors
    /// [`InvalidValue`] when anything but an origin is given.
    pub fn parse(text: &str) -> Result<Self, InvalidValue> {
        let expected = "an https origin such as https://shop.example, or an http one of your own \
                        machine such as http://localhost:3000";
        let expected = InvalidValue { expected };
        let url = tenant_url(text).map_err(|_| expected)?;
        let bare = url.path() == "/" && url.query().is_none();
        if bare { Ok(Self::of(&url)) } else { Err(expected) }
    }

    pub(crate) fn of(url: &Url) -> Self {
        Self(url.origin().ascii_serialization())
    }

    /// The origin as text, without a trailing slash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Origin {
    type Error = InvalidValue;

    fn try_from(text: String) -> Result<Self, InvalidValue> {
        Self::parse(&text)
    }
}

impl From<Origin> for String {
    fn from(origin: Origin) -> Self {
        origin.0
    }
}

/// A URL of the tenant's: https, or http to the developer's own machine; without user name, password
/// or fragment, at most 1,024 characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CallbackUrl(Url);

impl CallbackUrl {
    /// Parses a URL and checks that its origin is one of those the tenant registered.
    ///
    /// # Errors
    /// [`InvalidValue`] names the first rule that is broken.
    pub fn parse(text: &str, registered: &[Origin]) -> Result<Self, InvalidValue> {
        let url = tenant_url(text)?;
        if !registered.contains(&Origin::of(&url)) {
            return Err(InvalidValue {
                expected: "a URL whose origin is registered for this tenant",
            });
        }
        Ok(Self(url))
    }

    /// The URL.
    #[must_use]
    pub const fn as_url(&self) -> &Url {
        &self.0
    }

    /// The URL with one more query parameter; whatever query it had stays.
    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> Url {
        let mut url = self.0.clone();
        url.query_pairs_mut().append_pair(name, value);
        url
    }
}

const LENGTH_MAX: usize = 1_024;

/// What every URL of a tenant's keeps, wherever it leads: no secret in it, and nothing in the clear
/// but to the developer's own machine.
pub(crate) fn tenant_url(text: &str) -> Result<Url, InvalidValue> {
    let refuse = |expected| Err(InvalidValue { expected });
    if text.len() > LENGTH_MAX {
        return refuse("an https URL of at most 1024 characters");
    }
    let Ok(url) = Url::parse(text) else {
        return refuse("an absolute https URL such as https://shop.example/done");
    };
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("a URL without user name and password");
    }
    if url.fragment().is_some() {
        return refuse("a URL without a fragment");
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        _ => refuse("an https URL, or an http one of your own machine (http://localhost:3000/…)"),
    }
}

pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn callback_urls() {
        let origins = ["https://example.com", "http://localhost:3000"]
            .map(|text| Origin::parse(text).expect("an origin"));
        for (text, valid) in [
            ("https://example.com/callback/success", true),
            ("https://example.com:443/x?y=z", true),
            ("http://localhost:3000/done", true),
            ("http://example.com/x", false),
            ("https://example.com.evil.test/x", false),
            ("https://example.com:8443/x", false),
            ("https://user@example.com/x", false),
            ("https://:secret@example.com/x", false),
            ("https://example.com/x#part", false),
            ("https://EXAMPLE.com/x", true),
            ("javascript:alert(1)", false),
            ("data:text/html,x", false),
            ("/callback", false),
            ("", false),
        ] {
            assert_eq!(CallbackUrl::parse(text, &origins).is_ok(), valid, "{text}");
        }
    }

    #[test]
    fn origins() {
        for (text, valid) in [
            ("https://example.com", true),
            ("https://example.com/", true),
            ("https://example.com/path", false),
            ("http://example.com", false),
            ("http://127.0.0.1:8080", true),
            ("http://localhost:3000", true),
            ("http://[::1]:3000", true),
            ("http://localhost.example:3000", false),
            ("http://192.168.1.5:3000", false),
            ("https://user@example.com", false),
        ] {
            assert_eq!(Origin::parse(text).is_ok(), valid, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_parses_or_is_refused(text in ".*") {
            let _ = Origin::parse(&text);
            prop_assert!(CallbackUrl::parse(&text, &[]).is_err());
        }
    }
}
