//! How long a pair of names takes, beside the baselines, and the worst input that is known.
//!
//! `cargo run --release -p benches --bin matching`

use std::hint::black_box;
use std::io::Write as _;
use std::time::Instant;

use human_name::Name;
use matching::{Kind, names};
use strsim::{jaro_winkler, normalized_levenshtein};

const DEVELOPMENT: &str = include_str!("../../shared/matching/corpus/development.tsv");
const SEALED: &str = include_str!("../../shared/matching/corpus/sealed.tsv");
/// How often each pair is compared; the median of them counts.
const ROUNDS: usize = 15;

type Compare = fn(&str, &str) -> bool;

const MATCHERS: [(&str, Compare); 4] = [
    ("this crate", |a, b| names(a, &[b], Kind::Person).score.is_some()),
    ("Jaro-Winkler", |a, b| jaro_winkler(&a.to_lowercase(), &b.to_lowercase()) > 0.5),
    ("token-sort ratio", |a, b| normalized_levenshtein(&sorted(a), &sorted(b)) > 0.5),
    (
        "human_name",
        |a, b| matches!((Name::parse(a), Name::parse(b)), (Some(a), Some(b)) if a.consistent_with(&b)),
    ),
];

fn sorted(text: &str) -> String {
    let lower = text.to_lowercase();
    let mut words: Vec<&str> = lower.split_whitespace().collect();
    words.sort_unstable();
    words.join(" ")
}

fn main() -> std::io::Result<()> {
    let lines = DEVELOPMENT.lines().chain(SEALED.lines());
    let pairs: Vec<(&str, &str)> = lines
        .filter(|line| !line.starts_with(['#', '@']))
        .filter_map(|line| line.split_once('\t'))
        .collect();
    let mut out = std::io::stdout().lock();
    writeln!(out, "{} pairs of the corpus, median of medians of {ROUNDS} rounds", pairs.len())?;
    let mut first = None;
    for (name, compare) in MATCHERS {
        let mut medians: Vec<u128> = pairs.iter().map(|(a, b)| median(compare, a, b)).collect();
        medians.sort_unstable();
        let median = medians[medians.len() / 2];
        let high = medians[medians.len() * 99 / 100];
        let ours = *first.get_or_insert(median);
        let ratio = ours * 100 / median.max(1);
        writeln!(
            out,
            "{name:<18} {median:>7} ns  p99 {high:>7} ns  this crate takes {ratio} % of it"
        )?;
    }
    for (what, a, b) in worst() {
        let median = median(MATCHERS[0].1, &a, &b);
        writeln!(out, "{what:<42} {median:>8} ns")?;
    }
    Ok(())
}

fn median(compare: Compare, a: &str, b: &str) -> u128 {
    let mut times: Vec<u128> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            black_box(compare(black_box(a), black_box(b)));
            start.elapsed().as_nanos()
        })
        .collect();
    times.sort_unstable();
    times[ROUNDS / 2]
}

/// Inputs made to be slow.
fn worst() -> Vec<(&'static str, String, String)> {
    let text = |word: &str| word.repeat(256).chars().take(256).collect::<String>();
    vec![
        ("256 times one letter", text("a"), text("a")),
        ("256 marks, tokens of two letters", text("ab "), text("ba ")),
        ("256 marks, tokens that are alike", text("abcdefgh "), text("abcdefgi ")),
        (
            "256 marks, tokens of 40 letters",
            text(&format!("{} ", "abcde".repeat(8))),
            text(&format!("{} ", "abcdf".repeat(8))),
        ),
        (
            "256 marks, mixed scripts",
            text("Аnna Müller 王小明 محمد "),
            text("Anna Мария 김민수 علي "),
        ),
        ("256 marks, many holders", text("Anna Smith "), text("Anna & Peter Smith / ")),
        ("256 marks, hyphens and brackets", text("a-b-(c) "), text("(a) b-c ")),
        ("256 marks, all initials", text("a. b. c. "), text("Anna Berta Carla ")),
        ("256 marks, Arabic against Latin", text("محمدعلیرضا "), text("muhammadalireza ")),
        ("256 marks, Chinese syllables", text("xianganjiang "), text("xianganjiong ")),
    ]
}
