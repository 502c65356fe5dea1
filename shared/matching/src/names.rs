//! Names: every holder is compared, the best one wins.

use crate::pairing::{self, Pair, Pairing};
use crate::tables;
use crate::tokens::{self, Name};
use crate::verdict::{Aligned, How, Kind, Outcome, Rule, Verdict};

/// Lengths at which banks cut the holder's name (R25).
const CUT_LENGTHS: [usize; 5] = [18, 27, 35, 70, 140];

/// Compares a claimed name with the holders that a bank states; one string may hold two of them.
#[must_use]
pub fn names(claim: &str, holders: &[&str], kind: Kind) -> Verdict {
    let claim = tokens::name(claim);
    let mut candidates = Vec::new();
    for (index, holder) in holders.iter().enumerate() {
        let parts = match kind {
            Kind::Person => owners(holder),
            Kind::Business => vec![(*holder).to_owned()],
        };
        candidates.extend(parts.into_iter().map(|part| (index, tokens::name(&part))));
    }
    candidates.retain(|(_, holder)| !holder.tokens.is_empty());
    let several = candidates.len() > 1;
    let verdicts = candidates.iter().map(|(index, holder)| {
        let verdict = match kind {
            Kind::Person => compare_persons(&claim, holder),
            Kind::Business => compare_businesses(&claim, holder),
        };
        Verdict { holder: Some(*index), ..verdict }
    });
    let best = verdicts.max_by_key(|verdict| verdict.score);
    let Some(mut best) = best.filter(|_| !claim.tokens.is_empty()) else {
        return Verdict { rules: vec![Rule::NothingToCompare], ..Verdict::nothing() };
    };
    if several && best.outcome != Outcome::NoMatch {
        best.rules.push(Rule::JointHolders);
    }
    best.rules.sort_unstable();
    best.rules.dedup();
    best
}

/// The owners in one field: "Mr A & Mrs B Smith" gives both the family name.
fn owners(holder: &str) -> Vec<String> {
    let lower = holder.to_lowercase();
    let marks = [" & ", " and ", " und ", " et ", " / ", " oder ", " or ", " + ", ";"];
    let Some((at, mark)) = marks.iter().find_map(|mark| lower.find(mark).map(|at| (at, *mark)))
    else {
        return vec![holder.to_owned()];
    };
    let (Some(first), Some(second)) = (holder.get(..at), holder.get(at + mark.len()..)) else {
        return vec![holder.to_owned()];
    };
    let family = second.split_whitespace().last().unwrap_or_default();
    let alone = tokens::name(first).tokens.len() == 1;
    let first = if alone { format!("{first} {family}") } else { first.to_owned() };
    let mut all = vec![first];
    all.extend(owners(second));
    all
}

fn compare_persons(claim: &Name, holder: &Name) -> Verdict {
    let mut rules = surface_rules(claim, holder);
    let pairing = pairing::pair(claim, holder);
    let mut aligned = alignment(claim, holder, &pairing);
    let (mut outcome, mut score) = if claim.joined == holder.joined {
        aligned.iter_mut().for_each(|pair| pair.how = How::Same);
        (Outcome::Match, 100)
    } else {
        judge(claim, holder, &pairing, &mut rules)
    };
    match (claim.suffix, holder.suffix) {
        (Some(a), Some(b)) if a != b => {
            rules.push(Rule::SuffixDiffers);
            (outcome, score) = (Outcome::NoMatch, 40);
        }
        (Some(_), None) | (None, Some(_)) if outcome == Outcome::Match => {
            rules.push(Rule::Suffix);
            (outcome, score) = (Outcome::Close, 82);
        }
        _ => {}
    }
    Verdict { outcome, score: Some(score), rules, aligned, holder: None }
}

/// What differs in writing alone.
fn surface_rules(claim: &Name, holder: &Name) -> Vec<Rule> {
    let mut rules = Vec::new();
    let any = |of: fn(&tokens::Token) -> bool| {
        claim.tokens.iter().any(of) != holder.tokens.iter().any(of)
    };
    let mut note = |fired: bool, rule| rules.extend(fired.then_some(rule));
    note(any(|t| t.folded && t.expanded == t.plain), Rule::Accents);
    note(any(|t| t.expanded != t.plain), Rule::Umlauts);
    note(any(|t| t.transliterated), Rule::Transliteration);
    note(claim.had_title != holder.had_title, Rule::Titles);
    note(claim.had_particles != holder.had_particles, Rule::Particles);
    note(claim.suspicious || holder.suspicious, Rule::SuspiciousCharacters);
    let legal = |name: &Name| name.tokens.iter().any(|t| tables::legal_form(&t.plain).is_some());
    note(holder.tokens.len() > 1 && legal(holder), Rule::Business);
    rules
}

