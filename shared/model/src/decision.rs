//! A decision: one claim against one piece of evidence.

use jiff::Timestamp;
use matching::{FieldOutcome, Kind, Outcome};
use serde::{Deserialize, Serialize};

use crate::claim::{Claim, ClaimedAddress};
use crate::evidence::{Evidence, PostalAddress};
use crate::ids::{BankId, SessionId};
use crate::tenant::{CloseMatch, Policy};

/// The result, field by field. It holds no name, address or number, only how they compare.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// The name.
    pub name: FieldResult,
    /// The address.
    pub address: FieldResult,
    /// The date of birth.
    pub birth_date: FieldResult,
    /// The account that the claim names.
    pub account: FieldResult,
    /// Rules of matching that fired for the name, by code: `R13`.
    pub rules: Vec<String>,
    /// The EPC Verification of Payee code: MTCH CMTC NMTC NOAP.
    pub vop_code: String,
    /// One sentence for a support agent.
    pub explanation: String,
    /// The version of the matcher.
    pub matcher: String,
    /// What the decision rests on.
    pub basis: Basis,
    /// When the claim was compared.
    pub verified_at: Timestamp,
}

/// How one field compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldResult {
    /// In one word.
    pub agreement: Agreement,
    /// 0 to 100, where there was something to compare.
    pub score: Option<u8>,
}

/// How one field compares, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Agreement {
    /// The same.
    Match,
    /// Close, not the same.
    Partial,
    /// Not the same.
    Mismatch,
    /// The bank states nothing. Never a contradiction.
    NotProvided,
    /// The tenant claimed nothing.
    NotClaimed,
}

impl Agreement {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Match => "match",
            Self::Partial => "partial",
            Self::Mismatch => "mismatch",
            Self::NotProvided => "not_provided",
            Self::NotClaimed => "not_claimed",
        }
    }
}

/// On which session and bank a decision rests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Basis {
    /// The session in which the person logged in.
    pub session: SessionId,
    /// The bank.
    pub bank: BankId,
    /// When the bank answered.
    pub fetched_at: Timestamp,
}

/// What a decision is worth under a tenant's policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// The person is who the tenant says.
    Verified,
    /// The bank names somebody else.
    Wrong,
    /// The bank names nobody.
    Undecided,
}

impl Decision {
    /// Compares `claim` with what the bank said.
    #[must_use]
    pub fn of(claim: &Claim, evidence: &Evidence, now: Timestamp) -> Self {
        let holders = evidence.holder_names();
        let name = matching::names(&claim.name, &holders, Kind::Person);
        let agreement = match name.outcome {
            Outcome::Match => Agreement::Match,
            Outcome::Close => Agreement::Partial,
            Outcome::NoMatch => Agreement::Mismatch,
            Outcome::CannotTell => Agreement::NotProvided,
        };
        Self {
            name: FieldResult { agreement, score: name.score },
            address: compare_address(claim, evidence),
            birth_date: compare_birth_date(claim, evidence),
            account: compare_account(claim, evidence),
            rules: name.rules.iter().map(|rule| rule.code().to_owned()).collect(),
            vop_code: name.outcome.vop_code().to_owned(),
            explanation: name.explanation(),
            matcher: matching::VERSION.to_owned(),
            basis: Basis {
                session: evidence.session,
                bank: evidence.bank.clone(),
                fetched_at: evidence.fetched_at,
            },
            verified_at: now,
        }
    }

    /// What the decision is worth: the name decides, the other fields are reasons to read.
    /// An account that the claim names and the bank does not show contradicts the claim.
    #[must_use]
    pub fn verdict(&self, policy: &Policy) -> Verdict {
        if self.account.agreement == Agreement::Mismatch {
            return Verdict::Wrong;
        }
        match (self.name.agreement, policy.close_match) {
            (Agreement::Match, _) | (Agreement::Partial, CloseMatch::Verifies) => Verdict::Verified,
            (Agreement::Partial, CloseMatch::IsWrong) | (Agreement::Mismatch, _) => Verdict::Wrong,
            (Agreement::NotProvided | Agreement::NotClaimed, _) => Verdict::Undecided,
        }
    }
}

const fn field(agreement: Agreement, score: Option<u8>) -> FieldResult {
    FieldResult { agreement, score }
}

fn from_outcome(outcome: FieldOutcome, score: Option<u8>) -> FieldResult {
    match outcome {
        FieldOutcome::Match => field(Agreement::Match, score),
        FieldOutcome::Partial => field(Agreement::Partial, score),
        FieldOutcome::Mismatch => field(Agreement::Mismatch, score),
        FieldOutcome::NotProvided => field(Agreement::NotProvided, None),
    }
}

fn compare_address(claim: &Claim, evidence: &Evidence) -> FieldResult {
    let Some(claimed) = &claim.address else {
        return field(Agreement::NotClaimed, None);
    };
    let Some(held) = evidence.identity.parties.iter().find_map(|party| party.address.as_ref())
    else {
        return field(Agreement::NotProvided, None);
    };
    let claimed = match claimed {
        ClaimedAddress::Unstructured(line) => {
            matching::Address { unstructured: Some(line), ..matching::Address::default() }
        }
        ClaimedAddress::Structured(address) => parts(address),
    };
    let verdict = matching::addresses(&claimed, &parts(held));
    from_outcome(verdict.outcome, verdict.score)
}

fn parts(address: &PostalAddress) -> matching::Address<'_> {
    matching::Address {
        street: address.line1.as_deref(),
        city: address.city.as_deref(),
        postal_code: address.postal_code.as_deref(),
        region: address.region.as_deref(),
        country: address.country.as_deref(),
        ..matching::Address::default()
    }
}

fn compare_birth_date(claim: &Claim, evidence: &Evidence) -> FieldResult {
    let Some(claimed) = claim.birth_date else {
        return field(Agreement::NotClaimed, None);
    };
    let Some(held) = evidence.identity.parties.iter().find_map(|party| party.birth_date) else {
        return field(Agreement::NotProvided, None);
    };
    let outcome = matching::birth_dates(&claimed.to_string(), &held.to_string());
    from_outcome(outcome, None)
}

fn compare_account(claim: &Claim, evidence: &Evidence) -> FieldResult {
    let Some(claimed) = &claim.iban else {
        return field(Agreement::NotClaimed, None);
    };
    let compact = |iban: &str| iban.split_whitespace().collect::<String>().to_uppercase();
    let claimed = compact(claimed);
    let mut held = evidence.identity.accounts.iter().filter_map(|a| a.iban.as_deref()).peekable();
    if held.peek().is_none() {
        return field(Agreement::NotProvided, None);
    }
    let shown = held.any(|iban| compact(iban) == claimed);
    field(if shown { Agreement::Match } else { Agreement::Mismatch }, None)
}
