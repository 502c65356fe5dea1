//! The contracts, as conversations: every file of the folders beside this one is a client that
//! sends, reads and remembers. Adding a conversation is adding a file.
//!
//! `{name}` in a file is what the cast is called by (`key`, `bearer`, …) or what an earlier answer
//! kept. Besides what a file expects, every answer is held to what all answers promise.

mod schemas;
mod script;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Reply, World};
use schemas::Schemas;
use script::{Conversation, Expect, Person, Send, Step};

/// Everything a conversation knows by name.
type Known = BTreeMap<String, Value>;

fn folder(contract: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("contracts").join(contract)
}

fn files(contract: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder(contract)).expect("a folder for each contract");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("readable").path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "json"));
    files.sort();
    files
}

async fn cast(world: &World) -> Known {
    let (key, client_id) = (world.key(), world.made.client_id().to_owned());
    let other = world.tenant("Other Shop").await;
    let basic = STANDARD.encode(format!("{client_id}:{key}"));
    let headers = [("authorization", &*format!("Basic {basic}"))];
    let form = b"grant_type=client_credentials".to_vec();
    let bearer = world.send(Method::POST, "/auth/v2/token/", &headers, form).await;
    let login = json!({ "email": "developer@example.com", "api_key": key });
    let login = world.post("/subscribers/login", &login).await;
    let known = [
        ("key", json!(key)),
        ("other_key", json!(other.key.text().expose())),
        ("client_id", json!(client_id)),
        ("basic", json!(basic)),
        ("email", json!("developer@example.com")),
        ("bearer", bearer.body["access_token"].clone()),
        ("token", login.body["token"].clone()),
        ("refresh_token", login.body["refresh_token"].clone()),
        ("now", json!(world.app.now().as_second())),
        ("base", json!(world.system.base_url().as_str().trim_end_matches('/'))),
    ];
    known.map(|(name, value)| (name.to_owned(), value)).into()
}

/// Replaces `{name}`: a text that is nothing else becomes the value itself, number or not.
fn fill(value: &Value, known: &Known) -> Value {
    match value {
        Value::String(text) => {
            let whole = text.strip_prefix('{').and_then(|text| text.strip_suffix('}'));
            match whole.and_then(|name| known.get(name)) {
                Some(value) => value.clone(),
                None => json!(fill_text(text, known)),
            }
        }
        Value::Array(values) => values.iter().map(|value| fill(value, known)).collect(),
        Value::Object(members) => {
            let filled = members.iter().map(|(name, value)| (name.clone(), fill(value, known)));
            Value::Object(filled.collect())
        }
        other => other.clone(),
    }
}

fn fill_text(text: &str, known: &Known) -> String {
    known.iter().fold(text.to_owned(), |text, (name, value)| {
        let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        text.replace(&format!("{{{name}}}"), &shown)
    })
}

async fn send(world: &World, send: &Send, known: &Known) -> Reply {
    let body = match (&send.body, &send.text) {
        (Some(body), _) => fill(body, known).to_string(),
        (None, Some(text)) => fill_text(text, known),
        (None, None) => String::new(),
    };
    let mut headers: Vec<(&str, String)> =
        send.headers.iter().map(|(name, text)| (&**name, fill_text(text, known))).collect();
    let typed = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    if send.body.is_some() && !typed {
        headers.push(("content-type", "application/json".to_owned()));
    }
    let headers: Vec<(&str, &str)> = headers.iter().map(|(n, text)| (*n, &**text)).collect();
    let method = send.method.parse().expect("a method");
    world.send(method, &fill_text(&send.path, known), &headers, body.into_bytes()).await
}

