//! The gateway: events as API Gateway makes them, answers as it reads them, its own refusals.

use countersign::{InvokeError, System};
use reqwest::{Client, Response};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::{Seen, one, start};

const TEMPLATE: &str = r#"
Resources:
  Front:
    Type: AWS::Serverless::Function
    Metadata: { BuildProperties: { Binary: front } }
    Properties:
      Events:
        Item: { Type: HttpApi, Properties: { Method: ANY, Path: "/items/{id}" } }
        Plain: { Type: HttpApi, Properties: { Method: GET, Path: /plain } }
        Post: { Type: HttpApi, Properties: { Method: POST, Path: /plain } }
"#;

fn client() -> Client {
    Client::builder().no_proxy().build().expect("a client")
}

async fn answered(answer: Result<Value, InvokeError>) -> Response {
    let system = start(TEMPLATE, one("front", move |_| answer.clone())).await;
    let url = system.base_url().join("plain").expect("a URL");
    let response = client().get(url).send().await.expect("an answer");
    system.stop().await;
    response
}

/// Sends raw text and reads all that comes back.
async fn raw(system: &System, request: &str) -> String {
    let address = system.base_url().socket_addrs(|| None).expect("an address")[0];
    let mut stream = tokio::net::TcpStream::connect(address).await.expect("it listens");
    stream.write_all(request.as_bytes()).await.expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("it answers");
    answer
}

/// The event that a raw request becomes, without what differs every time.
async fn event(request: &str) -> Value {
    let seen = Seen::default();
    let toy = seen.clone();
    let functions = one("front", move |event| {
        toy.push(event);
        Ok(json!({ "statusCode": 204 }))
    });
    let system = start(TEMPLATE, functions).await;
    let answer = raw(&system, request).await;
    system.stop().await;
    assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
    let mut event = seen.take().remove(0);
    let context = &mut event["requestContext"];
    assert!(context["timeEpoch"].as_i64().is_some_and(|ms| ms > 1_700_000_000_000));
    assert!(context["time"].as_str().is_some_and(|time| time.ends_with(" +0000")));
    for name in ["requestId", "time", "timeEpoch"] {
        context[name] = json!(name);
    }
    event["headers"]["x-forwarded-port"] = json!("port");
    event
}

#[tokio::test]
async fn a_request_becomes_the_event_of_api_gateway() {
    let request = "POST /items/a%20%C3%BC?x=1&y=a%26b&x=2&z HTTP/1.1\r\nHost: api.example.com\r\n\
        Content-Type: application/json\r\nX-Many: one\r\nx-many: two\r\nCookie: a=1; b=2\r\n\
        Cookie: c=3\r\nUser-Agent: toy/1\r\nX-Forwarded-For: 203.0.113.7\r\n\
        X-Forwarded-Proto: https\r\nContent-Length: 7\r\nConnection: close\r\n\r\n{\"a\":1}";
    insta::assert_json_snapshot!(event(request).await);
}

#[tokio::test]
async fn a_bare_request_has_no_empty_members() {
    let request = "GET /plain HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    insta::assert_json_snapshot!(event(request).await);
}

#[tokio::test]
async fn only_text_comes_as_text() {
    for (kind, body, told, encoded) in [
        ("Content-Type: application/json", "{}", "{}", false),
        ("Content-Type: Application/JSON; charset=utf-8", "{}", "{}", false),
        ("Content-Type: text/plain", "a", "a", false),
        ("Content-Type: application/xml", "a", "a", false),
        ("Content-Type: application/x-www-form-urlencoded", "a=b", "YT1i", true),
        ("Content-Type: application/octet-stream", "a", "YQ==", true),
        ("X-Other: y", "{}", "e30=", true),
    ] {
        let length = body.len();
        let request = format!(
            "POST /plain HTTP/1.1\r\nHost: a\r\n{kind}\r\nContent-Length: {length}\r\n\
             Connection: close\r\n\r\n{body}"
        );
        let event = event(&request).await;
        assert_eq!(
            (&event["body"], &event["isBase64Encoded"]),
            (&json!(told), &json!(encoded)),
            "{kind}"
        );
    }
}

