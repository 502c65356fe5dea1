//! A whole run with planted names, addresses, tokens and codes: none of them is found in a stored
//! item, a queue message, a log line or an error, only in the tenant's own answers.

use countersign::demo::{Browser, Choice};
use reqwest::Method;
use serde_json::json;

use crate::support::listening::{Lines, listen};
use crate::support::{QUEUE, World};

/// What must not be found, and where it was looked for.
struct Search {
    canaries: Vec<(&'static str, String)>,
}

impl Search {
    fn found(&self, place: &str, text: &str) -> Vec<String> {
        let hits = self.canaries.iter().filter(|(_, canary)| text.contains(canary.as_str()));
        hits.map(|(what, _)| format!("{what} in {place}")).collect()
    }
}

/// Walks to the bank and back, and notes what travelled through the address bar.
async fn walk(world: &World, link: &str, user: &str) -> Vec<(&'static str, String)> {
    let mut browser: Browser = world.open(link).await;
    let choice = Choice::LogIn { bank: "sandbox-bank", user, without: &[] };
    browser.act(choice).await.expect("logs in");
    let mut secrets = Vec::new();
    for url in browser.trail() {
        for (name, value) in url.query_pairs() {
            match &*name {
                "code" => secrets.push(("authorization code", value.into_owned())),
                "state" => secrets.push(("state", value.into_owned())),
                _ => {}
            }
        }
    }
    secrets
}

async fn messages(world: &World) -> Vec<String> {
    let url = &world.system.template().queue(QUEUE).expect("declared").url;
    let receive = world.system.clients().sqs.receive_message().queue_url(url);
    let receive = receive.max_number_of_messages(10).visibility_timeout(1);
    let received = receive.send().await.expect("received");
    let found = received.messages().iter().map(|message| format!("{message:?}")).collect();
    for message in received.messages() {
        let receipt = message.receipt_handle().expect("a receipt");
        let show = world.system.clients().sqs.change_message_visibility().queue_url(url);
        show.receipt_handle(receipt).visibility_timeout(0).send().await.expect("shown");
    }
    found
}

#[tokio::test]
async fn nothing_personal_is_found_outside() {
    let lines = Lines::default();
    let logs = tracing_subscriber::fmt().json().with_max_level(tracing::Level::TRACE);
    let logs = logs.with_writer(lines.clone()).finish();
    let _listening = listen(logs);
    let world = World::new().await;
    let plain = |text: &str| text.to_owned();
    let mut search = Search {
        canaries: vec![
            ("API key", world.key()),
            ("e-mail", plain("kanarienvogel@example.com")),
            ("phone", plain("+4915550001234")),
            ("user reference", plain("canary-user-77")),
            ("session reference", plain("canary-session-78")),
            ("metadata", plain("canary-metadata-79")),
            ("vendor data", plain("canary-vendor-80")),
            ("claimed first name", plain("Zwitscherine")),
            ("claimed last name", plain("Piepmatz")),
            ("claimed street", plain("Käfigstieg")),
            ("holder name", plain("Müller")),
            ("holder street", plain("Musterstraße")),
            ("holder birth date", plain("1991-03-08")),
            ("counterparty", plain("Musterwerke")),
            ("description of a booking", plain("Monthly ticket")),
            ("IBAN", plain("DE")),
        ],
    };
    let iban =
        sandbox_bank::persona::find("anna-mueller").expect("a persona").accounts[0].iban.clone();
    search.canaries.last_mut().expect("the IBAN").1 = iban;
    let mut queued = Vec::new();
    let session = json!({
        "referenceId": "canary-session-78",
        "permissions": ["identity", "balances", "transactions"],
        "externalUser": {
            "referenceId": "canary-user-77", "email": "kanarienvogel@example.com",
            "phone": "+4915550001234", "metadata": { "note": "canary-metadata-79" },
        },
    });
    let reply = world.post("/api/service/data/session/create", &session).await;
    let link = reply.text("redirectUrl");
    search.canaries.push(("link token", link.rsplit('/').next().expect("a token").to_owned()));
    search.canaries.extend(walk(&world, &link, "anna-mueller").await);
    queued.extend(messages(&world).await);
    world.work().await;
    let id = reply.text("id");
    let asked = json!({ "sessionId": id });
    let balances = world.post("/api/service/data/account-balances/list", &asked).await;
    let amount = balances.body["balances"][0]["available"].as_str().expect("an amount");
    search.canaries.push(("balance", amount.to_owned()));
    let booked = world.post("/api/service/data/transactions/list", &asked).await;
    assert!(booked.text.contains("Musterwerke") && booked.text.contains("Monthly ticket"));
    let details = json!({ "id": id }).to_string().into_bytes();
    let path = "/api/service/data/session/details";
    let mut errors = vec![world.send(Method::POST, path, &[], details).await.text];
    let login = json!({ "email": "developer@example.com", "api_key": world.key() });
    let login = world.post("/subscribers/login", &login).await;
    search.canaries.push(("access token", login.text("token")));
    search.canaries.push(("refresh token", login.text("refresh_token")));
    let claim = json!({
        "email": "piepmatz@example.com", "first_name": "Zwitscherine", "last_name": "Piepmatz",
        "address": "Käfigstieg 3",
    });
    let person = world.post("/persons", &claim).await.body["person_id"].to_string();
    let auth = format!("/persons/{person}/auth");
    let asked = world.post(&auth, &claim).await;
    search.canaries.extend(walk(&world, &asked.text("url"), "anna-mueller").await);
    queued.extend(messages(&world).await);
    world.work().await;
    assert_eq!(world.post(&auth, &claim).await.body["code"], 1);
    let scoped =
        json!({ "scope": "names address bank_account", "vendor_data": "canary-vendor-80" });
    let scoped = world.post("/auth/v2/session/", &scoped).await;
    search.canaries.push(("session token", scoped.text("session_token")));
    walk(&world, &scoped.text("url"), "user_half_answer").await;
    world.work().await;
    world.sweep().await;
    let id = scoped.text("session_id");
    assert_eq!(world.get(&format!("/auth/v2/session/{id}/status/")).await.status, 200);
    let piepmatz = world.get("/persons?email=piepmatz@example.com").await;
    assert!(piepmatz.text.contains("Zwitscherine"), "{}", piepmatz.text);
    assert_eq!(world.get(&format!("/persons/{person}/accounts")).await.status, 200);
    for body in ["{\"referenceId\":\"canary-session-78\"}", "{\"referenceId\": Piepmatz}"] {
        let headers = [("x-api-key", &*world.key())];
        let path = "/api/service/data/session/create";
        errors.push(world.send(Method::POST, path, &headers, body.into()).await.text);
    }
    let logged = lines.text();
    assert!(!queued.is_empty() && ours(&logged).count() > 40, "there is something to search");
    let stored = world.everything().await;
    assert!(stored.len() > 10);
    let mut hits = Vec::new();
    hits.extend(stored.iter().flat_map(|item| search.found("an item", &opened(item))));
    hits.extend(queued.iter().flat_map(|message| search.found("a message", message)));
    hits.extend(errors.iter().flat_map(|error| search.found("an error", error)));
    hits.extend(ours(&logged).flat_map(|line| search.found("a log line", line)));
    hits.sort();
    hits.dedup();
    assert!(hits.is_empty(), "{hits:#?}");
    let planted = format!("log line with {}", search.canaries[1].1);
    assert_eq!(search.found("the control", &planted).len(), 1, "the search finds what is there");
}

/// An item with its bytes also as text, in case something was stored unsealed.
fn opened(item: &str) -> String {
    let numbers = item.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse::<u8>().ok());
    let bytes: Vec<u8> = numbers.collect();
    format!("{item} {}", String::from_utf8_lossy(&bytes))
}

/// The lines of the product. The local stand-ins for AWS and the HTTP client of this test log
/// requests whole at TRACE; on AWS they are not there.
fn ours(logged: &str) -> impl Iterator<Item = &str> {
    let targets = [
        "runtime",
        "cloud",
        "banks",
        "auth",
        "bank_callback",
        "create_session",
        "decision",
        "bank_data",
        "link",
        "list_sessions",
        "metric",
        "persons",
        "session",
        "subjects",
        "sweeper",
        "events",
        "outbound",
        "webhook",
        "token",
        "countersign",
        "sandbox_bank",
    ];
    logged.lines().filter(move |line| {
        targets.iter().any(|target| line.contains(&format!("\"target\":\"{target}")))
    })
}
