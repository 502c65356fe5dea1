//! Managing endpoints and deliveries, and reading the feed.

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};

use super::kinds::assert_verifies;
use crate::support::World;
use crate::support::receiver::{Receiver, with};

const NONE: Value = Value::Null;

#[tokio::test]
async fn secrets_are_shown_once_and_sealed() {
    let world = World::new().await;
    let url = "https://shop.example/hook?token=canary-token";
    let asked = json!({ "headers": { "Authorization": "Bearer canary-bearer" } });
    let (id, secret) = world.endpoint(url, asked).await;
    let shown = world.call(Method::GET, &format!("/v1/webhook-endpoints/{id}"), &NONE).await;
    let listed = world.call(Method::GET, "/v1/webhook-endpoints", &NONE).await;
    for text in [&shown.text, &listed.text] {
        assert!(!text.contains("whsec_") && !text.contains("canary-bearer"), "{text}");
    }
    assert_eq!(shown.body["headers"], json!(["authorization"]));
    for item in world.everything().await {
        for secret in [&*secret, "canary-token", "canary-bearer"] {
            assert!(!item.contains(secret), "{item}");
        }
    }
}

#[tokio::test]
async fn a_repeated_request_makes_one_endpoint_and_one_rotation() {
    let world = World::new().await;
    let key = world.key();
    let headers = [("x-api-key", &*key), ("idempotency-key", "k1")];
    let body = json!({ "url": "https://shop.example/" }).to_string().into_bytes();
    let path = "/v1/webhook-endpoints";
    let first = world.send(Method::POST, path, &headers, body.clone()).await;
    let again = world.send(Method::POST, path, &headers, body).await;
    assert_eq!((first.status, &first.body), (again.status, &again.body));
    assert_eq!(again.headers["idempotent-replayed"], "true");
    let other = json!({ "url": "https://other.example/" }).to_string().into_bytes();
    let reused = world.send(Method::POST, path, &headers, other).await;
    assert_eq!(reused.status, 422, "{}", reused.text);
    let rotate = format!("{path}/{}/rotate-secret", first.text("id"));
    let once = world.send(Method::POST, &rotate, &headers, Vec::new()).await;
    let twice = world.send(Method::POST, &rotate, &headers, Vec::new()).await;
    assert_eq!((once.status, once.text("secret")), (200, twice.text("secret")));
    assert_ne!(once.text("secret"), first.text("secret"));
}

#[tokio::test]
async fn the_twenty_first_endpoint_is_refused() {
    let world = World::new().await;
    for n in 0..20 {
        world.endpoint(&format!("https://shop.example/{n}"), json!({})).await;
    }
    let body = json!({ "url": "https://shop.example/20" });
    let reply = world.call(Method::POST, "/v1/webhook-endpoints", &body).await;
    assert_eq!(reply.status, 403, "{}", reply.text);
}

#[tokio::test]
async fn the_request_that_made_the_last_endpoint_may_be_repeated() {
    let world = World::new().await;
    for n in 0..19 {
        world.endpoint(&format!("https://shop.example/{n}"), json!({})).await;
    }
    let key = world.key();
    let headers = [("x-api-key", &*key), ("idempotency-key", "the-last")];
    let body = json!({ "url": "https://shop.example/last" }).to_string().into_bytes();
    let ask = || world.send(Method::POST, "/v1/webhook-endpoints", &headers, body.clone());
    let (first, second) = (ask().await, ask().await);
    assert_eq!((first.status, second.status), (201, 201), "{}", second.text);
    assert_eq!(first.text("id"), second.text("id"));
}

#[tokio::test]
async fn a_test_and_a_retry_carry_the_same_id() {
    let world = World::new().await;
    let receiver = Receiver::answering(|_| with(200, "x: y\r\n")).await;
    let (id, secret) = world.endpoint(&receiver.url, json!({ "events": ["auth.decided"] })).await;
    let path = format!("/v1/webhook-endpoints/{id}/test");
    let sent = world.call(Method::POST, &path, &NONE).await;
    assert_eq!(sent.status, 202, "{}", sent.text);
    world.tell().await;
    let query = format!("event={}", sent.text("event_id"));
    let delivery = world.deliveries(&query).await[0]["id"].as_str().expect("an id").to_owned();
    let retried =
        world.call(Method::POST, &format!("/v1/deliveries/{delivery}/retry"), &NONE).await;
    assert_eq!(retried.status, 202, "{}", retried.text);
    assert_ne!(retried.text("id"), delivery);
    world.deliver().await;
    let arrived = receiver.take();
    assert_eq!(arrived.len(), 2);
    for request in &arrived {
        assert_verifies(&world, request, &secret);
        assert_eq!(request.header("webhook-id"), sent.text("event_id"));
    }
    assert_eq!(world.deliveries(&query).await.len(), 2);
    assert_eq!(world.deliveries(&format!("endpoint={id}&state=succeeded")).await.len(), 2);
}