#[tokio::test]
async fn a_path_is_told_decoded() {
    for (target, path, id) in [
        ("/items/plain", "/items/plain", "plain"),
        ("/items/a%2Fb", "/items/a/b", "a/b"),
        ("/items/a%3Fb?c", "/items/a", "a?b"),
        ("/items/100%25", "/items/100%", "100%"),
        ("/items/a+b", "/items/a+b", "a+b"),
    ] {
        let event =
            event(&format!("GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")).await;
        assert_eq!(event["rawPath"], path, "{target}");
        assert_eq!(event["pathParameters"]["id"], id, "{target}");
    }
}

#[tokio::test]
async fn an_answer_becomes_a_response() {
    let answer = json!({
        "statusCode": 303,
        "headers": { "location": "https://example.com/", "x-both": "lost", "content-length": "99" },
        "multiValueHeaders": { "x-both": ["one", "two"] },
        "cookies": ["a=1; Path=/", "b=2"],
        "body": "aGFsbG8=",
        "isBase64Encoded": true,
    });
    let system = start(TEMPLATE, one("front", move |_| Ok(answer.clone()))).await;
    let request = "GET /plain HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    let answer = raw(&system, request).await;
    system.stop().await;
    assert!(answer.starts_with("HTTP/1.1 303 See Other\r\n"), "{answer}");
    for line in [
        "location: https://example.com/",
        "x-both: one",
        "x-both: two",
        "set-cookie: a=1; Path=/",
        "set-cookie: b=2",
        "content-length: 5",
        "apigw-requestid: ",
    ] {
        assert!(answer.contains(&format!("\r\n{line}")), "{line}\n{answer}");
    }
    assert!(!answer.contains("lost") && answer.ends_with("\r\n\r\nhallo"), "{answer}");
}

#[tokio::test]
async fn an_answer_without_a_status_is_a_body() {
    for answer in [json!({ "a": 1 }), json!("text"), json!(null), json!([1])] {
        let response = answered(Ok(answer.clone())).await;
        assert_eq!(response.status(), 200, "{answer}");
        assert_eq!(response.headers()["content-type"], "application/json");
        assert_eq!(response.text().await.expect("a body"), answer.to_string());
    }
}

