//! The operations about events, endpoints and deliveries, for OpenAPI.

use schemars::JsonSchema;

use super::deliveries::{DeliveryShape, DeliveryWithAttempts, Page as Deliveries, Replayed};
use super::endpoints::{
    EndpointChangeBody, EndpointShape, List, NewEndpointBody, ResultCallbackSecret, TestSent,
};
use super::events::Page as Events;
use super::operations::TAG;
use crate::openapi::{Operation, idempotency_key};
use crate::shape::{
    DeliveryIdText, EndpointIdText, EventIdText, EventName, SafeInteger, SubjectIdText,
};

#[derive(JsonSchema)]
#[schemars(inline)]
#[expect(dead_code, reason = "describes a parameter for OpenAPI; `events::asked` reads it")]
struct EventLimit(#[schemars(range(min = 1, max = 1000))] u16);

#[derive(JsonSchema)]
#[schemars(inline)]
#[expect(dead_code, reason = "describes a parameter for OpenAPI; `deliveries::asked` reads it")]
struct DeliveryLimit(#[schemars(range(min = 1, max = 100))] u8);

#[derive(JsonSchema)]
#[schemars(inline)]
#[expect(dead_code, reason = "describes a parameter for OpenAPI; `deliveries::replay` reads it")]
struct Before(#[schemars(range(min = 1, max = 9_007_199_254_740_991_u64))] u64);

#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
#[expect(dead_code, reason = "describes a parameter for OpenAPI; `deliveries::asked` reads it")]
enum DeliveryState {
    Waiting,
    Sending,
    Succeeded,
    Exhausted,
    Disabled,
}

/// Every operation about webhooks.
pub(super) fn operations() -> Vec<Operation> {
    let mut all = vec![
        Operation::new(TAG, ("GET", "/v1/events"), "listEvents", "What happened, in order")
            .described("Nothing ever appears before a cursor that was given out.")
            .query::<SafeInteger>("after", "Those after this number; 0 is the beginning.")
            .query::<EventLimit>("limit", "At most so many; 100 where nothing is said.")
            .query::<EventName>("type", "Of this kind only.")
            .query::<SubjectIdText>("subject", "About this subject only.")
            .answers::<Events>(200, "The events."),
        Operation::new(
            TAG,
            ("GET", "/v1/result-callback-secret"),
            "resultCallbackSecret",
            "What result callbacks are signed with",
        )
        .answers::<ResultCallbackSecret>(200, "The secret and the public key."),
    ];
    all.extend(endpoints());
    all.extend(deliveries());
    all
}

fn endpoints() -> Vec<Operation> {
    let at = |route, id, summary| {
        Operation::new(TAG, route, id, summary)
            .path_id::<EndpointIdText>("id", "The endpoint's id.")
    };
    let path = "/v1/webhook-endpoints/{id}";
    vec![
        Operation::new(
            TAG,
            ("POST", "/v1/webhook-endpoints"),
            "createEndpoint",
            "Make an endpoint",
        )
        .reads::<NewEndpointBody>()
        .with(idempotency_key())
        .answers::<EndpointShape>(201, "The endpoint, with its secret.")
        .refuses(&[403, 409, 422])
        .leads_to("getEndpoint", "/id", Some("id"))
        .leads_to("testEndpoint", "/id", Some("id"))
        .leads_to("deleteEndpoint", "/id", Some("id")),
        Operation::new(TAG, ("GET", "/v1/webhook-endpoints"), "listEndpoints", "List endpoints")
            .answers::<List>(200, "The endpoints, oldest first."),
        at(("GET", path), "getEndpoint", "Read an endpoint")
            .answers::<EndpointShape>(200, "The endpoint."),
        at(("PATCH", path), "updateEndpoint", "Change an endpoint; what is left out stays")
            .reads::<EndpointChangeBody>()
            .answers::<EndpointShape>(200, "The endpoint."),
        at(("DELETE", path), "deleteEndpoint", "Delete an endpoint"),
        at(
            ("POST", "/v1/webhook-endpoints/{id}/rotate-secret"),
            "rotateSecret",
            "Make a new secret; the old one signs besides for a day",
        )
        .with(idempotency_key())
        .answers::<EndpointShape>(200, "The endpoint, with its new secret.")
        .refuses(&[409, 422]),
        at(
            ("POST", "/v1/webhook-endpoints/{id}/enable"),
            "enableEndpoint",
            "Switch an endpoint on again",
        )
        .answers::<EndpointShape>(200, "The endpoint."),
        at(("POST", "/v1/webhook-endpoints/{id}/test"), "testEndpoint", "Send a test event")
            .with(idempotency_key())
            .answers::<TestSent>(202, "The event is on its way.")
            .refuses(&[403, 409, 422]),
        at(
            ("POST", "/v1/webhook-endpoints/{id}/replay"),
            "replayEvents",
            "Deliver a range of the feed again, under the same ids",
        )
        .required_query::<SafeInteger>("after", "Events after this number.")
        .query::<Before>("before", "Events before this number.")
        .answers::<Replayed>(202, "The deliveries are on their way.")
        .refuses(&[403]),
    ]
}

fn deliveries() -> Vec<Operation> {
    vec![
        Operation::new(TAG, ("GET", "/v1/deliveries"), "listDeliveries", "List deliveries")
            .query::<EndpointIdText>("endpoint", "To this endpoint only.")
            .query::<EventIdText>("event", "Of this event only.")
            .query::<DeliveryState>("state", "In this state only.")
            .query::<DeliveryLimit>("limit", "At most so many; 100 where nothing is said.")
            .query::<String>("cursor", "The cursor of the answer before.")
            .answers::<Deliveries>(200, "The deliveries, newest first."),
        Operation::new(
            TAG,
            ("GET", "/v1/deliveries/{id}"),
            "getDelivery",
            "A delivery with every attempt",
        )
        .path_id::<DeliveryIdText>("id", "The delivery's id.")
        .answers::<DeliveryWithAttempts>(200, "The delivery."),
        Operation::new(
            TAG,
            ("POST", "/v1/deliveries/{id}/retry"),
            "retryDelivery",
            "Deliver again, as a new delivery of the same event",
        )
        .path_id::<DeliveryIdText>("id", "The delivery's id.")
        .with(idempotency_key())
        .answers::<DeliveryShape>(202, "The new delivery.")
        .refuses(&[403, 409, 422]),
    ]
}
