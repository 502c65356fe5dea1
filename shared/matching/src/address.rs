//! Addresses: postal code and house number exactly, street and town by their words. Never from a
//! name's score.

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use strsim::osa_distance;

use crate::fold;
use crate::tables;
use crate::verdict::FieldOutcome;

/// Of an address no more words are looked at.
const WORDS_MAX: usize = 40;
/// Below this length one changed letter makes another street.
const SLIP_LENGTH_MIN: usize = 6;

/// An address, as far as it is known by parts.
#[derive(Clone, Copy, Default)]
pub struct Address<'a> {
    /// Street, with or without the house number.
    pub street: Option<&'a str>,
    /// House number.
    pub house_number: Option<&'a str>,
    /// Postal code.
    pub postal_code: Option<&'a str>,
    /// Town.
    pub city: Option<&'a str>,
    /// State or region.
    pub region: Option<&'a str>,
    /// Country.
    pub country: Option<&'a str>,
    /// Everything in one line.
    pub unstructured: Option<&'a str>,
}

/// How two addresses compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressVerdict {
    /// In one word.
    pub outcome: FieldOutcome,
    /// 0 to 100, where there was something to compare.
    pub score: Option<u8>,
}

/// Compares two addresses. Whatever stands on one side only is not held against the other; postal
/// codes and house numbers that stand on both sides must agree.
#[must_use]
pub fn addresses(claim: &Address<'_>, held: &Address<'_>) -> AddressVerdict {
    let (claimed, stated) = (Place::of(claim), Place::of(held));
    if claimed.is_empty() || stated.is_empty() {
        return AddressVerdict { outcome: FieldOutcome::NotProvided, score: None };
    }
    let percent = claimed.shared_words(&stated);
    let contradict =
        !claimed.numbers.is_subset(&stated.numbers) && !stated.numbers.is_subset(&claimed.numbers);
    let other_code = matches!((&claimed.code, &stated.code), (Some(a), Some(b)) if a != b);
    let numbers_only = claimed.words.is_empty() || stated.words.is_empty();
    let outcome = match (contradict || other_code, percent) {
        (false, 80..) if !numbers_only => FieldOutcome::Match,
        (false, 50..) => FieldOutcome::Partial,
        (true, 70..) if !(contradict && other_code) => FieldOutcome::Partial,
        _ => FieldOutcome::Mismatch,
    };
    let score = if contradict || other_code { percent.min(60) } else { percent };
    AddressVerdict { outcome, score: Some(score) }
}

/// An address as words and numbers. Region and country are left out: they rarely contradict and
/// are written in many ways.
struct Place {
    words: BTreeSet<String>,
    numbers: BTreeSet<String>,
    code: Option<String>,
}

impl Place {
    fn of(address: &Address<'_>) -> Self {
        let Address { street, house_number, postal_code, city, unstructured, .. } = address;
        let mut place = Self { words: BTreeSet::new(), numbers: BTreeSet::new(), code: None };
        for part in [street, house_number, unstructured, city].into_iter().flatten() {
            place.read(part);
        }
        place.code = postal_code.map(code).filter(|code| !code.is_empty());
        if let Some(code) = &place.code {
            place.numbers.insert(code.clone());
        } else {
            let long =
                |n: &&String| n.len() >= 4 && n.bytes().filter(u8::is_ascii_digit).count() >= 2;
            place.code = place.numbers.iter().find(long).cloned();
        }
        place
    }

    fn is_empty(&self) -> bool {
        self.words.is_empty() && self.numbers.is_empty()
    }

