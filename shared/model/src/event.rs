//! Events: what happened, in ids only. Written in the transaction of the change itself.
//!
//! An [`Event`] is what the change knew; an [`Entry`] is the event with its place in the tenant's
//! feed, given to it once, afterwards.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::{EndpointId, EventId, PersonId, SessionId, SubjectId, TenantId};
use crate::session::Door;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Its id; a receiver drops an id it has seen.
    pub id: EventId,
    /// What happened.
    pub kind: EventKind,
    /// To whom.
    pub tenant: TenantId,
    /// About whom; nobody where an endpoint is what it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<SubjectId>,
    /// In which session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
    /// Through which contract the session came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub door: Option<Door>,
    /// Through the Pentadata contract: which person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// About which endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<EndpointId>,
    /// The session's version that this event made; 0 where there is no session.
    #[serde(default)]
    pub session_version: u64,
    /// Whether the session named a URL for its result.
    #[serde(default, skip_serializing_if = "is_no")]
    pub result_callback: bool,
    /// When.
    pub occurred_at: Timestamp,
}

const fn is_no(flag: &bool) -> bool {
    !*flag
}

/// An event with its place in the tenant's feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// What happened.
    pub event: Event,
    /// Its number in the tenant's feed: 1 for the first, gap-free.
    pub number: u64,
    /// Its number among the events about its subject: 1 for the first, gap-free.
    pub sequence: Option<u64>,
}

/// The kinds of event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum EventKind {
    /// A session was created.
    #[serde(rename = "session.opened")]
    SessionOpened,
    /// The person opened the link, or started again.
    #[serde(rename = "session.started")]
    SessionStarted,
    /// The person left for a bank.
    #[serde(rename = "session.at_bank")]
    SessionAtBank,
    /// The person returned; the bank is being read.
    #[serde(rename = "session.processing")]
    SessionProcessing,
    /// The bank's answer is there.
    #[serde(rename = "session.completed")]
    SessionCompleted,
    /// It could not be finished.
    #[serde(rename = "session.failed")]
    SessionFailed,
    /// The person said no.
    #[serde(rename = "session.cancelled")]
    SessionCancelled,
    /// Its time ran out.
    #[serde(rename = "session.expired")]
    SessionExpired,
    /// A person's answer is known (Pentadata: `auth`).
    #[serde(rename = "auth.decided")]
    AuthDecided,
    /// The consent of a complete session was taken back.
    #[serde(rename = "consent.revoked")]
    ConsentRevoked,
    /// What was known of a subject is gone.
    #[serde(rename = "subject.erased")]
    SubjectErased,
    /// An endpoint has failed for a day.
    #[serde(rename = "endpoint.failing")]
    EndpointFailing,
    /// An endpoint was switched off.
    #[serde(rename = "endpoint.disabled")]
    EndpointDisabled,
    /// A session's evidence will answer for a week more.
    #[serde(rename = "consent.expiring")]
    ConsentExpiring,
    /// The tenant tries an endpoint.
    #[serde(rename = "test")]
    Test,
}

impl EventKind {
    /// Every kind.
    pub const ALL: [Self; 15] = [
        Self::SessionOpened,
        Self::SessionStarted,
        Self::SessionAtBank,
        Self::SessionProcessing,
        Self::SessionCompleted,
        Self::SessionFailed,
        Self::SessionCancelled,
        Self::SessionExpired,
        Self::AuthDecided,
        Self::ConsentRevoked,
        Self::SubjectErased,
        Self::EndpointFailing,
        Self::EndpointDisabled,
        Self::ConsentExpiring,
        Self::Test,
    ];

    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SessionOpened => "session.opened",
            Self::SessionStarted => "session.started",
            Self::SessionAtBank => "session.at_bank",
            Self::SessionProcessing => "session.processing",
            Self::SessionCompleted => "session.completed",
            Self::SessionFailed => "session.failed",
            Self::SessionCancelled => "session.cancelled",
            Self::SessionExpired => "session.expired",
            Self::AuthDecided => "auth.decided",
            Self::ConsentRevoked => "consent.revoked",
            Self::SubjectErased => "subject.erased",
            Self::EndpointFailing => "endpoint.failing",
            Self::EndpointDisabled => "endpoint.disabled",
            Self::ConsentExpiring => "consent.expiring",
            Self::Test => "test",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// Whether it tells of a session that moved.
    #[must_use]
    pub const fn is_of_session(self) -> bool {
        matches!(
            self,
            Self::SessionOpened
                | Self::SessionStarted
                | Self::SessionAtBank
                | Self::SessionProcessing
                | Self::SessionCompleted
                | Self::SessionFailed
                | Self::SessionCancelled
                | Self::SessionExpired
        )
    }

    /// Whether it tells of a session's end, which is what a result callback tells.
    #[must_use]
    pub const fn is_result(self) -> bool {
        matches!(
            self,
            Self::SessionCompleted
                | Self::SessionFailed
                | Self::SessionCancelled
                | Self::SessionExpired
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back() {
        for kind in EventKind::ALL {
            assert_eq!(EventKind::parse(kind.as_str()), Some(kind));
            let json = serde_json::to_string(&kind).expect("serializes");
            assert_eq!(json, format!("\"{}\"", kind.as_str()));
        }
    }
}
