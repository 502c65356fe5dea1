//! Evidence that expires: told a week ahead, once, and not where there is none.

use jiff::SignedDuration;
use serde_json::json;

use crate::support::World;
use crate::support::receiver::Receiver;

#[tokio::test]
async fn a_tenant_is_told_a_week_before_evidence_expires() {
    let world = World::new().await;
    let receiver = Receiver::ok().await;
    world.endpoint(&receiver.url, json!({ "events": ["consent.expiring"] })).await;
    let session = world.completed("r1").await;
    world.tell().await;
    world.advance(SignedDuration::from_hours(24 * 83) - SignedDuration::from_secs(1));
    assert_eq!(world.sweep().await["expiries"], 0);
    world.advance(SignedDuration::from_secs(1));
    assert_eq!(world.sweep().await["expiries"], 1);
    world.tell().await;
    let [request] = &receiver.take()[..] else { panic!("told once") };
    assert_eq!(request.json()["data"]["session_id"], session);
    world.minutes(3).await;
    assert_eq!(receiver.take().len(), 0, "and not again");
}

#[tokio::test]
async fn a_session_that_never_completed_reminds_of_nothing() {
    let world = World::new().await;
    let receiver = Receiver::ok().await;
    world.endpoint(&receiver.url, json!({ "events": ["consent.expiring"] })).await;
    world.session("r1", "john.doe@example.com").await;
    world.advance(SignedDuration::from_hours(24 * 100));
    world.sweep().await;
    world.tell().await;
    assert_eq!(receiver.take().len(), 0);
}
