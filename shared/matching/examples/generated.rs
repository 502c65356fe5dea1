//! Generated pairs: names, names with slips, and any Unicode. Nothing may panic, and what must hold of
//! every pair is checked on every pair.
//!
//! ```text
//! cargo run --profile quick -p matching --example generated -- PAIRS SEED
//! ```
//!
//! The same seed makes the same pairs on as many threads. `tests/run` takes another one every day.

use std::io::Write as _;

use clap::Parser as _;
use matching::{Kind, Outcome, Rule, names};

/// What is to be generated.
#[derive(clap::Parser)]
struct Asked {
    /// How many pairs
    pairs: u64,
    /// Which pairs: another number makes others
    seed: u64,
}

/// Words from which names are made.
const WORDS: &[&str] = &[
    "Anna",
    "JOHN",
    "Müller",
    "van",
    "den",
    "Berg",
    "O'Neil",
    "Dr.",
    "Jr.",
    "Мария",
    "Иванова",
    "王小明",
    "김민수",
    "محمد",
    "علي",
    "García",
    "López",
    "de",
    "la",
    "Smith-Weber",
    "J.",
    "W",
    "Nguyễn",
    "Thị",
    "Łukasz",
    "Ægir",
    "bin",
    "al-Rashid",
    "Abdul",
    "Acme",
    "GmbH",
    "Ltd",
    "&",
    "und",
    "née",
    "(Bob)",
    "राजेश",
    "Γιώργος",
    "כהן",
    "Xiaoming",
    "Li",
    "Aleksandr",
    "Sasha",
    "Nováková",
    "III",
    ",",
];

/// Numbers that are the same with the same seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        let at = self.roll(u64::try_from(from.len()).unwrap_or(1));
        usize::try_from(at).ok().and_then(|at| from.get(at)).copied().unwrap_or_default()
    }

    fn letter(&mut self) -> char {
        let range = match self.roll(6) {
            0 => 0x20..0x7f,
            1 => 0xa0..0x250,
            2 => 0x370..0x600,
            3 => 0x600..0xa00,
            4 => 0x1e00..0x3100,
            _ => 0x4e00..0x1_f900,
        };
        let code =
            range.start + u32::try_from(self.roll(u64::from(range.end - range.start))).unwrap_or(0);
        char::from_u32(code).unwrap_or('x')
    }

    fn name(&mut self) -> String {
        let mut name = String::new();
        for _ in 0..=self.roll(4) {
            if !name.is_empty() {
                name.push(' ');
            }
            if self.roll(12) == 0 {
                for _ in 0..self.roll(12) {
                    name.push(self.letter());
                }
            } else {
                name.push_str(self.pick(WORDS));
            }
        }
        name
    }

    /// The name with a letter more, less or changed.
    fn slip(&mut self, name: &str) -> String {
        let mut letters: Vec<char> = name.chars().collect();
        let len = u64::try_from(letters.len()).unwrap_or(0);
        let at = usize::try_from(self.roll(len + 1)).unwrap_or(0);
        match self.roll(3) {
            0 => letters.insert(at, self.letter()),
            1 if at < letters.len() => drop(letters.remove(at)),
            _ => letters.iter_mut().skip(at).take(1).for_each(|letter| *letter = 'e'),
        }
        letters.into_iter().collect()
    }
}

fn main() -> std::io::Result<()> {
    let Asked { pairs, seed } = Asked::parse();
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let share = pairs.div_ceil(u64::try_from(threads).unwrap_or(1));
    let seeds = (0..).take(threads).map(|thread| seed.wrapping_mul(1_000).wrapping_add(thread));
    let checked: u64 = std::thread::scope(|scope| {
        let running: Vec<_> = seeds.map(|seed| scope.spawn(move || check(seed, share))).collect();
        running.into_iter().map(|thread| thread.join().expect("no pair panics")).sum()
    });
    writeln!(
        std::io::stdout(),
        "{checked} generated pairs of seed {seed} hold on {threads} threads"
    )
}

fn check(seed: u64, pairs: u64) -> u64 {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(seed).max(1));
    for _ in 0..pairs {
        let claim = dice.name();
        let holder = if dice.roll(2) == 0 { dice.slip(&claim) } else { dice.name() };
        let kind = if dice.roll(8) == 0 { Kind::Business } else { Kind::Person };
        hold(&claim, &holder, kind);
    }
    pairs
}

/// What holds of every pair.
fn hold(claim: &str, holder: &str, kind: Kind) {
    let verdict = names(claim, &[holder], kind);
    let expected = match verdict.score {
        None => Outcome::CannotTell,
        Some(85..) => Outcome::Match,
        Some(70..) => Outcome::Close,
        Some(_) => Outcome::NoMatch,
    };
    assert_eq!(verdict.outcome, expected, "{claim:?} / {holder:?}: {verdict:?}");
    assert!(verdict.explanation().ends_with('.'));
    // A bank's field has holders and an end, a claim has neither; brackets and names at birth make
    // several readings, of which two may weigh the same.
    let several = [claim, holder].iter().any(|text| {
        text.contains(['&', '+', '/', ';', '|', '(', '[', '"', '“', '„'])
            || text.contains("und")
            || text.contains("née")
    });
    if several {
        return;
    }
    let turned = names(holder, &[claim], kind);
    let one_way = |rules: &[Rule]| {
        let directed = [Rule::JointHolders, Rule::CutByBank, Rule::Business];
        rules.iter().any(|rule| directed.contains(rule))
    };
    if !one_way(&verdict.rules) && !one_way(&turned.rules) {
        assert_eq!(
            verdict.outcome, turned.outcome,
            "{claim:?} / {holder:?}: {verdict:?} {turned:?}"
        );
    }
}
