//! Queue messages: parsed one by one, each failing alone.

use std::panic::AssertUnwindSafe;

use serde_json::{Value, json};

use crate::app::App;
use crate::function::QueueHandler;

/// One received message.
#[derive(Debug, Clone)]
pub struct Message {
    /// The body, unread.
    pub body: String,
    /// What names this receipt to the queue.
    pub receipt: String,
    /// How often it was received, this time included.
    pub receive_count: u32,
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is done with and may be deleted.
    Done,
    /// It is to be received again, after so many seconds if that is known.
    Again {
        /// Seconds.
        after_s: Option<i32>,
    },
}

/// Handles a batch and reports the failed ones. A record without an id fails the whole batch: there
/// would be no way to report it alone.
pub(crate) async fn batch(
    app: &App,
    handler: QueueHandler,
    event: &Value,
) -> Result<Value, String> {
    let records = event["Records"].as_array().ok_or("the event has no Records")?;
    let mut failed = Vec::new();
    for record in records {
        let id = record["messageId"].as_str().filter(|id| !id.is_empty());
        let id = id.ok_or("a record has no messageId")?;
        if !is_done(app, handler, record).await {
            failed.push(json!({ "itemIdentifier": id }));
        }
    }
    Ok(json!({ "batchItemFailures": failed }))
}

async fn is_done(app: &App, handler: QueueHandler, record: &Value) -> bool {
    use futures_util::FutureExt as _;
    let text = |name: &str| record[name].as_str().unwrap_or_default().to_owned();
    let count = record["attributes"]["ApproximateReceiveCount"].as_str();
    let receive_count = count.and_then(|count| count.parse().ok()).unwrap_or(1);
    let message = Message { body: text("body"), receipt: text("receiptHandle"), receive_count };
    let handled = AssertUnwindSafe(handler(app, message.clone())).catch_unwind().await;
    match handled {
        Ok(Outcome::Done) => true,
        Ok(Outcome::Again { after_s }) => {
            if let (Some(queue), Some(seconds)) = (&app.callbacks, after_s)
                && let Err(error) = queue.retry_after(&message.receipt, seconds).await
            {
                tracing::warn!(error = %error, "visibility not changed");
            }
            false
        }
        Err(_) => {
            tracing::error!("a message panicked");
            false
        }
    }
}
