//! A session: one attempt of one person to show one tenant who the bank says they are.
//!
//! The state carries exactly the data that exist in it, so that a complete session without evidence,
//! or a bank visit without a bank, cannot be written down. How states follow each other is
//! [`crate::transition`].

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::decision::Decision;
use crate::evidence::Evidence;
use crate::ids::{BankId, PersonId, SessionId, SubjectId, TenantId};
use crate::locale::{Locale, Market};
use crate::private::{Pii, inside_seal};
use crate::request::{Asked, SessionRequest};
use crate::visit::{Callback, Grant, Visit};

/// How long a link lives unless the tenant says otherwise.
pub const LIFETIME_DEFAULT: SignedDuration = SignedDuration::from_hours(1);
/// The shortest lifetime a tenant may ask for.
pub const LIFETIME_MIN: SignedDuration = SignedDuration::from_mins(30);
/// The longest.
pub const LIFETIME_MAX: SignedDuration = SignedDuration::from_hours(24);
/// How long the bank may be read before the session fails.
pub const PROCESSING_MAX: SignedDuration = SignedDuration::from_mins(15);
/// How long a worker holds a session. Longer than a worker's own time-out, so a live one is never robbed.
pub const LEASE: SignedDuration = SignedDuration::from_secs(15);
/// How long work may be untouched before the sweeper sends it again.
pub const OVERDUE: SignedDuration = SignedDuration::from_secs(30);

/// Which contract a session came through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Door {
    /// Ivy data sessions.
    Ivy,
    /// Pentadata Auth (via Banking).
    Pentadata,
    /// Didit data transfer.
    Didit,
}

/// A session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Whose it is.
    pub tenant: TenantId,
    /// Didit: `session_number`; unique and growing within the tenant.
    pub number: u64,
    /// The contract it came through.
    pub door: Door,
    /// About whom.
    pub subject: SubjectId,
    /// Pentadata: the person it was started for.
    pub person: Option<PersonId>,
    /// What was asked for.
    pub asked: Asked,
    /// Whose banks are offered first.
    pub market: Market,
    /// The language asked for; without one the browser decides.
    pub locale: Option<Locale>,
    /// What the tenant sent along.
    #[serde(with = "inside_seal")]
    pub request: Pii<SessionRequest>,
    /// Where it stands.
    pub state: State,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When its link dies.
    pub expires_at: Timestamp,
    /// Raised by one with every change.
    pub version: u64,
}

/// Where a session stands, with what is known there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Created; the link was not opened.
    Open,
    /// The person opened the link.
    Started,
    /// The person left for a bank.
    AtBank {
        /// Which.
        bank: BankId,
        /// What the person agreed to hand over.
        approved: Asked,
        /// How to recognise the return.
        visit: Visit,
    },
    /// The person returned; the bank is being read.
    Processing {
        /// Which bank.
        bank: BankId,
        /// What the person agreed to hand over.
        approved: Asked,
        /// How far the reading is.
        step: Step,
        /// Since when.
        since: Timestamp,
    },
    /// The bank's answer is there.
    Complete(Box<Completion>),
    /// It could not be finished.
    Failed {
        /// Why.
        reason: FailureReason,
        /// When.
        failed_at: Timestamp,
    },
    /// The person said no.
    Cancelled {
        /// Where they said so.
        place: CancelledAt,
        /// When.
        cancelled_at: Timestamp,
    },
    /// Its time ran out.
    Expired {
        /// When that was noticed.
        expired_at: Timestamp,
    },
}

/// Where a person said no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CancelledAt {
    /// On our page.
    Link,
    /// At the bank.
    Bank,
}

/// How far the reading of a bank is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The bank's redirect is stored and was not used.
    Answered {
        /// The redirect.
        callback: Callback,
        /// The visit it ends.
        visit: Visit,
        /// The last lease that was given back; 0 before the first.
        epoch: u32,
    },
    /// A worker is presenting the code. Whoever finds this state with a lapsed lease must not present it again.
    Exchanging {
        /// The redirect.
        callback: Callback,
        /// The visit it ends.
        visit: Visit,
        /// Who holds it.
        lease: Lease,
    },
    /// The bank's token is stored; reading may be repeated.
    Granted {
        /// The token.
        grant: Grant,
        /// Who holds it.
        lease: Lease,
    },
}

