//! Who and what is there before an event arrives: made through the public API, in a fixed order.

use cloud::ApiKey;
use reqwest::Method;
use serde_json::{Value, json};
use url::Url;

use crate::support::{DELIVERIES, World};

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
    /// An endpoint of the tenant, and one of the other's.
    pub endpoint: String,
    pub other_endpoint: String,
    /// A subscription of Ivy's kind.
    pub subscription: String,
    /// A delivery that waits, and its event.
    pub delivery: String,
    pub told_event: String,
    /// An event that is not in the feed yet, as its row stands in the table.
    pub event_row: Value,
}

fn token(link: &str) -> String {
    link.rsplit('/').next().expect("a token").to_owned()
}

impl Cast {
    pub async fn assemble() -> (World, Self) {
        Self::assemble_in(World::new().await).await
    }

    /// The same in a world of the caller's.
    pub async fn assemble_in(world: World) -> (World, Self) {
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
        let told = Told::assemble(&world, &other.key).await;
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
            endpoint: told.endpoint,
            other_endpoint: told.other_endpoint,
            subscription: told.subscription,
            delivery: told.delivery,
            told_event: told.told_event,
            event_row: told.event_row,
            known_person: known.body["person_id"].to_string(),
            stated: stated.text("id"),
            subject: subject.to_string(),
        };
        (world, cast)
    }
}

/// What is there of endpoints and deliveries.
struct Told {
    endpoint: String,
    other_endpoint: String,
    subscription: String,
    delivery: String,
    told_event: String,
    event_row: Value,
}

impl Told {
    async fn assemble(world: &World, other: &ApiKey) -> Self {
        world.fan_out().await;
        let events = json!({ "events": ["session.opened"] });
        // Nobody listens there: a try fails at once.
        let (endpoint, _) = world.endpoint("http://127.0.0.1:1/hook", events).await;
        let body = json!({ "url": "https://other.example/hook" }).to_string().into_bytes();
        let headers = [("x-api-key", &**other.text().expose())];
        let path = "/v1/webhook-endpoints";
        let theirs = world.send(Method::POST, path, &headers, body).await;
        let asked =
            json!({ "url": "http://127.0.0.1:1/ivy", "events": ["data_session_completed"] });
        let path = "/api/service/webhook-subscription/create";
        let subscription = world.post(path, &asked).await.text("id");
        world.session("told", "told@example.com").await;
        world.fan_out().await;
        let waiting = world.deliveries("state=waiting").await;
        world.system.purge(DELIVERIES).await.expect("purged");
        let (fresh, _) = world.session("fresh", "fresh@example.com").await;
        Self {
            endpoint,
            other_endpoint: theirs.text("id"),
            subscription,
            delivery: waiting[0]["id"].as_str().expect("an id").to_owned(),
            told_event: waiting[0]["event_id"].as_str().expect("an id").to_owned(),
            event_row: row(world, &fresh).await,
        }
    }
}

/// The first event of a session, as the stream carries it.
async fn row(world: &World, session: &str) -> Value {
    let scan = world.system.clients().dynamodb.scan().table_name(&world.app.config.table_name);
    let found = scan.send().await.expect("scanned");
    let text = |item: &std::collections::HashMap<String, _>, name: &str| {
        let value: Option<&aws_sdk_dynamodb::types::AttributeValue> = item.get(name);
        value.and_then(|value| value.as_s().ok()).cloned().unwrap_or_default()
    };
    let is_it = |item: &&std::collections::HashMap<String, _>| {
        text(item, "entity") == "event" && text(item, "pk").ends_with(session)
    };
    let item = found.items().iter().find(is_it).expect("the event");
    let named = ["pk", "sk", "entity", "body"].map(|name| (name, json!({ "S": text(item, name) })));
    named.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
