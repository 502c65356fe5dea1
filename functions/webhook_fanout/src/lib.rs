//! The table's stream, event rows only: gives each event its place in the feed, and makes a delivery
//! for every receiver that is entitled to it.
//!
//! Doing it again is always safe: an event is numbered once, and its deliveries are made with its
//! number.

use cloud::EventRow;
use runtime::{App, Change, Function};

/// The function.
pub const FUNCTION: Function = Function::Stream(|app, changes| Box::pin(handle(app, changes)));

/// Publishes a batch of events and answers the numbers of those that are to come again.
pub async fn handle(app: &App, changes: Vec<Change>) -> Vec<String> {
    let mut rows = Vec::with_capacity(changes.len());
    let mut numbers = Vec::with_capacity(changes.len());
    for change in changes {
        match EventRow::from_image(&change.image) {
            Some(row) => {
                numbers.push((row.clone(), change.number));
                rows.push(row);
            }
            // It would fail for ever, and everything behind it. The row stays due, which the
            // sweeper logs every minute.
            None => tracing::error!(stream.number = change.number, "an event cannot be read"),
        }
    }
    let again = app.publish(rows).await;
    let failed = numbers.into_iter().filter(|(row, _)| again.contains(row));
    failed.map(|(_, number)| number).collect()
}
