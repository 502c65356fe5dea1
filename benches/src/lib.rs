//! What several benchmarks need.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// CPU time that this process has used, from the kernel's own count.
///
/// # Panics
/// Where there is no `/proc`.
#[must_use]
pub fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: u64 = fields.skip(11).take(2).filter_map(|n| n.parse::<u64>().ok()).sum();
    // The kernel counts in hundredths of a second.
    Duration::from_millis(ticks * 10)
}

/// A receiver of webhooks that answers 204 and counts.
pub struct Receiver {
    url: String,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    count: AtomicUsize,
    news: Notify,
}

impl Receiver {
    /// Starts on a free port of loopback.
    ///
    /// # Panics
    /// Where there is no free port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/", listener.local_addr().expect("an address"));
        let state = Arc::<State>::default();
        let counted = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, Arc::clone(&counted)));
            }
        });
        Self { url, state }
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// How many requests came.
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
    let mut bytes = Vec::new();
    loop {
        let length = whole(&bytes);
        if let Some(length) = length {
            bytes.drain(..length);
            state.count.fetch_add(1, Ordering::SeqCst);
            state.news.notify_waiters();
            stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.ok()?;
            continue;
        }
        let mut chunk = [0; 4_096];
        let count = stream.read(&mut chunk).await.ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&chunk[..count]);
    }
}

/// How long the first request is, if it is whole.
fn whole(bytes: &[u8]) -> Option<usize> {
    let head = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let text = std::str::from_utf8(&bytes[..head]).ok()?;
    let length = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    });
    let whole = head + 4 + length.unwrap_or(0);
    (bytes.len() >= whole).then_some(whole)
}
