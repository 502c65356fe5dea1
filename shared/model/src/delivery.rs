//! A delivery: one event on its way to one receiver, through phases that are types.
//!
//! `Delivery` → [`Prepared`] (held by one worker, not yet sent) → [`Sent`] (an outcome is known) →
//! [`Concluded`] (succeeded, retried later, exhausted or disabled). Only a [`Prepared`] can be
//! sent, and only what was sent can be concluded, so a success is never repeated unless its record
//! was lost. Nothing here reads a clock, draws a number or does IO.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::endpoint::EndpointKind;
use crate::event::Entry;
use crate::ids::{DeliveryId, EndpointId};
use crate::schedule::{Jitter, Schedule};

/// How long a worker holds a delivery: longer than any request may take, so that a live worker is
/// never doubled; what a dead one held is taken up after it.
pub const HOLD: SignedDuration = SignedDuration::from_secs(40);
/// How long a delivery may be untouched before the sweeper sends its message again.
pub const GRACE: SignedDuration = SignedDuration::from_secs(60);
/// What is due later than this waits in the table: queues carry nothing for longer.
pub const CARRY_MAX: SignedDuration = SignedDuration::from_mins(15);

/// One event on its way to one receiver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Its id.
    pub id: DeliveryId,
    /// What is told, in ids only.
    pub entry: Entry,
    /// To whom.
    pub to: Destination,
    /// Where it stands.
    pub phase: Phase,
    /// Attempts made.
    pub attempts: u32,
    /// When the first one was made.
    pub first_attempt_at: Option<Timestamp>,
    /// When it was committed.
    pub created_at: Timestamp,
    /// Raised by one with every change.
    pub version: u64,
}

/// To whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Destination {
    /// An endpoint of the tenant.
    Endpoint(EndpointId),
    /// The URL that the session named for its result.
    ResultCallback,
}

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// It is to be sent at a moment.
    Waiting {
        /// When.
        due_at: Timestamp,
        /// What will bring it back.
        carried: Carried,
    },
    /// A worker is sending it.
    Sending {
        /// How long that worker is believed to live.
        until: Timestamp,
    },
    /// The receiver took it.
    Succeeded {
        /// When.
        at: Timestamp,
    },
    /// The last try failed.
    Exhausted {
        /// When.
        at: Timestamp,
    },
    /// It will not be sent.
    Disabled {
        /// When that was found.
        at: Timestamp,
        /// Why.
        reason: DisabledReason,
    },
}

/// What brings a waiting delivery back to a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Carried {
    /// A message that is under way; the sweeper only if that was lost.
    ByMessage,
    /// The sweeper: a queue cannot carry it for so long, or should not.
    BySweeper,
}

/// Why a delivery will not be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisabledReason {
    /// The endpoint was deleted.
    EndpointDeleted,
    /// The endpoint is switched off.
    EndpointDisabled,
    /// The receiver said 410: never again.
    Gone,
    /// What it would tell of was erased.
    Erased,
}

impl Phase {
    /// The name in answers and in the table.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Waiting { .. } => "waiting",
            Self::Sending { .. } => "sending",
            Self::Succeeded { .. } => "succeeded",
            Self::Exhausted { .. } => "exhausted",
            Self::Disabled { .. } => "disabled",
        }
    }
}

/// Why a delivery cannot be sent now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// It has ended.
    Ended,
    /// It is not due before this moment.
    NotDue(Timestamp, Carried),
    /// Another worker is sending it, until this moment at the latest.
    Taken(Timestamp),
}

/// What a worker learned by trying.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The receiver answered.
    Answered {
        /// Its status.
        status: u16,
        /// How long it asks to be left alone.
        retry_after: Option<SignedDuration>,
    },
    /// There is no answer.
    Failed(Failure),
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// The address is not one we send to.
    AddressNotAllowed,
    /// No connection came about.
    NoConnection,
    /// The connection broke.
    Broken,
    /// It took too long.
    TimedOut,
    /// The answer's headers are longer than we read.
    AnswerTooLarge,
}

/// One try, as it is recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Which: 1 for the first.
    pub number: u32,
    /// When it began.
    pub at: Timestamp,
    /// The receiver's status, where there was an answer.
    pub status: Option<u16>,
    /// What became of it.
    pub verdict: Verdict,
}

/// What became of a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The receiver took it.
    Succeeded,
    /// The receiver sent us elsewhere; webhooks are not redirected.
    Redirected,
    /// The receiver wants no more.
    Gone,
    /// The receiver asks for time.
    AskedToWait,
    /// The receiver refused.
    Refused,
    /// There was no answer.
    Unanswered(Failure),
}

impl Verdict {
    /// The reason in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Redirected => "redirects_are_not_followed",
            Self::Gone => "gone",
            Self::AskedToWait => "asked_to_wait",
            Self::Refused => "refused",
            Self::Unanswered(Failure::AddressNotAllowed) => "address_not_allowed",
            Self::Unanswered(Failure::NoConnection) => "no_connection",
            Self::Unanswered(Failure::Broken) => "connection_broken",
            Self::Unanswered(Failure::TimedOut) => "timed_out",
            Self::Unanswered(Failure::AnswerTooLarge) => "answer_too_large",
        }
    }
}

/// A delivery in one worker's hands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared(Delivery);

/// A delivery whose outcome is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    delivery: Delivery,
    outcome: Outcome,
    began_at: Timestamp,
}

