//! The figures as tables in Markdown, and what the tests hold.

use std::fmt::Write as _;

use crate::baselines::BASELINES;
use crate::corpus::{self, DEVELOPMENT, Pair, SEALED, Tally, UNSEEN, Yes};

/// Where the tables stand in the README.
const START: &str = "<!-- accuracy: written by the example, held by a test -->\n";
const END: &str = "<!-- end of accuracy -->\n";

/// One line of figures.
pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) development: Tally,
    pub(crate) sealed: Tally,
}

pub(crate) struct Report {
    pub(crate) matchers: Vec<Line>,
    /// The same matchers on the unseen set.
    pub(crate) unseen: Vec<(String, Tally)>,
    rules: Vec<Line>,
    cultures: Vec<Line>,
}

impl Report {
    pub(crate) fn make() -> Self {
        let (development, sealed) = (corpus::read(DEVELOPMENT), corpus::read(SEALED));
        let of_sealed = of_each_matcher(&sealed).into_iter().map(|(_, tally)| tally);
        let matchers = of_each_matcher(&development).into_iter().zip(of_sealed);
        let matchers =
            matchers.map(|((name, development), sealed)| Line { name, development, sealed });
        let unseen = of_each_matcher(&corpus::read(UNSEEN));
        let rules = lines(&development, &sealed, |pair| pair.rule);
        let cultures = lines(&development, &sealed, |pair| pair.culture);
        Self { matchers: matchers.collect(), unseen, rules: in_order(rules), cultures }
    }

    /// Every table, between the marks of the README.
    pub(crate) fn tables(&self) -> String {
        let mut out = String::from(
            "\n| matcher | unseen: pairs | precision | recall | false positives |\n\
             |---|--:|--:|--:|--:|\n",
        );
        for (name, tally) in &self.unseen {
            let _ = writeln!(out, "| {name} | {} |", cells(*tally).join(" | "));
        }
        let all = [("matcher", &self.matchers), ("rule", &self.rules), ("culture", &self.cultures)];
        for (title, lines) in all {
            let head = "development: pairs | precision | recall | false positives | sealed: pairs \
                        | precision | recall | false positives";
            let _ = writeln!(out, "\n| {title} | {head} |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|");
            for line in lines {
                let cells = [cells(line.development), cells(line.sealed)].concat().join(" | ");
                let _ = writeln!(out, "| {} | {cells} |", line.name);
            }
        }
        out.push('\n');
        out
    }
}

/// Every matcher's answers to the same pairs, counted; ours come first.
fn of_each_matcher(pairs: &[Pair]) -> Vec<(String, Tally)> {
    let ours = [
        ("**this crate**, match or close", Yes::MatchOrClose),
        ("**this crate**, match alone", Yes::MatchOnly),
    ];
    let ours = ours.map(|(name, yes)| (name.to_owned(), corpus::tally(pairs, yes)));
    let others = BASELINES.map(|(name, says_yes)| {
        let mut tally = Tally::default();
        pairs.iter().for_each(|pair| tally.count(pair.label, says_yes(pair)));
        (name.to_owned(), tally)
    });
    ours.into_iter().chain(others).collect()
}

fn lines(development: &[Pair], sealed: &[Pair], column: fn(&Pair) -> &'static str) -> Vec<Line> {
    let (of_development, of_sealed) = (corpus::by(development, column), corpus::by(sealed, column));
    let mut names: Vec<&str> = of_development.keys().chain(of_sealed.keys()).copied().collect();
    names.sort_unstable();
    names.dedup();
    let count = |pairs: Option<&Vec<&Pair>>| {
        corpus::tally(pairs.into_iter().flatten().copied(), Yes::MatchOrClose)
    };
    names
        .into_iter()
        .map(|name| Line {
            name: name.to_owned(),
            development: count(of_development.get(name)),
            sealed: count(of_sealed.get(name)),
        })
        .collect()
}

/// R2 before R12.
fn in_order(mut lines: Vec<Line>) -> Vec<Line> {
    lines.sort_by_key(|line| {
        let digits: String = line.name.chars().filter(char::is_ascii_digit).collect();
        (digits.parse::<u32>().unwrap_or(0), line.name.len())
    });
    lines
}

fn cells(tally: Tally) -> Vec<String> {
    let share = |share: Option<f64>| share.map_or_else(|| "–".to_owned(), |s| format!("{s:.3}"));
    let pairs = tally.found + tally.missed + tally.accepted + tally.refused;
    vec![
        pairs.to_string(),
        share(tally.precision()),
        share(tally.recall()),
        share(tally.false_positive_rate()),
    ]
}

/// The README with other tables.
pub(crate) fn with_tables(readme: &str, tables: &str) -> String {
    let before = readme.split(START).next().unwrap_or(readme);
    let after = readme.split(END).nth(1).unwrap_or_default();
    format!("{before}{START}{tables}{END}{after}")
}
