//! Two tenants: what belongs to the other answers byte for byte as what does not exist.

use std::collections::BTreeSet;

use countersign::Event;
use countersign::tenant::Made;
use reqwest::Method;
use serde_json::json;

use crate::support::World;

/// An id of the other tenant, and one of the same form that nobody has.
struct Ids {
    foreign: String,
    unknown: String,
}

/// Routes with a path parameter that carries no id of a tenant's thing, each with its reason.
const NO_TENANT_ID: [(&str, &str); 5] = [
    ("/link/{token}", "the token is a secret of its own; forged ones are tested beside"),
    ("/link/{token}/{action}", "as above"),
    ("/callback/{bank}", "the state is a secret of its own; forged ones are tested beside"),
    ("/sandbox-bank/{bank}/{proxy+}", "somebody else's bank"),
    ("/{proxy+}", "nothing is there"),
];

#[tokio::test]
async fn foreign_ids_answer_like_unknown_ones() {
    let world = World::new().await;
    let other = world.tenant("Other Shop").await;
    let mine = [("x-api-key", &*world.key())];
    let theirs = [("x-api-key", &**other.key.text().expose())];
    let create = json!({ "referenceId": "r" }).to_string().into_bytes();
    let session = "/api/service/data/session/create";
    let reply = world.send(Method::POST, session, &theirs, create).await;
    let sessions = Ids {
        foreign: reply.text("id"),
        unknown: "01953a10-0000-7000-8000-000000000000".to_owned(),
    };
    let body = json!({ "email": "a@b.co", "first_name": "A", "last_name": "B" }).to_string();
    let reply = world.send(Method::POST, "/persons", &theirs, body.clone().into_bytes()).await;
    let persons = Ids {
        foreign: reply.body["person_id"].to_string(),
        unknown: "4503599627370496".to_owned(),
    };
    let subject = |made: &Made, id: &str| {
        let (world, id) = (&world, id.parse().expect("an id"));
        let tenant = made.tenant.id;
        async move {
            let entered = world.app.table.enter(tenant).await.expect("answers").expect("there");
            let session = world.app.table.session(&entered, id).await.expect("answers");
            session.expect("the session").subject.to_string()
        }
    };
    let subjects = Ids {
        foreign: subject(&other, &sessions.foreign).await,
        unknown: "sub_00000000000000000000000000000000".to_owned(),
    };
    let endpoint = json!({ "url": "https://shop.example/" }).to_string().into_bytes();
    let reply = world.send(Method::POST, "/v1/webhook-endpoints", &theirs, endpoint).await;
    let endpoints = Ids {
        foreign: reply.text("id"),
        unknown: "ep_00000000000000000000000000000001".to_owned(),
    };
    let path = format!("/v1/webhook-endpoints/{}/test", endpoints.foreign);
    world.send(Method::POST, &path, &theirs, Vec::new()).await;
    world.fan_out().await;
    let reply = world.send(Method::GET, "/v1/deliveries", &theirs, Vec::new()).await;
    let deliveries = Ids {
        foreign: reply.body["deliveries"][0]["id"].as_str().expect("an id").to_owned(),
        unknown: format!("dlv_{}1", "0".repeat(47)),
    };
    let mut covered = BTreeSet::new();
    for (method, route, ids, sent) in [
        (Method::GET, "/auth/v2/session/{id}/status", &sessions, ""),
        (Method::GET, "/auth/v2/session/{id}/decision", &sessions, ""),
        (Method::POST, "/persons/{id}/auth", &persons, body.as_str()),
        (Method::GET, "/persons/{id}/accounts", &persons, ""),
        (Method::DELETE, "/persons/{id}", &persons, ""),
        (Method::GET, "/v1/sessions/{id}", &sessions, ""),
        (Method::GET, "/v1/sessions/{id}/decision", &sessions, ""),
        (Method::GET, "/v1/subjects/{sub}/export", &subjects, ""),
        (Method::DELETE, "/v1/subjects/{sub}", &subjects, ""),
        (Method::POST, "/api/service/data/session/details", &sessions, "{id}"),
        (Method::POST, "/api/service/data/consent/details", &sessions, "{session}"),
        (Method::POST, "/api/service/data/consent/revoke", &sessions, "{session}"),
        (Method::POST, "/api/service/data/accounts/list", &sessions, "{session}"),
        (Method::POST, "/api/service/data/account-balances/list", &sessions, "{session}"),
        (Method::POST, "/api/service/data/transactions/list", &sessions, "{session}"),
        (Method::GET, "/v1/webhook-endpoints/{id}", &endpoints, ""),
        (Method::PATCH, "/v1/webhook-endpoints/{id}", &endpoints, "{\"enabled\":false}"),
        (Method::DELETE, "/v1/webhook-endpoints/{id}", &endpoints, ""),
        (Method::POST, "/v1/webhook-endpoints/{id}/rotate-secret", &endpoints, ""),
        (Method::POST, "/v1/webhook-endpoints/{id}/enable", &endpoints, ""),
        (Method::POST, "/v1/webhook-endpoints/{id}/test", &endpoints, ""),
        (Method::POST, "/v1/webhook-endpoints/{id}/replay", &endpoints, "?after=0"),
        (Method::GET, "/v1/deliveries/{id}", &deliveries, ""),
        (Method::POST, "/v1/deliveries/{id}/retry", &deliveries, ""),
        (Method::POST, "/api/service/webhook-subscription/update", &endpoints, "{id}"),
        (Method::POST, "/api/service/webhook-subscription/delete", &endpoints, "{id}"),
        (Method::POST, "/api/service/webhook-subscription/ping", &endpoints, "{id}"),
        (Method::POST, "/api/service/webhook/trigger", &deliveries, "{id}"),
    ] {
        covered.insert(route);
        let ask = async |id: &str| {
            let query = if sent.starts_with('?') { sent } else { "" };
            let sent = sent.trim_start_matches(query);
            let sent = sent.replace("{id}", &json!({ "id": id }).to_string());
            let sent = sent.replace("{session}", &json!({ "sessionId": id }).to_string());
            let route = route.replace("{id}", id).replace("{sub}", id);
            let path = format!("{route}{query}");
            let reply = world.send(method.clone(), &path, &mine, sent.into_bytes()).await;
            (reply.status, reply.text)
        };
        let (foreign, unknown) = (ask(&ids.foreign).await, ask(&ids.unknown).await);
        assert_eq!(foreign, unknown, "{route}");
        assert_eq!(foreign.0, 404, "{route}");
        assert!(!foreign.1.contains(&ids.foreign), "{route} repeats the id");
    }
    assert_every_route_is_covered(&world, &covered);
    let left = [("/persons/{id}/accounts", &persons), ("/v1/subjects/{id}/export", &subjects)];
    for (route, ids) in left {
        let path = route.replace("{id}", &ids.foreign);
        let reply = world.send(Method::GET, &path, &theirs, Vec::new()).await;
        assert_eq!(reply.status, 200, "{route}: nobody else erased it");
    }
}

