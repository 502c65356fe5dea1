//! What is left of a tenant's limit, as headers.

use http::HeaderMap;
use http::header::{HeaderName, HeaderValue};

/// What is left of a window of requests.
/// Source: draft-ietf-httpapi-ratelimit-headers-06, section 3, whose three fields clients read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RateLimit {
    /// Requests that one window allows.
    pub limit: u32,
    /// Requests that are left of it.
    pub remaining: u32,
    /// Seconds until the next window.
    pub reset_s: u32,
}

impl RateLimit {
    /// The headers that say so.
    #[must_use]
    pub fn headers(&self) -> HeaderMap {
        let fields = [
            ("ratelimit-limit", self.limit),
            ("ratelimit-remaining", self.remaining),
            ("ratelimit-reset", self.reset_s),
        ];
        let named = |(name, value)| (HeaderName::from_static(name), HeaderValue::from(value));
        fields.map(named).into_iter().collect()
    }
}
