//! Erasing a subject: nothing is left, whoever dies on the way, and the receipt says so.

mod export;
mod interrupted;
mod replay;
mod whole;

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use cloud::Entered;
use jiff::SignedDuration;
use model::ids::SubjectId;
use reqwest::Method;
use serde_json::json;

use crate::data::{EMAIL, call, complete};
use crate::support::{Reply, World};

/// A subject of whom everything is stored that can be.
pub struct Known {
    pub subject: SubjectId,
    /// Ids that may not be found anywhere afterwards.
    pub ids: Vec<String>,
}

/// Sessions complete, open, at the bank and revoked; a statement, metadata, a request that may be
/// repeated, a person with evidence and a session of their own.
pub async fn somebody(world: &World) -> Known {
    let create = "/api/service/data/session/create";
    let body = json!({
        "referenceId": "full", "permissions": ["identity", "balances", "transactions"],
        "externalUser": { "email": EMAIL, "phone": "+4915550001234", "metadata": { "a": "b" } },
    });
    let headers = [("x-ivy-api-key", &*world.key()), ("idempotency-key", "once")];
    let sent = body.to_string().into_bytes();
    let full = world.send(Method::POST, create, &headers, sent).await;
    world.returned(&full.text("redirectUrl"), "john-doe").await;
    world.work().await;
    let revoked = complete(world, "revoked", &["identity"]).await;
    assert_eq!(call(world, "consent/revoke", &revoked).await.status, 200);
    let (open, _) = world.session("open", EMAIL).await;
    let (at_bank, link) = world.session("at-bank", EMAIL).await;
    let mut browser = world.open(&link).await;
    browser.press("/bank", Some(("bank", "sandbox-bank"))).await.expect("to the bank");
    let person = json!({ "email": EMAIL, "first_name": "Erika", "last_name": "Mustermann" });
    let id = world.post("/persons", &person).await.body["person_id"].to_string();
    let newer = complete(world, "newer", &["identity"]).await;
    assert_eq!(world.post(&format!("/persons/{id}/auth"), &person).await.body["code"], 1);
    world.advance(SignedDuration::from_secs(1));
    let subject = subject_of(world, &open).await;
    Known { subject, ids: vec![full.text("id"), revoked, open, at_bank, newer, id] }
}

pub async fn entered(world: &World) -> Entered {
    let entered = world.app.table.enter(world.made.tenant.id).await;
    entered.expect("answers").expect("the tenant")
}

pub async fn subject_of(world: &World, session: &str) -> SubjectId {
    let entered = entered(world).await;
    let id = session.parse().expect("an id");
    let session = world.app.table.session(&entered, id).await.expect("answers");
    session.expect("the session").subject
}

pub async fn erase(world: &World, subject: SubjectId) -> Reply {
    let path = format!("/v1/subjects/{subject}");
    world.send(Method::DELETE, &path, &[("x-api-key", &*world.key())], Vec::new()).await
}

pub type Items = BTreeMap<String, HashMap<String, AttributeValue>>;

/// The items of the product's tables, by table and key.
pub async fn items(world: &World) -> Items {
    let mut all = Items::new();
    for table in [&world.app.config.table_name, &world.app.config.keys_table_name] {
        let scan = world.system.clients().dynamodb.scan().table_name(table).consistent_read(true);
        let mut pages = scan.into_paginator().send();
        while let Some(page) = pages.next().await {
            for item in page.expect("scanned").items() {
                let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok());
                let sk = text("sk").map_or("", String::as_str);
                // Made with the first session and the first receipt, and about nobody.
                if sk == "COUNTER" || text("pk").is_some_and(|pk| pk == "SYSTEM#SIGNING") {
                    continue;
                }
                all.insert(format!("{table} {} {sk}", text("pk").expect("a key")), item.clone());
            }
        }
    }
    all
}

/// What an erasure may leave: the ledger's line and the event, with the subject's id and no other.
/// The feed stays, too, or it would have gaps: it holds ids that lead nowhere any more.
pub fn assert_gone(before: &Items, after: &Items, known: &Known) {
    let is_feed =
        |key: &str| key.contains("#FEED#") || key.ends_with(" FEED") || key.ends_with(" HEAD");
    let after: Items = after.clone().into_iter().filter(|(key, _)| !is_feed(key)).collect();
    let added: Vec<&str> =
        after.keys().filter(|key| !before.contains_key(*key)).map(String::as_str).collect();
    assert_eq!(added.len(), 2, "{added:#?}");
    assert!(added.iter().any(|key| key.contains("SYSTEM#ERASURE#")), "{added:?}");
    assert!(added.iter().any(|key| key.contains(" EVENT#")), "{added:?}");
    assert_eq!(before.keys().filter(|key| !after.contains_key(*key)).count(), 0);
    for (key, item) in &after {
        for id in &known.ids {
            assert!(!format!("{key} {item:?}").contains(id.as_str()), "{id} in {key}");
        }
    }
}
