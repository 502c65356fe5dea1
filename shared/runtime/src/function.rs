//! A function: one handler of one kind, served by Lambda or called with an event.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Instant;

use cloud::Clients;
use lambda_http::Adapter;
use lambda_runtime::tower::Service as _;
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::Value;
use wire::Problem;

use crate::app::{Ambient, App};
use crate::config::Config;
use crate::http::{self, Request, Response};
use crate::limits::Remaining;
use crate::place::{Placed, Vars};
use crate::queue::{self, Message, Outcome};
use crate::routing;
use crate::stream::{self, Change};

/// A future whose code is compiled where it is made, and not again in each crate that polls it.
pub(crate) type Future<'a, T> = Pin<Box<dyn std::future::Future<Output = T> + Send + 'a>>;

/// A handler of HTTP requests over some state.
pub type Handler<S> = for<'a> fn(&'a S, Request) -> Future<'a, Result<Response, Problem>>;
/// A handler of one queue message.
pub type QueueHandler = for<'a> fn(&'a App, Message) -> Future<'a, Outcome>;
/// A handler of a table's changes, all of one batch; answers the numbers of those that failed.
pub type StreamHandler = for<'a> fn(&'a App, Vec<Change>) -> Future<'a, Vec<String>>;
/// A handler of a scheduled moment.
pub type ScheduleHandler = for<'a> fn(&'a App) -> Future<'a, Result<Value, Problem>>;

/// What a function does with its events.
#[derive(Debug, Clone, Copy)]
pub enum Function {
    /// Answers HTTP requests.
    Http(Handler<App>),
    /// Works off a queue, one message after the other.
    Queue(QueueHandler),
    /// Works off a queue, the messages of a batch at once.
    QueueAtOnce(QueueHandler),
    /// Follows a table's changes.
    Stream(StreamHandler),
    /// Wakes up by the clock.
    Schedule(ScheduleHandler),
}

/// Serves a function on AWS: reads the environment, builds the clients once, and loops.
///
/// # Errors
/// What keeps the function from starting, or what the runtime ended with.
pub fn run(
    function: Function,
) -> Pin<Box<dyn std::future::Future<Output = Result<(), lambda_runtime::Error>>>> {
    Box::pin(serve_events(function))
}

async fn serve_events(function: Function) -> Result<(), lambda_runtime::Error> {
    crate::logs::start();
    crate::tokens::self_test()?;
    let clients = Clients::from_vars(|name| std::env::var(name).ok())?;
    let apps = Placed::new(move |var| {
        let config = Config::from_vars(var).map_err(|error| error.to_string())?;
        App::new(config, clients.clone(), Ambient::default())
    })?;
    let apps = Arc::new(apps);
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| {
        let apps = Arc::clone(&apps);
        async move {
            let app = apps.at(&event.payload)?;
            invoke(function, &app, event).await.map_err(lambda_runtime::Error::from)
        }
    }))
    .await
}

/// Serves an HTTP handler on AWS over a state of its own, made from environment variables.
///
/// # Errors
/// What keeps the state from being made, or what the runtime ended with.
pub async fn run_http<S: Send + Sync + 'static>(
    handler: Handler<S>,
    make: impl Fn(&Vars<'_>) -> Result<S, String> + Send + Sync + 'static,
) -> Result<(), lambda_runtime::Error> {
    crate::logs::start();
    let states = Arc::new(Placed::new(make)?);
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| {
        let states = Arc::clone(&states);
        async move {
            let state = states.at(&event.payload)?;
            invoke_http(handler, &state, event).await.map_err(lambda_runtime::Error::from)
        }
    }))
    .await
}

/// Calls a function with one event, as Lambda does.
///
/// # Errors
/// The text that Lambda would report as the function's error.
pub fn invoke(
    function: Function,
    app: &Arc<App>,
    event: LambdaEvent<Value>,
) -> Future<'_, Result<Value, String>> {
    Box::pin(called(function, app, event))
}

async fn called(
    function: Function,
    app: &Arc<App>,
    event: LambdaEvent<Value>,
) -> Result<Value, String> {
    match function {
        Function::Http(handler) => serve(handler, routing::below, app, event).await,
        Function::Queue(handler) => queue::batch(app, handler, &event.payload).await,
        Function::QueueAtOnce(handler) => queue::batch_at_once(app, handler, &event.payload).await,
        Function::Stream(handler) => stream::batch(app, handler, &event.payload).await,
        Function::Schedule(handler) => handler(app).await.map_err(|problem| {
            let error = problem.internal_message();
            tracing::error!(problem = problem.name(), error, "failed");
            problem.name().to_owned()
        }),
    }
}

/// Calls an HTTP handler with one API Gateway event.
///
/// # Errors
/// The event is none of API Gateway's.
pub async fn invoke_http<S: Send + Sync + 'static>(
    handler: Handler<S>,
    state: &Arc<S>,
    event: LambdaEvent<Value>,
) -> Result<Value, String> {
    serve(handler, |_| None, state, event).await
}

/// Why a request is refused before any handler sees it.
type Refuse = fn(&Request) -> Option<Problem>;

async fn serve<S: Send + Sync + 'static>(
    handler: Handler<S>,
    refuse: Refuse,
    state: &Arc<S>,
    event: LambdaEvent<Value>,
) -> Result<Value, String> {
    let request_id = event.context.request_id.clone();
    let payload = serde_json::from_value(event.payload).map_err(|error| error.to_string())?;
    let state = Arc::clone(state);
    let mut service = Adapter::from(service_fn(move |request: Request| {
        let (state, request_id) = (Arc::clone(&state), request_id.clone());
        async move {
            let answer = answer(handler, refuse, &*state, request, &request_id).await;
            Ok::<_, lambda_runtime::Error>(answer)
        }
    }));
    let answered = service.call(LambdaEvent::new(payload, event.context)).await;
    let answered = answered.map_err(|error| error.to_string())?;
    serde_json::to_value(answered).map_err(|error| error.to_string())
}

/// Answers every request, also the refused ones, and logs it once.
async fn answer<S>(
    handler: Handler<S>,
    refuse: Refuse,
    state: &S,
    mut request: Request,
    request_id: &str,
) -> Response {
    let began = Instant::now();
    let method = request.method().clone();
    let remaining = Remaining::default();
    request.extensions_mut().insert(remaining.clone());
    let answered = match refuse(&request) {
        Some(refusal) => Err(refusal),
        None => handler(state, request).await,
    };
    let problem = answered.as_ref().err().map(Problem::name);
    let internal = answered.as_ref().err().and_then(Problem::internal_message).map(str::to_owned);
    let mut response = answered.unwrap_or_else(|problem| http::problem(&problem, request_id));
    if let Some(left) = remaining.take() {
        response.headers_mut().extend(left.headers());
    }
    if let Ok(id) = request_id.parse() {
        response.headers_mut().insert("x-request-id", id);
    }
    let (status, duration_ms) = (response.status().as_u16(), began.elapsed().as_millis());
    match internal {
        Some(error) => {
            tracing::error!(http.method = %method, http.status = status, http.duration_ms = duration_ms, request.id = request_id, problem, error, "failed");
        }
        None => {
            tracing::info!(http.method = %method, http.status = status, http.duration_ms = duration_ms, request.id = request_id, problem, "answered");
        }
    }
    response
}
