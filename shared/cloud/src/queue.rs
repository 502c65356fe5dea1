//! The queue of bank callbacks. A message is a hint with ids; the session item is the truth.

use aws_sdk_sqs::error::ProvideErrorMetadata;
use model::ids::{SessionId, TenantId};
use serde::{Deserialize, Serialize};

/// What a message says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadBank {
    /// Whose session.
    pub tenant: TenantId,
    /// Which session.
    pub session: SessionId,
}

/// The queue did not take or change a message.
#[derive(Debug, thiserror::Error)]
#[error("queue: {0}")]
pub struct QueueError(String);

impl QueueError {
    pub(crate) fn new(what: &str) -> Self {
        Self(what.to_owned())
    }
}

/// The callback queue.
#[derive(Debug, Clone)]
pub struct CallbackQueue {
    client: aws_sdk_sqs::Client,
    url: String,
}

impl CallbackQueue {
    /// A queue by its URL.
    #[must_use]
    pub fn new(client: aws_sdk_sqs::Client, url: String) -> Self {
        Self { client, url }
    }

    /// Sends a message. The tenant is the message group: fairness between tenants, not order.
    ///
    /// # Errors
    /// [`QueueError`] when the queue does not take it; the sweeper will send it again.
    pub async fn send(&self, message: ReadBank) -> Result<(), QueueError> {
        let body = serde_json::to_string(&message).expect("two ids serialize");
        let call = self.client.send_message().queue_url(&self.url).message_body(body);
        let call = call.message_group_id(message.tenant.to_string());
        call.send().await.map(|_| ()).map_err(|e| queue_error("SendMessage", &e))
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

pub(crate) fn queue_error<E: ProvideErrorMetadata, R>(
    operation: &str,
    error: &aws_sdk_sqs::error::SdkError<E, R>,
) -> QueueError {
    let code = error.as_service_error().and_then(ProvideErrorMetadata::code);
    QueueError(format!("{operation}: {}", code.unwrap_or("no answer")))
}
