//! A visit to a bank: what is remembered from the moment the person leaves until the bank is read.

use std::net::IpAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::private::{Secret, inside_seal};

/// Who the person's browser is. Berlin Group requires banks to be told (XS2A, `PSU-IP-Address`).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Browser {
    /// The person's address.
    pub ip: IpAddr,
    /// The browser's `User-Agent`, cut to 256 characters.
    pub user_agent: Option<String>,
}

/// What a connector needs to recognise the person's return; only the connector reads `memory`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// SHA-256 of the `state` parameter, in lower-case hex. The parameter itself is never stored.
    pub state_hash: String,
    /// SHA-256 of the cookie that binds the visit to one browser, in lower-case hex.
    pub cookie_hash: String,
    /// The connector's own notes: consent id, PKCE verifier, expected issuer.
    #[serde(with = "inside_seal")]
    pub memory: Secret<String>,
    /// The browser that left.
    #[serde(with = "inside_seal")]
    pub browser: Secret<Browser>,
    /// When the person left for the bank.
    pub started_at: Timestamp,
}

/// What the bank's redirect carried: query, form or fragment, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Callback {
    /// Name and value pairs.
    #[serde(with = "inside_seal")]
    pub parameters: Secret<Vec<(String, String)>>,
}

impl Callback {
    /// The value of the first parameter called `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.parameters.expose().iter().find(|(key, _)| key == name).map(|(_, value)| &**value)
    }
}

/// What gives access to the bank: token and consent, in the connector's own form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// The connector's notes.
    #[serde(with = "inside_seal")]
    pub memory: Secret<String>,
    /// The person's browser, told to the bank with every read.
    #[serde(with = "inside_seal")]
    pub browser: Secret<Browser>,
}
