//! Who and what is there before an event arrives: made through the public API, in a fixed order.

use serde_json::json;
use url::Url;

use crate::support::World;

/// The ids and secrets that events mention.
pub struct Cast {
    pub key: String,
    pub other_key: String,
    pub client_id: String,
    pub tenant: String,
    /// A session nobody opened.
    pub open: String,
    pub open_link: String,
    /// A session that waits at the bank, with the address and cookie of the return.
    pub at_bank_callback: Url,
    pub at_bank_cookie: String,
    /// A session whose bank is to be read.
    pub processing: String,
    /// A complete session.
    pub complete: String,
    pub complete_link: String,
    pub scoped: String,
    pub session_token: String,
    pub person: String,
    pub known_person: String,
    /// A complete session with a statement.
    pub stated: String,
    /// Its subject.
    pub subject: String,
}

fn token(link: &str) -> String {
    link.rsplit('/').next().expect("a token").to_owned()
}

impl Cast {
    pub async fn assemble() -> (World, Self) {
        let world = World::new().await;
        let other = world.tenant("Other Shop").await;
        let (open, open_link) = world.session("open", "open@example.com").await;
        let (complete, complete_link) = world.session("complete", "john.doe@example.com").await;
        world.returned(&complete_link, "john-doe").await;
        world.work().await;
        let (_, link) = world.session("at-bank", "at-bank@example.com").await;
        let mut browser = world.open(&link).await;
        browser.press("/bank", Some(("bank", "sandbox-bank"))).await.expect("to the bank");
        browser.press("/authorize", Some(("user", "john-doe"))).await.expect("logged in");
        let at_bank_cookie = browser.cookies();
        browser.stop_before("/callback/");
        browser.press("/decide", Some(("decision", "allow"))).await.expect("allowed");
        let at_bank_callback = browser.url().clone();
        let (processing, link) = world.session("processing", "processing@example.com").await;
        world.returned(&link, "max-weber").await;
        world.system.purge(crate::support::QUEUE).await.expect("purged");
        let scoped = json!({ "scope": "names email", "vendor_data": "user-1" });
        let scoped = world.post("/auth/v2/session/", &scoped).await;
        let person =
            |email: &str| json!({ "email": email, "first_name": "John", "last_name": "Doe" });
        let unknown = world.post("/persons", &person("new@example.com")).await;
        let known = world.post("/persons", &person("john.doe@example.com")).await;
        let body = json!({
            "referenceId": "stated", "permissions": ["identity", "balances", "transactions"],
            "externalUser": { "referenceId": "user-9" },
        });
        let stated = world.post("/api/service/data/session/create", &body).await;
        world.returned(&stated.text("redirectUrl"), "jennifer-smith").await;
        world.work().await;
        let entered = world.app.table.enter(world.made.tenant.id).await.expect("answers");
        let id = stated.text("id").parse().expect("an id");
        let subject = world.app.table.session(&entered.expect("there"), id).await;
        let subject = subject.expect("answers").expect("the session").subject;
        let cast = Self {
            key: world.key(),
            other_key: other.key.text().expose().clone(),
            client_id: world.made.client_id().to_owned(),
            tenant: world.made.tenant.id.to_string(),
            open,
            open_link: token(&open_link),
            at_bank_callback,
            at_bank_cookie,
            processing,
            complete,
            complete_link: token(&complete_link),
            session_token: scoped.text("session_token"),
            scoped: scoped.text("session_id"),
            person: unknown.body["person_id"].to_string(),
            known_person: known.body["person_id"].to_string(),
            stated: stated.text("id"),
            subject: subject.to_string(),
        };
        (world, cast)
    }
}
