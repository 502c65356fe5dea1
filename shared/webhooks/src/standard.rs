//! The standard kind: every event, in ids only. Who wants to know more asks with their API key.
//!
//! Source: standardwebhooks.com, specification 1.0.0, payload structure.

use wire::canonical::canonical;
use wire::v1::events;

use crate::message::Telling;

pub(crate) fn body(telling: Telling<'_>) -> String {
    let shape = events::event(telling.entry);
    canonical(&serde_json::to_value(shape).expect("ids, names and numbers serialize"))
}
