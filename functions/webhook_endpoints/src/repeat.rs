//! Requests that may be repeated: `Idempotency-Key`.

use cloud::{Idempotency, Once};
use http::HeaderValue;
use runtime::{Problem, Reading as _, Response};

use crate::Call;

/// The client's key with the request, both hashed under the tenant's key; nothing where none is sent.
pub(crate) fn key(call: Call<'_>) -> Result<Option<Idempotency>, Problem> {
    let Some(key) = call.request.idempotency_key()? else {
        return Ok(None);
    };
    let hash = |purpose: &str, bytes: &[u8]| cloud::hex(&call.entered.keys.mac(purpose, bytes));
    let route = call.request.uri().path().trim_end_matches('/');
    let sent = [call.request.uri().query().unwrap_or("").as_bytes(), b"\n", call.request.bytes()];
    Ok(Some(Idempotency {
        key_hash: hash("idempotency keys", format!("{route}\n{key}").as_bytes()),
        fingerprint: hash("idempotency fingerprints", &sent.concat()),
    }))
}

/// What the request made before, if it did.
pub(crate) fn before(once: Once) -> Result<Option<String>, Problem> {
    match once {
        Once::Now => Ok(None),
        Once::Before(made) => Ok(Some(made)),
        Once::KeyReused => Err(Problem::idempotency_key_reused()),
    }
}

/// Says in the answer whether it was given before.
pub(crate) fn marked(mut response: Response, replayed: bool) -> Response {
    if replayed {
        response.headers_mut().insert("idempotent-replayed", HeaderValue::from_static("true"));
    }
    response
}