/// A delivery after a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Concluded {
    /// The delivery afterwards.
    pub delivery: Delivery,
    /// The try.
    pub attempt: Attempt,
}

impl Delivery {
    /// A delivery that waits to be sent at once.
    #[must_use]
    pub const fn new(id: DeliveryId, entry: Entry, to: Destination, now: Timestamp) -> Self {
        Self {
            id,
            entry,
            to,
            phase: Phase::Waiting { due_at: now, carried: Carried::ByMessage },
            attempts: 0,
            first_attempt_at: None,
            created_at: now,
            version: 1,
        }
    }

    /// The schedule of its tries.
    #[must_use]
    pub const fn schedule(&self, kind: EndpointKind) -> Schedule {
        match self.to {
            Destination::ResultCallback => Schedule::IVY,
            Destination::Endpoint(_) => kind.schedule(),
        }
    }

    /// Takes hold of the delivery.
    ///
    /// # Errors
    /// [`Held`] where it is not to be sent now.
    pub fn prepare(&self, now: Timestamp) -> Result<Prepared, Held> {
        match self.phase {
            Phase::Waiting { due_at, carried } if due_at > now => {
                Err(Held::NotDue(due_at, carried))
            }
            Phase::Sending { until } if until > now => Err(Held::Taken(until)),
            Phase::Waiting { .. } | Phase::Sending { .. } => {
                Ok(Prepared(self.moved(Phase::Sending { until: later(now, HOLD) })))
            }
            Phase::Succeeded { .. } | Phase::Exhausted { .. } | Phase::Disabled { .. } => {
                Err(Held::Ended)
            }
        }
    }

    /// The delivery, put off without having been tried: the receiver's breaker is open.
    #[must_use]
    pub fn put_off(&self, due_at: Timestamp) -> Self {
        self.moved(Phase::Waiting { due_at, carried: Carried::BySweeper })
    }

    /// The delivery that will not be sent.
    #[must_use]
    pub fn disabled(&self, reason: DisabledReason, at: Timestamp) -> Self {
        self.moved(Phase::Disabled { at, reason })
    }

    /// When the sweeper should look at it; never, once it has ended.
    #[must_use]
    pub fn due_at(&self) -> Option<Timestamp> {
        match self.phase {
            Phase::Waiting { due_at, carried: Carried::ByMessage } => Some(later(due_at, GRACE)),
            Phase::Waiting { due_at, carried: Carried::BySweeper } => Some(due_at),
            Phase::Sending { until } => Some(until),
            Phase::Succeeded { .. } | Phase::Exhausted { .. } | Phase::Disabled { .. } => None,
        }
    }

    fn moved(&self, phase: Phase) -> Self {
        Self { phase, version: self.version + 1, ..self.clone() }
    }
}

impl Prepared {
    /// The delivery, held.
    #[must_use]
    pub const fn delivery(&self) -> &Delivery {
        &self.0
    }

    /// Notes what became of it.
    #[must_use]
    pub fn sent(self, outcome: Outcome, began_at: Timestamp) -> Sent {
        Sent { delivery: self.0, outcome, began_at }
    }
}

impl Sent {
    /// Decides what follows. `jitter` is chance, given as data.
    #[must_use]
    pub fn conclude(self, kind: EndpointKind, now: Timestamp, jitter: Jitter) -> Concluded {
        let Self { delivery, outcome, began_at } = self;
        let schedule = delivery.schedule(kind);
        let success = match delivery.to {
            Destination::ResultCallback => EndpointKind::Ivy,
            Destination::Endpoint(_) => kind,
        };
        let verdict = verdict(success, outcome);
        let attempts = delivery.attempts + 1;
        let (status, asked) = match outcome {
            Outcome::Answered { status, retry_after } => (Some(status), retry_after),
            Outcome::Failed(_) => (None, None),
        };
        let asked = asked.filter(|_| verdict == Verdict::AskedToWait);
        let phase = match verdict {
            Verdict::Succeeded => Phase::Succeeded { at: now },
            Verdict::Gone => Phase::Disabled { at: now, reason: DisabledReason::Gone },
            _ => match schedule.gap(attempts, jitter, asked) {
                Some(gap) if gap <= CARRY_MAX => {
                    Phase::Waiting { due_at: later(now, gap), carried: Carried::ByMessage }
                }
                Some(gap) => {
                    Phase::Waiting { due_at: later(now, gap), carried: Carried::BySweeper }
                }
                None => Phase::Exhausted { at: now },
            },
        };
        let first_attempt_at = delivery.first_attempt_at.or(Some(began_at));
        let attempt = Attempt { number: attempts, at: began_at, status, verdict };
        let delivery = Delivery { attempts, first_attempt_at, ..delivery.moved(phase) };
        Concluded { delivery, attempt }
    }
}

/// What an outcome is worth to a receiver of this kind.
fn verdict(kind: EndpointKind, outcome: Outcome) -> Verdict {
    match outcome {
        Outcome::Failed(failure) => Verdict::Unanswered(failure),
        Outcome::Answered { status, .. } if kind.is_success(status) => Verdict::Succeeded,
        Outcome::Answered { status: 410, .. } => Verdict::Gone,
        Outcome::Answered { status: 300..=399, .. } => Verdict::Redirected,
        Outcome::Answered { status: 429 | 503, .. } => Verdict::AskedToWait,
        Outcome::Answered { .. } => Verdict::Refused,
    }
}

pub(crate) fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests;
