//! An erasure from beginning to end.

use std::sync::Arc;

use base64::Engine as _;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use lambda_runtime::{Context, LambdaEvent};
use reqwest::Method;
use serde_json::{Value, json};

use super::{assert_gone, erase, items, somebody, subject_of};
use crate::data::{EMAIL, complete};
use crate::support::World;

#[tokio::test]
async fn nothing_of_an_erased_subject_is_left() {
    let world = World::new().await;
    world.session("somebody else's", "else@example.com").await;
    let before = items(&world).await;
    let known = somebody(&world).await;
    let erased = erase(&world, known.subject).await;
    assert_eq!((erased.status, &erased.body["status"]), (200, &json!("erased")), "{}", erased.text);
    assert_gone(&before, &items(&world).await, &known);
    let again = json!({ "referenceId": "full", "externalUser": { "email": EMAIL } });
    let again = world.post("/api/service/data/session/create", &again).await;
    assert_eq!(again.status, 200, "the reference is free again: {}", again.text);
}

#[tokio::test]
async fn erasing_twice_is_erasing_once() {
    let world = World::new().await;
    let known = somebody(&world).await;
    let first = erase(&world, known.subject).await;
    let stored = items(&world).await;
    world.advance(jiff::SignedDuration::from_mins(5));
    let second = erase(&world, known.subject).await;
    assert_eq!((second.status, &second.body["erased_at"]), (200, &first.body["erased_at"]));
    assert_eq!(items(&world).await, stored, "nothing was written");
}

#[tokio::test]
async fn whoever_comes_back_may_be_erased_again() {
    let world = World::new().await;
    let before = items(&world).await;
    let mut known = somebody(&world).await;
    let first = erase(&world, known.subject).await;
    let back = complete(&world, "back", &["identity"]).await;
    assert_eq!(subject_of(&world, &back).await, known.subject, "the same e-mail, the same subject");
    world.advance(jiff::SignedDuration::from_secs(1));
    let second = erase(&world, known.subject).await;
    assert_ne!(second.body["erased_at"], first.body["erased_at"]);
    known.ids.push(back);
    let mut after = items(&world).await;
    let first_event = after.keys().find(|key| key.ends_with("EVENT#0000000001")).cloned();
    after.remove(&first_event.expect("the first erasure's event"));
    assert_gone(&before, &after, &known);
}

/// A route that takes the slash at the end of a path takes all that is below as well.
#[tokio::test]
async fn what_is_below_a_path_is_not_the_path() {
    let world = World::new().await;
    let known = somebody(&world).await;
    let key = world.key();
    let headers = [("x-api-key", key.as_str())];
    let ask = |method: Method, path: String| {
        let world = &world;
        async move { world.send(method, &path, &headers, Vec::new()).await.status }
    };
    let subject = format!("/v1/subjects/{}", known.subject);
    let person = format!("/persons/{}", known.ids.last().expect("a person"));
    assert_eq!(ask(Method::DELETE, format!("{subject}/export")).await, 405);
    assert_eq!(ask(Method::DELETE, format!("{subject}/x/y")).await, 404);
    assert_eq!(ask(Method::GET, format!("{subject}/export/")).await, 200);
    assert_eq!(ask(Method::DELETE, format!("{person}/accounts")).await, 405);
    assert_eq!(ask(Method::GET, format!("{person}/accounts/")).await, 200);
    assert_eq!(ask(Method::DELETE, format!("{subject}/")).await, 200);
    assert_eq!(ask(Method::GET, format!("{subject}/export")).await, 404);
}

#[tokio::test]
async fn the_receipt_is_proven_by_the_published_key() {
    let world = World::new().await;
    let known = somebody(&world).await;
    let erased = erase(&world, known.subject).await;
    let receipt = erased.text("receipt");
    let jwks = world.send(Method::GET, "/.well-known/jwks.json", &[], Vec::new()).await;
    let jwk = &jwks.body["keys"][0];
    let part = |name: &str| jwk[name].as_str().expect("text").to_owned();
    let key = DecodingKey::from_ec_components(&part("x"), &part("y")).expect("a key");
    let mut validation = Validation::new(Algorithm::ES256);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    let read = jsonwebtoken::decode::<Value>(&receipt, &key, &validation).expect("genuine");
    assert_eq!(read.header.typ.as_deref(), Some("erasure-receipt+jwt"));
    assert_eq!(read.header.kid.as_deref(), jwk["kid"].as_str());
    assert_eq!(read.claims["sub"], known.subject.to_string());
    let erased_at: jiff::Timestamp = erased.text("erased_at").parse().expect("a time");
    assert_eq!(read.claims["iat"], erased_at.as_second());
    let bearer = format!("Bearer {receipt}");
    let headers = [("authorization", bearer.as_str())];
    let refused = world.send(Method::GET, "/persons", &headers, Vec::new()).await;
    assert_eq!(refused.status, 401, "a receipt opens nothing");
    let payload = receipt.split('.').nth(1).expect("three parts");
    let payload = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload);
    let claims: Value = serde_json::from_slice(&payload.expect("base64")).expect("JSON");
    assert_eq!(claims.as_object().map(serde_json::Map::len), Some(4), "no more than it needs");
}

