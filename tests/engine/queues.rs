//! Queues: batches, partial failures, dead letters, holding and throwing away.

use countersign::{Delivered, InvokeError, System};
use serde_json::{Value, json};

use super::{Seen, one, start};

const TEMPLATE: &str = r#"
Resources:
  Worker:
    Type: AWS::Serverless::Function
    Metadata: { BuildProperties: { Binary: worker } }
    Properties:
      Events:
        Work:
          Type: SQS
          Properties:
            Queue: !GetAtt Work.Arn
            BatchSize: 3
            FunctionResponseTypes: [ReportBatchItemFailures]
            ScalingConfig: { MaximumConcurrency: 2 }
  Work:
    Type: AWS::SQS::Queue
    Properties: { RedrivePolicy: { deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 2 } }
  Dead: { Type: AWS::SQS::Queue }
"#;

fn url(system: &System, queue: &str) -> String {
    system.template().queue(queue).expect(queue).url.clone()
}

async fn send(system: &System, bodies: &[&str]) {
    for body in bodies {
        let call = system.clients().sqs.send_message().queue_url(url(system, "Work"));
        call.message_body(*body).send().await.expect("the queue takes it");
    }
}

/// How many messages anybody could receive now; they are not visible afterwards.
async fn waiting(system: &System, queue: &str) -> usize {
    let call = system.clients().sqs.receive_message().queue_url(url(system, queue));
    let received = call.max_number_of_messages(10).send().await.expect("the queue answers");
    received.messages().len()
}

async fn deliver(system: &System) -> Delivered {
    system.deliver("Work").await.expect("the queue answers")
}

fn records(event: &Value) -> Vec<Value> {
    event["Records"].as_array().expect("records").clone()
}

/// Fails what says so, and reports it.
fn reporting(event: &Value) -> Value {
    let failed = |record: &Value| record["body"].as_str().is_some_and(|body| body.contains("fail"));
    let failures = records(event).into_iter().filter(failed);
    let named = failures.map(|record| json!({ "itemIdentifier": record["messageId"] }));
    json!({ "batchItemFailures": named.collect::<Vec<_>>() })
}

#[tokio::test]
async fn a_message_comes_as_lambda_brings_it() {
    let seen = Seen::default();
    let toy = seen.clone();
    let functions = one("worker", move |event| {
        toy.push(event);
        Ok(Value::Null)
    });
    let system = start(TEMPLATE, functions).await;
    send(&system, &["{\"a\":1}"]).await;
    assert_eq!(deliver(&system).await.records, 1);
    let mut record = records(&seen.take()[0]).remove(0);
    for name in ["SentTimestamp", "ApproximateFirstReceiveTimestamp"] {
        let time = record["attributes"][name].as_str().and_then(|text| text.parse::<u64>().ok());
        assert!(time.is_some_and(|ms| ms > 1_700_000_000_000), "{name}");
        record["attributes"][name] = json!("ms");
    }
    for name in ["messageId", "receiptHandle"] {
        assert!(record[name].as_str().is_some_and(|id| id.len() >= 36), "{name}");
        record[name] = json!(name);
    }
    insta::assert_json_snapshot!(record);
    assert_eq!(deliver(&system).await, Delivered::default());
    system.stop().await;
}

#[tokio::test]
async fn only_what_is_reported_stays() {
    let system = start(TEMPLATE, one("worker", |event| Ok(reporting(&event)))).await;
    send(&system, &["good", "fail", "good", "good"]).await;
    let first = deliver(&system).await;
    assert_eq!((first.records, first.failures.len()), (3, 1));
    assert_eq!(deliver(&system).await.records, 1, "the rest of the queue");
    assert_eq!(deliver(&system).await.records, 0, "what failed is not visible yet");
    assert_eq!(system.show("Work").await, Ok(1));
    let again = deliver(&system).await;
    assert_eq!((again.records, again.failures), (1, first.failures));
    system.stop().await;
}

#[tokio::test]
async fn an_answer_decides_what_stays() {
    for (answer, stay) in [
        (json!(null), 0),
        (json!({}), 0),
        (json!({ "batchItemFailures": [] }), 0),
        (json!({ "batchItemFailures": null }), 0),
        (json!({ "batchItemFailures": "all" }), 2),
        (json!({ "batchItemFailures": [{ "itemIdentifier": "" }] }), 2),
        (json!({ "batchItemFailures": [{ "itemIdentifier": null }] }), 2),
        (json!({ "batchItemFailures": [{ "itemIdentifier": "unknown" }] }), 2),
        (json!({ "batchItemFailures": [{ "other": "x" }] }), 2),
    ] {
        let told = answer.clone();
        let system = start(TEMPLATE, one("worker", move |_| Ok(told.clone()))).await;
        send(&system, &["a", "b"]).await;
        let delivered = deliver(&system).await;
        assert_eq!(delivered.failures.len(), stay, "{answer}");
        system.show("Work").await.expect("the queue answers");
        assert_eq!(waiting(&system, "Work").await, stay, "{answer}");
        system.stop().await;
    }
}