/// A new route with a parameter is covered here, or says why not.
fn assert_every_route_is_covered(world: &World, covered: &BTreeSet<&str>) {
    for function in &world.system.template().functions {
        for event in &function.events {
            let Event::Route(route) = event else { continue };
            let shown = route.to_string();
            let path = shown.split(' ').next_back().unwrap_or_default();
            let path = match path.strip_suffix("/{proxy+}") {
                Some(plain) if !shown.starts_with("ANY ") => plain,
                _ => path,
            };
            let excused = NO_TENANT_ID.iter().any(|(excused, _)| *excused == path);
            let plain = !path.contains('{');
            assert!(plain || excused || covered.contains(path), "{path} has no twin");
        }
    }
}

#[tokio::test]
async fn nobody_lists_another_s_sessions() {
    let world = World::new().await;
    let other = world.tenant("Other Shop").await;
    let (_, link) = world.session("r", "john.doe@example.com").await;
    world.returned(&link, "john-doe").await;
    world.work().await;
    let asked = json!({ "externalUserEmail": "john.doe@example.com" });
    let mine = world.post("/api/service/data/session/list", &asked).await;
    assert_eq!(mine.body["count"], 1);
    let theirs = [("x-api-key", &**other.key.text().expose())];
    let body = asked.to_string().into_bytes();
    let reply = world.send(Method::POST, "/api/service/data/session/list", &theirs, body).await;
    assert_eq!(reply.body["dataSessions"], json!([]));
}

#[tokio::test]
async fn a_cursor_is_of_one_tenant() {
    let world = World::new().await;
    let other = world.tenant("Other Shop").await;
    for n in 0..3 {
        let (_, link) = world.session(&format!("r{n}"), "john.doe@example.com").await;
        world.returned(&link, "john-doe").await;
        world.work().await;
        world.advance(jiff::SignedDuration::from_secs(1));
    }
    let list = "/api/service/data/session/list";
    let mut asked = json!({ "externalUserEmail": "john.doe@example.com", "limit": 2 });
    let first = world.post(list, &asked).await;
    assert_eq!((&first.body["count"], &first.body["hasNext"]), (&json!(2), &json!(true)));
    asked["cursor"] = first.body["cursor"].clone();
    let second = world.post(list, &asked).await;
    assert_eq!((&second.body["count"], &second.body["hasNext"]), (&json!(1), &json!(false)));
    assert_eq!(second.body["dataSessions"][0]["referenceId"], "r0");
    let theirs = [("x-api-key", &**other.key.text().expose())];
    let reply = world.send(Method::POST, list, &theirs, asked.to_string().into_bytes()).await;
    assert_eq!(reply.status, 400, "{}", reply.text);
}
