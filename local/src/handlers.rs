//! Which handler answers for which executable: the same constants that run on AWS.

use std::sync::Arc;

use cloud::Shelf;
use lambda_runtime::{Context, LambdaEvent};
use runtime::{Ambient, App, Config};
use sandbox_bank::Sandbox;
use serde_json::Value;

use crate::function::{Functions, InvokeError, Invoker};
use crate::stack::Clients;
use crate::template::{Function, Template};

/// The handlers of the product by executable; the sandbox bank is somebody else's.
const PRODUCT: &[(&str, runtime::Function)] = &[
    ("auth", auth::FUNCTION),
    ("auth_worker", auth_worker::FUNCTION),
    ("bank_callback", bank_callback::FUNCTION),
    ("bank_data", bank_data::FUNCTION),
    ("banks", bank_directory::FUNCTION),
    ("create_session", create_session::FUNCTION),
    ("decision", decision::FUNCTION),
    ("fallback", fallback::FUNCTION),
    ("events", events::FUNCTION),
    ("link", link::FUNCTION),
    ("list_sessions", list_sessions::FUNCTION),
    ("persons", persons::FUNCTION),
    ("session", session::FUNCTION),
    ("subjects", subjects::FUNCTION),
    ("sweeper", sweeper::FUNCTION),
    ("token", token::FUNCTION),
    ("webhook_delivery", webhook_delivery::FUNCTION),
    ("webhook_endpoints", webhook_endpoints::FUNCTION),
    ("webhook_fanout", webhook_fanout::FUNCTION),
];
const SANDBOX: &str = "sandbox_bank";

/// The executables that have a handler.
pub fn binaries() -> impl Iterator<Item = &'static str> {
    PRODUCT.iter().map(|(binary, _)| *binary).chain([SANDBOX])
}

/// All handlers, over one clock and one source of randomness.
#[must_use]
pub fn functions(ambient: &Ambient) -> Functions {
    binaries().fold(Functions::new(), |functions, binary| {
        let ambient = ambient.clone();
        functions.with(binary, move |declared, clients| invoker(declared, clients, &ambient))
    })
}

/// What answers for a function of the template: called with a whole Lambda event.
///
/// # Errors
/// There is no such handler, or its environment is not what it needs.
pub fn invoker(
    declared: &Function,
    clients: &Clients,
    ambient: &Ambient,
) -> Result<Invoker, String> {
    if declared.binary == SANDBOX {
        return sandbox(declared, clients, ambient);
    }
    invoker_over(&declared.binary, app(declared, clients, ambient)?)
}

/// What answers for a function of the product, over an app of the caller's.
///
/// # Errors
/// There is no such handler.
pub fn invoker_over(binary: &str, app: App) -> Result<Invoker, String> {
    let found = PRODUCT.iter().find(|(known, _)| *known == binary);
    let (_, function) = *found.ok_or_else(|| format!("no handler is called {binary}"))?;
    let app = Arc::new(app);
    Ok(Arc::new(move |event| {
        let app = Arc::clone(&app);
        Box::pin(async move {
            let answer = runtime::invoke(function, &app, called(event)).await;
            answer.map_err(InvokeError::Failed)
        })
    }))
}

/// An app with exactly the environment that the template gives the function.
///
/// # Errors
/// A variable is missing or wrong, or the master key cannot be had.
pub fn app(declared: &Function, clients: &Clients, ambient: &Ambient) -> Result<App, String> {
    let config = Config::from_vars(|name| declared.environment.get(name).cloned());
    let config = config.map_err(|error| error.to_string())?;
    let clients = runtime::Clients {
        dynamodb: clients.dynamodb.clone(),
        sqs: clients.sqs.clone(),
        kms: None,
    };
    App::new(config, clients, ambient.clone())
}

fn sandbox(declared: &Function, clients: &Clients, ambient: &Ambient) -> Result<Invoker, String> {
    let var =
        |name: &str| declared.environment.get(name).cloned().ok_or(format!("{name} is missing"));
    let shelf = Shelf::new(clients.dynamodb.clone(), var("SANDBOX_TABLE_NAME")?);
    let base = runtime::sandbox_bank(&var("PUBLIC_URL")?, &var("SANDBOX_BANK_URL")?);
    let base = base.map_err(|error| error.to_string())?;
    let (clock, entropy) = (Arc::clone(&ambient.clock), Arc::clone(&ambient.entropy));
    let bank = Arc::new(Sandbox::new(shelf, clock, entropy, base));
    Ok(Arc::new(move |event| {
        let bank = Arc::clone(&bank);
        Box::pin(async move {
            let answer = runtime::invoke_http(sandbox_bank::HANDLER, &bank, called(event)).await;
            answer.map_err(InvokeError::Failed)
        })
    }))
}

/// The event with the context that Lambda would give it.
fn called(event: Value) -> LambdaEvent<Value> {
    let mut context = Context::default();
    let id = event["requestContext"]["requestId"].as_str();
    context.request_id = id.map_or_else(|| uuid::Uuid::new_v4().to_string(), str::to_owned);
    LambdaEvent::new(event, context)
}

/// An app for the operator's own commands, with the environment of the function that also makes keys.
///
/// # Errors
/// The template lacks the function, or the master key cannot be had.
pub fn operator(template: &Template, clients: &Clients, ambient: &Ambient) -> Result<App, String> {
    let token = template.functions.iter().find(|function| function.binary == "token");
    app(token.ok_or("the template declares no token function")?, clients, ambient)
}
