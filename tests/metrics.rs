//! What is measured, as CloudWatch reads it: the names that alarms are made of, and nothing personal.

use jiff::SignedDuration;
use runtime::logs::Metrics;
use serde_json::{Value, json};
use tracing_subscriber::layer::SubscriberExt as _;

use crate::support::World;
use crate::support::listening::{Lines, listen};
use crate::support::receiver::Receiver;

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
}
