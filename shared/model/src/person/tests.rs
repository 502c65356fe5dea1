//! What is answered from what is known, case by case.

use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::evidence::{Account, AccountKind, BankIdentity};
use crate::locale::Market;
use crate::tenant::{CloseMatch, Disclosure, MatchingPolicy};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn evidence(door: Door, holder: Option<&str>, age_days: i64) -> HeldEvidence {
    let account = Account {
        resource_id: "1".to_owned(),
        name: None,
        iban: None,
        bban: None,
        bic: None,
        currency: "EUR".to_owned(),
        kind: AccountKind::Checking,
        owner_name: holder.map(str::to_owned),
    };
    let identity =
        BankIdentity { bank_name: "Bank".to_owned(), parties: Vec::new(), accounts: vec![account] };
    let fetched_at = NOW.checked_sub(SignedDuration::from_hours(24 * age_days)).expect("in range");
    let session = SessionId::from_bits([9; 16]);
    let bank = "bank".parse().expect("a slug");
    let disclosure = Disclosure::Always;
    let evidence = Evidence { session, bank, fetched_at, door, disclosure, identity };
    HeldEvidence { evidence: Pii::new(evidence), decided: None }
}

fn session(status: Status, expires_in_s: i64) -> PersonSession {
    let expires_at = NOW.checked_add(SignedDuration::from_secs(expires_in_s)).expect("in range");
    PersonSession { session: SessionId::from_bits([1; 16]), status, expires_at }
}

fn known(sessions: Vec<PersonSession>, evidence: Vec<HeldEvidence>) -> Known {
    let email = EmailAddress::parse("john@example.com").expect("an e-mail");
    let person = Person {
        id: PersonId::try_from(1).expect("an id"),
        tenant: TenantId::from_bits([2; 16]),
        subject: SubjectId::from_bits([3; 16]),
        details: Pii::new(PersonDetails {
            email,
            first_name: "John".to_owned(),
            last_name: "Doe".to_owned(),
            consent: true,
            last_opt_in: "1970-01-01".parse().expect("a date"),
        }),
        created_at: NOW,
        version: 1,
    };
    Known { person, sessions, evidence }
}

fn policy() -> Policy {
    Policy::for_market(Market::parse("DE").expect("a market"))
}

fn ask(known: &Known, name: (&str, &str), policy: &Policy) -> Answer {
    let claim = Claim::of_names(name.0, name.1, None);
    known.authenticate(&Question { claim: &claim, claim_hash: "hash", policy, now: NOW })
}

fn shown(answer: &Answer) -> String {
    let decided = |decision: &Option<Decision>| match decision {
        Some(decision) => format!(" ({})", decision.name.agreement.as_str()),
        None => String::new(),
    };
    match answer {
        Answer::Verified(d) => format!("verified {:?}", d.bank_login),
        Answer::Wrong(d) => format!("wrong {:?}", d.bank_login),
        Answer::Waiting { decision, .. } => format!("waiting{}", decided(decision)),
        Answer::Start { decision } => format!("start{}", decided(decision)),
        Answer::InProgress { decision } => format!("in progress{}", decided(decision)),
    }
}

#[test]
fn answers() {
    let john = ("John", "Doe");
    let ivy = |holder, age| evidence(Door::Ivy, holder, age);
    for (sessions, evidence, name, answer) in [
        (vec![], vec![], john, "start"),
        (vec![session(Status::Open, 60)], vec![], john, "waiting"),
        (vec![session(Status::AtBank, 60)], vec![], john, "waiting"),
        (vec![session(Status::Open, 0)], vec![], john, "start"),
        (vec![session(Status::Processing, 0)], vec![], john, "in progress"),
        (vec![session(Status::Failed, 60)], vec![], john, "start"),
        (vec![session(Status::Cancelled, 60)], vec![], john, "start"),
        (vec![], vec![ivy(Some("John Doe"), 1)], john, "verified Spared"),
        (vec![], vec![ivy(Some("DOE JOHN"), 1)], john, "verified Spared"),
        (vec![], vec![ivy(Some("Jane Roe"), 1)], john, "wrong Spared"),
        (vec![], vec![ivy(Some("John Doe"), 91)], john, "start"),
        (vec![], vec![ivy(None, 1)], john, "start (not_provided)"),
        (vec![session(Status::Open, 60)], vec![ivy(None, 1)], john, "waiting (not_provided)"),
        (vec![], vec![ivy(None, 1), ivy(Some("John Doe"), 2)], john, "verified Spared"),
        (vec![], vec![ivy(Some("Jane Roe"), 1), ivy(Some("John Doe"), 2)], john, "wrong Spared"),
        (vec![], vec![ivy(Some("John Doe"), 1)], ("J", "Doe"), "wrong Spared"),
    ] {
        let found = shown(&ask(&known(sessions, evidence), name, &policy()));
        assert_eq!(found, answer);
    }
}

#[test]
fn policies() {
    let off = Policy { reuse: Reuse::Off, ..policy() };
    let undecided = Policy { name_not_provided: NameNotProvided::StayUndecided, ..policy() };
    let matching = MatchingPolicy { close_match: CloseMatch::Verifies, ..policy().matching };
    let lenient = Policy { matching, ..policy() };
    for (policy, held, name, answer) in [
        (&off, evidence(Door::Ivy, Some("John Doe"), 1), ("John", "Doe"), "start"),
        (&off, evidence(Door::Pentadata, Some("John Doe"), 1), ("John", "Doe"), "verified Spared"),
        (&undecided, evidence(Door::Ivy, None, 1), ("John", "Doe"), "in progress (not_provided)"),
        (&lenient, evidence(Door::Ivy, Some("John Doe"), 1), ("J", "Doe"), "verified Spared"),
    ] {
        assert_eq!(shown(&ask(&known(Vec::new(), vec![held]), name, policy)), answer);
    }
}

#[test]
fn what_was_decided_for_this_claim_stays_decided() {
    let mut old = evidence(Door::Pentadata, Some("John Doe"), 400);
    assert_eq!(
        shown(&ask(&known(Vec::new(), vec![old.clone()]), ("John", "Doe"), &policy())),
        "start"
    );
    let claim = Claim::of_names("John", "Doe", None);
    let decision = Decision::of(&claim, old.evidence.expose(), &policy().matching, NOW);
    old.decided = Some(("hash".to_owned(), decision));
    let held = known(Vec::new(), vec![old]);
    assert_eq!(shown(&ask(&held, ("John", "Doe"), &policy())), "verified Spared");
}

#[test]
fn an_own_login_is_consumed() {
    let own = PersonSession {
        session: SessionId::from_bits([9; 16]),
        status: Status::Complete,
        expires_at: NOW,
    };
    let held = known(vec![own], vec![evidence(Door::Pentadata, Some("John Doe"), 0)]);
    assert_eq!(shown(&ask(&held, ("John", "Doe"), &policy())), "verified Consumed");
}
