//! The bank's redirect: replayed, forged, late, refused, and in another browser.

use countersign::demo::{Browser, Choice};
use jiff::SignedDuration;
use url::Url;

use crate::support::World;

const EMAIL: &str = "john.doe@example.com";

/// The address at which the bank sent the browser back.
fn callback_of(browser: &Browser) -> Url {
    let callback = browser.trail().iter().rfind(|url| url.path().starts_with("/callback/"));
    callback.expect("the bank sent the browser back").clone()
}

/// A browser on the consent page of the bank: one press away from the redirect.
async fn at_consent(world: &World, link: &str) -> Browser {
    let mut browser = world.open(link).await;
    browser.press("/bank", Some(("bank", "sandbox-bank"))).await.expect("to the bank");
    browser.press("/authorize", Some(("user", "john-doe"))).await.expect("logged in");
    browser
}

async fn allow(browser: &mut Browser) {
    browser.press("/decide", Some(("decision", "allow"))).await.expect("allowed");
}

fn heading(browser: &Browser) -> String {
    let rest = browser.page().split("<h1>").nth(1).expect("a heading");
    let text = rest.split("</h1>").next().expect("its end");
    text.trim().replace("&#39;", "'")
}

#[tokio::test]
async fn a_replayed_redirect_changes_nothing() {
    let world = World::new().await;
    let (id, link) = world.session("r1", EMAIL).await;
    let mut browser = world.returned(&link, "john-doe").await;
    let callback = callback_of(&browser);
    browser.visit(callback.clone()).await.expect("answered");
    assert_eq!(heading(&browser), "One moment, please");
    world.work().await;
    assert_eq!(world.status(&id).await, "complete");
    browser.visit(callback).await.expect("answered");
    assert_eq!(heading(&browser), "Your bank's answer was used already");
    world.work().await;
    assert_eq!(world.status(&id).await, "complete");
}

#[tokio::test]
async fn a_forged_state_leads_nowhere() {
    let world = World::new().await;
    let (id, link) = world.session("r1", EMAIL).await;
    let mut browser = at_consent(&world, &link).await;
    let other = callback_of(&{
        let (_, link) = world.session("r2", EMAIL).await;
        world.returned(&link, "john-doe").await
    });
    let state = other.query_pairs().find(|(name, _)| name == "state").expect("a state").1;
    let mut forged: Vec<char> = state.chars().collect();
    let last = forged.len() - 2;
    forged[last] = if forged[last] == 'A' { 'B' } else { 'A' };
    for state in [forged.iter().collect::<String>(), "x".to_owned(), String::new()] {
        let mut url = other.clone();
        url.query_pairs_mut().clear().append_pair("code", "c").append_pair("state", &state);
        browser.visit(url).await.expect("answered");
        assert_ne!(heading(&browser), "One moment, please", "{state}");
    }
    assert_eq!(world.status(&id).await, "pending");
}

#[tokio::test]
async fn a_redirect_after_the_link_expired_is_not_used() {
    let world = World::new().await;
    let (id, link) = world.session("r1", EMAIL).await;
    let mut browser = at_consent(&world, &link).await;
    world.advance(SignedDuration::from_mins(61));
    allow(&mut browser).await;
    assert_eq!(heading(&browser), "This link has expired");
    assert_eq!(world.status(&id).await, "expired");
    world.sweep().await;
    assert_eq!(world.status(&id).await, "expired");
    world.work().await;
    assert_eq!(world.status(&id).await, "expired");
}

#[tokio::test]
async fn who_refuses_at_the_bank_may_start_again() {
    let world = World::new().await;
    let (id, link) = world.session("r1", EMAIL).await;
    let mut browser = world.returned(&link, "user_denied").await;
    assert_eq!(heading(&browser), "Your bank says you declined");
    assert_eq!(world.status(&id).await, "failed");
    browser.press("/again", None).await.expect("started again");
    let choice = Choice::LogIn { bank: "sandbox-bank", user: "john-doe", without: &[] };
    browser.act(choice).await.expect("logged in");
    world.work().await;
    assert_eq!(world.status(&id).await, "complete");
}

#[tokio::test]
async fn who_cancels_may_start_again() {
    let world = World::new().await;
    let (id, link) = world.session("r1", EMAIL).await;
    let mut browser = world.open(&link).await;
    browser.act(Choice::Cancel).await.expect("cancelled");
    assert_eq!(browser.url().as_str(), "https://example.com/error");
    assert_eq!(world.status(&id).await, "failed");
    let mut browser = world.open(&link).await;
    assert_eq!(heading(&browser), "You cancelled");
    browser.press("/again", None).await.expect("started again");
    assert_eq!(world.status(&id).await, "started");
}

#[tokio::test]
async fn another_browser_is_asked_and_shown_nothing() {
    let world = World::new().await;
    let (id, link) = world.session("r1", EMAIL).await;
    let mut browser = at_consent(&world, &link).await;
    browser.forget();
    allow(&mut browser).await;
    assert_eq!(heading(&browser), "Did you come back from your bank?");
    assert!(!browser.page().contains("Example Shop"), "{}", browser.page());
    assert_eq!(world.status(&id).await, "pending");
    browser.press("/callback/sandbox-bank", None).await.expect("confirmed");
    world.work().await;
    assert_eq!(world.status(&id).await, "complete");
}

#[tokio::test]
async fn a_browser_with_another_cookie_is_refused() {
    let world = World::new().await;
    let (id, link) = world.session("r1", EMAIL).await;
    let (_, other) = world.session("r2", EMAIL).await;
    let mut browser = at_consent(&world, &link).await;
    let mut stranger = world.open(&other).await;
    let consent = browser.page().to_owned();
    browser.forget();
    allow(&mut browser).await;
    assert!(consent.contains("Allow"));
    stranger.visit(callback_of_asked(&browser)).await.expect("answered");
    assert_eq!(heading(&stranger), "This answer does not belong to this browser");
    assert_eq!(world.status(&id).await, "pending");
}

/// The address of the page that asks for confirmation.
fn callback_of_asked(browser: &Browser) -> Url {
    browser.url().clone()
}
