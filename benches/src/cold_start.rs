//! Cold starts of the built functions beside the least that a function can be.
//!
//! ```text
//! make functions
//! cargo lambda build --release --locked --disable-optimizations -p hello
//! cargo run --release -p benches --bin cold_start
//! ```
//!
//! This process plays the Lambda runtime API and the database. Each executable is started some times
//! and asked some times with an event of its own; the table says medians, and how many times those
//! of `hello` they are. Where the event's key is of no tenant here, the answer is a refusal, after the
//! same look into the table as every request begins with.

mod lambda;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use countersign::{Backend, Function, Options, System, handlers, serve_connection};
use lambda::{Started, start};
use runtime::Ambient;
use tokio::net::TcpListener;

const STARTS: usize = 7;
const WARM: usize = 9;

#[tokio::main]
#[expect(clippy::print_stdout, reason = "a benchmark prints its table")]
async fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let built = std::env::var_os("FUNCTIONS_DIR").map(PathBuf::from);
    let built = built.unwrap_or_else(|| root.join("target/lambda"));
    let functions = handlers::functions(&Ambient::default());
    let system = System::start(Options::default(), functions).await.expect("the system starts");
    let services = serve(system.backend().clone()).await;
    let hello = measure(&built, "hello", &BTreeMap::new(), &event(&root, "fallback")).await;
    println!("| function | MB | init ms | × | first ms | warm ms | × of warm | peak MB |");
    println!("|---|--:|--:|--:|--:|--:|--:|--:|");
    print("hello", &hello, &hello);
    for function in &system.template().functions {
        let environment = environment(&services, function);
        let event = event(&root, &function.binary);
        let found = measure(&built, &function.binary, &environment, &event).await;
        print(&function.binary, &found, &hello);
    }
    system.stop().await;
}

struct Measured {
    bytes: u64,
    init: Duration,
    first: Duration,
    warm: Duration,
    peak_kib: u64,
}

async fn measure(
    built: &Path,
    binary: &str,
    environment: &BTreeMap<String, String>,
    event: &[u8],
) -> Measured {
    let path = built.join(binary).join("bootstrap");
    let bytes = std::fs::metadata(&path)
        .unwrap_or_else(|_| panic!("{} is not built; see the head of this file", path.display()))
        .len();
    let (mut inits, mut firsts, mut warms, mut peaks) = (vec![], vec![], vec![], vec![]);
    for _ in 0..STARTS {
        let Started { init, mut answers, peak_kib } =
            start(&path, environment, event, 1 + WARM).await;
        inits.push(init);
        firsts.push(answers.remove(0));
        warms.push(median(answers));
        peaks.push(peak_kib);
    }
    let (init, first, warm) = (median(inits), median(firsts), median(warms));
    Measured { bytes, init, first, warm, peak_kib: median(peaks) }
}

#[expect(clippy::print_stdout, reason = "as above")]
fn print(name: &str, found: &Measured, hello: &Measured) {
    let ms = |duration: Duration| duration.as_secs_f64() * 1e3;
    println!(
        "| {name} | {:.1} | {:.2} | {:.1} | {:.2} | {:.2} | {:.1} | {:.1} |",
        megabytes(found.bytes),
        ms(found.init),
        ms(found.init) / ms(hello.init),
        ms(found.first),
        ms(found.warm),
        ms(found.first) / ms(found.warm),
        megabytes(found.peak_kib * 1024),
    );
}

#[expect(clippy::cast_precision_loss, reason = "megabytes with one digit")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

fn median<T: Ord + Copy>(mut values: Vec<T>) -> T {
    values.sort_unstable();
    values[values.len() / 2]
}

/// The first event of a function, by name.
fn event(root: &Path, function: &str) -> Vec<u8> {
    let files = std::fs::read_dir(root.join("events").join(function)).expect("every function has");
    let paths = files.map(|file| file.expect("readable").path());
    std::fs::read(paths.min().expect("an event")).expect("readable")
}

fn environment(services: &str, function: &Function) -> BTreeMap<String, String> {
    let mut environment = function.environment.clone();
    environment.extend([
        ("AWS_ENDPOINT_URL".to_owned(), services.to_owned()),
        ("RUST_LOG".to_owned(), "error".to_owned()),
    ]);
    environment
}

/// The database and the queues over TCP, for the executables.
async fn serve(backend: Backend) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve_connection(stream, backend.clone()));
        }
    });
    url
}
