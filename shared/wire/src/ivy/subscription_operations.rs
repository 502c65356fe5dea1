//! Ivy's operations about webhooks, for OpenAPI.

use schemars::JsonSchema;

use super::operations::TAG;
use super::{Pinged, SubscriptionBody, SubscriptionShape, Subscriptions, Success};
use crate::openapi::{Operation, idempotency_key};
use crate::shape::{EndpointIdText, SomeText, UrlText};

#[derive(JsonSchema)]
#[schemars(rename = "IvySubscriptionId")]
#[expect(dead_code, reason = "describes the body for OpenAPI; the function reads it")]
struct ById {
    #[schemars(with = "EndpointIdText")]
    id: String,
}

#[derive(JsonSchema)]
#[schemars(rename = "IvySubscriptionChange")]
#[expect(dead_code, reason = "as above")]
struct Change {
    #[schemars(with = "EndpointIdText")]
    id: String,
    #[schemars(with = "Option<UrlText>")]
    url: Option<String>,
    #[schemars(with = "Option<Vec<super::subscription::IvyEventName>>", length(min = 1))]
    events: Option<Vec<String>>,
}

#[derive(JsonSchema)]
#[schemars(rename = "IvySubscriptionPage")]
#[expect(dead_code, reason = "as above")]
struct Paging {
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u8>,
    #[schemars(range(min = 0, max = 4_294_967_295_u32))]
    skip: Option<u32>,
}

/// What is told again: an event's id, or a delivery's.
#[derive(JsonSchema)]
#[schemars(rename = "IvyTrigger")]
#[expect(dead_code, reason = "as above")]
struct Trigger {
    #[schemars(with = "SomeText")]
    id: String,
}

/// Every operation about webhooks.
pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(
            TAG,
            ("POST", "/api/service/webhook-subscription/create"),
            "createSubscription",
            "Subscribe a URL to events",
        )
        .reads::<SubscriptionBody>()
        .with(idempotency_key())
        .answers::<SubscriptionShape>(200, "The subscription, with its signing secret.")
        .refuses(&[403, 409, 422])
        .leads_to("deleteSubscription", "/id", None),
        Operation::new(
            TAG,
            ("POST", "/api/service/webhook-subscription/update"),
            "updateSubscription",
            "Change a subscription",
        )
        .reads::<Change>()
        .answers::<SubscriptionShape>(200, "The subscription.")
        .refuses(&[404]),
        Operation::new(
            TAG,
            ("POST", "/api/service/webhook-subscription/list"),
            "listSubscriptions",
            "List subscriptions",
        )
        .reads::<Paging>()
        .answers::<Subscriptions>(200, "The subscriptions, oldest first."),
        Operation::new(
            TAG,
            ("POST", "/api/service/webhook-subscription/delete"),
            "deleteSubscription",
            "Delete a subscription",
        )
        .reads::<ById>()
        .answers::<Success>(200, "It is gone.")
        .refuses(&[404]),
        Operation::new(
            TAG,
            ("POST", "/api/service/webhook-subscription/ping"),
            "pingSubscription",
            "Send a test and wait for the answer",
        )
        .reads::<ById>()
        .answers::<Pinged>(200, "What the receiver answered.")
        .refuses(&[403, 404]),
        Operation::new(
            TAG,
            ("POST", "/api/service/webhook/trigger"),
            "triggerWebhook",
            "Tell an event again",
        )
        .reads::<Trigger>()
        .with(idempotency_key())
        .answers::<Success>(200, "It is on its way.")
        .refuses(&[403, 404, 409, 422]),
    ]
}
