//! Webhooks on the local system with receivers on loopback: the time from a create to its receipt,
//! deliveries per second, CPU per delivery and what each leaves in the database, beside plain POSTs to
//! the same receiver in the same run; and how long a quiet tenant waits beside a tenant whose receiver
//! is slow: `cargo run --release -p benches --bin deliveries`.

use std::time::{Duration, Instant};

use benches::{Arrived, Receiver, cpu, stored_bytes, tenant};
use countersign::{Options, System, handlers};
use reqwest::Client;
use runtime::Ambient;
use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedReceiver;

const PACED: usize = 300;
const BURST: usize = 2_000;
/// The quiet tenant's events beside the busy one's.
const QUIET: usize = 100;
const BUSY: usize = 1_000;
/// The busy tenant's receiver takes so long to answer.
const SLOW: Duration = Duration::from_secs(10);

/// One tenant.
struct Bench {
    client: Client,
    base: String,
    key: String,
    made: usize,
}

impl Bench {
    async fn new(system: &System, ambient: &Ambient, name: &str) -> Self {
        let key = tenant(system, ambient, name).await;
        let client = Client::builder().no_proxy().build().expect("a client");
        Self { client, base: system.base_url().to_string(), key, made: 0 }
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let request = self.client.post(format!("{}{path}", self.base));
        let request = request.header("x-api-key", &self.key).body(body.to_string());
        let answer = request.send().await.expect("answered").text().await.expect("whole");
        serde_json::from_str(&answer).unwrap_or_default()
    }

    async fn endpoint(&self, url: &str) -> String {
        let asked = json!({ "url": url, "events": ["session.opened"] });
        let endpoint = self.post("v1/webhook-endpoints", &asked).await;
        endpoint["id"].as_str().expect("an id").to_owned()
    }

    async fn create(&mut self) -> Value {
        self.made += 1;
        let body = json!({ "referenceId": format!("session-{}", self.made) });
        self.post("api/service/data/session/create", &body).await
    }

    /// One session after the other: from sending the create, a little before its commit, to the receipt.
    async fn paced(
        &mut self,
        told: &mut UnboundedReceiver<Arrived>,
        count: usize,
    ) -> Vec<Duration> {
        let mut times = Vec::with_capacity(count);
        for _ in 0..count {
            let began = Instant::now();
            let made = self.create().await;
            let (body, at) = told.recv().await.expect("told");
            let event: Value = serde_json::from_slice(&body).expect("JSON");
            assert_eq!(made["id"], event["data"]["session_id"]);
            times.push(at.saturating_duration_since(began));
        }
        times.sort_unstable();
        times
    }

    /// Tells every event of an endpoint again; answers how many.
    async fn replay(&self, endpoint: &str) -> usize {
        let (mut count, mut after) = (0, 0);
        loop {
            let path = format!("v1/webhook-endpoints/{endpoint}/replay?after={after}");
            let made = self.post(&path, &Value::Null).await;
            let more = made["deliveries"].as_u64().and_then(|n| usize::try_from(n).ok());
            count += more.expect("a count");
            after = made["cursor"].as_u64().expect("a cursor");
            if made["has_more"] == false {
                return count;
            }
        }
    }
}

/// As many sessions as needed, each with an event to tell.
async fn fill(bench: &mut Bench, count: usize) {
    while bench.made < count {
        bench.create().await;
    }
}

/// Many deliveries at once, as after an outage: how long until the last is received.
async fn burst(bench: &Bench, receiver: &Receiver, endpoint: &str) -> (Duration, usize) {
    let (began, before) = (Instant::now(), receiver.count());
    let count = bench.replay(endpoint).await;
    receiver.wait_for(before + count).await;
    (began.elapsed(), count)
}

async fn plain(client: &Client, url: &str) -> (Vec<Duration>, Duration) {
    let (mut times, before) = (Vec::with_capacity(PACED), cpu());
    for _ in 0..PACED * 10 {
        let began = Instant::now();
        client.post(url).body("{}").send().await.expect("answered");
        times.push(began.elapsed());
    }
    times.sort_unstable();
    (times, (cpu() - before) / u32::try_from(PACED * 10).unwrap_or(1))
}

#[tokio::main]
async fn main() {
    let ambient = Ambient::default();
    let data = std::env::temp_dir().join(format!("countersign-bench-{}", std::process::id()));
    let options = Options { data_dir: Some(data.clone()), ..Options::default() };
    let system = System::start(options, handlers::functions(&ambient)).await.expect("starts");
    let (receiver, mut told) = Receiver::start(Duration::ZERO).await;
    let mut bench = Bench::new(&system, &ambient, "Telling Shop").await;
    let (floor, floor_cpu) = plain(&bench.client, receiver.url()).await;
    while told.try_recv().is_ok() {}
    let floor = floor[floor.len() / 2];
    let (endpoint, before) = (bench.endpoint(receiver.url()).await, receiver.count());
    let paced = bench.paced(&mut told, PACED).await;
    fill(&mut bench, BURST).await;
    receiver.wait_for(before + BURST).await;
    while told.try_recv().is_ok() {}
    let (stored, used) = (stored_bytes(&data).await, cpu());
    let (took, count) = burst(&bench, &receiver, &endpoint).await;
    let used = (cpu() - used) / u32::try_from(count).unwrap_or(1);
    let stored = (stored_bytes(&data).await - stored) / count as u64;
    while told.try_recv().is_ok() {}
    let alone = bench.paced(&mut told, QUIET).await;
    let beside = beside_a_busy_tenant(&system, &ambient, &mut bench, &mut told).await;
    system.stop().await;
    std::fs::remove_dir_all(&data).expect("removed");
    print(&[
        ("plain POST, p50", floor, floor),
        ("create to receipt, p50", paced[PACED / 2], floor),
        ("create to receipt, p99", paced[PACED * 99 / 100], floor),
        ("plain POST, CPU", floor_cpu, floor_cpu),
        ("delivery in a burst, CPU", used, floor_cpu),
        ("delivery in a burst", took / u32::try_from(count).unwrap_or(1), floor),
    ]);
    let (alone, beside) = (alone[QUIET * 99 / 100], beside[QUIET * 99 / 100]);
    print(&[("quiet tenant alone, p99", alone, alone), ("beside a busy one, p99", beside, alone)]);
    print_counts(count, took, stored);
}

/// The quiet tenant's times while a thousand events of another wait for a receiver that is slow.
async fn beside_a_busy_tenant(
    system: &System,
    ambient: &Ambient,
    quiet: &mut Bench,
    told: &mut UnboundedReceiver<Arrived>,
) -> Vec<Duration> {
    let (slow, _) = Receiver::start(SLOW).await;
    let mut busy = Bench::new(system, ambient, "Busy Shop").await;
    busy.endpoint(slow.url()).await;
    while busy.made < BUSY {
        busy.create().await;
    }
    slow.wait_for(1).await;
    quiet.paced(told, QUIET).await
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
#[expect(clippy::cast_precision_loss, reason = "counts are small")]
fn print_counts(count: usize, took: Duration, stored: u64) {
    let rate = count as f64 / took.as_secs_f64();
    println!("{count} deliveries at once: {rate:.0} per second; {stored} bytes stored for each");
}
