//! Names of businesses: the legal form apart, the rest word by word.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use strsim::osa_distance;

use crate::fold;
use crate::policy::CLOSE_MIN;
use crate::tables;
use crate::verdict::{Aligned, How, Outcome, Part, Rule, Verdict};

/// The most words of a business name that are looked at.
const WORDS_MAX: usize = 20;
/// The most words of one legal form.
const FORM_WORDS_MAX: usize = 6;
/// Below this length one changed letter makes another word.
const SLIP_LENGTH_MIN: usize = 6;
/// An acronym of fewer letters says nothing.
const ACRONYM_LENGTH_MIN: usize = 3;

struct Tables {
    /// Legal forms by their words, joined by spaces.
    forms: HashMap<String, usize>,
    /// What an abbreviation stands for.
    same: HashMap<String, &'static str>,
    optional: Vec<&'static str>,
    /// The first and last words of legal forms: a text without one of them has none.
    ends: HashSet<String>,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let mut tables = Tables {
        forms: HashMap::new(),
        same: HashMap::new(),
        optional: Vec::new(),
        ends: HashSet::new(),
    };
    for (form, columns) in tables::rows(include_str!("../data/legal_forms.tsv")).enumerate() {
        for spelling in columns.last().copied().unwrap_or_default().split(' ') {
            let words: Vec<String> = spelling.split('_').map(|word| folded(word, false)).collect();
            tables.forms.insert(words.join(" "), form);
            let long: Vec<String> = spelling.split('_').map(|word| folded(word, true)).collect();
            tables.forms.insert(long.join(" "), form);
            tables.ends.extend([words.first(), words.last()].into_iter().flatten().cloned());
        }
    }
    for columns in tables::rows(include_str!("../data/business_words.tsv")) {
        let [kind, words] = columns[..] else { continue };
        let first = words.split(' ').next().unwrap_or_default();
        match kind {
            "same" => {
                for word in words.split(' ') {
                    tables.same.entry(folded(word, false)).or_insert(first);
                }
            }
            "optional" => tables.optional.extend(words.split(' ')),
            _ => {}
        }
    }
    tables
});

fn folded(word: &str, long: bool) -> String {
    if word == "&" || word == "+" {
        return "&".to_owned();
    }
    let folded = fold::word(word);
    if long { folded.expanded.unwrap_or(folded.plain) } else { folded.plain }
}

/// A business name: its legal form apart from its words.
struct Firm {
    words: Vec<String>,
    form: Option<usize>,
    /// Whether a sign stands for a word.
    has_symbol: bool,
    suspicious: bool,
}

pub(crate) fn has_legal_form(text: &str) -> bool {
    let ends = |word: &str| TABLES.ends.contains(&folded(word, false));
    if !text.split([' ', ',', '\t', '-', '(', ')']).any(ends) {
        return false;
    }
    let firm = firm(text);
    firm.form.is_some() && !firm.words.is_empty()
}

/// Compares two names of businesses.
pub(crate) fn compare(claim: &str, holder: &str) -> Verdict {
    let (claimed, held) = (firm(claim), firm(holder));
    let mut rules = Vec::new();
    let aligned = align(&claimed.words, &held.words);
    let (mut outcome, mut score) = words_outcome(&claimed, &held, &aligned, &mut rules);
    if claimed.has_symbol != held.has_symbol {
        rules.push(Rule::Symbols);
    }
    if claimed.suspicious || held.suspicious {
        rules.push(Rule::SuspiciousCharacters);
    }
    match (claimed.form, held.form) {
        (Some(a), Some(b)) if a != b && outcome != Outcome::NoMatch => {
            rules.push(Rule::LegalFormDiffers);
            (outcome, score) = (Outcome::NoMatch, 45);
        }
        (Some(_), None) | (None, Some(_)) if outcome == Outcome::Match => {
            rules.push(Rule::LegalForm);
            (outcome, score) = (Outcome::Close, 80);
        }
        (Some(_), None) | (None, Some(_)) if outcome == Outcome::Close => {
            rules.push(Rule::LegalForm);
            score = score.saturating_sub(4);
            outcome = if score >= CLOSE_MIN { Outcome::Close } else { Outcome::NoMatch };
        }
        _ => {}
    }
    Verdict { outcome, score: Some(score), rules, aligned, holder: None }
}

