//! A tenant, a bank's answers and sessions of each contract, the same in every run.

use jiff::Timestamp;
use model::callback_url::Origin;
use model::contact::{EmailAddress, ExternalUser};
use model::decision::{Agreement, Basis, Decision, FieldResult};
use model::evidence::{Account, AccountKind, BankIdentity, Evidence, Party, PostalAddress};
use model::ids::{BankId, PersonId, SessionId, SubjectId, TenantId};
use model::locale::Market;
use model::private::Pii;
use model::request::{Asked, SessionRequest};
use model::session::{CancelledAt, Completion, Door, FailureReason, Session, State};
use model::tenant::{Disclosure, MatchingPolicy, Mode, Policy, Tenant, Thresholds};

use crate::NewSession;
use crate::json::{Members, read};

pub(super) fn now() -> Timestamp {
    "2026-11-24T03:04:05.678Z".parse().expect("a time")
}

pub(super) fn members(text: &str) -> Members {
    read(text.as_bytes()).unwrap_or_else(|problem| panic!("{text}: {problem:?}"))
}

pub(super) fn tenant() -> Tenant {
    Tenant {
        id: TenantId::from_bits([2; 16]),
        name: "Example Shop".to_owned(),
        mode: Mode::Test,
        email: Pii::new(EmailAddress::parse("shop@example.com").expect("an address")),
        credentials: Vec::new(),
        origins: vec![Origin::parse("https://example.com").expect("an origin")],
        policy: Policy::for_market(Market::parse("DE").expect("a market")),
        epoch: 1,
        created_at: now(),
    }
}

pub(super) fn policy() -> MatchingPolicy {
    MatchingPolicy::default()
}

pub(super) fn bank() -> BankId {
    "sandbox-bank".parse().expect("a slug")
}

fn basis() -> Basis {
    Basis { session: SessionId::from_bits([1; 16]), bank: bank(), fetched_at: now() }
}

/// Written out, so that these shapes do not change with the matcher.
pub(super) fn decision() -> Decision {
    let field = |agreement, score| FieldResult { agreement, score };
    Decision {
        name: field(Agreement::Match, Some(100)),
        address: field(Agreement::Partial, Some(67)),
        birth_date: field(Agreement::NotProvided, None),
        account: field(Agreement::NotClaimed, None),
        rules: vec!["R1".to_owned(), "R4".to_owned()],
        vop_code: "MTCH".to_owned(),
        explanation: "The names are the same.".to_owned(),
        matcher: "1".to_owned(),
        thresholds: Thresholds::default(),
        holder_name: Pii::default(),
        basis: basis(),
        verified_at: now(),
    }
}

pub(super) fn party(name: &str) -> Party {
    Party { name: name.to_owned(), birth_date: None, address: None, email: None, phone: None }
}

/// All that a bank can state.
pub(super) fn full_party() -> Party {
    Party {
        name: "John Doe".to_owned(),
        birth_date: Some("1980-01-01".parse().expect("a date")),
        address: Some(PostalAddress {
            line1: Some("Hauptstr. 1".to_owned()),
            line2: None,
            city: Some("Berlin".to_owned()),
            postal_code: Some("10115".to_owned()),
            region: None,
            country: Some("DE".to_owned()),
        }),
        email: Some("john.doe@example.com".to_owned()),
        phone: Some("+49123456789".to_owned()),
    }
}

/// The account of Ivy's example: neither its IBAN nor its checksum is corrected.
pub(super) fn account(kind: AccountKind) -> Account {
    Account {
        resource_id: "a1".to_owned(),
        name: Some("Example Account".to_owned()),
        iban: Some("DE12345678901234567890".to_owned()),
        bban: None,
        bic: Some("EXAMPLEBANK".to_owned()),
        currency: "EUR".to_owned(),
        kind,
        owner_name: None,
    }
}

pub(super) fn evidence(parties: Vec<Party>, accounts: Vec<Account>) -> Evidence {
    let identity = BankIdentity { bank_name: "Example Bank".to_owned(), parties, accounts };
    let Basis { session, bank, fetched_at } = basis();
    let disclosure = Disclosure::default();
    Evidence { session, bank, fetched_at, door: Door::Ivy, disclosure, identity }
}

pub(super) fn full_evidence() -> Evidence {
    evidence(vec![full_party()], vec![account(AccountKind::Checking)])
}

pub(super) fn complete(approved: Asked, evidence: Evidence) -> State {
    State::Complete(Box::new(Completion {
        bank: bank(),
        approved,
        evidence: Pii::new(evidence),
        decision: None,
        completed_at: now(),
        revoked_at: None,
    }))
}

pub(super) fn failed() -> State {
    State::Failed { reason: FailureReason::BankUnavailable, failed_at: now() }
}

pub(super) fn cancelled() -> State {
    State::Cancelled { place: CancelledAt::Link, cancelled_at: now() }
}

/// A session as a create request made it.
pub(super) fn session(door: Door, new: NewSession, state: State) -> Session {
    let NewSession { asked, market, locale, request, lifetime } = new;
    Session {
        id: SessionId::from_bits([1; 16]),
        tenant: TenantId::from_bits([2; 16]),
        number: 12_345,
        door,
        subject: SubjectId::from_bits([3; 16]),
        person: PersonId::try_from(83_544_785).ok().filter(|_| door == Door::Pentadata),
        asked,
        market,
        locale,
        request: Pii::new(request),
        state,
        created_at: now(),
        updated_at: now(),
        expires_at: now().checked_add(lifetime).expect("in range"),
        version: 1,
    }
}

pub(super) fn ivy(body: &str, state: State) -> Session {
    let new = crate::ivy::new_session(&members(body), &tenant(), now()).expect("valid");
    session(Door::Ivy, new, state)
}

pub(super) fn didit(body: &str, state: State) -> Session {
    let new = crate::didit::new_session(&members(body), &tenant()).expect("valid");
    session(Door::Didit, new, state)
}

pub(super) fn pentadata(state: State) -> Session {
    let email = EmailAddress::parse("john.doe@example.com").ok();
    let external_user = ExternalUser { email, ..ExternalUser::default() };
    let new = NewSession {
        asked: Asked::Ownership,
        market: Market::parse("DE").expect("a market"),
        locale: None,
        lifetime: model::session::LIFETIME_MAX,
        request: SessionRequest { external_user, ..SessionRequest::default() },
    };
    session(Door::Pentadata, new, state)
}
