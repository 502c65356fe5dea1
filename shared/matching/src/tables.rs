//! The data files, read once.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

type Families = HashMap<&'static str, Vec<usize>>;

static NICKNAMES: LazyLock<Families> =
    LazyLock::new(|| families(include_str!("../data/nicknames.txt")));
static SUFFIXES: LazyLock<Families> =
    LazyLock::new(|| families(include_str!("../data/suffixes.txt")));
static LEGAL_FORMS: LazyLock<Families> =
    LazyLock::new(|| families(include_str!("../data/legal_forms.txt")));
static TITLES: LazyLock<HashSet<&str>> =
    LazyLock::new(|| words(include_str!("../data/titles.txt")).collect());
static PARTICLES: LazyLock<HashSet<&str>> =
    LazyLock::new(|| words(include_str!("../data/particles.txt")).collect());

fn lines(file: &'static str) -> impl Iterator<Item = &'static str> {
    file.lines().filter(|line| !line.starts_with('#'))
}

fn words(file: &'static str) -> impl Iterator<Item = &'static str> {
    lines(file).flat_map(str::split_whitespace)
}

fn families(file: &'static str) -> Families {
    let mut families = Families::new();
    for (family, line) in lines(file).enumerate() {
        for word in line.split_whitespace() {
            families.entry(word).or_default().push(family);
        }
    }
    families
}

/// Whether both are short forms of one name.
pub(crate) fn are_nicknames(a: &str, b: &str) -> bool {
    match (NICKNAMES.get(a), NICKNAMES.get(b)) {
        (Some(of_a), Some(of_b)) => of_a.iter().any(|family| of_b.contains(family)),
        _ => false,
    }
}

/// Whether the token is a title.
pub(crate) fn is_title(token: &str) -> bool {
    TITLES.contains(token)
}

/// Whether the token is a particle of surnames.
pub(crate) fn is_particle(token: &str) -> bool {
    PARTICLES.contains(token)
}

/// Which generation suffix the token is.
pub(crate) fn suffix(token: &str) -> Option<usize> {
    SUFFIXES.get(token).and_then(|families| families.first().copied())
}

/// Which legal form the token is.
pub(crate) fn legal_form(token: &str) -> Option<usize> {
    LEGAL_FORMS.get(token).and_then(|families| families.first().copied())
}
