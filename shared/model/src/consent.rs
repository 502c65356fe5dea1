//! A session's consent as the tenant may ask after it, and what it lets the tenant read.
//!
//! Nothing is stored for it but the moment of revocation: the rest follows from the session.

use jiff::{SignedDuration, Timestamp};

use crate::request::{Asked, Permission, Scope};
use crate::session::{Completion, Session, Status};
use crate::tenant::Reuse;

/// Where a consent stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ConsentStatus {
    /// Asked for; the person has not decided yet, or the bank is being read.
    Created,
    /// Given, and the data may be read.
    Authorised,
    /// Given, and older than the tenant reuses evidence.
    Expired,
    /// Taken back.
    Revoked,
    /// Never given.
    Failed,
}

/// A consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Consent {
    /// Where it stands.
    pub status: ConsentStatus,
    /// When it ends, if that is known.
    pub expires_at: Option<Timestamp>,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
}

impl Consent {
    /// The consent of a session under the tenant's rule for reuse. Where reuse is off nothing but the
    /// session itself answers, for as long as it is kept: such a consent has no end.
    #[must_use]
    pub fn of(session: &Session, reuse: Reuse, now: Timestamp) -> Self {
        let bare = |status| Self { status, expires_at: None, revoked_at: None };
        let Some(completion) = session.completion() else {
            return bare(match session.status(now) {
                Status::Failed | Status::Cancelled | Status::Expired => ConsentStatus::Failed,
                _ => ConsentStatus::Created,
            });
        };
        let expires_at = match reuse {
            Reuse::Off => None,
            Reuse::UpTo { age_days_max } => {
                let age = SignedDuration::from_hours(24 * i64::from(age_days_max));
                completion.completed_at.checked_add(age).ok()
            }
        };
        let status = match (completion.revoked_at, expires_at) {
            (Some(_), _) => ConsentStatus::Revoked,
            (None, Some(end)) if now >= end => ConsentStatus::Expired,
            (None, _) => ConsentStatus::Authorised,
        };
        Self { status, expires_at, revoked_at: completion.revoked_at }
    }
}

/// What a tenant may want to read of a complete session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wanted {
    /// The accounts.
    Accounts,
    /// Their balances.
    Balances,
    /// Their bookings.
    Transactions,
}

/// Why it may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Withheld {
    /// The person or the bank is not done.
    #[error("the session is not complete")]
    NotComplete,
    /// The session ended without data.
    #[error("the session has ended without data")]
    Ended,
    /// The person did not agree to this.
    #[error("the session does not include this permission")]
    NotPermitted,
    /// The consent was taken back.
    #[error("the consent was revoked")]
    Revoked,
}

impl Session {
    /// What is known, if the tenant may read `wanted` of it.
    ///
    /// # Errors
    /// [`Withheld`] says why not.
    pub fn disclose(&self, wanted: Wanted, now: Timestamp) -> Result<&Completion, Withheld> {
        let Some(completion) = self.completion() else {
            return Err(match self.status(now) {
                Status::Failed | Status::Cancelled | Status::Expired => Withheld::Ended,
                _ => Withheld::NotComplete,
            });
        };
        if completion.revoked_at.is_some() {
            return Err(Withheld::Revoked);
        }
        if completion.approved.lets(wanted) { Ok(completion) } else { Err(Withheld::NotPermitted) }
    }
}

impl Asked {
    /// Whether what was agreed to includes `wanted`.
    fn lets(&self, wanted: Wanted) -> bool {
        match (self, wanted) {
            (Self::Permissions(_), Wanted::Balances) => self.permits(Permission::Balances),
            (Self::Permissions(_), Wanted::Transactions) => self.permits(Permission::Transactions),
            (Self::Permissions(given), Wanted::Accounts) => {
                given.iter().any(|permission| *permission != Permission::MatchIdentity)
            }
            (Self::Scopes(given), Wanted::Accounts) => given.contains(&Scope::BankAccount),
            (Self::Scopes(_) | Self::Ownership, _) => false,
        }
    }
}
