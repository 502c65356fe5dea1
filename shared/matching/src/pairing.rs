//! Which token of the claim belongs to which token of the holder.

use crate::affinity::{Place, affinity};
use crate::culture::Cultures;
use crate::name::{Name, Token};
use crate::verdict::How;

/// Tokens paired by index, and those left over.
#[derive(Debug, Default)]
pub(crate) struct Pairing {
    pub(crate) pairs: Vec<Pair>,
    pub(crate) claim_left: Vec<usize>,
    pub(crate) holder_left: Vec<usize>,
}

/// Neighbouring tokens of the claim beside neighbouring tokens of the holder; one of the two runs
/// is a single token.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pair {
    pub(crate) claim: (usize, usize),
    pub(crate) holder: (usize, usize),
    pub(crate) how: How,
}

impl Pair {
    /// Whether one side writes as one what the other writes apart.
    pub(crate) const fn is_joined(&self) -> bool {
        self.claim.1 > 1 || self.holder.1 > 1
    }
}

/// The ways of being paired, the surest first.
const RANKS: [How; 6] =
    [How::Same, How::Variant, How::GenderedForm, How::Nickname, How::Typo, How::Initial];

/// Pairs each token at most once, the surest ways first; of equals those that stand alike.
pub(crate) fn pair(claim: &Name, holder: &Name, context: Cultures) -> Pairing {
    let mut pairing = Pairing {
        pairs: Vec::new(),
        claim_left: (0..claim.tokens.len()).collect(),
        holder_left: (0..holder.tokens.len()).collect(),
    };
    let mut candidates = Vec::new();
    for (c, of_claim) in claim.tokens.iter().enumerate() {
        for (h, of_holder) in holder.tokens.iter().enumerate() {
            let how = affinity(of_claim, of_holder, Place::Any, context);
            if let Some(rank) = RANKS.iter().position(|known| *known == how) {
                candidates.push((rank, distance(claim, c, holder, h), c, h));
            }
        }
    }
    candidates.sort_unstable();
    let sure = candidates.partition_point(|(rank, ..)| *rank < 2);
    pairing.take(&candidates[..sure]);
    pairing.join(claim, holder, context);
    pairing.take(&candidates[sure..]);
    pairing
}

/// How far apart two tokens stand, counted from the nearer end.
fn distance(claim: &Name, c: usize, holder: &Name, h: usize) -> usize {
    let from_end = (claim.tokens.len() - c).abs_diff(holder.tokens.len() - h);
    c.abs_diff(h).min(from_end)
}

impl Pairing {
    fn take(&mut self, candidates: &[(usize, usize, usize, usize)]) {
        for &(rank, _, c, h) in candidates {
            let free = |left: &[usize], at| left.binary_search(&at).is_ok();
            if free(&self.claim_left, c) && free(&self.holder_left, h) {
                self.claim_left.retain(|at| *at != c);
                self.holder_left.retain(|at| *at != h);
                self.pairs.push(Pair { claim: (c, 1), holder: (h, 1), how: RANKS[rank] });
            }
        }
    }

    /// Pairs neighbours that are left over with one token that writes them together.
    fn join(&mut self, claim: &Name, holder: &Name, context: Cultures) {
        if let Some((run, single, how)) =
            joined((claim, &self.claim_left), (holder, &self.holder_left), context)
        {
            self.claim_left.retain(|at| !(run.0..run.0 + run.1).contains(at));
            self.holder_left.retain(|at| *at != single);
            self.pairs.push(Pair { claim: run, holder: (single, 1), how });
        }
        if let Some((run, single, how)) =
            joined((holder, &self.holder_left), (claim, &self.claim_left), context)
        {
            self.holder_left.retain(|at| !(run.0..run.0 + run.1).contains(at));
            self.claim_left.retain(|at| *at != single);
            self.pairs.push(Pair { claim: (single, 1), holder: run, how });
        }
    }

    /// Whether the paired tokens stand in the same order on both sides.
    pub(crate) fn is_in_order(&self) -> bool {
        let mut pairs: Vec<_> = self.pairs.iter().map(|p| (p.claim.0, p.holder.0)).collect();
        pairs.sort_unstable();
        pairs.windows(2).all(|two| two[0].1 < two[1].1)
    }

    /// Whether nothing is left over on either side.
    pub(crate) fn is_complete(&self) -> bool {
        self.claim_left.is_empty() && self.holder_left.is_empty()
    }
}

type Side<'a> = (&'a Name, &'a [usize]);

/// Two or three neighbours of one side that together are one token of the other.
fn joined(
    apart: Side<'_>,
    one: Side<'_>,
    context: Cultures,
) -> Option<((usize, usize), usize, How)> {
    if apart.1.len() < 2 {
        return None;
    }
    for count in 2..=3 {
        for run in apart.1.windows(count) {
            if run[count - 1] - run[0] + 1 != count {
                continue;
            }
            let text: String =
                run.iter().enumerate().map(|(i, at)| part(&apart.0.tokens[*at], i)).collect();
            for &single in one.1.iter().filter(|at| one.0.tokens[**at].plain.len() > count) {
                let other = &one.0.tokens[single];
                let same = text == other.plain || Some(&text) == other.with_particles.as_ref();
                let how = if same {
                    How::Same
                } else if text.len().abs_diff(other.plain.len()) > 3 {
                    How::Different
                } else {
                    affinity(&together(apart.0, run, &text), other, Place::Any, context)
                };
                if matches!(how, How::Same | How::Variant) {
                    return Some(((run[0], count), single, how));
                }
            }
        }
    }
    None
}

/// A token of a run: all but the first bring their particles (Abd al-Rahman).
fn part(token: &Token, at: usize) -> &str {
    let with = token.with_particles.as_deref().filter(|_| at > 0);
    with.unwrap_or(&token.plain)
}

/// The run as one token; what was written in another script stays so.
fn together(name: &Name, run: &[usize], text: &str) -> Token {
    let tokens = run.iter().map(|at| &name.tokens[*at]);
    let written: String = tokens.filter_map(|token| token.written.as_deref()).collect();
    let mut token = Token::new(text);
    if !written.is_empty() {
        token.written = Some(written);
        token.script = name.tokens[run[0]].script;
    }
    token
}