/// A person goes, and the evidence of another subject with the same e-mail still answers for whoever
/// comes with it.
#[tokio::test]
async fn another_subject_under_the_same_email_stays_known() {
    let world = World::new().await;
    let person = json!({ "email": EMAIL, "first_name": "John", "last_name": "Doe" });
    let first = world.post("/persons", &person).await.body["person_id"].to_string();
    let own = json!({ "referenceId": "own", "externalUser": { "email": EMAIL } });
    let own = world.post("/api/service/data/session/create", &own).await.text("id");
    let body = json!({
        "referenceId": "r", "permissions": ["identity"],
        "externalUser": { "referenceId": "user-7", "email": EMAIL },
    });
    let created = world.post("/api/service/data/session/create", &body).await;
    world.returned(&created.text("redirectUrl"), "john-doe").await;
    world.work().await;
    assert_eq!(erase(&world, subject_of(&world, &own).await).await.status, 200);
    let again = world.post("/persons", &person).await.body["person_id"].to_string();
    assert_ne!(again, first, "the person was erased");
    assert_eq!(world.post(&format!("/persons/{again}/auth"), &person).await.body["code"], 0);
}

/// The subject of a session with a reference is another than that of its e-mail; the copy of its
/// evidence that answers for the e-mail's person goes with the session all the same.
#[tokio::test]
async fn copies_at_another_subject_go_too() {
    let world = World::new().await;
    let person = json!({ "email": EMAIL, "first_name": "John", "last_name": "Doe" });
    let id = world.post("/persons", &person).await.body["person_id"].to_string();
    let body = json!({
        "referenceId": "r", "permissions": ["identity"],
        "externalUser": { "referenceId": "user-7", "email": EMAIL },
    });
    let created = world.post("/api/service/data/session/create", &body).await;
    world.returned(&created.text("redirectUrl"), "john-doe").await;
    world.work().await;
    let auth = format!("/persons/{id}/auth");
    assert_eq!(world.post(&auth, &person).await.body["code"], 0);
    let subject = subject_of(&world, &created.text("id")).await;
    assert_eq!(erase(&world, subject).await.status, 200);
    assert_eq!(world.post(&auth, &person).await.body["code"], 2, "the copy is gone");
    let stored = world.everything().await;
    assert!(!stored.iter().any(|item| item.contains(&created.text("id"))), "no item names it");
}

/// A function that created a session for the subject before still has the key in memory. It must not
/// seal under it: nobody else could open what it writes.
#[tokio::test]
async fn a_warm_function_does_not_seal_under_an_erased_key() {
    let world = World::new().await;
    let functions = &world.system.template().functions;
    let declared = functions.iter().find(|f| f.binary == "create_session").expect("declared");
    let clients = world.system.clients();
    let app = countersign::handlers::app(declared, clients, &world.ambient).expect("an app");
    let app = Arc::new(app);
    let create = async |reference: &str| {
        let body = json!({ "referenceId": reference, "externalUser": { "email": EMAIL } });
        let path = "/api/service/data/session/create";
        let event = crate::budget::event(&world, "POST", path, json!({}), &body);
        let event = LambdaEvent::new(event, Context::default());
        let answer = runtime::invoke(create_session::FUNCTION, &app, event).await.expect("answers");
        assert_eq!(answer["statusCode"], 200, "{answer}");
        let body: Value =
            serde_json::from_str(answer["body"].as_str().expect("text")).expect("JSON");
        body["id"].as_str().expect("an id").to_owned()
    };
    let first = create("r1").await;
    let subject = subject_of(&world, &first).await;
    assert_eq!(erase(&world, subject).await.status, 200);
    let second = create("r2").await;
    // A function that has never seen the subject.
    let cold = countersign::handlers::operator(world.system.template(), clients, &world.ambient);
    let cold = cold.expect("an app");
    let entered = cold.table.enter(world.made.tenant.id).await.expect("answers").expect("there");
    let read = cold.table.session(&entered, second.parse().expect("an id")).await;
    assert!(read.expect("it opens").is_some(), "sealed under the key that is stored");
}
