//! Several holders in one field (R23): "Mr A & Mrs B Smith" gives both the family name.

use crate::name;
use crate::tables::{self, Marks};

/// The most holders that are looked for in one field.
const OWNERS_MAX: usize = 6;
/// Signs and words that stand between holders and never inside a name.
const SURE: [&str; 10] = ["&", "+", ";", "/", "|", "and", "und", "oder", "and/or", "and/oder"];

/// Whether one field names several holders.
#[must_use]
pub fn is_joint(holder: &str) -> bool {
    owners(holder).len() > 1
}

/// The owners in one field; one where nothing separates them.
pub(crate) fn owners(holder: &str) -> Vec<String> {
    let signs = holder.contains(['&', '+', ';', '/', '|']);
    if !signs && !holder.split_whitespace().any(is_word_between) {
        return vec![holder.to_owned()];
    }
    let spaced =
        holder.replace('&', " & ").replace('+', " + ").replace(';', " ; ").replace('/', " / ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut parts: Vec<Vec<&str>> = vec![Vec::new()];
    for (at, word) in words.iter().enumerate() {
        let separates = at > 0 && at + 1 < words.len() && is_separator(word, &words, at);
        if separates && parts.len() < OWNERS_MAX {
            parts.push(Vec::new());
        } else if let Some(part) = parts.last_mut() {
            part.push(word);
        }
    }
    if parts.len() < 2 {
        return vec![holder.to_owned()];
    }
    let mut all = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        let text = part.join(" ");
        let alone = name::readings(&text).first().map_or(0, |name| name.tokens.len());
        if alone == 0 {
            continue;
        }
        if alone == 1 {
            all.extend(lent(&parts, at).into_iter().map(|family| format!("{text} {family}")));
        } else {
            all.push(text);
        }
    }
    all
}

/// Whether a word may stand between holders.
fn is_word_between(word: &str) -> bool {
    let lower = word.to_lowercase();
    SURE.contains(&lower.as_str())
        || tables::entry(&lower).is_some_and(|entry| entry.marks.has(Marks::JOINT))
}

fn is_separator(word: &str, words: &[&str], at: usize) -> bool {
    let lower = word.to_lowercase();
    if SURE.contains(&lower.as_str()) {
        return true;
    }
    let joint = tables::entry(&lower).is_some_and(|entry| entry.marks.has(Marks::JOINT));
    // Short words are particles and names as well: both sides must be whole names.
    joint && at >= 2 && words.len() - at > 2 || lower == "et" || lower == "og" || lower == "och"
}

/// The family name that the others lend to a lone first name: the last word of a later one, the
/// first and the last of an earlier one.
fn lent(parts: &[Vec<&str>], at: usize) -> Vec<String> {
    let word = |word: Option<&&str>| word.map(|w| w.trim_matches([',', '.']).to_owned());
    let later = parts[at + 1..].iter().find(|part| part.len() > 1);
    let earlier = parts[..at].iter().rev().find(|part| part.len() > 1);
    let mut families: Vec<String> = word(later.and_then(|part| part.last())).into_iter().collect();
    if later.is_none() {
        families.extend(word(earlier.and_then(|part| part.first())));
        families.extend(word(earlier.and_then(|part| part.last())));
    }
    families
}
