//! Tokens that only one side has, and those of both sides that do not go together.

use crate::affinity::Place;
use crate::culture::Cultures;
use crate::judge::Case;
use crate::name::{Name, Token};
use crate::tables::Gender;
use crate::verdict::{How, Part, Rule};

/// A single name of fewer letters bears no slip: there is nothing else that agrees.
const MONONYM_SLIP_MIN: usize = 9;

/// One side has a single name: the same one matches, one that many bear proves nothing.
pub(crate) fn mononym(case: &mut Case<'_>) {
    let Some(pair) = case.pairing.pairs.first() else { return };
    let both = case.claim.tokens.len() == 1 && case.holder.tokens.len() == 1;
    let tokens = [&case.claim.tokens[pair.claim.0], &case.holder.tokens[pair.holder.0]];
    let shortest = tokens.iter().map(|token| token.plain.len()).min().unwrap_or(0);
    match pair.how {
        How::Same if both => {}
        How::Variant if both => case.doubt(Rule::Transliteration, 4),
        How::Typo if both && shortest > MONONYM_SLIP_MIN => case.doubt(Rule::Typo, 16),
        // Written as one word what is two.
        How::Same | How::Variant if case.pairing.is_complete() => {}
        How::Same | How::Variant => {
            let common =
                |token: &&Token| token.is_known() && !token.cultures().has(Cultures::MONONYMIC);
            if tokens.iter().any(common) || tokens.iter().any(|token| token.is_initial()) {
                case.refuse(Rule::Mononym);
            } else {
                case.doubt(Rule::Mononym, 24);
            }
        }
        _ => case.refuse(Rule::Different),
    }
}

/// What is left over on either side.
pub(crate) fn left_over(case: &mut Case<'_>) {
    let of_claim = parts(&case.pairing.claim_left, &case.claim_parts);
    let of_holder = parts(&case.pairing.holder_left, &case.holder_parts);
    let both = |part| of_claim.contains(&part) && of_holder.contains(&part);
    let is_first = |p: &Part| matches!(p, Part::Given | Part::Middle);
    let first = of_claim.contains(&Part::Given) && of_holder.iter().any(is_first)
        || of_holder.contains(&Part::Given) && of_claim.iter().any(is_first);
    if both(Part::Family) || first || both(Part::Patronymic) {
        refuse_both(case, both(Part::Patronymic));
        return;
    }
    if both(Part::Middle) {
        middles(case);
    }
    one_sided(case, &of_claim, &of_holder);
}

fn parts(left: &[usize], parts: &[Part]) -> Vec<Part> {
    left.iter().map(|at| parts[*at]).collect()
}

fn refuse_both(case: &mut Case<'_>, fathers: bool) {
    let find =
        |left: &[usize], parts: &[Part], part| left.iter().copied().find(|at| parts[*at] == part);
    let given = find(&case.pairing.claim_left, &case.claim_parts, Part::Given).zip(find(
        &case.pairing.holder_left,
        &case.holder_parts,
        Part::Given,
    ));
    let family = case.pairing.pairs.iter().any(|pair| {
        let (a, b) = case.parts_of(pair);
        a == Part::Family
            && b == Part::Family
            && matches!(pair.how, How::Same | How::Variant | How::GenderedForm)
    });
    let rule = match given {
        Some((c, h)) => {
            match contradiction(&case.claim.tokens[c], &case.holder.tokens[h], Place::Given) {
                Rule::Different if family => Rule::PossibleRelative,
                rule => rule,
            }
        }
        None if fathers => Rule::PossibleRelative,
        None => Rule::Different,
    };
    case.refuse(rule);
    if family && matches!(rule, Rule::GenderPair | Rule::Truncated) {
        case.rules.push(Rule::PossibleRelative);
    }
}

