//! The public URL: it is in everything that is handed out, and nothing that a client says is.

use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use countersign::{Options, PublicUrl};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

use crate::support::{Reply, World};

const PUBLIC: &str = "https://verify.example.com";
const FORGED: &str = "evil.example";

async fn world(public_url: PublicUrl) -> World {
    let background = countersign::Background::Step;
    let public_url = Some(public_url);
    World::under(Options { background, public_url, ..Options::default() }).await
}

/// A request with a forged host, in every header that a proxy would say it in.
async fn forged(world: &World, path: &str, authorization: &str, body: Value) -> Reply {
    let forwarded = format!("host={FORGED};proto=https");
    let headers = [
        ("host", FORGED),
        ("x-forwarded-host", FORGED),
        ("x-original-host", FORGED),
        ("forwarded", &*forwarded),
        ("x-ivy-api-key", &*world.key()),
        ("authorization", authorization),
        ("content-type", "application/json"),
    ];
    let given = |(name, value): &(&str, &str)| *name != "authorization" || !value.is_empty();
    let headers: Vec<_> = headers.into_iter().filter(given).collect();
    let method = if body.is_null() { Method::GET } else { Method::POST };
    let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    let reply = world.send(method, path, &headers, body).await;
    for value in reply.headers.values() {
        assert!(!String::from_utf8_lossy(value.as_bytes()).contains(FORGED), "{value:?}");
    }
    reply
}

fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).expect("a JWT");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).expect("base64")).expect("JSON")
}

#[tokio::test]
async fn everything_handed_out_names_the_public_url_and_never_the_host_header() {
    let world = world(PUBLIC.parse().expect("a URL")).await;
    let body = json!({
        "referenceId": "r1", "permissions": ["identity"],
        "externalUser": { "email": "john.doe@example.com" },
    });
    let ivy = forged(&world, "/api/service/data/session/create", "", body).await;
    let link = ivy.text("redirectUrl");
    assert!(link.starts_with(&format!("{PUBLIC}/link/")), "{link}");

    let login = json!({ "email": "developer@example.com", "api_key": world.key() });
    let login = forged(&world, "/subscribers/login", "", login).await;
    let token = login.text("token");
    assert_eq!(claims(&token)["iss"], format!("{PUBLIC}/"));
    let bearer = format!("Bearer {token}");
    let person = json!({ "email": "a@example.com", "first_name": "John", "last_name": "Doe" });
    let person = forged(&world, "/persons", &bearer, person).await;
    let path = format!("/persons/{}/auth", person.body["person_id"]);
    let name = json!({ "first_name": "John", "last_name": "Doe" });
    let auth = forged(&world, &path, &bearer, name).await;
    assert!(auth.text("url").starts_with(&format!("{PUBLIC}/link/")), "{}", auth.text);

    let path = Url::parse(&link).expect("a URL").path().to_owned();
    let page = forged(&world, &path, "", Value::Null).await;
    let cookie = page.headers["set-cookie"].to_str().expect("text");
    assert!(cookie.starts_with("__Host-countersign=") && cookie.contains("Secure"), "{cookie}");
    let cookie = cookie.split(';').next().expect("a value").to_owned();
    let csrf = page.text.split("name=\"csrf\" value=\"").nth(1).expect("a form");
    let csrf = csrf.split('"').next().expect("its value");
    let form = format!("csrf={csrf}&bank=sandbox-bank");
    let headers = [
        ("host", FORGED),
        ("cookie", &*cookie),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let path = format!("{path}/bank");
    let left = world.send(Method::POST, &path, &headers, form.into_bytes()).await;
    let login = left.headers["location"].to_str().expect("text");
    let login = Url::parse(login).expect("a URL");
    assert_eq!(login.origin().ascii_serialization(), PUBLIC);
    let mut asked = login.query_pairs();
    let redirect = asked.find(|(name, _)| name == "redirect_uri").expect("a redirect URI").1;
    assert!(redirect.starts_with(&format!("{PUBLIC}/")), "{redirect}");

    for text in world.answers.lock().expect("no panic here").iter() {
        assert!(!text.contains(FORGED), "{text}");
        let here = world.system.base_url().authority();
        assert!(!text.contains(here), "{text}");
    }
}

/// Passes on what browsers send, as a tunnel does, and notes it.
async fn tunnel() -> (TcpListener, PublicUrl) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    (listener, url.parse().expect("a URL"))
}

async fn pass_on(listener: TcpListener, to: std::net::SocketAddr, seen: Arc<Mutex<Vec<u8>>>) {
    while let Ok((outside, _)) = listener.accept().await {
        let inside = TcpStream::connect(to).await.expect("it listens");
        let (mut from_outside, mut to_outside) = outside.into_split();
        let (mut from_inside, mut to_inside) = inside.into_split();
        let seen = Arc::clone(&seen);
        tokio::spawn(async move { tokio::io::copy(&mut from_inside, &mut to_outside).await });
        tokio::spawn(async move {
            let mut chunk = [0; 4_096];
            while let Ok(count) = from_outside.read(&mut chunk).await {
                seen.lock().expect("no panic here").extend_from_slice(&chunk[..count]);
                if count == 0 || to_inside.write_all(&chunk[..count]).await.is_err() {
                    return;
                }
            }
        });
    }
}

/// A whole verification behind a tunnel. The system reaches its own sandbox bank without it: from
/// inside a container the public URL may lead nowhere.
#[tokio::test]
async fn a_verification_behind_a_tunnel_needs_it_for_the_person_only() {
    let (listener, public_url) = tunnel().await;
    let world = world(public_url.clone()).await;
    let inside = world.system.base_url().socket_addrs(|| None).expect("an address")[0];
    let seen = Arc::new(Mutex::new(Vec::new()));
    tokio::spawn(pass_on(listener, inside, Arc::clone(&seen)));
    let (id, link) = world.session("r1", "john.doe@example.com").await;
    assert!(link.starts_with(public_url.origin()), "{link}");
    world.returned(&link, "john-doe").await;
    world.work().await;
    assert_eq!(world.status(&id).await, "complete");
    let seen = String::from_utf8_lossy(&seen.lock().expect("no panic here")).into_owned();
    assert!(seen.contains(" /link/") && seen.contains("/authorize"), "{seen}");
    for path in ["/v1/consents", "/v1/accounts", "/token", "/.well-known/"] {
        assert!(!seen.contains(path), "{path} went through the tunnel: {seen}");
    }
}
