//! The clock: calls a function at a fixed rate.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use crate::function::{InvokeError, Running};
use crate::template::{ACCOUNT, REGION, ScheduleSource, Scheduler};

/// A function that the clock calls.
pub(crate) struct ClockSource {
    pub(crate) source: ScheduleSource,
    pub(crate) function: Arc<Running>,
}

impl ClockSource {
    /// Calls the function now.
    pub(crate) async fn tick(&self) -> Result<Value, InvokeError> {
        self.function.call(event(&self.source)).await
    }

    /// Calls it at once, and then at its rate: what was under way when the process ended is then
    /// taken up without waiting.
    pub(crate) async fn run(self: Arc<Self>, mut stopped: watch::Receiver<bool>) {
        let mut ticks = tokio::time::interval(self.source.every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                _ = stopped.wait_for(|stopped| *stopped) => break,
            }
            // A failed call was logged; the next one does the same work.
            let _ = self.tick().await;
        }
    }
}

fn event(source: &ScheduleSource) -> Value {
    let now = Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let (caller, detail) = match source.scheduler {
        Scheduler::Rule => ("aws.events", json!({})),
        Scheduler::Scheduler => ("aws.scheduler", json!("{}")),
    };
    json!({
        "version": "0",
        "id": uuid::Uuid::new_v4().to_string(),
        "detail-type": "Scheduled Event",
        "source": caller,
        "account": ACCOUNT,
        "time": now,
        "region": REGION,
        "resources": [source.arn],
        "detail": detail,
    })
}