#[tokio::test]
async fn without_reports_the_answer_means_nothing() {
    let template = TEMPLATE.replace("FunctionResponseTypes: [ReportBatchItemFailures]", "");
    let functions = one("worker", |_| Ok(json!({ "batchItemFailures": "all" })));
    let system = start(&template, functions).await;
    send(&system, &["a"]).await;
    assert_eq!(deliver(&system).await.failures, Vec::<String>::new());
    system.stop().await;
}

#[tokio::test]
async fn what_fails_too_often_goes_to_the_dead_letters() {
    let broken = |_| Err(InvokeError::Failed("broken".to_owned()));
    let system = start(TEMPLATE, one("worker", broken)).await;
    send(&system, &["a"]).await;
    for _ in 0..2 {
        let delivered = deliver(&system).await;
        assert_eq!(delivered.failures.len(), 1);
        assert_eq!(delivered.error, Some(InvokeError::Failed("broken".to_owned())));
        system.show("Work").await.expect("the queue answers");
    }
    assert_eq!(deliver(&system).await.records, 0);
    assert_eq!(waiting(&system, "Dead").await, 1);
    assert_eq!(waiting(&system, "Work").await, 0);
    system.stop().await;
}

#[tokio::test]
async fn a_panic_and_a_time_out_fail_the_batch_only() {
    let functions = countersign::Functions::new().with("worker", |_, _| {
        Ok(std::sync::Arc::new(|event: Value| {
            Box::pin(async move {
                match event["Records"][0]["body"].as_str() {
                    Some("panic") => panic!("a toy panics"),
                    Some("slow") => std::future::pending().await,
                    _ => Ok(Value::Null),
                }
            })
        }))
    });
    let template = TEMPLATE.replace("BatchSize: 3", "BatchSize: 1");
    let template = template.replace("      Events:", "      Timeout: 1\n      Events:");
    let system = start(&template, functions).await;
    send(&system, &["panic", "slow", "good"]).await;
    assert_eq!(deliver(&system).await.error, Some(InvokeError::Panicked));
    assert_eq!(deliver(&system).await.error, Some(InvokeError::TimedOut { timeout_s: 1 }));
    assert_eq!(deliver(&system).await.error, None);
    system.stop().await;
}

#[tokio::test]
async fn a_batch_can_come_twice() {
    let seen = Seen::default();
    let toy = seen.clone();
    let functions = one("worker", move |event| {
        toy.push(event);
        Ok(Value::Null)
    });
    let system = start(TEMPLATE, functions).await;
    assert!(system.deliver_again("Work").await.is_err());
    send(&system, &["a"]).await;
    deliver(&system).await;
    assert_eq!(system.deliver_again("Work").await.map(|again| again.records), Ok(1));
    let events = seen.take();
    assert_eq!(events[0], events[1]);
    system.stop().await;
}

#[tokio::test]
async fn a_purged_queue_is_empty() {
    let system = start(TEMPLATE, one("worker", |_| Ok(Value::Null))).await;
    send(&system, &["a", "b"]).await;
    system.purge("Work").await.expect("the queue answers");
    assert_eq!(deliver(&system).await.records, 0);
    assert!(system.purge("Play").await.is_err());
    assert!(system.deliver("Dead").await.is_err(), "nobody reads the dead letters");
    system.stop().await;
}

#[tokio::test]
async fn in_the_background_messages_come_unless_held() {
    let (came, mut coming) = tokio::sync::mpsc::unbounded_channel();
    let functions = one("worker", move |event| {
        came.send(event).expect("the test listens");
        Ok(Value::Null)
    });
    let options = countersign::Options::default();
    let system = System::start_with(TEMPLATE, options, functions).await.expect("the toy is right");
    let held = system.hold("Work").await.expect("a function reads it");
    send(&system, &["a"]).await;
    assert_eq!(waiting(&system, "Work").await, 1, "it was not received");
    assert!(coming.try_recv().is_err());
    drop(held);
    send(&system, &["b"]).await;
    let event = coming.recv().await.expect("it comes");
    assert_eq!(event["Records"][0]["body"], "b");
    system.stop().await;
}

/// Sends messages of a group.
async fn send_of(system: &System, group: &str, count: usize) {
    for _ in 0..count {
        let call = system.clients().sqs.send_message().queue_url(url(system, "Work"));
        let call = call.message_group_id(group).message_body(group);
        call.send().await.expect("the queue takes it");
    }
}

