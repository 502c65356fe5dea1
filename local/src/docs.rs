//! `/docs` and `/openapi.yaml`: the API for people, on this machine only.
//!
//! Keeps true: the page asks nobody but the process that serves it; its policy forbids the rest.

use bytes::Bytes;
use http::{HeaderValue, Method, Response, header};
use http_body_util::Full;
use serde_json::json;

/// The committed document, as clients read it.
pub const OPENAPI: &str = include_str!("../../openapi.yaml");

/// The renderer brings its styles with it and writes them into the page.
const POLICY: &str = "default-src 'none'; script-src 'self' 'unsafe-inline'; \
                      style-src 'unsafe-inline'; img-src 'self' data:; font-src data:; \
                      connect-src 'self'; frame-ancestors 'none'; base-uri 'none'";

/// The page at a path of ours; `None` where there is none.
pub(crate) fn page(method: &Method, path: &str) -> Option<Response<Full<Bytes>>> {
    if method != Method::GET {
        return None;
    }
    match path.trim_end_matches('/') {
        "/docs" => Some(answer("text/html; charset=utf-8", reader().into())),
        "/docs/reader.js" => {
            let script = scalar_api_reference::get_asset("scalar.js")?;
            Some(answer("text/javascript; charset=utf-8", script.into()))
        }
        "/openapi.yaml" => Some(answer("application/yaml", Bytes::from_static(OPENAPI.as_bytes()))),
        _ => None,
    }
}

fn reader() -> String {
    let settings = json!({
        "url": "/openapi.yaml",
        "withDefaultFonts": false,
        "telemetry": false,
        "agent": { "disabled": true },
        "mcp": { "disabled": true },
        "hideClientButton": true,
        "showDeveloperTools": "never",
        "metaData": { "title": "Countersign API" },
    });
    scalar_api_reference::scalar_html(&settings, Some("/docs/reader.js"))
}

fn answer(kind: &'static str, body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