fn alignment(claim: &Name, holder: &Name, pairing: &Pairing) -> Vec<Aligned> {
    let of = |name: &Name, at: usize| Some(name.tokens[at].plain.clone());
    let pairs = pairing.pairs.iter().map(|pair| Aligned {
        claim: of(claim, pair.claim),
        holder: of(holder, pair.holder),
        how: pair.how,
    });
    let claims = pairing.claim_left.iter().map(|&at| Aligned {
        claim: of(claim, at),
        holder: None,
        how: How::Missing,
    });
    let holders = pairing.holder_left.iter().map(|&at| Aligned {
        claim: None,
        holder: of(holder, at),
        how: How::Missing,
    });
    pairs.chain(claims).chain(holders).collect()
}

/// Which part of a name a token is, by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Given,
    Middle,
    Family,
}

fn part(name: &Name, at: usize) -> Part {
    if at + 1 == name.tokens.len() {
        Part::Family
    } else if at == 0 {
        Part::Given
    } else {
        Part::Middle
    }
}

/// From the pairing to an outcome. Doubts add up: two of them are too many.
fn judge(claim: &Name, holder: &Name, pairing: &Pairing, rules: &mut Vec<Rule>) -> (Outcome, u8) {
    if pairing.pairs.is_empty() {
        rules.push(Rule::Different);
        return (Outcome::NoMatch, 0);
    }
    if !pairing.claim_left.is_empty() && !pairing.holder_left.is_empty() {
        return judge_contradiction(claim, holder, pairing, rules);
    }
    let mut doubts = 0;
    for pair in &pairing.pairs {
        match judge_pair(claim, holder, *pair) {
            Ok(None) => {}
            Ok(Some((rule, weight))) => {
                rules.push(rule);
                doubts += weight;
            }
            Err(rule) => {
                rules.push(rule);
                return (Outcome::NoMatch, 45);
            }
        }
    }
    let (longer, left) = if pairing.claim_left.is_empty() {
        (holder, &pairing.holder_left)
    } else {
        (claim, &pairing.claim_left)
    };
    for &at in left {
        let (rule, weight) = judge_missing(longer, at, pairing.pairs.len());
        rules.push(rule);
        doubts += weight;
    }
    if !pairing.is_in_order() {
        rules.push(Rule::Order);
    }
    match doubts {
        0 if rules.is_empty() => (Outcome::Match, 98),
        0 => (Outcome::Match, 94),
        1 => (Outcome::Close, 80),
        2 if !rules.contains(&Rule::Typo) => (Outcome::Close, 72),
        _ => (Outcome::NoMatch, 55),
    }
}

/// What a pair says against a match: nothing, a rule with its weight, or a refusal.
fn judge_pair(claim: &Name, holder: &Name, pair: Pair) -> Result<Option<(Rule, u8)>, Rule> {
    let parts = (part(claim, pair.claim), part(holder, pair.holder));
    let family = parts.0 == Part::Family && parts.1 == Part::Family;
    let middle = parts.0 == Part::Middle || parts.1 == Part::Middle;
    match pair.how {
        How::Same | How::Variant => Ok(None),
        How::Typo => Ok(Some((Rule::Typo, 1))),
        How::GenderedForm if family => Ok(Some((Rule::GenderedSurname, 1))),
        How::GenderedForm => Err(Rule::GenderPair),
        How::Nickname if family && claim.tokens.len() > 1 => {
            let (a, b) = (&claim.tokens[pair.claim], &holder.tokens[pair.holder]);
            let cut = pairing::is_cut(&a.plain, &b.plain);
            Err(if cut { Rule::Truncated } else { Rule::Different })
        }
        How::Nickname => Ok(Some((Rule::Nickname, 1))),
        How::Initial if middle => Ok(None),
        How::Initial if family => Ok(Some((Rule::FirstInitial, 3))),
        How::Initial => Ok(Some((Rule::FirstInitial, 1))),
        How::Missing | How::Different => Err(Rule::Different),
    }
}

