//! Stored sessions decided again: what differs is printed, nothing personal is, nothing is written.

use countersign::command::rematch::{Form, Summary, again};
use countersign::handlers;
use model::decision::{Agreement, Decision, FieldResult};
use model::session::{Session, State};
use model::transition::{Command, apply};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::World;

/// A person asked about, who was at the bank.
async fn decided(world: &World, email: &str, first: &str) -> Session {
    let person = json!({ "email": email, "first_name": first, "last_name": "Doe" });
    let id = world.post("/persons", &person).await.body["person_id"].to_string();
    let claim = json!({ "first_name": first, "last_name": "Doe" });
    let link = world.post(&format!("/persons/{id}/auth"), &claim).await.text("url");
    world.returned(&link, "john-doe").await;
    world.work().await;
    let found = world.get(&format!("/v1/sessions?email={email}")).await;
    let id = found.body["sessions"][0]["id"].as_str().expect("a session").parse().expect("an id");
    let entered = world.app.table.enter(world.made.tenant.id).await.expect("entered");
    let session = world.app.table.session(&entered.expect("there"), id).await;
    session.expect("read").expect("there")
}

/// Stores the session as if an older matcher had decided it.
async fn as_decided_before(world: &World, session: &Session) {
    let State::Complete(completion) = &session.state else { panic!("it is complete") };
    let decision = completion.decision.clone().expect("a decision");
    let older = Decision {
        name: FieldResult { agreement: Agreement::Partial, score: Some(78) },
        rules: vec!["R12".to_owned()],
        matcher: "1".to_owned(),
        ..decision
    };
    let mut change = apply(session, Command::Revoke, world.app.now()).expect("a change");
    let mut completion = completion.clone();
    completion.decision = Some(older);
    change.session.state = State::Complete(completion);
    change.events.clear();
    let entered = world.app.table.enter(world.made.tenant.id).await.expect("entered");
    world.app.table.commit(&entered.expect("there"), &change).await.expect("stored");
}

async fn run(world: &World, form: Form) -> (Summary, String) {
    let mut out = Vec::new();
    let tenant = Some(world.made.tenant.id);
    let summary = again(&world.app, tenant, form, &mut out).await.expect("decided again");
    (summary, String::from_utf8(out).expect("text"))
}

#[tokio::test]
async fn an_older_decision_is_printed_as_a_difference_and_nothing_is_written() {
    let world = World::new().await;
    let same = decided(&world, "a@example.com", "John").await;
    let older = decided(&world, "b@example.com", "John").await;
    as_decided_before(&world, &older).await;
    let before = world.everything().await;
    let (summary, text) = run(&world, Form::Text).await;
    assert_eq!(world.everything().await, before, "nothing is written");
    assert_eq!(
        summary,
        Summary { decided: 2, differ: 1, differ_in_outcome: 1, ..Summary::default() }
    );
    let line = format!("{}  name close 78 R12 (matcher 1) -> match 100 ", older.id);
    assert!(text.starts_with(&line), "{text}");
    assert!(!text.contains(&same.id.to_string()) && !text.contains("Doe"), "{text}");
    let (_, lines) = run(&world, Form::Json).await;
    let lines: Vec<Value> =
        lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["session"], older.id.to_string());
    assert_eq!(
        (&lines[0]["before"]["matcher"], &lines[0]["after"]["outcome"]),
        (&json!("1"), &json!("match"))
    );
    assert_eq!(lines[1]["summary"]["differ"], 1);
}

#[tokio::test]
async fn what_was_erased_or_revoked_or_is_another_tenant_s_is_left_out() {
    let world = World::new().await;
    let other = world.tenant("Other Shop").await;
    let erased = decided(&world, "a@example.com", "John").await;
    let revoked = decided(&world, "b@example.com", "John").await;
    let table = &world.app.config.table_name;
    let client = &world.system.clients().dynamodb;
    let all = client.scan().table_name(table).send().await.expect("scanned").items.expect("items");
    let is_session = |item: &&std::collections::HashMap<_, _>| {
        format!("{:?}", item["pk"]).contains(&erased.id.to_string())
            && format!("{:?}", item["sk"]).contains("SESSION")
    };
    let backup = all.iter().find(is_session).expect("the session").clone();
    let subject = format!("/v1/subjects/{}", erased.subject);
    let key = world.key();
    let gone = world.send(Method::DELETE, &subject, &[("x-api-key", &key)], Vec::new()).await;
    assert_eq!(gone.status, 200, "{}", gone.text);
    client.put_item().table_name(table).set_item(Some(backup)).send().await.expect("restored");
    let change = apply(&revoked, Command::Revoke, world.app.now()).expect("a change");
    let entered = world.app.table.enter(world.made.tenant.id).await.expect("entered");
    world.app.table.commit(&entered.expect("there"), &change).await.expect("stored");
    // A process that holds no key of what is erased, as the operator's.
    let fresh = handlers::operator(world.system.template(), world.system.clients(), &world.ambient);
    let fresh = fresh.expect("an app");
    let mut out = Vec::new();
    let summary = again(&fresh, None, Form::Text, &mut out).await.expect("decided again");
    assert_eq!(summary, Summary { revoked: 1, erased: 1, ..Summary::default() });
    let summary = again(&fresh, Some(other.tenant.id), Form::Text, &mut out).await;
    assert_eq!(summary.expect("decided again"), Summary::default());
}
