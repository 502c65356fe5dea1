//! The worker: killed at every point, and its messages repeated, mixed up and thrown away.

use cloud::Entered;
use jiff::SignedDuration;
use model::session::{LEASE, OVERDUE, Session, State, Step};
use model::transition::{Command, apply};

use crate::support::{QUEUE, World};

const EMAIL: &str = "john.doe@example.com";

async fn stored(world: &World, id: &str) -> (Entered, Session) {
    let entered = world.app.table.enter(world.made.tenant.id).await.expect("the table answers");
    let entered = entered.expect("the tenant");
    let id = id.parse().expect("a session id");
    let session = world.app.table.session(&entered, id).await.expect("the table answers");
    (entered, session.expect("the session"))
}

/// Writes what a worker would write, and leaves it there.
async fn write(world: &World, id: &str, command: Command) -> Session {
    let (entered, session) = stored(world, id).await;
    let change = apply(&session, command, world.app.now()).expect("fits");
    world.app.table.commit(&entered, &change).await.expect("written");
    change.session
}

async fn in_flight(world: &World) -> String {
    let (id, link) = world.session("r1", EMAIL).await;
    world.returned(&link, "john-doe").await;
    assert_eq!(world.status(&id).await, "pending");
    id
}

#[tokio::test]
async fn ten_deliveries_decide_once() {
    let world = World::new().await;
    let id = in_flight(&world).await;
    world.work().await;
    let (_, first) = stored(&world, &id).await;
    for _ in 0..9 {
        let again = world.system.deliver_again(QUEUE).await.expect("delivered");
        assert!(again.failures.is_empty());
    }
    let (_, last) = stored(&world, &id).await;
    assert_eq!(last.state.status().as_str(), "complete");
    assert_eq!(first.version, last.version);
}

#[tokio::test]
async fn messages_out_of_order_are_all_worked_off() {
    let world = World::new().await;
    let mut ids = Vec::new();
    for n in 0..3 {
        let (id, link) = world.session(&format!("r{n}"), EMAIL).await;
        world.returned(&link, "john-doe").await;
        ids.push(id);
    }
    world.system.deliver(QUEUE).await.expect("the first");
    let done = world.system.deliver_again(QUEUE).await.expect("the first, again");
    assert!(done.failures.is_empty());
    world.work().await;
    for id in ids {
        assert_eq!(world.status(&id).await, "complete");
    }
}

#[tokio::test]
async fn a_thrown_away_queue_loses_nobody() {
    let world = World::new().await;
    let id = in_flight(&world).await;
    world.system.purge(QUEUE).await.expect("purged");
    world.work().await;
    assert_eq!(world.status(&id).await, "pending");
    world.advance(OVERDUE);
    world.sweep().await;
    world.work().await;
    assert_eq!(world.status(&id).await, "complete");
}

#[tokio::test]
async fn a_worker_that_died_with_the_code_asks_for_a_new_login() {
    let world = World::new().await;
    let (id, link) = world.session("r1", EMAIL).await;
    let mut browser = world.returned(&link, "john-doe").await;
    write(&world, &id, Command::Take).await;
    let held = world.system.deliver(QUEUE).await.expect("delivered");
    assert_eq!(held.failures.len(), 1, "the lease is respected");
    world.advance(LEASE);
    world.system.show(QUEUE).await.expect("visible again");
    world.work().await;
    assert_eq!(world.status(&id).await, "failed");
    let end = browser.wait().await.expect("a page");
    assert!(end.path().ends_with("/wait"), "{end}");
    assert!(browser.page().contains("Please log in once more"), "{}", browser.page());
    browser.press("/again", None).await.expect("started again");
    world.returned(&link, "john-doe").await;
    world.work().await;
    assert_eq!(world.status(&id).await, "complete");
}

#[tokio::test]
async fn a_stored_token_is_read_on_by_the_next_worker() {
    let world = World::new().await;
    let id = in_flight(&world).await;
    let taken = write(&world, &id, Command::Take).await;
    let State::Processing { bank, step: Step::Exchanging { callback, visit, lease }, .. } =
        taken.state
    else {
        panic!("a worker holds the code")
    };
    let entered_bank = world.directory().connector(&bank).expect("the bank");
    let completed = entered_bank.complete(&visit, &callback).await.expect("the bank answers");
    let banks::Completed::Granted(grant) = completed else { panic!("granted") };
    write(&world, &id, Command::HoldGrant { epoch: lease.epoch, grant }).await;
    world.advance(LEASE);
    world.work().await;
    assert_eq!(world.status(&id).await, "complete");
}

#[tokio::test]
async fn a_killed_worker_s_message_is_taken_up_by_the_sweeper() {
    let world = World::new().await;
    let id = in_flight(&world).await;
    write(&world, &id, Command::Take).await;
    world.system.purge(QUEUE).await.expect("purged");
    world.advance(OVERDUE + SignedDuration::from_secs(1));
    world.sweep().await;
    world.work().await;
    assert_eq!(world.status(&id).await, "failed");
}

#[tokio::test]
async fn a_message_that_is_not_ours_stays_for_the_dead_letters() {
    let world = World::new().await;
    let id = in_flight(&world).await;
    let url = &world.system.template().queue(QUEUE).expect("declared").url;
    let sqs = &world.system.clients().sqs;
    sqs.send_message().queue_url(url).message_body("poison").send().await.expect("sent");
    let mut failures = 0;
    for _ in 0..2 {
        failures += world.system.deliver(QUEUE).await.expect("delivered").failures.len();
    }
    assert_eq!(failures, 1, "the poisoned one and no other");
    assert_eq!(world.status(&id).await, "complete");
}
