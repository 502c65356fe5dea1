//! SQS's wire protocol, the part that functions and their event source use: AWS JSON 1.0
//! (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/>).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use md5::{Digest as _, Md5};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::fair::Message;
use crate::stack::backend::Answer;

/// A role of AWS's documentation; every sender has the same here.
const SENDER: &str = "AIDAIT2UOQQY3AUEKVGXU";

/// The reason for refusing a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    kind: &'static str,
    /// The name in SQS's older protocol and `;Sender`, by which clients know the error.
    query_error: &'static str,
    message: String,
}

impl Refusal {
    pub(super) const NO_QUEUE: Self =
        Self::new("QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue;Sender");
    pub(super) const NOT_IN_FLIGHT: Self =
        Self::new("MessageNotInflight", "AWS.SimpleQueueService.MessageNotInflight;Sender");
    pub(super) const UNSUPPORTED: Self =
        Self::new("UnsupportedOperation", "AWS.SimpleQueueService.UnsupportedOperation;Sender");
    const INVALID: Self = Self::new("InvalidParameterValue", "InvalidParameterValue;Sender");

    const fn new(kind: &'static str, query_error: &'static str) -> Self {
        Self { kind, query_error, message: String::new() }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Send {
    pub(super) queue_url: String,
    #[serde(flatten)]
    pub(super) entry: Entry,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SendBatch {
    pub(super) queue_url: String,
    pub(super) entries: Vec<BatchEntry>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct BatchEntry {
    id: String,
    #[serde(flatten)]
    pub(super) entry: Entry,
}

#[derive(Debug, Deserialize)]
pub(super) struct Entry {
    #[serde(rename = "MessageBody")]
    pub(super) body: String,
    #[serde(rename = "DelaySeconds", default, deserialize_with = "maybe_up_to::<900, _>")]
    delay_s: Option<u64>,
    #[serde(rename = "MessageGroupId")]
    group: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Receive {
    pub(super) queue_url: String,
    #[serde(rename = "MaxNumberOfMessages", default = "one", deserialize_with = "some_up_to_ten")]
    pub(super) messages_max: usize,
    #[serde(rename = "WaitTimeSeconds", default, deserialize_with = "up_to::<20, _>")]
    pub(super) wait_s: u64,
}

const fn one() -> usize {
    1
}

fn up_to<'de, const MAX: u64, D: Deserializer<'de>>(value: D) -> Result<u64, D::Error> {
    let number = u64::deserialize(value)?;
    let fits = number <= MAX;
    fits.then_some(number).ok_or_else(|| D::Error::custom(format!("{number} is more than {MAX}")))
}

fn maybe_up_to<'de, const MAX: u64, D: Deserializer<'de>>(
    value: D,
) -> Result<Option<u64>, D::Error> {
    up_to::<MAX, D>(value).map(Some)
}

fn some_up_to_ten<'de, D: Deserializer<'de>>(value: D) -> Result<usize, D::Error> {
    let number = usize::deserialize(value)?;
    let fits = (1..=10).contains(&number);
    fits.then_some(number).ok_or_else(|| D::Error::custom(format!("{number} is not 1 to 10")))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Delete {
    pub(super) queue_url: String,
    #[serde(rename = "ReceiptHandle")]
    pub(super) receipt: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteBatch {
    pub(super) queue_url: String,
    pub(super) entries: Vec<DeleteEntry>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteEntry {
    id: String,
    #[serde(rename = "ReceiptHandle")]
    pub(super) receipt: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Visibility {
    pub(super) queue_url: String,
    #[serde(rename = "ReceiptHandle")]
    pub(super) receipt: String,
    #[serde(rename = "VisibilityTimeout", deserialize_with = "up_to::<43_200, _>")]
    pub(super) timeout_s: u64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Purge {
    pub(super) queue_url: String,
}

impl Entry {
    pub(super) fn message(&self) -> Message {
        let delay = self.delay_s.map(Duration::from_secs);
        Message::new(self.body.clone(), self.group.clone(), delay)
    }
}

pub(super) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    let parsed = serde_json::from_slice(body);
    parsed.map_err(|error| Refusal { message: error.to_string(), ..Refusal::INVALID })
}

pub(super) fn answer(result: Result<Value, Refusal>) -> Answer {
    match result {
        Ok(body) => Answer::new(200, body.to_string()),
        Err(refusal) => {
            let kind = format!("com.amazonaws.sqs#{}", refusal.kind);
            let body = json!({ "__type": kind, "message": refusal.message });
            Answer {
                query_error: Some(refusal.query_error.into()),
                ..Answer::new(400, body.to_string())
            }
        }
    }
}

pub(super) fn nothing() -> Value {
    json!({})
}

pub(super) fn sent(body: &str, id: Uuid) -> Value {
    json!({ "MessageId": id, "MD5OfMessageBody": md5(body) })
}

pub(super) fn sent_batch(entries: &[BatchEntry], ids: &[Uuid]) -> Value {
    let successful: Vec<Value> = entries
        .iter()
        .zip(ids)
        .map(|(entry, id)| {
            json!({
                "Id": entry.id,
                "MessageId": id,
                "MD5OfMessageBody": md5(&entry.entry.body),
            })
        })
        .collect();
    json!({ "Successful": successful, "Failed": [] })
}

pub(super) fn deleted(entries: &[DeleteEntry]) -> Value {
    let successful: Vec<Value> = entries.iter().map(|entry| json!({ "Id": entry.id })).collect();
    json!({ "Successful": successful, "Failed": [] })
}

/// All attributes are told, as a Lambda event source asks for.
pub(super) fn received(messages: &[Message]) -> Value {
    if messages.is_empty() {
        return nothing();
    }
    json!({ "Messages": messages.iter().map(message).collect::<Vec<_>>() })
}

fn message(message: &Message) -> Value {
    let mut attributes = Map::new();
    let mut tell = |name: &str, value: String| attributes.insert(name.to_owned(), json!(value));
    tell("ApproximateReceiveCount", message.receives.to_string());
    tell("SenderId", SENDER.to_owned());
    tell("SentTimestamp", milliseconds(message.sent_at));
    if let Some(at) = message.first_received_at {
        tell("ApproximateFirstReceiveTimestamp", milliseconds(at));
    }
    if let Some(group) = &message.group {
        tell("MessageGroupId", group.clone());
    }
    json!({
        "MessageId": message.id,
        "ReceiptHandle": message.receipt,
        "MD5OfBody": md5(&message.body),
        "Body": message.body,
        "Attributes": attributes,
    })
}

fn milliseconds(at: SystemTime) -> String {
    at.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis().to_string()
}

fn md5(body: &str) -> String {
    Md5::digest(body).iter().map(|byte| format!("{byte:02x}")).collect()
}
