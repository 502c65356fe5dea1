//! A session with all there is to know, in one shape, whichever contract it came through.
//!
//! Of the evidence stands here what the person agreed to hand over, and no more.

use model::claim::{Claim, ClaimedAddress};
use model::request::{Asked, BankChoice};
use model::session::{Door, Session, State, Status};
use model::tenant::MatchingPolicy;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::evidence::{AddressShape, EvidenceShape, address, evidence};
use crate::decision::{self, DecisionShape};
use crate::shape::{
    AnyObject, BankIdText, Day, LocaleText, MarketText, Moment, SafeInteger, SubjectIdText,
    UrlText, UuidText,
};

/// A session.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Session")]
pub struct SessionShape<'a> {
    /// The session's id.
    #[schemars(with = "UuidText")]
    id: String,
    /// Unique and growing within the tenant.
    #[schemars(with = "SafeInteger")]
    number: u64,
    /// Through which contract it came.
    contract: Contract,
    /// Where it stands.
    status: StatusWord,
    /// Why it failed.
    failure_reason: Option<&'static str>,
    /// About whom; stable for the tenant, through every contract.
    #[schemars(with = "SubjectIdText")]
    subject: String,
    /// Pentadata: the person it was started for.
    #[schemars(with = "Option<SafeInteger>")]
    person_id: Option<u64>,
    /// The tenant's name for the session.
    reference_id: Option<&'a str>,
    /// The tenant's own user.
    external_user: User<'a>,
    /// What was asked for.
    asked: AskedShape,
    /// What the person agreed to, once at the bank.
    approved: Option<AskedShape>,
    /// Whose banks are offered first.
    #[schemars(with = "MarketText")]
    market: &'a str,
    /// The language of the hosted pages.
    #[schemars(with = "Option<LocaleText>")]
    locale: Option<&'static str>,
    /// The bank that was chosen, by the person or by the tenant.
    #[schemars(with = "Option<BankIdText>")]
    bank_id: Option<&'a str>,
    /// Whether the tenant keeps the person at its bank.
    bank_is_fixed: bool,
    /// What the tenant says the person is.
    claim: Option<ClaimShape<'a>>,
    /// What was sent along.
    #[schemars(with = "AnyObject")]
    metadata: &'a Map<String, Value>,
    /// Didit: `vendor_data`.
    vendor_data: Option<&'a str>,
    /// Where the browser goes when it went well.
    #[schemars(with = "Option<UrlText>")]
    success_url: Option<&'a str>,
    /// Where it goes when it did not.
    #[schemars(with = "Option<UrlText>")]
    error_url: Option<&'a str>,
    /// Where the result is posted.
    #[schemars(with = "Option<UrlText>")]
    result_url: Option<&'a str>,
    /// What the bank said, as far as the person agreed to hand it over.
    evidence: Option<EvidenceShape<'a>>,
    /// The claim against the evidence, with reasons.
    decision: Option<DecisionShape<'a>>,
    /// When it was created.
    #[schemars(with = "Moment")]
    created_at: String,
    /// When it last changed.
    #[schemars(with = "Moment")]
    updated_at: String,
    /// When its link dies.
    #[schemars(with = "Moment")]
    expires_at: String,
    /// When the bank's answer was there.
    #[schemars(with = "Option<Moment>")]
    completed_at: Option<String>,
    /// When the consent was taken back; the evidence is gone then.
    #[schemars(with = "Option<Moment>")]
    revoked_at: Option<String>,
    /// Raised by one with every change.
    #[schemars(with = "SafeInteger")]
    version: u64,
}

#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum Contract {
    Ivy,
    Pentadata,
    Didit,
}

#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum StatusWord {
    Open,
    Started,
    AtBank,
    Processing,
    Complete,
    Failed,
    Cancelled,
    Expired,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
struct User<'a> {
    reference_id: Option<&'a str>,
    email: Option<&'a str>,
    phone: Option<&'a str>,
    #[schemars(with = "AnyObject")]
    metadata: &'a Map<String, Value>,
}

/// In the words of the contract.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Asked")]
enum AskedShape {
    /// Ivy's permissions.
    Permissions(Vec<&'static str>),
    /// Didit's scopes.
    Scopes(Vec<&'static str>),
    /// Pentadata: a comparison that hands nothing over.
    Comparison {},
}

/// What the tenant says the person is.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Claim")]
struct ClaimShape<'a> {
    name: &'a str,
    /// In one line, where it came so.
    address_line: Option<&'a str>,
    /// By parts, where it came so.
    address: Option<AddressShape<'a>>,
    #[schemars(with = "Option<Day>")]
    birth_date: Option<String>,
    iban: Option<&'a str>,
}

/// A page of sessions, newest first.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "SessionList")]
pub struct List<'a> {
    /// The sessions.
    sessions: Vec<SessionShape<'a>>,
    /// Whether there are more.
    has_next: bool,
    /// What to send to get them.
    cursor: Option<&'a str>,
}

/// A session's decision with its reasons.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "SessionDecision")]
pub struct DecisionOf<'a> {
    /// The session's id.
    #[schemars(with = "UuidText")]
    session_id: String,
    /// Where it stands.
    status: StatusWord,
    /// The decision; null while there is none, or where nothing was claimed.
    decision: Option<DecisionShape<'a>>,
}

