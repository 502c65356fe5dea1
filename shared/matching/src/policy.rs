//! What an outcome is worth to the one who asked: data, not code.

use serde::{Deserialize, Serialize};

use crate::verdict::{FieldOutcome, Outcome, Verdict};

/// The least score of a match.
pub(crate) const MATCH_MIN: u8 = 85;
/// The least score of a close match.
pub(crate) const CLOSE_MIN: u8 = 70;
/// No threshold may be lower: refusals score less, and no policy turns one into a match.
const THRESHOLD_MIN: u8 = 60;

/// What a tenant makes of a comparison. The defaults are the safe ones, and stand in for whatever a
/// stored policy does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Policy {
    /// From which scores on names match or are close.
    pub thresholds: Thresholds,
    /// What a close match is worth.
    pub close_match: CloseMatch,
    /// Which fields beside the name must agree.
    pub must_agree: MustAgree,
    /// When the tenant may be told the holder's name.
    pub disclosure: Disclosure,
}

/// From which scores on names match or are close.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct Thresholds {
    match_min: u8,
    close_min: u8,
}

/// Thresholds as they are stored, before they are checked.
#[derive(Deserialize)]
struct Stored {
    match_min: u8,
    close_min: u8,
}

impl TryFrom<Stored> for Thresholds {
    type Error = &'static str;

    fn try_from(Stored { match_min, close_min }: Stored) -> Result<Self, Self::Error> {
        Self::new(match_min, close_min).ok_or("thresholds out of range")
    }
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

    /// The least score of a match.
    #[must_use]
    pub const fn match_min(self) -> u8 {
        self.match_min
    }

    /// The least score of a close match.
    #[must_use]
    pub const fn close_min(self) -> u8 {
        self.close_min
    }
}

/// What a close match is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CloseMatch {
    /// It does not verify.
    #[default]
    IsWrong,
    /// It verifies.
    Verifies,
}

/// Which fields beside the name must agree. What the bank does not state contradicts nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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

/// When the tenant may be told the holder's name. The later ones tell more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disclosure {
    /// Never.
    #[default]
    Nothing,
    /// On a close match, as the schemes for payees do.
    OnClose,
    /// Always.
    Always,
}

impl Disclosure {
    /// Whether the holder's name may be told beside this outcome.
    #[must_use]
    pub const fn tells(self, outcome: Outcome) -> bool {
        match self {
            Self::Nothing => false,
            Self::OnClose => matches!(outcome, Outcome::Close),
            Self::Always => true,
        }
    }
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

impl Thresholds {
    /// The verdict with its outcome under these thresholds.
    #[must_use]
    pub fn applied(self, verdict: Verdict) -> Verdict {
        let outcome = match verdict.score {
            None => Outcome::CannotTell,
            Some(score) if score >= self.match_min => Outcome::Match,
            Some(score) if score >= self.close_min => Outcome::Close,
            Some(_) => Outcome::NoMatch,
        };
        Verdict { outcome, ..verdict }
    }
}

impl Policy {
    /// What the fields together are worth; `name` is the outcome under the policy's thresholds.
    #[must_use]
    pub fn worth(&self, name: Outcome, birth_date: FieldOutcome, address: FieldOutcome) -> Worth {
        let by_date = matches!(self.must_agree, MustAgree::BirthDate | MustAgree::Everything);
        let by_address = matches!(self.must_agree, MustAgree::Address | MustAgree::Everything);
        let contradicted = by_date && birth_date == FieldOutcome::Mismatch
            || by_address && address == FieldOutcome::Mismatch;
        match (name, self.close_match) {
            (Outcome::CannotTell, _) => Worth::Undecided,
            (Outcome::Match, _) | (Outcome::Close, CloseMatch::Verifies) if !contradicted => {
                Worth::Verified
            }
            _ => Worth::Refused,
        }
    }
}
