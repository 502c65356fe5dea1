//! The queue of deliveries. A message is a hint with ids; the delivery item is the truth.

use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use model::ids::{DeliveryId, TenantId};
use serde::{Deserialize, Serialize};

use crate::queue::{QueueError, queue_error};

/// One call takes at most so many messages.
const BATCH_MAX: usize = 10;

/// What a message says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deliver {
    /// Whose delivery.
    pub tenant: TenantId,
    /// Which delivery.
    pub delivery: DeliveryId,
}

/// The queue of deliveries.
#[derive(Debug, Clone)]
pub struct DeliveryQueue {
    client: aws_sdk_sqs::Client,
    url: String,
}

impl DeliveryQueue {
    /// A queue by its URL.
    #[must_use]
    pub fn new(client: aws_sdk_sqs::Client, url: String) -> Self {
        Self { client, url }
    }

    /// Sends messages. The tenant is the message group: fairness between tenants, not order.
    ///
    /// # Errors
    /// [`QueueError`] when the queue does not take all of them; the sweeper will send them again.
    pub async fn send(&self, messages: &[Deliver]) -> Result<(), QueueError> {
        for batch in messages.chunks(BATCH_MAX) {
            let mut call = self.client.send_message_batch().queue_url(&self.url);
            for (n, message) in batch.iter().enumerate() {
                let body = serde_json::to_string(message).expect("two ids serialize");
                let entry = SendMessageBatchRequestEntry::builder()
                    .id(n.to_string())
                    .message_body(body)
                    .message_group_id(message.tenant.to_string());
                call = call.entries(entry.build().expect("an entry with id and body is whole"));
            }
            let sent = call.send().await.map_err(|e| queue_error("SendMessageBatch", &e))?;
            if let Some(failed) = sent.failed().first() {
                return Err(QueueError::new(&format!("SendMessageBatch: {}", failed.code())));
            }
        }
        Ok(())
    }

    /// Makes a received message visible again after `seconds`.
    ///
    /// # Errors
    /// [`QueueError`] when the queue refuses; the message then waits its full visibility time-out.
    pub async fn retry_after(&self, receipt: &str, seconds: i32) -> Result<(), QueueError> {
        let call = self.client.change_message_visibility().queue_url(&self.url);
        let call = call.receipt_handle(receipt).visibility_timeout(seconds);
        call.send().await.map(|_| ()).map_err(|e| queue_error("ChangeMessageVisibility", &e))
    }
}
