//! From paired tokens to an outcome for persons. Doubts add up: a few small ones make a close
//! match, too many none at all.

use crate::affinity::{self, Place, affinity};
use crate::culture::Cultures;
use crate::fold::{Letter, Script};
use crate::name::{Name, Token};
use crate::pairing::{self, Pair, Pairing};
use crate::parts;
use crate::policy::{CLOSE_MIN, MATCH_MIN};
use crate::verdict::{Aligned, How, Outcome, Part, Rule, Verdict};
use crate::{cut, missing};

/// The score of a name that differs in writing alone.
const SURE: u8 = 96;
/// The best score of a close match.
const CLOSE_MAX: u8 = 84;

/// What is found while two names are compared.
pub(crate) struct Case<'a> {
    pub(crate) claim: &'a Name,
    pub(crate) holder: &'a Name,
    pub(crate) pairing: &'a Pairing,
    pub(crate) claim_parts: Vec<Part>,
    pub(crate) holder_parts: Vec<Part>,
    pub(crate) context: Cultures,
    pub(crate) rules: Vec<Rule>,
    pub(crate) doubt: u8,
    pub(crate) refused: bool,
}

impl Case<'_> {
    /// Something that speaks against a match, by its weight.
    pub(crate) fn doubt(&mut self, rule: Rule, weight: u8) {
        self.rules.push(rule);
        self.doubt = self.doubt.saturating_add(weight);
    }

    /// Something that no match bears.
    pub(crate) fn refuse(&mut self, rule: Rule) {
        self.rules.push(rule);
        self.refused = true;
    }

    fn settle(&self) -> (Outcome, u8) {
        if self.refused {
            return (Outcome::NoMatch, if self.pairing.pairs.is_empty() { 0 } else { 45 });
        }
        match SURE.saturating_sub(self.doubt) {
            score if self.doubt == 0 => (Outcome::Match, score),
            score if self.doubt < 12 => (Outcome::Match, score.max(MATCH_MIN)),
            score if score >= CLOSE_MIN => (Outcome::Close, score.min(CLOSE_MAX)),
            score => (Outcome::NoMatch, score),
        }
    }
}

/// Compares two readings of two names. Where two ways of pairing weigh the same, the one taken must
/// not depend on which name was claimed: the names are compared in the order of their letters. Only
/// a field that may be cut is looked at as the bank's.
pub(crate) fn compare(claim: &Name, holder: &Name) -> Verdict {
    if cut::is_field_length(holder.length) {
        let verdict = in_order(claim, holder, Field::OfBank);
        if verdict.rules.contains(&Rule::CutByBank) {
            return verdict;
        }
    }
    let key = |name: &Name| (name.joined.clone(), name.tokens.len(), name.length);
    let mut verdict = if key(claim) <= key(holder) {
        in_order(claim, holder, Field::Whole)
    } else {
        let mut turned = in_order(holder, claim, Field::Whole);
        turned.aligned.iter_mut().for_each(|a| std::mem::swap(&mut a.claim, &mut a.holder));
        turned
    };
    if holder.is_business {
        verdict.rules.push(Rule::Business);
    }
    verdict
}

/// Whether a field may have been cut at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    OfBank,
    Whole,
}

fn in_order(claim: &Name, holder: &Name, field: Field) -> Verdict {
    let context = context(claim).with(context(holder));
    let pairing = pairing::pair(claim, holder, context);
    let (claim_parts, holder_parts) = parts::assign(claim, holder, &pairing, context);
    let mut case = Case {
        claim,
        holder,
        pairing: &pairing,
        claim_parts,
        holder_parts,
        context,
        rules: Vec::new(),
        doubt: 0,
        refused: false,
    };
    let joined = is_written_as_one(claim, holder);
    if !joined {
        judge(&mut case, field);
    }
    case.surface();
    suffixes(&mut case);
    let (outcome, mut score) = case.settle();
    if joined && outcome == Outcome::Match && case.rules.is_empty() {
        score = 100;
    }
    let mut aligned = align(&case);
    if joined {
        aligned.iter_mut().for_each(|pair| pair.how = How::Same);
    }
    Verdict { outcome, score: Some(score), rules: case.rules, aligned, holder: None }
}

/// The cultures that a name's known tokens share, or else all of theirs.
fn context(name: &Name) -> Cultures {
    let known = || name.tokens.iter().map(Token::cultures).filter(|c| !c.is_empty());
    let all = known().fold(Cultures::NONE, Cultures::with);
    let shared = known().fold(all, Cultures::shared);
    if shared.is_empty() { all } else { shared }
}

