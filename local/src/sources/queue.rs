//! A queue's messages, brought to a function as Lambda brings them.
//!
//! Keeps true: a message is deleted only after the function answered without reporting it; what
//! failed stays and comes again when its visibility time-out is over, or goes to the dead letters.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::DisplayErrorContext;
use aws_sdk_sqs::operation::change_message_visibility::ChangeMessageVisibilityError;
use aws_sdk_sqs::types::{DeleteMessageBatchRequestEntry, Message, MessageSystemAttributeName};
use serde_json::{Map, Value, json};
use tokio::sync::watch;

use super::{Delivered, SourceError, reported};
use crate::function::Running;
use crate::stack::Queues;
use crate::template::{Queue, QueueSource, REGION};

/// One receive waits so many seconds for messages, the longest that SQS allows.
const WAIT_S: i32 = 20;
/// The pause after a receive that failed.
const FAILED_MS: u64 = 1_000;

/// A function that reads a queue. The queue limits how many messages are under way at once: as many as
/// `MaximumConcurrency` calls of `BatchSize` messages. Messages that come one by one are in as many
/// calls, which cost nothing here and leave each tenant its share.
pub(crate) struct QueueReader {
    pub(crate) queue: Queue,
    source: QueueSource,
    function: Arc<Running>,
    client: Client,
    queues: Arc<Queues>,
    memory: Mutex<Memory>,
    calls: watch::Sender<Calls>,
}

/// Counts receives and calls under way, and callers that hold them back.
#[derive(Debug, Clone, Copy, Default)]
struct Calls {
    under_way: usize,
    holds: usize,
}

/// The last batch, kept so that tests can bring it again.
#[derive(Default)]
struct Memory {
    batch: Option<Value>,
    unseen: BTreeMap<String, String>,
}

/// While this lives, nothing of the queue is brought to its function.
#[derive(Debug)]
pub struct Held(watch::Sender<Calls>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.send_modify(|calls| calls.holds -= 1);
    }
}

/// Counts a call while it lives.
struct UnderWay(watch::Sender<Calls>);

impl UnderWay {
    fn begin(calls: &watch::Sender<Calls>) -> Self {
        calls.send_modify(|calls| calls.under_way += 1);
        Self(calls.clone())
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.send_modify(|calls| calls.under_way -= 1);
    }
}

impl QueueReader {
    pub(crate) fn new(
        queue: Queue,
        source: QueueSource,
        function: Arc<Running>,
        (client, queues): (Client, Arc<Queues>),
    ) -> Self {
        let (calls, _) = watch::channel(Calls::default());
        Self { queue, source, function, client, queues, memory: Mutex::default(), calls }
    }

    /// Receives what is visible now, one batch at most, and calls the function with it.
    pub(crate) async fn deliver(&self) -> Result<Delivered, SourceError> {
        let messages = self.receive(0).await?;
        self.handle(messages).await
    }

    /// Calls the function with the last batch once more, as a queue does that delivers twice.
    pub(crate) async fn deliver_again(&self) -> Result<Delivered, SourceError> {
        let batch = self.memory().batch.clone();
        let batch = batch.ok_or_else(|| SourceError::Unavailable("nothing came yet".to_owned()))?;
        let ids = ids(&batch);
        let (failures, error) = self.call(batch, &ids).await;
        Ok(Delivered { records: ids.len(), failures, error })
    }

    /// Ends the visibility time-out of what failed before.
    pub(crate) async fn show(&self) -> Result<usize, SourceError> {
        let unseen = std::mem::take(&mut self.memory().unseen);
        for receipt in unseen.values() {
            let call = self.client.change_message_visibility().queue_url(&self.queue.url);
            let call = call.receipt_handle(receipt).visibility_timeout(0).send().await;
            match call {
                // It was received too often, and is among the dead letters by now.
                Err(error) if error.as_service_error().is_some_and(is_gone) => {}
                shown => drop(shown.map_err(|e| unavailable(DisplayErrorContext(e)))?),
            }
        }
        Ok(unseen.len())
    }

    /// Waits until no call is under way, and keeps it so.
    pub(crate) async fn hold(&self) -> Held {
        self.calls.send_modify(|calls| calls.holds += 1);
        let held = Held(self.calls.clone());
        self.idle().await;
        held
    }

    /// Brings messages until stopped, and then waits for the calls under way.
    pub(crate) async fn run(self: Arc<Self>, mut stopped: watch::Receiver<bool>) {
        let working = async {
            loop {
                self.bring().await;
            }
        };
        tokio::select! {
            () = working => {}
            _ = stopped.wait_for(|stopped| *stopped) => {}
        }
        self.idle().await;
    }

