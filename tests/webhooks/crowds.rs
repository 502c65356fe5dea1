//! Many beside few, and slow beside fast.

use countersign::Background;
use reqwest::Method;
use serde_json::json;

use crate::support::World;
use crate::support::receiver::Receiver;

const FAST: usize = 100;
const PER_TENANT: usize = 20;

/// The slow one holds its answer back until all the others were told.
#[tokio::test]
async fn a_slow_endpoint_keeps_nobody_waiting() {
    let world = World::with(Background::Run).await;
    let (slow, fast) = (Receiver::ok().await, Receiver::ok().await);
    slow.hold(true);
    let body = json!({ "url": slow.url, "events": ["session.opened"] });
    let reply = world.call(Method::POST, "/v1/webhook-endpoints", &body).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    let mut keys = Vec::new();
    for tenant in 0..FAST / PER_TENANT {
        let key = world.tenant(&format!("Shop {tenant}")).await.key.text().expose().clone();
        for n in 0..PER_TENANT {
            let url = format!("{}/{tenant}/{n}", fast.url);
            let body = json!({ "url": url, "events": ["session.opened"] }).to_string();
            let headers = [("x-api-key", &*key)];
            let path = "/v1/webhook-endpoints";
            let reply = world.send(Method::POST, path, &headers, body.into_bytes()).await;
            assert_eq!(reply.status, 201, "{}", reply.text);
        }
        keys.push(key);
    }
    world.session("r1", "john.doe@example.com").await;
    slow.arriving.lock().await.recv().await.expect("the slow one is being told");
    for key in &keys {
        let body = json!({ "referenceId": "r1" }).to_string().into_bytes();
        let create = "/api/service/data/session/create";
        world.send(Method::POST, create, &[("x-api-key", &**key)], body).await;
    }
    let mut told = std::collections::HashSet::new();
    let mut arriving = fast.arriving.lock().await;
    while told.len() < FAST {
        told.insert(arriving.recv().await.expect("a fast one was told"));
    }
    assert_eq!(slow.arrived().len(), 1, "still holding its answer");
    slow.hold(false);
}

/// After ten failures in a row the endpoint's deliveries wait without taking up a worker.
#[tokio::test]
async fn the_breaker_lets_one_through_and_loses_none() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    let world = World::new().await;
    let down = Arc::new(AtomicBool::new(true));
    let flag = Arc::clone(&down);
    let receiver = Receiver::answering(move |_| {
        crate::support::receiver::status(if flag.load(Ordering::SeqCst) { 500 } else { 200 })
    })
    .await;
    world.endpoint(&receiver.url, json!({ "events": ["session.opened"] })).await;
    for n in 0..40 {
        world.session(&format!("r{n}"), "john.doe@example.com").await;
        if n >= 10 {
            continue;
        }
        world.tell().await;
    }
    assert_eq!(receiver.take().len(), 10);
    world.tell().await;
    assert_eq!(receiver.take().len(), 0, "the breaker is open");
    assert_eq!(world.deliveries("state=waiting").await.len(), 40, "and nothing is lost");
    down.store(false, Ordering::SeqCst);
    let mut told = std::collections::HashSet::new();
    for _ in 0..12 {
        world.minutes(1).await;
        told.extend(receiver.take().iter().map(|request| request.header("webhook-id").to_owned()));
    }
    assert_eq!(told.len(), 40);
    assert_eq!(world.deliveries("state=succeeded").await.len(), 40);
}

/// A tenant with many events, and one with ten.
#[tokio::test]
async fn a_thousand_events_beside_ten() {
    many_beside_few(1_000).await;
}

/// As above.
#[tokio::test]
#[ignore = "takes half a minute; run by hand"]
async fn ten_thousand_events_beside_ten() {
    many_beside_few(10_000).await;
}

async fn many_beside_few(many: usize) {
    const FEW: usize = 10;
    let world = World::new().await;
    let receiver = Receiver::ok().await;
    let (id, _) = world.endpoint(&receiver.url, json!({ "events": ["endpoint.failing"] })).await;
    let path = format!("/v1/webhook-endpoints/{id}");
    world.call(Method::PATCH, &path, &json!({ "enabled": false })).await;
    let entered = world.app.table.enter(world.made.tenant.id).await.expect("answers");
    let (entered, id) = (entered.expect("known"), id.parse().expect("an id"));
    for _ in 0..many {
        let event = world.app.table.test_event(&entered, id);
        world.app.table.tell_test(&entered, &event, id, None).await.expect("written");
    }
    let few = world.tenant("Few").await.key.text().expose().clone();
    let headers = [("x-api-key", &*few)];
    let body = json!({ "url": receiver.url }).to_string().into_bytes();
    world.send(Method::POST, "/v1/webhook-endpoints", &headers, body).await;
    for n in 0..FEW {
        let body = json!({ "referenceId": format!("r{n}") }).to_string().into_bytes();
        let create = "/api/service/data/session/create";
        world.send(Method::POST, create, &headers, body).await;
    }
    world.tell().await;
    let numbers: Vec<_> = receiver.take().iter().map(|r| r.json()["number"].clone()).collect();
    assert_eq!(numbers.len(), FEW, "{numbers:?}");
    let theirs = world.send(Method::GET, "/v1/events", &headers, Vec::new()).await;
    assert_eq!(theirs.body["events"].as_array().expect("a list").len(), FEW);
    let (mut after, mut read) = (0, 0);
    loop {
        let page = world.get(&format!("/v1/events?after={after}&limit=1000")).await;
        for event in page.body["events"].as_array().expect("a list") {
            read += 1;
            assert_eq!(event["number"], read, "without gaps");
        }
        after = page.body["cursor"].as_u64().expect("a cursor");
        if page.body["has_more"] == false {
            break;
        }
    }
    assert_eq!(read, many);
}
