//! What is measured: few names, few values of each, nothing personal.
//!
//! A measurement is an event of the target [`TARGET`]. On Lambda the runtime writes it as a line that
//! CloudWatch reads; elsewhere nobody listens.

use jiff::Timestamp;
use model::delivery::Phase;
use model::event::EventKind;
use model::session::Status;
use model::transition::Transition;

/// The target of events that are measurements.
pub const TARGET: &str = "metric";

/// A session came to an end: how. One that moves on afterwards, as by revoking, ended before.
pub(crate) fn session_moved(change: &Transition) {
    for event in &change.events {
        let outcome = match event {
            EventKind::SessionCompleted => Status::Complete,
            EventKind::SessionFailed => Status::Failed,
            EventKind::SessionCancelled => Status::Cancelled,
            EventKind::SessionExpired => Status::Expired,
            _ => continue,
        };
        let outcome = outcome.as_str();
        tracing::info!(target: TARGET, metric = "Sessions", unit = "Count", value = 1_u64, outcome);
    }
}

/// How long a person waited, from their return to the decision.
pub fn decided(since: Timestamp, now: Timestamp) {
    let value = now.duration_since(since).as_secs_f64();
    tracing::info!(target: TARGET, metric = "DecisionSeconds", unit = "Seconds", value);
}

/// A try of a delivery ended so.
pub fn delivered(phase: &Phase) {
    let outcome = phase.as_str();
    tracing::info!(target: TARGET, metric = "Deliveries", unit = "Count", value = 1_u64, outcome);
}

/// How long the oldest of what is due has waited.
pub fn overdue(oldest: Option<Timestamp>, now: Timestamp) {
    let value = oldest.map_or(0.0, |oldest| now.duration_since(oldest).as_secs_f64().max(0.0));
    tracing::info!(target: TARGET, metric = "OverdueSeconds", unit = "Seconds", value);
}

/// The master key could not be used.
pub(crate) fn kms_failed() {
    tracing::info!(target: TARGET, metric = "KmsErrors", unit = "Count", value = 1_u64);
}
