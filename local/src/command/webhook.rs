//! `countersign trigger`, `deliveries retry` and `verify-webhook`.

use std::io::Read as _;
use std::path::PathBuf;

use jiff::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};
use webhooks::{Headers, Key, Refused, verify};

use super::api::{Api, Target};

#[derive(Debug, clap::Args)]
pub(super) struct Trigger {
    /// `test`, which is sent to an endpoint, or the id of an event, which is told again
    event: String,
    /// The endpoint of a test; without it, every endpoint that is switched on
    #[arg(long, value_name = "ID")]
    endpoint: Option<String>,
    #[command(flatten)]
    target: Target,
}

#[derive(Debug, clap::Subcommand)]
pub(super) enum Deliveries {
    /// Make a delivery again, under the same webhook id
    Retry {
        /// The id of a delivery
        id: String,
        #[command(flatten)]
        target: Target,
    },
}

/// Says whether a webhook is genuine, and what is wrong with it where it is not
#[derive(Debug, clap::Args)]
pub(super) struct Verify {
    /// `whsec_…`, `whpk_…` or `whsk_…`
    #[arg(long, env = "COUNTERSIGN_WEBHOOK_SECRET", hide_env_values = true)]
    secret: String,
    /// The header `webhook-id`
    #[arg(long)]
    id: String,
    /// The header `webhook-timestamp`
    #[arg(long)]
    timestamp: String,
    /// The header `webhook-signature`
    #[arg(long)]
    signature: String,
    /// The body, byte for byte; without it, standard input
    #[arg(long, value_name = "FILE")]
    body: Option<PathBuf>,
    /// Believe that it is this time, in seconds since 1970
    #[arg(long, value_name = "SECONDS")]
    at: Option<i64>,
}

pub(super) async fn trigger(asked: Trigger) -> Result<(), Box<dyn std::error::Error>> {
    let api = Api::new(asked.target)?;
    if asked.event != "test" {
        if !asked.event.starts_with("evt_") && !asked.event.starts_with("dlv_") {
            let expected = "`test`, the id of an event (evt_…) or of a delivery (dlv_…)";
            return Err(format!("{} is not {expected}", asked.event).into());
        }
        let body = json!({ "id": asked.event });
        api.ask(Method::POST, "api/service/webhook/trigger", Some(&body)).await?;
        anstream::println!("{} is told again", asked.event);
        return Ok(());
    }
    let endpoints = match asked.endpoint {
        Some(id) => vec![id],
        None => switched_on(&api).await?,
    };
    if endpoints.is_empty() {
        return Err("there is no endpoint that is switched on; make one with \
                    POST /v1/webhook-endpoints"
            .into());
    }
    for id in endpoints {
        let path = format!("v1/webhook-endpoints/{id}/test");
        let told = api.ask(Method::POST, &path, None).await?;
        anstream::println!("{id} is sent {}", told["event_id"].as_str().unwrap_or("a test"));
    }
    Ok(())
}

async fn switched_on(api: &Api) -> Result<Vec<String>, String> {
    let all = api.ask(Method::GET, "v1/webhook-endpoints", None).await?;
    let all = all["endpoints"].as_array().cloned().unwrap_or_default();
    let on = all.iter().filter(|endpoint| endpoint["enabled"] == true);
    Ok(on.filter_map(|endpoint| endpoint["id"].as_str().map(str::to_owned)).collect())
}

pub(super) async fn deliveries(asked: Deliveries) -> Result<(), Box<dyn std::error::Error>> {
    let Deliveries::Retry { id, target } = asked;
    if !id.starts_with("dlv_") {
        return Err(format!("{id} is not the id of a delivery (dlv_…)").into());
    }
    let path = format!("v1/deliveries/{id}/retry");
    let made = Api::new(target)?.ask(Method::POST, &path, None).await?;
    anstream::println!("{} is under way", made["id"].as_str().unwrap_or("it"));
    Ok(())
}

pub(super) fn verify_webhook(asked: &Verify) -> Result<(), Box<dyn std::error::Error>> {
    let body = match &asked.body {
        Some(path) => std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?,
        None => {
            let mut body = Vec::new();
            std::io::stdin().read_to_end(&mut body)?;
            body
        }
    };
    let now = match asked.at {
        Some(seconds) => Timestamp::from_second(seconds)?,
        None => Timestamp::now(),
    };
    let expected = "whsec_, whpk_ or whsk_ and base64; copy it again";
    let key = Key::parse(&asked.secret).ok_or(format!("--secret must be {expected}"))?;
    let headers = Headers {
        id: Some(&asked.id),
        timestamp: Some(&asked.timestamp),
        signature: Some(&asked.signature),
    };
    match verify(&key, headers, &body, now) {
        Ok(()) => {
            anstream::println!("genuine");
            Ok(())
        }
        Err(refused) => Err(explain(refused, &key, headers, &body, now).into()),
    }
}

/// What to do about it. Of a signature that does not fit we can say more where a body that means
/// the same, written differently, would have fitted: then somebody parsed it and wrote it anew.
fn explain(
    refused: Refused,
    key: &Key,
    headers: Headers<'_>,
    body: &[u8],
    now: Timestamp,
) -> String {
    match refused {
        Refused::Stale(_) => format!(
            "stale: {refused}; a message that was kept and sent again is refused like this, and so \
             is every message where this clock is fast"
        ),
        Refused::Early(_) => format!("early: {refused}; this clock is slow"),
        Refused::NoMatch if fits_rewritten(key, headers, body, now) => {
            "re-serialised body: the signature fits the same JSON written differently; verify the \
             bytes as they arrived, before any parser touches them"
                .to_owned()
        }
        Refused::NoMatch if has_other_scheme(key, headers) => {
            "wrong kind of key: the message is signed, but not with this scheme; v1 needs whsec_, \
             v1a needs whpk_"
                .to_owned()
        }
        Refused::NoMatch => {
            "wrong key or altered body: no signature fits; compare the secret with that of the \
             endpoint (a rotated one signs for a day), and the body byte for byte"
                .to_owned()
        }
        other => format!("malformed: {other}"),
    }
}

fn fits_rewritten(key: &Key, headers: Headers<'_>, body: &[u8], now: Timestamp) -> bool {
    let Ok(value) = serde_json::from_slice::<Value>(body) else { return false };
    let canonical = wire::canonical::canonical(&value);
    let forms = [canonical, value.to_string()];
    forms.iter().any(|form| verify(key, headers, form.as_bytes(), now).is_ok())
}

fn has_other_scheme(key: &Key, headers: Headers<'_>) -> bool {
    let wanted = match key {
        Key::Symmetric(_) => "v1,",
        Key::Public(_) => "v1a,",
    };
    let mut signatures = headers.signature.unwrap_or_default().split(' ');
    !signatures.any(|signature| signature.starts_with(wanted))
}
