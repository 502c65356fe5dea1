//! Makes queues as the template declares them.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::DisplayErrorContext;
use aws_sdk_sqs::types::QueueAttributeName as Name;
use serde_json::json;

use super::StackError;
use crate::template::Queue;

/// Dead letters first: a queue's policy names theirs.
pub(super) async fn make_all(client: &Client, queues: &[Queue]) -> Result<(), StackError> {
    let (ends, others): (Vec<&Queue>, _) = queues.iter().partition(|one| one.redrive.is_none());
    for queue in ends.into_iter().chain(others) {
        make(client, queue)
            .await
            .map_err(|reason| StackError::Queue { queue: queue.id.clone(), reason })?;
    }
    Ok(())
}

async fn make(client: &Client, queue: &Queue) -> Result<(), String> {
    let mut call = client
        .create_queue()
        .queue_name(&queue.name)
        .attributes(Name::VisibilityTimeout, queue.visibility_s.to_string())
        .attributes(Name::MessageRetentionPeriod, queue.retention_s.to_string())
        .attributes(Name::DelaySeconds, queue.delay_s.to_string());
    if let Some(redrive) = &queue.redrive {
        let policy = json!({
            "deadLetterTargetArn": redrive.target_arn,
            "maxReceiveCount": redrive.receives_max,
        });
        call = call.attributes(Name::RedrivePolicy, policy.to_string());
    }
    let made = call.send().await.map_err(|error| DisplayErrorContext(error).to_string())?;
    match made.queue_url {
        Some(url) if url == queue.url => Ok(()),
        _ => Err("it was made under another URL".to_owned()),
    }
}
