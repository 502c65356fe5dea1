//! Queues of the template.

use serde::Deserialize;

use super::Resource;
use super::scope::{ACCOUNT, REGION, arn};

/// A queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queue {
    /// Its logical id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its URL.
    pub url: String,
    /// Its ARN.
    pub arn: String,
    /// How long a received message stays unseen, in seconds.
    pub visibility_s: u64,
    /// How long a message is kept, in seconds.
    pub retention_s: u64,
    /// How long a new message stays unseen, in seconds.
    pub delay_s: u64,
    /// Where messages go that were received too often.
    pub redrive: Option<Redrive>,
}

/// Where messages go that were received too often.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Redrive {
    /// The queue of dead letters.
    #[serde(rename = "deadLetterTargetArn")]
    pub target_arn: String,
    /// How often a message may be received.
    #[serde(rename = "maxReceiveCount")]
    pub receives_max: u32,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Properties {
    queue_name: Option<String>,
    visibility_timeout: Option<u64>,
    message_retention_period: Option<u64>,
    delay_seconds: Option<u64>,
    redrive_policy: Option<Redrive>,
    #[serde(default)]
    fifo_queue: bool,
}

/// As on AWS where nothing is said.
const VISIBILITY_S_DEFAULT: u64 = 30;
/// As on AWS where nothing is said.
const RETENTION_S_DEFAULT: u64 = 345_600;

pub(super) fn references(name: String) -> (String, Vec<(&'static str, String)>) {
    let attributes = vec![("Arn", arn("sqs", &name)), ("QueueName", name.clone())];
    (url(&name), attributes)
}

fn url(name: &str) -> String {
    format!("https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}")
}

pub(super) fn read(resource: &Resource) -> Result<Queue, String> {
    let declared = Properties::deserialize(&resource.properties).map_err(|e| e.to_string())?;
    if declared.fifo_queue {
        return Err("FIFO queues are not run here".to_owned());
    }
    let name = declared.queue_name.unwrap_or_else(|| resource.id.clone());
    Ok(Queue {
        id: resource.id.clone(),
        url: url(&name),
        arn: arn("sqs", &name),
        name,
        visibility_s: declared.visibility_timeout.unwrap_or(VISIBILITY_S_DEFAULT),
        retention_s: declared.message_retention_period.unwrap_or(RETENTION_S_DEFAULT),
        delay_s: declared.delay_seconds.unwrap_or_default(),
        redrive: declared.redrive_policy,
    })
}
