//! An endpoint: where a tenant wants to be told, of what, and in whose words.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::callback_url::{Origin, is_loopback, tenant_url};
use crate::contact::InvalidValue;
use crate::event::{Event, EventKind};
use crate::ids::EndpointId;
use crate::private::{Pii, Secret, inside_seal};
use crate::schedule::Schedule;
use crate::session::Door;

/// How long the secret before still signs after a rotation.
pub const OVERLAP: SignedDuration = SignedDuration::from_hours(24);
/// How many endpoints a tenant may have.
pub const ENDPOINTS_MAX: usize = 20;
/// How many headers of its own an endpoint may have.
pub const HEADERS_MAX: usize = 10;

/// In whose words an endpoint is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndpointKind {
    /// Standard Webhooks 1.0.0: every event, thin.
    Standard,
    /// Ivy: `data_session_completed`, with the data.
    Ivy,
    /// Pentadata: `auth`, the person's id and nothing else.
    Pentadata,
    /// Didit: the session's status.
    Didit,
}

impl EndpointKind {
    /// The name in requests and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Ivy => "ivy",
            Self::Pentadata => "pentadata",
            Self::Didit => "didit",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let all = [Self::Standard, Self::Ivy, Self::Pentadata, Self::Didit];
        all.into_iter().find(|kind| kind.as_str() == text)
    }

    /// When it is tried again.
    #[must_use]
    pub const fn schedule(self) -> Schedule {
        match self {
            Self::Ivy => Schedule::IVY,
            Self::Standard | Self::Pentadata | Self::Didit => Schedule::STANDARD,
        }
    }

    /// Whether this status means that the receiver has it.
    #[must_use]
    pub const fn is_success(self, status: u16) -> bool {
        match self {
            Self::Ivy => status == 200,
            Self::Standard | Self::Pentadata | Self::Didit => status >= 200 && status < 300,
        }
    }

    /// `true` if the kind's body tells of the session itself. The standard kind tells ids only.
    #[must_use]
    pub const fn tells_of_sessions(self) -> bool {
        match self {
            Self::Standard => false,
            Self::Ivy | Self::Pentadata | Self::Didit => true,
        }
    }

    /// Whether the kind has words for the event: each contract knows its own sessions only.
    #[must_use]
    pub fn can_tell(self, event: &Event) -> bool {
        use EventKind as E;
        match self {
            Self::Standard => true,
            Self::Ivy => {
                let ended = matches!(
                    event.kind,
                    E::SessionCompleted
                        | E::SessionFailed
                        | E::SessionCancelled
                        | E::SessionExpired
                );
                (ended && event.door == Some(Door::Ivy)) || event.kind == E::Test
            }
            Self::Pentadata => {
                (event.kind == E::AuthDecided && event.person.is_some()) || event.kind == E::Test
            }
            Self::Didit => {
                let moved = event.kind.is_of_session() && event.door == Some(Door::Didit);
                moved || event.kind == E::Test
            }
        }
    }

    /// What an endpoint of this kind is told where it asks for nothing in particular.
    #[must_use]
    pub fn events_by_default(self) -> Subscription {
        match self {
            Self::Ivy => Subscription::Only(vec![EventKind::SessionCompleted]),
            Self::Standard | Self::Pentadata | Self::Didit => Subscription::Everything,
        }
    }
}

/// Of what an endpoint is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subscription {
    /// Of all its kind has words for.
    Everything,
    /// Of these.
    Only(Vec<EventKind>),
}

/// Whether an endpoint is told at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Switch {
    /// It is.
    On,
    /// It is not.
    Off {
        /// Since when.
        since: Timestamp,
        /// Why.
        reason: OffReason,
    },
}

/// Why an endpoint is switched off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OffReason {
    /// The tenant said so.
    Tenant,
    /// The receiver answered 410.
    Gone,
    /// Five days of nothing but failures.
    Failing,
}

impl OffReason {
    /// The name in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tenant => "tenant",
            Self::Gone => "gone",
            Self::Failing => "failing",
        }
    }
}

/// The secrets of an endpoint, from 32 random bytes each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SigningSecrets {
    /// Signs, and is shown once.
    #[serde(with = "inside_seal")]
    pub current: Secret<[u8; 32]>,
    /// Signs besides, until the moment.
    pub previous: Option<Previous>,
}

/// A secret that was replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Previous {
    /// The secret.
    #[serde(with = "inside_seal")]
    pub secret: Secret<[u8; 32]>,
    /// Until when it signs.
    pub until: Timestamp,
}

