//! From letters to comparable ASCII: Unicode forms, invisible and imitating characters, accents,
//! letters that are written as two.

use deunicode::deunicode_char;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// The script of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Script {
    Latin,
    Cyrillic,
    Greek,
    Arabic,
    Hebrew,
    Indic,
    Han,
    Kana,
    Hangul,
    Other,
}

pub(crate) const fn script(c: char) -> Script {
    match c {
        'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{24f}' | '\u{250}'..='\u{2af}' => Script::Latin,
        '\u{1e00}'..='\u{1eff}' | '\u{300}'..='\u{36f}' => Script::Latin,
        '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => Script::Greek,
        '\u{400}'..='\u{52f}' => Script::Cyrillic,
        '\u{590}'..='\u{5ff}' => Script::Hebrew,
        '\u{600}'..='\u{6ff}' | '\u{750}'..='\u{77f}' => Script::Arabic,
        '\u{900}'..='\u{dff}' => Script::Indic,
        '\u{3040}'..='\u{30ff}' => Script::Kana,
        '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '々' => Script::Han,
        '\u{ac00}'..='\u{d7af}' | '\u{1100}'..='\u{11ff}' => Script::Hangul,
        _ => Script::Other,
    }
}

/// A text in one Unicode form, without what cannot be seen.
pub(crate) struct Clean {
    pub(crate) text: String,
    /// Whether something invisible was in it that no name needs (R28).
    pub(crate) suspicious: bool,
}

pub(crate) fn clean(text: &str) -> Clean {
    if text.is_ascii() {
        return Clean { text: text.to_owned(), suspicious: false };
    }
    let mut suspicious = false;
    let text: String = text
        .nfkc()
        .filter(|c| {
            suspicious |= is_hidden(*c);
            !is_hidden(*c) && !matches!(c, '\u{200c}' | '\u{200d}' | '\u{ad}' | '\u{640}')
        })
        .collect();
    let suspicious = suspicious || text.split(is_between).any(is_mixed);
    let text = if suspicious { skeleton(&text) } else { text };
    Clean { text, suspicious }
}

/// Zero-width characters and those that turn the direction of text. Joiners, soft hyphens and the
/// Arabic tatweel are left out: honest text has them.
const fn is_hidden(c: char) -> bool {
    matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

pub(crate) fn is_between(c: char) -> bool {
    c.is_whitespace() || matches!(c, ',' | ';' | '/' | '_' | '-' | '–' | '‐' | '‑' | '·' | '・')
}

/// Whether one word mixes Latin letters with letters of another alphabet that look like them.
fn is_mixed(word: &str) -> bool {
    let latin = word.chars().any(|c| script(c) == Script::Latin);
    let imitates = |c| matches!(script(c), Script::Cyrillic | Script::Greek);
    latin && word.chars().any(imitates)
}

/// The text with every Cyrillic or Greek letter that looks like a Latin one replaced by it, in the
/// words that mix alphabets.
fn skeleton(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_inclusive(is_between) {
        if is_mixed(word) {
            out.extend(word.chars().map(latin_twin));
        } else {
            out.push_str(word);
        }
    }
    out
}

fn latin_twin(c: char) -> char {
    if !matches!(script(c), Script::Cyrillic | Script::Greek) {
        return c;
    }
    let shown = c.to_string();
    let mut twin = unicode_security::skeleton(&shown);
    match (twin.next(), twin.next()) {
        // The skeleton of every upright stroke is a small l, of a capital I too.
        (Some('l'), None) if c.is_uppercase() => 'I',
        (Some(twin), None) if twin.is_ascii_alphabetic() => twin,
        _ => c,
    }
}

/// What a Latin letter is that ASCII lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Letter {
    Accented,
    Umlaut,
    StrokeOrLigature,
}

impl Letter {
    /// Of a small letter.
    pub(crate) const fn of(letter: char) -> Option<Self> {
        match letter {
            'ä' | 'ö' | 'ü' | 'å' => Some(Self::Umlaut),
            'ø' | 'ł' | 'đ' | 'ð' | 'ı' | 'ß' | 'æ' | 'œ' | 'þ' => {
                Some(Self::StrokeOrLigature)
            }
            _ if letter.is_ascii() => None,
            _ => Some(Self::Accented),
        }
    }
}

