//! The HTTP API: requests become API Gateway events, answers become responses.
//!
//! Keeps true: what the gateway refuses on AWS (no route, too long a head) it refuses here, in the
//! same words; a request that has begun is answered before the gateway stops. Does not know what
//! the functions do. The pages of `docs` stand beside them, here and not on AWS.

mod answer;
mod event;
mod own_page;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;

use crate::function::Running;
use crate::route::{Router, segments};

/// API Gateway takes no longer request line and headers.
const HEAD_BYTES_MAX: usize = 10_240;
/// The parser's buffer: it has to hold a head that is too long for it to be refused politely.
const BUFFER_BYTES_MAX: usize = 64 * 1_024;
/// The longest body. API Gateway takes ten times more; nothing here needs a tenth.
const BODY_BYTES_MAX: usize = 1_024 * 1_024;
/// The longest body that is read at all, to refuse it.
const DRAINED_BYTES_MAX: usize = 10 * BODY_BYTES_MAX;
/// A client that sends slower than this is given up.
const SENDING_S_MAX: u64 = 10;
/// Connections at the same time; more wait.
const CONNECTIONS_MAX: usize = 1_024;

pub use own_page::OwnPage;
pub(crate) use own_page::OwnPages;

type Routes = Router<Arc<Running>>;
type Answered = Response<Full<Bytes>>;

/// The functions and pages that answer requests.
struct Front {
    routes: Routes,
    own_pages: OwnPages,
}

/// A gateway that serves.
pub(crate) struct Gateway {
    stop: watch::Sender<bool>,
    serving: JoinHandle<()>,
}

impl Gateway {
    pub(crate) fn serve(listener: TcpListener, routes: Routes, own_pages: OwnPages) -> Self {
        let (stop, stopped) = watch::channel(false);
        let front = Arc::new(Front { routes, own_pages });
        let serving = tokio::spawn(accept(listener, front, stopped));
        Self { stop, serving }
    }

    /// Takes no more connections and waits for the answers that are under way, as long as the
    /// caller does.
    pub(crate) async fn stop(self) {
        self.stop.send_replace(true);
        if self.serving.await.is_err() {
            tracing::warn!("gateway ended early");
        }
    }
}

async fn accept(listener: TcpListener, front: Arc<Front>, mut stopped: watch::Receiver<bool>) {
    let graceful = GracefulShutdown::new();
    let connections = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let next = async {
            let permit = Arc::clone(&connections).acquire_owned().await;
            (permit, listener.accept().await)
        };
        let (permit, accepted) = tokio::select! {
            next = next => next,
            _ = stopped.wait_for(|stopped| *stopped) => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, most likely: without a pause this would spin.
                tracing::warn!(error = %error, "connection not accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let connection = graceful.watch(connection(stream, peer, Arc::clone(&front)));
        tokio::spawn(async move {
            // A client that hangs up is no concern of ours.
            let _ = connection.await;
            drop(permit);
        });
    }
    drop(listener);
    graceful.shutdown().await;
}

fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    front: Arc<Front>,
) -> impl hyper_util::server::graceful::GracefulConnection<Error = hyper::Error> {
    let local = stream.local_addr().unwrap_or(peer);
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(error = %error, "delay not switched off");
    }
    let service = service_fn(move |request| {
        let front = Arc::clone(&front);
        async move { Ok::<_, Infallible>(respond(&front, request, Ends { peer, local }).await) }
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(SENDING_S_MAX))
        .max_buf_size(BUFFER_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service)
}

/// Both ends of a connection.
#[derive(Debug, Clone, Copy)]
struct Ends {
    peer: SocketAddr,
    local: SocketAddr,
}

async fn respond(front: &Front, request: Request<Incoming>, ends: Ends) -> Answered {
    let head_only = request.method() == http::Method::HEAD;
    let response = match take(front, request, ends).await {
        Ok(response) => response,
        Err(status) => answer::refusal(status),
    };
    if head_only {
        return response.map(|_| Full::default());
    }
    response
}

async fn take(
    front: &Front,
    request: Request<Incoming>,
    ends: Ends,
) -> Result<Answered, StatusCode> {
    let (head, body) = request.into_parts();
    if head_bytes(&head) > HEAD_BYTES_MAX {
        return Err(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
    }
    if let Some(page) = OwnPage::at(&head) {
        return Ok(front.own_pages.answer(page).await);
    }
    let path = segments(head.uri.path()).ok_or(StatusCode::BAD_REQUEST)?;
    let taken = front.routes.find(head.method.as_str(), &path).ok_or(StatusCode::NOT_FOUND)?;
    let host = event::host(&head, ends).ok_or(StatusCode::BAD_REQUEST)?;
    let body = read(body).await?;
    let described =
        event::Described { head: &head, host: &host, ends, path: &path, route: taken.route };
    let function = Arc::clone(taken.target);
    let (event, request_id) = event::build(&described, taken.parameters, &body);
    let answered = function.call(event).await;
    let answered = answered.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    answer::response(&answered, &request_id).ok_or_else(|| {
        tracing::error!(function.id = function.function.id, "answer is no response");
        StatusCode::INTERNAL_SERVER_ERROR
    })
}

fn head_bytes(head: &http::request::Parts) -> usize {
    let target = head.uri.path_and_query().map_or(1, |target| target.as_str().len());
    let line = head.method.as_str().len() + target + " HTTP/1.1\r\n ".len();
    let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        name.as_str().len() + value.len() + ": \r\n".len()
    };
    line + head.headers.iter().map(header).sum::<usize>()
}

/// Reads a body that is a little too long to its end before it is refused: a client that is still
/// sending would otherwise lose the answer together with the connection.
async fn read(body: Incoming) -> Result<Bytes, StatusCode> {
    if body.size_hint().lower() > DRAINED_BYTES_MAX as u64 {
        return Err(StatusCode::PAYLOAD_TOO_LARGE);
    }
    let reading = tokio::time::timeout(Duration::from_secs(SENDING_S_MAX), read_all(body));
    reading.await.unwrap_or(Err(StatusCode::REQUEST_TIMEOUT))
}

async fn read_all(mut body: Incoming) -> Result<Bytes, StatusCode> {
    let mut kept = BytesMut::new();
    let mut seen = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| StatusCode::BAD_REQUEST)?;
        let Some(data) = frame.data_ref() else {
            continue;
        };
        seen += data.len();
        if seen > DRAINED_BYTES_MAX {
            return Err(StatusCode::PAYLOAD_TOO_LARGE);
        }
        if seen <= BODY_BYTES_MAX {
            kept.extend_from_slice(data);
        }
    }
    match seen {
        0..=BODY_BYTES_MAX => Ok(kept.freeze()),
        _ => Err(StatusCode::PAYLOAD_TOO_LARGE),
    }
}