/// Renders a page of sessions.
#[must_use]
pub fn list<'a>(
    sessions: &'a [(Session, Status)],
    policy: &MatchingPolicy,
    cursor: Option<&'a str>,
) -> List<'a> {
    let sessions = sessions.iter().map(|(one, status)| session(one, *status, policy)).collect();
    List { sessions, has_next: cursor.is_some(), cursor }
}

/// Renders a session's decision.
#[must_use]
pub fn decision<'a>(
    session: &'a Session,
    status: Status,
    policy: &MatchingPolicy,
) -> DecisionOf<'a> {
    let decision = session.completion().and_then(|completion| completion.decision.as_ref());
    DecisionOf {
        session_id: session.id.to_string(),
        status: word(status),
        decision: decision.map(|decision| decision::shape(decision, policy)),
    }
}

/// Renders a session.
#[must_use]
pub fn session<'a>(
    session: &'a Session,
    status: Status,
    policy: &MatchingPolicy,
) -> SessionShape<'a> {
    let request = session.request.expose();
    let user = &request.external_user;
    let completion = session.completion();
    SessionShape {
        id: session.id.to_string(),
        number: session.number,
        contract: match session.door {
            Door::Ivy => Contract::Ivy,
            Door::Pentadata => Contract::Pentadata,
            Door::Didit => Contract::Didit,
        },
        status: word(status),
        failure_reason: match &session.state {
            State::Failed { reason, .. } => Some(reason.as_str()),
            _ => None,
        },
        subject: session.subject.to_string(),
        person_id: session.person.map(model::ids::PersonId::get),
        reference_id: request.reference.as_ref().map(|reference| reference.as_str()),
        external_user: User {
            reference_id: user.reference.as_ref().map(|reference| reference.as_str()),
            email: user.email.as_ref().map(|email| email.as_str()),
            phone: user.phone.as_ref().map(|phone| phone.as_str()),
            metadata: &user.metadata,
        },
        asked: asked(&session.asked),
        approved: approved(&session.state).map(asked),
        market: session.market.as_str(),
        locale: session.locale.map(model::locale::Locale::as_str),
        bank_id: bank(session),
        bank_is_fixed: request.bank_choice == BankChoice::Fixed,
        claim: request.claim.as_ref().map(claim),
        metadata: &request.metadata,
        vendor_data: request.vendor_data.as_deref(),
        success_url: request.success_url.as_ref().map(|url| url.as_url().as_str()),
        error_url: request.error_url.as_ref().map(|url| url.as_url().as_str()),
        result_url: request.result_url.as_ref().map(|url| url.as_url().as_str()),
        evidence: completion
            .filter(|completion| completion.revoked_at.is_none())
            .and_then(|c| evidence(c.evidence.expose(), &c.approved)),
        decision: completion
            .and_then(|completion| completion.decision.as_ref())
            .map(|decision| decision::shape(decision, policy)),
        created_at: format!("{:.3}", session.created_at),
        updated_at: format!("{:.3}", session.updated_at),
        expires_at: format!("{:.3}", session.expires_at),
        completed_at: completion.map(|completion| format!("{:.3}", completion.completed_at)),
        revoked_at: completion.and_then(|c| c.revoked_at).map(|at| format!("{at:.3}")),
        version: session.version,
    }
}

const fn word(status: Status) -> StatusWord {
    match status {
        Status::Open => StatusWord::Open,
        Status::Started => StatusWord::Started,
        Status::AtBank => StatusWord::AtBank,
        Status::Processing => StatusWord::Processing,
        Status::Complete => StatusWord::Complete,
        Status::Failed => StatusWord::Failed,
        Status::Cancelled => StatusWord::Cancelled,
        Status::Expired => StatusWord::Expired,
    }
}

fn asked(asked: &Asked) -> AskedShape {
    match asked {
        Asked::Permissions(given) => {
            AskedShape::Permissions(given.iter().map(|one| one.as_str()).collect())
        }
        Asked::Scopes(scopes) => AskedShape::Scopes(scopes.iter().map(|s| s.as_str()).collect()),
        Asked::Ownership => AskedShape::Comparison {},
    }
}

fn approved(state: &State) -> Option<&Asked> {
    match state {
        State::AtBank { approved, .. } | State::Processing { approved, .. } => Some(approved),
        State::Complete(completion) => Some(&completion.approved),
        _ => None,
    }
}

fn bank(session: &Session) -> Option<&str> {
    let chosen = match &session.state {
        State::AtBank { bank, .. } | State::Processing { bank, .. } => Some(bank),
        State::Complete(completion) => Some(&completion.bank),
        _ => session.request.expose().bank.as_ref(),
    };
    chosen.map(|bank| bank.as_str())
}

fn claim(claim: &Claim) -> ClaimShape<'_> {
    let (address_line, parts) = match &claim.address {
        Some(ClaimedAddress::Unstructured(line)) => (Some(line.as_str()), None),
        Some(ClaimedAddress::Structured(parts)) => (None, Some(address(parts))),
        None => (None, None),
    };
    ClaimShape {
        name: &claim.name,
        address_line,
        address: parts,
        birth_date: claim.birth_date.map(|date| date.to_string()),
        iban: claim.iban.as_deref(),
    }
}
