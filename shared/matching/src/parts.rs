//! Which part of a name each token is: by its place, by what the tables know, and by what it is
//! paired with on the other side.

use crate::culture::Cultures;
use crate::name::{Name, Token};
use crate::pairing::{Pair, Pairing};
use crate::verdict::Part;

/// The parts of the tokens of both names, read in the order that explains most.
pub(crate) fn assign(
    claim: &Name,
    holder: &Name,
    pairing: &Pairing,
    context: Cultures,
) -> (Vec<Part>, Vec<Part>) {
    let mut best: Option<(i32, Vec<Part>, Vec<Part>)> = None;
    for (of_claim, claim_parts) in orders(claim, context) {
        for (of_holder, holder_parts) in orders(holder, context) {
            let clashes =
                pairing.pairs.iter().filter(|pair| clash(pair, &claim_parts, &holder_parts));
            let worth = of_claim + of_holder - 5 * i32::try_from(clashes.count()).unwrap_or(0);
            if best.as_ref().is_none_or(|(known, ..)| worth > *known) {
                best = Some((worth, claim_parts.clone(), holder_parts));
            }
        }
    }
    best.map_or_else(Default::default, |(_, claim, holder)| (claim, holder))
}

/// Whether a pair is a first name on one side and a family name on the other.
fn clash(pair: &Pair, claim: &[Part], holder: &[Part]) -> bool {
    let (a, b) = (part_of(pair.claim, claim), part_of(pair.holder, holder));
    (a == Part::Family) != (b == Part::Family)
}

/// The part of a run of tokens: a family name where one of them is.
pub(crate) fn part_of((at, count): (usize, usize), parts: &[Part]) -> Part {
    let run = parts.get(at..at + count).unwrap_or_default();
    let family = run.contains(&Part::Family);
    if family { Part::Family } else { run.first().copied().unwrap_or(Part::Single) }
}

/// What speaks for the usual order before anything is known.
const USUAL: i32 = 3;

/// The orders in which a name may be read, each with what speaks for it; the usual one first.
fn orders(name: &Name, context: Cultures) -> Vec<(i32, Vec<Part>)> {
    let len = name.tokens.len();
    if len == 1 {
        return vec![(0, vec![Part::Single])];
    }
    if let Some(before) = name.before_comma {
        return vec![(0, family_first(name, before, context))];
    }
    let reversed = (evidence(name, true), family_first(name, 1, context));
    if name.family_first {
        return vec![reversed];
    }
    let double = usize::from(len > 2 && second_is_family(name, 1, context)) + 1;
    let mut all = vec![(evidence(name, false) + USUAL, usual(name, context)), reversed];
    if double == 2 {
        all.push((evidence(name, true) + 1, family_first(name, 2, context)));
    }
    all
}

/// What speaks for an order: known first names in the place of the first name, and so on.
fn evidence(name: &Name, family_first: bool) -> i32 {
    let (Some(first), Some(last)) = (name.tokens.first(), name.tokens.last()) else { return 0 };
    let (given, family) = if family_first { (last, first) } else { (first, last) };
    let lean = |t: &Token| match (t.is_given(), t.is_family()) {
        (true, false) => 2,
        (false, true) => -2,
        (true, true) if t.leans_given() => 1,
        (true, true) => -1,
        (false, false) => 0,
    };
    let home = family_first && family.is_family() && family.cultures().has(Cultures::FAMILY_FIRST);
    // An initial stands for a first name far more often than for a family name.
    let initial = i32::from(given.is_initial()) - 2 * i32::from(family.is_initial());
    lean(given) - lean(family) + initial + i32::from(home)
}

fn usual(name: &Name, context: Cultures) -> Vec<Part> {
    let len = name.tokens.len();
    let mut parts = vec![Part::Middle; len];
    let mut last = len - 1;
    // A name of the father at the end: Sidorov Ivan Petrovich is read the other way round.
    while last > 1 && is_patronymic(name, last, context) {
        last -= 1;
    }
    parts[0] = Part::Given;
    parts[last] = Part::Family;
    let mut at = last;
    while at > 1
        && (name.tokens[at].hyphened
            || at == last && len > 2 && second_is_family(name, at - 1, context))
    {
        at -= 1;
        parts[at] = Part::Family;
    }
    settle(name, &mut parts, context);
    parts
}

fn family_first(name: &Name, families: usize, context: Cultures) -> Vec<Part> {
    let len = name.tokens.len();
    let mut families = families.min(len - 1);
    while families + 1 < len && name.tokens[families].hyphened {
        families += 1;
    }
    let mut parts = vec![Part::Middle; len];
    parts[..families].fill(Part::Family);
    parts[families] = Part::Given;
    settle(name, &mut parts, context);
    parts
}

/// Father's names apart; in China, Korea and Vietnam every name but the family's is the given one.
fn settle(name: &Name, parts: &mut [Part], context: Cultures) {
    mark_patronymics(name, parts, context);
    let home = Cultures::CHINESE.with(Cultures::KOREAN).with(Cultures::VIETNAMESE);
    if context.has(home) && !context.has(Cultures::WESTERN) {
        for part in parts.iter_mut().filter(|part| **part == Part::Middle) {
            *part = Part::Given;
        }
    }
}

/// Whether a token before the last is part of a double surname, as in Spain and Portugal.
fn second_is_family(name: &Name, at: usize, context: Cultures) -> bool {
    let token = &name.tokens[at];
    let iberian = Cultures::SPANISH.with(Cultures::PORTUGUESE);
    context.has(iberian) && token.is_family() && !token.is_given() && token.cultures().has(iberian)
}

fn mark_patronymics(name: &Name, parts: &mut [Part], context: Cultures) {
    for (at, part) in parts.iter_mut().enumerate() {
        let free = matches!(part, Part::Middle | Part::Patronymic);
        if free && is_patronymic(name, at, context) {
            *part = Part::Patronymic;
        }
    }
}

const PATRONYMICS: [&str; 10] =
    ["ovich", "evich", "ovych", "yevych", "ovna", "evna", "ivna", "yivna", "ichna", "yich"];

/// A Russian or Ukrainian father's name; without a first and a family name beside it, it is one itself.
fn is_patronymic(name: &Name, at: usize, context: Cultures) -> bool {
    let token = &name.tokens[at];
    if token.is_parent {
        return true;
    }
    name.tokens.len() > 2
        && context.has(Cultures::SLAVIC)
        && PATRONYMICS.iter().any(|end| token.plain.ends_with(end))
}
