//! How a session moves: a total function over every state and every command.
//!
//! A [`Transition`] is data: the new session, what happened, and what is to be queued. Nothing here
//! reads a clock or writes anything.

use jiff::Timestamp;

use crate::decision::Decision;
use crate::event::EventKind;
use crate::evidence::Evidence;
use crate::ids::{BankId, SessionId};
use crate::private::Pii;
use crate::request::Asked;
use crate::session::{
    CancelledAt, Completion, FailureReason, LEASE, Lease, PROCESSING_MAX, Session, State, Status,
    Step,
};
use crate::visit::{Callback, Grant, Visit};

/// What is asked of a session.
#[derive(Debug, Clone)]
pub enum Command {
    /// The person opens the link.
    OpenLink,
    /// The person leaves for a bank.
    Leave {
        /// Which.
        bank: BankId,
        /// What they agreed to hand over.
        approved: Asked,
        /// How to recognise the return.
        visit: Visit,
    },
    /// The bank's redirect arrived with an answer.
    Return {
        /// The redirect.
        callback: Callback,
    },
    /// The bank's redirect says that the person refused.
    Deny,
    /// A worker takes hold.
    Take,
    /// The worker learned for certain that the bank did not take the code.
    Release {
        /// The worker's lease.
        epoch: u32,
    },
    /// The worker stores the bank's token.
    HoldGrant {
        /// The worker's lease.
        epoch: u32,
        /// The token.
        grant: Grant,
    },
    /// The worker has read the bank.
    Finish {
        /// The worker's lease.
        epoch: u32,
        /// What the bank said.
        evidence: Box<Pii<Evidence>>,
        /// The claim against it.
        decision: Option<Decision>,
    },
    /// It cannot be finished.
    Fail {
        /// Why.
        reason: FailureReason,
    },
    /// The person says no on our page.
    Cancel,
    /// The sweeper found it overdue.
    Expire,
    /// The person starts again.
    StartAgain,
    /// The consent is taken back.
    Revoke,
}

/// Why a command was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Refusal {
    /// The link's time has run out.
    #[error("the session has expired")]
    Expired,
    /// The session is complete and stays so.
    #[error("the session is complete")]
    Complete,
    /// The session failed or was cancelled; the person may start again.
    #[error("the session has ended and may be started again")]
    Ended,
    /// The link was not opened yet.
    #[error("the link has not been opened")]
    NotStarted,
    /// No visit to a bank is under way.
    #[error("the person is not at a bank")]
    NotAtBank,
    /// The bank's redirect was already used.
    #[error("the bank has already answered")]
    AlreadyReturned,
    /// There is nothing for a worker to do.
    #[error("there is nothing to read")]
    NothingToRead,
    /// Another worker holds the session.
    #[error("another worker holds the session")]
    Held,
    /// The worker's lease is no longer the current one.
    #[error("the lease has passed to another worker")]
    LeaseLost,
    /// It is not overdue.
    #[error("the session is not overdue")]
    NotDue,
    /// There is no consent to take back.
    #[error("the session is not complete")]
    NotComplete,
}

/// Work to be queued after the commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Job {
    /// Read the bank for this session.
    ReadBank(SessionId),
}

/// A change as data.
#[derive(Debug, Clone)]
pub struct Transition {
    /// The session afterwards.
    pub session: Session,
    /// What happened, in order; empty where nothing worth telling did.
    pub events: Vec<EventKind>,
    /// What is to be queued once it is committed.
    pub jobs: Vec<Job>,
    version_before: u64,
}

impl Transition {
    /// Whether there is anything to write.
    #[must_use]
    pub const fn is_change(&self) -> bool {
        self.session.version != self.version_before
    }

    /// The version that must still be stored for the change to be valid.
    #[must_use]
    pub const fn version_before(&self) -> u64 {
        self.version_before
    }
}