#[tokio::test]
async fn ivy_pings_and_triggers() {
    let world = World::new().await;
    let receiver = Receiver::answering(|_| {
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello".to_owned()
    })
    .await;
    let service = |call: &str| format!("/api/service/webhook{call}");
    let asked = json!({ "url": receiver.url, "events": ["data_session_completed"] });
    let made = world.post(&service("-subscription/create"), &asked).await;
    let id = json!({ "id": made.text("id") });
    let pinged = world.post(&service("-subscription/ping"), &id).await;
    let seen = (&pinged.body["statusCode"], &pinged.body["response"], &pinged.body["success"]);
    assert_eq!(seen, (&json!(200), &json!("hello"), &json!(true)));
    assert_eq!(receiver.take()[0].json()["type"], "test");
    world.completed("r1").await;
    world.tell().await;
    let [told] = &receiver.take()[..] else { panic!("told once") };
    let event = json!({ "id": told.json()["id"] });
    let triggered = world.post(&service("/trigger"), &event).await;
    assert_eq!((triggered.status, &triggered.body), (200, &json!({ "success": true })));
    world.deliver().await;
    let [again] = &receiver.take()[..] else { panic!("told again") };
    assert_eq!((&again.body, again.header("webhook-id")), (&told.body, told.header("webhook-id")));
    let listed = world.post(&service("-subscription/list"), &json!({})).await;
    assert_eq!(listed.body["count"], 1);
    let other = world.post(&service("-subscription/create"), &asked).await;
    world.completed("r2").await;
    world.tell().await;
    let arrived = receiver.take();
    assert_eq!(arrived.len(), 2);
    let gone = json!({ "id": other.text("id") });
    assert_eq!(world.post(&service("-subscription/delete"), &gone).await.status, 200);
    let event = json!({ "id": arrived[0].json()["id"] });
    assert_eq!(world.post(&service("/trigger"), &event).await.status, 200);
    world.deliver().await;
    assert_eq!(receiver.take().len(), 1, "whoever is still there is told");
    let deleted = world.post(&service("-subscription/delete"), &id).await;
    assert_eq!(deleted.status, 200);
    assert_eq!(world.post(&service("-subscription/ping"), &id).await.status, 404);
}

#[tokio::test]
async fn deliveries_are_paged_newest_first() {
    let world = World::new().await;
    let (a, b) = (Receiver::ok().await, Receiver::ok().await);
    for receiver in [&a, &b] {
        world.endpoint(&receiver.url, json!({ "events": ["session.opened"] })).await;
    }
    for n in 0..5 {
        world.session(&format!("r{n}"), "john.doe@example.com").await;
        world.tell().await;
        world.advance(SignedDuration::from_secs(1));
    }
    assert_eq!(all_deliveries(&world, "").await.len(), 10);
}

/// The index knows milliseconds, the clock knows more.
#[tokio::test]
async fn deliveries_of_one_millisecond_are_listed_once() {
    let world = World::new().await;
    let receiver = Receiver::ok().await;
    world.endpoint(&receiver.url, json!({ "events": ["session.opened"] })).await;
    for n in 0..8 {
        world.session(&format!("r{n}"), "john.doe@example.com").await;
        world.tell().await;
        world.advance(SignedDuration::from_micros(10));
    }
    assert_eq!(all_deliveries(&world, "").await.len(), 8);
}

#[tokio::test]
async fn deliveries_of_an_event_are_paged() {
    let world = World::new().await;
    let receiver = Receiver::ok().await;
    let (id, _) = world.endpoint(&receiver.url, json!({ "events": ["session.opened"] })).await;
    world.session("r1", "john.doe@example.com").await;
    world.tell().await;
    for _ in 0..3 {
        let path = format!("/v1/webhook-endpoints/{id}/replay?after=0");
        assert_eq!(world.call(Method::POST, &path, &NONE).await.body["deliveries"], 1);
    }
    let event = all_deliveries(&world, "").await[0]["event_id"].clone();
    let event = event.as_str().expect("an id");
    assert_eq!(all_deliveries(&world, &format!("&event={event}")).await.len(), 4);
}

/// Every page of the list, newest first, each delivery once.
async fn all_deliveries(world: &World, query: &str) -> Vec<Value> {
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/v1/deliveries?limit=3{query}{cursor}");
        let page = world.call(Method::GET, &path, &NONE).await;
        assert_eq!(page.status, 200, "{}", page.text);
        seen.extend(page.body["deliveries"].as_array().expect("a list").clone());
        match page.body["cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let ids: std::collections::HashSet<String> =
        seen.iter().map(|delivery| delivery["id"].to_string()).collect();
    assert_eq!(seen.len(), ids.len(), "each once");
    let times: Vec<&str> = seen.iter().filter_map(|d| d["created_at"].as_str()).collect();
    assert!(times.is_sorted_by(|a, b| a >= b), "{times:?}");
    seen
}

#[tokio::test]
async fn the_feed_is_gap_free_for_each_subject() {
    let world = World::new().await;
    world.completed("r1").await;
    world.session("r2", "other@example.com").await;
    world.completed("r3").await;
    world.fan_out().await;
    let all = world.get("/v1/events?limit=1000").await;
    let events = all.body["events"].as_array().expect("a list").clone();
    let numbers: Vec<u64> = events.iter().filter_map(|event| event["number"].as_u64()).collect();
    assert_eq!(numbers, (1..=11).collect::<Vec<u64>>());
    let subject = events[0]["subject"].as_str().expect("a subject");
    let of = world.get(&format!("/v1/events?subject={subject}")).await;
    let of = of.body["events"].as_array().expect("a list").clone();
    let sequences: Vec<u64> = of.iter().filter_map(|event| event["sequence"].as_u64()).collect();
    assert_eq!(sequences, (1..=10).collect::<Vec<u64>>());
    let (mut after, mut paged) = (0, Vec::new());
    loop {
        let page =
            world.get(&format!("/v1/events?after={after}&limit=2&type=session.opened")).await;
        paged.extend(page.body["events"].as_array().expect("a list").clone());
        after = page.body["cursor"].as_u64().expect("a cursor");
        if page.body["has_more"] == false {
            break;
        }
    }
    assert_eq!(paged.len(), 3);
}
