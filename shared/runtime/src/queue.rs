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
        let id = id(record)?;
        if !is_done(app, handler, record).await {
            failed.push(json!({ "itemIdentifier": id }));
        }
    }
    Ok(json!({ "batchItemFailures": failed }))
}

/// Handles a batch all at once: each message waits for somebody else, and none for another's.
pub(crate) async fn batch_at_once(
    app: &App,
    handler: QueueHandler,
    event: &Value,
) -> Result<Value, String> {
    let records = event["Records"].as_array().ok_or("the event has no Records")?;
    let ids = records.iter().map(id).collect::<Result<Vec<_>, _>>()?;
    let handled = records.iter().map(|record| is_done(app, handler, record));
    let handled = futures_util::future::join_all(handled).await;
    let failed = ids.iter().zip(handled).filter(|(_, done)| !done);
    let failed: Vec<Value> = failed.map(|(id, _)| json!({ "itemIdentifier": id })).collect();
    Ok(json!({ "batchItemFailures": failed }))
}

fn id(record: &Value) -> Result<&str, String> {
    let id = record["messageId"].as_str().filter(|id| !id.is_empty());
    id.ok_or_else(|| "a record has no messageId".to_owned())
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
            if let Some(seconds) = after_s {
                hide(app, &message.receipt, seconds).await;
            }
            false
        }
        Err(_) => {
            tracing::error!("a message panicked");
            false
        }
    }
}

/// Keeps a message unseen for so long. A function reads one queue, and may send to no other.
async fn hide(app: &App, receipt: &str, seconds: i32) {
    let changed = match (&app.callbacks, &app.deliveries) {
        (Some(queue), _) => queue.retry_after(receipt, seconds).await,
        (None, Some(queue)) => queue.retry_after(receipt, seconds).await,
        (None, None) => Ok(()),
    };
    if let Err(error) = changed {
        tracing::warn!(error = %error, "visibility not changed");
    }
}