/// Applies `command` to `session` at `now`.
///
/// # Errors
/// A [`Refusal`] where the command has no place in the session's state; nothing changes then.
pub fn apply(session: &Session, command: Command, now: Timestamp) -> Result<Transition, Refusal> {
    use Command as C;
    use State as S;
    if session.status(now) == Status::Expired && !matches!(command, C::Expire | C::Revoke) {
        return Err(Refusal::Expired);
    }
    let (state, events) = match (&session.state, command) {
        (S::Complete(completion), C::Revoke) => return Ok(revoke(session, completion, now)),
        (S::Complete(_), _) => return Err(Refusal::Complete),
        (_, C::Revoke) => return Err(Refusal::NotComplete),
        (S::Expired { .. }, _) => return Err(Refusal::Expired),
        (S::Failed { .. } | S::Cancelled { .. }, C::StartAgain) => {
            (S::Started, vec![EventKind::SessionStarted])
        }
        (S::Failed { .. } | S::Cancelled { .. }, _) => return Err(Refusal::Ended),
        (S::Processing { .. }, command) => return process(session, command, now),
        (S::Open, C::OpenLink) => (S::Started, vec![EventKind::SessionStarted]),
        (S::Started | S::AtBank { .. }, C::OpenLink) | (S::Started, C::StartAgain) => {
            return Ok(unchanged(session));
        }
        (S::AtBank { .. }, C::StartAgain) => (S::Started, vec![EventKind::SessionStarted]),
        (S::Open, C::Leave { .. } | C::StartAgain) => return Err(Refusal::NotStarted),
        (S::Started | S::AtBank { .. }, C::Leave { bank, approved, visit }) => {
            (S::AtBank { bank, approved, visit }, vec![EventKind::SessionAtBank])
        }
        (S::AtBank { bank, approved, visit }, C::Return { callback }) => {
            let step = Step::Answered { callback, visit: visit.clone(), epoch: 0 };
            let (bank, approved) = (bank.clone(), approved.clone());
            let state = S::Processing { bank, approved, step, since: now };
            return Ok(with_job(change(session, state, vec![EventKind::SessionProcessing], now)));
        }
        (S::AtBank { .. }, C::Deny) => cancelled(CancelledAt::Bank, now),
        (S::Open | S::Started | S::AtBank { .. }, C::Cancel) => cancelled(CancelledAt::Link, now),
        (S::Open | S::Started, C::Return { .. } | C::Deny) => return Err(Refusal::NotAtBank),
        (S::Open | S::Started | S::AtBank { .. }, C::Fail { reason }) => {
            (S::Failed { reason, failed_at: now }, vec![EventKind::SessionFailed])
        }
        (S::Open | S::Started | S::AtBank { .. }, C::Expire) => {
            if now < session.expires_at {
                return Err(Refusal::NotDue);
            }
            (S::Expired { expired_at: now }, vec![EventKind::SessionExpired])
        }
        (
            S::Open | S::Started | S::AtBank { .. },
            C::Take | C::Release { .. } | C::HoldGrant { .. } | C::Finish { .. },
        ) => return Err(Refusal::NothingToRead),
    };
    Ok(change(session, state, events, now))
}

fn cancelled(place: CancelledAt, now: Timestamp) -> (State, Vec<EventKind>) {
    (State::Cancelled { place, cancelled_at: now }, vec![EventKind::SessionCancelled])
}

/// The commands of the worker and the sweeper, while the bank is being read.
fn process(session: &Session, command: Command, now: Timestamp) -> Result<Transition, Refusal> {
    let State::Processing { bank, approved, step, since } = &session.state else {
        return Err(Refusal::NothingToRead);
    };
    let at = |step| State::Processing {
        bank: bank.clone(),
        approved: approved.clone(),
        step,
        since: *since,
    };
    let failed = |reason| fail(session, reason, now);
    match command {
        Command::OpenLink => Ok(unchanged(session)),
        Command::Leave { .. }
        | Command::Return { .. }
        | Command::Deny
        | Command::Cancel
        | Command::StartAgain => Err(Refusal::AlreadyReturned),
        Command::Revoke => Err(Refusal::NotComplete),
        Command::Take => match take(step, now)? {
            Some(step) => Ok(change(session, at(step), Vec::new(), now)),
            None => Ok(failed(FailureReason::NeedsNewLogin)),
        },
        Command::Release { epoch } => match step {
            Step::Exchanging { callback, visit, lease } if lease.epoch == epoch => {
                let (callback, visit) = (callback.clone(), visit.clone());
                let step = Step::Answered { callback, visit, epoch };
                Ok(with_job(change(session, at(step), Vec::new(), now)))
            }
            Step::Granted { grant, lease } if lease.epoch == epoch => {
                let lease = Lease { epoch, until: now };
                let step = Step::Granted { grant: grant.clone(), lease };
                Ok(with_job(change(session, at(step), Vec::new(), now)))
            }
            _ => Err(Refusal::LeaseLost),
        },
        Command::HoldGrant { epoch, grant } => match step {
            Step::Exchanging { lease, .. } if lease.epoch == epoch => {
                let step = Step::Granted { grant, lease: *lease };
                Ok(change(session, at(step), Vec::new(), now))
            }
            _ => Err(Refusal::LeaseLost),
        },
        Command::Finish { epoch, evidence, decision } => match step {
            Step::Granted { lease, .. } if lease.epoch == epoch => {
                let (bank, approved) = (bank.clone(), approved.clone());
                let evidence = *evidence;
                let (completed_at, revoked_at) = (now, None);
                Ok(complete(
                    session,
                    Completion { bank, approved, evidence, decision, completed_at, revoked_at },
                ))
            }
            _ => Err(Refusal::LeaseLost),
        },
        Command::Fail { reason } => Ok(failed(reason)),
        Command::Expire if now.duration_since(*since) >= PROCESSING_MAX => {
            Ok(failed(FailureReason::BankUnavailable))
        }
        Command::Expire => Err(Refusal::NotDue),
    }
}

