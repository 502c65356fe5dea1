//! Names that the bank cut at the length of a field (R25).

use crate::judge::Case;
use crate::verdict::How;

/// Lengths at which banks cut the holder's name.
const CUT_LENGTHS: [usize; 5] = [18, 27, 35, 70, 140];

/// Whether a name is as long as a field; a cut that fell behind a space leaves one character less.
pub(crate) fn is_field_length(length: usize) -> bool {
    CUT_LENGTHS.iter().any(|cut| length == *cut || length + 1 == *cut)
}

/// Whether the holder's name is the beginning of the claim, as long as a field allows: all of it
/// agrees but the last word, which begins a word of the claim.
pub(crate) fn is_cut(case: &Case<'_>) -> bool {
    let pairing = case.pairing;
    let sure = |how| matches!(how, How::Same | How::Variant);
    let last = case.holder.tokens.len() - 1;
    let rest = pairing.pairs.iter().filter(|pair| pair.holder.0 != last);
    if rest.clone().count() == 0 || !rest.clone().all(|pair| sure(pair.how)) {
        return false;
    }
    let others_left = pairing.holder_left.iter().any(|at| *at != last);
    let paired = pairing.pairs.iter().find(|pair| pair.holder.0 == last);
    let begun = &case.holder.tokens[last].plain;
    let begins = |at: usize| {
        let word = &case.claim.tokens[at].plain;
        word.len() > begun.len() && word.starts_with(begun.as_str())
    };
    let ends = match paired {
        Some(pair) if sure(pair.how) => pairing.claim_left.contains(&(case.claim.tokens.len() - 1)),
        Some(pair) => begins(pair.claim.0),
        None => pairing.claim_left.iter().any(|at| begins(*at)),
    };
    ends && !others_left
}
