//! Whether two spellings differ by a slip of the hand, or are two names.
//!
//! Two names that people bear are two names, however alike; that is decided before. Here at most
//! one of the two is known: near a known name, an unknown spelling is likely a slip of it; where
//! neither is known, only long words and slips that hands and eyes make are accepted.

use strsim::osa_distance;

use crate::affinity::Place;
use crate::fold::Script;
use crate::name::Token;
use crate::romanise;

/// Up to this length a changed letter must be one that is easily mistaken.
const SHORT_LENGTH_MAX: usize = 6;
/// Below this length one changed letter makes another name.
const LENGTH_MIN: usize = 4;
/// From this length on a known name bears two changes.
const TWO_CHANGES_LENGTH_MIN: usize = 8;
/// From this length on one change is accepted where neither spelling is known.
const UNKNOWN_LENGTH_MIN: usize = 6;
/// From this length on the last letter may be missing where neither spelling is known.
const UNKNOWN_CUT_LENGTH_MIN: usize = 8;
/// Longer words are no Chinese given names.
const SYLLABIC_LENGTH_MAX: usize = 12;
/// Longer words are not compared letter by letter.
const LENGTH_MAX: usize = 40;

/// Whether one is likely the other with a slip.
pub(crate) fn is_likely(a: &Token, b: &Token, place: Place) -> bool {
    let alphabetic =
        |t: &Token| matches!(t.script, Script::Latin | Script::Cyrillic | Script::Greek);
    if !alphabetic(a) || !alphabetic(b) {
        return false;
    }
    let (x, y) = (a.plain.as_str(), b.plain.as_str());
    let (short, long) = if x.len() <= y.len() { (x, y) } else { (y, x) };
    if short.len() < LENGTH_MIN || long.len() > LENGTH_MAX || long.len() - short.len() > 2 {
        return false;
    }
    if !letters(x) || !letters(y) || is_two_endings(x, y, place) {
        return false;
    }
    let known = a.is_known() || b.is_known();
    let distance = osa_distance(x, y);
    if !is_head_kept(x, y, known) {
        return false;
    }
    if long.starts_with(short) {
        return is_last_letter_lost(a, b, known);
    }
    if distance == 1 {
        return is_one_slip(x, y, known);
    }
    let two = if known { TWO_CHANGES_LENGTH_MIN } else { TWO_CHANGES_LENGTH_MIN + 2 };
    distance == 2 && short.len() >= two && (known || romanise::sound_alike(x, y))
        || known
            && distance == 2
            && short.len() >= UNKNOWN_LENGTH_MIN
            && romanise::sound_alike(x, y)
}

fn letters(word: &str) -> bool {
    word.bytes().all(|b| b.is_ascii_lowercase())
}

fn is_one_slip(x: &str, y: &str, known: bool) -> bool {
    let (short, long) = if x.len() <= y.len() { (x, y) } else { (y, x) };
    if !known {
        return short.len() >= UNKNOWN_LENGTH_MIN && !(is_syllabic(x) && is_syllabic(y));
    }
    // Of few letters: two that changed places, or one that was typed twice.
    short.len() > SHORT_LENGTH_MAX && is_likely_change(x, y)
        || is_transposed(x, y)
        || is_doubled(short, long)
        || short.len() == SHORT_LENGTH_MAX && x.len() != y.len()
        || short.len() > LENGTH_MIN && is_heard_alike(x, y)
}

/// Keys in their rows: neighbours are mistaken for each other.
const KEYS: [&str; 4] = ["qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertz"];
/// Letters that ears mistake for each other.
const SOUNDS: [&str; 13] =
    ["ei", "ea", "iy", "ou", "ck", "sz", "vw", "dt", "bp", "mn", "gk", "ij", "fv"];

/// In a word that is not long one letter in the place of another is a slip only where hands or ears mistake them.
fn is_likely_change(x: &str, y: &str) -> bool {
    let mut changed = x.bytes().zip(y.bytes()).filter(|(a, b)| a != b);
    let (first, second) = (changed.next(), changed.next());
    let (Some((a, b)), None, true) = (first, second, x.len() == y.len()) else { return true };
    if x.len() > 2 * LENGTH_MIN {
        return true;
    }
    let beside = |row: &str| {
        let at = |letter| row.bytes().position(|key| key == letter);
        at(a).zip(at(b)).is_some_and(|(a, b)| a.abs_diff(b) == 1)
    };
    KEYS.iter().any(|row| beside(row)) || SOUNDS.iter().any(|pair| beside(pair))
}

/// Dupont and Dupond: letters that no ear tells apart.
fn is_heard_alike(x: &str, y: &str) -> bool {
    let mut changed = x.bytes().zip(y.bytes()).filter(|(a, b)| a != b);
    let Some((a, b)) = changed.next().filter(|_| x.len() == y.len()) else { return false };
    let pairs = [(b'd', b't'), (b'c', b'k'), (b's', b'z'), (b'v', b'w'), (b'i', b'y')];
    changed.next().is_none() && pairs.iter().any(|p| *p == (a, b) || *p == (b, a))
}

fn is_transposed(x: &str, y: &str) -> bool {
    let sorted = |word: &str| {
        let mut bytes = word.as_bytes().to_vec();
        bytes.sort_unstable();
        bytes
    };
    x.len() == y.len() && sorted(x) == sorted(y)
}

