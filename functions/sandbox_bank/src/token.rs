//! The authorization server: metadata (RFC 8414), and codes turned into tokens (RFC 6749, 7636).

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cloud::sha256_hex;
use jiff::Timestamp;
use runtime::{Problem, Reading as _, Request, Response, json, store_problem};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json as object};

use crate::Sandbox;

/// A code as it is kept, under its hash.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Code {
    pub(crate) consent: String,
    pub(crate) user: String,
    pub(crate) redirect_uri: String,
    pub(crate) challenge: String,
    pub(crate) expires_at: Timestamp,
    /// The token it was turned into.
    pub(crate) used_for: Option<String>,
}

/// A token as it is kept, under its hash.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Token {
    pub(crate) consent: String,
    pub(crate) user: String,
    pub(crate) revoked: bool,
    /// How often the account list was asked for.
    pub(crate) reads: u32,
    /// How often balances were asked for.
    pub(crate) balance_reads: u32,
}

pub(crate) fn code_key(code: &str) -> String {
    format!("code:{}", sha256_hex(code.as_bytes()))
}

pub(crate) fn token_key(token: &str) -> String {
    format!("token:{}", sha256_hex(token.as_bytes()))
}

pub(crate) fn metadata(sandbox: &Sandbox, bank: &str) -> Value {
    let issuer = sandbox.issuer(bank);
    object!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
    })
}

/// `POST /token`
pub(crate) async fn exchange(
    sandbox: &Sandbox,
    _bank: &str,
    request: &Request,
) -> Result<Response, Problem> {
    let form = request.form();
    let get = |name: &str| {
        form.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
    };
    if get("grant_type") != "authorization_code" {
        return Ok(invalid("unsupported_grant_type"));
    }
    let key = code_key(get("code"));
    let Some((code, version)) = sandbox.read::<Code>(&key).await? else {
        return Ok(invalid("invalid_grant"));
    };
    if let Some(token) = &code.used_for {
        revoke(sandbox, token).await?;
        return Ok(invalid("invalid_grant"));
    }
    let verifier = digest::digest(&digest::SHA256, get("code_verifier").as_bytes());
    let proven = URL_SAFE_NO_PAD.encode(verifier) == code.challenge;
    if !proven || get("redirect_uri") != code.redirect_uri || sandbox.now() >= code.expires_at {
        return Ok(invalid("invalid_grant"));
    }
    let secret = sandbox.secret();
    let token_key = token_key(&secret);
    let (consent, user) = (code.consent.clone(), code.user.clone());
    let token = Token { consent, user, revoked: false, reads: 0, balance_reads: 0 };
    sandbox.write(&token_key, &token, None).await.map_err(store_problem)?;
    let used = Code { used_for: Some(token_key.clone()), ..code };
    if sandbox.write(&key, &used, Some(version)).await.is_err() {
        revoke(sandbox, &token_key).await?;
        return Ok(invalid("invalid_grant"));
    }
    Ok(json(200, &object!({ "access_token": secret, "token_type": "Bearer", "expires_in": 3600 })))
}

async fn revoke(sandbox: &Sandbox, key: &str) -> Result<(), Problem> {
    let Some((token, version)) = sandbox.read::<Token>(key).await? else {
        return Ok(());
    };
    let revoked = Token { revoked: true, ..token };
    sandbox.write(key, &revoked, Some(version)).await.map_err(store_problem)
}

fn invalid(error: &str) -> Response {
    json(400, &object!({ "error": error }))
}
