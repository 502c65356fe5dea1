//! The services of a running process for the operator's commands beside it: HTTP over a Unix socket
//! in the data directory, which only its owner can enter.

use std::convert::Infallible;
use std::io;
use std::path::Path;

use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinHandle;

use super::backend::{Answer, Backend, QUERY_ERROR};

/// DynamoDB's own limit of a request.
const BODY_BYTES_MAX: usize = 16 * 1_024 * 1_024;

/// A socket that is served until this is dropped.
pub(super) struct Served(JoinHandle<()>);

impl Drop for Served {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Serves a socket at `path`, which must not exist.
pub(super) fn serve(path: &Path, backend: Backend) -> io::Result<Served> {
    let listener = UnixListener::bind(path)?;
    let serving = async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve_connection(stream, backend.clone()));
        }
    };
    Ok(Served(tokio::spawn(serving)))
}

/// Answers the requests of one connection, for functions that run outside of this process.
pub async fn serve_connection<S>(stream: S, backend: Backend)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request| {
        let backend = backend.clone();
        async move { Ok::<_, Infallible>(respond(&backend, request).await) }
    });
    let connection = hyper::server::conn::http1::Builder::new();
    // A client that hangs up early has lost interest.
    let _ = connection.serve_connection(TokioIo::new(stream), service).await;
}

async fn respond(backend: &Backend, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let target = head.headers.get("x-amz-target").and_then(|value| value.to_str().ok());
    let answer = match Limited::new(body, BODY_BYTES_MAX).collect().await {
        Ok(body) => backend.call(target.unwrap_or_default(), body.to_bytes()).await,
        Err(_) => Answer::new(413, ""),
    };
    let mut response = Response::new(Full::new(answer.body));
    if let Some(error) = answer.query_error {
        let error = HeaderValue::from_static(error);
        response.headers_mut().insert(QUERY_ERROR, error);
    }
    *response.status_mut() = http::StatusCode::from_u16(answer.status).unwrap_or_default();
    response
}

/// Sends one request through the socket at `path`. The commands use the database only, so the header
/// of SQS's errors is left out.
pub(super) async fn call(path: &Path, target: &str, body: Bytes) -> io::Result<Answer> {
    let stream = UnixStream::connect(path).await?;
    let connected = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = connected.map_err(io::Error::other)?;
    tokio::spawn(connection);
    let request = Request::post("/").header("host", "localhost").header("x-amz-target", target);
    let request = request.body(Full::new(body)).map_err(io::Error::other)?;
    let response = sender.send_request(request).await.map_err(io::Error::other)?;
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.map_err(io::Error::other)?;
    Ok(Answer::new(status, body.to_bytes()))
}