/// Whether both are one string but for spaces; characters and tones that fold into one letter are
/// looked at token by token.
fn is_written_as_one(claim: &Name, holder: &Name) -> bool {
    let exact = |name: &Name| name.tokens.iter().any(|t| t.written.is_some());
    let is_exact = exact(claim) && exact(holder);
    let same_text = || {
        let text = |name: &Name| -> String {
            name.tokens.iter().map(|t| t.written.as_deref().unwrap_or(&t.plain)).collect()
        };
        text(claim) == text(holder)
    };
    if claim.joined.is_empty() || claim.tokens.is_empty() || holder.tokens.is_empty() {
        return false;
    }
    let turned = || {
        let [first, second] = &holder.tokens[..] else { return false };
        let kana = holder.tokens.iter().chain(&claim.tokens).any(|t| t.script == Script::Kana);
        kana && claim.joined == format!("{}{}", second.plain, first.plain)
    };
    (claim.joined == holder.joined || turned()) && (!is_exact || same_text())
}

fn judge(case: &mut Case<'_>, field: Field) {
    if case.pairing.pairs.is_empty() {
        case.refuse(Rule::Different);
        return;
    }
    if case.claim.tokens.len() == 1 || case.holder.tokens.len() == 1 {
        missing::mononym(case);
        return;
    }
    if field == Field::OfBank && cut::is_cut(case) {
        case.doubt(Rule::CutByBank, 16);
        return;
    }
    let permuted = case.pairing.is_complete()
        && case.pairing.pairs.iter().all(|p| p.how == How::Same && !p.is_joined());
    if !permuted {
        for pair in &case.pairing.pairs {
            judge_pair(case, *pair);
        }
        missing::left_over(case);
        agreement(case);
    }
    if !case.pairing.is_in_order() {
        case.rules.push(Rule::Order);
    }
}

/// Both a first name and a family name must agree, in full letters at least one of them.
fn agreement(case: &mut Case<'_>) {
    let pairs = || case.pairing.pairs.iter().map(|pair| (pair, case.parts_of(pair)));
    let family = pairs().any(|(_, (a, b))| a == Part::Family || b == Part::Family);
    let given = pairs().any(|(_, (a, b))| a != Part::Family && b != Part::Family);
    let full =
        pairs().any(|(pair, _)| matches!(pair.how, How::Same | How::Variant) && case.is_full(pair));
    let complete = family && given && full;
    if !case.refused && !complete {
        case.refuse(Rule::Different);
    }
}

impl Case<'_> {
    pub(crate) fn parts_of(&self, pair: &Pair) -> (Part, Part) {
        (
            parts::part_of(pair.claim, &self.claim_parts),
            parts::part_of(pair.holder, &self.holder_parts),
        )
    }

    /// Whether the pair is of more than initials.
    fn is_full(&self, pair: &Pair) -> bool {
        let long = |name: &Name, at: usize| name.tokens[at].plain.len() > 1;
        long(self.claim, pair.claim.0) && long(self.holder, pair.holder.0)
    }

    fn surface(&mut self) {
        let any = |of: fn(&Token) -> bool| {
            self.claim.tokens.iter().any(of) != self.holder.tokens.iter().any(of)
        };
        let foreign = |t: &Token| t.script != Script::Latin;
        let notes = [
            (any(|t| t.has_letter(Letter::Accented)), Rule::Accents),
            (any(|t| t.has_letter(Letter::Umlaut)), Rule::Umlauts),
            (any(|t| t.has_letter(Letter::StrokeOrLigature)), Rule::Letters),
            (any(foreign), Rule::Transliteration),
            (self.claim.had_title != self.holder.had_title, Rule::Titles),
            (self.claim.had_particles != self.holder.had_particles, Rule::Particles),
            (self.claim.suspicious || self.holder.suspicious, Rule::SuspiciousCharacters),
        ];
        self.rules.extend(notes.into_iter().filter(|(fired, _)| *fired).map(|(_, rule)| rule));
        if (self.claim.by_birth_name || self.holder.by_birth_name) && !self.refused {
            self.doubt(Rule::MarriedName, 12);
        }
    }
}

