//! Event rows, written in the transaction of the change itself, come out on the table's stream.

use std::sync::{Arc, Mutex};

use countersign::demo::{Browser, Choice};
use countersign::{Background, Invoker, Options, System, TEMPLATE, handlers};
use runtime::Ambient;
use serde_json::{Value, json};

/// A reader of events, declared as the fan-out of webhooks will be.
const READER: &str = r#"Resources:
  EventReaderFunction:
    Type: AWS::Serverless::Function
    Metadata: { BuildMethod: makefile, BuildProperties: { Binary: event_reader } }
    Properties:
      Events:
        Changes:
          Type: DynamoDB
          Properties:
            Stream: !GetAtt Table.StreamArn
            StartingPosition: TRIM_HORIZON
            BatchSize: 100
            FilterCriteria:
              Filters: [{ Pattern: '{"dynamodb":{"NewImage":{"entity":{"S":["event"]}}}}' }]
            FunctionResponseTypes: [ReportBatchItemFailures]
"#;

#[tokio::test]
async fn events_come_out_on_the_stream_in_order() {
    let seen: Arc<Mutex<Vec<Value>>> = Arc::default();
    let noted = Arc::clone(&seen);
    let reader: Invoker = Arc::new(move |event| {
        let records = event["Records"].as_array().cloned().unwrap_or_default();
        noted.lock().expect("no panic here").extend(records);
        Box::pin(async { Ok(json!({ "batchItemFailures": [] })) })
    });
    let ambient = Ambient::default();
    let functions = handlers::functions(&ambient);
    let functions = functions.with("event_reader", move |_, _| Ok(Arc::clone(&reader)));
    let template = TEMPLATE.replacen("Resources:\n", READER, 1);
    let options = Options { background: Background::Step, ..Options::default() };
    let system = System::start_with(&template, options, functions).await.expect("starts");
    let made = countersign::command::demo::example_tenant(&system, &ambient).await;
    let key = made.expect("a tenant").key.text().expose().clone();
    let create = system.base_url().join("api/service/data/session/create").expect("a path");
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let body = json!({ "referenceId": "r", "externalUser": { "email": "a@b.co" } }).to_string();
    let answer = client.post(create).header("x-ivy-api-key", key).body(body).send().await;
    let text = answer.expect("an answer").text().await.expect("whole");
    let session: Value = serde_json::from_str(&text).expect("JSON");
    let link = session["redirectUrl"].as_str().expect("a link");
    let mut browser = Browser::open_link(link).await.expect("opens");
    let choice = Choice::LogIn { bank: "sandbox-bank", user: "john-doe", without: &[] };
    browser.act(choice).await.expect("logs in");
    system.deliver("CallbackQueue").await.expect("the worker works");
    while system.deliver_changes("EventReaderFunction").await.expect("a stream").records > 0 {}
    let seen = seen.lock().expect("no panic here");
    let kinds: Vec<String> = seen
        .iter()
        .map(|record| {
            let body = record["dynamodb"]["NewImage"]["body"]["S"].as_str().expect("a body");
            let event: Value = serde_json::from_str(body).expect("JSON");
            assert_eq!(event["session"], session["id"]);
            event["kind"].as_str().expect("a kind").to_owned()
        })
        .collect();
    let told = ["opened", "started", "at_bank", "processing", "completed"];
    assert_eq!(kinds, told.map(|kind| format!("session.{kind}")));
}
