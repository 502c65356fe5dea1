//! What an outcome is worth to the one who asked: data, not code.

use crate::verdict::{FieldOutcome, Outcome, Verdict};

/// The least score of a match.
pub(crate) const MATCH_MIN: u8 = 85;
/// The least score of a close match.
pub(crate) const CLOSE_MIN: u8 = 70;
/// No threshold may be lower: refusals score less, and no policy turns one into a match.
const THRESHOLD_MIN: u8 = 60;

/// What a tenant makes of a comparison. The defaults are the safe ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Policy {
    /// From which scores on names match or are close.
    pub thresholds: Thresholds,
    /// What a close match is worth.
    pub close: Close,
    /// Which fields beside the name must agree.
    pub must_agree: MustAgree,
    /// When the tenant may be told the holder's name.
    pub disclosure: Disclosure,
}

/// From which scores on names match or are close.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thresholds {
    match_min: u8,
    close_min: u8,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self { match_min: MATCH_MIN, close_min: CLOSE_MIN }
    }
}

impl Thresholds {
    /// Thresholds of one's own: from 60 to 100, the one of a match not below the one of a close match.
    #[must_use]
    pub const fn new(match_min: u8, close_min: u8) -> Option<Self> {
        if match_min > 100 || close_min < THRESHOLD_MIN || match_min < close_min {
            return None;
        }
        Some(Self { match_min, close_min })
    }
}

/// What a close match is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Close {
    /// It does not verify.
    #[default]
    Refuses,
    /// It verifies.
    Verifies,
}

/// Which fields beside the name must agree. What the bank does not state contradicts nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MustAgree {
    /// The name alone decides.
    #[default]
    Name,
    /// The date of birth must not contradict.
    BirthDate,
    /// The address must not contradict.
    Address,
    /// Neither may contradict.
    Everything,
}

/// When the tenant may be told the holder's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Disclosure {
    /// Never.
    #[default]
    Nothing,
    /// On a close match, as the schemes for payees do.
    OnClose,
    /// Always.
    Always,
}

/// What a comparison is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Worth {
    /// The claimant is the holder.
    Verified,
    /// The claimant is somebody else, as far as the policy trusts the comparison.
    Refused,
    /// There was nothing to compare.
    Undecided,
}

impl Policy {
    /// The outcome under this policy's thresholds.
    #[must_use]
    pub fn outcome(&self, verdict: &Verdict) -> Outcome {
        match verdict.score {
            None => Outcome::CannotTell,
            Some(score) if score >= self.thresholds.match_min => Outcome::Match,
            Some(score) if score >= self.thresholds.close_min => Outcome::Close,
            Some(_) => Outcome::NoMatch,
        }
    }

    /// What the fields together are worth.
    #[must_use]
    pub fn worth(&self, name: &Verdict, birth_date: FieldOutcome, address: FieldOutcome) -> Worth {
        let by_date = matches!(self.must_agree, MustAgree::BirthDate | MustAgree::Everything);
        let by_address = matches!(self.must_agree, MustAgree::Address | MustAgree::Everything);
        let contradicted = by_date && birth_date == FieldOutcome::Mismatch
            || by_address && address == FieldOutcome::Mismatch;
        match (self.outcome(name), self.close) {
            (Outcome::CannotTell, _) => Worth::Undecided,
            (Outcome::Match, _) | (Outcome::Close, Close::Verifies) if !contradicted => {
                Worth::Verified
            }
            _ => Worth::Refused,
        }
    }

    /// Whether the tenant may be told the holder's name.
    #[must_use]
    pub const fn discloses(&self, outcome: Outcome) -> bool {
        match self.disclosure {
            Disclosure::Nothing => false,
            Disclosure::OnClose => matches!(outcome, Outcome::Close),
            Disclosure::Always => true,
        }
    }
}
