//! One message, ready to be sent: body and headers.

use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;
use model::delivery::Delivery;
use model::endpoint::{EndpointKind, ExtraHeader, SigningSecrets};
use model::event::Entry;
use model::private::Secret;
use model::session::Session;
use model::tenant::MatchingPolicy;

use crate::signature::{PrivateKey, Symmetric};
use crate::{didit, ivy, pentadata, standard};

/// Everything a kind may need to word an event.
#[derive(Debug, Clone, Copy)]
pub struct Telling<'a> {
    /// What happened.
    pub entry: &'a Entry,
    /// The session it happened to, where the kind tells of one.
    pub session: Option<&'a Session>,
    /// What the tenant makes of a decision.
    pub policy: &'a MatchingPolicy,
    /// The present moment.
    pub now: Timestamp,
}

/// A message that was worded and signed.
#[derive(Debug, Clone)]
pub struct Message {
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: String,
}

/// A header of a contract: its name, and what it holds.
pub(crate) type ContractHeader = (&'static str, String);

/// Words and signs a delivery. `None` where there is nothing left to tell: the session was erased.
#[must_use]
pub fn message(
    kind: EndpointKind,
    telling: Telling<'_>,
    secrets: &SigningSecrets,
    extra: &[ExtraHeader],
    delivery: &Delivery,
) -> Option<Message> {
    let body = match kind {
        EndpointKind::Standard => standard::body(telling),
        EndpointKind::Ivy => ivy::body(telling)?,
        EndpointKind::Pentadata => pentadata::body(telling)?,
        EndpointKind::Didit => didit::body(telling)?,
    };
    let single = single(secrets, telling.now);
    let contract = match kind {
        EndpointKind::Standard => Vec::new(),
        EndpointKind::Ivy => ivy::headers(single, body.as_bytes()),
        EndpointKind::Pentadata => pentadata::headers(single),
        EndpointKind::Didit => didit::headers(single, body.as_bytes(), telling.now),
    };
    let mut headers = HeaderMap::new();
    for header in extra {
        set(&mut headers, &header.name, &header.value);
    }
    set(&mut headers, "content-type", "application/json");
    set(&mut headers, "user-agent", "Countersign-Webhooks/1");
    let id = telling.entry.event.id.to_string();
    set(&mut headers, "webhook-id", &id);
    set(&mut headers, "webhook-timestamp", &telling.now.as_second().to_string());
    set(&mut headers, "webhook-signature", &signatures(secrets, &id, telling.now, &body));
    for (name, value) in contract {
        set(&mut headers, name, &value);
    }
    count(&mut headers, kind, delivery, telling.now);
    Some(Message { headers, body })
}

/// Signatures of both schemes, under every secret that signs at this moment.
fn signatures(secrets: &SigningSecrets, id: &str, now: Timestamp, body: &str) -> String {
    let signing = [Some(&secrets.current), secrets.overlapping(now)];
    let both = signing.into_iter().flatten().flat_map(|secret| {
        [
            Symmetric::of(secret).sign(id, now, body.as_bytes()),
            PrivateKey::of(secret).sign(id, now, body.as_bytes()),
        ]
    });
    // A receiver that looks at the first signature only looks for `v1`.
    both.collect::<Vec<_>>().join(" ")
}

/// A header that holds one signature is made with the secret before, while both are valid: a
/// receiver cannot know the new one earlier than it was shown.
fn single(secrets: &SigningSecrets, now: Timestamp) -> &Secret<[u8; 32]> {
    secrets.overlapping(now).unwrap_or(&secrets.current)
}

/// How far the receiver is in the schedule.
fn count(headers: &mut HeaderMap, kind: EndpointKind, delivery: &Delivery, now: Timestamp) {
    let this = delivery.attempts + 1;
    let max = delivery.schedule(kind).attempts_max();
    let left = max.saturating_sub(usize::try_from(this).unwrap_or(usize::MAX));
    let first = delivery.first_attempt_at.unwrap_or(now);
    set(headers, "countersign-attempt", &this.to_string());
    set(headers, "countersign-attempts-left", &left.to_string());
    set(headers, "countersign-first-attempt-at", &first.as_second().to_string());
}

fn set(headers: &mut HeaderMap, name: &str, value: &str) {
    let name = HeaderName::from_bytes(name.as_bytes());
    if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
        headers.insert(name, value);
    }
}
