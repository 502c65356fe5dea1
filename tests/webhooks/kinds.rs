//! What each kind of endpoint is told, over the whole way: session, stream, queue, request.

use reqwest::Method;
use serde_json::{Value, json};
use webhooks::{Headers, Key, Refused, verify};

use crate::support::World;
use crate::support::receiver::{Arrived, Receiver};

/// Verifies as a receiver of the standard does.
pub fn assert_verifies(world: &World, request: &Arrived, key: &str) {
    assert_eq!(verified(world, request, key), Ok(()), "{request:?}");
}

/// What a receiver of the standard finds.
pub fn verified(world: &World, request: &Arrived, key: &str) -> Result<(), Refused> {
    let headers = Headers {
        id: Some(request.header("webhook-id")),
        timestamp: Some(request.header("webhook-timestamp")),
        signature: Some(request.header("webhook-signature")),
    };
    let key = Key::parse(key).expect("a key");
    verify(&key, headers, request.body.as_bytes(), world.app.now())
}

#[tokio::test]
async fn a_standard_endpoint_is_told_everything_in_ids() {
    let world = World::new().await;
    let receiver = Receiver::ok().await;
    let (_, secret) = world.endpoint(&receiver.url, json!({ "headers": { "X-Shop": "7" } })).await;
    let session = world.completed("r1").await;
    world.tell().await;
    // They are sent side by side; their numbers order them.
    let mut arrived = receiver.take();
    arrived.sort_by_key(|request| request.json()["number"].as_u64());
    let kinds: Vec<Value> = arrived.iter().map(|request| request.json()["type"].clone()).collect();
    let told = ["opened", "started", "at_bank", "processing", "completed"];
    assert_eq!(json!(kinds), json!(told.map(|kind| format!("session.{kind}"))));
    for (n, request) in arrived.iter().enumerate() {
        assert_verifies(&world, request, &secret);
        let body = request.json();
        assert_eq!(body["data"], json!({ "session_id": session }));
        assert_eq!((&body["number"], &body["sequence"]), (&json!(n + 1), &json!(n + 1)));
        assert_eq!(body["id"], request.header("webhook-id"));
        assert_eq!(request.header("x-shop"), "7");
        assert_eq!(request.header("countersign-attempt"), "1");
        assert_eq!(request.header("countersign-attempts-left"), "9");
        assert!(!request.body.contains("john") && !request.body.contains("r1"), "{request:?}");
    }
    world.minutes(3).await;
    assert_eq!(receiver.take().len(), 0, "a success is not repeated");
}

#[tokio::test]
async fn ivy_is_told_of_its_completed_sessions_with_the_data() {
    let world = World::new().await;
    let receiver = Receiver::ok().await;
    let asked = json!({ "url": receiver.url, "events": ["data_session_completed"] });
    let create = "/api/service/webhook-subscription/create";
    let reply = world.call(Method::POST, create, &asked).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let secret = reply.text("signingSecret");
    let session = world.completed("r1").await;
    world.tell().await;
    let [request] = &receiver.take()[..] else { panic!("one event of five") };
    assert_verifies(&world, request, &secret);
    let body = request.json();
    assert_eq!(body["type"], "data_session_completed");
    assert_eq!(body["payload"]["id"], session);
    assert_eq!(body["payload"]["referenceId"], "r1");
    assert_eq!(body["payload"]["data"]["identity"]["name"], "John Doe");
    let key = hmac(secret.as_bytes(), request.body.as_bytes());
    assert_eq!(request.header("x-ivy-signature"), key);
}

