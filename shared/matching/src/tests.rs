//! What must hold for every string, and cases of what is no pair of names. Pairs of names are in the
//! corpus.

use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization as _;

use crate::{
    Address, CloseMatch, FieldOutcome, Kind, MustAgree, Outcome, Policy, Rule, Thresholds, Worth,
    birth_dates, fold, names,
};

#[test]
fn the_best_holder_wins() {
    let verdict = names("Anna Schmidt", &["Peter Schmidt", "Anna Schmidt"], Kind::Person);
    assert_eq!((verdict.outcome, verdict.holder), (Outcome::Match, Some(1)));
    assert!(verdict.rules.contains(&Rule::JointHolders));
}

#[test]
fn rules_fire() {
    for (claim, holder, rule) in [
        ("José Álvarez", "JOSE ALVAREZ", Rule::Accents),
        ("jean dupont", "JEAN  DUPONT", Rule::Spelling),
        ("Müller Hans", "MUELLER HANS", Rule::Umlauts),
        ("Łukasz Kowalski", "LUKASZ KOWALSKI", Rule::Letters),
        ("Dr. Anna Schmidt", "Anna Schmidt", Rule::Titles),
        ("Herr Max Weber", "WEBER MAX", Rule::Order),
        ("Jennifer Smith", "Jennifer W. Smith", Rule::MiddleMissing),
        ("Jane Samantha Doe", "Jane Mary Doe", Rule::MiddleDiffers),
        ("Hernan H. Alperin", "Hernan M. Alperin", Rule::InitialsContradict),
        ("J Doe", "John Doe", Rule::FirstInitial),
        ("Jean Dupont", "Jean Dupond", Rule::Typo),
        ("Tommy Adams", "Thomas Adams", Rule::Nickname),
        ("Andrew Smith", "Andrew Smith Jr.", Rule::Suffix),
        ("Andrew Smith Sr.", "Andrew Smith Jr.", Rule::SuffixDiffers),
        ("María García López", "Maria Garcia", Rule::DoubleSurname),
        ("Jean Dupont", "Maxime Dupont", Rule::PossibleRelative),
        ("Martin Smith", "Martina Smith", Rule::GenderPair),
        ("Jana Nováková", "Jana Novák", Rule::GenderedSurname),
        ("Jan Tom", "Jan Tomas", Rule::Truncated),
        ("Дмитрий Иванов", "Dmitry Ivanov", Rule::Transliteration),
        ("Anna Schmidt", "Schmidt Bau GmbH", Rule::Business),
        ("Jan van den Berg", "Jan Berg", Rule::Particles),
        ("Peter Smith", "Mr Peter & Mrs Anna Smith", Rule::JointHolders),
        ("Anna Schmidt", "", Rule::NothingToCompare),
        ("Maximilian Oberleitner", "Maximilian Oberlei", Rule::CutByBank),
        ("Suharto", "Suharto Widodo", Rule::Mononym),
        ("Anna Schmidt-Weber", "Anna Weber", Rule::MarriedName),
        ("Аnna Smith", "Anna Smith", Rule::SuspiciousCharacters),
    ] {
        let rules = names(claim, &[holder], Kind::Person).rules;
        assert!(rules.contains(&rule), "{claim} / {holder}: {rules:?}");
    }
    for (claim, holder, rule) in [
        ("Peña & Co.", "PENA Y CO", Rule::Symbols),
        ("Acme s.r.o.", "Acme a.s.", Rule::LegalFormDiffers),
        ("Acme", "Acme s.r.o.", Rule::LegalForm),
    ] {
        let rules = names(claim, &[holder], Kind::Business).rules;
        assert!(rules.contains(&rule), "{claim} / {holder}: {rules:?}");
    }
}

#[test]
fn dates() {
    for (claim, held, outcome) in [
        ("1980-01-01", "1980-01-01", FieldOutcome::Match),
        ("1980-01-01", "1980-01-01T00:00:00Z", FieldOutcome::Match),
        ("1980-04-01", "1980-01-04", FieldOutcome::Partial),
        ("1980-04-01", "1981-04-01", FieldOutcome::Mismatch),
        ("1980-04-01", "1980-04-011", FieldOutcome::NotProvided),
        ("1980-13-01", "1980-13-01", FieldOutcome::NotProvided),
        ("", "1981-04-01", FieldOutcome::NotProvided),
    ] {
        assert_eq!(birth_dates(claim, held), outcome, "{claim} {held}");
    }
}

fn line(text: &str) -> Address<'_> {
    Address { unstructured: Some(text), ..Address::default() }
}

#[test]
fn addresses() {
    for (claim, held, outcome) in [
        ("Musterstr. 12, 10115 Berlin", "Musterstraße 12 10115 Berlin", FieldOutcome::Match),
        ("Musterstr. 12, 10115 Berlin", "Musterstraße 14 10115 Berlin", FieldOutcome::Partial),
        (
            "Am Musterweg 3 a, D-80331 München",
            "AM MUSTERWEG 3A 80331 MUENCHEN",
            FieldOutcome::Match,
        ),
        ("5 High St, Leeds LS1 4AP", "5 High Street, Leeds, LS14AP", FieldOutcome::Match),
        ("5 High St, Leeds LS1 4AP", "Hauptstr. 9, 80331 München", FieldOutcome::Mismatch),
        ("C/ Mayor 7, 28013 Madrid", "Calle Mayor 7, Madrid 28013", FieldOutcome::Match),
        ("ul. Długa 4, 00-238 Warszawa", "Ulica Dluga 4 00-238 WARSZAWA", FieldOutcome::Match),
        ("12 rue de la Paix, 75002 Paris", "12 r. de la Paix 75002 PARIS", FieldOutcome::Match),
        (
            "12 rue de la Paix, 75002 Paris",
            "12 rue de la Paix 13002 Marseille",
            FieldOutcome::Mismatch,
        ),
        ("", "Musterstraße 12", FieldOutcome::NotProvided),
    ] {
        assert_eq!(
            crate::addresses(&line(claim), &line(held)).outcome,
            outcome,
            "{claim} / {held}"
        );
    }
}

