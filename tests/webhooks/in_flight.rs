//! Endpoints that change while something is on its way to them.

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};

use super::kinds::{assert_verifies, verified};
use crate::support::World;
use crate::support::receiver::{Receiver, status};

async fn under_way(world: &World, receiver: &Receiver) -> (String, String) {
    let asked = json!({ "events": ["session.opened"] });
    let (id, secret) = world.endpoint(&receiver.url, asked).await;
    world.session("r1", "john.doe@example.com").await;
    world.fan_out().await;
    (format!("/v1/webhook-endpoints/{id}"), secret)
}

async fn reason(world: &World) -> Value {
    let all = world.deliveries("state=disabled&limit=10").await;
    assert!(all.len() <= 1, "{all:?}");
    all.first().map_or(Value::Null, |delivery| delivery["disabled_reason"].clone())
}

#[tokio::test]
async fn a_deleted_endpoint_is_not_told() {
    let world = World::new().await;
    let receiver = Receiver::ok().await;
    let (path, _) = under_way(&world, &receiver).await;
    let event = world.get("/v1/events").await.body["events"][0]["id"].clone();
    let deleted = world.call(Method::DELETE, &path, &Value::Null).await;
    assert_eq!(deleted.status, 204);
    world.deliver().await;
    world.minutes(2).await;
    assert_eq!(receiver.arrived().len(), 0);
    let query = format!("event={}", event.as_str().expect("an id"));
    let all = world.deliveries(&query).await;
    assert_eq!(all[0]["disabled_reason"], "endpoint_deleted");
    assert_eq!(world.call(Method::GET, &path, &Value::Null).await.status, 404);
}

#[tokio::test]
async fn a_disabled_endpoint_is_not_told_until_a_replay() {
    let world = World::new().await;
    let receiver = Receiver::ok().await;
    let (path, _) = under_way(&world, &receiver).await;
    let off = world.call(Method::PATCH, &path, &json!({ "enabled": false })).await;
    assert_eq!((off.status, &off.body["disabled_reason"]), (200, &json!("tenant")));
    world.deliver().await;
    assert_eq!(receiver.arrived().len(), 0);
    assert_eq!(reason(&world).await, "endpoint_disabled");
    let refused = world.call(Method::POST, &format!("{path}/replay?after=0"), &Value::Null).await;
    assert_eq!(refused.status, 403, "{}", refused.text);
    world.call(Method::POST, &format!("{path}/enable"), &Value::Null).await;
    let replayed = world.call(Method::POST, &format!("{path}/replay?after=0"), &Value::Null).await;
    assert_eq!((replayed.status, &replayed.body["deliveries"]), (202, &json!(1)));
    world.deliver().await;
    let event = world.get("/v1/events").await.body["events"][0]["id"].clone();
    let [request] = &receiver.take()[..] else { panic!("once") };
    assert_eq!(request.header("webhook-id"), event, "the same id as ever");
}

#[tokio::test]
async fn both_secrets_sign_for_a_day_after_a_rotation() {
    let world = World::new().await;
    let receiver = Receiver::ok().await;
    let (path, old) = under_way(&world, &receiver).await;
    let rotated = world.call(Method::POST, &format!("{path}/rotate-secret"), &Value::Null).await;
    let (new, public) = (rotated.text("secret"), rotated.text("public_key"));
    assert_ne!(old, new);
    world.deliver().await;
    let [request] = &receiver.take()[..] else { panic!("once") };
    for key in [&old, &new, &public] {
        assert_verifies(&world, request, key);
    }
    world.advance(SignedDuration::from_hours(24));
    world.session("r2", "john.doe@example.com").await;
    world.tell().await;
    let [request] = &receiver.take()[..] else { panic!("once") };
    assert_verifies(&world, request, &new);
    assert_eq!(verified(&world, request, &old), Err(webhooks::Refused::NoMatch));
}

#[tokio::test]
async fn a_moved_endpoint_is_told_at_its_new_place() {
    let world = World::new().await;
    let (old, new) = (Receiver::answering(|_| status(500)).await, Receiver::ok().await);
    let (path, _) = under_way(&world, &old).await;
    world.deliver().await;
    world.call(Method::PATCH, &path, &json!({ "url": new.url })).await;
    world.advance(SignedDuration::from_secs(6));
    world.deliver().await;
    assert_eq!((old.take().len(), new.take().len()), (1, 1));
}

/// Nobody's address becomes ours by being saved first and moved later.
#[tokio::test]
async fn an_address_inside_is_refused_when_saved_and_when_sent() {
    let world = World::new().await;
    for inside in [
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::ffff:10.0.0.1]/",
        "https://[64:ff9b::a00:1]/",
        "https://0xa000001/",
        "https://192.168.1/",
        "http://10.0.0.1/",
        "http://shop.example/",
        "https://shop.example:8443/",
    ] {
        let body = json!({ "url": inside });
        let reply = world.call(Method::POST, "/v1/webhook-endpoints", &body).await;
        assert_eq!((reply.status, &reply.body["param"]), (400, &json!("url")), "{inside}");
    }
    // `localhost.localdomain` is a name like any other; where it leads is seen when connecting.
    world.endpoint("https://localhost.localdomain/", json!({ "events": ["session.opened"] })).await;
    let functions = &world.system.template().functions;
    let declared = functions.iter().find(|f| f.binary == "webhook_delivery").expect("declared");
    let mut declared = declared.clone();
    declared.environment.insert("OUTBOUND_REACH".to_owned(), "public".to_owned());
    let app = countersign::handlers::app(&declared, world.system.clients(), &world.ambient);
    let app = app.expect("an app");
    let entered = app.table.enter(world.made.tenant.id).await.expect("answers").expect("known");
    world.session("r1", "john.doe@example.com").await;
    world.fan_out().await;
    let id = world.deliveries("state=waiting").await[0]["id"].as_str().expect("an id").to_owned();
    app.attempt(&entered, crate::support::delivery_id(&id)).await.expect("answers");
    let result = &world.delivery(&id).await["attempt_list"][0]["result"];
    // Where the machine knows the name it leads inside; where it does not, nowhere.
    assert!(["address_not_allowed", "no_connection"].contains(&result.as_str().expect("text")));
}
