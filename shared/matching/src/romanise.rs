//! One key for the ways in which a name of one culture is written in Latin letters.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::culture::Cultures;
use crate::fold::Script;
use crate::tables;

/// The rules of one culture, by the first byte of what they replace.
#[derive(Default)]
struct Rules {
    by_first: HashMap<u8, Vec<Rule>>,
}

struct Rule {
    from: &'static str,
    to: &'static str,
    at_start: bool,
    at_end: bool,
}

struct Sets {
    named: HashMap<&'static str, Rules>,
    letters: HashMap<char, Vec<&'static str>>,
}

static SETS: LazyLock<Sets> = LazyLock::new(|| {
    let mut named: HashMap<&str, Rules> = HashMap::new();
    for columns in tables::rows(include_str!("../data/romanisation.tsv")) {
        let [culture, rules] = columns[..] else { continue };
        let set = named.entry(culture).or_default();
        for (from, to) in rules.split(' ').filter_map(|rule| rule.split_once('=')) {
            let bare = from.trim_start_matches('^').trim_end_matches('$');
            let rule = Rule {
                from: bare,
                to,
                at_start: from.starts_with('^'),
                at_end: from.ends_with('$'),
            };
            set.by_first.entry(bare.as_bytes()[0]).or_default().push(rule);
        }
    }
    for rules in named.values_mut().flat_map(|set| set.by_first.values_mut()) {
        let weight = |rule: &Rule| (rule.from.len(), rule.at_start || rule.at_end);
        rules.sort_by_key(|rule| std::cmp::Reverse(weight(rule)));
    }
    let mut letters: HashMap<char, Vec<&str>> = HashMap::new();
    for columns in tables::rows(include_str!("../data/scripts.tsv")) {
        let [letter, spellings] = columns[..] else { continue };
        let spellings = spellings.split(' ').map(|s| if s == "-" { "" } else { s });
        letters.entry(letter.chars().next().unwrap_or_default()).or_default().extend(spellings);
    }
    Sets { named, letters }
});

impl Rules {
    /// Rewrites a word; what no rule names is kept, doubled letters count once.
    fn key(&self, word: &str, out: &mut Vec<u8>) {
        out.clear();
        let bytes = word.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            let fits = |rule: &&Rule| {
                bytes[at..].starts_with(rule.from.as_bytes())
                    && (!rule.at_start || at == 0)
                    && (!rule.at_end || at + rule.from.len() == bytes.len())
            };
            let rule = self.by_first.get(&bytes[at]).and_then(|rules| rules.iter().find(fits));
            let (to, len) = rule.map_or((&bytes[at..=at], 1), |r| (r.to.as_bytes(), r.from.len()));
            for byte in to {
                if out.last() != Some(byte) {
                    out.push(*byte);
                }
            }
            at += len;
        }
    }
}

/// The rules that the cultures use between two Latin spellings.
const LATIN: [(Cultures, &str); 8] = [
    (Cultures::SLAVIC, "ru"),
    (Cultures::GREEK, "el"),
    (Cultures::ARABIC, "ar"),
    (Cultures::PERSIAN, "fa"),
    (Cultures::HEBREW, "he"),
    (Cultures::INDIAN, "hi"),
    (Cultures::JAPANESE, "ja"),
    (Cultures::KOREAN, "ko"),
];

/// Whether two words are romanisations of one name in one of these cultures.
pub(crate) fn agree(a: &str, b: &str, cultures: Cultures) -> bool {
    if !a.is_ascii() || !b.is_ascii() || a.len().abs_diff(b.len()) > 6 {
        return false;
    }
    LATIN.iter().any(|(culture, set)| cultures.has(*culture) && agree_by(a, b, set))
}

/// The same, where both words are known: an e is then no a and no i.
pub(crate) fn agree_strictly(a: &str, b: &str, cultures: Cultures) -> bool {
    let exact = LATIN.iter().filter(|(culture, _)| cultures.has(*culture));
    exact.into_iter().any(|(_, set)| !is_vague(set) && agree_by(a, b, set))
}

