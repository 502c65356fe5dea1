//! Pentadata: that a person's answer is known, and nothing else; `/auth` tells the answer.
//!
//! Source: pentadatainc.com/docs, webhooks-alerts.

use model::event::EventKind;
use model::private::Secret;
use serde_json::json;
use wire::canonical::canonical;

use crate::Symmetric;
use crate::message::{ContractHeader, Telling};

pub(crate) fn body(telling: Telling<'_>) -> Option<String> {
    let event = &telling.entry.event;
    if event.kind == EventKind::Test {
        return Some(canonical(&json!({ "event": "test" })));
    }
    let person = event.person?;
    Some(canonical(&json!({ "event": "auth", "person_id": person })))
}

/// The alert token is the endpoint's secret itself: the vendor's receivers compare, they do not hash.
pub(crate) fn headers(secret: &Secret<[u8; 32]>) -> Vec<ContractHeader> {
    vec![("pentadata-key", Symmetric::of(secret).text().into_exposed())]
}
