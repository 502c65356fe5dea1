//! A receiver of webhooks: a real server on loopback that notes what it got and answers as it is
//! told.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};

/// A request that arrived.
#[derive(Debug, Clone)]
pub struct Arrived {
    pub path: String,
    pub headers: HashMap<String, String>,
    pub body: String,
}

impl Arrived {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).expect("JSON")
    }
}

/// Decides what to answer: the whole answer, head and body.
type Answering = dyn Fn(&Arrived) -> String + Send + Sync;

pub struct Receiver {
    pub url: String,
    arrived: Arc<Mutex<Vec<Arrived>>>,
    /// Requests as they arrive, for who waits for them.
    pub arriving: tokio::sync::Mutex<mpsc::UnboundedReceiver<String>>,
    /// While `true`, nothing is answered.
    held: watch::Sender<bool>,
}

/// An answer with a status and nothing else.
pub fn status(status: u16) -> String {
    with(status, "")
}

/// An answer with a status and headers, each ended by a line break.
pub fn with(status: u16, headers: &str) -> String {
    format!("HTTP/1.1 {status} Told\r\n{headers}content-length: 0\r\nconnection: close\r\n\r\n")
}

impl Receiver {
    pub async fn ok() -> Self {
        Self::answering(|_| status(200)).await
    }

    pub async fn answering(answer: impl Fn(&Arrived) -> String + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let arrived: Arc<Mutex<Vec<Arrived>>> = Arc::default();
        let (tell, arriving) = mpsc::unbounded_channel();
        let (held, holding) = watch::channel(false);
        let (noted, answer): (_, Arc<Answering>) = (Arc::clone(&arrived), Arc::new(answer));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (noted, answer) = (Arc::clone(&noted), Arc::clone(&answer));
                let (tell, mut holding) = (tell.clone(), holding.clone());
                tokio::spawn(async move {
                    let Some((request, mut stream)) = read(stream).await else { return };
                    noted.lock().expect("no panic here").push(request.clone());
                    let text = answer(&request);
                    let _ = tell.send(request.path);
                    let _ = holding.wait_for(|held| !held).await;
                    let _ = stream.write_all(text.as_bytes()).await;
                    let _ = stream.shutdown().await;
                });
            }
        });
        let arriving = tokio::sync::Mutex::new(arriving);
        Self { url: format!("http://{address}"), arrived, arriving, held }
    }

    /// What arrived so far.
    pub fn arrived(&self) -> Vec<Arrived> {
        self.arrived.lock().expect("no panic here").clone()
    }

    /// What arrived since the last time.
    pub fn take(&self) -> Vec<Arrived> {
        std::mem::take(&mut *self.arrived.lock().expect("no panic here"))
    }

    /// Holds answers back, or lets them go.
    pub fn hold(&self, held: bool) {
        self.held.send_replace(held);
    }
}

async fn read(mut stream: TcpStream) -> Option<(Arrived, TcpStream)> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4_096];
    loop {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
        if let Some(end) = end {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let mut lines = head.lines();
            let path = lines.next()?.split(' ').nth(1)?.to_owned();
            let pairs = lines.filter_map(|line| line.split_once(':'));
            let headers: HashMap<String, String> = pairs
                .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
                .collect();
            let length: usize = headers.get("content-length")?.parse().ok()?;
            if bytes.len() >= end + 4 + length {
                let body = bytes[end + 4..end + 4 + length].to_vec();
                let body = String::from_utf8(body).ok()?;
                return Some((Arrived { path, headers, body }, stream));
            }
        }
        let count = stream.read(&mut chunk).await.ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&chunk[..count]);
    }
}
