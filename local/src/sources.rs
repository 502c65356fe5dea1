//! Event sources: what calls functions besides requests. Queues, streams, the clock.
//!
//! Each has one step, and a loop that takes it for ever. Tests take the steps themselves.

mod clock;
mod queue;
mod stream;

use crate::function::InvokeError;

pub(crate) use clock::ClockSource;
pub use queue::Held;
pub(crate) use queue::QueueReader;
pub(crate) use stream::StreamReader;

/// What one step brought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Delivered {
    /// How many records the function was called with.
    pub records: usize,
    /// Which of them stay: message ids of a queue, sequence numbers of a stream.
    pub failures: Vec<String>,
    /// Why the whole call failed, if it did.
    pub error: Option<InvokeError>,
}

/// A source does not answer, or there is none of that name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// No function reads it.
    #[error("no function is called by {0}")]
    Unknown(String),
    /// It does not answer.
    #[error("{0}")]
    Unavailable(String),
}

/// The ids that an answer reports as failed, out of `sent`. An answer that cannot be understood
/// fails all of them, as on AWS: a report that names what was never sent is a bug, and deleting on
/// the strength of it would lose messages.
fn reported(answer: &serde_json::Value, sent: &[String]) -> Vec<String> {
    let failures = match answer.get("batchItemFailures") {
        None | Some(serde_json::Value::Null) => return Vec::new(),
        Some(failures) => failures.as_array(),
    };
    let ids = failures.map(|failures| {
        let ids = failures.iter().map(|failure| failure["itemIdentifier"].as_str());
        ids.map(|id| id.map(str::to_owned)).collect::<Option<Vec<_>>>()
    });
    match ids.flatten() {
        Some(ids) if ids.iter().all(|id| sent.contains(id)) => ids,
        _ => sent.to_vec(),
    }
}
