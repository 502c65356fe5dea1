//! Measurements as lines that CloudWatch reads: the embedded metric format.
//!
//! Source: Amazon CloudWatch user guide, "Specification: Embedded metric format".

use std::fmt::Debug;
use std::io::Write;
use std::sync::Mutex;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

const NAMESPACE: &str = "Countersign";

/// Writes every event of the target [`cloud::metrics::TARGET`] as one line.
pub struct Metrics<W> {
    stack: String,
    into: Mutex<W>,
}

impl<W: Write> Metrics<W> {
    /// Measurements of the stack called `stack`.
    pub fn new(stack: String, into: W) -> Self {
        Self { stack, into: Mutex::new(into) }
    }
}

impl<S: Subscriber, W: Write + Send + 'static> Layer<S> for Metrics<W> {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() != cloud::metrics::TARGET {
            return;
        }
        let mut measured = Measured::default();
        event.record(&mut measured);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let at_ms = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
        let line = measured.line(&self.stack, at_ms);
        if let Ok(mut into) = self.into.lock() {
            // A line that cannot be written is lost, and a function is not.
            let _ = writeln!(into, "{line}");
        }
    }
}

#[derive(Default)]
struct Measured {
    metric: String,
    unit: String,
    outcome: Option<String>,
    value: Value,
}

impl Measured {
    fn line(self, stack: &str, at_ms: u64) -> Value {
        let mut dimensions = vec![vec!["Stack"]];
        let mut members =
            Map::from_iter([("Stack".to_owned(), json!(stack)), (self.metric.clone(), self.value)]);
        if let Some(outcome) = self.outcome {
            dimensions.push(vec!["Stack", "Outcome"]);
            members.insert("Outcome".to_owned(), json!(outcome));
        }
        let about = json!({
            "Timestamp": at_ms,
            "CloudWatchMetrics": [{
                "Namespace": NAMESPACE,
                "Dimensions": dimensions,
                "Metrics": [{ "Name": self.metric, "Unit": self.unit }],
            }],
        });
        members.insert("_aws".to_owned(), about);
        Value::Object(members)
    }
}

impl Visit for Measured {
    fn record_f64(&mut self, _: &Field, value: f64) {
        self.value = json!(value);
    }

    fn record_u64(&mut self, _: &Field, value: u64) {
        self.value = json!(value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "metric" => value.clone_into(&mut self.metric),
            "unit" => value.clone_into(&mut self.unit),
            "outcome" => self.outcome = Some(value.to_owned()),
            _ => {}
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}
