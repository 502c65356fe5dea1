//! `docs/personas.md` is what the matcher of today says of the sandbox bank's customers.
//! `cargo test -p tests write_personas -- --ignored` writes it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use matching::FieldOutcome;
use model::claim::Claim;
use model::decision::{Decision, Verdict};
use model::evidence::{BankIdentity, Evidence, Party};
use model::ids::SessionId;
use model::session::Door;
use model::tenant::{Disclosure, MatchingPolicy};
use sandbox_bank::persona::{self, Persona};

const AGAIN: &str = "run: cargo test -p tests write_personas -- --ignored";

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").join("docs/personas.md")
}

fn evidence(persona: &Persona) -> Evidence {
    let party = |name: &String| Party {
        name: name.clone(),
        birth_date: None,
        address: None,
        email: None,
        phone: None,
    };
    let identity = BankIdentity {
        bank_name: "Sandbox Bank".to_owned(),
        parties: persona.holders.iter().map(party).collect(),
        accounts: Vec::new(),
    };
    Evidence {
        session: SessionId::from_bits([1; 16]),
        bank: "sandbox-bank".parse().expect("a slug"),
        fetched_at: Timestamp::UNIX_EPOCH,
        door: Door::Ivy,
        disclosure: Disclosure::default(),
        identity,
    }
}

fn decision(persona: &Persona, name: &str) -> Decision {
    let claim = Claim::of_names(name, "", None);
    Decision::of(&claim, &evidence(persona), &MatchingPolicy::default(), Timestamp::UNIX_EPOCH)
}

/// Pentadata's code under the default policy.
fn code(decision: &Decision) -> u8 {
    match decision.verdict(&MatchingPolicy::default()) {
        Verdict::Verified => 0,
        Verdict::Wrong => 1,
        Verdict::Undecided => 2,
    }
}

fn row(page: &mut String, persona: &Persona, claim: &str) {
    let decision = decision(persona, claim);
    let holders: Vec<String> = persona.holders.iter().map(|name| format!("`{name}`")).collect();
    let holders = if holders.is_empty() { "–".to_owned() } else { holders.join(", ") };
    let rules = if decision.rules.is_empty() { "–".to_owned() } else { decision.rules.join(" ") };
    let score = decision.name.score.map_or_else(|| "–".to_owned(), |score| score.to_string());
    let outcome = decision.name_outcome().as_str();
    let _ = writeln!(
        page,
        "| `{}` | {holders} | `{claim}` | {outcome} | {score} | {rules} | {} | {} |",
        persona.user,
        code(&decision),
        decision.explanation
    );
}

const HEAD: &str = "| log in as | the bank states | claim | outcome | score | rules | code | explanation |\n\
                    |---|---|---|---|--:|---|--:|---|\n";

const INTRODUCTION: &str = "\
# Every outcome, by choosing a user

The sandbox bank has a customer for each rule of matching. Claim the name below (Pentadata: in
`/persons/{id}/auth`; Ivy: in `matchData`), open the link, pick *Sandbox Bank* and log in as the
user; its login page lists the same. The decision then says what stands here, field by field in
`decision` (Pentadata), `matchResult` (Ivy) and `/v1/sessions/{id}/decision`.

*code* is Pentadata's under the default policy, where a close match does not verify;
[policy.md](policy.md) says what changes it. Rules are explained in the
[README of matching](../shared/matching/README.md). This page is written and held by a test.

";

const DETAILS: &str = "
## Dates of birth and addresses

`doe-john` was born on 1980-04-01; `john-doe` lives at High Street 12, 10115 Berlin.

| claim | compares as |
|---|---|
";

fn page() -> String {
    let mut page = format!("{INTRODUCTION}## A customer for each rule\n\n{HEAD}");
    let (by_rule, others): (Vec<&Persona>, Vec<&Persona>) =
        persona::all().iter().partition(|persona| persona.rule.is_some());
    for persona in by_rule {
        persona.claims.iter().for_each(|claim| row(&mut page, persona, claim));
    }
    let _ = write!(page, "\n## Customers by culture\n\n{HEAD}");
    for persona in others {
        persona.claims.iter().for_each(|claim| row(&mut page, persona, claim));
    }
    page.push_str(DETAILS);
    for date in ["1980-04-01", "1980-01-04", "1981-04-01"] {
        let outcome = matching::birth_dates(date, "1980-04-01");
        let _ = writeln!(page, "| born {date} | {} |", word(outcome));
    }
    let persona = persona::find("john-doe").expect("the first customer");
    let stated = persona.address.as_ref().expect("it states an address");
    let street = format!("{} {}", stated.street_name, stated.building_number);
    let held = matching::Address {
        street: Some(&street),
        city: Some(&stated.town_name),
        postal_code: Some(&stated.post_code),
        ..matching::Address::default()
    };
    for line in ["High St. 12, 10115 Berlin", "High Street 14, 10115 Berlin", "9 Elm Road, Leeds"] {
        let claimed =
            matching::Address { unstructured: Some(line), ..matching::Address::default() };
        let _ =
            writeln!(page, "| {line} | {} |", word(matching::addresses(&claimed, &held).outcome));
    }
    page
}

const fn word(outcome: FieldOutcome) -> &'static str {
    match outcome {
        FieldOutcome::Match => "match",
        FieldOutcome::Partial => "partial",
        FieldOutcome::Mismatch => "mismatch",
        FieldOutcome::NotProvided => "not_provided",
    }
}

#[test]
fn the_page_of_personas_is_what_the_matcher_says() {
    let committed = std::fs::read_to_string(path()).expect("readable");
    assert!(committed == page(), "docs/personas.md is stale; {AGAIN}");
}

#[test]
#[ignore = "writes docs/personas.md"]
fn write_personas() {
    std::fs::write(path(), page()).expect("written");
}

#[test]
fn every_rule_has_a_persona_that_shows_it() {
    let numbered = (1..=28).map(|number| format!("R{number}"));
    for rule in numbered.chain(["R17b".to_owned()]) {
        let shows = |persona: &Persona| {
            let fires = |claim: &String| decision(persona, claim).rules.contains(&rule);
            persona.rule.as_ref() == Some(&rule) && persona.claims.iter().any(fires)
        };
        assert!(persona::all().iter().any(shows), "nobody shows {rule}");
    }
    let outcomes = persona::all().iter().filter(|persona| persona.rule.is_some());
    let outcomes = outcomes.flat_map(|persona| persona.claims.iter().map(|c| decision(persona, c)));
    let outcomes: BTreeSet<&str> = outcomes.map(|d| d.name_outcome().as_str()).collect();
    assert_eq!(outcomes, BTreeSet::from(["cannot_tell", "close", "match", "no_match"]));
}

#[test]
fn customers_are_told_apart() {
    let all = persona::all();
    let users: BTreeSet<&str> = all.iter().map(|persona| persona.user.as_str()).collect();
    assert_eq!(users.len(), all.len(), "a user name stands twice");
    let accounts = || all.iter().flat_map(|persona| &persona.accounts);
    let ibans: BTreeSet<&str> = accounts().map(|account| account.iban.as_str()).collect();
    assert_eq!(ibans.len(), accounts().count(), "an account stands twice");
}
