//! What a subject may have: all of it, in words.

use serde_json::{Value, json};

use super::{erase, somebody};
use crate::support::World;

#[tokio::test]
async fn an_export_holds_everything() {
    let world = World::new().await;
    let known = somebody(&world).await;
    let path = format!("/v1/subjects/{}/export", known.subject);
    let export = world.get(&path).await;
    assert_eq!(export.status, 200, "{}", export.text);
    let sessions = export.body["sessions"].as_array().expect("a list");
    assert_eq!(sessions.len(), 5);
    for id in &known.ids {
        assert!(export.text.contains(id.as_str()), "{id}");
    }
    let of = |reference: &str| -> &Value {
        let mut found = sessions.iter().filter(|s| s["request"]["reference"] == reference);
        found.next().expect("the session")
    };
    let full = of("full");
    assert_eq!(full["request"]["user_phone"], "+4915550001234");
    assert_eq!(full["request"]["user_metadata"], json!({ "a": "b" }));
    assert_eq!(full["evidence"]["holders"][0]["name"], "John Doe");
    assert_eq!(full["evidence"]["accounts"][0]["iban"], "DE65500105170000008919");
    assert_eq!(full["statement"]["balances"].as_array().map(Vec::len), Some(3));
    assert!(full["statement"]["transactions"].as_array().is_some_and(|rows| rows.len() > 25));
    let events = full["events"].as_array().expect("a list");
    assert_eq!(events[0]["type"], "session.opened");
    assert_eq!(events[4]["type"], "session.completed");
    let revoked = of("revoked");
    assert!(revoked["revoked_at"].is_string() && revoked.get("evidence").is_none(), "{revoked}");
    assert_eq!(of("at-bank")["visit"]["ip_address"], "127.0.0.1");
    let person = &export.body["persons"][0];
    assert_eq!(person["first_name"], "Erika");
    assert_eq!(person["evidence"][0]["evidence"]["holders"][0]["name"], "John Doe");
    for secret in ["verifier", "state_hash", "cookie", "sealed", "access_token", "code"] {
        assert!(!export.text.contains(&format!("\"{secret}\"")), "{secret}");
    }
}

#[tokio::test]
async fn an_export_is_paged_without_a_gap() {
    let world = World::new().await;
    let known = somebody(&world).await;
    let path = format!("/v1/subjects/{}/export", known.subject);
    let whole = world.get(&path).await;
    let mut paged = Vec::new();
    let mut persons = 0;
    let mut query = "?limit=2".to_owned();
    loop {
        let page = world.get(&format!("{path}{query}")).await;
        paged.extend(page.body["sessions"].as_array().expect("a list").clone());
        persons += page.body["persons"].as_array().map_or(0, Vec::len);
        let Some(next) = page.body["next"].as_str() else { break };
        query = format!("?limit=2&cursor={next}");
    }
    assert_eq!(json!(paged), whole.body["sessions"]);
    assert_eq!(persons, 1);
    for query in ["?limit=0", "?limit=21", "?cursor=x"] {
        assert_eq!(world.get(&format!("{path}{query}")).await.status, 400, "{query}");
    }
}

#[tokio::test]
async fn nobody_is_exported_who_is_not_there() {
    let world = World::new().await;
    let known = somebody(&world).await;
    let path = format!("/v1/subjects/{}/export", known.subject);
    assert_eq!(erase(&world, known.subject).await.status, 200);
    let gone = world.get(&path).await;
    let never = world.get("/v1/subjects/sub_00000000000000000000000000000000/export").await;
    assert_eq!((gone.status, gone.text), (404, never.text));
    assert_eq!(world.get("/v1/subjects/nobody/export").await.status, 404);
}
