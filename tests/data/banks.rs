//! The directory, as a client narrows it down.

use reqwest::Method;
use serde_json::{Value, json};

use super::list;
use crate::support::{Reply, World};

async fn ask(world: &World, body: Value) -> Reply {
    let path = "/api/service/banks/list";
    world.send(Method::POST, path, &[], body.to_string().into_bytes()).await
}

fn ids(reply: &Reply) -> Vec<&str> {
    list(reply, "banks").iter().filter_map(|bank| bank["id"].as_str()).collect()
}

#[tokio::test]
async fn filters_narrow_the_list_and_a_session_orders_it() {
    let world = World::new().await;
    let (bank, savings, private) = ("sandbox-bank", "sandbox-savings", "sandbox-private");
    for (body, expected) in [
        (json!({}), vec![bank, savings, private]),
        (json!({ "market": "AT" }), vec![bank, savings]),
        (json!({ "currency": "CHF" }), vec![private]),
        (json!({ "currency": "chf", "market": "de" }), vec![private]),
        (json!({ "capability": "ais", "search": "spar" }), vec![savings]),
        (json!({ "capability": "payments" }), vec![]),
        (json!({ "group": "Sandbox" }), vec![bank, savings, private]),
        (json!({ "group": "Elsewhere" }), vec![]),
        (json!({ "limit": 1, "skip": 1 }), vec![savings]),
    ] {
        let reply = ask(&world, body.clone()).await;
        assert_eq!(ids(&reply), expected, "{body}");
        let all = if body.get("limit").is_some() { 3 } else { expected.len() };
        assert_eq!(reply.body["count"], all, "{body}: how many there are in all");
    }
    let created = json!({ "referenceId": "r", "market": "CH" });
    let session = world.post("/api/service/data/session/create", &created).await.text("id");
    let reply = ask(&world, json!({ "sessionId": session })).await;
    assert_eq!(ids(&reply), [private, bank, savings], "the session's market first");
    let never = "01953a10-0000-7000-8000-000000000000";
    for unknown in [never, "nothing"] {
        assert_eq!(ask(&world, json!({ "sessionId": unknown })).await.status, 404);
    }
    assert_eq!(ask(&world, json!({ "market": 7 })).await.status, 400);
}

#[tokio::test]
async fn a_bank_has_the_members_of_the_contract() {
    let world = World::new().await;
    let reply = ask(&world, json!({ "limit": 1 })).await;
    assert_eq!(
        reply.body,
        json!({
            "banks": [{
                "id": "sandbox-bank", "name": "Sandbox Bank", "group": "Sandbox",
                "market": ["DE", "AT", "NL", "FR", "ES", "IT", "GB"], "currencies": ["EUR", "GBP"],
                "default": true, "test": true, "capabilities": ["ais"],
                "supportedPaymentSchemes": [],
            }],
            "count": 3, "hasNext": true, "skip": 0,
        })
    );
    let institutions = world.send(Method::GET, "/institutions?limit=1", &[], Vec::new()).await;
    assert_eq!(
        institutions.body,
        json!({ "institutions": [
            { "id": "sandbox-bank", "name": "Sandbox Bank", "oauth": true, "logo": null },
        ] })
    );
}
