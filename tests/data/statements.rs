//! Balances and transactions: read in the visit that reads the accounts, and only where agreed.

use banks::{BankErrorKind, Completed, Wanted};
use model::request::{Asked, Permission};
use model::session::{State, Step};
use serde_json::{Value, json};

use super::{call, complete, list, session};
use crate::support::{QUEUE, World};

#[tokio::test]
async fn a_statement_is_read_in_the_same_visit() {
    let world = World::new().await;
    let id = complete(&world, "r", &["identity", "balances", "transactions"]).await;
    let accounts = call(&world, "accounts/list", &id).await;
    let account = &list(&accounts, "accounts")[0];
    assert_eq!(account["financialAddress"][0]["type"], "iban");
    assert_eq!(account["financialAddress"][0]["iban"]["accountHolderName"], "John Doe");
    let balances = call(&world, "account-balances/list", &id).await;
    let balance = &list(&balances, "balances")[0];
    assert_eq!(balance["accountId"], account["id"]);
    for member in ["available", "current"] {
        let amount = balance[member].as_str().expect("a string");
        assert!(model::statement::Amount::parse(amount).is_ok(), "{amount}");
    }
    assert_ne!(balance["available"], balance["current"], "two balances of the bank");
    let booked = call(&world, "transactions/list", &id).await;
    let booked = list(&booked, "transactions");
    assert!(booked.len() > 25, "more than one page: {}", booked.len());
    let now = world.app.now().as_second();
    let ids: std::collections::BTreeSet<_> = booked.iter().map(|row| row["id"].as_str()).collect();
    assert_eq!(ids.len(), booked.len(), "no page twice");
    for row in booked {
        assert_eq!(row["accountId"], account["id"]);
        assert!(!row["amount"].as_str().expect("a string").starts_with('-'), "{row}");
        assert!(matches!(row["type"].as_str(), Some("credit" | "debit")), "{row}");
        let age_days = (now - row["timestamp"].as_i64().expect("seconds")) / 86_400;
        assert!((0..=92).contains(&age_days), "{row}");
    }
    let times: Vec<_> = booked.iter().map(|row| row["timestamp"].as_i64()).collect();
    assert!(times.is_sorted_by(|a, b| a >= b), "newest first");
}

#[tokio::test]
async fn the_same_visit_tells_the_same_again() {
    let mut told = Vec::new();
    for _ in 0..2 {
        let world = World::new().await;
        let id = complete(&world, "r", &["balances", "transactions"]).await;
        told.push(call(&world, "account-balances/list", &id).await.text);
        told.push(call(&world, "transactions/list", &id).await.text);
    }
    assert_eq!(told[..2], told[2..]);
}

#[tokio::test]
async fn a_bank_that_fails_at_the_balances_is_read_again() {
    let world = World::new().await;
    let (id, link) = session(&world, "r", &["identity", "balances"]).await;
    world.returned(&link, "user_balances_fail_once").await;
    world.work().await;
    assert_eq!(world.status(&id).await, "pending", "nothing is complete without its balances");
    world.system.show(QUEUE).await.expect("visible again");
    world.work().await;
    assert_eq!(world.status(&id).await, "complete");
    assert_eq!(list(&call(&world, "account-balances/list", &id).await, "balances").len(), 1);
}

/// The bodies that the sandbox bank keeps of consents.
async fn consents(world: &World) -> Vec<Value> {
    let declared = &world.system.template().functions;
    let bank = declared.iter().find(|function| function.binary == "sandbox_bank");
    let table = &bank.expect("declared").environment["SANDBOX_TABLE_NAME"];
    let scan = world.system.clients().dynamodb.scan().table_name(table);
    let found = scan.send().await.expect("scanned");
    let of_consent = |item: &&std::collections::HashMap<_, _>| {
        let pk: Option<&aws_sdk_dynamodb::types::AttributeValue> = item.get("pk");
        pk.and_then(|pk| pk.as_s().ok()).is_some_and(|pk| pk.starts_with("consent:"))
    };
    let items = found.items().iter().filter(of_consent);
    let body = |item: &std::collections::HashMap<
        String,
        aws_sdk_dynamodb::types::AttributeValue,
    >| { serde_json::from_str(item["body"].as_s().expect("text")).expect("JSON") };
    items.map(body).collect()
}

#[tokio::test]
async fn the_consent_asks_for_no_more_than_the_session() {
    for (permissions, asked) in [
        (
            &["identity"][..],
            json!({ "accounts": [], "additionalInformation": { "ownerName": [] } }),
        ),
        (&["balances"][..], json!({ "accounts": [], "balances": [] })),
        (
            &["match_identity", "transactions"][..],
            json!({
                "accounts": [], "transactions": [], "additionalInformation": { "ownerName": [] },
            }),
        ),
    ] {
        let world = World::new().await;
        let body = json!({
            "referenceId": "r", "permissions": permissions,
            "matchData": { "financialAddress": { "iban": {
                "iban": "DE65500105170000008919", "accountHolderName": "John Doe" } } },
        });
        let created = world.post("/api/service/data/session/create", &body).await;
        world.returned(&created.text("redirectUrl"), "john-doe").await;
        let access: Vec<Value> =
            consents(&world).await.iter().map(|body| body["access"].clone()).collect();
        assert_eq!(access, [asked]);
    }
}

#[tokio::test]
async fn the_bank_refuses_what_the_consent_is_not_for() {
    let world = World::new().await;
    let (id, link) = session(&world, "r", &["identity"]).await;
    world.returned(&link, "john-doe").await;
    let entered = world.app.table.enter(world.made.tenant.id).await.expect("answers");
    let entered = entered.expect("the tenant");
    let stored = world.app.table.session(&entered, id.parse().expect("an id")).await;
    let state = stored.expect("answers").expect("the session").state;
    let State::Processing { bank, step: Step::Answered { callback, visit, .. }, .. } = state else {
        panic!("the person has just returned")
    };
    let connector = world.directory().connector(&bank).expect("the bank");
    let completed = connector.complete(&visit, &callback).await.expect("the bank answers");
    let Completed::Granted(grant) = completed else { panic!("granted") };
    let since = jiff::civil::date(2026, 1, 1);
    for (permission, refused) in [
        (Permission::Identity, None),
        (Permission::Balances, Some(BankErrorKind::Refused)),
        (Permission::Transactions, Some(BankErrorKind::Refused)),
    ] {
        let reading = Asked::Permissions(vec![permission]).reading();
        let fetched = connector.fetch(&grant, &Wanted { reading, since }).await;
        assert_eq!(fetched.err().map(|error| error.kind()), refused, "{permission:?}");
    }
}

#[tokio::test]
async fn who_agreed_to_balances_is_not_named() {
    let world = World::new().await;
    let id = complete(&world, "r", &["balances"]).await;
    let accounts = call(&world, "accounts/list", &id).await;
    assert_eq!(accounts.status, 200, "{}", accounts.text);
    assert!(!accounts.text.contains("John"), "{}", accounts.text);
    assert_eq!(call(&world, "transactions/list", &id).await.status, 403);
    let entered = world.app.table.enter(world.made.tenant.id).await.expect("answers");
    let entered = entered.expect("the tenant");
    let stored = world.app.table.session(&entered, id.parse().expect("an id")).await;
    let stored = stored.expect("answers").expect("the session");
    let evidence = stored.completion().expect("complete").evidence.expose();
    assert!(evidence.holder_names().is_empty(), "the name was not even read");
}
