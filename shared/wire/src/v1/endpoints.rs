//! Endpoints: `/v1/webhook-endpoints`.

use model::callback_url::Origin;
use model::endpoint::{
    Endpoint, EndpointKind, EndpointUrl, ExtraHeader, HEADERS_MAX, Subscription, Switch,
};
use model::event::EventKind;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::json::Members;
use crate::problem::Problem;
use crate::shape::{DescriptionText, EventIdText, EventName, ExtraHeaders, KindText, UrlText};

/// The longest description, in characters.
const DESCRIPTION_CHARS_MAX: usize = 200;

/// What a tenant says of an endpoint; what it does not say stays, or is the default.
#[derive(Debug, Default)]
pub struct Asked {
    /// In whose words; only a new endpoint may choose.
    pub kind: Option<EndpointKind>,
    /// Where.
    pub url: Option<EndpointUrl>,
    /// What it is called.
    pub description: Option<String>,
    /// Of what.
    pub events: Option<Subscription>,
    /// Headers besides.
    pub headers: Option<Vec<ExtraHeader>>,
    /// Whether it is told at all.
    pub enabled: Option<bool>,
}

/// The body of `POST /v1/webhook-endpoints`.
#[derive(JsonSchema)]
#[schemars(rename = "NewEndpoint")]
#[expect(dead_code, reason = "describes a body for OpenAPI; `asked` reads it")]
pub struct NewEndpointBody {
    /// An https URL on port 443 or on an origin registered for the tenant.
    #[schemars(with = "UrlText")]
    url: String,
    /// `standard` (the default), `ivy`, `pentadata` or `didit`.
    #[schemars(with = "Option<KindText>")]
    kind: Option<String>,
    /// Names of events; without it, everything the kind has words for.
    #[schemars(with = "Option<Vec<EventName>>", length(min = 1))]
    events: Option<Vec<String>>,
    /// What you call it, at most 200 characters.
    #[schemars(with = "Option<DescriptionText>")]
    description: Option<String>,
    /// Headers that your receiver wants besides: name and value.
    #[schemars(with = "Option<ExtraHeaders>")]
    headers: Option<()>,
    /// `false` makes it switched off.
    enabled: Option<bool>,
}

/// The body of `PATCH /v1/webhook-endpoints/{id}`: what is left out stays.
#[derive(JsonSchema)]
#[schemars(rename = "EndpointChange")]
#[expect(dead_code, reason = "describes a body for OpenAPI; `asked` reads it")]
pub struct EndpointChangeBody {
    /// As of a new endpoint.
    #[schemars(with = "Option<UrlText>")]
    url: Option<String>,
    /// As of a new endpoint.
    #[schemars(with = "Option<Vec<EventName>>", length(min = 1))]
    events: Option<Vec<String>>,
    /// As of a new endpoint.
    #[schemars(with = "Option<DescriptionText>")]
    description: Option<String>,
    /// As of a new endpoint.
    #[schemars(with = "Option<ExtraHeaders>")]
    headers: Option<()>,
    /// `false` switches it off, `true` on again.
    enabled: Option<bool>,
}

/// Reads what a tenant says of an endpoint.
///
/// # Errors
/// A [`Problem`] that names the member and what it must be.
pub fn asked(body: &Members, origins: &[Origin]) -> Result<Asked, Problem> {
    let kind = body.text("kind")?.map(EndpointKind::parse);
    if kind == Some(None) {
        return Err(body.refuse("kind", "one of standard, ivy, pentadata, didit"));
    }
    let description = body.text("description")?;
    if description.is_some_and(|text| text.chars().count() > DESCRIPTION_CHARS_MAX) {
        return Err(body.refuse("description", "at most 200 characters"));
    }
    Ok(Asked {
        kind: kind.flatten(),
        url: body.parsed("url", |text| EndpointUrl::parse(text, origins))?,
        description: description.map(str::to_owned),
        events: events(body, EventKind::parse)?,
        headers: headers(body)?,
        enabled: body.boolean("enabled")?,
    })
}

