//! One executable under the emulator.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use countersign::InvokeError;
use jiff::Timestamp;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

/// How often it is looked whether the emulator listens, and how long is between two looks.
const LOOKS_MAX: u32 = 15_000;
const PAUSE: Duration = Duration::from_millis(2);
/// A port that was free may be somebody's when the emulator takes it.
const STARTS_MAX: u32 = 5;

pub struct Emulator {
    address: SocketAddr,
    // Ended with the emulator, and the executable with it.
    _process: Child,
}

impl Emulator {
    /// Starts an executable with this environment, at this moment for ever.
    pub async fn start(
        executable: &Path,
        environment: &BTreeMap<String, String>,
        now: Timestamp,
    ) -> Self {
        for _ in 0..STARTS_MAX {
            let address = free();
            let mut process = spawn(executable, environment, now, address);
            if listens(&mut process, address).await {
                return Self { address, _process: process };
            }
        }
        panic!("the emulator does not start");
    }

    /// The answer to one event.
    pub async fn invoke(&self, event: Vec<u8>) -> Result<Value, InvokeError> {
        let url = format!("http://{}/2015-03-31/functions/function/invocations", self.address);
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let answer = client.post(&url).body(event).send().await.expect("the emulator answers");
        let answer = answer.bytes().await.expect("whole");
        let answer: Value = serde_json::from_slice(&answer).expect("JSON");
        match answer["errorMessage"].as_str() {
            Some(error) => Err(InvokeError::Failed(error.to_owned())),
            None => Ok(answer),
        }
    }
}

fn spawn(
    executable: &Path,
    environment: &BTreeMap<String, String>,
    now: Timestamp,
    address: SocketAddr,
) -> Child {
    let emulator = std::env::var("AWS_LAMBDA_RIE").expect("AWS_LAMBDA_RIE names the emulator");
    let faketime = std::env::var("LIBFAKETIME").expect("LIBFAKETIME names the library");
    Command::new(emulator)
        .args(["--runtime-interface-emulator-address", &address.to_string()])
        .args(["--runtime-api-address", &free().to_string()])
        .args(["--log-level", "error"])
        .arg(executable)
        .env_clear()
        .envs(environment)
        .env("AWS_REGION", countersign::REGION)
        .env("AWS_ACCESS_KEY_ID", "local")
        .env("AWS_SECRET_ACCESS_KEY", "local")
        .env("AWS_LAMBDA_FUNCTION_TIMEOUT", "30")
        .env("TZ", "UTC")
        .env("LD_PRELOAD", faketime)
        .env("FAKETIME", now.strftime("%F %T").to_string())
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("the emulator is an executable")
}

/// Looks until it listens, or has ended.
async fn listens(process: &mut Child, address: SocketAddr) -> bool {
    let mut looks = tokio::time::interval(PAUSE);
    for _ in 0..LOOKS_MAX {
        looks.tick().await;
        if TcpStream::connect(address).await.is_ok() {
            return true;
        }
        if process.try_wait().is_ok_and(|ended| ended.is_some()) {
            return false;
        }
    }
    false
}

fn free() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("an address")
}