fn words_outcome(
    claim: &Firm,
    holder: &Firm,
    aligned: &[Aligned],
    rules: &mut Vec<Rule>,
) -> (Outcome, u8) {
    let joined = |firm: &Firm| firm.words.iter().map(String::as_str).collect::<String>();
    let (of_claim, of_holder) = (joined(claim), joined(holder));
    if of_claim == of_holder && !of_claim.is_empty() {
        return (Outcome::Match, 98);
    }
    let missing: Vec<&Aligned> = aligned.iter().filter(|pair| pair.how == How::Missing).collect();
    let typos = aligned.iter().filter(|pair| pair.how == How::Typo).count();
    let paired = aligned.len() - missing.len();
    let spare = |pair: &&Aligned| {
        let word = pair.claim.as_deref().or(pair.holder.as_deref()).unwrap_or_default();
        word == "company"
    };
    if missing.is_empty() && paired > 0 {
        return match typos {
            0 if in_order(claim, holder) => (Outcome::Match, 96),
            0 => {
                rules.push(Rule::Order);
                (Outcome::Close, 80)
            }
            1 => {
                rules.push(Rule::Typo);
                (Outcome::Close, 80)
            }
            _ => {
                rules.push(Rule::Typo);
                (Outcome::NoMatch, 60)
            }
        };
    }
    if paired > 0 && typos == 0 && missing.iter().all(spare) {
        rules.push(Rule::Different);
        return (Outcome::Close, 78);
    }
    if is_acronym(&claim.words, &holder.words) || is_acronym(&holder.words, &claim.words) {
        rules.push(Rule::FirstInitial);
        return (Outcome::Close, 75);
    }
    if let [one] = missing[..]
        && slipped_whole(&of_claim, &of_holder)
        && one.part == Part::Single
    {
        rules.push(Rule::Typo);
        return (Outcome::Close, 76);
    }
    rules.push(Rule::Different);
    (Outcome::NoMatch, 30)
}

/// One slip where a word was written apart on one side.
fn slipped_whole(a: &str, b: &str) -> bool {
    a.len().min(b.len()) >= 2 * SLIP_LENGTH_MIN
        && a.len() < 60
        && b.len() < 60
        && osa_distance(a, b) == 1
}

fn in_order(claim: &Firm, holder: &Firm) -> bool {
    let (of_claim, of_holder) = (&claim.words, &holder.words);
    of_claim.len() == of_holder.len()
        && of_claim.iter().zip(of_holder).all(|(a, b)| word_how(a, b) != How::Different)
}

/// Whether one word is made of the first letters of the others.
fn is_acronym(short: &[String], long: &[String]) -> bool {
    let [short] = short else { return false };
    let full: Vec<&String> = long.iter().collect();
    short.len() >= ACRONYM_LENGTH_MIN
        && full.len() == short.len()
        && full.iter().zip(short.bytes()).all(|(word, letter)| word.bytes().next() == Some(letter))
}

fn firm(text: &str) -> Firm {
    let clean = fold::clean(text);
    let mut words = split(&clean.text);
    let has_symbol = clean.text.contains(['&', '+']);
    let form = take_form(&mut words);
    words.retain(|word| !TABLES.optional.contains(&word.as_str()));
    for word in &mut words {
        if let Some(same) = TABLES.same.get(word.as_str()) {
            *word = folded(same, false);
        }
    }
    // "Müller und Söhne", "Müller & Söhne", "Müller Söhne": the sign says nothing.
    words.retain(|word| word != "and");
    Firm { words, form, has_symbol, suspicious: clean.suspicious }
}