    fn read(&mut self, text: &str) {
        let clean = fold::clean(text).text.to_lowercase();
        let pieces: Vec<&str> = clean
            .split(|c: char| !(c.is_alphanumeric() || c == '\u{300}'))
            .filter(|piece| !piece.is_empty())
            .take(WORDS_MAX)
            .collect();
        let mut at = 0;
        while at < pieces.len() {
            let next = pieces.get(at + 1).copied().unwrap_or_default();
            let digit = |text: &str| text.bytes().any(|b| b.is_ascii_digit());
            if is_outward(pieces[at]) && is_inward(next) {
                self.numbers.insert(format!("{}{next}", pieces[at]));
                at += 1;
            } else if digit(pieces[at]) {
                // 12 a is 12a, and D-10115 is 10115.
                let suffix = matches!(next.as_bytes(), [b'a'..=b'h']);
                let letter = suffix && pieces[at].len() <= 4;
                let letter = if letter { next } else { "" };
                at += usize::from(!letter.is_empty());
                self.numbers
                    .insert(format!("{}{letter}", pieces[at - usize::from(!letter.is_empty())]));
            } else if !(pieces[at].len() <= 2
                && next.len() >= 4
                && digit(next)
                && at + 1 < pieces.len())
            {
                self.words.extend(words(pieces[at]));
            }
            at += 1;
        }
    }

    /// How many of the words of the shorter side stand on the other, in percent.
    fn shared_words(&self, other: &Self) -> u8 {
        let (few, many) =
            if self.words.len() <= other.words.len() { (self, other) } else { (other, self) };
        if few.words.is_empty() {
            return if self.numbers.is_disjoint(&other.numbers) { 0 } else { 60 };
        }
        let near = |word: &String| {
            many.words.contains(word)
                || word.len() >= SLIP_LENGTH_MIN
                    && many
                        .words
                        .iter()
                        .any(|w| w.len() < 40 && word.len() < 40 && osa_distance(w, word) == 1)
        };
        let shared = few.words.iter().filter(|word| near(word)).count();
        u8::try_from(100 * shared / few.words.len()).unwrap_or(100)
    }
}

/// A postal code without spaces and country prefix; of a ZIP+4 the first five digits.
fn code(text: &str) -> String {
    let plain = fold::word(&fold::clean(text).text).plain;
    let digits: String = plain.chars().skip_while(char::is_ascii_alphabetic).collect();
    if digits.len() >= 4
        && digits.bytes().all(|b| b.is_ascii_digit())
        && plain.len() - digits.len() <= 2
    {
        return if digits.len() == 9 { digits[..5].to_owned() } else { digits };
    }
    plain
}

/// The two halves of a British postal code: LS1 and 4AP.
fn is_outward(text: &str) -> bool {
    (2..=4).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().any(|b| b.is_ascii_digit())
}

fn is_inward(text: &str) -> bool {
    let bytes = text.as_bytes();
    matches!(bytes, [d, a, b] if d.is_ascii_digit() && a.is_ascii_alphabetic() && b.is_ascii_alphabetic())
}

#[derive(Default)]
struct Streets {
    spellings: HashMap<String, &'static str>,
    endings: Vec<(String, &'static str)>,
    dropped: BTreeSet<&'static str>,
}

static STREETS: LazyLock<Streets> = LazyLock::new(|| {
    let mut streets = Streets::default();
    for columns in tables::rows(include_str!("../data/street_words.tsv")) {
        match columns[..] {
            ["drop", words] => streets.dropped.extend(words.split(' ')),
            [kind, word, others] => {
                for other in others.split(' ').chain([word]) {
                    let other = fold::word(other).plain;
                    if kind == "suffix" && other.len() >= 3 {
                        streets.endings.push((other.clone(), word));
                    }
                    streets.spellings.entry(other).or_insert(word);
                }
            }
            _ => {}
        }
    }
    streets.endings.sort_by_key(|(ending, _)| std::cmp::Reverse(ending.len()));
    streets
});

fn words(piece: &str) -> Vec<String> {
    let folded = fold::word(piece);
    let written = folded.plain.clone();
    let plain = fold::without_umlauts(folded.expanded.as_deref().unwrap_or(&folded.plain))
        .unwrap_or(folded.plain);
    if plain.is_empty() || STREETS.dropped.contains(plain.as_str()) {
        return Vec::new();
    }
    if let Some(word) = STREETS.spellings.get(&written).or_else(|| STREETS.spellings.get(&plain)) {
        return vec![(*word).to_owned()];
    }
    let ending = STREETS.endings.iter().find_map(|(ending, word)| {
        let stem = plain.strip_suffix(ending.as_str())?;
        (stem.len() >= 3).then(|| vec![stem.to_owned(), (*word).to_owned()])
    });
    ending.unwrap_or_else(|| vec![plain])
}
