//! One sentence for a support agent. It names parts and reasons and never a name.

use crate::verdict::{Aligned, How, Outcome, Part, Rule, Verdict};

impl Verdict {
    /// One sentence for a support agent: what agrees, and what does not.
    #[must_use]
    pub fn explanation(&self) -> String {
        let mut clauses: Vec<String> = Vec::new();
        if self.outcome != Outcome::CannotTell && has_something_to_tell(&self.aligned) {
            clauses.extend(agreeing(&self.aligned));
            // What the bank cut is no other name.
            let cut = |pair: &&Aligned| {
                pair.how == How::Different && self.rules.contains(&Rule::CutByBank)
            };
            let told = self.aligned.iter().filter(|pair| !cut(pair));
            clauses.extend(told.filter_map(|pair| clause(pair, &self.aligned)));
        }
        let told = |rule: &Rule| told_by_alignment(*rule) && !clauses.is_empty();
        let rest: Vec<&str> =
            self.rules.iter().filter(|rule| !told(rule)).map(|rule| rule.reason()).collect();
        clauses.extend(rest.into_iter().map(str::to_owned));
        let mut told = Vec::new();
        clauses.retain(|clause| {
            !told.contains(clause) && {
                told.push(clause.clone());
                true
            }
        });
        let lead = match self.outcome {
            Outcome::Match => "The names agree",
            Outcome::Close => "The names are close",
            Outcome::NoMatch => "The names do not agree",
            Outcome::CannotTell => "The names cannot be compared",
        };
        if clauses.is_empty() {
            format!("{lead}.")
        } else {
            format!("{lead}: {}.", clauses.join("; "))
        }
    }
}

/// Whether the tokens say more than the rules: not where all agree, nor where none does.
fn has_something_to_tell(aligned: &[Aligned]) -> bool {
    let all = |how| aligned.iter().all(|pair| pair.how == how);
    !all(How::Same) && !all(How::Missing)
}

/// Whether both sides have a token of this part that the other lacks.
fn is_contested(part: Part, aligned: &[Aligned]) -> bool {
    let mut lone = aligned.iter().filter(|pair| pair.part == part && pair.how == How::Missing);
    lone.clone().any(|pair| pair.claim.is_some()) && lone.any(|pair| pair.holder.is_some())
}

/// Which parts agree wholly.
fn agreeing(aligned: &[Aligned]) -> Option<String> {
    let agrees = |part| {
        let mut of_part =
            aligned.iter().filter(|pair| pair.part == part && pair.how != How::Missing);
        of_part.clone().count() > 0 && of_part.all(|pair| pair.how == How::Same)
    };
    match (agrees(Part::Family), agrees(Part::Given)) {
        (true, true) => Some("first and family name agree".to_owned()),
        (true, false) => Some("family name agrees".to_owned()),
        (false, true) => Some("first name agrees".to_owned()),
        (false, false) => None,
    }
}

const fn noun(part: Part) -> &'static str {
    match part {
        Part::Given => "first name",
        Part::Middle => "second given name",
        Part::Patronymic => "father's name",
        Part::Family => "family name",
        Part::Single => "word",
    }
}

fn clause(pair: &Aligned, all: &[Aligned]) -> Option<String> {
    let part = noun(pair.part);
    if pair.how == How::Missing && is_contested(pair.part, all) {
        return Some(format!("the {part} is another"));
    }
    Some(match (pair.how, &pair.claim, &pair.holder) {
        (How::Missing, Some(_), _) => format!("the claim has a {part} that the bank leaves out"),
        (How::Missing, None, _) => format!("the bank has a {part} that the claim leaves out"),
        (How::Initial, Some(claim), _) if claim.len() == 1 => {
            format!("the claim has only the initial of the {part}")
        }
        (How::Initial, ..) => format!("the bank has only the initial of the {part}"),
        (How::Nickname, ..) => format!("one {part} is a short form of the other"),
        (How::Variant, ..) => format!("the {part} is spelled in another way"),
        (How::Typo, ..) => format!("the {part} differs by a slip of the hand"),
        (How::GenderedForm, ..) => {
            format!(
                "the {part} stands in its male form on one side and its female form on the other"
            )
        }
        (How::Different, ..) => format!("the {part} is another"),
        (How::Same, ..) => return None,
    })
}

/// Whether the alignment has said it already.
const fn told_by_alignment(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::MiddleMissing
            | Rule::FirstInitial
            | Rule::Nickname
            | Rule::Typo
            | Rule::Letters
            | Rule::GenderedSurname
            | Rule::DoubleSurname
            | Rule::Different
            | Rule::PossibleRelative
    )
}
