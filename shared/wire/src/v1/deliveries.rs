//! Deliveries: `/v1/deliveries`, and what a replay made.

use model::delivery::{Attempt, Delivery, Destination, Phase};
use model::event::EventKind;
use model::ids::{EndpointId, EventId};
use schemars::JsonSchema;
use serde::Serialize;

use crate::json::Members;
use crate::problem::Problem;

const LIMIT_MAX: i64 = 100;
const STATES: [&str; 5] = ["waiting", "sending", "succeeded", "exhausted", "disabled"];

/// Which deliveries.
#[derive(Debug, Clone)]
pub struct Asked {
    /// To this endpoint.
    pub endpoint: Option<EndpointId>,
    /// Of this event.
    pub event: Option<EventId>,
    /// In this state.
    pub state: Option<&'static str>,
    /// At most so many.
    pub limit: usize,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// Reads the query of `GET /v1/deliveries`.
///
/// # Errors
/// A [`Problem`] that names the member.
pub fn asked(query: &Members) -> Result<Asked, Problem> {
    let state = query.text("state")?.map(|text| STATES.into_iter().find(|state| *state == text));
    if state == Some(None) {
        return Err(query.refuse("state", &format!("one of {}", STATES.join(", "))));
    }
    let endpoint = query.text("endpoint")?.map(str::parse).transpose();
    let event = query.text("event")?.map(str::parse).transpose();
    let limit = query.integer("limit", 1..=LIMIT_MAX)?.unwrap_or(LIMIT_MAX);
    Ok(Asked {
        endpoint: endpoint.map_err(|_| query.refuse("endpoint", "the id of an endpoint"))?,
        event: event.map_err(|_| query.refuse("event", "the id of an event"))?,
        state: state.flatten(),
        limit: usize::try_from(limit).unwrap_or(1),
        cursor: query.text("cursor")?.map(str::to_owned),
    })
}

/// What is to be delivered again.
#[derive(Debug, Clone, Copy)]
pub struct Replay {
    /// Events after this number.
    pub after: u64,
    /// Events before this number, where one is given.
    pub before: Option<u64>,
}

/// Reads the query of `POST /v1/webhook-endpoints/{id}/replay`.
///
/// # Errors
/// A [`Problem`] that names the member.
pub fn replay(query: &Members) -> Result<Replay, Problem> {
    let max = crate::canonical::EXACT_MAX;
    let after = query.integer("after", 0..=max)?;
    let after = after.ok_or_else(|| query.refuse("after", "given: the number of an event"))?;
    let before = query.integer("before", 1..=max)?;
    Ok(Replay {
        after: u64::try_from(after).unwrap_or(0),
        before: before.and_then(|before| u64::try_from(before).ok()),
    })
}

/// A delivery: one event on its way to one receiver.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Delivery")]
pub struct DeliveryShape {
    /// The delivery's id.
    id: String,
    /// The event's id, sent as `webhook-id`.
    event_id: String,
    /// What happened.
    #[serde(rename = "type")]
    kind: &'static str,
    /// To which endpoint; `null` for a result callback.
    endpoint_id: Option<String>,
    /// `waiting`, `sending`, `succeeded`, `exhausted` or `disabled`.
    state: &'static str,
    /// Why it will not be sent, where that is so.
    disabled_reason: Option<&'static str>,
    /// Attempts made.
    attempts: u32,
    /// When the first attempt was made.
    first_attempt_at: Option<String>,
    /// When the next attempt is due.
    next_attempt_at: Option<String>,
    /// When the delivery was made.
    created_at: String,
}

/// One delivery.
#[must_use]
pub fn delivery(delivery: &Delivery) -> DeliveryShape {
    use model::delivery::DisabledReason as R;
    let kind: EventKind = delivery.entry.event.kind;
    DeliveryShape {
        id: delivery.id.to_string(),
        event_id: delivery.entry.event.id.to_string(),
        kind: kind.as_str(),
        endpoint_id: match delivery.to {
            Destination::Endpoint(id) => Some(id.to_string()),
            Destination::ResultCallback => None,
        },
        state: delivery.phase.as_str(),
        disabled_reason: match delivery.phase {
            Phase::Disabled { reason: R::EndpointDeleted, .. } => Some("endpoint_deleted"),
            Phase::Disabled { reason: R::EndpointDisabled, .. } => Some("endpoint_disabled"),
            Phase::Disabled { reason: R::Gone, .. } => Some("gone"),
            Phase::Disabled { reason: R::Erased, .. } => Some("erased"),
            _ => None,
        },
        attempts: delivery.attempts,
        first_attempt_at: delivery.first_attempt_at.map(|at| format!("{at:.3}")),
        next_attempt_at: match delivery.phase {
            Phase::Waiting { due_at, .. } => Some(format!("{due_at:.3}")),
            _ => None,
        },
        created_at: format!("{:.3}", delivery.created_at),
    }
}

/// An attempt, with what the receiver said.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Attempt")]
pub struct AttemptShape {
    /// 1 for the first.
    number: u32,
    /// When it began.
    at: String,
    /// How long it took, in milliseconds.
    duration_ms: u64,
    /// The receiver's status, where it answered.
    status: Option<u16>,
    /// What became of it.
    result: &'static str,
    /// The first KiB of the receiver's answer, as text.
    answer: Option<String>,
}

/// One attempt.
#[must_use]
pub fn attempt(attempt: &Attempt, duration_ms: u64, answer: Option<String>) -> AttemptShape {
    AttemptShape {
        number: attempt.number,
        at: format!("{:.3}", attempt.at),
        duration_ms,
        status: attempt.status,
        result: attempt.verdict.as_str(),
        answer,
    }
}

/// A delivery with its attempts.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DeliveryWithAttempts {
    /// The delivery.
    #[serde(flatten)]
    delivery: DeliveryShape,
    /// Its attempts, oldest first.
    attempt_list: Vec<AttemptShape>,
}

/// Answers `GET /v1/deliveries/{id}`.
#[must_use]
pub fn with_attempts(of: &Delivery, attempt_list: Vec<AttemptShape>) -> DeliveryWithAttempts {
    DeliveryWithAttempts { delivery: delivery(of), attempt_list }
}

/// A page of deliveries, newest first.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Deliveries")]
pub struct Page {
    /// The deliveries.
    deliveries: Vec<DeliveryShape>,
    /// Send it to go on.
    cursor: Option<String>,
}

/// Answers `GET /v1/deliveries`.
#[must_use]
pub fn page(deliveries: &[Delivery], cursor: Option<String>) -> Page {
    Page { deliveries: deliveries.iter().map(delivery).collect(), cursor }
}

/// What a replay made.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Replayed {
    /// How many deliveries.
    deliveries: usize,
    /// Send it as `after` where there is more.
    cursor: u64,
    /// Whether there is more of the range.
    has_more: bool,
}

/// Answers `POST /v1/webhook-endpoints/{id}/replay`.
#[must_use]
pub const fn replayed(deliveries: usize, cursor: u64, has_more: bool) -> Replayed {
    Replayed { deliveries, cursor, has_more }
}
