//! What a bank said, as far as the person agreed to hand it over.

use model::evidence::{Account, AccountKind, Evidence, Party, PostalAddress};
use model::request::{Asked, Permission, Scope};
use schemars::JsonSchema;
use serde::Serialize;

use crate::shape::{Day, Moment};

/// What one visit to a bank brought back.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Evidence")]
pub(super) struct EvidenceShape<'a> {
    bank_name: &'a str,
    /// When the bank answered.
    #[schemars(with = "Moment")]
    fetched_at: String,
    /// The holders.
    parties: Vec<PartyShape<'a>>,
    /// The accounts that the person shared.
    accounts: Vec<AccountShape<'a>>,
}

/// One holder, in the bank's spelling; null is what the bank does not state or the person kept.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Party")]
struct PartyShape<'a> {
    name: Option<&'a str>,
    #[schemars(with = "Option<Day>")]
    birth_date: Option<String>,
    address: Option<AddressShape<'a>>,
    email: Option<&'a str>,
    phone: Option<&'a str>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PostalAddress")]
pub(super) struct AddressShape<'a> {
    line1: Option<&'a str>,
    line2: Option<&'a str>,
    city: Option<&'a str>,
    postal_code: Option<&'a str>,
    region: Option<&'a str>,
    country: Option<&'a str>,
}

/// One account.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Account")]
struct AccountShape<'a> {
    name: Option<&'a str>,
    iban: Option<&'a str>,
    bban: Option<String>,
    bic: Option<&'a str>,
    currency: &'a str,
    kind: &'static str,
    owner_name: Option<&'a str>,
}

pub(super) fn address(parts: &PostalAddress) -> AddressShape<'_> {
    AddressShape {
        line1: parts.line1.as_deref(),
        line2: parts.line2.as_deref(),
        city: parts.city.as_deref(),
        postal_code: parts.postal_code.as_deref(),
        region: parts.region.as_deref(),
        country: parts.country.as_deref(),
    }
}

/// What of a bank's answer the person agreed to hand over.
#[derive(Clone, Copy)]
struct Given<'a>(&'a Asked);

impl Given<'_> {
    /// Ivy's permissions say to the person what they hand over; address, e-mail and phone are none
    /// of it.
    fn has(self, scope: Scope) -> bool {
        match self.0 {
            Asked::Scopes(given) => given.contains(&scope),
            Asked::Permissions(given) => match scope {
                Scope::Names | Scope::Birthdate => given.contains(&Permission::Identity),
                Scope::BankAccount => given.iter().any(|one| *one != Permission::MatchIdentity),
                _ => false,
            },
            Asked::Ownership => false,
        }
    }
}

/// Renders evidence; a comparison (Pentadata) hands nothing over but its decision.
pub(super) fn evidence<'a>(evidence: &'a Evidence, approved: &Asked) -> Option<EvidenceShape<'a>> {
    let given = Given(approved);
    if matches!(approved, Asked::Ownership) {
        return None;
    }
    let accounts = evidence.identity.accounts.iter().filter(|_| given.has(Scope::BankAccount));
    let parties = evidence.identity.parties.iter().map(|one| party(one, given));
    Some(EvidenceShape {
        bank_name: &evidence.identity.bank_name,
        fetched_at: format!("{:.3}", evidence.fetched_at),
        parties: parties.collect(),
        accounts: accounts.map(|one| account(one, given)).collect(),
    })
}

fn party<'a>(party: &'a Party, given: Given<'_>) -> PartyShape<'a> {
    let birth_date = party.birth_date.filter(|_| given.has(Scope::Birthdate));
    PartyShape {
        name: Some(&*party.name).filter(|_| given.has(Scope::Names)),
        birth_date: birth_date.map(|date| date.to_string()),
        address: party.address.as_ref().filter(|_| given.has(Scope::Address)).map(address),
        email: party.email.as_deref().filter(|_| given.has(Scope::Email)),
        phone: party.phone.as_deref().filter(|_| given.has(Scope::Phone)),
    }
}

fn account<'a>(account: &'a Account, given: Given<'_>) -> AccountShape<'a> {
    AccountShape {
        name: account.name.as_deref(),
        iban: account.iban.as_deref(),
        bban: account.domestic_number(),
        bic: account.bic.as_deref(),
        currency: &account.currency,
        kind: match account.kind {
            AccountKind::Checking => "checking",
            AccountKind::Saving => "saving",
            AccountKind::Card => "card",
            AccountKind::Loan => "loan",
            AccountKind::Other => "other",
        },
        owner_name: account.owner_name.as_deref().filter(|_| given.has(Scope::Names)),
    }
}
