//! Names: every holder is compared in every reading, the best one wins.

use unicode_normalization::UnicodeNormalization as _;

use crate::business;
use crate::joint;
use crate::judge;
use crate::name::{self, Name};
use crate::verdict::{Kind, Outcome, Rule, Verdict};

/// The most bytes of a name that are looked at; no bank's field is longer.
const LENGTH_MAX: usize = 512;

/// Compares a claimed name with the holders that a bank states; one string may hold several of them.
#[must_use]
pub fn names(claim: &str, holders: &[&str], kind: Kind) -> Verdict {
    let claim = shortened(claim);
    let claimed = Claimed { text: claim, readings: name::readings(claim) };
    let mut best: Option<Verdict> = None;
    let mut several = holders.len() > 1;
    for (index, holder) in holders.iter().enumerate() {
        let found = one_holder(&claimed, shortened(holder), kind);
        let Some((verdict, parts)) = found else { continue };
        several |= parts > 1;
        if best.as_ref().is_none_or(|known| verdict.score > known.score) {
            best = Some(Verdict { holder: Some(index), ..verdict });
        }
    }
    let Some(mut best) = best.filter(|_| !claimed.readings.is_empty()) else {
        return Verdict { rules: vec![Rule::NothingToCompare], ..Verdict::nothing() };
    };
    let told = best.holder.and_then(|at| holders.get(at)).copied().unwrap_or_default();
    if best.outcome == Outcome::Match && best.rules.is_empty() && !is_same_text(claim, told) {
        best.rules.push(Rule::Spelling);
    }
    if several && best.outcome != Outcome::NoMatch {
        best.rules.push(Rule::JointHolders);
    }
    best.rules.sort_unstable();
    best.rules.dedup();
    best
}

/// Whether two texts differ in their Unicode form at most.
fn is_same_text(a: &str, b: &str) -> bool {
    a.trim().nfc().eq(b.trim().nfc())
}

struct Claimed<'a> {
    text: &'a str,
    readings: Vec<Name>,
}

fn shortened(text: &str) -> &str {
    let end = text.floor_char_boundary(LENGTH_MAX);
    &text[..end]
}

/// The best verdict on one field, and how many holders stand in it.
fn one_holder(claim: &Claimed<'_>, holder: &str, kind: Kind) -> Option<(Verdict, usize)> {
    let readings = name::readings(holder);
    if readings.is_empty() || claim.readings.is_empty() {
        return None;
    }
    if kind == Kind::Business {
        return Some((business::compare(claim.text, holder), 1));
    }
    let owners = joint::owners(holder);
    let mut parts = owners.len();
    let mut best = if parts > 1 {
        let each =
            owners.iter().filter_map(|owner| best_of(&claim.readings, &name::readings(owner)));
        each.max_by_key(|verdict| verdict.score)?
    } else {
        best_of(&claim.readings, &readings)?
    };
    if let Some(verdict) = as_business(claim, holder, &best) {
        best = verdict;
        parts = 1;
    }
    Some((best, parts))
}

fn best_of(claims: &[Name], holders: &[Name]) -> Option<Verdict> {
    let mut best: Option<Verdict> = None;
    for claim in claims {
        for holder in holders {
            let verdict = judge::compare(claim, holder);
            if best.as_ref().is_none_or(|known| verdict.score > known.score) {
                best = Some(verdict);
            }
        }
    }
    best
}

/// Where a business stands although a person is claimed (R21), its legal form still counts.
fn as_business(claim: &Claimed<'_>, holder: &str, person: &Verdict) -> Option<Verdict> {
    let forms = (business::has_legal_form(claim.text), business::has_legal_form(holder));
    let words = claim.readings.iter().any(|name| name.is_business);
    if !forms.0 && !forms.1 && !words {
        return None;
    }
    let mut verdict = business::compare(claim.text, holder);
    // A claim without a mark of a business may be the person who trades under the name.
    if !forms.0
        && !words
        && person.outcome == Outcome::NoMatch
        && verdict.outcome == Outcome::NoMatch
    {
        let mut person = person.clone();
        person.rules.push(Rule::Business);
        return Some(person);
    }
    if forms.1 || words {
        verdict.rules.push(Rule::Business);
    }
    Some(verdict)
}
