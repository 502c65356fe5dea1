//! A request as API Gateway's HTTP API tells it to a function: payload format 2.0.
//!
//! Paths are decoded, queries are told raw and decoded, headers of one name are joined by commas,
//! cookies leave the headers, and only text comes as text: a form comes in base64, as on AWS.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{CONTENT_TYPE, COOKIE, HOST, USER_AGENT};
use http::request::Parts;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::Ends;
use crate::route::Route;
use crate::template::ACCOUNT;

/// A request whose route is known.
pub(super) struct Described<'a> {
    pub(super) head: &'a Parts,
    pub(super) host: &'a str,
    pub(super) ends: Ends,
    pub(super) path: &'a [String],
    pub(super) route: &'a Route,
}

/// The host that the client asked for; nothing where it is no host. On AWS only real ones arrive.
pub(super) fn host(head: &Parts, ends: Ends) -> Option<String> {
    let mut given = head.headers.get_all(HOST).iter();
    let host = match (given.next(), given.next()) {
        (Some(host), None) => host.to_str().ok()?.to_owned(),
        (None, _) => ends.local.to_string(),
        (Some(_), Some(_)) => return None,
    };
    let parsed = url::Url::parse(&format!("http://{host}/")).ok()?;
    let plain = parsed.path() == "/" && parsed.username().is_empty() && parsed.query().is_none();
    (plain && parsed.has_host()).then_some(host)
}

/// The event, and the request's id.
pub(super) fn build(
    request: &Described<'_>,
    parameters: BTreeMap<String, String>,
    body: &[u8],
) -> (Value, String) {
    let head = request.head;
    let request_id = uuid::Uuid::new_v4().to_string();
    let query = head.uri.query().unwrap_or_default();
    // The gateway decodes the path and then cuts it where a question mark came out.
    let path = format!("/{}", request.path.join("/"));
    let path = path.split('?').next().unwrap_or_default();
    let mut event = Map::new();
    event.insert("version".to_owned(), json!("2.0"));
    event.insert("routeKey".to_owned(), json!(request.route.to_string()));
    event.insert("rawPath".to_owned(), json!(path));
    event.insert("rawQueryString".to_owned(), json!(query));
    let cookies = cookies(head);
    if !cookies.is_empty() {
        event.insert("cookies".to_owned(), json!(cookies));
    }
    event.insert("headers".to_owned(), json!(headers(request)));
    if !query.is_empty() {
        event.insert("queryStringParameters".to_owned(), json!(joined(query)));
    }
    event.insert("requestContext".to_owned(), context(request, path, &request_id));
    if !parameters.is_empty() {
        event.insert("pathParameters".to_owned(), json!(parameters));
    }
    let text = std::str::from_utf8(body).ok().filter(|_| is_text(head));
    if !body.is_empty() {
        let told = text.map_or_else(|| STANDARD.encode(body), str::to_owned);
        event.insert("body".to_owned(), json!(told));
    }
    let encoded = !body.is_empty() && text.is_none();
    event.insert("isBase64Encoded".to_owned(), json!(encoded));
    (Value::Object(event), request_id)
}

fn context(request: &Described<'_>, path: &str, request_id: &str) -> Value {
    let now = Timestamp::now();
    let name = request.host.split(':').next().unwrap_or_default();
    let agent = request.head.headers.get(USER_AGENT);
    let agent = agent.map(|agent| String::from_utf8_lossy(agent.as_bytes()).into_owned());
    json!({
        "accountId": ACCOUNT,
        "apiId": "local",
        "domainName": request.host,
        "domainPrefix": name.split('.').next(),
        "http": {
            "method": request.head.method.as_str(),
            "path": path,
            "protocol": "HTTP/1.1",
            "sourceIp": request.ends.peer.ip().to_string(),
            "userAgent": agent.unwrap_or_default(),
        },
        "requestId": request_id,
        "routeKey": request.route.to_string(),
        "stage": "$default",
        "time": now.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string(),
        "timeEpoch": now.as_millisecond(),
    })
}

fn cookies(head: &Parts) -> Vec<String> {
    let sent = head.headers.get_all(COOKIE).iter();
    let texts = sent.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let split = |text: String| {
        let cookies = text.split(';').map(str::trim).filter(|cookie| !cookie.is_empty());
        cookies.map(str::to_owned).collect::<Vec<_>>()
    };
    texts.flat_map(split).collect()
}

fn headers(request: &Described<'_>) -> BTreeMap<String, String> {
    let mut told: BTreeMap<String, String> = BTreeMap::new();
    let mut add = |name: &str, value: &str| {
        let joined = told.entry(name.to_owned()).or_default();
        if !joined.is_empty() {
            joined.push(',');
        }
        joined.push_str(value);
    };
    for (name, value) in &request.head.headers {
        if name != COOKIE {
            add(name.as_str(), &String::from_utf8_lossy(value.as_bytes()));
        }
    }
    add("x-forwarded-for", &request.ends.peer.ip().to_string());
    // The gateway says these itself, whatever the client claims.
    told.insert("host".to_owned(), request.host.to_owned());
    told.insert("x-forwarded-port".to_owned(), request.ends.local.port().to_string());
    told.insert("x-forwarded-proto".to_owned(), "http".to_owned());
    told
}

fn joined(query: &str) -> BTreeMap<String, String> {
    let mut told: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        told.entry(name.into_owned())
            .and_modify(|all| *all = format!("{all},{value}"))
            .or_insert_with(|| value.clone().into_owned());
    }
    told
}

fn is_text(head: &Parts) -> bool {
    let kind = head.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or_default().split(';').next().unwrap_or_default();
    let kind = kind.trim().to_ascii_lowercase();
    let texts = ["application/json", "application/javascript", "application/xml"];
    kind.starts_with("text/") || texts.contains(&kind.as_str())
}
