//! The cases of `cases.tsv`, and what must hold for every string.

use proptest::prelude::*;

use crate::{FieldOutcome, Kind, Outcome, birth_dates, names};

#[test]
fn cases() {
    let mut failures = Vec::new();
    let lines = include_str!("cases.tsv").lines().filter(|line| !line.starts_with('#'));
    for line in lines {
        let fields: Vec<&str> = line.split('\t').collect();
        let [claim, holder, outcome, rule] = fields[..] else { panic!("four fields: {line}") };
        let verdict = names(claim, &[holder], Kind::Person);
        let fired = rule.is_empty() || verdict.rules.iter().any(|r| r.code() == rule);
        if verdict.outcome.as_str() != outcome || !fired {
            failures.push(format!("{line} -> {} {:?}", verdict.outcome.as_str(), verdict.rules));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn businesses() {
    for (claim, holder, outcome) in [
        ("Peña & Co.", "PENA Y CO", Outcome::Match),
        ("Acme s.r.o.", "Acme a.s.", Outcome::NoMatch),
        ("Acme", "ACME s.r.o.", Outcome::Close),
        ("Acme GmbH", "ACME GMBH", Outcome::Match),
        ("Acme GmbH", "Zenith GmbH", Outcome::NoMatch),
    ] {
        assert_eq!(names(claim, &[holder], Kind::Business).outcome, outcome, "{claim} / {holder}");
    }
}

#[test]
fn the_best_holder_wins() {
    let verdict = names("Anna Schmidt", &["Peter Schmidt", "Anna Schmidt"], Kind::Person);
    assert_eq!((verdict.outcome, verdict.holder), (Outcome::Match, Some(1)));
}

#[test]
fn dates() {
    for (claim, held, outcome) in [
        ("1980-01-01", "1980-01-01", FieldOutcome::Match),
        ("1980-01-01", "1980-01-01T00:00:00Z", FieldOutcome::Match),
        ("1980-04-01", "1980-01-04", FieldOutcome::Partial),
        ("1980-04-01", "1981-04-01", FieldOutcome::Mismatch),
        ("", "1981-04-01", FieldOutcome::NotProvided),
    ] {
        assert_eq!(birth_dates(claim, held), outcome, "{claim} {held}");
    }
}

#[test]
fn addresses() {
    let line = |text| crate::Address { unstructured: Some(text), ..crate::Address::default() };
    for (claim, held, outcome) in [
        ("Musterstr. 12, 10115 Berlin", "Musterstraße 12 10115 Berlin", FieldOutcome::Match),
        ("Musterstr. 12, 10115 Berlin", "Musterstraße 14 10115 Berlin", FieldOutcome::Partial),
        ("5 High St, Leeds LS1 4AP", "Hauptstr. 9, 80331 München", FieldOutcome::Mismatch),
        ("", "Musterstraße 12", FieldOutcome::NotProvided),
    ] {
        assert_eq!(crate::addresses(&line(claim), &line(held)).outcome, outcome, "{claim}");
    }
}

#[test]
fn nothing_printed_holds_a_name() {
    let verdict = names("Anna Schmidt", &["Anna Schmitz"], Kind::Person);
    let printed = format!("{verdict:?} {}", verdict.explanation()).to_lowercase();
    assert!(!printed.contains("anna") && !printed.contains("schmi"), "{printed}");
}

proptest! {
    #[test]
    fn no_string_panics(claim in ".{0,60}", holder in ".{0,60}") {
        let _ = names(&claim, &[&holder], Kind::Person);
        let _ = names(&claim, &[&holder], Kind::Business);
        let _ = birth_dates(&claim, &holder);
    }

    #[test]
    fn a_name_matches_itself(name in "[a-zà-ÿA-Z]{2,12}( [a-zà-ÿA-Z]{2,12}){0,3}") {
        prop_assert_eq!(names(&name, &[&name], Kind::Person).outcome, Outcome::Match);
    }

    #[test]
    fn case_and_title_do_not_matter(
        claim in "[a-z]{3,9} [a-z]{3,9}",
        holder in "[a-z]{3,9} [a-z]{3,9}",
    ) {
        let plain = names(&claim, &[&holder], Kind::Person).outcome;
        let upper = holder.to_uppercase();
        prop_assert_eq!(names(&claim, &[&upper], Kind::Person).outcome, plain);
        let titled = format!("Dr. {claim}");
        prop_assert_eq!(names(&titled, &[&holder], Kind::Person).outcome, plain);
    }

    #[test]
    fn a_missing_holder_is_never_a_contradiction(claim in ".{0,40}", blank in "[ \t]{0,5}") {
        prop_assert_eq!(names(&claim, &[&blank], Kind::Person).outcome, Outcome::CannotTell);
    }
}