/// Arabic has no e: it is written for a and for i.
fn is_vague(set: &str) -> bool {
    matches!(set, "ar" | "fa")
}

/// The same where one of the words was transliterated from a script by letters alone.
pub(crate) fn agree_across(a: &str, b: &str, script: Script) -> bool {
    match script {
        Script::Cyrillic => agree_by(a, b, "ru"),
        Script::Greek => agree_by(a, b, "el"),
        Script::Indic => agree_by(a, b, "in"),
        Script::Kana => agree_by(a, b, "ja"),
        Script::Hangul => agree_by(a, b, "ko"),
        Script::Han => agree_by(a, b, "zh"),
        Script::Other => agree_by(a, b, "any"),
        Script::Latin | Script::Arabic | Script::Hebrew => false,
    }
}

/// Whether two words sound alike to most ears; says that a difference may be a slip.
pub(crate) fn sound_alike(a: &str, b: &str) -> bool {
    agree_by(a, b, "any")
}

fn agree_by(a: &str, b: &str, set: &str) -> bool {
    let Some(rules) = SETS.named.get(set) else { return false };
    let (mut of_a, mut of_b) = (Vec::with_capacity(24), Vec::with_capacity(24));
    rules.key(a, &mut of_a);
    rules.key(b, &mut of_b);
    let vague = is_vague(set);
    let like = |(x, y): (&u8, &u8)| {
        x == y
            || vague
                && (*x == b'e' && matches!(y, b'a' | b'i')
                    || *y == b'e' && matches!(x, b'a' | b'i'))
    };
    of_a.len() == of_b.len() && of_a.iter().zip(&of_b).all(like)
}

/// The longest word that is compared letter by letter with a script that leaves out vowels.
const LETTERS_MAX: usize = 24;

/// Whether Latin letters may be how `written`, in a script that leaves out short vowels, is read.
pub(crate) fn spells(written: &str, latin: &str) -> bool {
    let letters: Vec<char> = written.chars().filter(|c| SETS.letters.contains_key(c)).collect();
    let latin = latin.as_bytes();
    if letters.is_empty() || letters.len() > LETTERS_MAX || latin.len() > LETTERS_MAX + LETTERS_MAX
    {
        return false;
    }
    // Which positions of the Latin word can be reached having read so many letters.
    let mut reached = vec![false; latin.len() + 1];
    reached[0] = true;
    for (at, letter) in letters.iter().enumerate() {
        skip_short_vowels(&mut reached, latin, at == 0);
        let mut next = vec![false; latin.len() + 1];
        for from in (0..=latin.len()).filter(|from| reached[*from]) {
            for spelling in SETS.letters.get(letter).into_iter().flatten() {
                // The letter at the beginning of a word carries its first vowel.
                if at == 0 && spelling.is_empty() {
                    continue;
                }
                let mut to = from + spelling.len();
                if latin.get(from..to) != Some(spelling.as_bytes()) {
                    continue;
                }
                next[to] = true;
                let doubled =
                    to > 0 && latin.get(to) == Some(&latin[to - 1]) && !spelling.is_empty();
                if doubled && !is_vowel(latin[to - 1]) {
                    to += 1;
                    next[to] = true;
                }
            }
        }
        reached = next;
    }
    skip_short_vowels(&mut reached, latin, false);
    reached[latin.len()]
}

/// One vowel between consonants is short and may be left out in writing; two are a long one.
fn skip_short_vowels(reached: &mut [bool], latin: &[u8], start: bool) {
    for at in (0..latin.len()).rev() {
        let single = is_vowel(latin[at])
            && !latin.get(at + 1).is_some_and(|next| is_vowel(*next))
            && (at == 0 || !is_vowel(latin[at - 1]));
        if reached[at] && single && !(start && at == 0) {
            reached[at + 1] = true;
        }
    }
}

const fn is_vowel(byte: u8) -> bool {
    matches!(byte, b'a' | b'e' | b'i' | b'o' | b'u')
}
