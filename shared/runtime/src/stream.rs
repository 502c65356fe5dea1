//! Changes of a table, in order. A record that cannot be told apart fails the whole batch, as with
//! a queue.

use std::panic::AssertUnwindSafe;

use serde_json::{Value, json};

use crate::app::App;
use crate::function::StreamHandler;

/// One change.
#[derive(Debug, Clone)]
pub struct Change {
    /// Its number in the stream.
    pub number: String,
    /// The item as it is now, attribute by attribute, as DynamoDB writes it.
    pub image: Value,
}

/// Handles a batch and reports the failed changes; the stream comes back to the first of them.
pub(crate) async fn batch(
    app: &App,
    handler: StreamHandler,
    event: &Value,
) -> Result<Value, String> {
    use futures_util::FutureExt as _;
    let records = event["Records"].as_array().ok_or("the event has no Records")?;
    let mut changes = Vec::with_capacity(records.len());
    for record in records {
        let change = &record["dynamodb"];
        let number = change["SequenceNumber"].as_str().filter(|number| !number.is_empty());
        let number = number.ok_or("a record has no SequenceNumber")?.to_owned();
        changes.push(Change { number, image: change["NewImage"].clone() });
    }
    let all: Vec<String> = changes.iter().map(|change| change.number.clone()).collect();
    let handled = AssertUnwindSafe(handler(app, changes)).catch_unwind().await;
    let failed = handled.unwrap_or_else(|_| {
        tracing::error!("a batch of changes panicked");
        all
    });
    let failed: Vec<Value> = failed.iter().map(|n| json!({ "itemIdentifier": n })).collect();
    Ok(json!({ "batchItemFailures": failed }))
}