/// Why two tokens in one place are two names.
pub(crate) fn contradiction(a: &Token, b: &Token, place: Place) -> Rule {
    let (short, long) =
        if a.plain.len() <= b.plain.len() { (&a.plain, &b.plain) } else { (&b.plain, &a.plain) };
    let genders = || Some((a.entry?.gender()?, b.entry?.gender()?));
    let other_gender =
        matches!(genders(), Some((Gender::Male, Gender::Female) | (Gender::Female, Gender::Male)));
    let stem = short.bytes().zip(long.bytes()).take_while(|(x, y)| x == y).count();
    let near = stem >= 3 && stem + 1 >= short.len() && long.len() - stem <= 3;
    if place == Place::Given && near && other_gender {
        Rule::GenderPair
    } else if short.len() >= 3 && long.starts_with(short.as_str()) {
        Rule::Truncated
    } else if place == Place::Given && near && long.ends_with(['a', 'e']) {
        Rule::GenderPair
    } else {
        Rule::Different
    }
}

/// Both sides have a middle name that the other lacks.
fn middles(case: &mut Case<'_>) {
    let tokens = |name: &'_ Name, left: &[usize], parts: &[Part]| -> Vec<Token> {
        left.iter()
            .filter(|at| parts[**at] == Part::Middle)
            .map(|at| name.tokens[*at].clone())
            .collect()
    };
    let of_claim = tokens(case.claim, &case.pairing.claim_left, &case.claim_parts);
    let of_holder = tokens(case.holder, &case.pairing.holder_left, &case.holder_parts);
    let mut all = of_claim.iter().chain(&of_holder);
    if of_claim.iter().any(|c| of_holder.iter().any(|h| c.plain == h.plain)) {
        // One spelling with other tones or characters.
        case.refuse(Rule::Different);
    } else if all.clone().any(Token::is_initial) {
        case.refuse(Rule::InitialsContradict);
    } else if case.context.has(Cultures::ARABIC) && all.clone().all(Token::is_given) {
        // The second name is the father's.
        case.refuse(Rule::PossibleRelative);
    } else if all.any(|t| t.is_family() && !t.is_given()) {
        // A surname in the middle is another family.
        case.refuse(Rule::Different);
    } else {
        case.doubt(Rule::MiddleDiffers, 20);
    }
}

fn one_sided(case: &mut Case<'_>, of_claim: &[Part], of_holder: &[Part]) {
    let both = of_claim.contains(&Part::Middle) && of_holder.contains(&Part::Middle);
    let mut families = 0;
    let sides = [
        (case.claim, &case.pairing.claim_left, case.claim_parts.clone()),
        (case.holder, &case.pairing.holder_left, case.holder_parts.clone()),
    ];
    for (name, left, parts) in sides {
        for &at in left {
            match parts[at] {
                Part::Middle if both => {}
                Part::Middle if name.tokens[at].hyphened => case.doubt(Rule::MiddleMissing, 14),
                Part::Middle => case.rules.push(Rule::MiddleMissing),
                Part::Patronymic => case.rules.push(Rule::Particles),
                Part::Given => given_missing(case, name, at),
                Part::Family | Part::Single => {
                    families += 1;
                    family_missing(case, name, at, &parts, families);
                }
            }
        }
    }
}

/// The first name is missing and another one agrees: the person goes by the second.
fn given_missing(case: &mut Case<'_>, name: &Name, at: usize) {
    if name.tokens[at].is_initial() {
        case.doubt(Rule::MiddleMissing, 14);
    } else {
        case.doubt(Rule::MiddleMissing, 18);
    }
}

fn family_missing(case: &mut Case<'_>, name: &Name, at: usize, parts: &[Part], count: u8) {
    if name.tokens[at].is_initial() {
        case.doubt(Rule::DoubleSurname, 14);
        return;
    }
    let hyphened = name.tokens[at].hyphened || name.tokens.get(at + 1).is_some_and(|t| t.hyphened);
    let others = parts.iter().filter(|part| **part == Part::Family).count() > 1;
    // Without another surname, what stands as one on the shorter side must not be a first name alone.
    let only_first_names = !others
        && case.pairing.pairs.iter().all(|pair| {
            let first = |token: &Token| token.is_given() && !token.is_family();
            first(&case.claim.tokens[pair.claim.0]) || first(&case.holder.tokens[pair.holder.0])
        });
    if only_first_names && !case.context.has(Cultures::MONONYMIC.with(Cultures::ARABIC)) {
        case.refuse(Rule::Mononym);
        return;
    }
    let rule = if hyphened { Rule::MarriedName } else { Rule::DoubleSurname };
    case.doubt(rule, if count > 1 { 4 } else { 12 });
}
