//! Events of the functions that tell receivers: requests, records of the stream, messages.

use serde_json::{Value, json};

use super::cases::{Case, Http};
use super::cast::Cast;

const NEVER: &str = "ep_00000000000000000000000000000001";

pub fn cases(cast: &Cast) -> Vec<Case> {
    [endpoints(cast), subscriptions(cast), deliveries(cast), feed(cast), sources(cast)].concat()
}

fn endpoints(cast: &Cast) -> Vec<Case> {
    const F: &str = "webhook_endpoints";
    let all = || Http::new("POST", "/v1/webhook-endpoints").key(&cast.key);
    let create = |body: Value| all().json(&body).event();
    let one = |method: &'static str, id: &str, rest: &str| {
        let path = format!("/v1/webhook-endpoints/{id}{rest}");
        Http::new(method, &path).with(json!({ "id": id })).key(&cast.key)
    };
    let mine = |method: &'static str, rest: &str| one(method, &cast.endpoint, rest);
    let events = json!(["session.completed", "session.failed"]);
    let full = json!({
        "url": "https://shop.example/hook", "kind": "standard", "events": events,
        "description": "orders", "headers": { "X-Shop": "7" },
    });
    let url = "https://shop.example/hook";
    vec![
        (F, "create", create(full)),
        (F, "create_without_a_key", Http::new("POST", "/v1/webhook-endpoints").event()),
        (F, "create_inside", create(json!({ "url": "https://169.254.169.254/" }))),
        (F, "create_unknown_event", create(json!({ "url": url, "events": ["session.lost"] }))),
        (F, "create_taken_header", create(json!({ "url": url, "headers": { "Host": "x" } }))),
        (F, "create_unknown_kind", create(json!({ "url": url, "kind": "carrier pigeon" }))),
        (F, "list", Http::new("GET", "/v1/webhook-endpoints").key(&cast.key).event()),
        (F, "get", mine("GET", "").event()),
        (F, "get_unknown", one("GET", NEVER, "").event()),
        (F, "get_of_another_tenant", one("GET", &cast.other_endpoint, "").event()),
        (F, "update", mine("PATCH", "").json(&json!({ "enabled": false })).event()),
        (F, "update_kind", mine("PATCH", "").json(&json!({ "kind": "ivy" })).event()),
        (F, "rotate_secret", mine("POST", "/rotate-secret").event()),
        (F, "enable", mine("POST", "/enable").event()),
        (F, "test", mine("POST", "/test").event()),
        (F, "replay", mine("POST", "/replay").query("after=0").event()),
        (F, "replay_of_what", mine("POST", "/replay").event()),
        (F, "delete", mine("DELETE", "").event()),
        (
            F,
            "result_callback_secret",
            Http::new("GET", "/v1/result-callback-secret").key(&cast.key).event(),
        ),
    ]
}

fn subscriptions(cast: &Cast) -> Vec<Case> {
    const F: &str = "webhook_endpoints";
    let ivy = |call: &str, body: Value| {
        let path = format!("/api/service/webhook{call}");
        Http::new("POST", &path).header("x-ivy-api-key", &cast.key).json(&body).event()
    };
    let url = "https://shop.example/ivy";
    let id = |id: &str| json!({ "id": id });
    vec![
        (
            F,
            "subscription_create",
            ivy(
                "-subscription/create",
                json!({ "url": url, "events": ["data_session_completed"] }),
            ),
        ),
        (F, "subscription_without_events", ivy("-subscription/create", json!({ "url": url }))),
        (F, "subscription_list", ivy("-subscription/list", json!({ "limit": 1 }))),
        (
            F,
            "subscription_update",
            ivy("-subscription/update", json!({ "id": cast.subscription, "url": url })),
        ),
        (F, "subscription_of_another_kind", ivy("-subscription/update", id(&cast.endpoint))),
        (F, "subscription_ping", ivy("-subscription/ping", id(&cast.subscription))),
        (F, "subscription_delete", ivy("-subscription/delete", id(&cast.subscription))),
        (F, "trigger", ivy("/trigger", id(&cast.told_event))),
        (F, "trigger_unknown", ivy("/trigger", id("evt_00000000000000000000000000000001"))),
    ]
}

fn deliveries(cast: &Cast) -> Vec<Case> {
    const F: &str = "webhook_endpoints";
    let list = |query: &'static str| {
        Http::new("GET", "/v1/deliveries").query(query).key(&cast.key).event()
    };
    let one = |method: &'static str, rest: &str| {
        let path = format!("/v1/deliveries/{}{rest}", cast.delivery);
        Http::new(method, &path).with(json!({ "id": cast.delivery })).key(&cast.key).event()
    };
    vec![
        (F, "deliveries", list("state=waiting")),
        (F, "deliveries_in_no_state", list("state=lost")),
        (F, "deliveries_bad_cursor", list("cursor=AAAA")),
        (F, "delivery", one("GET", "")),
        (F, "delivery_retry", one("POST", "/retry")),
    ]
}

fn feed(cast: &Cast) -> Vec<Case> {
    let events =
        |query: &'static str| Http::new("GET", "/v1/events").query(query).key(&cast.key).event();
    vec![
        ("events", "page", events("after=1&limit=2")),
        ("events", "completed", events("type=session.completed")),
        ("events", "unknown_type", events("type=session.lost")),
        ("events", "after_nothing", events("after=-1")),
        ("events", "without_a_key", Http::new("GET", "/v1/events").event()),
    ]
}

fn sources(cast: &Cast) -> Vec<Case> {
    let record = |id: &str, body: &str| {
        json!({
            "messageId": id,
            "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a",
            "body": body,
            "attributes": { "ApproximateReceiveCount": "1", "MessageGroupId": cast.tenant },
            "messageAttributes": {},
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:countersign-deliveries",
            "awsRegion": "eu-central-1",
        })
    };
    let message = json!({ "tenant": cast.tenant, "delivery": cast.delivery }).to_string();
    let nothing = format!("dlv_{}", "0".repeat(48));
    let unknown = json!({ "tenant": cast.tenant, "delivery": nothing }).to_string();
    let change = |number: &str, image: &Value| {
        json!({
            "eventID": "c4ca4238a0b923820dcc509a6f75849b",
            "eventName": "INSERT",
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": "eu-central-1",
            "eventSourceARN": "arn:aws:dynamodb:eu-central-1:123456789012:table/Table/stream/now",
            "dynamodb": {
                "Keys": { "pk": image["pk"], "sk": image["sk"] },
                "NewImage": image,
                "SequenceNumber": number,
                "SizeBytes": 512,
                "StreamViewType": "NEW_IMAGE",
            },
        })
    };
    let row = &cast.event_row;
    let poison = json!({ "pk": { "S": "T#x" }, "sk": { "S": "y" }, "body": { "S": "no JSON" } });
    let twice = [change("101", row), change("102", row), change("103", &poison)];
    vec![
        ("webhook_delivery", "nobody_there", json!({ "Records": [record("1", &message)] })),
        (
            "webhook_delivery",
            "unknown_and_poison",
            json!({ "Records": [record("1", &unknown), record("2", "poison")] }),
        ),
        ("webhook_fanout", "opened", json!({ "Records": [change("101", row)] })),
        ("webhook_fanout", "twice_and_poison", json!({ "Records": twice })),
    ]
}
