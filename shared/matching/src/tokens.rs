//! From a string to comparable tokens.

use deunicode::deunicode;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use crate::tables;

/// The most tokens of a name that are looked at; pairing is quadratic.
const TOKENS_MAX: usize = 24;

/// One token with the spellings under which it may be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    /// The plain spelling: accents removed.
    pub(crate) plain: String,
    /// The expanded spelling: ä → ae, ø → oe; the same as `plain` where nothing expands.
    pub(crate) expanded: String,
    /// Whether accents or letters were changed.
    pub(crate) folded: bool,
    /// Whether it was written in another script.
    pub(crate) transliterated: bool,
    /// Whether a hyphen joined it to a neighbour.
    pub(crate) hyphened: bool,
}

impl Token {
    /// Whether any spelling of one is a spelling of the other.
    pub(crate) fn is_spelled_like(&self, other: &Self) -> bool {
        self.plain == other.plain
            || self.expanded == other.expanded
            || self.plain == other.expanded
            || self.expanded == other.plain
    }

    pub(crate) fn is_initial(&self) -> bool {
        self.plain.chars().count() == 1
    }

    pub(crate) fn initial(&self) -> Option<char> {
        self.plain.chars().next()
    }
}

/// A name, taken apart.
#[derive(Debug, Clone, Default)]
pub(crate) struct Name {
    pub(crate) tokens: Vec<Token>,
    pub(crate) suffix: Option<usize>,
    pub(crate) had_title: bool,
    pub(crate) had_particles: bool,
    pub(crate) suspicious: bool,
    pub(crate) length: usize,
    /// Every word without spaces, particles included.
    pub(crate) joined: String,
}

/// Takes a person's name apart: titles and suffixes off, particles joined to what follows.
pub(crate) fn name(text: &str) -> Name {
    let text: String = text.nfkc().filter(|c| !is_invisible(*c)).collect();
    let suspicious = is_mixed(&text);
    let text = if suspicious { skeleton(&text) } else { text };
    let mut name = Name { suspicious, length: text.trim().chars().count(), ..Name::default() };
    let words: Vec<(&str, bool)> = split(&text).collect();
    for (word, hyphened) in &words {
        let token = Token { hyphened: *hyphened, ..token(word) };
        name.joined.push_str(&token.plain);
        if token.plain.is_empty() {
            continue;
        }
        let rest = words.len() > 1;
        if rest && tables::is_title(&token.plain) {
            name.had_title = true;
        } else if rest && name.suffix.is_none() && tables::suffix(&token.plain).is_some() {
            name.suffix = tables::suffix(&token.plain);
        } else if rest && tables::is_particle(&token.plain) && !token.is_initial() {
            name.had_particles = true;
        } else if name.tokens.len() < TOKENS_MAX {
            name.tokens.push(token);
        }
    }
    if name.tokens.is_empty() {
        name.tokens = words.iter().map(|(w, _)| token(w)).filter(|t| !t.plain.is_empty()).collect();
        name.tokens.truncate(TOKENS_MAX);
    }
    name
}

/// The words of an address, with street words in one spelling.
pub(crate) fn address_words(text: &str) -> Vec<String> {
    let text: String = text.nfkc().collect::<String>().to_lowercase();
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .flat_map(|word| {
            let token = token(word);
            let plain = token.expanded;
            let stem = ["strasse", "str"].into_iter().find_map(|end| plain.strip_suffix(end));
            match (stem, plain.as_str()) {
                (Some(""), _) | (_, "st" | "street") => vec!["street".to_owned()],
                (Some(stem), _) => vec![stem.to_owned(), "street".to_owned()],
                (None, "c" | "calle") => vec!["calle".to_owned()],
                (None, "ul" | "ulica") => vec!["ulica".to_owned()],
                (None, "ave" | "av" | "avenue" | "avenida") => vec!["avenue".to_owned()],
                (None, "rd" | "road") => vec!["road".to_owned()],
                _ => vec![plain],
            }
        })
        .collect()
}

/// Splits at spaces, commas, slashes and hyphens, and says which words a hyphen joined;
/// apostrophes and dots join (O'Neil, s.r.o.).
fn split(text: &str) -> impl Iterator<Item = (&str, bool)> {
    let between = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '/' | '_' | '(' | ')');
    text.split(between).flat_map(|word| {
        let hyphened = word.trim_matches(['-', '–']).contains(['-', '–']);
        word.split(['-', '–']).filter(|part| !part.is_empty()).map(move |part| (part, hyphened))
    })
}

fn token(word: &str) -> Token {
    let lower = word.to_lowercase();
    let expanded: String = lower.nfc().map(expand).collect();
    let bare: String = lower.nfd().filter(|c| !is_combining_mark(*c)).map(shorten).collect();
    let letters = |text: &str| -> String {
        let ascii = deunicode(text).to_lowercase();
        ascii.chars().filter(char::is_ascii_alphanumeric).collect()
    };
    let plain = letters(&bare);
    let folded = !lower.is_ascii();
    let transliterated = lower.chars().any(|c| c.is_alphabetic() && !is_latin(c));
    Token { expanded: letters(&expanded), plain, folded, transliterated, hyphened: false }
}

/// Letters that German and Nordic practice writes as two.
fn expand(letter: char) -> String {
    match letter {
        'ä' | 'æ' => "ae".to_owned(),
        'ö' | 'ø' | 'œ' => "oe".to_owned(),
        'ü' => "ue".to_owned(),
        'å' => "aa".to_owned(),
        'ß' => "ss".to_owned(),
        other => other.to_string(),
    }
}

/// The same letters where only the base is kept.
const fn shorten(letter: char) -> char {
    match letter {
        'ø' => 'o',
        'ł' => 'l',
        'đ' => 'd',
        'ı' => 'i',
        other => other,
    }
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{ad}')
}

const fn is_latin(c: char) -> bool {
    matches!(c, 'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}')
}

const CONFUSABLE: &[(char, char)] = &[
    ('а', 'a'),
    ('е', 'e'),
    ('о', 'o'),
    ('р', 'p'),
    ('с', 'c'),
    ('у', 'y'),
    ('х', 'x'),
    ('і', 'i'),
    ('ј', 'j'),
    ('ѕ', 's'),
    ('А', 'A'),
    ('В', 'B'),
    ('Е', 'E'),
    ('К', 'K'),
    ('М', 'M'),
    ('Н', 'H'),
    ('О', 'O'),
    ('Р', 'P'),
    ('С', 'C'),
    ('Т', 'T'),
    ('Х', 'X'),
    ('ο', 'o'),
    ('α', 'a'),
    ('Α', 'A'),
    ('Β', 'B'),
    ('Ε', 'E'),
    ('Η', 'H'),
    ('Ι', 'I'),
    ('Κ', 'K'),
    ('Μ', 'M'),
    ('Ν', 'N'),
    ('Ο', 'O'),
    ('Ρ', 'P'),
    ('Τ', 'T'),
    ('Χ', 'X'),
    ('ν', 'v'),
    ('ρ', 'p'),
];

/// Whether one word mixes Latin letters with letters of another alphabet that look like them.
fn is_mixed(text: &str) -> bool {
    split(text).any(|(word, _)| {
        let imitates = |c: char| CONFUSABLE.iter().any(|(from, _)| *from == c);
        word.chars().any(is_latin) && word.chars().any(imitates)
    })
}

fn skeleton(text: &str) -> String {
    let latin = |c: char| CONFUSABLE.iter().find(|(from, _)| *from == c).map_or(c, |(_, to)| *to);
    text.chars().map(latin).collect()
}
