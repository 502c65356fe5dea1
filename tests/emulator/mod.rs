//! The built executables under the Lambda runtime interface emulator, given every file of `events/`:
//! they answer as the reviewed snapshots say.
//!
//! They are the real ones, so their randomness is, too: what comes from it is compared by its shape.
//! Their clock is the world's, held by libfaketime. Built and found by `tests/run`.

mod rie;
mod services;

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::events::cast::Cast;
use crate::events::{FUNCTIONS, answered, folder, names};
use crate::support::World;
use rie::Emulator;
use services::Services;

/// Every answer is a cold start's.
#[tokio::test]
#[ignore = "needs the built functions and the emulator; part of tests/run"]
async fn every_event_under_the_emulator() {
    let mut wrong = Vec::new();
    let mut world = None;
    for function in FUNCTIONS {
        for name in names(function) {
            let expected = Reviewed::read(function, &name);
            let fresh = match world.take() {
                Some(world) => world,
                None => Cast::assemble().await.0,
            };
            let found = invoke(&fresh, function, &name, &[]).await;
            let (found, answer) = (by_shape(&found), by_shape(&expected.answer));
            if found != answer {
                wrong.push(format!("{function}/{name}\n  said  {answer}\n  found {found}"));
            }
            world = expected.changes_nothing.then_some(fresh);
        }
    }
    assert!(wrong.is_empty(), "{} answers differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// As deployed without a domain of its own: the executable knows all of its address but the API's id.
#[tokio::test]
#[ignore = "needs the built functions and the emulator; part of tests/run"]
async fn the_address_comes_with_the_request_under_the_emulator() {
    let world = Cast::assemble().await.0;
    let url = ("PUBLIC_URL", "https://{apiId}.execute-api.eu-central-1.amazonaws.com");
    let answer = invoke(&world, "create_session", "data_session", &[url]).await;
    let link = answer["body"]["redirectUrl"].as_str().expect("a link");
    assert!(link.starts_with("https://api.execute-api.eu-central-1.amazonaws.com/link/"), "{link}");
}

async fn invoke(world: &World, function: &str, name: &str, given: &[(&str, &str)]) -> Value {
    let event = std::fs::read(folder().join(function).join(format!("{name}.json")));
    let declared = world.system.template().functions.iter().find(|f| f.binary == function);
    let services = Services::serve(world.system.backend().clone()).await;
    let endpoint = format!("http://{}", services.address);
    let mut environment = declared.expect("declared").environment.clone();
    environment.extend([
        ("AWS_ENDPOINT_URL".to_owned(), endpoint),
        ("RUST_LOG".to_owned(), "warn".to_owned()),
    ]);
    environment.extend(given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let now = cloud::Clock::now(&*world.clock);
    let emulator = Emulator::start(&built(function), &environment, now).await;
    answered(emulator.invoke(event.expect("readable")).await)
}

/// Where `sam build` or `make functions` put an executable.
fn built(function: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let path = root
        .join(std::env::var("FUNCTIONS_DIR").unwrap_or("target/lambda".into()))
        .join(function)
        .join("bootstrap");
    assert!(path.exists(), "{} is not built: make functions", path.display());
    path
}

/// What the snapshot of an event says.
struct Reviewed {
    answer: Value,
    changes_nothing: bool,
}

impl Reviewed {
    fn read(function: &str, name: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("events/snapshots");
        let text = std::fs::read_to_string(path.join(format!("{function}__{name}.snap")));
        let text = text.expect("every event has a snapshot");
        let json = text.splitn(3, "---\n").nth(2).expect("a snapshot has a header");
        let seen: Value = serde_json::from_str(json).expect("JSON");
        let none = |member: &str| seen[member].as_array().is_none_or(Vec::is_empty);
        let changes_nothing = none("written") && none("queued") && none("deleted");
        Self { answer: seen["answer"].clone(), changes_nothing }
    }
}

/// An answer with what chance and the machine chose named by its shape.
fn by_shape(answer: &Value) -> String {
    const SHAPES: &[(&str, &str)] = &[
        (r"127\.0\.0\.1:\d+|\[address\]", "[address]"),
        (r"eyJ[\w-]+\.[\w-]+\.[\w-]+|\[jwt\]", "[jwt]"),
        (r"(?:evt|dlv|whsec|whpk|sub|we|req)_[A-Za-z0-9+/=]{16,}", "[id]"),
        (r"nonce-[0-9a-f]{32,64}", "nonce-[id]"),
        (r"\[(?:event|delivery|secret|public key|tail|n|nonce)\]", "[id]"),
        (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "[id]"),
        (r"[A-Za-z0-9_-]{32,}={0,2}", "[id]"),
        (r#""(session_number|person_id|duration_ms)":\d+"#, r#""$1":"[number]""#),
    ];
    let mut text = answer.to_string();
    if let Some(request) = answer["headers"]["x-request-id"].as_str() {
        text = text.replace(request, "[id]");
    }
    for (pattern, name) in SHAPES {
        let pattern = regex::Regex::new(pattern).expect("a constant pattern");
        text = pattern.replace_all(&text, *name).into_owned();
    }
    text
}
