//! The local system as it fills: creates, whole verifications and reads per second, with 0 to 100,000
//! sessions stored, each as a ratio to the empty system measured in the same run:
//! `cargo run --release -p benches --bin growth [SESSIONS]`.
//!
//! One process is server, persons, bank and receiver, so CPU time is that of all of them.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use benches::{Receiver, cpu, stored_bytes, tenant};
use countersign::demo::{Browser, Choice};
use countersign::{Options, System, handlers};
use reqwest::Client;
use runtime::Ambient;
use serde_json::{Value, json};
use tokio::task::JoinSet;

const SIZES: [usize; 6] = [1_000, 2_500, 10_000, 30_000, 60_000, 100_000];
/// Creates and verifications that are measured at each size, and how many run at once.
const CREATES: usize = 1_000;
const VERIFICATIONS: usize = 200;
const AT_ONCE: usize = 8;
/// Reads that are measured at each size, and how many run at once.
const READS: usize = 4_000;
const READERS: usize = 16;
const IDLE: Duration = Duration::from_secs(5);
const CREATE: &str = "api/service/data/session/create";

/// The measurements at one size.
struct Row {
    stored: usize,
    creates_per_s: f64,
    create_cpu_ms: f64,
    verifications_per_s: f64,
    verification_cpu_ms: f64,
    read_p50_ms: f64,
    read_p99_ms: f64,
    idle_percent: f64,
}

struct World {
    client: Client,
    base: String,
    key: String,
    made: AtomicUsize,
    read: Value,
}

impl World {
    async fn post(&self, path: &str, body: &Value) -> Value {
        let request = self.client.post(format!("{}{path}", self.base));
        let request = request.header("x-api-key", &self.key).body(body.to_string());
        let answer = request.send().await.expect("answered");
        let (status, text) = (answer.status(), answer.text().await.expect("whole"));
        assert!(status.is_success(), "{status} {text}");
        serde_json::from_str(&text).expect("JSON")
    }

    async fn create(&self) -> Value {
        let n = self.made.fetch_add(1, Ordering::Relaxed);
        let user = json!({ "email": format!("user-{n}@example.com") });
        let body = json!({
            "referenceId": format!("grown-{n}"),
            "permissions": ["identity"],
            "externalUser": user,
            "successCallbackUrl": "https://example.com/success",
        });
        self.post(CREATE, &body).await
    }

    /// A person's whole way, from the link to the business's page.
    async fn verify(&self) {
        let session = self.create().await;
        let link = session["redirectUrl"].as_str().expect("a link");
        let mut browser = Browser::open_link(link).await.expect("opens");
        let choice = Choice::LogIn { bank: "sandbox-bank", user: "john-doe", without: &[] };
        browser.act(choice).await.expect("logs in");
        let end = browser.wait().await.expect("ends");
        assert!(end.as_str().starts_with("https://example.com/success"), "{end}");
    }

    async fn details(&self) {
        self.post("api/service/data/session/details", &self.read).await;
    }
}

/// Does something so often, so many at once; answers the times and how long all took.
async fn repeat<F>(
    world: &Arc<World>,
    (times, at_once): (usize, usize),
    work: impl Fn(Arc<World>) -> F + Copy + Send + 'static,
) -> (Vec<Duration>, Duration)
where
    F: Future<Output = ()> + Send,
{
    let began = Instant::now();
    let left = Arc::new(AtomicUsize::new(times));
    let mut workers = JoinSet::new();
    for _ in 0..at_once {
        let (world, left) = (Arc::clone(world), Arc::clone(&left));
        workers.spawn(async move {
            let mut took = Vec::new();
            let next =
                || left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1));
            while next().is_ok() {
                let began = Instant::now();
                work(Arc::clone(&world)).await;
                took.push(began.elapsed());
            }
            took
        });
    }
    let mut all: Vec<Duration> = workers.join_all().await.into_iter().flatten().collect();
    all.sort_unstable();
    (all, began.elapsed())
}

/// Measures once what was stored before is told.
async fn row(world: &Arc<World>, data: &Path, receiver: &Receiver) -> Row {
    stored_bytes(data).await;
    let stored = world.made.load(Ordering::Relaxed);
    let before = cpu();
    let creating =
        repeat(world, (CREATES, AT_ONCE), |world| async move { drop(world.create().await) });
    let (_, creating) = creating.await;
    let create_cpu = cpu() - before;
    let (before, told) = (cpu(), receiver.count());
    let verifying =
        repeat(world, (VERIFICATIONS, AT_ONCE), |world| async move { world.verify().await });
    let (_, mut verifying) = verifying.await;
    let began = Instant::now();
    receiver.wait_for(told + VERIFICATIONS).await;
    verifying += began.elapsed();
    let verification_cpu = cpu() - before;
    let reading = repeat(world, (READS, READERS), |world| async move { world.details().await });
    let (reads, _) = reading.await;
    let before = cpu();
    tokio::time::sleep(IDLE).await;
    let idle = cpu() - before;
    Row {
        stored,
        creates_per_s: rate(CREATES, creating),
        create_cpu_ms: ms(create_cpu) / count(CREATES),
        verifications_per_s: rate(VERIFICATIONS, verifying),
        verification_cpu_ms: ms(verification_cpu) / count(VERIFICATIONS),
        read_p50_ms: ms(reads[READS / 2]),
        read_p99_ms: ms(reads[READS * 99 / 100]),
        idle_percent: 100.0 * idle.as_secs_f64() / IDLE.as_secs_f64(),
    }
}

