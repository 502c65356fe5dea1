//! The Lambda runtime API, as far as a function needs it: `next` and `response`.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::sync::Notify;

/// A function that was started, asked, and ended.
pub(crate) struct Started {
    /// From its start until it asked for the first event.
    pub(crate) init: Duration,
    /// How long each event took.
    pub(crate) answers: Vec<Duration>,
    /// The most memory it held.
    pub(crate) peak_kib: u64,
}

struct Api {
    event: Bytes,
    asked: Mutex<Vec<Instant>>,
    answered: Mutex<Vec<Instant>>,
    wanted: usize,
    done: Notify,
}

/// Starts an executable and gives it the event so many times.
pub(crate) async fn start(
    executable: &Path,
    environment: &BTreeMap<String, String>,
    event: &[u8],
    wanted: usize,
) -> Started {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let api = Arc::new(Api {
        event: Bytes::copy_from_slice(event),
        asked: Mutex::default(),
        answered: Mutex::default(),
        wanted,
        done: Notify::new(),
    });
    let serving = tokio::spawn(serve(listener, Arc::clone(&api)));
    let began = Instant::now();
    let mut process = Command::new(executable)
        .env_clear()
        .envs(environment)
        .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
        .env("AWS_LAMBDA_FUNCTION_NAME", "bench")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
        .env("AWS_REGION", countersign::REGION)
        .env("AWS_ACCESS_KEY_ID", "local")
        .env("AWS_SECRET_ACCESS_KEY", "local")
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .kill_on_drop(true)
        .spawn()
        .expect("it starts");
    tokio::select! {
        () = api.done.notified() => {}
        ended = process.wait() => panic!("{} ended: {ended:?}", executable.display()),
    }
    let peak_kib = peak_kib(process.id().expect("it runs"));
    process.kill().await.expect("ended");
    serving.abort();
    let asked = api.asked.lock().expect("no panic here").clone();
    let answered = api.answered.lock().expect("no panic here").clone();
    let answers = asked.iter().zip(&answered).map(|(asked, answered)| *answered - *asked);
    Started { init: asked[0] - began, answers: answers.collect(), peak_kib }
}

async fn serve(listener: TcpListener, api: Arc<Api>) {
    while let Ok((stream, _)) = listener.accept().await {
        let api = Arc::clone(&api);
        let service = service_fn(move |request| answer(Arc::clone(&api), request));
        let io = TokioIo::new(stream);
        tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(io, service));
    }
}

async fn answer(
    api: Arc<Api>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    if request.method() == Method::GET {
        return Ok(next(&api).await);
    }
    drop(request.into_body().collect().await);
    let count = {
        let mut answered = api.answered.lock().expect("no panic here");
        answered.push(Instant::now());
        answered.len()
    };
    if count == api.wanted {
        api.done.notify_one();
    }
    let accepted = Response::builder().status(202).body(Full::default());
    Ok(accepted.expect("constant"))
}

async fn next(api: &Api) -> Response<Full<Bytes>> {
    let count = api.answered.lock().expect("no panic here").len();
    if count == api.wanted {
        std::future::pending::<()>().await;
    }
    api.asked.lock().expect("no panic here").push(Instant::now());
    Response::builder()
        .header("lambda-runtime-aws-request-id", format!("request-{count}"))
        .header("lambda-runtime-deadline-ms", "4102444800000")
        .header("lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-central-1:1:function:f")
        .header("content-type", "application/json")
        .body(Full::new(api.event.clone()))
        .expect("constant headers")
}

fn peak_kib(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse().ok()).unwrap_or(0)
}
