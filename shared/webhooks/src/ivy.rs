//! Ivy: `data_session_completed` with the session and its data; the result callback tells the same.
//!
//! The vendor has one event for data sessions; failed, cancelled and expired ones are told under
//! the same name with their status, to who asks for them. The session is told as it was at the
//! event: what a later event changed is not told, what was revoked or erased since is left out.
//! Source: docs.getivy.de, webhooks.

use model::event::{Event, EventKind};
use model::private::Secret;
use model::session::{Session, Status};
use model::tenant::MatchingPolicy;
use serde_json::{Value, json};
use wire::canonical::canonical;
use wire::ivy;

use crate::hex_hmac;
use crate::message::{ContractHeader, Telling};

pub(crate) fn body(telling: Telling<'_>) -> Option<String> {
    let event = &telling.entry.event;
    let (name, payload) = match event.kind {
        EventKind::Test => ("test", json!({ "test": true })),
        _ => ("data_session_completed", payload(telling.session?, event, telling.policy)?),
    };
    let date = event.occurred_at.as_second();
    let envelope = json!({ "id": event.id, "type": name, "payload": payload, "date": date });
    Some(canonical(&envelope))
}

fn payload(session: &Session, event: &Event, policy: &MatchingPolicy) -> Option<Value> {
    let status = match event.kind {
        EventKind::SessionCompleted => Status::Complete,
        EventKind::SessionFailed => Status::Failed,
        EventKind::SessionCancelled => Status::Cancelled,
        EventKind::SessionExpired => Status::Expired,
        _ => return None,
    };
    let told = serde_json::to_value(ivy::details(session, status, policy));
    let Ok(Value::Object(mut told)) = told else {
        return None;
    };
    told.insert("updatedAt".to_owned(), json!(event.occurred_at.as_second()));
    if status != Status::Complete {
        told.remove("data");
        told.remove("matchResult");
    }
    Some(Value::Object(told))
}

pub(crate) fn headers(secret: &Secret<[u8; 32]>, body: &[u8]) -> Vec<ContractHeader> {
    vec![("x-ivy-signature", hex_hmac(secret, body))]
}
