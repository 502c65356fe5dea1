//! Round trips to the table, counted where they happen, against the budget of each route.

use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::config::interceptors::BeforeTransmitInterceptorContextRef;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use countersign::{Clients, Function};
use lambda_runtime::{Context, LambdaEvent};
use runtime::App;
use serde_json::{Value, json};

use crate::events::cast::Cast;
use crate::support::World;

/// Notes the operation and the table of every request that leaves.
#[derive(Debug, Clone, Default)]
struct Counter(Arc<Mutex<Vec<String>>>);

impl Intercept for Counter {
    fn name(&self) -> &'static str {
        "counter"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let target = context.request().headers().get("x-amz-target").unwrap_or_default();
        let body = context.request().body().bytes().unwrap_or_default();
        let body = String::from_utf8_lossy(body);
        let table = match (body.contains("\"KeysTable\""), body.contains("\"Table\"")) {
            (true, true) => "both",
            (true, false) => "keys",
            _ => "table",
        };
        let operation = target.rsplit('.').next().unwrap_or_default();
        self.0.lock().expect("no panic here").push(format!("{operation} {table}"));
        Ok(())
    }
}

impl Counter {
    /// What was asked since the last time.
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().expect("no panic here"))
    }
}

/// One warm function with its own counted client.
struct Warm {
    app: Arc<App>,
    function: runtime::Function,
    counter: Counter,
}

impl Warm {
    fn new(world: &World, binary: &str, function: runtime::Function) -> Self {
        let counter = Counter::default();
        let config = world.system.clients().dynamodb.config().to_builder();
        let config = config.interceptor(counter.clone()).build();
        let clients = Clients {
            dynamodb: aws_sdk_dynamodb::Client::from_conf(config),
            sqs: world.system.clients().sqs.clone(),
        };
        let functions = &world.system.template().functions;
        let declared: &Function = functions.iter().find(|f| f.binary == binary).expect("declared");
        let app = countersign::handlers::app(declared, &clients, &world.ambient).expect("an app");
        Self { app: Arc::new(app), function, counter }
    }

    async fn call(&self, event: Value) -> (Value, Vec<String>) {
        self.counter.take();
        let event = LambdaEvent::new(event, Context::default());
        let answer = runtime::invoke(self.function, &self.app, event).await.expect("answered");
        (answer, self.counter.take())
    }
}

/// An API Gateway event with the tenant's key.
pub fn event(world: &World, method: &str, path: &str, parameters: Value, body: &Value) -> Value {
    json!({
        "version": "2.0",
        "routeKey": format!("{method} {path}"),
        "rawPath": path,
        "rawQueryString": "",
        "headers": { "x-api-key": world.key(), "content-type": "application/json" },
        "pathParameters": parameters,
        "requestContext": {
            "accountId": "123456789012", "apiId": "local", "stage": "$default",
            "http": { "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1" },
            "time": "02/Mar/2026:09:00:00 +0000", "timeEpoch": 1_772_442_000_000_u64,
        },
        "body": if body.is_null() { Value::Null } else { Value::String(body.to_string()) },
        "isBase64Encoded": false,
    })
}

fn body(answer: &Value) -> Value {
    serde_json::from_str(answer["body"].as_str().unwrap_or("null")).unwrap_or_default()
}

#[tokio::test]
async fn routes_stay_within_their_budget() {
    let world = World::new().await;
    let mut seen = String::new();
    let mut note = |route: &str, calls: Vec<String>| {
        seen.push_str(&format!("{route:<34}{}\n", calls.join(", ")));
    };
    let create = Warm::new(&world, "create_session", create_session::FUNCTION);
    let path = "/api/service/data/session/create";
    for (n, title) in ["create, cold", "create, another person", "create, the same person"]
        .into_iter()
        .enumerate()
    {
        let email = if n == 1 { "second@example.com" } else { "first@example.com" };
        let asked = json!({ "referenceId": format!("r{n}"), "externalUser": { "email": email } });
        let (answer, calls) = create.call(event(&world, "POST", path, json!({}), &asked)).await;
        assert_eq!(answer["statusCode"], 200, "{answer}");
        note(title, calls);
    }
    let asked = json!({ "scope": "names", "vendor_data": "user-9" });
    let (answer, _) =
        create.call(event(&world, "POST", "/auth/v2/session/", json!({}), &asked)).await;
    let id = body(&answer)["session_id"].clone();
    let decision = Warm::new(&world, "decision", decision::FUNCTION);
    for title in ["decision, cold", "decision"] {
        let path = "/auth/v2/session/id/decision/";
        let (answer, calls) =
            decision.call(event(&world, "GET", path, json!({ "id": id }), &Value::Null)).await;
        assert_eq!(answer["statusCode"], 200, "{answer}");
        note(title, calls);
    }
    let (_, link) = world.session("done", "john.doe@example.com").await;
    world.returned(&link, "john-doe").await;
    world.work().await;
    let list = Warm::new(&world, "list_sessions", list_sessions::FUNCTION);
    let asked = json!({ "externalUserEmail": "john.doe@example.com" });
    for title in ["list, cold", "list"] {
        let path = "/api/service/data/session/list";
        let (answer, calls) = list.call(event(&world, "POST", path, json!({}), &asked)).await;
        assert_eq!(body(&answer)["count"], 1, "{answer}");
        note(title, calls);
    }
    let asked = json!({ "referenceId": "stated", "permissions": ["transactions"] });
    let stated = world.post("/api/service/data/session/create", &asked).await;
    world.returned(&stated.text("redirectUrl"), "john-doe").await;
    world.work().await;
    let data = Warm::new(&world, "bank_data", bank_data::FUNCTION);
    let asked = json!({ "sessionId": stated.text("id") });
    for title in ["transactions, cold", "transactions"] {
        let path = "/api/service/data/transactions/list";
        let (answer, calls) = data.call(event(&world, "POST", path, json!({}), &asked)).await;
        assert_eq!(answer["statusCode"], 200, "{answer}");
        note(title, calls);
    }
    let person = json!({ "email": "max@example.com", "first_name": "Max", "last_name": "Weber" });
    let id = world.post("/persons", &person).await.body["person_id"].to_string();
    let auth = Warm::new(&world, "auth", auth::FUNCTION);
    for title in ["auth, cold and starting", "auth, waiting"] {
        let (answer, calls) = auth
            .call(event(&world, "POST", "/persons/id/auth", json!({ "id": id }), &person))
            .await;
        assert_eq!(body(&answer)["code"], 2, "{answer}");
        note(title, calls);
    }
    let (world, _) = Cast::assemble().await;
    let callback = Warm::new(&world, "bank_callback", bank_callback::FUNCTION);
    for (name, title) in [("wrong_cookie", "callback, cold and refused"), ("returned", "callback")]
    {
        let file = format!("{}/../events/bank_callback/{name}.json", env!("CARGO_MANIFEST_DIR"));
        let event = std::fs::read_to_string(file).expect("an event file");
        let (_, calls) = callback.call(serde_json::from_str(&event).expect("JSON")).await;
        note(title, calls);
    }
    insta::assert_snapshot!(seen);
}