/// Reads `events`, each by `named`.
///
/// # Errors
/// A [`Problem`] that names the element.
pub fn events(
    body: &Members,
    named: impl Fn(&str) -> Option<EventKind>,
) -> Result<Option<Subscription>, Problem> {
    let Some(names) = body.texts("events")? else {
        return Ok(None);
    };
    let mut kinds = Vec::new();
    for (n, name) in names.into_iter().enumerate() {
        let expected = "the name of an event, such as session.completed";
        let kind = named(name).ok_or_else(|| body.refuse(&format!("events[{n}]"), expected))?;
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    if kinds.is_empty() {
        return Err(body.refuse("events", "a list of at least one event, or left out"));
    }
    Ok(Some(Subscription::Only(kinds)))
}

fn headers(body: &Members) -> Result<Option<Vec<ExtraHeader>>, Problem> {
    let Some(given) = body.object("headers")? else {
        return Ok(None);
    };
    let shown = given.clone().into_map();
    if shown.len() > HEADERS_MAX {
        return Err(body.refuse("headers", "at most 10 headers"));
    }
    let read = |(name, value): (&String, &Value)| {
        let text = value.as_str().ok_or_else(|| given.refuse(name, "a string"))?;
        ExtraHeader::parse(name, text).map_err(|invalid| given.refuse(name, invalid.expected))
    };
    shown.iter().map(read).collect::<Result<Vec<_>, _>>().map(Some)
}

/// An endpoint.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Endpoint")]
pub struct EndpointShape {
    /// The endpoint's id.
    id: String,
    /// In whose words it is told.
    kind: &'static str,
    /// Where.
    url: String,
    /// What you call it.
    description: Option<String>,
    /// Of what it is told; `null` is everything its kind has words for.
    events: Option<Vec<&'static str>>,
    /// The names of the headers that it gets besides; their values are not shown.
    headers: Vec<String>,
    /// Whether it is told at all.
    enabled: bool,
    /// Why not: `tenant`, `gone` (it answered 410) or `failing` (five days of nothing but failures).
    disabled_reason: Option<&'static str>,
    /// When it was switched off.
    disabled_at: Option<String>,
    /// What verifies `v1a` signatures: `whpk_` and 32 bytes in base64.
    public_key: String,
    /// Until when the secret before the last rotation signs besides.
    previous_secret_until: Option<String>,
    /// When it was made.
    created_at: String,
    /// When it was last changed.
    updated_at: String,
    /// What verifies `v1` signatures, and what the contracts' own headers are made with. Shown when
    /// the endpoint is made and when its secret is rotated, and never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

/// One endpoint; `secret` where it may be shown.
#[must_use]
pub fn endpoint(endpoint: &Endpoint, public_key: String, secret: Option<String>) -> EndpointShape {
    let off = match endpoint.switch {
        Switch::On => None,
        Switch::Off { since, reason } => Some((since, reason)),
    };
    let previous = endpoint.secrets.previous.as_ref();
    EndpointShape {
        id: endpoint.id.to_string(),
        kind: endpoint.kind.as_str(),
        url: endpoint.url.expose().as_url().to_string(),
        description: endpoint.description.clone(),
        events: match &endpoint.events {
            Subscription::Everything => None,
            Subscription::Only(kinds) => Some(kinds.iter().map(|kind| kind.as_str()).collect()),
        },
        headers: endpoint.headers.expose().iter().map(|header| header.name.clone()).collect(),
        enabled: off.is_none(),
        disabled_reason: off.map(|(_, reason)| reason.as_str()),
        disabled_at: off.map(|(since, _)| format!("{since:.3}")),
        public_key,
        previous_secret_until: previous.map(|previous| format!("{:.3}", previous.until)),
        created_at: format!("{:.3}", endpoint.created_at),
        updated_at: format!("{:.3}", endpoint.updated_at),
        secret,
    }
}

/// Every endpoint of a tenant, oldest first.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Endpoints")]
pub struct List {
    /// The endpoints.
    endpoints: Vec<EndpointShape>,
}

/// Answers `GET /v1/webhook-endpoints`.
#[must_use]
pub const fn list(endpoints: Vec<EndpointShape>) -> List {
    List { endpoints }
}

/// A test event that is on its way.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TestSent {
    /// The event's id, which comes as `webhook-id`.
    #[schemars(with = "EventIdText")]
    event_id: String,
}

/// Answers `POST /v1/webhook-endpoints/{id}/test`.
#[must_use]
pub const fn test_sent(event_id: String) -> TestSent {
    TestSent { event_id }
}

/// The secret of result callbacks.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ResultCallbackSecret {
    /// What `X-Ivy-Signature` and `v1` signatures of result callbacks are made with.
    secret: String,
    /// What verifies their `v1a` signatures.
    public_key: String,
}

/// Answers `GET /v1/result-callback-secret`.
#[must_use]
pub const fn result_callback_secret(secret: String, public_key: String) -> ResultCallbackSecret {
    ResultCallbackSecret { secret, public_key }
}
