//! Webhooks on the local system with a receiver on loopback: the time from commit to receipt,
//! deliveries per second and CPU per delivery, each as a ratio to plain POSTs to the same receiver in
//! the same run: `cargo run --release -p benches --bin deliveries`.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use benches::cpu;
use countersign::command::demo::{access, example_tenant};
use countersign::{Options, System, handlers};
use reqwest::Client;
use runtime::Ambient;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

const PACED: usize = 300;
const BURST: usize = 500;

/// When a session was told of.
type Told = (String, Instant);

struct Bench {
    client: Client,
    base: String,
    key: String,
    told: UnboundedReceiver<Told>,
}

impl Bench {
    async fn post(&self, path: &str, body: &Value) -> Value {
        let request = self.client.post(format!("{}{path}", self.base));
        let request = request.header("x-api-key", &self.key).body(body.to_string());
        let answer = request.send().await.expect("answered").text().await.expect("whole");
        serde_json::from_str(&answer).unwrap_or_default()
    }

    /// One session after the other: from the commit, as its answer tells of it, to the receipt.
    async fn paced(&mut self) -> Vec<Duration> {
        let mut times = Vec::with_capacity(PACED);
        for n in 0..PACED {
            let body = json!({ "referenceId": format!("paced-{n}") });
            let made = self.post("api/service/data/session/create", &body).await;
            let committed = Instant::now();
            let (id, at) = self.told.recv().await.expect("told");
            assert_eq!(made["id"], id.as_str());
            times.push(at.saturating_duration_since(committed));
        }
        times.sort_unstable();
        times
    }

    /// Many deliveries at once, as after an outage: how long until the last is received.
    async fn burst(&mut self, endpoint: &str) -> (Duration, usize) {
        let began = Instant::now();
        let (mut count, mut after) = (0, 0);
        loop {
            let path = format!("v1/webhook-endpoints/{endpoint}/replay?after={after}");
            let made = self.post(&path, &Value::Null).await;
            let more = made["deliveries"].as_u64().and_then(|n| usize::try_from(n).ok());
            count += more.expect("a count");
            after = made["cursor"].as_u64().expect("a cursor");
            if made["has_more"] == false {
                break;
            }
        }
        let mut last = began;
        for _ in 0..count {
            last = last.max(self.told.recv().await.expect("told").1);
        }
        (last.saturating_duration_since(began), count)
    }
}

async fn serve(listener: TcpListener, tell: UnboundedSender<Told>) {
    while let Ok((stream, _)) = listener.accept().await {
        let tell = tell.clone();
        tokio::spawn(async move { answer(stream, &tell).await });
    }
}

/// One request per connection, as the deliverer sends them.
async fn answer(mut stream: TcpStream, tell: &UnboundedSender<Told>) -> Option<()> {
    let (mut bytes, mut chunk) = (Vec::new(), [0; 4_096]);
    let body = loop {
        let count = stream.read(&mut chunk).await.ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&chunk[..count]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let lines = head.lines().filter_map(|line| line.split_once(':'));
        let headers: HashMap<String, &str> =
            lines.map(|(name, value)| (name.to_ascii_lowercase(), value.trim())).collect();
        if headers.get("content-length").and_then(|n| n.parse().ok()) == Some(body.len()) {
            break body.to_owned();
        }
    };
    let received = Instant::now();
    let event: Value = serde_json::from_str(&body).unwrap_or_default();
    if let Some(session) = event["data"]["session_id"].as_str() {
        tell.send((session.to_owned(), received)).ok()?;
    }
    let response = b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n";
    stream.write_all(response).await.ok()
}

#[tokio::main]
async fn main() {
    let ambient = Ambient::default();
    let data = std::env::temp_dir().join(format!("countersign-bench-{}", std::process::id()));
    let options = Options { data_dir: Some(data.clone()), ..Options::default() };
    let system = System::start(options, handlers::functions(&ambient)).await.expect("starts");
    let made = example_tenant(&system, &ambient).await.expect("a tenant");
    let access = access(&system, &made);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    let (tell, told) = unbounded_channel();
    tokio::spawn(serve(listener, tell));
    let client = Client::builder().no_proxy().pool_max_idle_per_host(0).build().expect("a client");
    let mut bench = Bench { client, base: access.base.to_string(), key: access.api_key, told };
    let mut plain = Vec::with_capacity(PACED);
    let before = cpu();
    for _ in 0..PACED {
        let began = Instant::now();
        bench.client.post(&url).body("{}").send().await.expect("answered");
        plain.push(began.elapsed());
    }
    plain.sort_unstable();
    let plain_cpu = (cpu() - before) / u32::try_from(PACED).unwrap_or(1);
    let asked = json!({ "url": url, "events": ["session.opened"] });
    let endpoint = bench.post("v1/webhook-endpoints", &asked).await;
    let endpoint = endpoint["id"].as_str().expect("an id").to_owned();
    let paced = bench.paced().await;
    for n in PACED..BURST {
        let body = json!({ "referenceId": format!("more-{n}") });
        bench.post("api/service/data/session/create", &body).await;
        bench.told.recv().await.expect("told");
    }
    let before = cpu();
    let (took, count) = bench.burst(&endpoint).await;
    let used = (cpu() - before) / u32::try_from(count).unwrap_or(1);
    system.stop().await;
    std::fs::remove_dir_all(&data).expect("removed");
    let reference = plain[PACED / 2];
    print(&[
        ("plain POST, p50", reference, reference),
        ("commit to receipt, p50", paced[PACED / 2], reference),
        ("commit to receipt, p99", paced[PACED * 99 / 100], reference),
        ("plain POST, CPU", plain_cpu, plain_cpu),
        ("delivery in a burst, CPU", used, plain_cpu),
        ("delivery in a burst", took / u32::try_from(count).unwrap_or(1), reference),
    ]);
    per_second(count, took);
}

#[expect(clippy::print_stdout, reason = "a benchmark prints its table")]
fn print(rows: &[(&str, Duration, Duration)]) {
    println!("{:<28}{:>10}{:>10}", "", "ms", "ratio");
    for (what, time, reference) in rows {
        let (ms, ratio) = (time.as_secs_f64() * 1e3, time.as_secs_f64() / reference.as_secs_f64());
        println!("{what:<28}{ms:>10.3}{ratio:>10.1}");
    }
}

#[expect(clippy::print_stdout, reason = "as above")]
fn per_second(count: usize, took: Duration) {
    let rate = count as f64 / took.as_secs_f64();
    println!("{count} deliveries at once: {rate:.0} per second");
}