    /// Waits for messages and begins a call with them.
    async fn bring(self: &Arc<Self>) {
        let mut calls = self.calls.subscribe();
        // The sender lives as long as the reader does.
        let _ = calls.wait_for(|calls| calls.holds == 0).await;
        // Begun before the receive, so that whoever holds the queue waits for its end.
        let under_way = UnderWay::begin(&self.calls);
        let received = tokio::select! {
            biased;
            _ = calls.wait_for(|calls| calls.holds > 0) => return,
            received = self.receive(WAIT_S) => received,
        };
        match received {
            Ok(messages) if messages.is_empty() => {}
            Ok(messages) => {
                let reader = Arc::clone(self);
                tokio::spawn(async move {
                    if let Err(error) = reader.handle(messages).await {
                        tracing::error!(error = %error, "messages not deleted");
                    }
                    drop(under_way);
                });
            }
            Err(error) => {
                tracing::error!(error = %error, "nothing received");
                tokio::time::sleep(Duration::from_millis(FAILED_MS)).await;
            }
        }
    }

    async fn idle(&self) {
        // The sender lives as long as the reader does.
        let _ = self.calls.subscribe().wait_for(|calls| calls.under_way == 0).await;
    }

    async fn receive(&self, wait_s: i32) -> Result<Vec<Message>, SourceError> {
        let max = i32::try_from(self.source.batch_max).unwrap_or(1);
        let call = self.client.receive_message().queue_url(&self.queue.url);
        let call = call
            .max_number_of_messages(max)
            .wait_time_seconds(wait_s)
            .message_system_attribute_names(MessageSystemAttributeName::All);
        let received = call.send().await.map_err(|e| unavailable(DisplayErrorContext(e)))?;
        Ok(received.messages.unwrap_or_default())
    }

    async fn handle(&self, messages: Vec<Message>) -> Result<Delivered, SourceError> {
        if messages.is_empty() {
            return Ok(Delivered::default());
        }
        let records: Vec<Value> =
            messages.iter().map(|message| record(message, &self.queue.arn)).collect();
        let event = json!({ "Records": records });
        let sent = ids(&event);
        self.memory().batch = Some(event.clone());
        let (failures, error) = self.call(event, &sent).await;
        let (mut done, mut stay) = (Vec::new(), Vec::new());
        for (message, id) in messages.into_iter().zip(&sent) {
            let receipt = message.receipt_handle.unwrap_or_default();
            if failures.contains(id) {
                self.memory().unseen.insert(id.clone(), receipt.clone());
                stay.push(receipt);
            } else {
                self.memory().unseen.remove(id);
                done.push((id, receipt));
            }
        }
        self.queues.release(&self.queue.url, stay.iter().map(String::as_str));
        self.delete(&done).await?;
        Ok(Delivered { records: sent.len(), failures, error })
    }

    async fn call(
        &self,
        event: Value,
        sent: &[String],
    ) -> (Vec<String>, Option<crate::InvokeError>) {
        match self.function.call(event).await {
            Ok(answer) if self.source.reports_failures => (reported(&answer, sent), None),
            Ok(_) => (Vec::new(), None),
            Err(error) => (sent.to_vec(), Some(error)),
        }
    }

    async fn delete(&self, done: &[(&String, String)]) -> Result<(), SourceError> {
        if done.is_empty() {
            return Ok(());
        }
        let mut call = self.client.delete_message_batch().queue_url(&self.queue.url);
        for (id, receipt) in done {
            let entry = DeleteMessageBatchRequestEntry::builder().id(*id).receipt_handle(receipt);
            call = call.entries(entry.build().map_err(unavailable)?);
        }
        let deleted = call.send().await.map_err(|e| unavailable(DisplayErrorContext(e)))?;
        match deleted.failed.first() {
            Some(failed) => Err(unavailable(format!("a message stays: {}", failed.code()))),
            None => Ok(()),
        }
    }

    fn memory(&self) -> std::sync::MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_gone(error: &ChangeMessageVisibilityError) -> bool {
    error.is_receipt_handle_is_invalid() || error.is_message_not_inflight()
}

fn ids(event: &Value) -> Vec<String> {
    let records = event["Records"].as_array().into_iter().flatten();
    records.map(|record| record["messageId"].as_str().unwrap_or_default().to_owned()).collect()
}

fn unavailable(error: impl std::fmt::Display) -> SourceError {
    SourceError::Unavailable(error.to_string())
}

fn record(message: &Message, queue_arn: &str) -> Value {
    let mut attributes = Map::new();
    for (name, value) in message.attributes.iter().flatten() {
        attributes.insert(name.as_str().to_owned(), json!(value));
    }
    attributes.sort_keys();
    json!({
        "messageId": message.message_id,
        "receiptHandle": message.receipt_handle,
        "body": message.body,
        "attributes": attributes,
        "messageAttributes": {},
        "md5OfBody": message.md5_of_body,
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": REGION,
    })
}
