//! The queue of deliveries: one message, one try.
//!
//! The delivery says where it stands; the message only says which delivery. What is due within a
//! quarter of an hour keeps its message out of sight until then; what is due later waits in the
//! table. Nothing is ever sent to the queue that is read here.

use cloud::{Deliver, StoreError};
use jiff::SignedDuration;
use runtime::{App, Attempted, Function, Message, Outcome};

/// The function.
pub const FUNCTION: Function = Function::QueueAtOnce(|app, message| Box::pin(handle(app, message)));

/// Works off one message.
pub async fn handle(app: &App, message: Message) -> Outcome {
    let Ok(job) = serde_json::from_str::<Deliver>(&message.body) else {
        tracing::error!("a message is not ours");
        return Outcome::Again { after_s: None };
    };
    match attempt(app, job).await {
        Ok(Attempted::Done) => Outcome::Done,
        Ok(Attempted::Later(wait)) => Outcome::Again { after_s: Some(seconds(wait)) },
        Err(error) => {
            tracing::warn!(delivery.id = %job.delivery, error = %error, "again later");
            Outcome::Again { after_s: None }
        }
    }
}

async fn attempt(app: &App, job: Deliver) -> Result<Attempted, StoreError> {
    match app.table.enter(job.tenant).await? {
        Some(entered) => app.attempt(&entered, job.delivery).await,
        None => Ok(Attempted::Done),
    }
}

/// Rounded up: a message that comes early is only hidden again.
fn seconds(wait: SignedDuration) -> i32 {
    let up = wait.as_secs() + i64::from(wait.subsec_nanos() > 0);
    i32::try_from(up).unwrap_or(i32::MAX)
}
