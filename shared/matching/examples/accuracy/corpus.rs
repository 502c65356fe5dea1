//! The corpus, read, and a matcher's answers to it, counted.

use std::collections::BTreeMap;

use matching::{Kind, Outcome};

/// The half on which rules are made.
pub(crate) const DEVELOPMENT: &str = include_str!("../../corpus/development.tsv");
/// The half that is only scored.
pub(crate) const SEALED: &str = include_str!("../../corpus/sealed.tsv");
/// A small set that was written without the tables in view, and is only scored.
pub(crate) const UNSEEN: &str = include_str!("../../corpus/unseen.tsv");

/// What a pair is labelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Label {
    Match,
    Close,
    NoMatch,
    CannotTell,
    /// Sensible people would disagree: not scored.
    Either,
}

/// One labelled pair.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pair {
    pub(crate) claim: &'static str,
    pub(crate) holder: &'static str,
    pub(crate) label: Label,
    pub(crate) kind: Kind,
    pub(crate) rule: &'static str,
    pub(crate) culture: &'static str,
    pub(crate) reason: &'static str,
}

/// Every pair of a half. A line that is no pair and opens no group ends the program: the corpus is
/// part of it.
pub(crate) fn read(text: &'static str) -> Vec<Pair> {
    let mut group = None;
    let mut pairs = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let columns: Vec<&str> = line.split('\t').collect();
        match columns[..] {
            ["@", rule, label, kind, culture, reason] => {
                group = Some((rule, label_of(label), kind_of(kind), culture, reason));
            }
            [claim, holder] => {
                let (rule, label, kind, culture, reason) = group.expect("a pair stands in a group");
                pairs.push(Pair { claim, holder, label, kind, rule, culture, reason });
            }
            _ => panic!("neither a group nor a pair: {line}"),
        }
    }
    pairs
}

fn label_of(text: &str) -> Label {
    match text {
        "match" => Label::Match,
        "close" => Label::Close,
        "no_match" => Label::NoMatch,
        "cannot_tell" => Label::CannotTell,
        "either" => Label::Either,
        other => panic!("no label is called {other}"),
    }
}

fn kind_of(text: &str) -> Kind {
    match text {
        "person" => Kind::Person,
        "business" => Kind::Business,
        other => panic!("no kind is called {other}"),
    }
}

/// Answers counted: found and missed of the matches, accepted and refused of the others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) found: u32,
    pub(crate) missed: u32,
    pub(crate) accepted: u32,
    pub(crate) refused: u32,
}

impl Tally {
    /// Counts one answer; a pair without a verdict on ownership is left out.
    pub(crate) fn count(&mut self, label: Label, said_yes: bool) {
        let cell = match (label, said_yes) {
            (Label::Match | Label::Close, true) => &mut self.found,
            (Label::Match | Label::Close, false) => &mut self.missed,
            (Label::NoMatch, true) => &mut self.accepted,
            (Label::NoMatch, false) => &mut self.refused,
            (Label::CannotTell | Label::Either, _) => return,
        };
        *cell += 1;
    }

    pub(crate) fn recall(self) -> Option<f64> {
        share(self.found, self.found + self.missed)
    }

    pub(crate) fn false_positive_rate(self) -> Option<f64> {
        share(self.accepted, self.accepted + self.refused)
    }

    pub(crate) fn precision(self) -> Option<f64> {
        share(self.found, self.found + self.accepted)
    }

    /// The mean of the shares answered rightly of the matches and of the others.
    pub(crate) fn balanced(self) -> f64 {
        let (recall, wrong) = (self.recall(), self.false_positive_rate());
        f64::midpoint(recall.unwrap_or(1.0), 1.0 - wrong.unwrap_or(0.0))
    }
}

fn share(part: u32, whole: u32) -> Option<f64> {
    (whole > 0).then(|| f64::from(part) / f64::from(whole))
}

/// Whether a match is said, alone or together with a close one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Yes {
    MatchOnly,
    MatchOrClose,
}

/// What this crate says of a pair.
pub(crate) fn answer(pair: &Pair) -> Outcome {
    matching::names(pair.claim, &[pair.holder], pair.kind).outcome
}

pub(crate) fn is_yes(outcome: Outcome, yes: Yes) -> bool {
    match yes {
        Yes::MatchOnly => outcome == Outcome::Match,
        Yes::MatchOrClose => matches!(outcome, Outcome::Match | Outcome::Close),
    }
}

/// This crate's answers, counted.
pub(crate) fn tally<'a>(pairs: impl IntoIterator<Item = &'a Pair>, yes: Yes) -> Tally {
    let mut tally = Tally::default();
    for pair in pairs {
        tally.count(pair.label, is_yes(answer(pair), yes));
    }
    tally
}

/// The pairs by a column of theirs.
pub(crate) fn by(
    pairs: &[Pair],
    column: fn(&Pair) -> &'static str,
) -> BTreeMap<&'static str, Vec<&Pair>> {
    let mut groups: BTreeMap<&str, Vec<&Pair>> = BTreeMap::new();
    for pair in pairs {
        groups.entry(column(pair)).or_default().push(pair);
    }
    groups
}
