//! The feed: `GET /v1/events`, and an event as endpoints of the standard kind are told it.

use model::event::{Entry, EventKind};
use model::ids::SubjectId;
use schemars::JsonSchema;
use serde::Serialize;

use crate::json::Members;
use crate::problem::Problem;

/// The most events in one answer.
const LIMIT_MAX: i64 = 1_000;
const LIMIT_DEFAULT: i64 = 100;

/// Which events.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// Those after this number.
    pub after: u64,
    /// At most so many.
    pub limit: usize,
    /// Of this kind only.
    pub kind: Option<EventKind>,
    /// About this subject only.
    pub subject: Option<SubjectId>,
}

/// Reads the query of `GET /v1/events`.
///
/// # Errors
/// A [`Problem`] that names the member.
pub fn asked(query: &Members) -> Result<Asked, Problem> {
    let after = query.integer("after", 0..=crate::canonical::EXACT_MAX)?.unwrap_or(0);
    let limit = query.integer("limit", 1..=LIMIT_MAX)?.unwrap_or(LIMIT_DEFAULT);
    let kind = query.text("type")?.map(EventKind::parse);
    if kind == Some(None) {
        return Err(query.refuse("type", "the name of an event, such as session.completed"));
    }
    let subject = query.text("subject")?.map(str::parse).transpose();
    Ok(Asked {
        after: u64::try_from(after).unwrap_or(0),
        limit: usize::try_from(limit).unwrap_or(1),
        kind: kind.flatten(),
        subject: subject.map_err(|_| query.refuse("subject", "the id of a subject"))?,
    })
}

/// An event.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Event")]
pub struct EventShape {
    /// The event's id, the same with every delivery: drop an id that you have seen.
    #[schemars(with = "String")]
    id: String,
    /// What happened.
    #[serde(rename = "type")]
    kind: &'static str,
    /// When, RFC 3339 with milliseconds.
    timestamp: String,
    /// Its place in your feed: 1 for the first, without gaps. The cursor of `GET /v1/events`.
    number: u64,
    /// About whom.
    subject: Option<String>,
    /// Its place among the events about this subject: 1 for the first, without gaps.
    sequence: Option<u64>,
    /// What it happened to.
    data: About,
}

/// What an event happened to, in ids.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "EventAbout")]
struct About {
    /// The session.
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<String>,
    /// Pentadata: the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    person_id: Option<u64>,
    /// The endpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    endpoint_id: Option<String>,
}

/// One event.
#[must_use]
pub fn event(entry: &Entry) -> EventShape {
    let event = &entry.event;
    EventShape {
        id: event.id.to_string(),
        kind: event.kind.as_str(),
        timestamp: format!("{:.3}", event.occurred_at),
        number: entry.number,
        subject: event.subject.map(|id| id.to_string()),
        sequence: entry.sequence,
        data: About {
            session_id: event.session.map(|id| id.to_string()),
            person_id: event.person.map(model::ids::PersonId::get),
            endpoint_id: event.endpoint.map(|id| id.to_string()),
        },
    }
}

/// A page of the feed.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Events")]
pub struct Page {
    /// Events in order.
    events: Vec<EventShape>,
    /// Send it as `after` to go on. Nothing will ever appear before it.
    cursor: u64,
    /// Whether there is more now.
    has_more: bool,
}

/// Answers `GET /v1/events`.
#[must_use]
pub fn page(entries: &[Entry], cursor: u64, has_more: bool) -> Page {
    Page { events: entries.iter().map(event).collect(), cursor, has_more }
}
