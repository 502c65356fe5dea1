//! Consents: where they stand, and taking one back. Details for who has no key.

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::json;

use super::{EMAIL, call, complete, list, session};
use crate::support::World;

#[tokio::test]
async fn revoking_takes_everything_back() {
    let world = World::new().await;
    let person = json!({ "email": EMAIL, "first_name": "John", "last_name": "Doe" });
    let known = world.post("/persons", &person).await.body["person_id"].to_string();
    let id = complete(&world, "r", &["identity", "balances"]).await;
    let auth = format!("/persons/{known}/auth");
    assert_eq!(world.post(&auth, &person).await.body["code"], 0, "the evidence answers");
    world.advance(SignedDuration::from_secs(5));
    let revoked = call(&world, "consent/revoke", &id).await;
    assert_eq!(revoked.body["status"], "revoked", "{}", revoked.text);
    for data in ["accounts/list", "account-balances/list"] {
        let reply = call(&world, data, &id).await;
        assert_eq!(reply.status, 403, "{}", reply.text);
    }
    let details = world.post("/api/service/data/session/details", &json!({ "id": id })).await;
    assert_eq!((&details.body["status"], details.body.get("data")), (&json!("complete"), None));
    let listed = json!({ "externalUserEmail": EMAIL });
    let listed = world.post("/api/service/data/session/list", &listed).await;
    assert_eq!(listed.body["dataSessions"], json!([]));
    assert_eq!(world.post(&auth, &person).await.body["code"], 2, "no copy answers any more");
    let accounts = world.get(&format!("/persons/{known}/accounts")).await;
    assert_eq!(accounts.body["accounts"], json!([]));
    let stored = world.everything().await;
    let left = |what: &str| stored.iter().filter(|item| item.contains(what)).count();
    assert_eq!((left("\"STATEMENT\""), left("EVIDENCE#")), (0, 0));
    world.advance(SignedDuration::from_secs(5));
    let again = call(&world, "consent/revoke", &id).await;
    assert_eq!(again.body, revoked.body, "once is enough");
}

#[tokio::test]
async fn a_revoked_session_answers_for_nobody_who_comes_later() {
    let world = World::new().await;
    let id = complete(&world, "r", &["identity"]).await;
    assert_eq!(call(&world, "consent/revoke", &id).await.status, 200);
    let person = json!({ "email": EMAIL, "first_name": "John", "last_name": "Doe" });
    let known = world.post("/persons", &person).await.body["person_id"].to_string();
    assert_eq!(world.post(&format!("/persons/{known}/auth"), &person).await.body["code"], 2);
}

#[tokio::test]
async fn a_consent_follows_its_session() {
    let world = World::new().await;
    let (id, link) = session(&world, "r", &["identity", "balances"]).await;
    let status = async |id: &str| call(&world, "consent/details", id).await.text("status");
    assert_eq!(status(&id).await, "created");
    assert_eq!(call(&world, "consent/revoke", &id).await.status, 409);
    world.returned(&link, "john-doe").await;
    world.work().await;
    let given = call(&world, "consent/details", &id).await;
    assert_eq!(given.body["status"], "authorised");
    assert_eq!(given.body["permissions"], json!(["identity", "balances"]));
    let ends = given.body["expiresAt"].as_i64().expect("epoch seconds");
    assert_eq!(ends - given.body["updatedAt"].as_i64().expect("epoch seconds"), 90 * 86_400);
    world.advance(SignedDuration::from_hours(24 * 90));
    assert_eq!(status(&id).await, "expired");
    let (denied, link) = session(&world, "r2", &["identity"]).await;
    world.returned(&link, "user_denied").await;
    assert_eq!(status(&denied).await, "failed");
    assert_eq!(call(&world, "accounts/list", &denied).await.status, 409);
}

#[tokio::test]
async fn whoever_has_no_key_is_told_what_the_page_shows() {
    let world = World::new().await;
    let id = complete(&world, "r", &["identity"]).await;
    let path = "/api/service/data/session/details";
    let body = json!({ "id": id }).to_string().into_bytes();
    let told = world.send(Method::POST, path, &[], body.clone()).await;
    assert_eq!(told.status, 200, "{}", told.text);
    assert_eq!(told.body["status"], "complete");
    assert_eq!(told.body["market"], "DE");
    assert_eq!(told.body["prefill"], json!({ "bankId": "sandbox-bank" }));
    for private in ["John", EMAIL, "DE65", "data\"", "\"r\"", "merchantId", "externalUser"] {
        assert!(!told.text.contains(private), "{private} in {}", told.text);
    }
    for wrong in [("x-ivy-api-key", "cs_test_wrong"), ("x-api-key", ""), ("authorization", "x")] {
        let refused = world.send(Method::POST, path, &[wrong], body.clone()).await;
        assert_eq!(refused.status, 401, "{}: {}", wrong.0, refused.text);
    }
    world.advance(SignedDuration::from_hours(26));
    let late = world.send(Method::POST, path, &[], body).await;
    let never = json!({ "id": "01953a10-0000-7000-8000-000000000000" }).to_string().into_bytes();
    let never = world.send(Method::POST, path, &[], never).await;
    assert_eq!((late.status, late.text), (never.status, never.text), "late is as unknown");
}

#[tokio::test]
async fn sessions_of_other_doors_are_not_told_without_a_key() {
    let world = World::new().await;
    let created = world.post("/auth/v2/session/", &json!({ "scope": "names" })).await;
    let body = json!({ "id": created.text("session_id") }).to_string().into_bytes();
    let path = "/api/service/data/session/details";
    assert_eq!(world.send(Method::POST, path, &[], body).await.status, 404);
}

#[tokio::test]
async fn accounts_of_a_scoped_session_need_their_scope() {
    let world = World::new().await;
    for (scope, status) in [("names", 403), ("bank_account", 200)] {
        let created = world.post("/auth/v2/session/", &json!({ "scope": scope })).await;
        world.returned(&created.text("url"), "john-doe").await;
        world.work().await;
        let reply = call(&world, "accounts/list", &created.text("session_id")).await;
        assert_eq!(reply.status, status, "{}", reply.text);
        if status == 200 {
            assert_eq!(list(&reply, "accounts").len(), 1);
            assert!(!reply.text.contains("John"), "{}", reply.text);
        }
    }
}
