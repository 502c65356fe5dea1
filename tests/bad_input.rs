//! Bad input: refused with a sentence that says what to do, without repeating it, and with nothing
//! written. Adding a case is adding a line to `bad_input.tsv`.

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Reply, World};

const CREATE: &str = "/api/service/data/session/create";

fn path(name: &str) -> &str {
    match name {
        "CREATE" => CREATE,
        "LIST" => "/api/service/data/session/list",
        "DETAILS" => "/api/service/data/session/details",
        "ACCOUNTS" => "/api/service/data/accounts/list",
        "REVOKE" => "/api/service/data/consent/revoke",
        "BANKS" => "/api/service/banks/list",
        "DIDIT" => "/auth/v2/session/",
        "PERSONS" => "/persons",
        "AUTH" => "/persons/1234567890/auth",
        other => panic!("no path is called {other}"),
    }
}

/// The union that every client can read.
fn assert_problem(reply: &Reply, status: u16, part: &str, case: &str) {
    assert_eq!(reply.status, status, "{case}: {}", reply.text);
    for member in ["type", "title", "detail", "message", "code", "category", "devMessage"] {
        assert!(reply.body[member].is_string(), "{case}: {member} in {}", reply.text);
    }
    assert_eq!(reply.body["status"], json!(status), "{case}");
    assert_eq!(reply.body["statusCode"], json!(status), "{case}");
    assert_eq!(reply.body["detail"], reply.body["message"], "{case}");
    assert_eq!(reply.body["request_id"].is_string(), status != 404, "{case}");
    assert!(reply.text("detail").contains(part), "{case}: {}", reply.text("detail"));
    assert!(reply.text("detail").ends_with('.'), "{case}: a whole sentence");
}

#[tokio::test]
async fn every_line_is_refused_and_nothing_is_written() {
    let world = World::new().await;
    // What a first call of any kind makes: keys that are kept, and a block of numbers.
    world.session("warm", "warm@example.com").await;
    let before = kept(&world).await;
    let lines = include_str!("bad_input.tsv").lines().filter(|line| !line.starts_with('#'));
    for line in lines {
        let fields: Vec<&str> = line.split('\t').collect();
        let [name, body, status, part] = fields[..] else { panic!("four fields: {line}") };
        let headers = [("x-api-key", &*world.key())];
        let body = body.as_bytes().to_vec();
        let reply = world.send(Method::POST, path(name), &headers, body).await;
        assert_problem(&reply, status.parse().expect("a status"), part, line);
    }
    assert_eq!(before, kept(&world).await, "nothing was written");
}

/// Everything but how many requests were counted: refused ones count, too.
async fn kept(world: &World) -> Vec<String> {
    let mut items = world.everything().await;
    items.retain(|item| !item.contains("#RATE#"));
    items
}

