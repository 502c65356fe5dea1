//! The receivers of the README, run: they verify with the standard's own libraries, and take each
//! event once however often it comes.

use std::collections::HashSet;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use countersign::command::demo::example_tenant;
use countersign::{Background, Options, System, handlers};
use reqwest::{Client, Method};
use runtime::Ambient;
use serde_json::{Value, json};

#[rustfmt::skip]
mod rust {
    include!("../receivers/receiver.rs");

    pub fn answer(secret: &str, headers: &http::HeaderMap, body: &[u8], seen: &mut Seen) -> u16 {
        receive(secret, headers, body, seen)
    }
}

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/receivers");
const EVENTS: usize = 5;

/// A system with the real clock: the libraries know no other.
struct Live {
    system: System,
    key: String,
    client: Client,
}

impl Live {
    async fn start() -> Self {
        let ambient = Ambient::default();
        let options = Options { background: Background::Step, ..Options::default() };
        let system = System::start(options, handlers::functions(&ambient)).await.expect("starts");
        let made = example_tenant(&system, &ambient).await.expect("a tenant");
        let client = Client::builder().no_proxy().build().expect("a client");
        Self { system, key: made.key.text().expose().clone(), client }
    }

    async fn ask(&self, path: &str, body: &Value) -> Value {
        let url = self.system.base_url().join(path).expect("a path");
        let request = self.client.request(Method::POST, url).header("x-api-key", &self.key);
        let answer = request.body(body.to_string()).send().await.expect("an answer");
        serde_json::from_slice(&answer.bytes().await.expect("whole")).expect("JSON")
    }

    /// Events happen, are told, and are told again.
    async fn tell_twice(&self, endpoint: &str) {
        for n in 0..EVENTS {
            let body = json!({ "referenceId": format!("r{n}") });
            self.ask("api/service/data/session/create", &body).await;
        }
        while !self.system.caught_up(crate::support::FANOUT).await.expect("a stream") {
            self.system.deliver_changes(crate::support::FANOUT).await.expect("a stream");
        }
        let replay = format!("v1/webhook-endpoints/{endpoint}/replay?after=0");
        assert_eq!(self.ask(&replay, &json!({})).await["deliveries"], EVENTS);
        while self.system.deliver("DeliveryQueue").await.expect("a queue").records > 0 {}
    }

    async fn succeeded(&self) -> usize {
        let url = self.system.base_url().join("v1/deliveries?state=succeeded").expect("a path");
        let request = self.client.get(url).header("x-api-key", &self.key);
        let body = request.send().await.expect("an answer").bytes().await.expect("whole");
        let body: Value = serde_json::from_slice(&body).expect("JSON");
        body["deliveries"].as_array().expect("a list").len()
    }
}

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn receives(command: &str, arguments: &[&str]) {
    let live = Live::start().await;
    let port = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr();
    let port = port.expect("an address").port();
    let asked = json!({ "url": format!("http://127.0.0.1:{port}/"), "events": ["session.opened"] });
    let made = live.ask("v1/webhook-endpoints", &asked).await;
    let secret = made["secret"].as_str().expect("a secret");
    let child = Command::new(command)
        .args(arguments)
        .current_dir(FOLDER)
        .env("SECRET", secret)
        .env("PORT", port.to_string())
        .stdout(Stdio::piped())
        .spawn();
    let mut child = child.expect("the receiver starts");
    let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let _running = Running(child);
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        std::thread::yield_now();
    }
    live.tell_twice(made["id"].as_str().expect("an id")).await;
    assert_eq!(live.succeeded().await, 2 * EVENTS, "every one was verified and taken");
    let seen: Vec<String> = lines.take(EVENTS).map(|line| line.expect("a line")).collect();
    let ids: HashSet<&String> = seen.iter().collect();
    assert_eq!(ids.len(), EVENTS, "{seen:?}");
    let forged = live.client.post(format!("http://127.0.0.1:{port}/")).body("{}");
    assert_eq!(forged.send().await.expect("an answer").status(), 400, "a forged one is refused");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs node and the packages of tests/receivers; part of tests/run"]
async fn a_receiver_in_node() {
    receives("node", &["receiver.mjs"]).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs python and the packages of tests/receivers; part of tests/run"]
async fn a_receiver_in_python() {
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    receives(&python, &["receiver.py"]).await;
}

#[tokio::test]
async fn a_receiver_in_rust() {
    use crate::support::receiver::Receiver;
    let live = Live::start().await;
    let receiver = Receiver::ok().await;
    let asked = json!({ "url": receiver.url, "events": ["session.opened"] });
    let made = live.ask("v1/webhook-endpoints", &asked).await;
    live.tell_twice(made["id"].as_str().expect("an id")).await;
    let secret = made["secret"].as_str().expect("a secret");
    let mut seen = HashSet::new();
    let arrived = receiver.take();
    assert_eq!(arrived.len(), 2 * EVENTS);
    for request in arrived {
        let mut headers = http::HeaderMap::new();
        for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
            headers.insert(name, request.header(name).parse().expect("a value"));
        }
        assert_eq!(rust::answer(secret, &headers, request.body.as_bytes(), &mut seen), 204);
        assert_eq!(rust::answer(secret, &headers, b"{}", &mut seen), 400);
    }
    assert_eq!(seen.len(), EVENTS);
}

/// What the README shows is what runs here.
#[test]
fn the_readme_shows_these_receivers() {
    let readme = std::fs::read_to_string(format!("{FOLDER}/../../README.md")).expect("text");
    for file in ["receiver.mjs", "receiver.py", "receiver.rs"] {
        let text = std::fs::read_to_string(format!("{FOLDER}/{file}")).expect("text");
        assert!(readme.contains(text.trim_end()), "the README does not show {file}");
        assert!(text.lines().count() <= 12, "{file} is longer than ten lines and its imports");
    }
}
