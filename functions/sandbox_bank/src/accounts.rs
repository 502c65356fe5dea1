//! The account list, and how it misbehaves when asked to.

use std::time::Duration;

use runtime::{Problem, Reading as _, Request, Response, json, store_problem};
use serde_json::{Value, json as object};

use crate::consent::{self, Consent};
use crate::persona::{self, Persona, Trigger};
use crate::token::{self, Token};
use crate::{Sandbox, refuse};

/// The bank whose customers' names are never stated.
const NAMELESS_BANK: &str = "sandbox-private";
/// How often a busy bank refuses.
const BUSY_READS: u32 = 2;

/// A read that the bank allows.
pub(crate) struct Allowed {
    pub(crate) consent: Consent,
    pub(crate) token: Token,
    pub(crate) key: String,
    pub(crate) version: u64,
    pub(crate) persona: &'static Persona,
}

/// Who reads, and under which consent; or the refusal.
pub(crate) async fn allowed(
    sandbox: &Sandbox,
    request: &Request,
) -> Result<Result<Allowed, Response>, Problem> {
    let bearer = request.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
    let key = token::token_key(bearer.unwrap_or_default());
    let Some((token, version)) = sandbox.read::<Token>(&key).await? else {
        return Ok(Err(refuse(401, "TOKEN_UNKNOWN", "there is no such token")));
    };
    if token.revoked || request.header("consent-id") != Some(&token.consent) {
        let text = "the token is revoked or of another consent";
        return Ok(Err(refuse(401, "TOKEN_INVALID", text)));
    }
    let granted = sandbox.read::<Consent>(&consent::key(&token.consent)).await?;
    let valid = granted.filter(|(consent, _)| consent.status == consent::Status::Valid);
    let Some((consent, _)) = valid else {
        return Ok(Err(refuse(401, "CONSENT_INVALID", "the consent is not valid")));
    };
    let Some(persona) = persona::find(&token.user) else {
        return Ok(Err(refuse(403, "RESOURCE_UNKNOWN", "there is no such customer")));
    };
    Ok(Ok(Allowed { consent, token, key, version, persona }))
}

/// `GET /v1/accounts`
pub(crate) async fn list(
    sandbox: &Sandbox,
    bank: &str,
    request: &Request,
) -> Result<Response, Problem> {
    let allowed = match allowed(sandbox, request).await? {
        Ok(allowed) => allowed,
        Err(refusal) => return Ok(refusal),
    };
    let Allowed { consent, token, key, version, persona } = allowed;
    let read = Token { reads: token.reads + 1, ..token };
    sandbox.write(&key, &read, Some(version)).await.map_err(store_problem)?;
    Ok(answer(bank, persona, &read, &consent).await)
}

/// The bank's id of a customer's account.
pub(crate) fn resource_id(persona: &Persona, n: usize) -> String {
    format!("{}-{n}", persona.user)
}

async fn answer(bank: &str, persona: &Persona, read: &Token, consent: &Consent) -> Response {
    let trigger = Trigger::of(&read.user);
    let silent = bank == NAMELESS_BANK || trigger == Some(Trigger::NoName);
    let nameless = silent || !consent.names_holders();
    let body = accounts(bank, persona, nameless);
    match trigger {
        Some(Trigger::Slow { seconds }) => {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            json(200, &body)
        }
        Some(Trigger::Error500) => refuse(500, "INTERNAL_SERVER_ERROR", "the bank is broken"),
        Some(Trigger::TooManyThenOk) if read.reads <= BUSY_READS => {
            let mut response = refuse(429, "ACCESS_EXCEEDED", "too many reads");
            let wait = http::HeaderValue::from_static("1");
            response.headers_mut().insert("retry-after", wait);
            response
        }
        Some(Trigger::HalfAnswer) => {
            let text = body.to_string();
            let half = text.get(..text.len() / 2).unwrap_or_default().to_owned();
            let mut response = json(200, &Value::Null);
            *response.body_mut() = half.into();
            response
        }
        _ => json(200, &body),
    }
}

fn accounts(bank: &str, persona: &Persona, nameless: bool) -> Value {
    let owner = |n: usize| persona.holders.get(n).or_else(|| persona.holders.first());
    let account = |(n, account): (usize, &persona::Account)| {
        let mut row = object!({
            "resourceId": resource_id(persona, n),
            "iban": account.iban,
            "currency": account.currency,
            "name": account.name,
            "cashAccountType": account.kind,
            "bic": if bank == "sandbox-savings" { "SAVEDEFFXXX" } else { "SANDDEFFXXX" },
            "usage": persona.usage,
        });
        if let (Some(name), false, Some(row)) = (owner(n), nameless, row.as_object_mut()) {
            row.insert("ownerName".to_owned(), object!(name));
        }
        row
    };
    let rows: Vec<Value> = persona.accounts.iter().enumerate().map(account).collect();
    let mut body = object!({ "accounts": rows });
    let stated = persona.birth_date.is_some() || persona.address.is_some();
    if let (Some(name), true, false, Some(body)) =
        (persona.holders.first(), stated, nameless, body.as_object_mut())
    {
        let details = object!({
            "ownerName": name,
            "birthDate": persona.birth_date,
            "address": persona.address,
            "email": persona.email,
            "phone": persona.phone,
        });
        body.insert("holderDetails".to_owned(), object!([details]));
    }
    body
}
