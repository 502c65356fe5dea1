//! What is measured, as CloudWatch reads it: the names that alarms are made of, and nothing personal.

use std::sync::Arc;

use aws_sdk_kms::config::retry::RetryConfig;
use cloud::{Clients, MasterKey, Table, TableNames};
use jiff::SignedDuration;
use runtime::logs::Metrics;
use serde_json::{Value, json};
use tracing_subscriber::layer::SubscriberExt as _;

use crate::support::World;
use crate::support::listening::{Lines, listen};
use crate::support::receiver::{Receiver, with};
use crate::template::{many, ours};

#[tokio::test]
async fn a_day_is_measured() {
    let lines = Lines::default();
    let listening = tracing_subscriber::registry().with(Metrics::new("prod".into(), lines.clone()));
    let _listening = listen(listening);
    let world = World::new().await;
    let receiver = Receiver::ok().await;
    world.endpoint(&receiver.url, json!({ "events": ["session.completed"] })).await;
    let (complete, link) = world.session("r1", "john.doe@example.com").await;
    world.returned(&link, "john-doe").await;
    world.advance(SignedDuration::from_millis(1500));
    world.work().await;
    world.tell().await;
    let revoked = json!({ "id": complete });
    world.post("/api/service/data/consent/revoke", &revoked).await;
    world.session("r2", "jane.roe@example.com").await;
    world.advance(SignedDuration::from_hours(24 * 40));
    world.sweep().await;
    without_kms(&world, "http://127.0.0.1:1").await;
    let text = lines.text();
    assert!(!text.contains("john") && !text.contains("ten_") && !text.contains("sub_"), "{text}");
    let mut measured: Vec<(u64, Value)> = Vec::new();
    for line in text.lines() {
        let mut line: Value = serde_json::from_str(line).expect("JSON");
        assert!(line["_aws"]["Timestamp"].is_u64());
        line["_aws"]["Timestamp"] = json!(0);
        match measured.iter_mut().find(|(_, known)| *known == line) {
            Some((times, _)) => *times += 1,
            None => measured.push((1, line)),
        }
    }
    insta::assert_json_snapshot!("measured", measured);
    for (name, dimensions) in alarmed() {
        let is = |measures: &Value| {
            measures["Metrics"][0]["Name"] == name.as_str()
                && many(&measures["Dimensions"]).contains(&json!(dimensions))
        };
        let known = measured.iter().any(|(_, line)| is(&line["_aws"]["CloudWatchMetrics"][0]));
        assert!(known, "an alarm waits for {name} by {dimensions:?}, which nobody measures");
    }
}

/// Our own measurements that the template has alarms for, with the names of their dimensions.
fn alarmed() -> Vec<(String, Vec<String>)> {
    let stack = ours();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let own = stack.of("AWS::CloudWatch::Alarm");
    let own = own.filter(|alarm| alarm.property("Namespace") == "Countersign").map(|alarm| {
        let dimensions = many(alarm.property("Dimensions"));
        let names = dimensions.iter().map(|one| text(&one["Name"])).collect();
        (text(alarm.property("MetricName")), names)
    });
    let own: Vec<_> = own.collect();
    assert_eq!(own.len(), 2, "overdue work and the master key");
    own
}

/// Asks for a tenant whose keys KMS would have to open.
async fn without_kms(world: &World, kms: &str) {
    let var = |name: &str| match name {
        "AWS_REGION" => Some("eu-central-1".to_owned()),
        "AWS_ENDPOINT_URL_KMS" => Some(kms.to_owned()),
        _ => Some("local".to_owned()),
    };
    let clients = Clients::from_vars(|name| (name != "AWS_SESSION_TOKEN").then(|| var(name))?);
    let client = clients.expect("all variables are set").kms.expect("KMS is one of them");
    let once = client.config().to_builder().retry_config(RetryConfig::disabled()).build();
    let client = aws_sdk_kms::Client::from_conf(once);
    let names = TableNames {
        table: world.app.config.table_name.clone(),
        keys: world.app.config.keys_table_name.clone(),
    };
    let table = Table::new(
        world.system.clients().dynamodb.clone(),
        names,
        MasterKey::Kms { client, key_id: "key".to_owned() },
        Arc::clone(&world.ambient.clock),
        Arc::clone(&world.ambient.entropy),
    );
    table.enter(world.made.tenant.id).await.expect_err("nothing opens without the master key");
}

#[tokio::test]
async fn what_keeps_the_master_key_from_being_used_is_counted() {
    let world = World::new().await;
    for (kind, counted) in [
        ("DisabledException", true),
        ("AccessDeniedException", true),
        ("KMSInternalException", true),
        ("ThrottlingException", false),
        ("DependencyTimeoutException", false),
    ] {
        let lines = Lines::default();
        let metrics = Metrics::new("prod".into(), lines.clone());
        let _listening = listen(tracing_subscriber::registry().with(metrics));
        let head = format!("x-amzn-errortype: {kind}\r\n");
        let kms = Receiver::answering(move |_| with(400, &head)).await;
        without_kms(&world, &kms.url).await;
        assert_eq!(lines.text().contains("KmsErrors"), counted, "{kind}");
    }
}