/// The transition that ends badly.
fn fail(session: &Session, reason: FailureReason, now: Timestamp) -> Transition {
    let state = State::Failed { reason, failed_at: now };
    change(session, state, vec![EventKind::SessionFailed], now)
}

/// The transition that ends well.
fn complete(session: &Session, completion: Completion) -> Transition {
    let now = completion.completed_at;
    let mut events = vec![EventKind::SessionCompleted];
    events.extend(session.person.map(|_| EventKind::AuthDecided));
    change(session, State::Complete(Box::new(completion)), events, now)
}

/// The consent is taken back: what the bank said goes, that it was said stays. Once is enough.
fn revoke(session: &Session, completion: &Completion, now: Timestamp) -> Transition {
    if completion.revoked_at.is_some() {
        return unchanged(session);
    }
    let emptied = Completion {
        evidence: Pii::new(completion.evidence.expose().emptied()),
        decision: completion.decision.as_ref().map(Decision::without_name),
        revoked_at: Some(now),
        ..completion.clone()
    };
    change(session, State::Complete(Box::new(emptied)), vec![EventKind::ConsentRevoked], now)
}

/// The step a worker enters; `None` where the code may have been presented by one that died.
fn take(step: &Step, now: Timestamp) -> Result<Option<Step>, Refusal> {
    let lapsed = |lease: &Lease| now >= lease.until;
    let lease = |epoch: u32| Lease { epoch, until: now.checked_add(LEASE).unwrap_or(now) };
    match step {
        Step::Answered { callback, visit, epoch } => Ok(Some(Step::Exchanging {
            callback: callback.clone(),
            visit: visit.clone(),
            lease: lease(epoch.saturating_add(1)),
        })),
        Step::Exchanging { lease, .. } if lapsed(lease) => Ok(None),
        Step::Granted { grant, lease: former } if lapsed(former) => Ok(Some(Step::Granted {
            grant: grant.clone(),
            lease: lease(former.epoch.saturating_add(1)),
        })),
        Step::Exchanging { .. } | Step::Granted { .. } => Err(Refusal::Held),
    }
}

fn unchanged(session: &Session) -> Transition {
    let version_before = session.version;
    Transition { session: session.clone(), events: Vec::new(), jobs: Vec::new(), version_before }
}

fn change(session: &Session, state: State, events: Vec<EventKind>, now: Timestamp) -> Transition {
    let version = session.version + 1;
    let session = Session { state, updated_at: now, version, ..session.clone() };
    let version_before = version - 1;
    Transition { session, events, jobs: Vec::new(), version_before }
}

fn with_job(mut transition: Transition) -> Transition {
    transition.jobs.push(Job::ReadBank(transition.session.id));
    transition
}

/// The transition that creates a session: it has no version before its first.
#[must_use]
pub fn create(session: Session) -> Transition {
    Transition {
        session: Session { version: 1, ..session },
        events: vec![EventKind::SessionOpened],
        jobs: Vec::new(),
        version_before: 0,
    }
}

#[cfg(test)]
mod tests;
