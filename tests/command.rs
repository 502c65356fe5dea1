//! The commands a developer types: what they print, and what they say when something is wrong.

use std::process::Stdio;

use jiff::Timestamp;
use model::private::Secret;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::process::Command;
use webhooks::{PrivateKey, Symmetric};

use crate::support::World;
use crate::support::receiver::Receiver;

const ARGUMENTS: &str = "COUNTERSIGN_TEST_ARGUMENTS";
const MARK: &str = "--- the command says:";

/// Not a test of its own: the process that the others start.
#[tokio::test]
#[ignore = "started by the tests below"]
async fn the_command() {
    let Ok(arguments) = std::env::var(ARGUMENTS) else { return };
    let arguments: Vec<String> = serde_json::from_str(&arguments).expect("JSON");
    let all = std::iter::once("countersign".to_owned()).chain(arguments).map(Into::into);
    println!("\n{MARK}");
    let code = countersign::command::run_from(all).await;
    std::process::exit(i32::from(code != std::process::ExitCode::SUCCESS));
}

/// A command in a process of its own.
pub fn command(arguments: &[&str]) -> Command {
    let program = std::env::current_exe().expect("this executable");
    let mut command = Command::new(program);
    // What is set where the tests run is no part of them.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("COUNTERSIGN_") {
            command.env_remove(name);
        }
    }
    command
        .args(["--ignored", "--exact", "command::the_command", "--nocapture"])
        .env(ARGUMENTS, json!(arguments).to_string())
        .env("NO_COLOR", "1")
        // No region, whatever the machine's own AWS tools use.
        .env("AWS_CONFIG_FILE", "/nowhere")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env_remove("AWS_REGION")
        .env_remove("AWS_DEFAULT_REGION")
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command
}

/// The output of a command, and `true` if it ended well.
pub async fn said(arguments: &[&str]) -> String {
    told(&mut command(arguments)).await
}

/// The output of a process of [`command`], and `true` if it ended well.
pub async fn told(command: &mut Command) -> String {
    let output = command.output().await.expect("a process");
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    let out = out.split_once(MARK).map_or("", |(_, said)| said).trim().to_owned();
    let error = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    format!("{}\n{out}{error}", if output.status.success() { "ok" } else { "failed" })
}

fn settings() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"127\.0\.0\.1:\d+", "[address]");
    settings.add_filter(r"evt_[0-9a-f]{32}", "[event]");
    settings.add_filter(r"ep_[0-9a-f]{32}", "[endpoint]");
    settings.add_filter(r"dlv_[0-9a-f]{48}", "[delivery]");
    settings.add_filter(r"whsec_[A-Za-z0-9+/]{43}=", "[secret]");
    settings.add_filter(r"whpk_[A-Za-z0-9+/]{43}=", "[public key]");
    settings
}

#[tokio::test]
async fn verify_webhook_says_what_is_wrong() {
    let secret = Secret::new([3; 32]);
    let at = Timestamp::from_second(1_772_442_000).expect("in range");
    let body = json!({ "b": 1, "a": [1.5, "x"] }).to_string();
    let canonical = wire::canonical::canonical(&json!({ "b": 1, "a": [1.5, "x"] }));
    let sign = |body: &str| Symmetric::of(&secret).sign("evt_1", at, body.as_bytes());
    let folder = std::env::temp_dir().join(format!("countersign-command-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("made");
    let file = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).expect("written");
        path.display().to_string()
    };
    let whole = file("whole", &canonical);
    let altered = file("altered", &canonical.replace('x', "y"));
    let rewritten = file("rewritten", &body.replace(',', ", "));
    let text = Symmetric::of(&secret).text().into_exposed();
    let other = Symmetric::of(&Secret::new([4; 32])).text().into_exposed();
    let public = PrivateKey::of(&secret).public().text();
    let (good, sent) = (sign(&canonical), "1772442000");
    let mut seen = String::new();
    for (case, key, timestamp, signature, body, now) in [
        ("genuine", &*text, sent, &*good, &whole, "1772442010"),
        ("kept for an hour", &*text, sent, &*good, &whole, "1772445600"),
        ("from the future", &*text, sent, &*good, &whole, "1772440000"),
        ("another secret", &*other, sent, &*good, &whole, sent),
        ("one letter changed", &*text, sent, &*good, &altered, sent),
        ("parsed and written anew", &*text, sent, &*good, &rewritten, sent),
        ("a public key for a shared secret", &*public, sent, &*good, &whole, sent),
        ("no time", &*text, "soon", &*good, &whole, sent),
        ("no signature", &*text, sent, "", &whole, sent),
        ("no key", "whsec_!", sent, &*good, &whole, sent),
        ("no file", &*text, sent, &*good, &"/nowhere/body".to_owned(), sent),
    ] {
        let said = said(&[
            "verify-webhook",
            "--secret",
            key,
            "--id",
            "evt_1",
            "--timestamp",
            timestamp,
            "--signature",
            signature,
            "--body",
            body,
            "--at",
            now,
        ])
        .await;
        seen.push_str(&format!("## {case}\n{said}\n\n"));
    }
    std::fs::remove_dir_all(&folder).expect("removed");
    settings().bind(|| insta::assert_snapshot!(seen));
}

