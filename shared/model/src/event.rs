//! Events: what happened, in ids only. Written in the transaction of the change itself.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::{EventId, PersonId, SessionId, SubjectId, TenantId};

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Its id; a receiver drops an id it has seen.
    pub id: EventId,
    /// What happened.
    pub kind: EventKind,
    /// To whom.
    pub tenant: TenantId,
    /// About whom.
    pub subject: SubjectId,
    /// In which session; none where the whole subject is meant.
    pub session: Option<SessionId>,
    /// Through the Pentadata contract: which person.
    pub person: Option<PersonId>,
    /// The session's version that this event made.
    pub session_version: Option<u64>,
    /// When.
    pub occurred_at: Timestamp,
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
    /// Everything about a subject was erased.
    #[serde(rename = "subject.erased")]
    SubjectErased,
}

impl EventKind {
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
        }
    }
}