/// What every answer promises, whatever the contract.
fn assert_common(reply: &Reply, at: &str) {
    assert!(reply.status < 500, "{at}: {}", reply.text);
    assert!(!(300..400).contains(&reply.status), "{at}: a redirect drops the authorization");
    assert!(reply.headers.contains_key("x-request-id"), "{at}: no request id");
    if reply.status >= 400 {
        for member in ["type", "title", "detail", "message", "code", "category", "devMessage"] {
            assert!(reply.body[member].is_string(), "{at}: {member} in {}", reply.text);
        }
        assert_eq!(reply.body["detail"], reply.body["message"], "{at}");
        assert_eq!(reply.body["status"], json!(reply.status), "{at}");
        assert_eq!(reply.body["statusCode"], json!(reply.status), "{at}");
    }
}

fn expect(expect: &Expect, reply: &Reply, known: &mut Known, at: &str) {
    assert_eq!(reply.status, expect.status, "{at}: {}", reply.text);
    assert_common(reply, at);
    for (name, expected) in &expect.headers {
        let found = reply.headers.get(name).and_then(|value| value.to_str().ok());
        let found = found.map_or(Value::Null, |text| json!(text));
        let expected = script::of_header(&fill_text(expected, known));
        script::assert_value(&expected, Some(&found), &format!("{at}: {name}"));
    }
    for (path, expected) in &expect.members {
        let found = script::at(&reply.body, path);
        let at = format!("{at}: {path} in {}", reply.text);
        script::assert_value(&fill_text(expected, known), found, &at);
    }
    for path in &expect.absent {
        let found = script::at(&reply.body, path);
        assert!(found.is_none(), "{at}: {path} is there: {}", reply.text);
    }
    if let Some(text) = &expect.text {
        assert_eq!(reply.text, fill_text(text, known), "{at}");
    }
    for (name, path) in &expect.keep {
        let found = script::at(&reply.body, path);
        let found = found.unwrap_or_else(|| panic!("{at}: no {path} in {}", reply.text));
        known.insert(name.clone(), found.clone());
    }
}

async fn act(world: &World, person: &Person, known: &Known) {
    let link = fill_text(&person.link, known);
    let mut browser = world.open(&link).await;
    let without: Vec<&str> = person.without.iter().map(String::as_str).collect();
    let choice = match &person.user {
        Some(user) => countersign::demo::Choice::LogIn {
            bank: person.bank.as_deref().unwrap_or("sandbox-bank"),
            user,
            without: &without,
        },
        None if person.cancels => countersign::demo::Choice::Cancel,
        None => return,
    };
    browser.act(choice).await.expect("the person gets through");
}

async fn talk(path: &Path, schemas: &Schemas) {
    let name = path.strip_prefix(folder("")).expect("below the folder").display().to_string();
    let text = std::fs::read_to_string(path).expect("readable");
    let conversation: Conversation =
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert!(!conversation.title.is_empty() && !conversation.source.is_empty(), "{name}");
    let world = World::new().await;
    let mut known = cast(&world).await;
    for (n, step) in conversation.steps.iter().enumerate() {
        let at = format!("{name}, step {}", n + 1);
        match step {
            Step::Send { send: request, expect: expected, times } => {
                for _ in 1..times.unwrap_or(1) {
                    send(&world, request, &known).await;
                }
                let reply = send(&world, request, &known).await;
                let path = fill_text(&request.path, &known);
                schemas.assert(&request.method, &path, &reply, &at);
                expect(expected, &reply, &mut known, &at);
            }
            Step::Person { person } => act(&world, person, &known).await,
            Step::Work { .. } => world.work().await,
            Step::Sweep { .. } => drop(world.sweep().await),
            Step::Advance { advance_s } => world.advance(SignedDuration::from_secs(*advance_s)),
        }
    }
}

async fn all(contract: &str) {
    let files = files(contract);
    assert!(!files.is_empty(), "{contract} has no conversation");
    let schemas = Schemas::new();
    for file in files {
        talk(&file, &schemas).await;
    }
}

#[tokio::test]
async fn ivy() {
    all("ivy").await;
}

#[tokio::test]
async fn pentadata() {
    all("pentadata").await;
}

#[tokio::test]
async fn didit() {
    all("didit").await;
}

#[tokio::test]
async fn v1() {
    all("v1").await;
}