/// What a token that only the longer side has says against a match.
fn judge_missing(longer: &Name, at: usize, paired: usize) -> (Rule, u8) {
    if paired < 2 {
        return (Rule::Mononym, 1);
    }
    match part(longer, at) {
        _ if longer.tokens[at].is_initial() => (Rule::MiddleMissing, 0),
        Part::Middle if longer.tokens[at].hyphened && at + 2 == longer.tokens.len() => {
            (Rule::MarriedName, 1)
        }
        Part::Middle => (Rule::MiddleMissing, 0),
        Part::Given => (Rule::MiddleMissing, 1),
        Part::Family if longer.tokens[at].hyphened => (Rule::MarriedName, 1),
        Part::Family => (Rule::DoubleSurname, 1),
    }
}

/// Both sides have a token that the other lacks.
fn judge_contradiction(
    claim: &Name,
    holder: &Name,
    pairing: &Pairing,
    rules: &mut Vec<Rule>,
) -> (Outcome, u8) {
    let (c, h) = (pairing.claim_left[0], pairing.holder_left[0]);
    let (of_claim, of_holder) = (&claim.tokens[c], &holder.tokens[h]);
    let cut_at_end = CUT_LENGTHS.contains(&holder.length)
        && h + 1 == holder.tokens.len()
        && of_claim.plain.starts_with(&of_holder.plain)
        && pairing.holder_left.len() == 1;
    if cut_at_end {
        rules.push(Rule::CutByBank);
        return (Outcome::Close, 78);
    }
    let sure = pairing.pairs.iter().all(|p| matches!(p.how, How::Same | How::Variant));
    let middles = pairing.claim_left.iter().all(|&at| part(claim, at) == Part::Middle)
        && pairing.holder_left.iter().all(|&at| part(holder, at) == Part::Middle);
    if middles && sure {
        if of_claim.is_initial() || of_holder.is_initial() {
            rules.push(Rule::InitialsContradict);
            return (Outcome::NoMatch, 55);
        }
        rules.push(Rule::MiddleDiffers);
        return (Outcome::Close, 75);
    }
    let family_agrees = pairing.pairs.iter().any(|pair| {
        part(claim, pair.claim) == Part::Family && part(holder, pair.holder) == Part::Family
    });
    rules.push(match () {
        () if pairing::is_gender_pair(&of_claim.plain, &of_holder.plain) => Rule::GenderPair,
        () if pairing::is_cut(&of_claim.plain, &of_holder.plain) => Rule::Truncated,
        () if family_agrees => Rule::PossibleRelative,
        () => Rule::Different,
    });
    (Outcome::NoMatch, 40)
}

fn compare_businesses(claim: &Name, holder: &Name) -> Verdict {
    let form = |name: &Name| name.tokens.iter().find_map(|t| tables::legal_form(&t.plain));
    let core = |name: &Name| Name {
        tokens: name
            .tokens
            .iter()
            .filter(|t| tables::legal_form(&t.plain).is_none())
            .filter(|t| !matches!(t.plain.as_str(), "and" | "und" | "et" | "y" | "e"))
            .cloned()
            .collect(),
        ..name.clone()
    };
    let (claimed, held) = (core(claim), core(holder));
    let pairing = pairing::pair(&claimed, &held);
    let aligned = alignment(&claimed, &held, &pairing);
    let mut rules = surface_rules(&claimed, &held);
    let complete = pairing.claim_left.is_empty() && pairing.holder_left.is_empty();
    let sure = pairing.pairs.iter().all(|p| matches!(p.how, How::Same | How::Variant));
    let typos = pairing.pairs.iter().filter(|p| p.how == How::Typo).count();
    let (mut outcome, mut score) = match (complete && !pairing.pairs.is_empty(), sure, typos) {
        (true, true, _) => (Outcome::Match, 96),
        (true, false, 1) => {
            rules.push(Rule::Typo);
            (Outcome::Close, 76)
        }
        _ => {
            rules.push(Rule::Different);
            (Outcome::NoMatch, 30)
        }
    };
    match (form(claim), form(holder)) {
        (Some(a), Some(b)) if a != b => {
            rules.push(Rule::LegalFormDiffers);
            (outcome, score) = (Outcome::NoMatch, 45);
        }
        (Some(_), None) | (None, Some(_)) if outcome == Outcome::Match => {
            rules.push(Rule::LegalForm);
            (outcome, score) = (Outcome::Close, 80);
        }
        _ => {}
    }
    Verdict { outcome, score: Some(score), rules, aligned, holder: None }
}
