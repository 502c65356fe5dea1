//! Which token of the claim belongs to which token of the holder.

use strsim::osa_distance;

use crate::tables;
use crate::tokens::{Name, Token};
use crate::verdict::How;

/// Below this length one changed letter makes another name.
const TYPO_LENGTH_MIN: usize = 5;
/// Below this length a cut token says nothing.
const PREFIX_LENGTH_MIN: usize = 3;

/// Tokens paired by index, and those left over.
#[derive(Debug, Default)]
pub(crate) struct Pairing {
    pub(crate) pairs: Vec<Pair>,
    pub(crate) claim_left: Vec<usize>,
    pub(crate) holder_left: Vec<usize>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Pair {
    pub(crate) claim: usize,
    pub(crate) holder: usize,
    pub(crate) how: How,
}

/// Whether two tokens may be paired in one way.
type Agrees = fn(&Token, &Token) -> bool;

/// Pairs each token at most once, the surest ways first.
pub(crate) fn pair(claim: &Name, holder: &Name) -> Pairing {
    let mut pairing = Pairing {
        pairs: Vec::new(),
        claim_left: (0..claim.tokens.len()).collect(),
        holder_left: (0..holder.tokens.len()).collect(),
    };
    let ways: [(How, Agrees); 6] = [
        (How::Same, |a, b| a.plain == b.plain),
        (How::Variant, is_variant),
        (How::GenderedForm, |a, b| is_gendered_surname(&a.plain, &b.plain)),
        (How::Nickname, |a, b| tables::are_nicknames(&a.plain, &b.plain)),
        (How::Typo, |a, b| is_typo(&a.plain, &b.plain)),
        (How::Initial, |a, b| {
            (a.is_initial() != b.is_initial())
                && a.initial().is_some()
                && a.initial() == b.initial()
        }),
    ];
    for (how, agree) in ways {
        pairing.take(claim, holder, how, agree);
    }
    pairing
}

impl Pairing {
    fn take(&mut self, claim: &Name, holder: &Name, how: How, agree: Agrees) {
        self.claim_left.retain(|&c| {
            let found =
                self.holder_left.iter().position(|&h| agree(&claim.tokens[c], &holder.tokens[h]));
            match found {
                Some(at) => {
                    let holder = self.holder_left.remove(at);
                    self.pairs.push(Pair { claim: c, holder, how });
                    false
                }
                None => true,
            }
        });
    }

    /// Whether the paired tokens stand in the same order on both sides.
    pub(crate) fn is_in_order(&self) -> bool {
        let mut pairs: Vec<_> = self.pairs.iter().map(|p| (p.claim, p.holder)).collect();
        pairs.sort_unstable();
        pairs.windows(2).all(|two| two[0].1 < two[1].1)
    }
}

fn is_variant(a: &Token, b: &Token) -> bool {
    if a.is_spelled_like(b) {
        return true;
    }
    let foreign = a.transliterated || b.transliterated;
    foreign && a.plain.len() > 2 && romanised(&a.plain) == romanised(&b.plain)
}

/// One key for the romanisations in use for one name: Dmitry, Dmitrii, Dmitriy.
fn romanised(plain: &str) -> String {
    let pairs = [
        ("shch", "s"),
        ("sch", "s"),
        ("sh", "s"),
        ("ch", "c"),
        ("tch", "c"),
        ("kh", "h"),
        ("zh", "z"),
        ("ts", "c"),
        ("tz", "c"),
        ("ph", "f"),
        ("ks", "x"),
        ("ou", "u"),
        ("oo", "u"),
        ("ee", "i"),
        ("iy", "i"),
        ("ij", "i"),
        ("yy", "i"),
        ("ii", "i"),
        ("ey", "ei"),
        ("y", "i"),
        ("j", "i"),
        ("w", "v"),
        ("dj", "j"),
        ("q", "k"),
        ("mohammed", "muhamad"),
        ("e", "i"),
        ("o", "u"),
    ];
    let mut key = plain.to_owned();
    for (from, to) in pairs {
        key = key.replace(from, to);
    }
    let mut letters: Vec<char> = key.chars().collect();
    letters.dedup();
    letters.into_iter().collect()
}

fn is_typo(a: &str, b: &str) -> bool {
    let long = a.len().min(b.len()) >= TYPO_LENGTH_MIN;
    long && !is_gender_pair(a, b) && !is_cut(a, b) && osa_distance(a, b) == 1
}

/// Whether one is the beginning of the other.
pub(crate) fn is_cut(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    short.len() >= PREFIX_LENGTH_MIN && short != long && long.starts_with(short)
}

/// First names that differ only in the ending that marks the gender.
pub(crate) fn is_gender_pair(a: &str, b: &str) -> bool {
    let pair = |m: &str, f: &str| {
        let adds =
            ["a", "e", "ine", "ette", "ina"].iter().any(|end| f.strip_suffix(end) == Some(m));
        let swaps = [("o", "a"), ("us", "a"), ("e", "a"), ("y", "a"), ("os", "a"), ("is", "a")];
        let swap = |(of_m, of_f): &(&str, &str)| {
            m.strip_suffix(of_m).zip(f.strip_suffix(of_f)).is_some_and(|(m, f)| m == f)
        };
        m.len() >= 3 && (adds || swaps.iter().any(swap))
    };
    pair(a, b) || pair(b, a)
}

/// Surnames that one family writes differently for men and women.
fn is_gendered_surname(a: &str, b: &str) -> bool {
    let forms = [
        ("", "ova"),
        ("ov", "ova"),
        ("ev", "eva"),
        ("in", "ina"),
        ("ski", "ska"),
        ("sky", "skaya"),
        ("skij", "skaja"),
        ("cki", "cka"),
        ("dzki", "dzka"),
        ("a", "ova"),
        ("ek", "kova"),
        ("as", "iene"),
        ("as", "aite"),
        ("is", "yte"),
        ("sky", "ska"),
    ];
    let pair = |m: &str, f: &str| {
        forms.iter().any(|(of_m, of_f)| {
            let stems = m.strip_suffix(of_m).zip(f.strip_suffix(of_f));
            stems.is_some_and(|(m, f)| m.len() >= 3 && m == f)
        })
    };
    pair(a, b) || pair(b, a)
}
