//! The engine of the local process, with toy functions: what it declares, brings and answers.

mod built_in;
mod clock;
mod filters;
mod gateway;
mod queues;
mod routes;
mod socket;
mod streams;
mod tables;
mod template;

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use countersign::{Background, Functions, InvokeError, Invoker, Options, System};
use serde_json::Value;

/// A system that takes no step by itself, in memory.
async fn start(template: &str, functions: Functions) -> System {
    let started = System::start_with(template, stepping(), functions).await;
    started.expect("the toy template is right")
}

fn stepping() -> Options {
    Options { background: Background::Step, ..Options::default() }
}

/// A function that answers at once.
fn answering<F>(answer: F) -> Invoker
where
    F: Fn(Value) -> Result<Value, InvokeError> + Send + Sync + 'static,
{
    let answer = Arc::new(answer);
    Arc::new(move |event| {
        let answer = Arc::clone(&answer);
        Box::pin(async move { answer(event) })
    })
}

/// One function of that name.
fn one<F>(binary: &str, answer: F) -> Functions
where
    F: Fn(Value) -> Result<Value, InvokeError> + Send + Sync + 'static,
{
    let invoker = answering(answer);
    Functions::new().with(binary, move |_, _| Ok(invoker))
}

/// What a toy function was called with, in order.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<Value>>>);

impl Seen {
    fn push(&self, event: Value) {
        self.0.lock().expect("no toy panics").push(event);
    }

    fn take(&self) -> Vec<Value> {
        std::mem::take(&mut *self.0.lock().expect("no toy panics"))
    }
}

/// A directory of its own, removed at the end.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Self {
        let name = format!("countersign-test-{}", uuid::Uuid::new_v4().simple());
        Self(std::env::temp_dir().join(name))
    }

    fn options(&self) -> Options {
        Options { data_dir: Some(self.0.clone()), ..stepping() }
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        // What was never made cannot be removed, and that is fine.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
