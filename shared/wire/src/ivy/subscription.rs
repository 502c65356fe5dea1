//! `webhook-subscription/*` and `webhook/trigger`. Source: docs.getivy.de, webhooks.

use model::callback_url::Origin;
use model::endpoint::{Endpoint, EndpointUrl, Subscription};
use model::event::{Event, EventKind};
use schemars::JsonSchema;
use serde::Serialize;

use crate::json::Members;
use crate::problem::Problem;
use crate::shape::UrlText;
use crate::v1::endpoints::Asked;

const LIMIT_MAX: i64 = 100;

/// Ivy's name of an event. The vendor has one for data sessions; that of a session which ended
/// otherwise is ours, as `/v1` calls it.
const fn name(kind: EventKind) -> &'static str {
    match kind {
        EventKind::SessionCompleted => "data_session_completed",
        other => other.as_str(),
    }
}

fn kind(name: &str) -> Option<EventKind> {
    match name {
        "data_session_completed" => Some(EventKind::SessionCompleted),
        other => EventKind::parse(other).filter(|kind| kind.is_result()),
    }
}

/// The body of `webhook-subscription/create`, and of `update` with its `id`.
#[derive(JsonSchema)]
#[schemars(rename = "IvySubscriptionRequest")]
#[expect(dead_code, reason = "describes a body for OpenAPI; `asked` reads it")]
pub struct SubscriptionBody {
    /// Where.
    #[schemars(with = "UrlText")]
    url: String,
    /// `data_session_completed`; for other ends also `session.failed`, `session.cancelled`,
    /// `session.expired`, told under the same name with their status. The vendor's other events are
    /// taken and never occur.
    #[schemars(with = "Vec<IvyEventName>", length(min = 1))]
    events: Vec<String>,
}

/// Of a data session's ends, and of what the vendor's other products tell.
#[derive(Debug, JsonSchema)]
#[schemars(inline)]
pub(super) struct IvyEventName(
    #[expect(dead_code, reason = "describes an element for OpenAPI; `events` reads it")]
    #[schemars(regex(
        pattern = "^(data_session_completed|session\\.(completed|failed|cancelled|expired)|test|(merchant|merchant_app|order|refund|payout|payout_report|user_payout|checkout_session|deposit|return|fx)[_.][a-z]{1,12})$"
    ))]
    String,
);

/// The first words of events that the vendor's other products tell: nothing here tells them, but a
/// client may subscribe one URL to all.
const ELSEWHERE: [&str; 11] = [
    "merchant",
    "merchant_app",
    "order",
    "refund",
    "payout",
    "payout_report",
    "user_payout",
    "checkout_session",
    "deposit",
    "return",
    "fx",
];

/// Reads `url` and `events`.
///
/// # Errors
/// A [`Problem`] that names the member.
pub fn asked(body: &Members, origins: &[Origin]) -> Result<Asked, Problem> {
    Ok(Asked {
        url: body.parsed("url", |text| EndpointUrl::parse(text, origins))?,
        events: events(body)?,
        ..Asked::default()
    })
}

/// Reads `events`; a list of nothing but other products' events is told nothing.
fn events(body: &Members) -> Result<Option<Subscription>, Problem> {
    let Some(names) = body.texts("events")? else {
        return Ok(None);
    };
    let mut kinds = Vec::new();
    for (n, name) in names.iter().enumerate() {
        let expected = "the name of an event, such as data_session_completed";
        match kind(name) {
            Some(kind) if kinds.contains(&kind) => {}
            Some(kind) => kinds.push(kind),
            None if is_elsewhere(name) => {}
            None => return Err(body.refuse(&format!("events[{n}]"), expected)),
        }
    }
    if names.is_empty() {
        return Err(body.refuse("events", "a list of at least one event, or left out"));
    }
    Ok(Some(Subscription::Only(kinds)))
}

fn is_elsewhere(name: &str) -> bool {
    let what = name.rsplit_once(['_', '.']);
    let plain =
        |word: &str| (1..=12).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_lowercase());
    name == "test" || what.is_some_and(|(of, what)| ELSEWHERE.contains(&of) && plain(what))
}

/// A subscription.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "IvySubscription")]
pub struct SubscriptionShape {
    id: String,
    url: String,
    events: Vec<&'static str>,
    merchant: String,
    merchant_app: String,
    created_at: i64,
    updated_at: i64,
    /// What `X-Ivy-Signature` is made with; shown when the subscription is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    signing_secret: Option<String>,
}

/// One subscription. An application of a merchant is the merchant here.
#[must_use]
pub fn subscription(
    endpoint: &Endpoint,
    merchant: &str,
    signing_secret: Option<String>,
) -> SubscriptionShape {
    let kinds = match &endpoint.events {
        Subscription::Everything => vec![EventKind::SessionCompleted],
        Subscription::Only(kinds) => kinds.clone(),
    };
    SubscriptionShape {
        id: endpoint.id.to_string(),
        url: endpoint.url.expose().as_url().to_string(),
        events: kinds.into_iter().map(name).collect(),
        merchant: merchant.to_owned(),
        merchant_app: merchant.to_owned(),
        created_at: endpoint.created_at.as_second(),
        updated_at: endpoint.updated_at.as_second(),
        signing_secret,
    }
}

/// A page of subscriptions.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "IvySubscriptions")]
pub struct Subscriptions {
    items: Vec<SubscriptionShape>,
    count: usize,
    has_next: bool,
    skip: usize,
}

/// Reads `limit` and `skip`.
///
/// # Errors
/// A [`Problem`] that names the member.
pub fn paging(body: &Members) -> Result<(usize, usize), Problem> {
    let limit = body.integer("limit", 1..=LIMIT_MAX)?.unwrap_or(LIMIT_MAX);
    let skip = body.integer("skip", 0..=i64::from(u32::MAX))?.unwrap_or(0);
    Ok((usize::try_from(limit).unwrap_or(1), usize::try_from(skip).unwrap_or(0)))
}

/// Answers `webhook-subscription/list`.
#[must_use]
pub fn subscriptions(
    all: &[Endpoint],
    merchant: &str,
    (limit, skip): (usize, usize),
) -> Subscriptions {
    let page = all.iter().skip(skip).take(limit);
    let items: Vec<_> = page.map(|endpoint| subscription(endpoint, merchant, None)).collect();
    let has_next = skip.saturating_add(items.len()) < all.len();
    Subscriptions { count: all.len(), items, has_next, skip }
}

/// What a receiver answered to a ping.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "IvyPing")]
pub struct Pinged {
    id: String,
    date: i64,
    response: Option<String>,
    status_code: Option<u16>,
    success: bool,
}

/// Answers `webhook-subscription/ping`.
#[must_use]
pub fn pinged(
    event: &Event,
    status_code: Option<u16>,
    response: Option<String>,
    success: bool,
) -> Pinged {
    let date = event.occurred_at.as_second();
    Pinged { id: event.id.to_string(), date, response, status_code, success }
}

/// That something was set going.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "IvySuccess")]
pub struct Success {
    success: bool,
}

/// Answers `webhook/trigger` and `webhook-subscription/delete`.
#[must_use]
pub const fn success() -> Success {
    Success { success: true }
}