impl SigningSecrets {
    /// Fresh secrets.
    #[must_use]
    pub const fn new(random: [u8; 32]) -> Self {
        Self { current: Secret::new(random), previous: None }
    }

    /// The secrets after a rotation.
    #[must_use]
    pub fn rotated(&self, random: [u8; 32], now: Timestamp) -> Self {
        let until = crate::delivery::later(now, OVERLAP);
        let previous = Previous { secret: self.current.clone(), until };
        Self { current: Secret::new(random), previous: Some(previous) }
    }

    /// The secret before, while it signs.
    #[must_use]
    pub fn overlapping(&self, now: Timestamp) -> Option<&Secret<[u8; 32]>> {
        self.previous.as_ref().filter(|previous| now < previous.until).map(|p| &p.secret)
    }
}

/// A tenant's endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// Its id.
    pub id: EndpointId,
    /// In whose words it is told.
    pub kind: EndpointKind,
    /// Where.
    #[serde(with = "inside_seal")]
    pub url: Pii<EndpointUrl>,
    /// What the tenant calls it.
    pub description: Option<String>,
    /// Of what.
    pub events: Subscription,
    /// Headers that the receiver wants besides.
    #[serde(with = "inside_seal")]
    pub headers: Pii<Vec<ExtraHeader>>,
    /// What signs.
    pub secrets: SigningSecrets,
    /// Whether.
    pub switch: Switch,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed by the tenant.
    pub updated_at: Timestamp,
    /// Raised by one with every change.
    pub version: u64,
}

impl Endpoint {
    /// Whether it is to be told of an event.
    #[must_use]
    pub fn is_entitled(&self, event: &Event) -> bool {
        if event.kind == EventKind::Test {
            // A test is for one endpoint, whatever that asked for.
            return event.endpoint == Some(self.id) && self.is_on();
        }
        let asked = match &self.events {
            Subscription::Everything => true,
            Subscription::Only(kinds) => kinds.contains(&event.kind),
        };
        self.is_on() && asked && self.kind.can_tell(event)
    }

    /// Whether it is told at all.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        matches!(self.switch, Switch::On)
    }
}

/// Where webhooks go: https on port 443 or on an origin the tenant registered; plain http only to
/// the developer's own machine. Which addresses a name leads to is checked when connecting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EndpointUrl(Url);

impl EndpointUrl {
    /// Parses a URL.
    ///
    /// # Errors
    /// [`InvalidValue`] names the first rule that is broken.
    pub fn parse(text: &str, registered: &[Origin]) -> Result<Self, InvalidValue> {
        let url = tenant_url(text)?;
        let known = || registered.contains(&Origin::of(&url));
        if url.port().is_none() || is_loopback(&url) || known() {
            return Ok(Self(url));
        }
        Err(InvalidValue {
            expected: "a URL on port 443, or on an origin registered for this tenant",
        })
    }

    /// The URL.
    #[must_use]
    pub const fn as_url(&self) -> &Url {
        &self.0
    }
}

/// A header that the receiver wants besides ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtraHeader {
    /// Its name, in lower case.
    pub name: String,
    /// Its value.
    pub value: String,
}

impl ExtraHeader {
    /// Parses a header: a name that is neither ours nor the connection's, and a visible value.
    ///
    /// # Errors
    /// [`InvalidValue`] names the first rule that is broken.
    pub fn parse(name: &str, value: &str) -> Result<Self, InvalidValue> {
        let name = name.to_ascii_lowercase();
        let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
        if name.is_empty() || name.len() > 64 || !name.bytes().all(token) {
            return Err(InvalidValue { expected: "a header's name of at most 64 characters" });
        }
        const TAKEN: [&str; 16] = [
            "connection",
            "keep-alive",
            "proxy-authenticate",
            "proxy-authorization",
            "proxy-connection",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "host",
            "expect",
            "user-agent",
            "x-signature",
            "x-timestamp",
            "x-ivy-signature",
            "pentadata-key",
        ];
        const PREFIXES: [&str; 4] = ["content-", "webhook-", "x-amz", "countersign-"];
        let ours = TAKEN.contains(&&*name) || PREFIXES.iter().any(|p| name.starts_with(p));
        if ours {
            return Err(InvalidValue {
                expected: "a header that is neither ours nor the connection's",
            });
        }
        let visible = |b: u8| b == b'\t' || (0x20..0x7f).contains(&b);
        if value.len() > 1_024 || !value.bytes().all(visible) {
            return Err(InvalidValue { expected: "visible ASCII, at most 1024 characters" });
        }
        Ok(Self { name, value: value.to_owned() })
    }
}

#[cfg(test)]
mod tests;
