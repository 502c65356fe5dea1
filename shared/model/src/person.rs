//! A person of the Pentadata contract, and the answer to "is this person who the tenant says?".
//!
//! The answer is derived from what is stored, so asking again is always safe. A verdict belongs to
//! one claim: another claim is decided from the same evidence at once.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::claim::Claim;
use crate::contact::EmailAddress;
use crate::decision::{Decision, Verdict};
use crate::evidence::Evidence;
use crate::ids::{PersonId, SessionId, SubjectId, TenantId};
use crate::private::{Pii, inside_seal};
use crate::session::{Door, Status};
use crate::tenant::{NameNotProvided, Policy, Reuse};

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The integer that clients hold.
    pub id: PersonId,
    /// Whose.
    pub tenant: TenantId,
    /// The subject with this e-mail.
    pub subject: SubjectId,
    /// Who the tenant says it is.
    #[serde(with = "inside_seal")]
    pub details: Pii<PersonDetails>,
    /// When it was created.
    pub created_at: Timestamp,
    /// Raised by one with every change, such as a session started for the person.
    pub version: u64,
}

/// Who the tenant says a person is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonDetails {
    /// The e-mail, which finds the person again.
    pub email: EmailAddress,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Pentadata: `consent`, echoed.
    pub consent: bool,
    /// Pentadata: `last_opt_in`.
    pub last_opt_in: Date,
}

/// What a person's partition remembers of a session started for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonSession {
    /// Which session.
    pub session: SessionId,
    /// Where it stood when it last changed.
    pub status: Status,
    /// When its link dies.
    pub expires_at: Timestamp,
}

/// Evidence in a person's partition, with the decision made when it arrived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldEvidence {
    /// What the bank said.
    #[serde(with = "inside_seal")]
    pub evidence: Pii<Evidence>,
    /// The decision on the claim with this hash.
    pub decided: Option<(String, Decision)>,
}

/// All that is known of a person: one query.
#[derive(Debug, Clone)]
pub struct Known {
    /// The person.
    pub person: Person,
    /// Sessions started for them, newest first.
    pub sessions: Vec<PersonSession>,
    /// Evidence, newest first.
    pub evidence: Vec<HeldEvidence>,
}

/// The question.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// What the tenant says.
    pub claim: &'a Claim,
    /// The keyed hash of the claim.
    pub claim_hash: &'a str,
    /// The tenant's policy.
    pub policy: &'a Policy,
    /// When it is asked.
    pub now: Timestamp,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The person is who the tenant says (Pentadata: 0).
    Verified(Decided),
    /// The bank names somebody else (Pentadata: 1).
    Wrong(Decided),
    /// A session waits for the person (Pentadata: 2, with its link).
    Waiting {
        /// Which session.
        session: SessionId,
        /// Why stored evidence was not enough.
        decision: Option<Decision>,
    },
    /// A new session is to be started (Pentadata: 2, with its link).
    Start {
        /// Why stored evidence was not enough.
        decision: Option<Decision>,
    },
    /// The bank is being read, or the tenant prefers to stay undecided (Pentadata: 3).
    InProgress {
        /// Why it stays undecided.
        decision: Option<Decision>,
    },
}

/// A decision and what it cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// The decision.
    pub decision: Decision,
    /// Whether it took a bank login of this person's own.
    pub bank_login: BankLogin,
}

/// Whether a bank login was consumed for an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BankLogin {
    /// A session started for this person made a connection.
    Consumed,
    /// Evidence of another session answered.
    Spared,
}

impl Known {
    /// Answers from what is stored.
    #[must_use]
    pub fn authenticate(&self, question: &Question<'_>) -> Answer {
        let decided = self.decide(question);
        let decision = match decided.map(|d| (d.decision.verdict(&question.policy.matching), d)) {
            Some((Verdict::Verified, decided)) => return Answer::Verified(decided),
            Some((Verdict::Wrong, decided)) => return Answer::Wrong(decided),
            Some((Verdict::Undecided, decided)) => Some(decided.decision),
            None => None,
        };
        let live = |s: &&PersonSession| {
            s.status == Status::Processing
                || (s.status.is_before_return() && question.now < s.expires_at)
        };
        match (self.sessions.iter().find(live), question.policy.name_not_provided) {
            (Some(s), _) if s.status == Status::Processing => Answer::InProgress { decision },
            (Some(s), _) => Answer::Waiting { session: s.session, decision },
            (None, NameNotProvided::StayUndecided) if decision.is_some() => {
                Answer::InProgress { decision }
            }
            (None, _) => Answer::Start { decision },
        }
    }

    /// The decision on the newest evidence that names a holder; else on the newest of all.
    fn decide(&self, question: &Question<'_>) -> Option<Decided> {
        let usable = || self.evidence.iter().filter(|held| held.answers(question));
        let named = usable().find(|held| !held.evidence.expose().holder_names().is_empty());
        let held = named.or_else(|| usable().next())?;
        let evidence = held.evidence.expose();
        let decision = held.decision_on(question.claim_hash).cloned().unwrap_or_else(|| {
            Decision::of(question.claim, evidence, &question.policy.matching, question.now)
        });
        let own = self.sessions.iter().any(|s| s.session == evidence.session);
        let bank_login = if own { BankLogin::Consumed } else { BankLogin::Spared };
        Some(Decided { decision, bank_login })
    }
}

impl HeldEvidence {
    fn decision_on(&self, claim_hash: &str) -> Option<&Decision> {
        self.decided.as_ref().filter(|(hash, _)| hash == claim_hash).map(|(_, decision)| decision)
    }

    /// Whether the tenant lets this evidence answer. What was decided for this very claim stays
    /// decided; anything else is reuse, and reuse has an age.
    fn answers(&self, question: &Question<'_>) -> bool {
        if self.decision_on(question.claim_hash).is_some() {
            return true;
        }
        let evidence = self.evidence.expose();
        let age = question.now.duration_since(evidence.fetched_at);
        match question.policy.reuse {
            Reuse::Off => evidence.door == Door::Pentadata,
            Reuse::UpTo { age_days_max } => {
                age <= SignedDuration::from_hours(24 * i64::from(age_days_max))
            }
        }
    }
}

#[cfg(test)]
mod tests;
