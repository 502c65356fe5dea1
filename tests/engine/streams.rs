//! Streams: changes in order, filters, retries, and going on after a restart.

use aws_sdk_dynamodb::types::AttributeValue;
use countersign::{Delivered, InvokeError, System};
use serde_json::{Value, json};

use super::{Directory, Seen, one, start};

const TEMPLATE: &str = r#"
Resources:
  Follower:
    Type: AWS::Serverless::Function
    Metadata: { BuildProperties: { Binary: follower } }
    Properties:
      Events:
        Changes:
          Type: DynamoDB
          Properties:
            Stream: !GetAtt Items.StreamArn
            StartingPosition: LATEST
            BatchSize: 3
            FilterCriteria:
              Filters: [{ Pattern: '{"eventName":["INSERT"],"dynamodb":{"NewImage":{"kind":{"S":["event"]}}}}' }]
            FunctionResponseTypes: [ReportBatchItemFailures]
            MaximumRetryAttempts: 1
  Items:
    Type: AWS::DynamoDB::Table
    Properties:
      StreamSpecification: { StreamViewType: NEW_IMAGE }
      AttributeDefinitions: [{ AttributeName: pk, AttributeType: S }]
      KeySchema: [{ AttributeName: pk, KeyType: HASH }]
"#;

async fn put(system: &System, items: &[(&str, &str)]) {
    for (pk, kind) in items {
        let call = system.clients().dynamodb.put_item().table_name("Items");
        let call = call.item("pk", AttributeValue::S((*pk).to_owned()));
        let call = call.item("kind", AttributeValue::S((*kind).to_owned()));
        call.send().await.expect("the table takes it");
    }
}

async fn deliver(system: &System) -> Delivered {
    system.deliver_changes("Follower").await.expect("the stream answers")
}

fn keys(events: &[Value]) -> Vec<Vec<String>> {
    let key = |record: &Value| record["dynamodb"]["Keys"]["pk"]["S"].as_str().map(str::to_owned);
    let keys =
        |event: &Value| event["Records"].as_array().into_iter().flatten().filter_map(key).collect();
    events.iter().map(keys).collect()
}

#[tokio::test]
async fn changes_come_in_order_and_filtered() {
    let seen = Seen::default();
    let toy = seen.clone();
    let functions = one("follower", move |event| {
        toy.push(event);
        Ok(Value::Null)
    });
    let system = start(TEMPLATE, functions).await;
    let items = [("a", "event"), ("b", "other"), ("c", "event"), ("d", "event"), ("c", "event")];
    put(&system, &items).await;
    assert_eq!(deliver(&system).await.records, 2);
    assert_eq!(deliver(&system).await.records, 1, "the second write of c is no insert");
    assert_eq!(deliver(&system).await, Delivered::default());
    let events = seen.take();
    assert_eq!(keys(&events), [vec!["a", "c"], vec!["d"]]);
    let mut record = events[0]["Records"][0].clone();
    for name in ["SequenceNumber", "ApproximateCreationDateTime"] {
        assert!(!record["dynamodb"][name].is_null(), "{name}");
        record["dynamodb"][name] = json!(name);
    }
    record["eventID"] = json!("eventID");
    insta::assert_json_snapshot!(record);
    system.stop().await;
}

#[tokio::test]
async fn from_the_first_failure_on_records_come_again_until_given_up() {
    let seen = Seen::default();
    let toy = seen.clone();
    let functions = one("follower", move |event| {
        let records = event["Records"].as_array().cloned().unwrap_or_default();
        let bad = records.into_iter().filter(|one| one["dynamodb"]["Keys"]["pk"]["S"] == "bad");
        let named = bad.map(|one| json!({ "itemIdentifier": one["dynamodb"]["SequenceNumber"] }));
        let failures: Vec<Value> = named.collect();
        toy.push(event);
        Ok(json!({ "batchItemFailures": failures }))
    });
    let system = start(TEMPLATE, functions).await;
    put(&system, &[("a", "event"), ("bad", "event"), ("b", "event")]).await;
    assert_eq!(deliver(&system).await.failures.len(), 1);
    assert_eq!(deliver(&system).await.failures.len(), 1);
    assert_eq!(deliver(&system).await, Delivered::default(), "given up after one retry");
    assert_eq!(keys(&seen.take()), [vec!["a", "bad", "b"], vec!["bad", "b"]]);
    system.stop().await;
}

#[tokio::test]
async fn a_restart_goes_on_where_the_function_was() {
    let directory = Directory::new();
    let seen = Seen::default();
    for (pk, fails, expected) in
        [("a", false, vec!["a"]), ("b", true, vec!["b"]), ("c", false, vec!["b", "c"])]
    {
        let toy = seen.clone();
        let functions = one("follower", move |event| {
            toy.push(event);
            if fails { Err(InvokeError::Failed("broken".to_owned())) } else { Ok(Value::Null) }
        });
        let started = System::start_with(TEMPLATE, directory.options(), functions).await;
        let system = started.expect("the toy is right");
        put(&system, &[(pk, "event")]).await;
        deliver(&system).await;
        assert_eq!(keys(&seen.take()), [expected]);
        system.stop().await;
    }
}

/// Counts the records in the file.
fn kept(directory: &Directory) -> i64 {
    let file = rusqlite::Connection::open(directory.0.join("table.sqlite")).expect("the file");
    let count = file.query_row("SELECT COUNT(*) FROM _stream_records", [], |row| row.get(0));
    count.expect("a count")
}

#[tokio::test]
async fn records_are_deleted_once_every_reader_has_passed_them() {
    let directory = Directory::new();
    let second = TEMPLATE.replace("Follower", "Other").replace("follower", "other");
    let (_, other) = second.split_once("Resources:\n").expect("resources");
    let (other, _) = other.split_once("  Items:").expect("the table comes last");
    let template = TEMPLATE.replacen("  Items:", &format!("{other}  Items:"), 1);
    let functions = || {
        let follower = one("follower", |_| Ok(Value::Null));
        follower.with("other", |_, _| Ok(super::answering(|_| Ok(Value::Null))))
    };
    for (reader, left) in [("Follower", 5), ("Other", 1)] {
        let system = System::start_with(&template, directory.options(), functions()).await;
        let system = system.expect("the toy is right");
        if reader == "Follower" {
            let items: Vec<_> = ["a", "b", "c", "d", "e"].map(|pk| (pk, "event")).into();
            put(&system, &items).await;
        }
        while system.deliver_changes(reader).await.expect("the stream answers").records > 0 {}
        system.stop().await;
        assert_eq!(kept(&directory), left, "after {reader}");
    }
    let functions = one("follower", |_| Ok(Value::Null));
    let system = System::start_with(TEMPLATE, directory.options(), functions).await;
    let system = system.expect("the toy is right");
    put(&system, &[("f", "event")]).await;
    assert_eq!(deliver(&system).await.records, 1, "numbers go on after the newest that is kept");
    system.stop().await;
    assert_eq!(kept(&directory), 1, "a reader that is gone is not waited for");
}
