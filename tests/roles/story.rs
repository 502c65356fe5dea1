//! Everything that can happen to every function, in a few worlds one after the other.

use jiff::SignedDuration;
use model::tenant::Limits;
use serde_json::{Value, json};

use super::{Ledger, invoker, world};
use crate::erasure::{entered, erase, somebody};
use crate::events::cast::Cast;
use crate::events::every_case;
use crate::support::receiver::{Receiver, status};
use crate::support::{DELIVERIES, QUEUE, World};

/// Events that take away what others need come last.
const LAST: [&str; 6] =
    ["revoke", "delete", "subscription_delete", "rotate_secret", "erased", "erased_twice"];
const LIST: &str = "/api/service/data/session/list";

pub async fn everything(ledger: &Ledger) {
    strangers(ledger).await;
    every_event(ledger).await;
    banks_and_time(ledger).await;
    receivers(ledger).await;
    erasures(ledger).await;
}

/// A deployment nobody has logged in to yet gets tokens that nobody signed.
async fn strangers(ledger: &Ledger) {
    let world = world(ledger).await;
    let forged = "Bearer eyJhbGciOiJFUzI1NiJ9.e30.c2lnbmF0dXJl";
    for path in
        ["/persons", "/v1/sessions", "/v1/events", "/v1/webhook-endpoints", "/v1/deliveries"]
    {
        let headers = [("authorization", forged)];
        let answer = world.send(reqwest::Method::GET, path, &headers, Vec::new()).await;
        assert_eq!(answer.status, 401, "{path}: {}", answer.text);
    }
}

/// Every file of `events/`, each on a function that is started for it.
async fn every_event(ledger: &Ledger) {
    let (world, cast) = Cast::assemble_in(world(ledger).await).await;
    count_every_request(&world).await;
    let (last, first): (Vec<_>, Vec<_>) =
        every_case(&cast).into_iter().partition(|(_, name, _)| LAST.contains(name));
    for (binary, _, event) in first.into_iter().chain(last) {
        call(ledger, &world, binary, event).await;
    }
    for filter in [
        json!({ "externalUserPhone": "+4915550001234" }),
        json!({ "externalUserReferenceId": "user-9" }),
        json!({ "externalUserMetadata": { "key": "key1", "value": "value1" } }),
    ] {
        assert_eq!(world.post(LIST, &filter).await.status, 200, "{filter}");
    }
}

/// A warm function tells the table every fiftieth part of a limit; here that is each request.
async fn count_every_request(world: &World) {
    world.advance(SignedDuration::from_mins(2));
    let limits = Limits { create: 99, poll: 99, other: 99 };
    let changed = world.app.table.change_tenant(world.made.tenant.id, |_, mut tenant| {
        tenant.policy.limits = limits;
        tenant
    });
    changed.await.expect("answers").expect("the tenant");
}

/// Calls a function; a refusal of the whole batch is an answer, too.
async fn call(ledger: &Ledger, world: &World, binary: &str, event: Value) {
    let mut functions = world.system.template().functions.iter();
    let declared = functions.find(|one| one.binary == binary).expect("declared");
    let clients = world.system.clients();
    let invoker = invoker(ledger, declared, clients, &world.ambient).expect("an invoker");
    drop(invoker(event).await);
}

/// Banks that are late, messages and changes that are lost, and time that passes.
async fn banks_and_time(ledger: &Ledger) {
    let world = world(ledger).await;
    let (_, link) = world.session("late", "late@example.com").await;
    world.returned(&link, "user_429_then_ok").await;
    world.work().await;
    world.system.show(QUEUE).await.expect("the queue is there");
    world.work().await;
    let (_, link) = world.session("denied", "denied@example.com").await;
    world.returned(&link, "user_denied").await;
    world.work().await;
    let (_, link) = world.session("lost", "lost@example.com").await;
    world.returned(&link, "john-doe").await;
    world.system.purge(QUEUE).await.expect("purged");
    world.session("never-opened", "never@example.com").await;
    for minutes in [5, 5, 60, 24 * 60] {
        world.advance(SignedDuration::from_mins(minutes));
        world.sweep().await;
        world.work().await;
    }
    for days in [82, 2, 7] {
        world.advance(SignedDuration::from_hours(24 * days));
        world.sweep().await;
    }
}

/// Receivers that take it, that are gone, that fail for six days; and lost messages.
async fn receivers(ledger: &Ledger) {
    let world = world(ledger).await;
    let (good, gone, bad) = (
        Receiver::ok().await,
        Receiver::answering(|_| status(410)).await,
        Receiver::answering(|_| status(500)).await,
    );
    for receiver in [&good, &gone, &bad] {
        world.endpoint(&receiver.url, json!({})).await;
    }
    let result = json!({
        "referenceId": "told", "externalUser": { "email": "told@example.com" },
        "resultCallbackUrl": "https://example.com/callback/result",
    });
    let told = world.post("/api/service/data/session/create", &result).await;
    world.returned(&told.text("redirectUrl"), "john-doe").await;
    world.work().await;
    world.tell().await;
    world.session("unstreamed", "unstreamed@example.com").await;
    world.advance(SignedDuration::from_mins(10));
    world.sweep().await;
    world.system.purge(DELIVERIES).await.expect("purged");
    for half_day in 0..13 {
        world.session(&format!("again-{half_day}"), "told@example.com").await;
        world.tell().await;
        world.advance(SignedDuration::from_hours(12));
        world.sweep().await;
        world.deliver().await;
    }
}

/// A subject that is erased before anybody logged in, and one whose erasing was left half done.
async fn erasures(ledger: &Ledger) {
    let world = world(ledger).await;
    let known = somebody(&world).await;
    assert_eq!(erase(&world, known.subject).await.status, 200);
    let known = somebody_again(&world).await;
    let scope = entered(&world).await;
    let begun = world.app.table.begin_erasure(&scope, known).await.expect("answers");
    assert!(begun.is_some(), "somebody is known");
    world.advance(SignedDuration::from_mins(30));
    world.sweep().await;
    world.tell().await;
}

/// A person with a session and evidence, known under another address.
async fn somebody_again(world: &World) -> model::ids::SubjectId {
    let (id, link) = world.session("again", "again@example.com").await;
    world.returned(&link, "john-doe").await;
    world.work().await;
    let person = json!({ "email": "again@example.com", "first_name": "John", "last_name": "Doe" });
    world.post("/persons", &person).await;
    crate::erasure::subject_of(world, &id).await
}
