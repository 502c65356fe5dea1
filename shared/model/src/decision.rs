//! A decision: one claim against one piece of evidence.

use jiff::Timestamp;
use matching::{FieldOutcome, Kind, Outcome, Policy, Thresholds, Worth};
use serde::{Deserialize, Serialize};

use crate::claim::{Claim, ClaimedAddress};
use crate::evidence::{Evidence, Party, PostalAddress};
use crate::ids::{BankId, SessionId};
use crate::private::{Pii, inside_seal};

/// The result, field by field: how names, addresses and numbers compare. Of themselves it holds
/// nothing but the holder's name, where the person was told so and the tenant's policy wants it.
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
    /// From which scores on the name matched or was close.
    #[serde(default)]
    pub thresholds: Thresholds,
    /// The holder's name, where it may be told.
    #[serde(default, with = "inside_seal")]
    pub holder_name: Pii<Option<String>>,
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

    /// The same of a field that may have to agree; what nobody claims contradicts nothing.
    const fn outcome(self) -> FieldOutcome {
        match self {
            Self::Match => FieldOutcome::Match,
            Self::Partial => FieldOutcome::Partial,
            Self::Mismatch => FieldOutcome::Mismatch,
            Self::NotProvided | Self::NotClaimed => FieldOutcome::NotProvided,
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
    /// Compares `claim` with what the bank said, under a policy's thresholds.
    #[must_use]
    pub fn of(claim: &Claim, evidence: &Evidence, policy: &Policy, now: Timestamp) -> Self {
        let holders = evidence.holder_names();
        let name = matching::names(&claim.name, &holders, Kind::Person);
        let name = policy.thresholds.applied(name);
        let agreement = match name.outcome {
            Outcome::Match => Agreement::Match,
            Outcome::Close => Agreement::Partial,
            Outcome::NoMatch => Agreement::Mismatch,
            Outcome::CannotTell => Agreement::NotProvided,
        };
        let disclosure = evidence.disclosure.min(policy.disclosure);
        let compared = name.holder.and_then(|at| holders.get(at)).copied();
        let holder_name = compared
            .filter(|holder| disclosure.tells(name.outcome) && !matching::is_joint(holder))
            .map(str::to_owned);
        Self {
            name: FieldResult { agreement, score: name.score },
            address: compare_address(claim, evidence, compared),
            birth_date: compare_birth_date(claim, evidence, compared),
            account: compare_account(claim, evidence),
            rules: name.rules.iter().map(|rule| rule.code().to_owned()).collect(),
            vop_code: name.outcome.vop_code().to_owned(),
            explanation: name.explanation(),
            matcher: matching::VERSION.to_owned(),
            thresholds: policy.thresholds,
            holder_name: Pii::new(holder_name),
            basis: Basis {
                session: evidence.session,
                bank: evidence.bank.clone(),
                fetched_at: evidence.fetched_at,
            },
            verified_at: now,
        }
    }

    /// What the decision is worth: the name decides, and whatever else the policy says must agree.
    /// An account that the claim names and the bank does not show contradicts the claim.
    #[must_use]
    pub fn verdict(&self, policy: &Policy) -> Verdict {
        if self.account.agreement == Agreement::Mismatch {
            return Verdict::Wrong;
        }
        let (birth_date, address) = (self.birth_date.agreement, self.address.agreement);
        match policy.worth(self.name_outcome(), birth_date.outcome(), address.outcome()) {
            Worth::Verified => Verdict::Verified,
            Worth::Refused => Verdict::Wrong,
            Worth::Undecided => Verdict::Undecided,
        }
    }

    /// How the name compares, in the matcher's word.
    #[must_use]
    pub const fn name_outcome(&self) -> Outcome {
        match self.name.agreement {
            Agreement::Match => Outcome::Match,
            Agreement::Partial => Outcome::Close,
            Agreement::Mismatch => Outcome::NoMatch,
            Agreement::NotProvided | Agreement::NotClaimed => Outcome::CannotTell,
        }
    }

    /// The holder's name, where it was told to the person that it may be told and the policy of
    /// today wants it.
    #[must_use]
    pub fn disclosed(&self, policy: &Policy) -> Option<&str> {
        let name = self.holder_name.expose().as_deref()?;
        policy.disclosure.tells(self.name_outcome()).then_some(name)
    }

    /// Without the holder's name, once the consent was taken back.
    #[must_use]
    pub fn without_name(&self) -> Self {
        Self { holder_name: Pii::default(), ..self.clone() }
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

/// The parties whose details count: those of the holder that the name was compared with. Another
/// holder of a joint account has another birthday.
fn parties<'a>(evidence: &'a Evidence, compared: Option<&str>) -> Vec<&'a Party> {
    let all = &evidence.identity.parties;
    let of_holder = all.iter().filter(|party| Some(party.name.trim()) == compared);
    let of_holder: Vec<&Party> = of_holder.collect();
    match (of_holder.is_empty(), &all[..]) {
        (true, [only]) => vec![only],
        _ => of_holder,
    }
}

fn compare_address(claim: &Claim, evidence: &Evidence, compared: Option<&str>) -> FieldResult {
    let Some(claimed) = &claim.address else {
        return field(Agreement::NotClaimed, None);
    };
    let Some(held) =
        parties(evidence, compared).into_iter().find_map(|party| party.address.as_ref())
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

fn compare_birth_date(claim: &Claim, evidence: &Evidence, compared: Option<&str>) -> FieldResult {
    let Some(claimed) = claim.birth_date else {
        return field(Agreement::NotClaimed, None);
    };
    let Some(held) = parties(evidence, compared).into_iter().find_map(|party| party.birth_date)
    else {
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

#[cfg(test)]
mod tests;
