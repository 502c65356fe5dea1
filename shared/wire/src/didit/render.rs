//! Didit's answers.

use jiff::Timestamp;
use jiff::civil::Date;
use model::request::{Asked, Scope};
use model::session::{Session, Status};
use schemars::JsonSchema;
use serde::Serialize;

use super::user_data::{UserData, user_data};
use crate::shape::{EpochSeconds, Moment, SafeInteger, TenantIdText, UrlText, UuidText};

/// An access token as it was made.
pub struct Token<'a> {
    /// The issuer.
    pub iss: &'a str,
    /// The tenant.
    pub sub: &'a str,
    /// The credential.
    pub client_id: &'a str,
    /// The token.
    pub access_token: &'a str,
    /// When it was made.
    pub issued_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// The answer to `POST /auth/v2/token/` (RFC 6749, section 5.1, and the vendor's own members).
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AccessToken")]
pub struct TokenAnswer<'a> {
    /// The issuer.
    #[schemars(with = "UrlText")]
    iss: &'a str,
    /// When it was made.
    #[schemars(with = "EpochSeconds")]
    iat: i64,
    /// The tenant.
    #[schemars(with = "TenantIdText")]
    sub: &'a str,
    /// The credential.
    client_id: &'a str,
    /// The tenant.
    #[schemars(with = "TenantIdText")]
    organization_id: &'a str,
    /// Seconds until it ends.
    expires_in: i64,
    /// When it ends.
    #[schemars(with = "EpochSeconds")]
    exp: i64,
    /// The token, a JWT (RFC 9068).
    access_token: &'a str,
    /// Always `Bearer`.
    token_type: &'static str,
}

/// Answers `POST /auth/v2/token/`.
#[must_use]
pub fn token<'a>(token: &Token<'a>) -> TokenAnswer<'a> {
    TokenAnswer {
        iss: token.iss,
        iat: token.issued_at.as_second(),
        sub: token.sub,
        client_id: token.client_id,
        organization_id: token.sub,
        expires_in: token.expires_at.as_second() - token.issued_at.as_second(),
        exp: token.expires_at.as_second(),
        access_token: token.access_token,
        token_type: "Bearer",
    }
}

/// The answer to `POST /auth/v2/session/`.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "OpenedScopedSession")]
pub struct Opened<'a> {
    /// The session's id.
    #[schemars(with = "UuidText")]
    session_id: String,
    /// Reads the session's status without a credential.
    session_token: &'a str,
    /// Where to send the person.
    #[schemars(with = "UrlText")]
    url: &'a str,
}

/// Answers create.
#[must_use]
pub fn opened<'a>(session: &Session, link_token: &'a str, link: &'a str) -> Opened<'a> {
    Opened { session_id: session.id.to_string(), session_token: link_token, url: link }
}

/// The answer to `GET …/status/`, in lower case.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ScopedSessionStatus")]
pub struct StatusAnswer {
    /// Where the session stands.
    status: LowerCase,
}

#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum LowerCase {
    Initialized,
    Retrieved,
    Confirmed,
    Declined,
    Expired,
}

/// Answers `/status/`.
#[must_use]
pub const fn status(status: Status) -> StatusAnswer {
    let status = match status {
        Status::Open => LowerCase::Initialized,
        Status::Started | Status::AtBank | Status::Processing => LowerCase::Retrieved,
        Status::Complete => LowerCase::Confirmed,
        Status::Failed | Status::Expired => LowerCase::Expired,
        Status::Cancelled => LowerCase::Declined,
    };
    StatusAnswer { status }
}

/// The answer to `GET …/decision/`.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ScopedSessionDecision")]
pub struct DecisionAnswer<'a> {
    /// The session's id.
    #[schemars(with = "UuidText")]
    session_id: String,
    /// Unique and growing within the tenant.
    #[schemars(with = "SafeInteger")]
    session_number: u64,
    /// Where the session stands.
    status: TitleCase,
    /// What was sent as `vendor_data`.
    vendor_data: Option<&'a str>,
    /// What was asked for; once confirmed, what of it was approved and could be had.
    scope: String,
    /// The data, once confirmed.
    user_data: Option<UserData<'a>>,
    /// When the session was created.
    #[schemars(with = "Moment")]
    created_at: String,
}

#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[schemars(inline)]
enum TitleCase {
    Initialized,
    Retrieved,
    Confirmed,
    Cancelled,
    Expired,
}

/// Answers `/decision/`: the data that were asked for, approved and to be had.
#[must_use]
pub fn decision(session: &Session, status: Status, today: Date) -> DecisionAnswer<'_> {
    let data = session.completion().map(|completion| user_data(session, completion, today));
    let names =
        |scopes: &[Scope]| scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ");
    let scope = match (&data, &session.asked) {
        (Some((had, _)), _) => names(had),
        (None, Asked::Scopes(asked)) => names(asked),
        (None, _) => String::new(),
    };
    DecisionAnswer {
        session_id: session.id.to_string(),
        session_number: session.number,
        status: match status {
            Status::Open => TitleCase::Initialized,
            Status::Started | Status::AtBank | Status::Processing => TitleCase::Retrieved,
            Status::Complete => TitleCase::Confirmed,
            Status::Failed | Status::Expired => TitleCase::Expired,
            Status::Cancelled => TitleCase::Cancelled,
        },
        vendor_data: session.request.expose().vendor_data.as_deref(),
        scope,
        user_data: data.map(|(_, data)| data),
        created_at: session.created_at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
    }
}
