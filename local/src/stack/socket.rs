//! The services of a running process for the operator's commands beside it: HTTP over a Unix socket
//! in the data directory, which only its owner can enter.

use std::convert::Infallible;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

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

/// Accepting pauses so long after it failed.
const FAILED: Duration = Duration::from_millis(100);
/// The longest path that a socket's address holds everywhere (104 bytes on macOS, 108 on Linux).
const PATH_BYTES_MAX: usize = 100;

/// A socket that is served until this is dropped.
pub(super) struct Served {
    serving: JoinHandle<()>,
    path: PathBuf,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.serving.abort();
        // The next start removes what is left behind.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// A path to a socket that is short enough for its address.
struct Short {
    path: PathBuf,
    /// A link to the socket's directory, where the path to that is too long.
    link: Option<PathBuf>,
}

impl Short {
    fn of(socket: &Path) -> io::Result<Self> {
        if socket.as_os_str().len() <= PATH_BYTES_MAX {
            return Ok(Self { path: socket.to_owned(), link: None });
        }
        let directory = socket.parent().map(std::path::absolute).transpose()?;
        let name = format!("countersign-{}", uuid::Uuid::new_v4().simple());
        let link = std::env::temp_dir().join(name);
        std::os::unix::fs::symlink(directory.unwrap_or_default(), &link)?;
        Ok(Self { path: link.join(socket.file_name().unwrap_or_default()), link: Some(link) })
    }
}

impl Drop for Short {
    fn drop(&mut self) {
        if let Some(link) = &self.link {
            // It leads to a directory that only its owner can enter.
            let _ = std::fs::remove_file(link);
        }
    }
}

/// Serves a socket at `path`, which must not exist. Only the user of this process can connect.
pub(super) fn serve(path: &Path, backend: Backend) -> io::Result<Served> {
    let listener = UnixListener::bind(&Short::of(path)?.path)?;
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    let serving = async move {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => drop(tokio::spawn(serve_connection(stream, backend.clone()))),
                Err(error) => {
                    tracing::warn!(error = %error, "connection of a command not accepted");
                    tokio::time::sleep(FAILED).await;
                }
            }
        }
    };
    Ok(Served { serving: tokio::spawn(serving), path: path.to_owned() })
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
    // A client that hangs up early needs no answer.
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
    if let Some(error) = answer.query_error
        && let Ok(error) = HeaderValue::from_str(&error)
    {
        response.headers_mut().insert(QUERY_ERROR, error);
    }
    *response.status_mut() = http::StatusCode::from_u16(answer.status).unwrap_or_default();
    response
}

/// Tries to connect to the socket at `path`; `true` if a process serves it.
pub(super) fn is_served(path: &Path) -> bool {
    Short::of(path).is_ok_and(|short| std::os::unix::net::UnixStream::connect(&short.path).is_ok())
}

/// Sends one request through the socket at `path`.
pub(super) async fn call(path: &Path, target: &str, body: Bytes) -> io::Result<Answer> {
    let stream = UnixStream::connect(&Short::of(path)?.path).await?;
    let connected = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = connected.map_err(io::Error::other)?;
    tokio::spawn(connection);
    let request = Request::post("/").header("host", "localhost").header("x-amz-target", target);
    let request = request.body(Full::new(body)).map_err(io::Error::other)?;
    let response = sender.send_request(request).await.map_err(io::Error::other)?;
    let status = response.status().as_u16();
    let query_error = response.headers().get(QUERY_ERROR).and_then(|value| value.to_str().ok());
    let query_error = query_error.map(|error| error.to_owned().into());
    let body = response.into_body().collect().await.map_err(io::Error::other)?;
    Ok(Answer { query_error, ..Answer::new(status, body.to_bytes()) })
}
