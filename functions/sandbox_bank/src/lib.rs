//! The sandbox bank: speaks Berlin Group NextGenPSD2 XS2A 1.3 with an OAuth2 redirect and PKCE, and
//! nothing else. To the product it is one more bank in the directory.
//!
//! Several banks live below `/sandbox-bank/{bank}/`. State is kept in a table of its own. A code
//! that is presented twice revokes the first token, as a correct bank does.

mod accounts;
mod consent;
mod login;
pub mod persona;
mod statement;
mod token;

use std::sync::Arc;

use cloud::{Clock, Entropy, Shelf, StoreError};
use jiff::{SignedDuration, Timestamp};
use runtime::{Handler, Problem, Reading as _, Request, Response, json, store_problem};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json as object;
use url::Url;

/// The handler.
pub const HANDLER: Handler<Sandbox> = |sandbox, request| Box::pin(handle(sandbox, request));

/// How long the bank remembers a consent, a code or a token.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// The bank with all its brands.
#[derive(Debug)]
pub struct Sandbox {
    shelf: Shelf,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    base: Url,
}

impl Sandbox {
    /// Banks reached below `base`, which ends in a slash.
    #[must_use]
    pub fn new(shelf: Shelf, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>, base: Url) -> Self {
        Self { shelf, clock, entropy, base }
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn secret(&self) -> String {
        let mut bytes = [0; 32];
        self.entropy.fill(&mut bytes);
        cloud::hex(&bytes)
    }

    fn issuer(&self, bank: &str) -> String {
        format!("{}{bank}", self.base)
    }

    async fn read<T: DeserializeOwned>(&self, key: &str) -> Result<Option<(T, u64)>, Problem> {
        let Some((value, version)) = self.shelf.get(key).await.map_err(store_problem)? else {
            return Ok(None);
        };
        let value = serde_json::from_value(value);
        value.map(|value| Some((value, version))).map_err(|e| Problem::internal(e.to_string()))
    }

    async fn write<T: Serialize>(
        &self,
        key: &str,
        value: &T,
        expected: Option<u64>,
    ) -> Result<(), StoreError> {
        let until = self.now().checked_add(KEPT).unwrap_or(self.now());
        self.shelf.put(key, &object!(value), expected, until).await
    }
}

/// Answers everything below `/sandbox-bank/{bank}/`.
///
/// # Errors
/// A [`Problem`] when the bank's own table does not answer.
pub async fn handle(sandbox: &Sandbox, request: Request) -> Result<Response, Problem> {
    let bank: String = request.path_id("bank")?;
    let path: String = request.path_id("proxy")?;
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let method = request.method().as_str().to_owned();
    match (method.as_str(), parts.as_slice()) {
        ("GET", [".well-known", "oauth-authorization-server"]) => {
            Ok(json(200, &token::metadata(sandbox, &bank)))
        }
        ("POST", ["token"]) => token::exchange(sandbox, &bank, &request).await,
        ("GET", ["authorize"]) => login::form(sandbox, &bank, &request.query()).await,
        ("POST", ["authorize"]) => login::login(sandbox, &bank, &request.form()).await,
        ("POST", ["authorize", "decide"]) => login::decide(sandbox, &bank, &request.form()).await,
        (_, ["v1", ..]) if request.header("x-request-id").is_none() => {
            Ok(refuse(400, "FORMAT_ERROR", "X-Request-ID is missing"))
        }
        ("POST", ["v1", "consents"]) => consent::create(sandbox, &bank, &request).await,
        ("GET", ["v1", "consents", id, "status"]) => consent::status(sandbox, id).await,
        ("DELETE", ["v1", "consents", id]) => consent::delete(sandbox, id).await,
        ("GET", ["v1", "accounts"]) => accounts::list(sandbox, &bank, &request).await,
        ("GET", ["v1", "accounts", id, "balances"]) => {
            statement::balances(sandbox, id, &request).await
        }
        ("GET", ["v1", "accounts", id, "transactions"]) => {
            statement::transactions(sandbox, &bank, id, &request).await
        }
        _ => Ok(refuse(404, "RESOURCE_UNKNOWN", "there is no such resource")),
    }
}

/// An error in the dialect's own form.
fn refuse(status: u16, code: &str, text: &str) -> Response {
    let message = object!({ "category": "ERROR", "code": code, "text": text });
    json(status, &object!({ "tppMessages": [message] }))
}
