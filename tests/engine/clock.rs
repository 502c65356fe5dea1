//! The clock's events.

use serde_json::{Value, json};

use super::{Seen, one, start};

const TEMPLATE: &str = r#"
Resources:
  Waker:
    Type: AWS::Serverless::Function
    Metadata: { BuildProperties: { Binary: waker } }
    Properties:
      Events:
        Often: { Type: EVENT, Properties: { KEY: rate(5 minutes) } }
"#;

async fn event(kind: &str, key: &str) -> Value {
    let seen = Seen::default();
    let toy = seen.clone();
    let template = TEMPLATE.replace("EVENT", kind).replace("KEY", key);
    let functions = one("waker", move |event| {
        toy.push(event);
        Ok(json!("awake"))
    });
    let system = start(&template, functions).await;
    let answer = system.tick("Waker").await.expect("the clock calls it");
    assert_eq!(answer, Ok(json!("awake")));
    system.stop().await;
    let mut event = seen.take().remove(0);
    assert!(event["id"].as_str().is_some_and(|id| id.len() == 36));
    assert!(event["time"].as_str().is_some_and(|time| time.len() == 20 && time.ends_with('Z')));
    event["id"] = json!("id");
    event["time"] = json!("time");
    event
}

#[tokio::test]
async fn a_rule_sends_the_event_of_eventbridge() {
    let expected = json!({
        "version": "0",
        "id": "id",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "123456789012",
        "time": "time",
        "region": "eu-central-1",
        "resources": ["arn:aws:events:eu-central-1:123456789012:rule/WakerOften"],
        "detail": {},
    });
    assert_eq!(event("Schedule", "Schedule").await, expected);
}

#[tokio::test]
async fn a_schedule_sends_the_event_of_the_scheduler() {
    let event = event("ScheduleV2", "ScheduleExpression").await;
    assert_eq!(event["source"], "aws.scheduler");
    assert_eq!(event["detail"], "{}");
}

#[tokio::test]
async fn only_what_the_clock_calls_can_tick() {
    let template = TEMPLATE.replace("EVENT", "Schedule").replace("KEY", "Schedule");
    let system = start(&template, one("waker", |_| Ok(Value::Null))).await;
    assert!(system.tick("Sleeper").await.is_err());
    system.stop().await;
}
