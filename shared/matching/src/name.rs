//! A person's name, taken apart: titles, suffixes and particles aside, the rest as tokens.

use crate::asian;
use crate::culture::Cultures;
use crate::fold::{self, Letter, Script};
use crate::tables::{self, Entry, Marks};

/// The most tokens of a name that are looked at; pairing is quadratic.
const TOKENS_MAX: usize = 16;
/// The most letters of a token that are looked at.
const TOKEN_LENGTH_MAX: usize = 48;

/// One word of a name, with the spellings under which it may be found.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) plain: String,
    pub(crate) expanded: Option<String>,
    pub(crate) written: Option<String>,
    pub(crate) script: Script,
    /// With the particles before it: "vandenberg" for the "berg" of van den Berg.
    pub(crate) with_particles: Option<String>,
    /// Whether a hyphen ties it to the token before.
    pub(crate) hyphened: bool,
    /// Whether a word before it says that it is a parent's name (bin, ibn).
    pub(crate) is_parent: bool,
    pub(crate) entry: Option<&'static Entry>,
}

impl Token {
    /// Whether a Latin letter of this kind was written.
    pub(crate) fn has_letter(&self, kind: Letter) -> bool {
        let written = self.written.as_deref().filter(|_| self.script == Script::Latin);
        written.is_some_and(|written| written.chars().any(|c| Letter::of(c) == Some(kind)))
    }

    pub(crate) fn new(word: &str) -> Self {
        let mut folded = fold::word(word);
        folded.plain.truncate(TOKEN_LENGTH_MAX);
        let spellings = [Some(folded.plain.as_str()), folded.expanded.as_deref()];
        // Consonants alone are no word of the tables: Omar in Arabic letters is no Mr.
        let lossy = matches!(folded.script, Script::Arabic | Script::Hebrew);
        let spellings = if lossy { [None, None] } else { spellings };
        let entry = spellings.into_iter().flatten().find_map(tables::entry);
        Self {
            entry,
            plain: folded.plain,
            expanded: folded.expanded,
            written: folded.written,
            script: folded.script,
            with_particles: None,
            hyphened: false,
            is_parent: false,
        }
    }

    pub(crate) fn is_initial(&self) -> bool {
        let whole = matches!(self.script, Script::Han | Script::Hangul | Script::Kana);
        self.plain.len() == 1 && !whole
    }

    pub(crate) fn first(&self) -> Option<u8> {
        self.plain.bytes().next()
    }

    pub(crate) fn cultures(&self) -> Cultures {
        self.entry.map_or(Cultures::NONE, |entry| entry.cultures).with(script_culture(self.script))
    }

    pub(crate) fn is_given(&self) -> bool {
        self.entry.is_some_and(Entry::is_given)
    }

    /// Whether more people bear it as a first name than as a family name.
    pub(crate) fn leans_given(&self) -> bool {
        self.entry.is_some_and(Entry::leans_given)
    }

    pub(crate) fn is_family(&self) -> bool {
        self.entry.is_some_and(Entry::is_family)
    }

    /// Whether it stands in a table of names.
    pub(crate) fn is_known(&self) -> bool {
        self.entry.is_some_and(Entry::is_name)
    }

    fn marks(&self) -> Marks {
        self.entry.map_or(Marks::default(), |entry| entry.marks)
    }
}

const fn script_culture(script: Script) -> Cultures {
    match script {
        Script::Cyrillic => Cultures::SLAVIC,
        Script::Greek => Cultures::GREEK,
        Script::Arabic => Cultures::ARABIC.with(Cultures::PERSIAN),
        Script::Hebrew => Cultures::HEBREW,
        Script::Indic => Cultures::INDIAN,
        Script::Han => Cultures::CHINESE.with(Cultures::JAPANESE),
        Script::Kana => Cultures::JAPANESE,
        Script::Hangul => Cultures::KOREAN,
        Script::Latin | Script::Other => Cultures::NONE,
    }
}

/// A name, taken apart in one way.
#[derive(Debug, Clone, Default)]
pub(crate) struct Name {
    pub(crate) tokens: Vec<Token>,
    pub(crate) suffix: Option<u8>,
    pub(crate) had_title: bool,
    pub(crate) had_particles: bool,
    pub(crate) suspicious: bool,
    /// Whether a word of businesses stands in it.
    pub(crate) is_business: bool,
    /// How many tokens stand before a comma: the family name.
    pub(crate) before_comma: Option<usize>,
    /// Whether its script or its comma says that the family name stands first.
    pub(crate) family_first: bool,
    /// Whether the last token is the name at birth instead of the present one.
    pub(crate) by_birth_name: bool,
    /// Length in characters, as stated.
    pub(crate) length: usize,
    /// Every word without spaces, particles included.
    pub(crate) joined: String,
}

