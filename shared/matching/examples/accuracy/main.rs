//! Scores the matcher and the baselines on the corpus and prints the tables of the README.
//!
//! The pairs of the sealed half and of the unseen set are never shown.

mod baselines;
mod chart;
mod corpus;
mod report;

use std::io::Write as _;
use std::path::Path;

use clap::Parser as _;
use corpus::Label;

/// Scores the matcher and the baselines on the corpus.
#[derive(Debug, clap::Parser)]
struct Asked {
    /// Write the tables into the README, the chart beside it and the figures that the tests hold
    #[arg(long)]
    write: bool,
    /// List what is answered wrongly in the development half
    #[arg(long)]
    failures: bool,
}

fn main() -> std::io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let asked = Asked::parse();
    if asked.failures {
        return failures();
    }
    let report = report::Report::make();
    write!(std::io::stdout(), "{}", report.tables())?;
    if asked.write {
        let readme = folder.join("README.md");
        let text = std::fs::read_to_string(&readme)?;
        std::fs::write(&readme, report::with_tables(&text, &report.tables()))?;
        std::fs::write(folder.join("accuracy.svg"), chart::draw(&report))?;
        std::fs::write(folder.join("corpus/baseline.tsv"), baseline(&report))?;
    }
    Ok(())
}

/// The figures that a later version is held against.
fn baseline(report: &report::Report) -> String {
    let ours = &report.matchers[0];
    format!(
        "# The share answered rightly, the mean over matches and others; written by the example.\n\
         development\t{:.4}\nsealed\t{:.4}\nunseen\t{:.4}\n",
        ours.development.balanced(),
        ours.sealed.balanced(),
        report.unseen[0].1.balanced()
    )
}

/// What is answered wrongly in the development half.
fn failures() -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    for pair in corpus::read(corpus::DEVELOPMENT) {
        let verdict = matching::names(pair.claim, &[pair.holder], pair.kind);
        let said = verdict.outcome.as_str();
        let expected = match pair.label {
            Label::Match => "match",
            Label::Close => "close",
            Label::NoMatch => "no_match",
            Label::CannotTell => "cannot_tell",
            Label::Either => continue,
        };
        if said != expected {
            let rules: Vec<&str> = verdict.rules.iter().map(|rule| rule.name()).collect();
            let (claim, holder, reason) = (pair.claim, pair.holder, pair.reason);
            writeln!(
                out,
                "{} {claim} / {holder}: {expected} ({reason}), said {said} {rules:?}",
                pair.rule
            )?;
        }
    }
    Ok(())
}
