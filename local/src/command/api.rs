//! A tenant's own way to a running system, for the commands that a developer types.

use reqwest::{Client, Method, StatusCode};
use serde_json::Value;
use url::Url;

/// Where the system is, and who asks.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Target {
    /// Where the system is
    #[arg(
        long,
        env = "COUNTERSIGN_SERVER",
        default_value = "http://127.0.0.1:8787",
        value_name = "URL"
    )]
    server: Url,
    /// The tenant's API key
    #[arg(long, env = "COUNTERSIGN_API_KEY", hide_env_values = true, value_name = "KEY")]
    key: String,
}

/// A client of the API.
pub(super) struct Api {
    client: Client,
    target: Target,
}

impl Api {
    /// A client for `target`.
    ///
    /// # Errors
    /// TLS cannot be set up.
    pub(super) fn new(target: Target) -> Result<Self, String> {
        let client = Client::builder().no_proxy().build().map_err(|error| error.to_string())?;
        Ok(Self { client, target })
    }

    /// Asks, and reads the answer.
    ///
    /// # Errors
    /// One sentence that says what is wrong and what to do.
    pub(super) async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, String> {
        let server = &self.target.server;
        let url = server.join(path).map_err(|_| format!("{server} is not the URL of a system"))?;
        let mut request = self.client.request(method, url).header("x-api-key", &self.target.key);
        if let Some(body) = body {
            let json = ("content-type", "application/json");
            request = request.header(json.0, json.1).body(body.to_string());
        }
        let unreachable = |_| format!("{server} does not answer; is `countersign serve` running?");
        let answer = request.send().await.map_err(unreachable)?;
        let status = answer.status();
        let text = answer.text().await.map_err(unreachable)?;
        let body: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
        if status.is_success() {
            return Ok(body);
        }
        let detail = body["detail"].as_str().unwrap_or("no reason is given");
        Err(match status {
            StatusCode::UNAUTHORIZED => format!("the API key was refused: {detail}"),
            StatusCode::NOT_FOUND => format!("there is nothing under {path}: {detail}"),
            _ => format!("refused with {status}: {detail}"),
        })
    }
}