/// One word of the text, before it is known what it is.
struct Word {
    token: Token,
    after_comma: bool,
    has_dot: bool,
}

/// Every way in which the text may be read: without what stands in brackets, with it, with the
/// name at birth.
pub(crate) fn readings(text: &str) -> Vec<Name> {
    let clean = fold::clean(text);
    let mut all = Vec::new();
    let (outside, inside) = brackets(&clean.text);
    read_into(&mut all, &outside);
    if let Some(inside) = inside {
        read_into(&mut all, &clean.text.replace(['(', ')', '"', '“', '”', '„', '[', ']'], " "));
        if let Some((_, rest)) = outside.trim().split_once(' ') {
            read_into(&mut all, &format!("{inside} {rest}"));
        }
    }
    let length = text.trim().chars().count();
    for name in &mut all {
        name.suspicious = clean.suspicious;
        name.length = length;
    }
    all.retain(|name| !name.tokens.is_empty());
    all
}

/// What stands outside and inside brackets or quotes.
fn brackets(text: &str) -> (String, Option<String>) {
    let pairs = [('(', ')'), ('"', '"'), ('“', '”'), ('„', '“'), ('[', ']')];
    for (open, close) in pairs {
        let Some((before, rest)) = text.split_once(open) else { continue };
        let Some((inside, after)) = rest.split_once(close) else { continue };
        if before.chars().chain(after.chars()).any(char::is_alphanumeric)
            && inside.chars().any(char::is_alphanumeric)
        {
            return (format!("{before} {after}"), Some(inside.to_owned()));
        }
    }
    (text.to_owned(), None)
}

fn read_into(all: &mut Vec<Name>, text: &str) {
    let words = words(text);
    let mark = |kind: u16| {
        let inner = 1..words.len().saturating_sub(1).max(1);
        inner.into_iter().find(|at| words.get(*at).is_some_and(|w| w.token.marks().has(kind)))
    };
    if let Some(at) = mark(Marks::BIRTH).filter(|at| is_birth_mark(&words, *at)) {
        let (now, birth) = words.split_at(at);
        all.push(name(now));
        let mut by_birth = name(now);
        let mut before = name(&birth[1..]);
        if let (Some(last), Some(birth)) = (by_birth.tokens.last_mut(), before.tokens.pop()) {
            *last = birth;
            by_birth.by_birth_name = true;
            all.push(by_birth);
        }
        return;
    }
    if let Some(at) = mark(Marks::ALSO) {
        all.push(name(&words[..at]));
        all.push(name(&words[at + 1..]));
        return;
    }
    let asian = asian::readings(text);
    if asian.is_empty() {
        all.push(name(&words));
    }
    all.extend(asian);
}

/// Some marks of the name at birth are also particles or short words: those need more around them.
fn is_birth_mark(words: &[Word], at: usize) -> bool {
    let word = &words[at];
    let sure = word.token.plain.len() > 3 || word.has_dot || word.token.plain == "nee";
    at >= 2 && (sure || word.token.plain == "geb")
}

fn words(text: &str) -> Vec<Word> {
    let mut out: Vec<Word> = Vec::new();
    let mut after_comma = false;
    let apart = |c: char| {
        c.is_whitespace() || matches!(c, ';' | '/' | '_' | '(' | ')' | '·' | '・' | '&' | '+')
    };
    for chunk in text.split_inclusive(|c: char| apart(c) || matches!(c, ',' | '、' | '،')) {
        let ends = chunk.ends_with([',', '、', '،']);
        let chunk = chunk.trim_end_matches(|c: char| apart(c) || matches!(c, ',' | '、' | '،'));
        let mut hyphened = false;
        for part in chunk.split(['-', '–', '‐', '‑', '—']) {
            for piece in pieces(part) {
                let mut token = Token::new(piece);
                if token.plain.is_empty() {
                    continue;
                }
                token.hyphened = hyphened;
                hyphened = true;
                out.push(Word { token, after_comma, has_dot: part.contains('.') });
            }
        }
        after_comma |= ends && !out.is_empty();
    }
    out
}

/// A word with dots inside is one word where it is an abbreviation that is known (Ph.D.), and
/// several otherwise (J.R.R., Dr.Anna).
fn pieces(part: &str) -> Vec<&str> {
    let inner = part.trim_matches('.');
    if !inner.contains('.') {
        return vec![inner];
    }
    let entry = tables::entry(&fold::word(inner).plain);
    let known = entry.is_some_and(|entry| {
        entry.marks.has(Marks::TITLE | Marks::DEGREE | Marks::BUSINESS) || entry.suffix.is_some()
    });
    if known { vec![inner] } else { inner.split('.').filter(|piece| !piece.is_empty()).collect() }
}