/// One word, folded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Folded {
    /// Accents removed, in ASCII letters and digits.
    pub(crate) plain: String,
    /// Where letters may be written as two (ä as ae), that spelling.
    pub(crate) expanded: Option<String>,
    /// What was written, in small letters, where it was not ASCII.
    pub(crate) written: Option<String>,
    pub(crate) script: Script,
}

pub(crate) fn word(word: &str) -> Folded {
    if word.is_ascii() {
        let letters = word.bytes().filter(u8::is_ascii_alphanumeric);
        let plain = letters.map(|b| char::from(b.to_ascii_lowercase())).collect();
        return Folded { plain, expanded: None, written: None, script: Script::Latin };
    }
    let lower: String = word.to_lowercase().nfc().collect();
    let first = lower.chars().find(|c| c.is_alphanumeric());
    let script =
        first.map_or(Script::Other, |c| if c.is_ascii() { Script::Latin } else { script(c) });
    let mut plain = String::with_capacity(lower.len());
    let mut expanded = String::new();
    let mut expands = false;
    for c in lower.chars() {
        let long = expand(c);
        expands |= long.is_some();
        let at = plain.len();
        push_plain(&mut plain, c);
        match long {
            Some(long) => expanded.push_str(long),
            None => expanded.push_str(&plain[at..]),
        }
    }
    let expanded = (expands && expanded != plain).then_some(expanded);
    Folded { plain, expanded, written: Some(lower), script }
}

/// Every folded spelling of a word of the data files.
pub(crate) fn spellings(name: &str) -> Vec<String> {
    let folded = word(name);
    let mut all = vec![folded.plain];
    all.extend(folded.expanded);
    all
}

fn push_plain(out: &mut String, c: char) {
    match c {
        'ø' => out.push('o'),
        'ł' => out.push('l'),
        'đ' | 'ð' => out.push('d'),
        'ı' => out.push('i'),
        'ə' => out.push('a'),
        'þ' => out.push_str("th"),
        _ if c.is_ascii() => out.extend(c.is_ascii_alphanumeric().then_some(c)),
        _ if matches!(script(c), Script::Latin | Script::Cyrillic | Script::Greek) => {
            let bases = std::iter::once(c).nfd().filter(|c| !is_combining_mark(*c));
            bases.for_each(|base| push_ascii(out, base));
        }
        // Marks of other scripts are vowels, and Korean syllables come apart: left as they are.
        _ => push_ascii(out, c),
    }
}

fn push_ascii(out: &mut String, c: char) {
    let ascii = deunicode_char(c).unwrap_or_default();
    // The Korean consonant that everybody writes ch.
    let ascii = if script(c) == Script::Hangul && ascii.starts_with('c') {
        out.push_str("ch");
        ascii.strip_prefix("ch").or(ascii.strip_prefix('c')).unwrap_or_default()
    } else {
        ascii
    };
    let letters = ascii.chars().filter(char::is_ascii_alphanumeric);
    out.extend(letters.map(|c| c.to_ascii_lowercase()));
}

/// Letters that somebody writes as two: German and Nordic practice, and what English makes of
/// Slavic and Turkish letters.
const fn expand(letter: char) -> Option<&'static str> {
    Some(match letter {
        'ä' | 'æ' => "ae",
        'ö' | 'ø' | 'œ' => "oe",
        'ü' => "ue",
        'å' => "aa",
        'ß' => "ss",
        'š' | 'ş' | 'ș' | 'ś' => "sh",
        'č' | 'ć' => "ch",
        'ž' | 'ż' | 'ź' => "zh",
        'đ' => "dj",
        'ñ' => "ny",
        'ç' => "ch",
        'ğ' => "gh",
        'ð' => "dh",
        _ => return None,
    })
}

/// The word with ae, oe and ue read as the umlauts they may stand for; nothing if there are none.
pub(crate) fn without_umlauts(plain: &str) -> Option<String> {
    let bytes = plain.as_bytes();
    let stands =
        |at: usize| matches!(bytes[at], b'a' | b'o' | b'u') && bytes.get(at + 1) == Some(&b'e');
    if !plain.is_ascii() || !(0..bytes.len()).any(stands) {
        return None;
    }
    let mut out = String::with_capacity(plain.len());
    let mut at = 0;
    while at < bytes.len() {
        out.push(char::from(bytes[at]));
        at += if stands(at) { 2 } else { 1 };
    }
    Some(out)
}
