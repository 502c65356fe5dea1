//! Every refusal: one catalogue, one body that all clients can read.
//!
//! The body is the union of what the three contracts' clients look for. It says what to do, and it
//! never repeats what was sent.

use http::header::{ALLOW, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, StatusCode};
use schemars::JsonSchema;
use serde::Serialize;

use crate::rate_limit::RateLimit;

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    kind: Kind,
    param: Option<String>,
    detail: String,
    internal: Option<String>,
    allow: Option<String>,
}

/// What a client may tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    MalformedJson,
    InvalidMember,
    BodyTooLarge,
    Unauthenticated,
    InvalidClient,
    InvalidTokenRequest,
    UnsupportedGrantType,
    Forbidden,
    NotFound,
    MethodNotAllowed,
    ReferenceInUse,
    NotComplete,
    Ended,
    IdempotencyKeyReused,
    TooManyRequests(RateLimit),
    Internal,
    Unavailable,
}

/// A refusal's body: RFC 9457, and what the three contracts' clients read besides.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Problem")]
pub struct ProblemBody<'a> {
    /// A name for the kind of problem.
    #[serde(rename = "type")]
    kind: String,
    /// The kind in a few words.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What to do, in a sentence.
    detail: &'a str,
    /// The same.
    message: &'a str,
    /// Ivy's code.
    code: &'static str,
    /// Ivy's category.
    category: &'static str,
    /// The member that is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    param: Option<&'a str>,
    /// The kind in a few words.
    #[serde(rename = "devMessage")]
    dev_message: &'static str,
    /// The HTTP status.
    #[serde(rename = "statusCode")]
    status_code: u16,
    /// What to tell the operator.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    /// OAuth 2.0 (RFC 6749, section 5.2), of the token endpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'static str>,
    /// OAuth 2.0, as above.
    #[serde(skip_serializing_if = "Option::is_none")]
    error_description: Option<&'a str>,
}

struct Row {
    status: StatusCode,
    kind: &'static str,
    title: &'static str,
    code: &'static str,
    category: &'static str,
    oauth: Option<&'static str>,
}

const fn row(status: StatusCode, kind: &'static str, title: &'static str) -> Row {
    let (code, category) = match status {
        StatusCode::UNAUTHORIZED => ("UNAUTHENTICATED", "invalid_request_error"),
        StatusCode::FORBIDDEN => ("AUTHORIZATION", "invalid_request_error"),
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => {
            ("NOT_FOUND", "invalid_request_error")
        }
        StatusCode::CONFLICT => ("CONFLICT", "invalid_request_error"),
        StatusCode::UNPROCESSABLE_ENTITY => ("VALIDATION", "idempotency_error"),
        StatusCode::TOO_MANY_REQUESTS => ("TOO_MANY_REQUESTS", "rate_limiting"),
        StatusCode::INTERNAL_SERVER_ERROR => ("INTERNAL_SERVER_ERROR", "api_error"),
        StatusCode::SERVICE_UNAVAILABLE => ("SERVICE_UNAVAILABLE", "api_error"),
        _ => ("VALIDATION", "invalid_request_error"),
    };
    Row { status, kind, title, code, category, oauth: None }
}

