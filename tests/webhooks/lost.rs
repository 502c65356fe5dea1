//! Messages, workers and records that get lost, or come twice.

use countersign::handlers;
use jiff::SignedDuration;
use model::delivery::HOLD;
use serde_json::{Value, json};

use super::kinds::assert_verifies;
use crate::support::receiver::Receiver;
use crate::support::{DELIVERIES, World, delivery_id};

async fn one_under_way(world: &World, receiver: &Receiver) -> (String, String) {
    let asked = json!({ "events": ["session.opened"] });
    let (_, secret) = world.endpoint(&receiver.url, asked).await;
    world.session("r1", "john.doe@example.com").await;
    world.fan_out().await;
    let all = world.deliveries("state=waiting").await;
    assert_eq!(all.len(), 1);
    (all[0]["id"].as_str().expect("an id").to_owned(), secret)
}

#[tokio::test]
async fn a_message_that_comes_twice_is_sent_once() {
    let world = World::new().await;
    let receiver = Receiver::ok().await;
    one_under_way(&world, &receiver).await;
    world.deliver().await;
    for _ in 0..5 {
        let again = world.system.deliver_again(DELIVERIES).await.expect("delivered");
        assert!(again.failures.is_empty(), "{again:?}");
    }
    assert_eq!(receiver.take().len(), 1);
}

#[tokio::test]
async fn messages_out_of_order_are_all_sent() {
    let world = World::new().await;
    let receiver = Receiver::ok().await;
    world.endpoint(&receiver.url, json!({})).await;
    for n in 0..25 {
        world.session(&format!("r{n}"), "john.doe@example.com").await;
    }
    world.fan_out().await;
    // The first ten come, come again, and then the rest.
    world.system.deliver(DELIVERIES).await.expect("delivered");
    world.system.deliver_again(DELIVERIES).await.expect("delivered");
    world.deliver().await;
    let mut numbers: Vec<u64> = receiver
        .take()
        .iter()
        .map(|request| request.json()["number"].as_u64().expect("a number"))
        .collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=25).collect::<Vec<u64>>());
}

/// The receiver has it and says so; the worker is gone before it hears that.
#[tokio::test]
async fn a_worker_killed_before_the_record_repeats_under_the_same_id() {
    let world = World::new().await;
    let receiver = Receiver::ok().await;
    let (id, secret) = one_under_way(&world, &receiver).await;
    world.system.purge(DELIVERIES).await.expect("purged");
    receiver.hold(true);
    let functions = &world.system.template().functions;
    let declared = functions.iter().find(|f| f.binary == "webhook_delivery").expect("declared");
    let worker = handlers::app(declared, world.system.clients(), &world.ambient).expect("an app");
    let entered = worker.table.enter(world.made.tenant.id).await.expect("answers");
    let entered = entered.expect("the tenant");
    let mut arriving = receiver.arriving.lock().await;
    tokio::select! {
        _ = worker.attempt(&entered, delivery_id(&id)) => panic!("the answer is held back"),
        arrived = arriving.recv() => { arrived.expect("the request arrived"); }
    }
    drop(arriving);
    receiver.hold(false);
    world.sweep().await;
    world.deliver().await;
    assert_eq!(receiver.arrived().len(), 1, "while the dead worker may live, nobody else sends");
    world.advance(HOLD);
    world.sweep().await;
    world.deliver().await;
    let [first, second] = &receiver.take()[..] else { panic!("once more, and no more") };
    assert_eq!(first.header("webhook-id"), second.header("webhook-id"));
    assert_eq!(first.body, second.body);
    assert_verifies(&world, second, &secret);
    assert_eq!(world.delivery(&id).await["state"], "succeeded");
    world.minutes(3).await;
    assert_eq!(receiver.take().len(), 0);
}

#[tokio::test]
async fn an_emptied_queue_loses_nothing() {
    let world = World::new().await;
    let receiver = Receiver::ok().await;
    one_under_way(&world, &receiver).await;
    world.system.purge(DELIVERIES).await.expect("purged");
    world.deliver().await;
    assert_eq!(receiver.arrived().len(), 0);
    world.minutes(2).await;
    assert_eq!(receiver.take().len(), 1);
}

