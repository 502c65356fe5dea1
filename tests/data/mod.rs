//! What is kept of a bank visit, and who may read it.

mod banks;
mod consent;
mod lists;
mod persons;
mod statements;

use serde_json::{Value, json};

use crate::support::{Reply, World};

pub const EMAIL: &str = "john.doe@example.com";

/// The id and link of a session with these permissions.
pub async fn session(world: &World, reference: &str, permissions: &[&str]) -> (String, String) {
    let body = json!({
        "referenceId": reference,
        "permissions": permissions,
        "externalUser": { "email": EMAIL },
        "prefill": { "bankId": "sandbox-bank", "email": EMAIL },
    });
    let reply = world.post("/api/service/data/session/create", &body).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    (reply.text("id"), reply.text("redirectUrl"))
}

/// A complete session with these permissions.
pub async fn complete(world: &World, reference: &str, permissions: &[&str]) -> String {
    let (id, link) = session(world, reference, permissions).await;
    world.returned(&link, "john-doe").await;
    world.work().await;
    assert_eq!(world.status(&id).await, "complete");
    id
}

/// One of the calls for data.
pub async fn call(world: &World, call: &str, session: &str) -> Reply {
    world.post(&format!("/api/service/data/{call}"), &json!({ "sessionId": session })).await
}

pub fn list<'a>(reply: &'a Reply, member: &str) -> &'a Vec<Value> {
    reply.body[member].as_array().unwrap_or_else(|| panic!("{member} in {}", reply.text))
}
