//! The corpus keeps its size and shape, and a change of accuracy is a visible change of the README.

#[path = "../examples/accuracy/baselines.rs"]
mod baselines;
#[path = "../examples/accuracy/chart.rs"]
mod chart;
#[path = "../examples/accuracy/corpus.rs"]
mod corpus;
#[path = "../examples/accuracy/report.rs"]
mod report;

use std::collections::BTreeSet;

use corpus::{DEVELOPMENT, Label, Pair, SEALED, UNSEEN, Yes};
use matching::Outcome;

/// Both halves together.
const PAIRS_MIN: usize = 1_200;
const CULTURES_MIN: usize = 12;
/// Of the unseen set alone.
const UNSEEN_MIN: usize = 200;
/// How much worse the sealed half may get while the development half gets better.
const MARGIN: f64 = 0.005;
/// What is promised of pairs that nobody here has seen.
const FALSE_POSITIVES_MAX: f64 = 0.02;
const RECALL_MIN: f64 = 0.80;

const AGAIN: &str = "run: cargo run -p matching --example accuracy -- --write";

fn both() -> Vec<Pair> {
    let mut all = corpus::read(DEVELOPMENT);
    all.extend(corpus::read(SEALED));
    all
}

#[test]
fn the_corpus_is_large_and_covers_every_rule() {
    let all = both();
    assert!(all.len() >= PAIRS_MIN, "{} pairs", all.len());
    let cultures: BTreeSet<&str> = all.iter().map(|pair| pair.culture).collect();
    assert!(cultures.len() >= CULTURES_MIN, "{cultures:?}");
    let rules: BTreeSet<&str> = all.iter().map(|pair| pair.rule).collect();
    for number in 1..=28 {
        assert!(rules.contains(format!("R{number}").as_str()), "no pair of R{number}");
    }
    assert!(rules.contains("R17b") && all.iter().all(|pair| !pair.reason.is_empty()));
    let labelled =
        |labels: &[Label]| all.iter().filter(|pair| labels.contains(&pair.label)).count();
    let (same, others) = (labelled(&[Label::Match, Label::Close]), labelled(&[Label::NoMatch]));
    assert!(others * 10 >= same * 8, "{others} near misses beside {same} matches");
}

#[test]
fn the_unseen_set_is_large_enough_and_shares_no_pair() {
    let unseen = corpus::read(UNSEEN);
    let scored = unseen.iter().filter(|pair| pair.label != Label::Either).count();
    assert!(scored >= UNSEEN_MIN, "{scored} pairs");
    let pairs = |all: &[Pair]| -> BTreeSet<(&str, &str)> {
        all.iter().map(|pair| (pair.claim, pair.holder)).collect()
    };
    assert_eq!(pairs(&unseen).len(), unseen.len(), "a pair stands twice");
    let twice: Vec<_> = pairs(&unseen).intersection(&pairs(&both())).copied().collect();
    assert!(twice.is_empty(), "{twice:?}");
}

#[test]
fn no_pair_stands_in_both_halves() {
    let names = |text| -> BTreeSet<(&str, &str)> {
        corpus::read(text).iter().map(|pair| (pair.claim, pair.holder)).collect()
    };
    let twice: Vec<_> = names(DEVELOPMENT).intersection(&names(SEALED)).copied().collect();
    assert!(twice.is_empty(), "{twice:?}");
    assert_eq!(names(DEVELOPMENT).len(), corpus::read(DEVELOPMENT).len(), "a pair stands twice");
    assert_eq!(names(SEALED).len(), corpus::read(SEALED).len(), "a pair stands twice");
}

#[test]
fn the_readme_shows_the_accuracy_of_today() {
    let report = report::Report::make();
    let readme = include_str!("../README.md");
    assert_eq!(report::with_tables(readme, &report.tables()), readme, "{AGAIN}");
    assert_eq!(chart::draw(&report), include_str!("../accuracy.svg"), "{AGAIN}");
}

#[test]
fn the_sealed_half_keeps_what_is_promised() {
    let tally = corpus::tally(&corpus::read(SEALED), Yes::MatchOrClose);
    assert!(
        tally.false_positive_rate().is_some_and(|rate| rate <= FALSE_POSITIVES_MAX),
        "{tally:?}"
    );
    assert!(tally.recall().is_some_and(|recall| recall >= RECALL_MIN), "{tally:?}");
}

/// Who tunes on the development half until the sealed one gets worse has learned it by heart.
#[test]
fn better_on_one_half_is_not_worse_on_the_other() {
    let known = |half: &str| -> f64 {
        let mut lines = include_str!("../corpus/baseline.tsv").lines();
        let figure = lines.find_map(|line| line.strip_prefix(half)).expect("each part is held");
        figure.trim().parse().expect("a figure")
    };
    let today = |text| corpus::tally(&corpus::read(text), Yes::MatchOrClose).balanced();
    let gained = today(DEVELOPMENT) - known("development");
    for (name, text) in [("sealed", SEALED), ("unseen", UNSEEN)] {
        let lost = known(name) - today(text);
        assert!(gained <= 0.0 || lost <= MARGIN, "development +{gained:.4}, {name} -{lost:.4}");
    }
}

#[test]
fn nothing_to_compare_is_never_a_contradiction() {
    for pair in both().iter().filter(|pair| pair.label == Label::CannotTell) {
        assert_eq!(corpus::answer(pair), Outcome::CannotTell, "{} / {}", pair.claim, pair.holder);
    }
}
