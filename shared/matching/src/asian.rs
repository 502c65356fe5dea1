//! Names written without spaces: Chinese, Japanese and Korean.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::fold::{self, Script};
use crate::name::{Name, Token};
use crate::tables;

/// The most characters of a name that is written without spaces.
const CHARACTERS_MAX: usize = 8;
/// Korean surnames of two syllables.
const LONG_SURNAMES: [&str; 6] = ["남궁", "황보", "제갈", "사공", "선우", "독고"];

#[derive(Default)]
struct Han {
    surnames: HashMap<&'static str, &'static str>,
    family: HashMap<&'static str, Vec<&'static str>>,
    given: HashMap<&'static str, Vec<&'static str>>,
    forms: HashMap<char, char>,
}

static HAN: LazyLock<Han> = LazyLock::new(|| {
    let mut han = Han::default();
    for columns in tables::rows(include_str!("../data/han_names.tsv")) {
        let [kind, entries] = columns[..] else { continue };
        for (from, to) in entries.split(' ').filter_map(|entry| entry.split_once('=')) {
            let readings = || to.split(',').collect();
            match kind {
                "surname" => drop(han.surnames.insert(from, to)),
                "family" => drop(han.family.insert(from, readings())),
                "given" => drop(han.given.insert(from, readings())),
                _ => {
                    let forms = from.chars().next().zip(to.chars().next());
                    han.forms.extend(forms);
                }
            }
        }
    }
    han
});

/// The ways to read a name that is written in Han characters or in Hangul; none for other names.
pub(crate) fn readings(text: &str) -> Vec<Name> {
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c == '·' || c == '・').collect();
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    let is_all = |script| words.iter().all(|word| word.chars().all(|c| fold::script(c) == script));
    if words.is_empty() || words.len() > 2 {
        return Vec::new();
    }
    let whole: String = words.concat();
    if whole.chars().count() > CHARACTERS_MAX {
        return Vec::new();
    }
    if is_all(Script::Hangul) {
        return korean(&words, &whole).into_iter().collect();
    }
    let hanish = |c| matches!(fold::script(c), Script::Han | Script::Kana);
    if whole.chars().all(hanish) && whole.chars().any(|c| fold::script(c) == Script::Han) {
        let mut all = japanese(&words, &whole);
        all.extend(chinese(&words, &whole).filter(|_| is_all(Script::Han)));
        return all;
    }
    Vec::new()
}

fn korean(words: &[&str], whole: &str) -> Option<Name> {
    let (family, given) = match words {
        [family, given] => (*family, *given),
        _ => {
            let long = LONG_SURNAMES.iter().find(|long| whole.starts_with(**long));
            split_after(whole, if long.is_some() { 2 } else { 1 })?
        }
    };
    Some(family_first([Token::new(family), Token::new(given)]))
}

fn chinese(words: &[&str], whole: &str) -> Option<Name> {
    let (family, given) = match words {
        [family, given] => (*family, *given),
        _ => {
            let long = split_after(whole, 2).filter(|(two, _)| HAN.surnames.contains_key(two));
            long.or_else(|| split_after(whole, 1))?
        }
    };
    let mut tokens = [han_token(family), han_token(given)];
    if let Some(reading) = HAN.surnames.get(family) {
        tokens[0] = Token {
            written: tokens[0].written.clone(),
            script: Script::Han,
            ..Token::new(reading)
        };
    }
    Some(family_first(tokens))
}

/// A token whose written form is in simplified characters.
fn han_token(word: &str) -> Token {
    let simplified = word.chars().map(|c| HAN.forms.get(&c).copied().unwrap_or(c)).collect();
    Token { written: Some(simplified), ..Token::new(word) }
}

/// Every known reading of family and given name; both must be known.
fn japanese(words: &[&str], whole: &str) -> Vec<Name> {
    let ends = whole.char_indices().map(|(at, _)| at).skip(1);
    let splits: Vec<(&str, &str)> = match words {
        [family, given] => vec![(*family, *given)],
        _ => ends.map(|at| whole.split_at(at)).collect(),
    };
    let mut all = Vec::new();
    for (family, given) in splits {
        let Some(families) = HAN.family.get(family) else { continue };
        let kana = given.chars().all(|c| fold::script(c) == Script::Kana);
        let read = fold::word(given).plain;
        let spelled = vec![read.as_str()];
        let Some(givens) = HAN.given.get(given).or_else(|| kana.then_some(&spelled)) else {
            continue;
        };
        for family_read in families {
            for given_read in givens {
                all.push(family_first([read_as(family, family_read), read_as(given, given_read)]));
            }
        }
    }
    all
}

fn read_as(written: &str, reading: &str) -> Token {
    Token { written: Some(written.to_owned()), script: Script::Kana, ..Token::new(reading) }
}

fn split_after(text: &str, count: usize) -> Option<(&str, &str)> {
    let (at, _) = text.char_indices().nth(count)?;
    Some(text.split_at(at))
}

fn family_first(tokens: [Token; 2]) -> Name {
    let joined = tokens.iter().map(|token| token.plain.as_str()).collect();
    Name { tokens: tokens.into(), family_first: true, joined, ..Name::default() }
}