async fn start(data: &Path, ambient: &Ambient) -> System {
    let options = Options { data_dir: Some(data.to_owned()), ..Options::default() };
    System::start(options, handlers::functions(ambient)).await.expect("starts")
}

async fn world(system: &System, ambient: &Ambient) -> World {
    let key = tenant(system, ambient, "Growing Shop").await;
    let client = Client::builder().no_proxy().build().expect("a client");
    let base = system.base_url().to_string();
    let mut world = World { client, base, key, made: AtomicUsize::new(0), read: Value::Null };
    world.read = json!({ "id": world.create().await["id"] });
    world
}

#[tokio::main]
async fn main() {
    let most = std::env::args().nth(1).map(|text| text.parse().expect("a number of sessions"));
    let most: usize = most.unwrap_or(SIZES[SIZES.len() - 1]);
    let data = std::env::temp_dir().join(format!("countersign-bench-{}", std::process::id()));
    let ambient = Ambient::default();
    let system = start(&data, &ambient).await;
    let world = Arc::new(world(&system, &ambient).await);
    let (receiver, _) = Receiver::start(Duration::ZERO).await;
    let asked = json!({ "url": receiver.url(), "events": ["session.completed"] });
    world.post("v1/webhook-endpoints", &asked).await;
    let (first, per_verification) =
        (row(&world, &data, &receiver).await, per_verification(&data, &world, &receiver).await);
    print_head();
    print_row(&first, &first);
    for size in SIZES.into_iter().filter(|size| *size <= most) {
        let missing = size.saturating_sub(world.made.load(Ordering::Relaxed));
        repeat(&world, (missing, AT_ONCE), |world| async move { drop(world.create().await) }).await;
        print_row(&row(&world, &data, &receiver).await, &first);
    }
    system.stop().await;
    let bytes = std::fs::metadata(file(&data)).expect("the file").len();
    let restart = restart(&data, &ambient, &world).await;
    std::fs::remove_dir_all(&data).expect("removed");
    print_rest(per_verification, (bytes, world.made.load(Ordering::Relaxed)), restart);
}

/// Bytes that each verification leaves in the database.
async fn per_verification(data: &Path, world: &Arc<World>, receiver: &Receiver) -> u64 {
    let (before, told) = (stored_bytes(data).await, receiver.count());
    repeat(world, (4 * VERIFICATIONS, AT_ONCE), |world| async move { world.verify().await }).await;
    receiver.wait_for(told + 4 * VERIFICATIONS).await;
    (stored_bytes(data).await - before) / (4 * VERIFICATIONS as u64)
}

/// From the start of the process's work to the first answer from the table.
async fn restart(data: &Path, ambient: &Ambient, world: &Arc<World>) -> Duration {
    let began = Instant::now();
    let system = start(data, ambient).await;
    let client = Client::builder().no_proxy().build().expect("a client");
    let again = World {
        client,
        base: system.base_url().to_string(),
        key: world.key.clone(),
        made: AtomicUsize::new(0),
        read: world.read.clone(),
    };
    again.details().await;
    let took = began.elapsed();
    system.stop().await;
    took
}

fn file(data: &Path) -> PathBuf {
    data.join("table.sqlite")
}

#[expect(clippy::print_stdout, reason = "a benchmark prints its table")]
fn print_head() {
    println!(
        "| stored | creates/s | × | CPU ms | verifications/s | × | CPU ms | read p50 ms | p99/p50 | idle % |"
    );
    println!("|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
}

#[expect(clippy::print_stdout, reason = "as above")]
fn print_row(row: &Row, first: &Row) {
    println!(
        "| {} | {:.0} | {:.2} | {:.2} | {:.1} | {:.2} | {:.1} | {:.2} | {:.1} | {:.2} |",
        row.stored,
        row.creates_per_s,
        row.creates_per_s / first.creates_per_s,
        row.create_cpu_ms,
        row.verifications_per_s,
        row.verifications_per_s / first.verifications_per_s,
        row.verification_cpu_ms,
        row.read_p50_ms,
        row.read_p99_ms / row.read_p50_ms,
        row.idle_percent,
    );
}

#[expect(clippy::print_stdout, reason = "as above")]
fn print_rest(per_verification: u64, (bytes, sessions): (u64, usize), restart: Duration) {
    println!("bytes per verification: {per_verification}");
    println!("file: {} MB with {sessions} sessions", bytes / 1_000_000);
    println!("restart to the first answer: {:.0} ms", ms(restart));
}

fn rate(times: usize, took: Duration) -> f64 {
    count(times) / took.as_secs_f64()
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

#[expect(clippy::cast_precision_loss, reason = "counts are small")]
const fn count(times: usize) -> f64 {
    times as f64
}