#[tokio::test]
async fn what_is_too_much_is_refused() {
    let world = World::new().await;
    let long = json!({ "referenceId": "r".repeat(201) });
    let name = json!({ "email": "a@b.co", "first_name": "a".repeat(257), "last_name": "B" });
    let deep = format!("{}1{}", r#"{"a":"#.repeat(33), "}".repeat(33));
    let wide = format!(r#"{{"a":[{}0]}}"#, "0,".repeat(300));
    let large = format!(r#"{{"referenceId":"{}"}}"#, "r".repeat(65 * 1024));
    let pairs: serde_json::Map<_, _> = (0..51).map(|n| (n.to_string(), json!(n))).collect();
    let pairs = json!({ "referenceId": "r", "externalUser": { "metadata": pairs } });
    for (path, body, status, part) in [
        (CREATE, pairs.to_string(), 400, "`externalUser.metadata` must be at most 50 pairs"),
        (CREATE, long.to_string(), 400, "`referenceId` must be 1 to 200 characters"),
        ("/persons", name.to_string(), 400, "`first_name` must be at most 256 characters"),
        (CREATE, deep, 400, "deeper than 32 levels"),
        (CREATE, wide, 400, "more than 256 members"),
        (CREATE, large, 413, "at most 65536 bytes"),
    ] {
        let headers = [("x-api-key", &*world.key())];
        let reply = world.send(Method::POST, path, &headers, body.into_bytes()).await;
        assert_problem(&reply, status, part, path);
    }
}

#[tokio::test]
async fn a_reference_is_used_once() {
    let world = World::new().await;
    world.session("taken", "a@b.co").await;
    let reply = world.post(CREATE, &json!({ "referenceId": "taken" })).await;
    assert_problem(&reply, 409, "another `referenceId`", "taken");
    assert_eq!(reply.headers["x-should-retry"], "false");
}

#[tokio::test]
async fn a_repeated_request_is_the_same_session() {
    let world = World::new().await;
    let key = world.key();
    let headers = [("x-ivy-api-key", &*key), ("idempotency-key", "k1")];
    let body = json!({ "referenceId": "once", "externalUser": { "email": "a@b.co" } }).to_string();
    let first = world.send(Method::POST, CREATE, &headers, body.clone().into_bytes()).await;
    let again = world.send(Method::POST, CREATE, &headers, body.into_bytes()).await;
    assert_eq!((first.status, again.status), (200, 200));
    assert_eq!(first.text, again.text);
    assert_eq!(again.headers["idempotent-replayed"], "true");
    let other = json!({ "referenceId": "twice" }).to_string();
    let reply = world.send(Method::POST, CREATE, &headers, other.into_bytes()).await;
    assert_problem(&reply, 422, "new `Idempotency-Key`", "another request");
    assert_eq!(reply.body["category"], "idempotency_error");
    world.advance(SignedDuration::from_hours(25));
    let other = json!({ "referenceId": "later" }).to_string();
    let reply = world.send(Method::POST, CREATE, &headers, other.into_bytes()).await;
    assert_eq!(reply.status, 200, "a day later the key is free: {}", reply.text);
}

#[tokio::test]
async fn callers_are_told_what_is_wrong_with_their_key() {
    let world = World::new().await;
    let other = world.tenant("Other Shop").await;
    let key = world.key();
    let mistyped = format!("{}x", &key[..key.len() - 1]);
    // A key of the right form that nobody has: another tenant's id with a checksum that fits.
    let unknown = cloud::ApiKey::new(model::tenant::Mode::Test, world.made.tenant.id, [9; 32]);
    let unknown = unknown.text().expose().clone();
    let foreign = other.key.text().expose().clone();
    let basic = "Basic eDp5".to_owned();
    let bearer = |token: &str| format!("Bearer {token}");
    for (name, value, part) in [
        ("x-nothing", "x".to_owned(), "Send an API key"),
        ("x-ivy-api-key", mistyped, "mistyped"),
        ("x-ivy-api-key", "cs_test_".to_owned(), "mistyped"),
        ("x-api-key", unknown, "not known"),
        ("authorization", basic, "Bearer"),
        ("authorization", bearer("x.y.z"), "not one of ours"),
    ] {
        let reply = world.send(Method::POST, CREATE, &[(name, &value)], b"{}".to_vec()).await;
        assert_problem(&reply, 401, part, &value);
        assert!(reply.headers.contains_key("www-authenticate"));
        assert!(!reply.text.contains(&value), "{value} is not repeated");
    }
    let headers = [("x-api-key", &*foreign)];
    let (id, _) = world.session("mine", "a@b.co").await;
    let body = json!({ "id": id }).to_string().into_bytes();
    let reply = world.send(Method::POST, path("DETAILS"), &headers, body).await;
    assert_problem(&reply, 404, "Check the id", "a key of another tenant");
}

/// Logs in and gives access and refresh token.
async fn log_in(world: &World) -> (String, String) {
    let body = json!({ "email": "developer@example.com", "api_key": world.key() });
    let reply = world.post("/subscribers/login", &body).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    (reply.text("token"), reply.text("refresh_token"))
}

async fn with_token(world: &World, method: Method, path: &str, token: &str) -> Reply {
    let bearer = format!("Bearer {token}");
    let body = if method == Method::POST { b"{}".to_vec() } else { Vec::new() };
    world.send(method, path, &[("authorization", &bearer)], body).await
}

#[tokio::test]
async fn tokens_are_checked() {
    let world = World::new().await;
    let (access, refresh) = log_in(&world).await;
    let parts: Vec<&str> = access.split('.').collect();
    let none = format!("eyJhbGciOiJub25lIn0.{}.", parts[1]);
    let altered = format!("{}.{}x.{}", parts[0], parts[1], parts[2]);
    for (token, part) in [
        (none.as_str(), "not one of ours"),
        (altered.as_str(), "not one of ours"),
        (refresh.as_str(), "another kind"),
    ] {
        let reply = with_token(&world, Method::POST, "/persons", token).await;
        assert_problem(&reply, 401, part, token);
    }
    for method in [Method::GET, Method::POST] {
        let reply = with_token(&world, method.clone(), "/subscribers/refresh", &refresh).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        assert!(reply.body["expires"].is_string() && reply.body["userId"].is_u64());
        let reply = with_token(&world, method, "/subscribers/refresh", &access).await;
        assert_problem(&reply, 401, "another kind", "an access token");
    }
    world.advance(SignedDuration::from_hours(25));
    let reply = with_token(&world, Method::POST, "/persons", &access).await;
    assert_problem(&reply, 401, "expired", "a day later");
}

#[tokio::test]
async fn client_credentials_are_checked() {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    let world = World::new().await;
    let (id, key) = (world.made.client_id(), world.key());
    let basic = |id: &str, key: &str| format!(" Basic {}", STANDARD.encode(format!("{id}:{key}")));
    let token = "/auth/v2/token/";
    let form = ("content-type", "application/x-www-form-urlencoded");
    for (authorization, body, status, error) in [
        (basic(id, &key), "grant_type=client_credentials", 200, Value::Null),
        (basic(id, &key), "grant_type=password", 400, json!("unsupported_grant_type")),
        (basic("other", &key), "grant_type=client_credentials", 401, json!("invalid_client")),
        (basic(id, "cs_test_x"), "grant_type=client_credentials", 401, json!("invalid_client")),
        ("Bearer x".to_owned(), "grant_type=client_credentials", 401, json!("invalid_client")),
    ] {
        let headers = [("authorization", authorization.trim_start()), form];
        let reply = world.send(Method::POST, token, &headers, body.as_bytes().to_vec()).await;
        assert_eq!((reply.status, &reply.body["error"]), (status, &error), "{}", reply.text);
        assert_eq!(reply.headers["cache-control"], "no-store");
        if status == 401 {
            assert_eq!(reply.headers["www-authenticate"], "Basic");
        }
    }
}
