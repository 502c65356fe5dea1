//! `/docs` and `/openapi.yaml`: the API for people, on this machine only.
//!
//! Keeps true: the page asks nobody but the process that serves it; its policy forbids the rest.

use bytes::Bytes;
use serde_json::json;

/// The committed document, as clients read it.
pub const OPENAPI: &str = include_str!("../../openapi.yaml");

/// The renderer brings its styles with it and writes them into the page.
pub(crate) const POLICY: &str = "default-src 'none'; script-src 'self' 'unsafe-inline'; \
                                 style-src 'unsafe-inline'; img-src 'self' data:; \
                                 font-src data:; connect-src 'self'; frame-ancestors 'none'; \
                                 base-uri 'none'";

/// The script of the page.
pub(crate) fn script() -> Bytes {
    let script = scalar_api_reference::get_asset("scalar.js");
    script.expect("the renderer has this file embedded").into()
}

/// The page.
pub(crate) fn reader() -> String {
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