/// Words in small ASCII letters; single letters with dots between them are one word.
fn split(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let text = text.replace('&', " & ").replace('+', " + ").replace(['\'', '’', '`', '´'], "");
    let apart = |c: char| {
        c.is_whitespace()
            || matches!(c, ',' | ';' | '/' | '_' | '(' | ')' | '"' | '-' | '–' | '“' | '”' | '„')
    };
    for chunk in text.split(apart) {
        let inner = chunk.trim_matches('.');
        let abbreviated = inner.split('.').all(|part| part.chars().count() <= 2);
        let pieces: Vec<&str> = if abbreviated { vec![inner] } else { inner.split('.').collect() };
        for piece in pieces {
            let word = folded(piece, false);
            if !word.is_empty() && out.len() < WORDS_MAX {
                out.push(word);
            }
        }
    }
    out
}

/// Takes the legal form off: the longest at the end, else at the start, else a sure one inside.
fn take_form(words: &mut Vec<String>) -> Option<usize> {
    let form = |words: &[String]| TABLES.forms.get(&words.join(" ")).copied();
    let longest = FORM_WORDS_MAX.min(words.len());
    for count in (1..=longest).rev() {
        let start = words.len() - count;
        if let Some(found) = form(&words[start..]).filter(|_| start > 0) {
            words.truncate(start);
            return Some(found);
        }
    }
    for count in (1..=longest).rev().filter(|count| *count < words.len()) {
        if let Some(found) = form(&words[..count]) {
            words.drain(..count);
            return Some(found);
        }
    }
    for at in 1..words.len().saturating_sub(1) {
        let sure = words[at].len() >= 3;
        if let Some(found) = form(&words[at..=at]).filter(|_| sure) {
            words.remove(at);
            return Some(found);
        }
    }
    None
}

fn align(claim: &[String], holder: &[String]) -> Vec<Aligned> {
    let mut left: Vec<&String> = holder.iter().collect();
    let mut lone: Vec<&String> = Vec::new();
    let mut all = Vec::new();
    let pair = |a: &str, b: &str, how| Aligned {
        claim: Some(a.to_owned()),
        holder: Some(b.to_owned()),
        how,
        part: Part::Single,
    };
    for word in claim {
        match left.iter().position(|other| word_how(word, other) == How::Same) {
            Some(at) => all.push(pair(word, left.remove(at), How::Same)),
            None => lone.push(word),
        }
    }
    lone.retain(|word| match left.iter().position(|other| word_how(word, other) == How::Typo) {
        Some(at) => {
            all.push(pair(word, left.remove(at), How::Typo));
            false
        }
        None => true,
    });
    let missing = |claim: Option<&String>, holder: Option<&String>| Aligned {
        claim: claim.cloned(),
        holder: holder.cloned(),
        how: How::Missing,
        part: Part::Single,
    };
    all.extend(lone.into_iter().map(|word| missing(Some(word), None)));
    all.extend(left.into_iter().map(|word| missing(None, Some(word))));
    all
}

fn word_how(a: &str, b: &str) -> How {
    if a == b {
        return How::Same;
    }
    let bare = |word: &str| fold::without_umlauts(word).unwrap_or_else(|| word.to_owned());
    if bare(a) == bare(b) {
        return How::Same;
    }
    let short = a.len().min(b.len());
    let known = |word: &str| {
        tables::entry(word).is_some_and(|e| e.is_name() || e.marks.has(tables::Marks::BUSINESS))
            || TABLES.same.contains_key(word)
    };
    let comparable = short >= SLIP_LENGTH_MIN
        && a.len().max(b.len()) <= 40
        && a.bytes().chain(b.bytes()).all(|c| c.is_ascii_lowercase());
    let close = comparable
        && !(known(a) && known(b))
        && a.as_bytes()[0] == b.as_bytes()[0]
        && (osa_distance(a, b) == 1 || short >= 10 && osa_distance(a, b) == 2);
    if close { How::Typo } else { How::Different }
}