#[tokio::test]
async fn commands_say_what_is_wrong() {
    let world = World::new().await;
    let server = world.system.base_url().to_string();
    let key = world.key();
    let mut seen = String::new();
    for arguments in [
        vec!["trigger", "test", "--server", &server, "--key", "cs_test_nonsense"],
        vec!["trigger", "test", "--server", &server, "--key", &key],
        vec!["trigger", "order.paid", "--server", &server, "--key", &key],
        vec!["trigger", "evt_00000000000000000000000000000001", "--server", &server, "--key", &key],
        vec!["deliveries", "retry", "7", "--server", &server, "--key", &key],
        vec!["events", "tail", "--server", "http://127.0.0.1:1", "--key", &key],
        vec!["listen", "--forward-to", "not a URL", "--key", &key],
        vec!["tenant", "list", "--stack", "countersign"],
    ] {
        let shown = arguments.iter().map(|a| if *a == key { "KEY" } else { a });
        let shown = shown.collect::<Vec<_>>().join(" ");
        seen.push_str(&format!("## {shown}\n{}\n\n", said(&arguments).await));
    }
    settings().bind(|| insta::assert_snapshot!(seen));
}

#[tokio::test]
async fn events_are_shown_forwarded_and_told_again() {
    let world = World::new().await;
    let server = world.system.base_url().to_string();
    let key = world.key();
    let target = ["--server", &*server, "--key", &*key];
    let receiver = Receiver::ok().await;
    world.endpoint(&receiver.url, json!({ "events": ["session.opened"] })).await;
    world.session("r1", "john.doe@example.com").await;
    world.session("r2", "john.doe@example.com").await;
    world.tell().await;
    let tail = ["events", "tail", "--after", "0", "--count", "2"];
    let tail = said(&[&tail[..], &target].concat()).await;
    receiver.take();
    let forward = format!("{}/local", receiver.url);
    let listen = ["listen", "--after", "1", "--count", "1", "--forward-to", &*forward];
    let listened = said(&[&listen[..], &target].concat()).await;
    let [request] = &receiver.take()[..] else { panic!("one was forwarded") };
    let secret = listened.split_whitespace().find(|word| word.starts_with("whsec_"));
    let theirs = standardwebhooks::Webhook::new(secret.expect("a secret")).expect("a secret");
    let mut headers = http::HeaderMap::new();
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        headers.insert(name, request.header(name).parse().expect("a value"));
    }
    assert!(theirs.verify(request.body.as_bytes(), &headers).is_ok());
    let list = world.call(Method::GET, "/v1/deliveries", &Value::Null).await;
    let delivery = list.body["deliveries"][0]["id"].as_str().expect("an id");
    let retried = said(&[&["deliveries", "retry", delivery][..], &target].concat()).await;
    let tested = said(&[&["trigger", "test"][..], &target].concat()).await;
    let event = request.header("webhook-id").to_owned();
    let triggered = said(&[&["trigger", &*event][..], &target].concat()).await;
    world.tell().await;
    assert_eq!(receiver.take().len(), 3, "a retry, a test and an event told again");
    let seen = [tail, listened, retried, tested, triggered].join("\n\n");
    settings().bind(|| insta::assert_snapshot!(seen));
}
