//! A backup is restored: what was lost is back, and what was erased is erased again.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType,
    ScalarAttributeType,
};
use cloud::Both;
use countersign::command::{erasures, restore};
use jiff::SignedDuration;
use serde_json::json;

use super::{Items, erase, items, somebody, subject_of};
use crate::data::{EMAIL, call, complete};
use crate::support::World;

const RESTORED: &str = "restored";

/// A table of its own with what the main one had. The table of keys has its own backups and is not
/// part of it.
async fn restored(world: &World, backup: &Items) {
    let client = &world.system.clients().dynamodb;
    let mut create = client.create_table().table_name(RESTORED);
    for (name, kind) in [("pk", KeyType::Hash), ("sk", KeyType::Range)] {
        let definition = AttributeDefinition::builder().attribute_name(name);
        let definition = definition.attribute_type(ScalarAttributeType::S).build();
        let key = KeySchemaElement::builder().attribute_name(name).key_type(kind).build();
        create = create.attribute_definitions(definition.expect("whole"));
        create = create.key_schema(key.expect("whole"));
    }
    create.billing_mode(BillingMode::PayPerRequest).send().await.expect("created");
    for item in of_the_main_table(world, backup) {
        let put = client.put_item().table_name(RESTORED).set_item(Some(item.clone()));
        put.send().await.expect("put");
    }
}

fn of_the_main_table<'a>(
    world: &World,
    items: &'a Items,
) -> impl Iterator<Item = &'a HashMap<String, AttributeValue>> {
    let table = format!("{} ", world.app.config.table_name);
    items.iter().filter(move |(key, _)| key.starts_with(&table)).map(|(_, item)| item)
}

/// Takes away every item of the main table that tells of this.
async fn lose(world: &World, id: &str) {
    let client = &world.system.clients().dynamodb;
    for item in of_the_main_table(world, &items(world).await) {
        if format!("{item:?}").contains(id) {
            let delete = client.delete_item().table_name(&world.app.config.table_name);
            let delete = delete.key("pk", item["pk"].clone()).key("sk", item["sk"].clone());
            delete.send().await.expect("deleted");
        }
    }
}

#[tokio::test]
async fn what_a_backup_brings_back_is_there_and_the_erased_are_not() {
    let world = World::new().await;
    let known = somebody(&world).await;
    let (lost, link) = world.session("lost", "jane.roe@example.com").await;
    world.returned(&link, "john-doe").await;
    world.work().await;
    let backup = items(&world).await;
    restored(&world, &backup).await;
    assert_eq!(erase(&world, known.subject).await.status, 200);
    world.advance(SignedDuration::from_secs(1));
    let (back, _) = world.session("back", EMAIL).await;
    assert_eq!(subject_of(&world, &back).await, known.subject);
    lose(&world, &lost).await;
    assert!(!world.everything().await.iter().any(|item| item.contains(&lost)), "it is lost");

    let done = restore::restore(&world.app, RESTORED, Both::Keep).await.expect("restored");
    assert_eq!(done.erased, 1);
    assert!(done.counted["session"].put > 0 && done.counted["tenant"].left > 0, "{done:?}");
    let left = world.everything().await;
    for id in &known.ids {
        assert!(!left.iter().any(|item| item.contains(id)), "{id} is left");
    }
    assert_eq!(world.status(&lost).await, "complete", "what was lost opens again");
    assert_eq!(world.status(&back).await, "open", "what came since stays and opens");

    let twice = restore::restore(&world.app, RESTORED, Both::Keep).await.expect("restored");
    assert_eq!(twice.erased, 1);
    assert_eq!(world.everything().await, left, "once more changes nothing");
}

/// What was damaged is whole again, and what counts on does not go back: neither the feed nor the
/// numbers of sessions.
#[tokio::test]
async fn a_damaged_item_is_overwritten_where_that_is_asked_for() {
    let world = World::new().await;
    let (id, _) = world.session("damaged", EMAIL).await;
    world.tell().await;
    let backup = items(&world).await;
    restored(&world, &backup).await;
    world.session("later", "later@example.com").await;
    world.tell().await;
    let whole = world.everything().await;
    let mine = |item: &&HashMap<String, AttributeValue>| {
        item["sk"] == AttributeValue::S("SESSION".to_owned())
    };
    let mut damaged = of_the_main_table(&world, &backup).find(mine).expect("the session").clone();
    damaged.remove("sealed").expect("it is sealed");
    let put = world.system.clients().dynamodb.put_item();
    let put = put.table_name(&world.app.config.table_name).set_item(Some(damaged));
    put.send().await.expect("damaged");
    restore::restore(&world.app, RESTORED, Both::Keep).await.expect("restored");
    assert_ne!(world.everything().await, whole, "what is there is kept, whole or not");
    restore::restore(&world.app, RESTORED, Both::Overwrite).await.expect("restored");
    assert_eq!(world.everything().await, whole);
    assert_eq!(world.status(&id).await, "open");
    let (last, _) = world.session("last", "last@example.com").await;
    world.tell().await;
    let events = world.get("/v1/events").await;
    assert!(events.text.contains(&last), "the feed goes on: {}", events.text);
}

#[tokio::test]
async fn a_consent_that_was_revoked_stays_revoked() {
    let world = World::new().await;
    let person = json!({ "email": EMAIL, "first_name": "John", "last_name": "Doe" });
    world.post("/persons", &person).await;
    let id = complete(&world, "revoked", &["identity", "balances", "transactions"]).await;
    let kept = |items: &[String]| {
        let of_it = items.iter().filter(|item| item.contains(&id));
        of_it.filter(|item| item.contains("STATEMENT") || item.contains("EVIDENCE#")).count()
    };
    assert_eq!(kept(&world.everything().await), 2);
    restored(&world, &items(&world).await).await;
    assert_eq!(call(&world, "consent/revoke", &id).await.status, 200);
    assert_eq!(kept(&world.everything().await), 0);
    let done = restore::restore(&world.app, RESTORED, Both::Keep).await.expect("restored");
    assert_eq!(done.revoked, 1);
    assert_eq!(kept(&world.everything().await), 0);
}

#[tokio::test]
async fn a_table_that_is_not_there_is_named() {
    let world = World::new().await;
    let error = restore::restore(&world.app, "restord", Both::Keep).await.expect_err("none");
    insta::assert_snapshot!("no_such_table", error.to_string());
}

#[tokio::test]
async fn a_replay_finishes_what_was_begun() {
    let world = World::new().await;
    let known = somebody(&world).await;
    let entered = super::entered(&world).await;
    world.app.table.begin_erasure(&entered, known.subject).await.expect("begun");
    let replayed = erasures::replay(&world.app).await.expect("replayed");
    assert!(matches!(replayed[0].state, cloud::ErasureState::Done { .. }));
    let left = world.everything().await;
    assert!(!left.iter().any(|item| known.ids.iter().any(|id| item.contains(id))));
}
