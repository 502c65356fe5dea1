//! `kill -9` while sessions are in flight, then a restart over the same files.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use countersign::command::demo::example_tenant;
use countersign::demo::{Browser, Choice};
use countersign::{Options, System, handlers};
use runtime::Ambient;
use serde_json::{Value, json};
use tokio::sync::mpsc;

const DATA: &str = "COUNTERSIGN_TEST_DATA";

/// Not a test of its own: the process that is killed.
#[tokio::test]
#[ignore = "started by the test below"]
async fn serve_until_killed() {
    let Some(data) = std::env::var_os(DATA) else {
        return;
    };
    let options = Options { data_dir: Some(data.into()), ..Options::default() };
    let ambient = Ambient::default();
    let system = System::start(options, handlers::functions(&ambient)).await.expect("starts");
    let app = handlers::operator(system.template(), system.clients(), &ambient).expect("an app");
    let key = if app.table.tenant_ids().await.expect("the table answers").is_empty() {
        let made = example_tenant(&system, &ambient).await.expect("a tenant");
        made.key.text().expose().clone()
    } else {
        String::new()
    };
    println!("\nserving {} {key}", system.base_url());
    std::future::pending::<()>().await;
}

struct Process {
    child: Child,
    base: String,
    key: String,
}

impl Process {
    fn start(data: &std::path::Path) -> Self {
        let program = std::env::current_exe().expect("this executable");
        let name = "faults::restart::serve_until_killed";
        let mut child = Command::new(program)
            .args(["--ignored", "--exact", name, "--nocapture"])
            .env(DATA, data)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a process");
        let output = BufReader::new(child.stdout.take().expect("piped"));
        let line = output.lines().map_while(Result::ok).find(|line| line.starts_with("serving "));
        let line = line.expect("it serves");
        let mut words = line.split(' ').skip(1).map(str::to_owned);
        let base = words.next().expect("an address");
        Self { child, base, key: words.next().unwrap_or_default() }
    }

    /// SIGKILL: nothing is written, flushed or said.
    fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("gone");
    }
}

/// Creates sessions as fast as it can until the process is gone; tells every id it was given.
async fn flood(base: String, key: String, lane: usize, told: mpsc::Sender<String>) {
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    for n in 0.. {
        let body = json!({ "referenceId": format!("flood-{lane}-{n}") }).to_string();
        let request = client.post(format!("{base}api/service/data/session/create"));
        let Ok(answer) = request.header("x-ivy-api-key", &key).body(body).send().await else {
            return;
        };
        let Ok(text) = answer.text().await else { return };
        let answer: Value = serde_json::from_str(&text).expect("JSON");
        let id = answer["id"].as_str().expect("an id").to_owned();
        if told.send(id).await.is_err() {
            return;
        }
    }
}

async fn post(base: &str, key: &str, path: &str, body: &Value) -> Value {
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let request = client.post(format!("{base}{path}")).header("x-ivy-api-key", key);
    let request = request.header("content-type", "application/json").body(body.to_string());
    let answer = request.send().await.expect("an answer").text().await.expect("whole");
    serde_json::from_str(&answer).expect("JSON")
}

#[tokio::test]
async fn everything_acknowledged_survives_kill_9() {
    let data = std::env::temp_dir().join(format!("countersign-kill-{}", std::process::id()));
    let first = Process::start(&data);
    let key = first.key.clone();
    let mut ids = Vec::new();
    let mut links = Vec::new();
    for n in 0..5 {
        let body = json!({
            "referenceId": format!("r{n}"),
            "externalUser": { "email": "john.doe@example.com" },
        });
        let answer = post(&first.base, &key, "api/service/data/session/create", &body).await;
        ids.push(answer["id"].as_str().expect("an id").to_owned());
        links.push(answer["redirectUrl"].as_str().expect("a link").to_owned());
    }
    let mut browser = Browser::open_link(&links[0]).await.expect("opens");
    let choice = Choice::LogIn { bank: "sandbox-bank", user: "john-doe", without: &[] };
    browser.act(choice).await.expect("logs in");
    let (told, mut hears) = mpsc::channel(1_024);
    for lane in 0..4 {
        tokio::spawn(flood(first.base.clone(), key.clone(), lane, told.clone()));
    }
    drop(told);
    for _ in 0..25 {
        ids.push(hears.recv().await.expect("another session"));
    }
    // In the middle of whatever four clients are being answered.
    first.kill();
    while let Some(id) = hears.recv().await {
        ids.push(id);
    }
    let second = Process::start(&data);
    for (n, id) in ids.iter().enumerate() {
        let body = json!({ "id": id });
        let details = post(&second.base, &key, "api/service/data/session/details", &body).await;
        assert_eq!(details["id"], json!(id), "{details}");
        let status = details["status"].as_str().expect("a status");
        let expected: &[&str] = if n == 0 { &["pending", "complete"] } else { &["open"] };
        assert!(expected.contains(&status), "{n}: {status}");
    }
    second.kill();
    std::fs::remove_dir_all(&data).expect("removed");
}
