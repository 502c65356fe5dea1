//! A bank that misbehaves: every session ends, and says why.

use banks::Completed;
use jiff::SignedDuration;
use model::request::Asked;
use model::session::{PROCESSING_MAX, State, Step};
use serde_json::json;

use crate::support::{QUEUE, World};

const EMAIL: &str = "john.doe@example.com";

/// What the person reads at the end, for each way of misbehaving that no repetition cures.
#[tokio::test]
async fn what_cannot_be_cured_fails_at_once() {
    for (user, heading) in [
        ("user_half_answer", "The answer of your bank cannot be read"),
        ("user_wrong_issuer", "Please log in once more"),
        ("user_code_expired", "Please log in once more"),
    ] {
        let world = World::new().await;
        let (id, link) = world.session("r1", EMAIL).await;
        let mut browser = world.returned(&link, user).await;
        world.work().await;
        assert_eq!(world.status(&id).await, "failed", "{user}");
        browser.wait().await.expect("a page");
        assert!(browser.page().contains(heading), "{user}: {}", browser.page());
        assert!(browser.page().contains("/again"), "{user}: start again");
    }
}

#[tokio::test]
async fn a_busy_bank_is_asked_again_without_a_new_login() {
    let world = World::new().await;
    let (id, link) = world.session("r1", EMAIL).await;
    world.returned(&link, "user_429_then_ok").await;
    for _ in 0..4 {
        world.work().await;
        world.system.show(QUEUE).await.expect("visible again");
    }
    assert_eq!(world.status(&id).await, "complete");
}

#[tokio::test]
async fn a_broken_bank_is_given_up_in_the_end() {
    let world = World::new().await;
    let (id, link) = world.session("r1", EMAIL).await;
    let mut browser = world.returned(&link, "user_error_500").await;
    world.work().await;
    assert_eq!(world.status(&id).await, "pending");
    world.advance(PROCESSING_MAX + SignedDuration::from_secs(1));
    world.sweep().await;
    assert_eq!(world.status(&id).await, "failed");
    browser.wait().await.expect("a page");
    assert!(browser.page().contains("Your bank does not answer"), "{}", browser.page());
}

#[tokio::test]
async fn a_slow_bank_is_waited_for() {
    let world = World::new().await;
    let (id, link) = world.session("r1", EMAIL).await;
    world.returned(&link, "user_slow_1").await;
    world.work().await;
    assert_eq!(world.status(&id).await, "complete");
}

#[tokio::test]
async fn a_bank_without_names_completes_without_a_name() {
    let world = World::new().await;
    let (id, link) = world.session("r1", EMAIL).await;
    world.returned(&link, "user_no_name").await;
    world.work().await;
    let details = world.post("/api/service/data/session/details", &json!({ "id": id })).await;
    assert_eq!(details.body["status"], "complete");
    assert_eq!(details.body["data"]["identity"]["name"], json!(null));
}

#[tokio::test]
async fn who_never_returns_expires() {
    let world = World::new().await;
    let (id, link) = world.session("r1", EMAIL).await;
    let mut browser = world.open(&link).await;
    browser.press("/bank", Some(("bank", "sandbox-bank"))).await.expect("to the bank");
    browser.press("/authorize", Some(("user", "user_never_returns"))).await.expect("logged in");
    world.advance(SignedDuration::from_mins(61));
    let swept = world.sweep().await;
    assert_eq!(swept["failed"], 0);
    assert_eq!(world.status(&id).await, "expired");
    assert_eq!(world.sweep().await["overdue"], 0, "what has ended is never looked at again");
}

/// A correct bank revokes the first token when its code comes again: the product must never try.
#[tokio::test]
async fn a_code_presented_twice_revokes_the_first_token() {
    let world = World::new().await;
    let (id, link) = world.session("r1", EMAIL).await;
    world.returned(&link, "john-doe").await;
    let entered = world.app.table.enter(world.made.tenant.id).await.expect("answers");
    let entered = entered.expect("the tenant");
    let session = world.app.table.session(&entered, id.parse().expect("an id")).await;
    let state = session.expect("answers").expect("the session").state;
    let State::Processing { bank, step: Step::Answered { callback, visit, .. }, .. } = state else {
        panic!("the person has just returned")
    };
    let connector = world.directory().connector(&bank).expect("the bank");
    let first = connector.complete(&visit, &callback).await.expect("the bank answers");
    let Completed::Granted(grant) = first else { panic!("granted") };
    let since = jiff::civil::date(2026, 1, 1);
    let wanted = banks::Wanted { reading: Asked::Ownership.reading(), since };
    assert!(connector.fetch(&grant, &wanted).await.is_ok());
    let second = connector.complete(&visit, &callback).await.expect("the bank answers");
    assert!(matches!(second, Completed::NeedsNewLogin(_)));
    assert!(
        connector.fetch(&grant, &wanted).await.is_err(),
        "the first token is worth nothing now"
    );
}
