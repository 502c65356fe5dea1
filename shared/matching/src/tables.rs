//! The data files, read once: what is known of a word.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::culture::Cultures;
use crate::fold;

/// What is known of one word.
#[derive(Debug, Default)]
pub(crate) struct Entry {
    /// The rows of given names in which it stands.
    given: Vec<Given>,
    /// The groups of surnames of which it is one romanisation.
    family: Vec<u16>,
    pub(crate) cultures: Cultures,
    pub(crate) marks: Marks,
    /// Which generation it says, if it is a suffix.
    pub(crate) suffix: Option<u8>,
}

#[derive(Debug, Clone, Copy)]
struct Given {
    row: u16,
    is_short: bool,
    gender: Gender,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gender {
    Male,
    Female,
    Either,
}

/// What a word may be besides a name.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Marks(u16);

impl Marks {
    pub(crate) const TITLE: u16 = 1;
    pub(crate) const WEAK: u16 = 1 << 1;
    pub(crate) const DEGREE: u16 = 1 << 2;
    pub(crate) const PARTICLE: u16 = 1 << 3;
    pub(crate) const PARENT: u16 = 1 << 4;
    pub(crate) const BIRTH: u16 = 1 << 5;
    pub(crate) const ALSO: u16 = 1 << 6;
    pub(crate) const JOINT: u16 = 1 << 7;
    pub(crate) const BUSINESS: u16 = 1 << 8;
    pub(crate) const ARABIC: u16 = 1 << 9;

    pub(crate) const fn has(self, mark: u16) -> bool {
        self.0 & mark != 0
    }

    fn of(kind: &str) -> u16 {
        match kind {
            "title" => Self::TITLE,
            "weak" => Self::WEAK,
            "degree" => Self::DEGREE,
            "particle" => Self::PARTICLE,
            "parent" => Self::PARENT,
            "birth" => Self::BIRTH,
            "also" => Self::ALSO,
            "joint" => Self::JOINT,
            "business" => Self::BUSINESS,
            _ => 0,
        }
    }
}

/// How two given names stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Relation {
    /// Spellings of one name.
    Spelling,
    /// One is a short form of the other.
    Short,
    /// Nothing is known that relates them.
    None,
}

impl Entry {
    pub(crate) const fn is_given(&self) -> bool {
        !self.given.is_empty()
    }

    pub(crate) const fn leans_given(&self) -> bool {
        self.given.len() > self.family.len()
    }

    pub(crate) const fn is_family(&self) -> bool {
        !self.family.is_empty()
    }

    /// Whether it is a name at all.
    pub(crate) const fn is_name(&self) -> bool {
        self.is_given() || self.is_family()
    }

    /// Whether it is given to one gender alone.
    pub(crate) fn gender(&self) -> Option<Gender> {
        let first = self.given.first()?.gender;
        let same = first != Gender::Either && self.given.iter().all(|g| g.gender == first);
        same.then_some(first)
    }

    pub(crate) fn as_given(&self, other: &Self) -> Relation {
        let mut found = Relation::None;
        for a in &self.given {
            for b in other.given.iter().filter(|b| b.row == a.row) {
                match (a.is_short, b.is_short) {
                    (false, false) => return Relation::Spelling,
                    (true, true) => {}
                    _ => found = Relation::Short,
                }
            }
        }
        found
    }

    /// Whether both are short forms of one name.
    pub(crate) fn shares_long_form(&self, other: &Self) -> bool {
        self.given.iter().any(|a| a.is_short && other.given.iter().any(|b| b.row == a.row))
    }

    /// Whether both are romanisations of one surname.
    pub(crate) fn is_one_surname(&self, other: &Self) -> bool {
        self.family.iter().any(|group| other.family.contains(group))
    }
}

type Entries = HashMap<String, Entry>;

static ENTRIES: LazyLock<Entries> = LazyLock::new(read);

/// What is known of a folded word.
pub(crate) fn entry(word: &str) -> Option<&'static Entry> {
    ENTRIES.get(word)
}

/// The rows of a data file, by column.
pub(crate) fn rows(file: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    file.lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| line.split('\t').map(str::trim).collect())
}

fn read() -> Entries {
    let mut entries = Entries::with_capacity(16_384);
    let mut row = 0;
    for columns in rows(include_str!("../data/given_names.tsv")) {
        let [culture, gender, names, ref shorts @ ..] = columns[..] else { continue };
        row += 1;
        let of = (culture, gender);
        for name in names.split(' ') {
            add_given(&mut entries, name, of, Given { row, is_short: false, gender: sex(gender) });
        }
        for name in shorts.iter().flat_map(|shorts| shorts.split_whitespace()) {
            add_given(&mut entries, name, of, Given { row, is_short: true, gender: sex(gender) });
        }
    }
    for columns in rows(include_str!("../data/common_given_names.tsv")) {
        let [culture, gender, names] = columns[..] else { continue };
        for name in names.split(' ') {
            row += 1;
            let given = Given { row, is_short: false, gender: sex(gender) };
            add_given(&mut entries, name, (culture, gender), given);
        }
    }
    read_surnames(&mut entries);
    read_words(&mut entries);
    entries
}

fn sex(column: &str) -> Gender {
    match column {
        "m" => Gender::Male,
        "f" => Gender::Female,
        _ => Gender::Either,
    }
}

fn add_given(entries: &mut Entries, name: &str, (culture, _): (&str, &str), given: Given) {
    for spelling in fold::spellings(name) {
        let entry = entries.entry(spelling).or_default();
        entry.cultures = entry.cultures.with(Cultures::of(culture));
        // A name that stands in many lists keeps the rows that relate it to others; of the lists
        // that relate it to nothing, one is enough.
        entry.given.push(given);
    }
}

fn read_surnames(entries: &mut Entries) {
    let mut group = 0;
    for columns in rows(include_str!("../data/surnames.tsv")) {
        let [culture, names] = columns[..] else { continue };
        for names in names.split(' ') {
            group += 1;
            for spelling in names.split('=').flat_map(fold::spellings) {
                let entry = entries.entry(spelling).or_default();
                entry.cultures = entry.cultures.with(Cultures::of(culture));
                entry.family.push(group);
            }
        }
    }
}

fn read_words(entries: &mut Entries) {
    let words = rows(include_str!("../data/words.tsv"));
    let business = rows(include_str!("../data/business_words.tsv"));
    let mut generations: Vec<&str> = Vec::new();
    for columns in words.chain(business) {
        let kind = columns.first().copied().unwrap_or_default();
        let culture = if columns.len() > 2 { columns[1] } else { "" };
        for word in columns.last().copied().unwrap_or_default().split(' ') {
            if matches!(kind, "same" | "optional") {
                continue;
            }
            for spelling in fold::spellings(word) {
                let entry = entries.entry(spelling).or_default();
                entry.marks.0 |= Marks::of(kind);
                if kind == "particle" && culture == "ar" {
                    entry.marks.0 |= Marks::ARABIC;
                }
                if kind == "suffix" {
                    let known = generations.iter().position(|g| *g == culture);
                    let at = known.unwrap_or_else(|| {
                        generations.push(culture);
                        generations.len() - 1
                    });
                    entry.suffix = u8::try_from(at).ok();
                }
            }
        }
    }
}