fn judge_pair(case: &mut Case<'_>, pair: Pair) {
    let parts = case.parts_of(&pair);
    let place = match parts {
        (Part::Family, _) | (_, Part::Family) => Place::Family,
        _ => Place::Given,
    };
    let crossed = matches!(parts, (Part::Family, Part::Given) | (Part::Given, Part::Family));
    if crossed {
        case.refuse(Rule::Different);
        return;
    }
    let how = if pair.how == How::Same || pair.is_joined() {
        pair.how
    } else {
        let (a, b) = (&case.claim.tokens[pair.claim.0], &case.holder.tokens[pair.holder.0]);
        affinity(a, b, place, case.context)
    };
    let middle = place == Place::Given && parts.0 != Part::Given && parts.1 != Part::Given;
    match how {
        How::Same => {}
        How::Variant => judge_variant(case, pair),
        How::Typo => case.doubt(Rule::Typo, typo_weight(case, pair)),
        How::GenderedForm if place == Place::Family => case.doubt(Rule::GenderedSurname, 12),
        How::GenderedForm => case.refuse(Rule::GenderPair),
        How::Nickname => case.doubt(Rule::Nickname, 12),
        How::Initial if middle => {}
        How::Initial if place == Place::Given => case.doubt(Rule::FirstInitial, 16),
        How::Initial => case.refuse(Rule::FirstInitial),
        How::Missing | How::Different => {
            let (a, b) = (&case.claim.tokens[pair.claim.0], &case.holder.tokens[pair.holder.0]);
            let rule = missing::contradiction(a, b, place);
            case.refuse(rule);
        }
    }
}

/// Romanisations of one name are the name; two Western spellings of it are a doubt.
fn judge_variant(case: &mut Case<'_>, pair: Pair) {
    let (a, b) = (&case.claim.tokens[pair.claim.0], &case.holder.tokens[pair.holder.0]);
    let foreign = a.script != b.script;
    let western = !case.context.has(
        Cultures::FAMILY_FIRST
            .with(Cultures::SLAVIC)
            .with(Cultures::GREEK)
            .with(Cultures::ARABIC)
            .with(Cultures::PERSIAN)
            .with(Cultures::HEBREW)
            .with(Cultures::INDIAN),
    );
    if foreign || !western {
        case.rules.push(Rule::Transliteration);
        case.doubt = case.doubt.saturating_add(4);
    } else {
        case.doubt(Rule::Letters, 13);
    }
}

/// A slip of a known name weighs less than one between two unknown ones.
fn typo_weight(case: &Case<'_>, pair: Pair) -> u8 {
    let (a, b) = (&case.claim.tokens[pair.claim.0], &case.holder.tokens[pair.holder.0]);
    if a.is_known() || b.is_known() { 14 } else { 17 }
}

fn suffixes(case: &mut Case<'_>) {
    match (case.claim.suffix, case.holder.suffix) {
        (Some(a), Some(b)) if a != b => case.refuse(Rule::SuffixDiffers),
        (Some(_), None) | (None, Some(_)) => case.doubt(Rule::Suffix, 12),
        _ => {}
    }
}

fn align(case: &Case<'_>) -> Vec<Aligned> {
    let text = |name: &Name, (at, count): (usize, usize)| {
        let words: Vec<&str> =
            name.tokens[at..at + count].iter().map(|t| t.plain.as_str()).collect();
        Some(words.join(" "))
    };
    let mut all: Vec<Aligned> = Vec::with_capacity(case.claim.tokens.len() + 1);
    for pair in &case.pairing.pairs {
        let (a, b) = case.parts_of(pair);
        let part = if a == Part::Family || b == Part::Family { Part::Family } else { a };
        let place = if part == Part::Family { Place::Family } else { Place::Given };
        let (of_claim, of_holder) =
            (&case.claim.tokens[pair.claim.0], &case.holder.tokens[pair.holder.0]);
        let how = match pair.how {
            How::Same => How::Same,
            how if pair.is_joined() || part == Part::Single => how,
            _ => affinity::affinity(of_claim, of_holder, place, case.context),
        };
        all.push(Aligned {
            claim: text(case.claim, pair.claim),
            holder: text(case.holder, pair.holder),
            how,
            part,
        });
    }
    let lone = |name: &Name, at: usize| text(name, (at, 1));
    all.extend(case.pairing.claim_left.iter().map(|&at| Aligned {
        claim: lone(case.claim, at),
        holder: None,
        how: How::Missing,
        part: case.claim_parts.get(at).copied().unwrap_or(Part::Single),
    }));
    all.extend(case.pairing.holder_left.iter().map(|&at| Aligned {
        claim: None,
        holder: lone(case.holder, at),
        how: How::Missing,
        part: case.holder_parts.get(at).copied().unwrap_or(Part::Single),
    }));
    all
}
