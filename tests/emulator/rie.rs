//! One executable under the emulator.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::Stdio;

use countersign::InvokeError;
use jiff::Timestamp;
use serde_json::Value;
use tokio::process::{Child, Command};

/// How often the emulator is asked before it counts as not there.
const TRIES_MAX: u32 = 5_000;

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
        let emulator = std::env::var("AWS_LAMBDA_RIE").expect("AWS_LAMBDA_RIE names the emulator");
        let faketime = std::env::var("LIBFAKETIME").expect("LIBFAKETIME names the library");
        let (address, runtime_api) = (free(), free());
        let process = Command::new(emulator)
            .args(["--runtime-interface-emulator-address", &address.to_string()])
            .args(["--runtime-api-address", &runtime_api.to_string()])
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
            .spawn();
        Self { address, _process: process.expect("the emulator starts") }
    }

    /// The answer to one event.
    pub async fn invoke(&self, event: Vec<u8>) -> Result<Value, InvokeError> {
        let url = format!("http://{}/2015-03-31/functions/function/invocations", self.address);
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        for _ in 0..TRIES_MAX {
            match client.post(&url).body(event.clone()).send().await {
                Ok(answer) => {
                    let answer = answer.bytes().await.expect("whole");
                    let answer: Value = serde_json::from_slice(&answer).expect("JSON");
                    return match answer["errorMessage"].as_str() {
                        Some(error) => Err(InvokeError::Failed(error.to_owned())),
                        None => Ok(answer),
                    };
                }
                Err(error) if error.is_connect() => tokio::task::yield_now().await,
                Err(error) => panic!("{error}"),
            }
        }
        panic!("the emulator does not listen");
    }
}

fn free() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("an address")
}