#[tokio::test]
async fn pentadata_is_told_whose_answer_is_known() {
    let world = World::new().await;
    let receiver = Receiver::ok().await;
    let (_, secret) = world.endpoint(&receiver.url, json!({ "kind": "pentadata" })).await;
    let person = json!({ "email": "a@b.co", "first_name": "John", "last_name": "Doe" });
    let id = world.post("/persons", &person).await.body["person_id"].clone();
    let auth = world.post(&format!("/persons/{id}/auth"), &person).await;
    world.returned(&auth.text("url"), "john-doe").await;
    world.work().await;
    world.tell().await;
    let [request] = &receiver.take()[..] else { panic!("one") };
    assert_eq!(request.body, json!({ "event": "auth", "person_id": id }).to_string());
    assert_eq!(request.header("pentadata-key"), secret);
    assert_verifies(&world, request, &secret);
}

#[tokio::test]
async fn didit_is_told_anew_with_each_try() {
    let world = World::new().await;
    let down = std::sync::atomic::AtomicBool::new(true);
    let receiver = Receiver::answering(move |_| {
        let down = down.swap(false, std::sync::atomic::Ordering::SeqCst);
        crate::support::receiver::status(if down { 500 } else { 200 })
    })
    .await;
    let (_, secret) = world.endpoint(&receiver.url, json!({ "kind": "didit" })).await;
    let asked = json!({ "scope": "names", "vendor_data": "user-1" });
    let session = world.post("/auth/v2/session/", &asked).await.text("session_id");
    world.tell().await;
    world.advance(jiff::SignedDuration::from_secs(6));
    world.deliver().await;
    let [first, second] = &receiver.take()[..] else { panic!("two tries") };
    assert_eq!(first.header("webhook-id"), second.header("webhook-id"));
    for request in [first, second] {
        let (body, sent) = (request.json(), request.header("x-timestamp").to_owned());
        assert_eq!(body["timestamp"].to_string(), sent);
        assert_eq!(body["created_at"].to_string(), sent);
        assert_eq!(body["session_id"], session);
        assert_eq!(
            (&body["status"], &body["vendor_data"]),
            (&json!("Initialized"), &json!("user-1"))
        );
        let key = hmac(secret.as_bytes(), request.body.as_bytes());
        assert_eq!(request.header("x-signature"), key);
    }
    assert_verifies(&world, second, &secret);
    assert_ne!(first.header("x-timestamp"), second.header("x-timestamp"));
}

#[tokio::test]
async fn a_result_is_posted_to_where_the_session_says() {
    let world = World::new().await;
    let receiver = Receiver::ok().await;
    let made = world.tenant_at("Shop", &receiver.url).await;
    let key = made.key.text().expose().clone();
    let headers = [("x-api-key", &*key)];
    let body = json!({
        "referenceId": "r1", "permissions": ["match_identity"],
        "resultCallbackUrl": format!("{}/result?x=y", receiver.url),
        "matchData": { "financialAddress": { "type": "iban", "iban": {
            "iban": "DE89370400440532013000", "accountHolderName": "John Doe" } } },
    });
    let create = "/api/service/data/session/create";
    let reply = world.send(Method::POST, create, &headers, body.to_string().into_bytes()).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    world.returned(&reply.text("redirectUrl"), "john-doe").await;
    world.work().await;
    assert_eq!(receiver.arrived().len(), 0, "never inline in the worker");
    world.tell().await;
    let [request] = &receiver.take()[..] else { panic!("one result") };
    assert_eq!(request.path, "/result?x=y");
    assert_eq!(request.json()["payload"]["id"], reply.text("id"));
    assert!(request.json()["payload"]["matchResult"].is_object(), "{}", request.body);
    let secret = world.send(Method::GET, "/v1/result-callback-secret", &headers, Vec::new()).await;
    assert_verifies(&world, request, &secret.text("secret"));
    assert_verifies(&world, request, &secret.text("public_key"));
    let signed = hmac(secret.text("secret").as_bytes(), request.body.as_bytes());
    assert_eq!(request.header("x-ivy-signature"), signed);
}

/// HMAC-SHA256 in hex, by the one library here that is not ours.
fn hmac(key: &[u8], body: &[u8]) -> String {
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, key);
    cloud::hex(aws_lc_rs::hmac::sign(&key, body).as_ref())
}
