//! Receivers that are down, gone, elsewhere, or ask for time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};

use super::kinds::assert_verifies;
use crate::support::World;
use crate::support::receiver::{Arrived, Receiver, status, with};

/// The gaps that are promised, in seconds.
const GAPS_S: [i64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

async fn opened(world: &World) {
    world.session("r1", "john.doe@example.com").await;
    world.tell().await;
}

/// When the only delivery is tried next.
async fn next_try(world: &World) -> Timestamp {
    let all = world.deliveries("state=waiting").await;
    assert_eq!(all.len(), 1, "{all:?}");
    all[0]["next_attempt_at"].as_str().expect("a time").parse().expect("a time")
}

#[tokio::test]
async fn three_days_down_is_tried_at_every_promised_moment() {
    let world = World::new().await;
    let receiver = Receiver::answering(|_| status(503)).await;
    let (_, secret) = world.endpoint(&receiver.url, json!({ "events": ["session.opened"] })).await;
    opened(&world).await;
    let began = world.app.now();
    for (n, gap_s) in GAPS_S.into_iter().enumerate() {
        assert_eq!(receiver.take().len(), 1, "try {}", n + 1);
        let due = next_try(&world).await;
        let ms = due.duration_since(world.app.now()).as_millis();
        let gap_ms = i128::from(gap_s) * 1_000;
        assert!((gap_ms * 8 / 10..=gap_ms * 12 / 10).contains(&ms), "{ms} for {gap_ms}");
        world.advance(due.duration_since(world.app.now()) - SignedDuration::from_secs(1));
        world.sweep().await;
        world.tell().await;
        assert_eq!(receiver.arrived().len(), 0, "not before its moment");
        world.advance(SignedDuration::from_secs(1));
        world.sweep().await;
        world.tell().await;
    }
    let [last] = &receiver.take()[..] else { panic!("the tenth try") };
    assert_verifies(&world, last, &secret);
    assert_eq!(last.header("countersign-attempt"), "10");
    assert_eq!(last.header("countersign-attempts-left"), "0");
    assert_eq!(last.header("countersign-first-attempt-at"), began.as_second().to_string());
    let all = world.deliveries("state=exhausted").await;
    assert_eq!((all.len(), &all[0]["attempts"]), (1, &json!(10)));
    world.advance(SignedDuration::from_hours(48));
    world.sweep().await;
    world.tell().await;
    assert_eq!(receiver.arrived().len(), 0, "and no more");
}

#[tokio::test]
async fn redirects_are_failures_and_lead_nowhere() {
    let elsewhere = Receiver::ok().await;
    for code in [301, 302, 303, 307, 308] {
        let world = World::new().await;
        let location = format!("location: {}\r\n", elsewhere.url);
        let receiver = Receiver::answering(move |_| with(code, &location)).await;
        world.endpoint(&receiver.url, json!({ "events": ["session.opened"] })).await;
        opened(&world).await;
        assert_eq!(receiver.arrived().len(), 1);
        let all = world.deliveries("state=waiting").await;
        let delivery = world.delivery(all[0]["id"].as_str().expect("an id")).await;
        let attempt = &delivery["attempt_list"][0];
        assert_eq!(attempt["status"], code);
        assert_eq!(attempt["result"], "redirects_are_not_followed");
    }
    assert_eq!(elsewhere.arrived().len(), 0);
}

#[tokio::test]
async fn who_says_gone_is_switched_off_and_the_tenant_is_told() {
    let world = World::new().await;
    let gone = Receiver::answering(|_| status(410)).await;
    let other = Receiver::ok().await;
    let (id, _) = world.endpoint(&gone.url, json!({})).await;
    world.endpoint(&other.url, json!({ "events": ["endpoint.disabled"] })).await;
    opened(&world).await;
    let path = format!("/v1/webhook-endpoints/{id}");
    let shown = world.call(Method::GET, &path, &Value::Null).await;
    assert_eq!(
        (&shown.body["enabled"], &shown.body["disabled_reason"]),
        (&json!(false), &json!("gone"))
    );
    world.session("r2", "john.doe@example.com").await;
    world.tell().await;
    world.tell().await;
    assert_eq!(gone.arrived().len(), 1, "never again");
    let [told] = &other.take()[..] else { panic!("told once") };
    assert_eq!(told.json()["data"]["endpoint_id"], id);
}

#[tokio::test]
async fn who_asks_for_time_gets_it_within_reason() {
    for (asked, wait_s) in [("7", 7), ("0", 5), ("3600", 10), ("1e300", 0), ("-5", 0)] {
        for code in [429, 503] {
            let world = World::new().await;
            let header = format!("retry-after: {asked}\r\n");
            let receiver = Receiver::answering(move |_| with(code, &header)).await;
            world.endpoint(&receiver.url, json!({ "events": ["session.opened"] })).await;
            opened(&world).await;
            let wait = next_try(&world).await.duration_since(world.app.now()).as_secs();
            // What cannot be understood was not said: the schedule's own gap, with its jitter.
            let fits = if wait_s == 0 { (4..=6).contains(&wait) } else { wait == wait_s };
            assert!(fits, "{asked} {code}: {wait}");
        }
    }
}

#[tokio::test]
async fn five_days_of_nothing_but_failures_end_it_and_are_told_before() {
    let world = World::new().await;
    let down = Arc::new(AtomicBool::new(true));
    let flag = Arc::clone(&down);
    let receiver =
        Receiver::answering(move |_| status(if flag.load(Ordering::SeqCst) { 500 } else { 200 }))
            .await;
    let other = Receiver::ok().await;
    let (id, _) = world.endpoint(&receiver.url, json!({ "events": ["session.opened"] })).await;
    let events = json!({ "events": ["endpoint.failing", "endpoint.disabled"] });
    world.endpoint(&other.url, events).await;
    let mut told = Vec::new();
    for day in 0..6 {
        world.session(&format!("r{day}"), "john.doe@example.com").await;
        world.tell().await;
        world.tell().await;
        let arrived = other.take();
        told.extend(arrived.iter().map(|request| (day, request.json()["type"].clone())));
        world.advance(SignedDuration::from_hours(24));
    }
    assert_eq!(told, [(1, json!("endpoint.failing")), (5, json!("endpoint.disabled"))]);
    let before = receiver.take().len();
    assert!(before >= 6, "tried until the end");
    let path = format!("/v1/webhook-endpoints/{id}");
    let shown = world.call(Method::GET, &path, &Value::Null).await;
    assert_eq!(shown.body["disabled_reason"], "failing");
    let enabled = world.call(Method::POST, &format!("{path}/enable"), &Value::Null).await;
    assert_eq!(enabled.body["enabled"], true);
    world.session("r7", "john.doe@example.com").await;
    world.tell().await;
    // Which of the older deliveries the breaker put off is a matter of chance.
    let first = |request: &Arrived| request.header("countersign-attempt") == "1";
    let told = receiver.take().into_iter().filter(first).count();
    assert_eq!(told, 1, "told again at once");
    let shown = world.call(Method::GET, &path, &Value::Null).await;
    assert_eq!(shown.body["enabled"], true, "one failure after another chance is one failure");
    down.store(false, Ordering::SeqCst);
    world.minutes(20).await;
    assert!(!receiver.take().is_empty(), "and what failed is told");
}
