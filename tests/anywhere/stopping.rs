//! Stopping: what is under way is finished, what hangs is cut, and nothing acknowledged is lost.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Mutex;
use std::time::Duration;

use countersign::{Background, Options, System, handlers};
use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use crate::command::{command, said};
use crate::support::World;

/// A data directory of its own, removed at the end.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Self {
        let name = format!("countersign-stopping-{}", uuid::Uuid::new_v4().simple());
        Self(std::env::temp_dir().join(name))
    }

    fn options(&self, background: Background) -> Options {
        let stopping_max = Duration::from_millis(500);
        Options { data_dir: Some(self.0.clone()), background, stopping_max, ..Options::default() }
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        // What was never made cannot be removed, and that is fine.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Reads a request's head and answers its `webhook-id`.
async fn webhook_id(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4_096];
    while !bytes.windows(4).any(|window| window == b"\r\n\r\n") {
        let count = stream.read(&mut chunk).await.expect("a request");
        assert_ne!(count, 0, "the request ends early");
        bytes.extend_from_slice(&chunk[..count]);
    }
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let mut lines = text.lines().filter_map(|line| line.split_once(": "));
    let id = lines.find(|(name, _)| name.eq_ignore_ascii_case("webhook-id"));
    id.expect("a signed request").1.to_owned()
}

/// A receiver that never answers its first request, and takes all others: its URL, and the ids of
/// the requests as they arrive.
async fn hanging_at_first() -> (String, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let (tell, told) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let (mut hanging, _) = listener.accept().await.expect("a connection");
        let _ = tell.send(webhook_id(&mut hanging).await);
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = tell.send(webhook_id(&mut stream).await);
            let answer = "HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n";
            let _ = stream.write_all(answer.as_bytes()).await;
        }
        drop(hanging);
    });
    (url, told)
}

#[tokio::test]
async fn a_receiver_that_hangs_holds_nobody_and_is_told_after_the_restart() {
    let directory = Directory::new();
    let world = World::under(directory.options(Background::Run)).await;
    let (url, mut told) = hanging_at_first().await;
    world.endpoint(&url, json!({ "events": ["session.opened"] })).await;
    let (session, _) = world.session("r1", "john.doe@example.com").await;
    let first = told.recv().await.expect("a delivery");
    let World { system, app, clock, ambient, made, client, .. } = world;
    drop(app);
    system.stop().await;
    // Whoever waited for the receiver would have noted an attempt that timed out.
    let functions = handlers::functions(&ambient);
    let system = System::start(directory.options(Background::Step), functions).await;
    let system = system.expect("nobody holds the directory any more");
    let app = handlers::operator(system.template(), system.clients(), &ambient).expect("an app");
    let answers = Mutex::default();
    let world = World { system, app, clock, ambient, made, client, answers };
    assert_eq!(world.status(&session).await, "open", "what was acknowledged is there");
    let waiting = world.deliveries("limit=10").await;
    assert_eq!((waiting.len(), &waiting[0]["attempts"]), (1, &json!(0)), "{waiting:?}");
    world.minutes(3).await;
    assert_eq!(told.try_recv().expect("told again"), first, "under the same id");
    assert!(told.try_recv().is_err(), "once");
    world.system.stop().await;
}

/// `serve` in a process of its own, until it is told to stop.
#[cfg(unix)]
#[tokio::test]
async fn sigterm_stops_as_ctrl_c_does() {
    for signal in ["TERM", "INT"] {
        let directory = Directory::new();
        let data = directory.0.display().to_string();
        let mut serve = command(&["serve", "--listen", ":0", "--data", &data]);
        let mut serve = serve.stderr(Stdio::piped()).spawn().expect("a process");
        let mut lines = BufReader::new(serve.stderr.take().expect("piped")).lines();
        let mut address = None;
        while address.is_none() {
            let line = lines.next_line().await.expect("readable").expect("it serves");
            let url = line.strip_prefix("countersign serves http://");
            address = url.and_then(|rest| rest.split('/').next()).map(str::to_owned);
        }
        let address = address.expect("found above");
        assert_eq!(said(&["health", "--listen", &address]).await, "ok\nhealthy");
        let pid = serve.id().expect("it runs").to_string();
        let kill = format!("kill -{signal} {pid}");
        let killed = std::process::Command::new("sh").args(["-c", &kill]).status();
        assert!(killed.expect("a shell").success());
        let mut rest = String::new();
        while let Some(line) = lines.next_line().await.expect("readable") {
            rest.push_str(&line);
        }
        assert!(serve.wait().await.expect("it ends").success(), "{signal}: {rest}");
        assert!(rest.contains("stopping"), "{signal}: {rest}");
        let gone = said(&["health", "--listen", &address]).await;
        assert!(gone.starts_with("failed"), "{gone}");
    }
}