/// One worker's hold on a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// Grows with every holder; a former holder's writes are refused.
    pub epoch: u32,
    /// Until when.
    pub until: Timestamp,
}

/// What a complete session knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completion {
    /// The bank.
    pub bank: BankId,
    /// What the person agreed to hand over.
    pub approved: Asked,
    /// What the bank said.
    #[serde(with = "inside_seal")]
    pub evidence: Pii<Evidence>,
    /// The claim against the evidence, where a claim was made.
    pub decision: Option<Decision>,
    /// When.
    pub completed_at: Timestamp,
    /// When the consent was taken back; the evidence is empty from then on.
    pub revoked_at: Option<Timestamp>,
}

/// Why a session could not be finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureReason {
    /// The code may have been used already; only a new login helps.
    NeedsNewLogin,
    /// The bank did not answer in time.
    BankUnavailable,
    /// The bank refused.
    BankRefused,
    /// The bank's answer could not be read.
    BankAnswerUnreadable,
}

impl FailureReason {
    /// The name in logs and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NeedsNewLogin => "needs_new_login",
            Self::BankUnavailable => "bank_unavailable",
            Self::BankRefused => "bank_refused",
            Self::BankAnswerUnreadable => "bank_answer_unreadable",
        }
    }
}

/// A state by name alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the same eight as `State`")]
pub enum Status {
    Open,
    Started,
    AtBank,
    Processing,
    Complete,
    Failed,
    Cancelled,
    Expired,
}

impl Status {
    /// All of them, in the order in which they follow.
    pub const ALL: [Self; 8] = [
        Self::Open,
        Self::Started,
        Self::AtBank,
        Self::Processing,
        Self::Complete,
        Self::Failed,
        Self::Cancelled,
        Self::Expired,
    ];

    /// The name in the table and in logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Started => "started",
            Self::AtBank => "at_bank",
            Self::Processing => "processing",
            Self::Complete => "complete",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }

    /// Under which names a session that stands here may be stored: one whose link has died is
    /// expired before anyone wrote it down.
    #[must_use]
    pub const fn stored_as(self) -> &'static [Self] {
        match self {
            Self::Open => &[Self::Open],
            Self::Started => &[Self::Started],
            Self::AtBank => &[Self::AtBank],
            Self::Processing => &[Self::Processing],
            Self::Complete => &[Self::Complete],
            Self::Failed => &[Self::Failed],
            Self::Cancelled => &[Self::Cancelled],
            Self::Expired => &[Self::Expired, Self::Open, Self::Started, Self::AtBank],
        }
    }

    /// Whether the link still leads somewhere, its lifetime permitting.
    #[must_use]
    pub const fn is_before_return(self) -> bool {
        matches!(self, Self::Open | Self::Started | Self::AtBank)
    }
}

impl State {
    /// The state's name.
    #[must_use]
    pub const fn status(&self) -> Status {
        match self {
            Self::Open => Status::Open,
            Self::Started => Status::Started,
            Self::AtBank { .. } => Status::AtBank,
            Self::Processing { .. } => Status::Processing,
            Self::Complete(_) => Status::Complete,
            Self::Failed { .. } => Status::Failed,
            Self::Cancelled { .. } => Status::Cancelled,
            Self::Expired { .. } => Status::Expired,
        }
    }
}

impl Session {
    /// Where the session stands at `now`: a link past its time is expired before anyone wrote it down.
    #[must_use]
    pub fn status(&self, now: Timestamp) -> Status {
        let status = self.state.status();
        if status.is_before_return() && now >= self.expires_at { Status::Expired } else { status }
    }

    /// What is known, once complete.
    #[must_use]
    pub const fn completion(&self) -> Option<&Completion> {
        match &self.state {
            State::Complete(completion) => Some(completion),
            _ => None,
        }
    }

    /// When the sweeper should look at the session; never, once it has ended.
    #[must_use]
    pub fn due_at(&self) -> Option<Timestamp> {
        match &self.state {
            State::Open | State::Started | State::AtBank { .. } => Some(self.expires_at),
            State::Processing { .. } => self.updated_at.checked_add(OVERDUE).ok(),
            State::Complete(_)
            | State::Failed { .. }
            | State::Cancelled { .. }
            | State::Expired { .. } => None,
        }
    }
}
