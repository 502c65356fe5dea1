//! Every file of `events/`, fed to its function in a world that is the same each time: the answer
//! and what was written are reviewed snapshots.
//!
//! The files are literal events, as `sam local invoke -e` takes them. They hold ids and keys of the
//! world's cast; when the cast changes, `cargo test -p tests write_events -- --ignored` writes the
//! files anew.

mod cases;
pub mod cast;
mod data_cases;
mod v1_cases;
mod webhooks;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::{Map, Value, json};

use crate::support::{DELIVERIES, QUEUE, World};
use cast::Cast;

pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../events")
}

/// The names of the events of a function, in order.
pub fn names(function: &str) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder().join(function)) else { return Vec::new() };
    let names = entries.map(|entry| entry.expect("readable").file_name());
    let names = names.filter_map(|name| name.to_str()?.strip_suffix(".json").map(str::to_owned));
    names.collect::<BTreeSet<_>>().into_iter().collect()
}

/// The items of the product's tables by key, with their plain attributes.
async fn items(world: &World) -> BTreeMap<String, Value> {
    let mut all = BTreeMap::new();
    for table in [&world.app.config.table_name, &world.app.config.keys_table_name] {
        let scan = world.system.clients().dynamodb.scan().table_name(table);
        for item in scan.send().await.expect("scanned").items() {
            let mut shown = Map::new();
            for (name, value) in item {
                let text = match (value.as_s(), value.as_n()) {
                    _ if name == "op_id" || name == "duration_ms" => continue,
                    (Ok(text), _) | (_, Ok(text)) => text.clone(),
                    _ => "(sealed)".to_owned(),
                };
                shown.insert(name.clone(), json!(text));
            }
            shown.sort_keys();
            let key = format!("{} {}", shown["pk"], shown.get("sk").unwrap_or(&Value::Null));
            all.insert(key, Value::Object(shown));
        }
    }
    all
}

async fn messages(world: &World) -> Vec<Value> {
    let mut found = Vec::new();
    for queue in [QUEUE, DELIVERIES] {
        let url = &world.system.template().queue(queue).expect("declared").url;
        let receive = world.system.clients().sqs.receive_message().queue_url(url);
        let received = receive.max_number_of_messages(10).send().await.expect("received");
        let bodies = received.messages().iter().filter_map(|message| message.body());
        found.extend(bodies.map(|body| serde_json::from_str(body).unwrap_or(json!(body))));
    }
    found
}

/// The answer with its body read where it is JSON.
pub fn answered(answer: Result<Value, countersign::InvokeError>) -> Value {
    let mut answer = answer.unwrap_or_else(|error| json!({ "function error": error.to_string() }));
    let body = answer["body"].as_str().and_then(|body| serde_json::from_str(body).ok());
    if let Some(body) = body {
        answer["body"] = body;
    }
    if let Some(members) = answer.as_object_mut() {
        members.retain(|_, value| !value.is_null());
        members.sort_keys();
    }
    answer
}

/// Runs one event; says also whether it left the world as it was.
async fn run(world: &World, function: &str, name: &str) -> (Value, bool) {
    let path = folder().join(function).join(format!("{name}.json"));
    let event = serde_json::from_str(&std::fs::read_to_string(path).expect("readable"));
    let event: Value = event.expect("an event is JSON");
    let declared = world.system.template().functions.iter().find(|f| f.binary == function);
    let declared = declared.expect("the template declares the function");
    let clients = world.system.clients();
    let invoker = countersign::handlers::invoker(declared, clients, &world.ambient);
    let before = items(world).await;
    let answer = answered(invoker.expect("an invoker")(event).await);
    let after = items(world).await;
    let written = after.iter().filter(|(key, item)| before.get(*key) != Some(item));
    let queued = messages(world).await;
    let unchanged = before == after && queued.is_empty();
    let mut seen = json!({
        "answer": answer,
        "written": written.map(|(_, item)| item.clone()).collect::<Vec<_>>(),
        "queued": queued,
    });
    let deleted: Vec<&String> = before.keys().filter(|key| !after.contains_key(*key)).collect();
    if !deleted.is_empty() {
        seen["deleted"] = json!(deleted);
    }
    (seen, unchanged)
}