#[tokio::test]
async fn what_no_stream_brought_is_found_by_the_sweeper() {
    let world = World::new().await;
    let receiver = Receiver::ok().await;
    world.endpoint(&receiver.url, json!({ "events": ["session.opened"] })).await;
    world.session("r1", "john.doe@example.com").await;
    world.advance(SignedDuration::from_secs(61));
    let swept = world.sweep().await;
    assert_eq!(swept["events"], 1);
    world.deliver().await;
    assert_eq!(receiver.take().len(), 1);
    world.fan_out().await;
    world.minutes(3).await;
    assert_eq!(receiver.take().len(), 0, "the stream brings it late, and nothing happens");
}

/// Every event row of the table, as the stream tells of it, twice in one batch and in two.
#[tokio::test]
async fn a_record_that_comes_twice_is_numbered_once() {
    let world = World::new().await;
    let receiver = Receiver::ok().await;
    world.endpoint(&receiver.url, json!({})).await;
    world.completed("r1").await;
    let scan = world.system.clients().dynamodb.scan().table_name(&world.app.config.table_name);
    let items = scan.send().await.expect("scanned");
    let text = |item: &std::collections::HashMap<_, _>, name: &str| {
        let value: Option<&aws_sdk_dynamodb::types::AttributeValue> = item.get(name);
        value.and_then(|value| value.as_s().ok()).cloned().unwrap_or_default()
    };
    let mut records = Vec::new();
    for item in items.items().iter().filter(|item| text(item, "entity") == "event") {
        let image =
            ["pk", "sk", "entity", "body"].map(|name| (name, json!({ "S": text(item, name) })));
        let image: serde_json::Map<String, Value> =
            image.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        for _ in 0..2 {
            let number = (100 + records.len()).to_string();
            records.push(json!({ "dynamodb": { "SequenceNumber": number, "NewImage": image } }));
        }
    }
    assert_eq!(records.len(), 10);
    let functions = &world.system.template().functions;
    let declared = functions.iter().find(|f| f.binary == "webhook_fanout").expect("declared");
    let fanout = handlers::invoker(declared, world.system.clients(), &world.ambient);
    let fanout = fanout.expect("an invoker");
    for _ in 0..2 {
        let answer = fanout(json!({ "Records": records })).await.expect("answers");
        assert_eq!(answer["batchItemFailures"], json!([]));
    }
    world.tell().await;
    assert_eq!(receiver.take().len(), 5);
    let feed = world.get("/v1/events").await;
    let numbers: Vec<&Value> =
        feed.body["events"].as_array().expect("a list").iter().map(|e| &e["number"]).collect();
    assert_eq!(json!(numbers), json!([1, 2, 3, 4, 5]));
}

#[tokio::test]
async fn a_record_that_is_not_ours_keeps_nobody_waiting() {
    let world = World::new().await;
    world.session("r1", "john.doe@example.com").await;
    let functions = &world.system.template().functions;
    let declared = functions.iter().find(|f| f.binary == "webhook_fanout").expect("declared");
    let fanout = handlers::invoker(declared, world.system.clients(), &world.ambient);
    let poison = json!({ "pk": { "S": "T#x" }, "sk": { "S": "y" }, "body": { "S": "no JSON" } });
    let record = json!({ "dynamodb": { "SequenceNumber": "1", "NewImage": poison } });
    let answer = fanout.expect("an invoker")(json!({ "Records": [record] })).await;
    assert_eq!(answer.expect("answers")["batchItemFailures"], json!([]));
    let url = &world.system.template().queue(DELIVERIES).expect("declared").url;
    let sqs = &world.system.clients().sqs;
    sqs.send_message().queue_url(url).message_body("poison").send().await.expect("sent");
    let delivered = world.system.deliver(DELIVERIES).await.expect("delivered");
    assert_eq!(delivered.failures.len(), 1, "it stays for the dead letters");
}
