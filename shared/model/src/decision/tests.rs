//! Claims held against what a bank says of several holders.

use super::*;
use crate::evidence::{Account, AccountKind, BankIdentity};
use crate::session::Door;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn party(name: &str, birth_date: Option<&str>) -> Party {
    let birth_date = birth_date.map(|date| date.parse().expect("a date"));
    Party { name: name.to_owned(), birth_date, address: None, email: None, phone: None }
}

fn evidence(parties: Vec<Party>) -> Evidence {
    let identity = BankIdentity { bank_name: "B".to_owned(), parties, accounts: Vec::new() };
    let (session, bank) = (SessionId::from_bits([1; 16]), "bank".parse().expect("a slug"));
    let disclosure = matching::Disclosure::default();
    Evidence { session, bank, fetched_at: NOW, door: Door::Ivy, disclosure, identity }
}

#[test]
fn a_birthday_is_the_one_of_the_holder_whose_name_agrees() {
    let anna = party("Anna Schmidt", Some("1980-01-01"));
    let claim = |name: &str, date: &str| Claim {
        birth_date: Some(date.parse().expect("a date")),
        ..Claim::of_names(name, "Schmidt", None)
    };
    for (peter, name, date, agreement) in [
        (Some("1979-02-02"), "Peter", "1979-02-02", Agreement::Match),
        (Some("1979-02-02"), "Peter", "1980-01-01", Agreement::Mismatch),
        (Some("1979-02-02"), "Anna", "1980-01-01", Agreement::Match),
        (None, "Peter", "1979-02-02", Agreement::NotProvided),
    ] {
        let both = evidence(vec![anna.clone(), party("Peter Schmidt", peter)]);
        let decision = Decision::of(&claim(name, date), &both, &Policy::default(), NOW);
        assert_eq!(decision.birth_date.agreement, agreement, "{name} {date}");
    }
}

/// One field of two owners is nobody's birthday, and naming one of them would name the other.
#[test]
fn what_names_two_tells_of_neither() {
    let owner = "Peter & Anna Schmidt";
    let (peter, anna) = (Some("1979-02-02"), Some("1980-01-01"));
    let mut held = evidence(vec![party("P. Schmidt-Ott", peter), party("A. Schmidt-Ott", anna)]);
    held.identity.accounts.push(Account {
        resource_id: "1".to_owned(),
        name: None,
        iban: None,
        bban: None,
        bic: None,
        currency: "EUR".to_owned(),
        kind: AccountKind::Checking,
        owner_name: Some(owner.to_owned()),
    });
    held.disclosure = matching::Disclosure::Always;
    let policy = Policy { disclosure: matching::Disclosure::Always, ..Policy::default() };
    let claim = Claim {
        birth_date: Some("1979-02-02".parse().expect("a date")),
        ..Claim::of_names("Anna", "Schmidt", None)
    };
    let decision = Decision::of(&claim, &held, &policy, NOW);
    assert_eq!(decision.name.agreement, Agreement::Match);
    assert_eq!(decision.birth_date.agreement, Agreement::NotProvided);
    assert_eq!(decision.holder_name.expose(), &None);
}

/// A decision is the record of its moment: it names the matcher and the thresholds that made it.
#[test]
fn a_decision_names_its_matcher() {
    let claim = Claim::of_names("Anna", "Schmidt", None);
    let held = evidence(vec![party("Anna Schmidt", None)]);
    let decision = Decision::of(&claim, &held, &Policy::default(), NOW);
    assert_eq!(decision.matcher, matching::VERSION);
    assert_eq!(decision.thresholds, Thresholds::default());
}

#[test]
fn a_decision_of_before_is_read() {
    let claim = Claim::of_names("Anna", "Schmidt", None);
    let held = evidence(vec![party("Anna Schmidt", None)]);
    let decision = Decision::of(&claim, &held, &Policy::default(), NOW);
    let mut stored = serde_json::to_value(&decision).expect("written");
    let members = stored.as_object_mut().expect("an object");
    members.remove("thresholds").and(members.remove("holder_name")).expect("both are written");
    assert_eq!(serde_json::from_value::<Decision>(stored).expect("read"), decision);
}
