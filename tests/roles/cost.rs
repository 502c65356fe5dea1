//! What one verification costs: calls, requests and capacity units, as the table itself counts them.
//! The figures are those of `docs/operate.md`.

use std::collections::BTreeMap;

use serde_json::json;

use super::{Ledger, world};
use crate::support::World;
use crate::support::receiver::Receiver;

/// A session from its making to the receiver that is told of it, and a look at the result.
async fn verification(world: &World, reference: &str) {
    let body = json!({
        "referenceId": reference, "permissions": ["identity"],
        "externalUser": { "email": format!("{reference}@example.com") },
        "successCallbackUrl": "https://example.com/success",
        "errorCallbackUrl": "https://example.com/error",
    });
    let made = world.post("/api/service/data/session/create", &body).await;
    world.returned(&made.text("redirectUrl"), "john-doe").await;
    world.work().await;
    world.tell().await;
    assert_eq!(world.status(&made.text("id")).await, "complete");
}

async fn stored(world: &World) -> (usize, usize) {
    let items = crate::erasure::items(world).await;
    let sizes = items.values().map(|item| {
        let parts = item.iter().map(|(name, value)| name.len() + size(value));
        parts.sum::<usize>()
    });
    (items.len(), sizes.sum())
}

/// As DynamoDB counts, to a byte or two for numbers.
fn size(value: &aws_sdk_dynamodb::types::AttributeValue) -> usize {
    match (value.as_s(), value.as_n(), value.as_b()) {
        (Ok(text), _, _) => text.len(),
        (_, Ok(number), _) => number.len() / 2 + 2,
        (_, _, Ok(bytes)) => bytes.as_ref().len(),
        _ => 1,
    }
}

#[tokio::test]
async fn what_a_verification_costs() {
    let ledger = Ledger::default();
    let world = world(&ledger).await;
    let receiver = Receiver::ok().await;
    world.endpoint(&receiver.url, json!({ "events": ["session.completed"] })).await;
    // The first one also pays for keys and counters.
    verification(&world, "first").await;
    ledger.clear();
    let (items, bytes) = stored(&world).await;
    verification(&world, "second").await;
    let mut seen =
        format!("{:<24}{:>6}{:>6}{:>6}  requests\n", "function", "calls", "read", "write");
    let mut indexes = BTreeMap::new();
    let (mut calls, mut reads, mut writes) = (0, 0.0, 0.0);
    for (function, used) in ledger.all() {
        if ["SandboxBankFunction", "operator"].contains(&&*function) {
            continue;
        }
        let requests: Vec<String> =
            used.requests.iter().map(|(name, count)| format!("{name} {count}")).collect();
        let (name, requests) = (function.trim_end_matches("Function"), requests.join(", "));
        seen += &format!(
            "{name:<24}{:>6}{:>6}{:>6}  {requests}\n",
            used.calls, used.read_units, used.write_units
        );
        for (index, units) in used.index_writes {
            *indexes.entry(index).or_insert(0.0) += units;
        }
        calls += used.calls;
        reads += used.read_units;
        writes += used.write_units;
    }
    seen += &format!("{:<24}{calls:>6}{reads:>6}{writes:>6}\n", "together");
    for (index, units) in indexes {
        seen += &format!("  of which {index:<21}{units:>6}\n");
    }
    let (items_after, bytes_after) = stored(&world).await;
    let kib = (bytes_after - bytes).div_ceil(1024);
    seen += &format!("stored                  {} items, {kib} KiB\n", items_after - items);
    insta::assert_snapshot!(seen);
}
