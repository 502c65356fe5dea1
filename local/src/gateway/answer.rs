//! A function's answer as a response.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue, SET_COOKIE};
use http::{HeaderMap, Response, StatusCode};
use http_body_util::Full;
use serde_json::{Map, Value};

use super::Answered;

/// What the gateway says itself, in API Gateway's words.
pub(super) fn refusal(status: StatusCode) -> Answered {
    let reason = status.canonical_reason().unwrap_or("Error");
    let body = serde_json::json!({ "message": reason }).to_string();
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if status == StatusCode::PAYLOAD_TOO_LARGE || status == StatusCode::REQUEST_TIMEOUT {
        // The rest of the body is not read, so nothing else can follow on this connection.
        headers.insert(http::header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// The response that an answer describes; nothing where it describes none.
pub(super) fn response(answer: &Value, request_id: &str) -> Option<Answered> {
    let mut response = match answer.get("statusCode") {
        Some(status) => described(status, answer)?,
        None => inferred(answer),
    };
    if let Ok(id) = HeaderValue::from_str(request_id) {
        response.headers_mut().insert("apigw-requestid", id);
    }
    Some(response)
}

/// An answer that names no status is the body of a good one.
fn inferred(answer: &Value) -> Answered {
    let mut response = Response::new(Full::new(Bytes::from(answer.to_string())));
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

fn described(status: &Value, answer: &Value) -> Option<Answered> {
    let status = status.as_u64().and_then(|status| u16::try_from(status).ok())?;
    let mut response = Response::new(Full::new(body(answer)?));
    *response.status_mut() = StatusCode::from_u16(status).ok()?;
    *response.headers_mut() = headers(answer)?;
    Some(response)
}

fn body(answer: &Value) -> Option<Bytes> {
    let text = match answer.get("body") {
        None | Some(Value::Null) => return Some(Bytes::new()),
        Some(body) => body.as_str()?,
    };
    match answer.get("isBase64Encoded").and_then(Value::as_bool) {
        Some(true) => STANDARD.decode(text).ok().map(Bytes::from),
        _ => Some(Bytes::from(text.to_owned())),
    }
}

fn headers(answer: &Value) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    for (name, values) in members(answer, "multiValueHeaders") {
        for value in values.as_array()? {
            add(&mut headers, name, value)?;
        }
    }
    for (name, value) in members(answer, "headers") {
        // Where a name is in both maps, the one with all its values has it.
        if !headers.contains_key(name.as_str()) {
            add(&mut headers, name, value)?;
        }
    }
    for cookie in answer.get("cookies").and_then(Value::as_array).into_iter().flatten() {
        headers.append(SET_COOKIE, HeaderValue::from_str(cookie.as_str()?).ok()?);
    }
    // Lengths and framing are the gateway's: a wrong one would cut the answer short.
    headers.remove(http::header::CONTENT_LENGTH);
    headers.remove(http::header::TRANSFER_ENCODING);
    Some(headers)
}

fn members<'a>(answer: &'a Value, name: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    let members = answer.get(name).and_then(Value::as_object);
    members.into_iter().flat_map(Map::iter)
}

fn add(headers: &mut HeaderMap, name: &str, value: &Value) -> Option<()> {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
    headers.append(name, HeaderValue::from_str(&text).ok()?);
    Some(())
}
