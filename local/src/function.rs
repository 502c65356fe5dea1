//! Functions as this process calls them: a whole Lambda event in, Lambda's answer out.
//!
//! Keeps true: a call ends in time or is given up; a panic ends one call, never the process; a
//! caller that goes away does not stop a call that has begun, as on Lambda. No call outlives the
//! system.

use std::collections::BTreeMap;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use serde_json::Value;
use tokio::sync::watch;

use crate::stack::Clients;
use crate::template::{Function, Template};

/// The answer to one call.
pub type Answer = Pin<Box<dyn Future<Output = Result<Value, InvokeError>> + Send>>;
/// Something that answers calls.
pub type Invoker = Arc<dyn Fn(Value) -> Answer + Send + Sync>;
/// Makes an invoker, given the function as the template declares it and the clients to use.
type Maker = Box<dyn FnOnce(&Function, &Clients) -> Result<Invoker, String> + Send>;

/// Why a call has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvokeError {
    /// The function said so.
    #[error("the function failed: {0}")]
    Failed(String),
    /// It panicked.
    #[error("the function panicked")]
    Panicked,
    /// It took longer than its time-out.
    #[error("the function took longer than {timeout_s} s")]
    TimedOut {
        /// Its time-out in seconds.
        timeout_s: u64,
    },
    /// The process stopped before it ended.
    #[error("the process stopped")]
    Stopped,
}

/// The handlers, by the name of their executable.
#[derive(Default)]
pub struct Functions(BTreeMap<String, Maker>);

impl fmt::Debug for Functions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// Template and handlers do not agree.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FunctionError {
    /// A function has no handler.
    #[error("{function} runs {binary}, and no handler has that name")]
    Unhandled {
        /// Its logical id.
        function: String,
        /// Its executable.
        binary: String,
    },
    /// A handler has no function.
    #[error("no function of template.yaml runs the handler {0}")]
    Undeclared(String),
    /// A handler could not be made.
    #[error("{function} cannot start: {reason}")]
    Start {
        /// Its logical id.
        function: String,
        /// What its maker said.
        reason: String,
    },
}

impl Functions {
    /// No functions.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a handler under the name of its executable.
    #[must_use]
    pub fn with<M>(mut self, binary: &str, maker: M) -> Self
    where
        M: FnOnce(&Function, &Clients) -> Result<Invoker, String> + Send + 'static,
    {
        self.0.insert(binary.to_owned(), Box::new(maker));
        self
    }

    /// Makes every function that the template declares.
    pub(crate) fn start(
        mut self,
        template: &Template,
        clients: &Clients,
        cut: &watch::Receiver<bool>,
    ) -> Result<Vec<Arc<Running>>, FunctionError> {
        let mut running = Vec::new();
        for function in &template.functions {
            let maker = self.0.remove(&function.binary);
            let maker = maker.ok_or_else(|| FunctionError::Unhandled {
                function: function.id.clone(),
                binary: function.binary.clone(),
            })?;
            let invoker = maker(function, clients)
                .map_err(|reason| FunctionError::Start { function: function.id.clone(), reason })?;
            let (function, cut) = (function.clone(), cut.clone());
            running.push(Arc::new(Running { function, invoker, cut }));
        }
        let mut rest = self.0.into_keys();
        match rest.find(|binary| !template.left_out.contains(binary)) {
            Some(binary) => Err(FunctionError::Undeclared(binary)),
            None => Ok(running),
        }
    }
}

/// A function that takes calls.
pub(crate) struct Running {
    pub(crate) function: Function,
    invoker: Invoker,
    /// Becomes true, or loses its sender, when calls under way must end.
    cut: watch::Receiver<bool>,
}

impl Running {
    /// Calls the function once.
    pub(crate) async fn call(&self, event: Value) -> Result<Value, InvokeError> {
        let invoker = Arc::clone(&self.invoker);
        let timeout = self.function.timeout;
        let mut cut = self.cut.clone();
        let called = tokio::spawn(async move {
            tokio::select! {
                answer = tokio::time::timeout(timeout, invoker(event)) => answer
                    .unwrap_or(Err(InvokeError::TimedOut { timeout_s: timeout.as_secs() })),
                _ = cut.wait_for(|cut| *cut) => Err(InvokeError::Stopped),
            }
        });
        let answer = called.await.unwrap_or(Err(InvokeError::Panicked));
        if let Err(error) = &answer {
            tracing::error!(function.id = self.function.id, error = %error, "call failed");
        }
        answer
    }
}