#[test]
fn a_house_number_or_a_postal_code_apart_must_agree() {
    let home = |number, code| Address {
        street: Some("Lindenweg"),
        house_number: Some(number),
        postal_code: Some(code),
        city: Some("Bonn"),
        ..Address::default()
    };
    let outcome = |a, b| crate::addresses(&a, &b).outcome;
    assert_eq!(outcome(home("4", "53111"), home("4", "D-53111")), FieldOutcome::Match);
    assert_eq!(outcome(home("4", "53111"), home("6", "53111")), FieldOutcome::Partial);
    assert_eq!(outcome(home("4", "53111"), home("6", "53225")), FieldOutcome::Mismatch);
}

#[test]
fn the_default_policy_is_the_safe_one() {
    let (close, same, none) = (Outcome::Close, Outcome::Match, Outcome::CannotTell);
    let (agrees, differs) = (FieldOutcome::Match, FieldOutcome::Mismatch);
    let policy = Policy::default();
    assert_eq!(policy.worth(same, differs, differs), Worth::Verified);
    assert_eq!(policy.worth(close, agrees, agrees), Worth::Refused);
    assert_eq!(policy.worth(none, agrees, agrees), Worth::Undecided);
    assert!(!policy.disclosure.tells(close) && !policy.disclosure.tells(same));
    let lenient =
        Policy { close_match: CloseMatch::Verifies, must_agree: MustAgree::BirthDate, ..policy };
    assert_eq!(lenient.worth(close, agrees, differs), Worth::Verified);
    assert_eq!(lenient.worth(close, differs, agrees), Worth::Refused);
    assert_eq!(lenient.worth(close, FieldOutcome::NotProvided, agrees), Worth::Verified);
}

#[test]
fn thresholds_never_turn_a_refusal_into_a_match() {
    assert_eq!(Thresholds::new(90, 59), None);
    assert_eq!(Thresholds::new(70, 80), None);
    let low = Thresholds::new(60, 60).expect("in range");
    let other = names("Martin Smith", &["Martina Smith"], Kind::Person);
    assert_eq!(low.applied(other).outcome, Outcome::NoMatch);
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
        for kind in [Kind::Person, Kind::Business] {
            let verdict = names(&claim, &[&holder], kind);
            prop_assert!(verdict.explanation().ends_with('.'));
        }
        let _ = birth_dates(&claim, &holder);
        let _ = crate::addresses(&line(&claim), &line(&holder));
    }

    #[test]
    fn a_name_matches_itself(name in "[\\p{L}' -]{1,40}") {
        let verdict = names(&name, &[&name], Kind::Person);
        prop_assert!(matches!(verdict.outcome, Outcome::Match | Outcome::CannotTell), "{:?}", verdict);
    }

    #[test]
    fn a_comparison_is_symmetric(
        a in "[a-zäöüéñ]{2,9}( [a-zäöüéñ]{1,9}){0,3}",
        b in "[a-zäöüéñ]{2,9}( [a-zäöüéñ]{1,9}){0,3}",
    ) {
        let (there, back) = (names(&a, &[&b], Kind::Person), names(&b, &[&a], Kind::Person));
        let one_way = |rule: &Rule| matches!(rule, Rule::CutByBank | Rule::JointHolders | Rule::Business);
        if !there.rules.iter().chain(&back.rules).any(one_way) {
            prop_assert_eq!(there.outcome, back.outcome);
        }
    }

    #[test]
    fn folding_twice_is_folding_once(word in "\\PC{0,20}") {
        let once = fold::word(&word).plain;
        prop_assert_eq!(fold::word(&once).plain, once);
    }

    #[test]
    fn case_form_and_title_do_not_matter(
        claim in "[a-zäöüéñ]{3,9} [a-zäöüéñ]{3,9}",
        holder in "[a-zäöüéñ]{3,9} [a-zäöüéñ]{3,9}",
    ) {
        let plain = names(&claim, &[&holder], Kind::Person).outcome;
        let outcome = |claim: &str, holder: &str| names(claim, &[holder], Kind::Person).outcome;
        prop_assert_eq!(outcome(&claim, &holder.to_uppercase()), plain);
        prop_assert_eq!(outcome(&claim.nfd().collect::<String>(), &holder), plain);
        prop_assert_eq!(outcome(&format!("Dr. {claim}"), &holder), plain);
        prop_assert_eq!(outcome(&claim, &format!("Mrs {holder}")), plain);
    }

    #[test]
    fn a_missing_holder_is_never_a_contradiction(claim in ".{0,40}", blank in "[ \t.,-]{0,5}") {
        prop_assert_eq!(names(&claim, &[&blank], Kind::Person).outcome, Outcome::CannotTell);
        prop_assert_eq!(names(&claim, &[&blank], Kind::Business).outcome, Outcome::CannotTell);
    }
}
