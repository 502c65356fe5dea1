//! A tenant, a receiver and measurements that several benchmarks share.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use countersign::tenant::{self, NewTenant};
use countersign::{System, handlers};
use model::callback_url::Origin;
use model::contact::EmailAddress;
use model::locale::Market;
use model::tenant::{Limits, Mode};
use runtime::Ambient;
use rusqlite::Connection;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// A tenant whose requests are not limited, and its API key.
///
/// # Panics
/// If the table does not take it.
pub async fn tenant(system: &System, ambient: &Ambient, name: &str) -> String {
    let app = handlers::operator(system.template(), system.clients(), ambient).expect("an app");
    let asked = NewTenant {
        name: name.to_owned(),
        email: EmailAddress::parse("developer@example.com").expect("an e-mail"),
        origins: vec![Origin::parse("https://example.com").expect("an origin")],
        market: Market::parse("DE").expect("a market"),
        mode: Mode::Test,
        limits: Limits { create: u32::MAX, poll: u32::MAX, other: u32::MAX },
    };
    let made = tenant::create(&app, asked).await.expect("a tenant");
    made.key.text().expose().clone()
}

/// Bytes of a data directory's database that hold something, once its stream is read to the end.
///
/// # Panics
/// If the file cannot be read.
pub async fn stored_bytes(data: &Path) -> u64 {
    let file = Connection::open(data.join("table.sqlite")).expect("the file");
    let number = |sql: &str| file.query_row(sql, [], |row| row.get::<_, u64>(0)).expect("a number");
    while number("SELECT COUNT(*) FROM _stream_records") > 2 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    (number("PRAGMA page_count") - number("PRAGMA freelist_count")) * number("PRAGMA page_size")
}

/// CPU time that this process has used, from the kernel's own count.
///
/// # Panics
/// If there is no `/proc`.
#[must_use]
pub fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: u64 = fields.skip(11).take(2).filter_map(|n| n.parse::<u64>().ok()).sum();
    // The kernel counts in hundredths of a second.
    Duration::from_millis(ticks * 10)
}

/// A receiver of webhooks that answers 204, keeps connections open, and counts.
pub struct Receiver {
    url: String,
    state: Arc<State>,
}

/// A body that came, and when.
pub type Arrived = (Vec<u8>, Instant);

struct State {
    count: AtomicUsize,
    news: Notify,
    pause: Duration,
    tell: UnboundedSender<Arrived>,
}

impl Receiver {
    /// Starts on a free port of loopback. It answers each request after a pause.
    ///
    /// # Panics
    /// If there is no free port.
    pub async fn start(pause: Duration) -> (Self, UnboundedReceiver<Arrived>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/", listener.local_addr().expect("an address"));
        let (tell, told) = unbounded_channel();
        let state =
            Arc::new(State { count: AtomicUsize::new(0), news: Notify::new(), pause, tell });
        let counted = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, Arc::clone(&counted)));
            }
        });
        (Self { url, state }, told)
    }

    /// The URL it listens on.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The number of requests that came.
    #[must_use]
    pub fn count(&self) -> usize {
        self.state.count.load(Ordering::SeqCst)
    }

    /// Waits until so many requests came.
    pub async fn wait_for(&self, count: usize) {
        loop {
            let news = self.state.news.notified();
            if self.count() >= count {
                return;
            }
            news.await;
        }
    }
}

/// Answers the requests of one connection.
async fn answer(mut stream: TcpStream, state: Arc<State>) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut bytes = Vec::new();
    loop {
        if let Some((head, whole)) = request(&bytes) {
            let at = Instant::now();
            let body = bytes[head..whole].to_vec();
            bytes.drain(..whole);
            state.count.fetch_add(1, Ordering::SeqCst);
            state.news.notify_waiters();
            // A benchmark that only counts has dropped the other end.
            let _ = state.tell.send((body, at));
            if !state.pause.is_zero() {
                tokio::time::sleep(state.pause).await;
            }
            stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.ok()?;
            continue;
        }
        let mut chunk = [0; 4_096];
        let count = stream.read(&mut chunk).await.ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&chunk[..count]);
    }
}

/// The begin and the end of the first request's body, if the request is whole.
fn request(bytes: &[u8]) -> Option<(usize, usize)> {
    let head = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&bytes[..head]).ok()?;
    let length = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    });
    let whole = head + length.unwrap_or(0);
    (bytes.len() >= whole).then_some((head, whole))
}
