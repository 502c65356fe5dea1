//! The events of `/v1/sessions`, whichever function answers them.

use serde_json::json;

use super::cases::{Case, Http, NEVER};
use super::cast::Cast;

pub fn all(cast: &Cast) -> Vec<Case> {
    let find = |query: &'static str, key: &str| {
        Http::new("GET", "/v1/sessions").query(query).header("x-api-key", key).event()
    };
    let read = |id: &str, end: &str, key: &str| {
        let event = Http::new("GET", &format!("/v1/sessions/{id}{end}"));
        event.with(json!({ "id": id })).header("x-api-key", key).event()
    };
    let key = cast.key.as_str();
    vec![
        ("list_sessions", "found_by_email", find("email=john.doe@example.com", key)),
        ("list_sessions", "found_by_reference", find("reference_id=open", key)),
        ("list_sessions", "two_filters", find("reference_id=open&phone=%2B49123456789", key)),
        ("list_sessions", "unknown_status", find("email=a@example.com&status=done", key)),
        ("session", "session_open", read(&cast.open, "", key)),
        ("session", "session_complete", read(&cast.complete, "", key)),
        ("session", "session_unknown", read(NEVER, "", key)),
        ("session", "session_of_another_tenant", read(&cast.open, "", &cast.other_key)),
        ("session", "decision_of_no_claim", read(&cast.complete, "/decision", key)),
        ("session", "decision_unknown", read(NEVER, "/decision", key)),
    ]
}