/// Takes the words apart: titles and suffixes off, particles tied to what follows.
fn name(words: &[Word]) -> Name {
    let mut name = Name::default();
    let full = words.iter().filter(|w| is_full(w)).count();
    let mut particles = String::new();
    let mut parent = false;
    let mut before = 0;
    for (at, word) in words.iter().enumerate() {
        let marks = word.token.marks();
        name.joined.push_str(&word.token.plain);
        name.is_business |= marks.has(Marks::BUSINESS);
        if let Some(suffix) = suffix(word, at, full, name.suffix) {
            name.suffix = Some(suffix);
        } else if is_title(word, at, words.len(), full) {
            name.had_title = true;
            name.joined.truncate(name.joined.len() - word.token.plain.len());
        } else if is_particle(word, at, words.len(), full) {
            name.had_particles = true;
            particles.push_str(&word.token.plain);
            parent = marks.has(Marks::PARENT);
        } else if name.tokens.len() < TOKENS_MAX {
            let mut token = word.token.clone();
            if !particles.is_empty() {
                token.with_particles = Some(format!("{particles}{}", token.plain));
                token.is_parent = parent;
                particles.clear();
                parent = false;
            }
            before += usize::from(!word.after_comma);
            name.tokens.push(token);
        }
    }
    if name.tokens.is_empty() {
        name.tokens = words.iter().map(|w| w.token.clone()).take(TOKENS_MAX).collect();
        before = name.tokens.len();
    }
    // Beside a word with Vietnamese tones a word without any has the level tone.
    let toned = |t: &Token| t.written.as_deref().is_some_and(has_vietnamese_letter);
    if name.tokens.iter().any(toned) {
        for token in name.tokens.iter_mut().filter(|t| t.script == Script::Latin) {
            token.written.get_or_insert_with(|| token.plain.clone());
        }
    }
    let comma = before > 0 && before < name.tokens.len();
    name.before_comma = comma.then_some(before);
    name.family_first = comma;
    name
}

fn has_vietnamese_letter(written: &str) -> bool {
    written.chars().any(|c| matches!(c, '\u{1ea0}'..='\u{1ef9}' | 'ă' | 'ơ' | 'ư'))
}

/// A word that may carry a name: no initial, no mark.
fn is_full(word: &Word) -> bool {
    let marks = word.token.marks();
    let aside = marks.has(Marks::TITLE | Marks::DEGREE | Marks::PARTICLE)
        || word.token.entry.is_some_and(|entry| entry.suffix.is_some());
    word.token.plain.len() > 1 && (!aside || marks.has(Marks::WEAK))
}

fn is_title(word: &Word, at: usize, len: usize, full: usize) -> bool {
    let marks = word.token.marks();
    let others = full - usize::from(is_full(word));
    let enough = if marks.has(Marks::WEAK) { others >= 2 } else { others >= 1 };
    let single = word.token.is_initial() && !word.has_dot;
    if !enough || single {
        return false;
    }
    // A degree stands behind the name; the same letters in front of it may be a name (Ma Long).
    let title = marks.has(Marks::TITLE) && (at + 1 < len || len > 2);
    let weak_inside = marks.has(Marks::WEAK) && at > 0 && !word.after_comma;
    (title && !weak_inside) || (marks.has(Marks::DEGREE) && at > 1)
}

fn suffix(word: &Word, at: usize, full: usize, known: Option<u8>) -> Option<u8> {
    let suffix = word.token.entry.and_then(|entry| entry.suffix)?;
    let own = usize::from(is_full(word));
    let behind = at > 1 || at == 1 && !marks_title(word);
    (behind && known.is_none() && full - own >= 1).then_some(suffix)
}

/// Sr is a title in front of a Spanish name and a generation behind an English one.
fn marks_title(word: &Word) -> bool {
    word.token.marks().has(Marks::TITLE)
}

fn is_particle(word: &Word, at: usize, len: usize, full: usize) -> bool {
    let token = &word.token;
    let last = at + 1 == len;
    let initial = token.is_initial() && (word.has_dot || token.plain != "y" && token.plain != "e");
    let first_name = at == 0 && token.is_given();
    // Li, Le, Van, Al and their like are names of their own where no two others stand beside them.
    let name_too =
        token.entry.is_some_and(Entry::is_name) && full < 3 - usize::from(!is_full(word));
    let home = at == 0 && token.is_family() && token.cultures().has(Cultures::FAMILY_FIRST);
    let beside = home || if token.is_known() { name_too && full < 2 } else { full == 0 };
    token.marks().has(Marks::PARTICLE | Marks::PARENT)
        && !last
        && !initial
        && !first_name
        && !beside
}