#[tokio::test]
async fn an_answer_that_is_none_is_an_internal_error() {
    for answer in [
        Ok(json!({ "statusCode": "200" })),
        Ok(json!({ "statusCode": 99 })),
        Ok(json!({ "statusCode": 70_000 })),
        Ok(json!({ "statusCode": 200, "body": {} })),
        Ok(json!({ "statusCode": 200, "body": "*", "isBase64Encoded": true })),
        Ok(json!({ "statusCode": 200, "headers": { "a b": "c" } })),
        Ok(json!({ "statusCode": 200, "headers": { "a": "b\r\nc: d" } })),
        Err(InvokeError::Failed("secret detail".to_owned())),
    ] {
        let response = answered(answer.clone()).await;
        assert_eq!(response.status(), 500, "{answer:?}");
        let body = response.text().await.expect("a body");
        assert_eq!(body, r#"{"message":"Internal Server Error"}"#);
    }
}

#[tokio::test]
async fn a_panic_ends_one_request_only() {
    let functions = one("front", |event| match event["rawPath"].as_str() {
        Some("/plain") => panic!("a toy panics"),
        _ => Ok(json!("alive")),
    });
    let system = start(TEMPLATE, functions).await;
    for (path, status) in [("plain", 500), ("items/1", 200), ("plain", 500), ("items/1", 200)] {
        let url = system.base_url().join(path).expect("a URL");
        let response = client().get(url).send().await.expect("an answer");
        assert_eq!(response.status(), status, "{path}");
    }
    system.stop().await;
}

#[tokio::test]
async fn the_gateway_refuses_in_its_own_words() {
    let long = "x".repeat(10_240);
    let huge = "x".repeat(70_000);
    let many = "a: b\r\n".repeat(101);
    let close = "Connection: close\r\n\r\n";
    let body = "x".repeat(1_024 * 1_024 + 1);
    let length = body.len();
    let system = start(TEMPLATE, one("front", |_| Ok(json!("fine")))).await;
    for (request, status, message) in [
        (format!("GET /plain HTTP/1.1\r\nHost: a\r\n{close}"), 200, "fine"),
        (format!("GET /nothing HTTP/1.1\r\nHost: a\r\n{close}"), 404, r#"{"message":"Not Found"}"#),
        (format!("PUT /plain HTTP/1.1\r\nHost: a\r\n{close}"), 404, r#"{"message":"Not Found"}"#),
        (format!("GET /plain/ HTTP/1.1\r\nHost: a\r\n{close}"), 404, r#"{"message":"Not Found"}"#),
        (
            format!("GET /items/%zz HTTP/1.1\r\nHost: a\r\n{close}"),
            400,
            r#"{"message":"Bad Request"}"#,
        ),
        (
            format!("GET /plain HTTP/1.1\r\nHost: a b\r\n{close}"),
            400,
            r#"{"message":"Bad Request"}"#,
        ),
        (
            format!("GET /plain HTTP/1.1\r\nHost: a/b\r\n{close}"),
            400,
            r#"{"message":"Bad Request"}"#,
        ),
        (
            format!("GET /plain HTTP/1.1\r\nHost: a\r\nHost: b\r\n{close}"),
            400,
            r#"{"message":"Bad Request"}"#,
        ),
        (
            format!("GET /plain HTTP/1.1\r\nHost: a\r\nX: {long}\r\n{close}"),
            431,
            r#"{"message":"Request Header Fields Too Large"}"#,
        ),
        (
            format!("GET /plain?{long} HTTP/1.1\r\nHost: a\r\n{close}"),
            431,
            r#"{"message":"Request Header Fields Too Large"}"#,
        ),
        (format!("GET /plain HTTP/1.1\r\nHost: a\r\nX: {huge}\r\n{close}"), 431, ""),
        (format!("GET /plain HTTP/1.1\r\nHost: a\r\n{many}{close}"), 431, ""),
        (
            format!("POST /plain HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n{body}"),
            413,
            r#"{"message":"Payload Too Large"}"#,
        ),
        (
            "POST /plain HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n".to_owned(),
            413,
            r#"{"message":"Payload Too Large"}"#,
        ),
        ("nonsense\r\n\r\n".to_owned(), 400, ""),
    ] {
        let answer = raw(&system, &request).await;
        let head = request.get(..60).unwrap_or(&request);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{head}\n{answer}");
        assert!(answer.contains(message), "{head}\n{answer}");
    }
    system.stop().await;
}

#[tokio::test]
async fn a_head_of_exactly_the_limit_passes() {
    let system = start(TEMPLATE, one("front", |_| Ok(json!("fine")))).await;
    for (bytes, status) in [(10_240, 200), (10_241, 431)] {
        let head = "GET /plain HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX: \r\n";
        let filler = "x".repeat(bytes - head.len());
        let request = head.replace("X: ", &format!("X: {filler}"));
        let answer = raw(&system, &format!("{request}\r\n")).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{bytes}\n{answer}");
    }
    system.stop().await;
}

#[tokio::test]
async fn stopping_waits_for_the_answer_under_way() {
    let (begun, mut beginning) = tokio::sync::mpsc::unbounded_channel();
    let gate = std::sync::Arc::new(tokio::sync::Notify::new());
    let opened = std::sync::Arc::clone(&gate);
    let functions = countersign::Functions::new().with("front", move |_, _| {
        Ok(std::sync::Arc::new(move |_| {
            let (begun, opened) = (begun.clone(), std::sync::Arc::clone(&opened));
            Box::pin(async move {
                begun.send(()).expect("the test listens");
                opened.notified().await;
                Ok(json!("done"))
            })
        }))
    });
    let system = start(TEMPLATE, functions).await;
    let url = system.base_url().join("plain").expect("a URL");
    let asking = tokio::spawn(client().get(url).send());
    beginning.recv().await.expect("the call begins");
    let stopping = tokio::spawn(system.stop());
    gate.notify_one();
    let response = asking.await.expect("no panic").expect("an answer");
    assert_eq!(response.text().await.expect("a body"), "\"done\"");
    stopping.await.expect("it stops");
}
