//! A subject's data, handed out and erased: `/v1/subjects`, which is ours.
//!
//! The export is for people: everything that is stored, in plain words, nothing encoded. Secrets that
//! only open doors, such as codes and tokens of a visit under way, say nothing about the person and
//! are left out.

mod render;

use jiff::Timestamp;
use model::ids::{SessionId, SubjectId};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

pub use render::{person, session};

use crate::decision::DecisionShape;
use crate::json::Members;
use crate::problem::Problem;

/// The most sessions in one answer: with their statements, they must fit the gateway's 6 MB.
pub const SESSIONS_MAX: i64 = 20;

/// Reads the query: after which session, and how many.
///
/// # Errors
/// A [`Problem`] that names the parameter.
pub fn stretch(query: &Members) -> Result<(Option<SessionId>, usize), Problem> {
    let limit = query.integer("limit", 1..=SESSIONS_MAX)?.unwrap_or(SESSIONS_MAX);
    let after = query.text("cursor")?.map(str::parse).transpose();
    let after = after.map_err(|_| query.refuse("cursor", "`next` of the answer before"))?;
    Ok((after, usize::try_from(limit).unwrap_or(1)))
}

/// Everything stored about a subject, a stretch of sessions at a time.
#[derive(Serialize, JsonSchema)]
pub struct SubjectExport {
    /// The subject.
    pub subject: String,
    /// When this was put together.
    pub exported_at: String,
    /// Sessions, oldest first.
    pub sessions: Vec<ExportedSession>,
    /// Persons; on the first stretch only.
    pub persons: Vec<ExportedPerson>,
    /// The `cursor` of the next stretch; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A session.
#[derive(Serialize, JsonSchema)]
pub struct ExportedSession {
    id: String,
    number: u64,
    /// `ivy`, `pentadata` or `didit`.
    contract: &'static str,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    person_id: Option<u64>,
    /// What was asked for.
    asked: Vec<&'static str>,
    market: String,
    locale: Option<&'static str>,
    created_at: String,
    updated_at: String,
    expires_at: String,
    request: ExportedRequest,
    /// The visit to a bank that is under way.
    #[serde(skip_serializing_if = "Option::is_none")]
    visit: Option<ExportedVisit>,
    /// What the bank said; gone once the consent is revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<ExportedEvidence>,
    /// The claim against it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<DecisionShape<'static>>")]
    decision: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<String>,
    /// Balances and transactions.
    #[serde(skip_serializing_if = "Option::is_none")]
    statement: Option<ExportedStatement>,
    /// What happened, in order.
    events: Vec<ExportedEvent>,
}

/// What the tenant sent along.
#[derive(Serialize, JsonSchema)]
struct ExportedRequest {
    reference: Option<String>,
    user_reference: Option<String>,
    user_email: Option<String>,
    user_phone: Option<String>,
    user_metadata: Map<String, Value>,
    claim: Option<ExportedClaim>,
    vendor_data: Option<String>,
    display_id: Option<String>,
    metadata: Map<String, Value>,
    success_url: Option<String>,
    error_url: Option<String>,
    result_url: Option<String>,
    bank: Option<String>,
    prefill_email: Option<String>,
    may_choose_bank: bool,
}

/// What the tenant said the person is.
#[derive(Serialize, JsonSchema)]
struct ExportedClaim {
    name: String,
    /// As one line, or by parts.
    address: Option<Value>,
    birth_date: Option<String>,
    iban: Option<String>,
}

/// A visit to a bank.
#[derive(Serialize, JsonSchema)]
struct ExportedVisit {
    bank: String,
    /// The person's address on the network.
    ip_address: Option<String>,
    user_agent: Option<String>,
    started_at: Option<String>,
}

/// What a bank said.
#[derive(Serialize, JsonSchema)]
struct ExportedEvidence {
    /// The session in which it was said.
    session: String,
    bank: String,
    bank_name: String,
    fetched_at: String,
    holders: Vec<ExportedHolder>,
    accounts: Vec<ExportedAccount>,
}

/// A holder.
#[derive(Serialize, JsonSchema)]
struct ExportedHolder {
    name: String,
    birth_date: Option<String>,
    address: Option<ExportedAddress>,
    email: Option<String>,
    phone: Option<String>,
}

/// A postal address.
#[derive(Serialize, JsonSchema)]
struct ExportedAddress {
    line1: Option<String>,
    line2: Option<String>,
    city: Option<String>,
    postal_code: Option<String>,
    region: Option<String>,
    country: Option<String>,
}

/// An account.
#[derive(Serialize, JsonSchema)]
struct ExportedAccount {
    id: String,
    name: Option<String>,
    holder: Option<String>,
    iban: Option<String>,
    bban: Option<String>,
    bic: Option<String>,
    currency: String,
}

/// Balances and transactions.
#[derive(Serialize, JsonSchema)]
struct ExportedStatement {
    fetched_at: String,
    balances: Vec<ExportedBalance>,
    transactions: Vec<ExportedTransaction>,
    /// Whether the bank had more.
    truncated: bool,
}

/// A balance.
#[derive(Serialize, JsonSchema)]
struct ExportedBalance {
    account: String,
    /// `booked`, `available` or `other`.
    kind: &'static str,
    /// A decimal string.
    amount: String,
    currency: String,
    stated_at: Option<String>,
}

/// A transaction.
#[derive(Serialize, JsonSchema)]
struct ExportedTransaction {
    id: String,
    account: String,
    /// A decimal string, negative where money left.
    amount: String,
    currency: String,
    booked_on: String,
    counterparty: Option<String>,
    description: Option<String>,
}

/// An event.
#[derive(Serialize, JsonSchema)]
struct ExportedEvent {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    occurred_at: String,
}

/// A person.
#[derive(Serialize, JsonSchema)]
pub struct ExportedPerson {
    id: u64,
    email: String,
    first_name: String,
    last_name: String,
    consent: bool,
    last_opt_in: String,
    created_at: String,
    /// What may answer for the person.
    evidence: Vec<ExportedHeld>,
}

/// Evidence that may answer for a person, with the decision made when it came.
#[derive(Serialize, JsonSchema)]
struct ExportedHeld {
    evidence: ExportedEvidence,
    #[schemars(with = "Option<DecisionShape<'static>>")]
    decision: Option<Value>,
}

/// The answer to an erasure.
#[derive(Serialize, JsonSchema)]
pub struct Erased {
    /// The subject.
    pub subject: String,
    /// `pending` while something is left, which is being erased without another call; then `erased`.
    pub status: &'static str,
    /// When nothing was left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub erased_at: Option<String>,
    /// A compact JWS (ES256, `typ: erasure-receipt+jwt`) under a key of `/.well-known/jwks.json`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt: Option<String>,
}

/// Renders an erasure; `done` is when it ended, with its receipt.
#[must_use]
pub fn erased(subject: SubjectId, done: Option<(Timestamp, String)>) -> Erased {
    let status = if done.is_some() { "erased" } else { "pending" };
    let (erased_at, receipt) = done.map(|(at, receipt)| (time(at), receipt)).unzip();
    Erased { subject: subject.to_string(), status, erased_at, receipt }
}

/// RFC 3339 with milliseconds and `Z`.
#[must_use]
pub fn time(at: Timestamp) -> String {
    format!("{at:.3}")
}