/// Counts the messages of each group in a batch.
fn groups(event: &Value) -> (usize, usize) {
    let of = |group: &str| records(event).iter().filter(|record| record["body"] == group).count();
    (of("busy"), of("quiet"))
}

#[tokio::test]
async fn a_busy_group_leaves_half_of_the_calls_to_others() {
    let (came, mut coming) = tokio::sync::mpsc::unbounded_channel();
    let functions = countersign::Functions::new().with("worker", |_, _| {
        Ok(std::sync::Arc::new(move |event: Value| {
            came.send(event).expect("the test listens");
            // A call never ends.
            Box::pin(std::future::pending())
        }))
    });
    let options = countersign::Options::default();
    let system = System::start_with(TEMPLATE, options, functions).await.expect("the toy is right");
    let held = system.hold("Work").await.expect("a function reads it");
    send_of(&system, "busy", 20).await;
    drop(held);
    let first = coming.recv().await.expect("it comes");
    assert_eq!(groups(&first), (3, 0), "half of two calls of three messages");
    send_of(&system, "quiet", 2).await;
    let mut quiet = 0;
    while quiet < 2 {
        let event = coming.recv().await.expect("it comes");
        assert_eq!(groups(&event).0, 0, "the busy group has its share");
        quiet += groups(&event).1;
    }
    drop(system);
}

#[tokio::test]
async fn the_group_with_the_least_under_way_comes_first() {
    let seen = Seen::default();
    let toy = seen.clone();
    let functions = one("worker", move |event| {
        toy.push(event);
        Ok(Value::Null)
    });
    let system = start(TEMPLATE, functions).await;
    send_of(&system, "busy", 5).await;
    send_of(&system, "quiet", 1).await;
    assert_eq!(deliver(&system).await.records, 3);
    assert_eq!(groups(&seen.take()[0]), (2, 1), "not the oldest three");
    system.stop().await;
}

#[tokio::test]
async fn a_receive_waits_until_a_message_is_visible() {
    let system = start(TEMPLATE, one("worker", |_| Ok(Value::Null))).await;
    let receive = || {
        let call = system.clients().sqs.receive_message().queue_url(url(&system, "Work"));
        call.wait_time_seconds(20).send()
    };
    let (received, ()) = tokio::join!(receive(), send(&system, &["a"]));
    assert_eq!(received.expect("the queue answers").messages().len(), 1);
    let delayed = system.clients().sqs.send_message().queue_url(url(&system, "Work"));
    delayed.message_body("b").delay_seconds(1).send().await.expect("the queue takes it");
    assert_eq!(waiting(&system, "Work").await, 0, "it is not visible yet");
    let received = receive().await.expect("the queue answers");
    assert_eq!(received.messages()[0].body(), Some("b"));
    let receipt = received.messages()[0].receipt_handle().expect("a receipt");
    let show = || async {
        let call = system.clients().sqs.change_message_visibility().queue_url(url(&system, "Work"));
        call.receipt_handle(receipt).visibility_timeout(1).send().await.expect("it is under way");
    };
    let (received, ()) = tokio::join!(receive(), show());
    let again = received.expect("the queue answers");
    assert_eq!(again.messages().len(), 1, "the receive began before the message was shown again");
    system.stop().await;
}

#[tokio::test]
async fn what_sqs_refuses_is_refused() {
    let system = start(TEMPLATE, one("worker", |_| Ok(Value::Null))).await;
    let work = url(&system, "Work");
    for (operation, member, value) in [
        ("SendMessage", "DelaySeconds", json!(901)),
        ("ReceiveMessage", "MaxNumberOfMessages", json!(0)),
        ("ReceiveMessage", "MaxNumberOfMessages", json!(11)),
        ("ReceiveMessage", "WaitTimeSeconds", json!(21)),
        ("ChangeMessageVisibility", "VisibilityTimeout", json!(43_201)),
        ("ChangeMessageVisibility", "VisibilityTimeout", json!(-1)),
        ("ReceiveMessage", "QueueUrl", json!("https://sqs.example/1/Play")),
        ("PurgeEverything", "QueueUrl", json!(work)),
    ] {
        let mut body = json!({ "QueueUrl": work, "MessageBody": "a", "ReceiptHandle": "b" });
        body[member] = value;
        let target = format!("AmazonSQS.{operation}");
        let answer = system.backend().call(&target, body.to_string().into()).await;
        assert_eq!(answer.status, 400, "{operation} {body}");
        assert!(answer.query_error.is_some(), "{operation} {body}");
    }
    system.stop().await;
}