impl Kind {
    const fn row(self) -> Row {
        use StatusCode as S;
        match self {
            Self::MalformedJson => row(S::BAD_REQUEST, "malformed_json", "The body is not JSON"),
            Self::InvalidMember => row(S::BAD_REQUEST, "invalid_member", "A member is not valid"),
            Self::BodyTooLarge => {
                row(S::PAYLOAD_TOO_LARGE, "body_too_large", "The body is too large")
            }
            Self::Unauthenticated => {
                row(S::UNAUTHORIZED, "unauthenticated", "The caller is not known")
            }
            Self::InvalidClient => Row {
                oauth: Some("invalid_client"),
                ..row(S::UNAUTHORIZED, "invalid_client", "The client is not known")
            },
            Self::InvalidTokenRequest => Row {
                oauth: Some("invalid_request"),
                ..row(S::BAD_REQUEST, "invalid_request", "The token request is not valid")
            },
            Self::UnsupportedGrantType => Row {
                oauth: Some("unsupported_grant_type"),
                ..row(S::BAD_REQUEST, "unsupported_grant_type", "The grant type is not supported")
            },
            Self::Forbidden => row(S::FORBIDDEN, "forbidden", "This is not allowed"),
            Self::NotFound => row(S::NOT_FOUND, "not_found", "There is no such thing"),
            Self::MethodNotAllowed => {
                row(S::METHOD_NOT_ALLOWED, "method_not_allowed", "The path has other methods")
            }
            Self::ReferenceInUse => row(S::CONFLICT, "reference_in_use", "The reference is in use"),
            Self::NotComplete => row(S::CONFLICT, "not_complete", "The session is not complete"),
            Self::Ended => row(S::CONFLICT, "ended", "The session cannot do this any more"),
            Self::IdempotencyKeyReused => row(
                S::UNPROCESSABLE_ENTITY,
                "idempotency_key_reused",
                "The idempotency key was used for another request",
            ),
            Self::TooManyRequests(_) => {
                row(S::TOO_MANY_REQUESTS, "too_many_requests", "Too many requests")
            }
            Self::Internal => row(S::INTERNAL_SERVER_ERROR, "internal", "Something broke here"),
            Self::Unavailable => {
                row(S::SERVICE_UNAVAILABLE, "unavailable", "Try again in a moment")
            }
        }
    }
}

