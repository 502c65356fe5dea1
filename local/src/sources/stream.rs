//! A table's changes, brought to a function in order as Lambda brings them.
//!
//! Keeps true: how far a function has read is written down after each batch it took, so that a
//! restart goes on from there; a record may come twice, none is left out unless its retries are
//! used up.

use std::sync::Arc;
use std::time::Duration;

use dynoxide::actions::get_records::Record;
use serde_json::{Value, json};
use tokio::sync::{Mutex, watch};

use super::{Delivered, SourceError, reported};
use crate::function::Running;
use crate::stack::Store;
use crate::template::{REGION, StreamSource, Table};

/// Half of the first pause after a failed batch, and the longest that the pause grows to.
const FAILED_MS: u64 = 200;
const FAILED_MS_MAX: u64 = 30_000;

/// A function that reads a stream.
pub(crate) struct StreamReader {
    pub(crate) source: StreamSource,
    pub(crate) table: Table,
    pub(crate) function: Arc<Running>,
    pub(crate) store: Store,
    pub(crate) progress: Mutex<Progress>,
}

/// Counts the failures of the batch after the last one that the function took.
#[derive(Default)]
pub(crate) struct Progress {
    failures: u32,
    /// How many records the next batch has at most, after the function failed over more.
    half: Option<usize>,
}

impl StreamReader {
    /// Reads one batch and calls the function with what passes its filters.
    pub(crate) async fn deliver(&self) -> Result<Delivered, SourceError> {
        let mut progress = self.progress.lock().await;
        let records = self.read(&progress).await?;
        let Some(last) = records.last().map(|record| record.dynamodb.sequence_number.clone())
        else {
            return Ok(Delivered::default());
        };
        let events: Vec<Value> = records.iter().map(|record| self.event(record)).collect();
        let passing: Vec<Value> =
            events.into_iter().filter(|event| self.source.filters.pass(event)).collect();
        let delivered = self.call(&passing).await;
        let failed = delivered.error.is_some() && self.source.bisects;
        progress.half = failed.then_some((records.len() / 2).max(1));
        match delivered.failures.iter().min() {
            Some(first) if !self.gives_up(&progress) => {
                progress.failures += 1;
                // What came before the first failure is done; the rest comes again, in order.
                if let Some(before) = last_before(&records, first) {
                    self.advance(before).await?;
                }
            }
            failed => {
                if failed.is_some() {
                    tracing::error!(function.id = self.function.function.id, "records given up");
                }
                progress.failures = 0;
                self.advance(last).await?;
            }
        }
        Ok(delivered)
    }

    /// Whether nothing is left to read.
    pub(crate) async fn caught_up(&self) -> Result<bool, SourceError> {
        let progress = self.progress.lock().await;
        Ok(self.read(&progress).await?.is_empty())
    }

    /// Brings changes until stopped. A call that has begun is not cut.
    pub(crate) async fn run(self: Arc<Self>, mut stopped: watch::Receiver<bool>) {
        let mut changes = self.store.changes();
        let mut failed_ms = FAILED_MS;
        loop {
            // Noted before reading, so that no change between reading and waiting is missed.
            changes.mark_unchanged();
            let pause_ms = match self.deliver().await {
                // Where all records were filtered out, passing them was a change.
                Ok(delivered) if delivered.records == 0 => None,
                Ok(delivered) if delivered.failures.is_empty() => {
                    failed_ms = FAILED_MS;
                    Some(0)
                }
                result => {
                    if let Err(error) = result {
                        tracing::error!(error = %error, "stream not read");
                    }
                    failed_ms = (failed_ms * 2).min(FAILED_MS_MAX);
                    Some(failed_ms)
                }
            };
            let next = async {
                match pause_ms {
                    Some(pause_ms) => tokio::time::sleep(Duration::from_millis(pause_ms)).await,
                    // A database that is gone changes no more.
                    None if changes.changed().await.is_err() => std::future::pending().await,
                    None => {}
                }
            };
            tokio::select! {
                () = next => {}
                _ = stopped.wait_for(|stopped| *stopped) => break,
            }
        }
    }

    fn gives_up(&self, progress: &Progress) -> bool {
        self.source.retries_max.is_some_and(|retries_max| progress.failures >= retries_max)
    }

    async fn advance(&self, to: String) -> Result<(), SourceError> {
        let (table, function) = (self.table.name.clone(), self.function.function.id.clone());
        self.store.pass(table, function, to).await.map_err(SourceError::Unavailable)
    }

    async fn call(&self, passing: &[Value]) -> Delivered {
        if passing.is_empty() {
            return Delivered::default();
        }
        let number =
            |event: &Value| event["dynamodb"]["SequenceNumber"].as_str().map(str::to_owned);
        let sent: Vec<String> = passing.iter().filter_map(number).collect();
        let answer = self.function.call(json!({ "Records": passing })).await;
        let (failures, error) = match answer {
            Ok(answer) if self.source.reports_failures => (reported(&answer, &sent), None),
            Ok(_) => (Vec::new(), None),
            Err(error) => (sent, Some(error)),
        };
        Delivered { records: passing.len(), failures, error }
    }

    async fn read(&self, progress: &Progress) -> Result<Vec<Record>, SourceError> {
        let (table, function) = (self.table.name.clone(), self.function.function.id.clone());
        let limit = progress.half.unwrap_or(self.source.batch_max);
        let records = self.store.records(table, function, limit).await;
        records.map_err(SourceError::Unavailable)
    }

    fn event(&self, record: &Record) -> Value {
        let mut event = json!(record);
        event["awsRegion"] = json!(REGION);
        event["eventSourceARN"] = json!(self.source.stream_arn);
        // An image is an unordered map; the same change is always told the same way.
        event.sort_all_objects();
        event
    }
}

fn last_before(records: &[Record], first: &str) -> Option<String> {
    let numbers = records.iter().map(|record| &record.dynamodb.sequence_number);
    numbers.filter(|number| number.as_str() < first).max().cloned()
}