async fn check(function: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"127\.0\.0\.1:\d+", "[address]");
    settings.add_filter(r"evt_[0-9a-f]{32}", "[event]");
    settings.add_filter(r"whsec_[A-Za-z0-9+/]{43}=", "[secret]");
    settings.add_filter(r"whpk_[A-Za-z0-9+/]{43}=", "[public key]");
    settings.add_filter(r"dlv_[0-9a-f]{48}", "[delivery]");
    settings.add_filter(r"DELIVERY#[0-9a-f]{16}", "DELIVERY#[tail]");
    settings.add_filter(r#""due_shard": "([EWR])#\d""#, r#""due_shard": "$1#[n]""#);
    settings.add_filter(r"eyJ[\w-]+\.[\w-]+\.[\w-]+", "[jwt]");
    settings.add_filter(r"nonce-[0-9a-f]{32,64}", "nonce-[nonce]");
    settings.add_filter(r#"nonce=\\"[0-9a-f]{32,64}\\""#, r#"nonce=\"[nonce]\""#);
    settings.set_snapshot_path("snapshots");
    settings.set_prepend_module_to_snapshot(false);
    // Most refusals leave everything as it was, and the next event meets the same world.
    let mut unchanged = None;
    for name in names(function) {
        let world = match unchanged.take() {
            Some(world) => world,
            None => Cast::assemble().await.0,
        };
        let (seen, same) = run(&world, function, &name).await;
        unchanged = same.then_some(world);
        settings.bind(|| insta::assert_json_snapshot!(format!("{function}__{name}"), seen));
    }
}

macro_rules! functions {
    ($($function:ident)*) => {
        pub const FUNCTIONS: &[&str] = &[$(stringify!($function)),*];
        $(#[tokio::test]
        async fn $function() {
            check(stringify!($function)).await;
        })*
    };
}

functions! {
    auth auth_worker bank_callback bank_data banks create_session decision events fallback link
    list_sessions persons sandbox_bank session subjects sweeper token webhook_delivery
    webhook_endpoints webhook_fanout
}

#[tokio::test]
async fn every_function_has_events() {
    let world = World::new().await;
    let declared: BTreeSet<&str> =
        world.system.template().functions.iter().map(|f| f.binary.as_str()).collect();
    assert_eq!(declared, FUNCTIONS.iter().copied().collect());
    for function in FUNCTIONS {
        assert!(names(function).len() >= 2, "{function} has too few events");
    }
    let folders = std::fs::read_dir(folder()).expect("readable");
    for entry in folders {
        let name = entry.expect("readable").file_name().to_string_lossy().into_owned();
        assert!(declared.contains(name.as_str()), "no function is called {name}");
    }
}

/// The events as files, by path below `events/`. The world's port is another each time.
async fn files() -> BTreeMap<String, String> {
    let (world, cast) = Cast::assemble().await;
    let here = world.system.base_url().authority().to_owned();
    let file = |(function, name, event): (&str, &str, Value)| {
        let text = serde_json::to_string_pretty(&event).expect("serializes") + "\n";
        let text = text.replace(&here, "127.0.0.1:8787");
        let text = text.replace(&here.replace(':', "%3A"), "127.0.0.1%3A8787");
        (format!("{function}/{name}.json"), text)
    };
    every_case(&cast).into_iter().map(file).collect()
}

pub fn every_case(cast: &Cast) -> Vec<cases::Case> {
    let all = [cases::all(cast), data_cases::all(cast), v1_cases::all(cast)];
    all.into_iter().flatten().collect()
}

#[tokio::test]
async fn event_files_fit_the_cast() {
    for (path, text) in files().await {
        let stored = std::fs::read_to_string(folder().join(&path)).unwrap_or_default();
        let advice = "write it anew: cargo test -p tests write_events -- --ignored";
        assert!(stored == text, "events/{path} mentions ids that are not there; {advice}");
    }
}

#[tokio::test]
#[ignore = "writes the event files"]
async fn write_events() {
    for (path, text) in files().await {
        let path = folder().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, text).expect("written");
    }
}
