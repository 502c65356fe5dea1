//! The services of AWS that this process runs itself, as their wire protocols: the name of an
//! operation and a JSON body in, a status and a JSON body out.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;

use super::queues::Queues;
use super::store::Store;

const DYNAMODB: &str = "DynamoDB_20120810.";
const SQS: &str = "AmazonSQS.";

/// The answer to one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The JSON body.
    pub body: Bytes,
    /// The header [`QUERY_ERROR`], by which SQS's clients know errors.
    pub query_error: Option<Cow<'static, str>>,
}

/// The header that names an error as SQS's older protocol did (Smithy, awsQueryCompatible).
pub(super) const QUERY_ERROR: &str = "x-amzn-query-error";

impl Answer {
    pub(crate) fn new(status: u16, body: impl Into<Bytes>) -> Self {
        Self { status, body: body.into(), query_error: None }
    }
}

/// The database and the queues. Clones share them.
#[derive(Debug, Clone)]
pub struct Backend {
    pub(crate) store: Store,
    pub(crate) queues: Arc<Queues>,
}

impl Backend {
    /// Answers one request. `target` is the value of the header `X-Amz-Target`, as in AWS JSON 1.0.
    pub async fn call(&self, target: &str, body: Bytes) -> Answer {
        if let Some(operation) = target.strip_prefix(DYNAMODB) {
            return self.store.call(operation.to_owned(), body).await;
        }
        match target.strip_prefix(SQS) {
            Some(operation) => self.queues.call(operation, &body).await,
            None => Answer::new(404, "{}"),
        }
    }
}
