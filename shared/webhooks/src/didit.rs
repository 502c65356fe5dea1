//! Didit: a session's status, dated and signed anew with each try.
//!
//! Receivers check that `created_at`, `timestamp` and `X-Timestamp` are at most 300 s old, so all
//! three are the moment of sending.
//! Source: docs.didit.me, webhooks.

use jiff::Timestamp;
use model::event::EventKind;
use model::private::Secret;
use serde_json::json;
use wire::canonical::canonical;

use crate::hex_hmac;
use crate::message::{ContractHeader, Telling};

pub(crate) fn body(telling: Telling<'_>) -> Option<String> {
    let event = &telling.entry.event;
    let now = telling.now.as_second();
    if event.kind == EventKind::Test {
        let body = json!({
            "webhook_type": "test", "event_id": event.id, "created_at": now, "timestamp": now,
        });
        return Some(canonical(&body));
    }
    let session = telling.session?;
    let body = json!({
        "session_id": session.id,
        "status": status(event.kind)?,
        "created_at": now,
        "timestamp": now,
        "vendor_data": session.request.expose().vendor_data,
        "webhook_type": "status.updated",
        "event_id": event.id,
    });
    Some(canonical(&body))
}

/// The words of `/decision/`, in title case.
const fn status(kind: EventKind) -> Option<&'static str> {
    Some(match kind {
        EventKind::SessionOpened => "Initialized",
        EventKind::SessionStarted | EventKind::SessionAtBank | EventKind::SessionProcessing => {
            "Retrieved"
        }
        EventKind::SessionCompleted => "Confirmed",
        EventKind::SessionFailed | EventKind::SessionExpired => "Expired",
        EventKind::SessionCancelled => "Cancelled",
        _ => return None,
    })
}

pub(crate) fn headers(
    secret: &Secret<[u8; 32]>,
    body: &[u8],
    now: Timestamp,
) -> Vec<ContractHeader> {
    // The body is canonical, so the vendor's second scheme, over sorted members, signs the same.
    let signature = hex_hmac(secret, body);
    vec![
        ("x-signature", signature.clone()),
        ("x-signature-v2", signature),
        ("x-timestamp", now.as_second().to_string()),
    ]
}