impl Problem {
    fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self { kind, param: None, detail: detail.into(), internal: None, allow: None }
    }

    /// The body is not JSON; `what` says where and why.
    #[must_use]
    pub fn malformed_json(what: &str) -> Self {
        Self::new(Kind::MalformedJson, format!("Send strict JSON: {what}."))
    }

    /// The body is longer than we read.
    #[must_use]
    pub fn body_too_large(bytes_max: usize) -> Self {
        Self::new(Kind::BodyTooLarge, format!("Send at most {bytes_max} bytes."))
    }

    /// A member breaks its rule: `member` must be `expected`.
    #[must_use]
    pub fn invalid_member(member: &str, expected: &str) -> Self {
        let detail = format!("Member `{member}` must be {expected}.");
        Self { param: Some(member.to_owned()), ..Self::new(Kind::InvalidMember, detail) }
    }

    /// The caller is not known; `what` says what was missing or wrong.
    #[must_use]
    pub fn unauthenticated(what: &str) -> Self {
        Self::new(Kind::Unauthenticated, what)
    }

    /// OAuth 2.0 (RFC 6749, section 5.2): the client is not known.
    #[must_use]
    pub fn invalid_client(what: &str) -> Self {
        Self::new(Kind::InvalidClient, what)
    }

    /// OAuth 2.0 (RFC 6749, section 5.2): what cannot be read is an `invalid_request` at the token
    /// endpoint. What is not the client's fault stays what it is.
    #[must_use]
    pub fn of_token_request(self) -> Self {
        match self.kind {
            Kind::MalformedJson | Kind::InvalidMember => {
                Self { kind: Kind::InvalidTokenRequest, ..self }
            }
            _ => self,
        }
    }

    /// OAuth 2.0 (RFC 6749, section 5.2): only `client_credentials` is served.
    #[must_use]
    pub fn unsupported_grant_type() -> Self {
        Self::new(Kind::UnsupportedGrantType, "Send `grant_type=client_credentials`.")
    }

    /// The tenant is known and may not do this; `what` says why and what to do.
    #[must_use]
    pub fn forbidden(what: &str) -> Self {
        Self::new(Kind::Forbidden, what)
    }

    /// The tenant has used up what one window allows.
    #[must_use]
    pub fn too_many_requests(limit: RateLimit) -> Self {
        let detail = format!(
            "Send at most {} such requests a minute; go on in {} seconds.",
            limit.limit, limit.reset_s
        );
        Self::new(Kind::TooManyRequests(limit), detail)
    }

    /// Unknown, foreign and erased things answer alike.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(Kind::NotFound, "Check the id; this tenant has nothing under it.")
    }

    /// No contract has the path.
    #[must_use]
    pub fn unknown_path() -> Self {
        Self::new(Kind::NotFound, "Check the path; nothing is served under it.")
    }

    /// The path is known, under these methods (RFC 9110, section 15.5.6).
    #[must_use]
    pub fn method_not_allowed(methods: &[&str]) -> Self {
        let allow = methods.join(", ");
        let detail = format!("Use {allow}; the path has no other method.");
        Self { allow: Some(allow), ..Self::new(Kind::MethodNotAllowed, detail) }
    }

    /// Another session of the tenant has the reference.
    #[must_use]
    pub fn reference_in_use() -> Self {
        let problem = Self::new(
            Kind::ReferenceInUse,
            "Send another `referenceId`; this one names an existing session.",
        );
        Self { param: Some("referenceId".to_owned()), ..problem }
    }

    /// The session has no data yet.
    #[must_use]
    pub fn not_complete() -> Self {
        Self::new(
            Kind::NotComplete,
            "Wait until the session is complete: poll its details, or listen for its event.",
        )
    }

    /// The session is past what was asked of it.
    #[must_use]
    pub fn ended() -> Self {
        Self::new(Kind::Ended, "Create a new session; this one has ended.")
    }

    /// The same idempotency key came with another request.
    #[must_use]
    pub fn idempotency_key_reused() -> Self {
        Self::new(
            Kind::IdempotencyKeyReused,
            "Use a new `Idempotency-Key` for a new request; this one belongs to another.",
        )
    }

    /// A bug of ours. `internal` goes to the log and nowhere else.
    #[must_use]
    pub fn internal(internal: impl Into<String>) -> Self {
        let problem = Self::new(Kind::Internal, "Report the `request_id`; retrying will not help.");
        Self { internal: Some(internal.into()), ..problem }
    }

    /// Something we rely on does not answer. `internal` goes to the log and nowhere else.
    #[must_use]
    pub fn unavailable(internal: impl Into<String>) -> Self {
        let problem = Self::new(Kind::Unavailable, "Repeat the request after a second.");
        Self { internal: Some(internal.into()), ..problem }
    }

    /// What to do, in a sentence.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The member that is meant.
    #[must_use]
    pub fn param(&self) -> Option<&str> {
        self.param.as_deref()
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.kind.row().status
    }

    /// The name of the problem, for logs.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.kind.row().kind
    }

    /// What only the log may know.
    #[must_use]
    pub fn internal_message(&self) -> Option<&str> {
        self.internal.as_deref()
    }

    /// The body. What is not found says no `request_id`: it answers byte for byte alike.
    #[must_use]
    pub fn body<'a>(&'a self, request_id: &'a str) -> ProblemBody<'a> {
        let row = self.kind.row();
        ProblemBody {
            kind: format!("urn:countersign:problem:{}", row.kind),
            title: row.title,
            status: row.status.as_u16(),
            detail: &self.detail,
            message: &self.detail,
            code: row.code,
            category: row.category,
            param: self.param.as_deref(),
            dev_message: row.title,
            status_code: row.status.as_u16(),
            request_id: Some(request_id).filter(|_| row.status != StatusCode::NOT_FOUND),
            error: row.oauth,
            error_description: row.oauth.map(|_| &*self.detail),
        }
    }

    /// The headers that go with it.
    #[must_use]
    pub fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        match self.kind {
            Kind::Unauthenticated => {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            Kind::InvalidClient => {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic"));
            }
            Kind::ReferenceInUse | Kind::NotComplete | Kind::Ended => {
                let name = HeaderName::from_static("x-should-retry");
                headers.insert(name, HeaderValue::from_static("false"));
            }
            Kind::TooManyRequests(limit) => {
                headers.insert(RETRY_AFTER, HeaderValue::from(limit.reset_s));
                headers.extend(limit.headers());
            }
            Kind::MethodNotAllowed => {
                let allow = self.allow.as_deref().and_then(|text| text.parse().ok());
                headers.extend(allow.map(|allow: HeaderValue| (ALLOW, allow)));
            }
            Kind::Unavailable => {
                headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
            }
            _ => {}
        }
        headers
    }
}

#[cfg(test)]
mod tests;