fn is_doubled(short: &str, long: &str) -> bool {
    let bytes = long.as_bytes();
    (1..bytes.len()).any(|at| {
        bytes[at] == bytes[at - 1]
            && long[..at] == short[..at.min(short.len())]
            && long[at + 1..] == short[at.min(short.len())..]
    })
}

/// The first letter is seldom wrong; where it is, the rest must speak for the name.
fn is_head_kept(x: &str, y: &str, known: bool) -> bool {
    let (a, b) = (x.as_bytes(), y.as_bytes());
    if a[0] == b[0] {
        return true;
    }
    let swapped = a[0] == b[1] && a[1] == b[0] && a[2..] == b[2..];
    let alike = [
        (b'c', b'k'),
        (b'f', b'p'),
        (b'i', b'j'),
        (b'i', b'y'),
        (b'j', b'y'),
        (b'v', b'w'),
        (b's', b'z'),
    ];
    let alike = alike.iter().any(|(p, q)| (a[0], b[0]) == (*p, *q) || (b[0], a[0]) == (*p, *q));
    let lost =
        x.strip_prefix(|_: char| true) == Some(y) || y.strip_prefix(|_: char| true) == Some(x);
    alike || known && x.len() > LENGTH_MIN && (swapped || lost && x.len().min(y.len()) > LENGTH_MIN)
}

/// The last letter is lost where the longer spelling is the known one, and otherwise only in long words.
fn is_last_letter_lost(a: &Token, b: &Token, known: bool) -> bool {
    let (short, long) = if a.plain.len() < b.plain.len() { (a, b) } else { (b, a) };
    if long.plain.len() - short.plain.len() > 1 {
        return false;
    }
    let doubled = long.plain.as_bytes().ends_with(&[long.plain.as_bytes()[short.plain.len() - 1]]);
    if doubled || long.is_known() {
        return short.plain.len() > LENGTH_MIN;
    }
    !known && short.plain.len() >= UNKNOWN_CUT_LENGTH_MIN
}

/// Endings that make another name of the same stem: of a first name the gender, of a surname the family.
fn is_two_endings(x: &str, y: &str, place: Place) -> bool {
    let ends_in_vowel = |word: &str| word.ends_with(['a', 'e', 'i', 'o', 'u', 'y']);
    let stem = x.bytes().zip(y.bytes()).take_while(|(a, b)| a == b).count();
    let (of_x, of_y) = (&x[stem..], &y[stem..]);
    let at_end = of_x.len() <= 1 && of_y.len() <= 1;
    let vowels = (ends_in_vowel(x), ends_in_vowel(y));
    if place == Place::Given && (vowels.0 != vowels.1 || at_end && vowels.0) {
        return true;
    }
    let feminine = ["ina", "ine", "ette", "etta", "elle", "ella", "ia"];
    let adds = |m: &str, f: &str| {
        feminine.iter().any(|end| {
            f.strip_suffix(end).is_some_and(|stem| {
                stem == m || m.strip_suffix(['e', 'o', 's']).is_some_and(|bare| bare == stem)
            })
        })
    };
    if place == Place::Given && (adds(x, y) || adds(y, x)) {
        return true;
    }
    // Patronymics: Petersen and Peterson, Kowalczyk and Kowalczuk, Jansson and Janssen.
    let families = [
        "sson", "son", "sen", "ssen", "czyk", "czuk", "chuk", "enko", "ov", "ev", "ova", "eva",
        "ez", "es", "mann", "man",
    ];
    let ending = |word: &str| {
        families.iter().copied().filter(|end| word.ends_with(end)).max_by_key(|end| end.len())
    };
    match (ending(x), ending(y)) {
        (Some(a), Some(b)) if a != b => {
            let lone = matches!((a, b), ("mann", "man") | ("man", "mann"));
            !lone
        }
        _ => false,
    }
}

/// Whether a word may be Chinese syllables in Latin letters: there every letter makes another name.
pub(crate) fn is_syllabic(word: &str) -> bool {
    const INITIALS: [&str; 23] = [
        "zh", "ch", "sh", "b", "p", "m", "f", "d", "t", "n", "l", "g", "k", "h", "j", "q", "x",
        "r", "z", "c", "s", "y", "w",
    ];
    /// Syllables without a consonant in front.
    const BARE: [&str; 10] = ["ang", "ai", "an", "ao", "ei", "en", "er", "ou", "a", "e"];
    const FINALS: [&str; 34] = [
        "iang", "iong", "uang", "ang", "eng", "ing", "ong", "ian", "iao", "uai", "uan", "ai", "an",
        "ao", "ei", "en", "er", "ia", "ie", "in", "iu", "ou", "ua", "ue", "ui", "un", "uo", "ve",
        "a", "e", "i", "o", "u", "v",
    ];
    fn from(rest: &str, steps: &mut u32) -> bool {
        *steps += 1;
        if rest.is_empty() || *steps > 200 {
            return rest.is_empty();
        }
        let bare = BARE.iter().filter_map(|end| rest.strip_prefix(end));
        let whole = INITIALS
            .iter()
            .filter_map(|initial| rest.strip_prefix(initial))
            .flat_map(|after| FINALS.iter().filter_map(move |end| after.strip_prefix(end)));
        bare.chain(whole).any(|next| from(next, steps))
    }
    word.len() <= SYLLABIC_LENGTH_MAX && from(word, &mut 0)
}
