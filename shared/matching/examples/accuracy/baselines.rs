//! What others use, answered for the same pairs in the same run.

use human_name::Name;
use strsim::{jaro_winkler, normalized_levenshtein};

use crate::corpus::Pair;

/// A name and what it answers to a pair.
pub(crate) type Baseline = (&'static str, fn(&Pair) -> bool);

pub(crate) const BASELINES: [Baseline; 4] = [
    ("Jaro-Winkler ≥ .85", |pair| winkler(pair) >= 0.85),
    ("Jaro-Winkler ≥ .95", |pair| winkler(pair) >= 0.95),
    ("token-sort ratio ≥ .85", |pair| token_sort(pair.claim, pair.holder) >= 0.85),
    ("human_name", |pair| consistent(pair.claim, pair.holder)),
];

fn winkler(pair: &Pair) -> f64 {
    jaro_winkler(&pair.claim.to_lowercase(), &pair.holder.to_lowercase())
}

/// The edit distance of the words in alphabetical order.
fn token_sort(a: &str, b: &str) -> f64 {
    let sorted = |text: &str| {
        let lower = text.to_lowercase();
        let mut words: Vec<&str> = lower.split_whitespace().collect();
        words.sort_unstable();
        words.join(" ")
    };
    normalized_levenshtein(&sorted(a), &sorted(b))
}

fn consistent(a: &str, b: &str) -> bool {
    match (Name::parse(a), Name::parse(b)) {
        (Some(a), Some(b)) => a.consistent_with(&b),
        _ => false,
    }
}
