//! Evidence: what the bank says about the holder of an account.
//!
//! Every member is what a bank stated, in the bank's own spelling; what it did not state is `None`.
//! Nothing is corrected here: an IBAN with a wrong checksum is still what the bank said.

use jiff::Timestamp;
use jiff::civil::Date;
use matching::Disclosure;
use serde::{Deserialize, Serialize};

use crate::ids::{BankId, SessionId};

/// What one bank visit brought back.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BankIdentity {
    /// The bank's name as people know it.
    pub bank_name: String,
    /// The holders the bank names; empty where it names none.
    pub parties: Vec<Party>,
    /// The accounts the person shared.
    pub accounts: Vec<Account>,
}

/// One holder.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// The name in one string, as the bank writes it; may hold two owners.
    pub name: String,
    /// The date of birth, where the bank states it.
    pub birth_date: Option<Date>,
    /// The postal address, where the bank states it.
    pub address: Option<PostalAddress>,
    /// The e-mail address, where the bank states it.
    pub email: Option<String>,
    /// The phone number, where the bank states it.
    pub phone: Option<String>,
}

/// A postal address, as far as it is structured.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostalAddress {
    /// Street and house number in one line, or whatever came unstructured.
    pub line1: Option<String>,
    /// A second line.
    pub line2: Option<String>,
    /// Town.
    pub city: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// State, province or region.
    pub region: Option<String>,
    /// Country, ISO 3166-1 alpha-2 where the source says so.
    pub country: Option<String>,
}

/// One account.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The bank's own id of the account.
    pub resource_id: String,
    /// What the account is called.
    pub name: Option<String>,
    /// IBAN without spaces.
    pub iban: Option<String>,
    /// Domestic account number; derived from the IBAN where the bank gives none.
    pub bban: Option<String>,
    /// BIC of the bank.
    pub bic: Option<String>,
    /// ISO 4217 code.
    pub currency: String,
    /// What kind of account it is.
    pub kind: AccountKind,
    /// The holder's name on this account.
    pub owner_name: Option<String>,
}

impl Account {
    /// The domestic number: what the bank gave, else the IBAN without its first four characters.
    #[must_use]
    pub fn domestic_number(&self) -> Option<String> {
        let derived = || self.iban.as_deref().and_then(|iban| iban.get(4..)).map(str::to_owned);
        self.bban.clone().or_else(derived)
    }
}

/// The kinds of account that the contracts tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    /// For payments.
    Checking,
    /// For savings.
    Saving,
    /// A card account.
    Card,
    /// A loan or overdraft.
    Loan,
    /// Anything else.
    Other,
}

impl AccountKind {
    /// Reads an ISO 20022 cash account type (external code list `ExternalCashAccountType1Code`).
    #[must_use]
    pub fn from_iso(code: Option<&str>) -> Self {
        match code {
            Some("CACC" | "TRAN" | "SLRY" | "CASH") => Self::Checking,
            Some("SVGS" | "LLSV" | "MOMA") => Self::Saving,
            Some("CARD") => Self::Card,
            Some("LOAN" | "ODFT") => Self::Loan,
            _ => Self::Other,
        }
    }
}

/// A bank's answer, with where and when it was given.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The session in which the person logged in.
    pub session: SessionId,
    /// The bank.
    pub bank: BankId,
    /// When the bank answered.
    pub fetched_at: Timestamp,
    /// Which contract the session came through.
    pub door: crate::session::Door,
    /// What the person agreed that a decision may tell of their name at the bank.
    #[serde(default)]
    pub disclosure: Disclosure,
    /// What the bank said.
    pub identity: BankIdentity,
}

impl Evidence {
    /// Every holder name the bank gave: of the parties, else of the accounts, each once.
    #[must_use]
    pub fn holder_names(&self) -> Vec<&str> {
        let parties = self.identity.parties.iter().map(|party| party.name.as_str());
        let owners = self.identity.accounts.iter().filter_map(|a| a.owner_name.as_deref());
        let mut names: Vec<&str> = Vec::new();
        for name in parties.chain(owners).map(str::trim).filter(|name| !name.is_empty()) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// Where and when, without what the bank said.
    #[must_use]
    pub fn emptied(&self) -> Self {
        let bank_name = self.identity.bank_name.clone();
        let identity = BankIdentity { bank_name, parties: Vec::new(), accounts: Vec::new() };
        Self { identity, ..self.clone() }
    }

    /// The party that speaks for the account: the first with a name.
    #[must_use]
    pub fn first_party(&self) -> Option<&Party> {
        self.identity.parties.iter().find(|party| !party.name.trim().is_empty())
    }
}
