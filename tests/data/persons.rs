//! Persons of a tenant: listed in a stable order, with their accounts.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};

use super::{EMAIL, complete, list};
use crate::support::World;

async fn person(world: &World, email: &str) -> u64 {
    let body = json!({ "email": email, "first_name": "A", "last_name": "B" });
    let reply = world.post("/persons", &body).await;
    reply.body["person_id"].as_u64().expect("an integer")
}

async fn listed(world: &World, query: &str) -> Vec<u64> {
    let reply = world.get(&format!("/persons{query}")).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    list(&reply, "persons").iter().map(|row| row["id"].as_u64().expect("an integer")).collect()
}

#[tokio::test]
async fn persons_are_paged_in_the_order_they_came() {
    let world = World::new().await;
    let mut made = Vec::new();
    for n in 0..7 {
        made.push(person(&world, &format!("p{n}@example.com")).await);
        // From one month into the next, and over months in which nobody came.
        world.advance(SignedDuration::from_hours(24 * [1, 35, 70][n % 3]));
    }
    assert_eq!(listed(&world, "").await, made);
    let mut paged = Vec::new();
    for offset in [0, 3, 6, 9] {
        paged.extend(listed(&world, &format!("?limit=3&offset={offset}")).await);
    }
    assert_eq!(paged, made);
    assert_eq!(listed(&world, "?email=P3@example.com").await, [made[3]]);
    assert!(listed(&world, "?email=nobody@example.com").await.is_empty());
    let entry = world.get("/persons?limit=1").await;
    let entry = &entry.body["persons"][0];
    assert_eq!(
        entry,
        &json!({
            "id": made[0], "first_name": "A", "last_name": "B", "email": "p0@example.com",
            "consent": true, "last_opt_in": "20260302",
        })
    );
    for query in ["?limit=0", "?limit=101", "?offset=-1", "?offset=x", "?email=x"] {
        assert_eq!(world.get(&format!("/persons{query}")).await.status, 400, "{query}");
    }
}

#[tokio::test]
async fn nobody_lists_another_s_persons() {
    let world = World::new().await;
    let other = world.tenant("Other Shop").await;
    person(&world, EMAIL).await;
    let theirs = [("x-api-key", &**other.key.text().expose())];
    for query in ["", "?email=john.doe@example.com"] {
        let path = format!("/persons{query}");
        let reply = world.send(Method::GET, &path, &theirs, Vec::new()).await;
        assert_eq!(reply.body, json!({ "persons": [] }), "{query}");
    }
}

#[tokio::test]
async fn accounts_come_with_the_evidence_and_each_once() {
    let world = World::new().await;
    let id = person(&world, EMAIL).await;
    let path = format!("/persons/{id}/accounts");
    assert_eq!(world.get(&path).await.body, json!({ "accounts": [] }));
    complete(&world, "r1", &["identity"]).await;
    complete(&world, "r2", &["identity"]).await;
    let reply = world.get(&path).await;
    let accounts = list(&reply, "accounts");
    assert_eq!(accounts.len(), 1, "{}", reply.text);
    let account = &accounts[0];
    assert!(account["account_id"].as_u64().is_some_and(|id| id < 1 << 53), "{account}");
    assert_eq!(account["bank"], "Sandbox Bank");
    assert_eq!(account["account_type"], "checking");
    assert_eq!(account["last_opt_in"], "20260302");
    let names: BTreeSet<&str> =
        account.as_object().expect("an object").keys().map(String::as_str).collect();
    let told = ["account_id", "account_name", "account_type", "bank", "last_opt_in"];
    assert_eq!(names, BTreeSet::from(told), "no number, no name");
}

#[tokio::test]
async fn a_deleted_person_is_gone_with_all_that_was_known() {
    let world = World::new().await;
    let id = person(&world, EMAIL).await;
    let session = complete(&world, "r", &["identity"]).await;
    let other = person(&world, "other@example.com").await;
    let key = world.key();
    let delete = async |id: u64| {
        let path = format!("/persons/{id}");
        world.send(Method::DELETE, &path, &[("x-api-key", &*key)], Vec::new()).await
    };
    let deleted = delete(id).await;
    assert_eq!((deleted.status, &*deleted.text), (204, ""));
    assert_eq!(delete(id).await.status, 404);
    assert_eq!(world.get(&format!("/persons/{id}/accounts")).await.status, 404);
    assert_eq!(listed(&world, "").await, [other]);
    let details = world.post("/api/service/data/session/details", &json!({ "id": session })).await;
    assert_eq!(details.status, 404, "{}", details.text);
    let again = person(&world, EMAIL).await;
    assert_ne!(again, id, "whoever comes back is new");
    let claim = json!({ "first_name": "John", "last_name": "Doe" });
    let answer = world.post(&format!("/persons/{again}/auth"), &claim).await;
    assert_eq!(answer.body["code"], 2, "nothing answers for them: {}", answer.text);
    assert!(matches!(answer.body["url"], Value::String(_)));
}
