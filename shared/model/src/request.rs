//! What a tenant asks for when it creates a session.

use matching::Disclosure;
use serde::{Deserialize, Serialize};

use crate::callback_url::CallbackUrl;
use crate::claim::Claim;
use crate::contact::{ExternalUser, ReferenceId};
use crate::ids::BankId;

/// What an Ivy session may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// Who the account holder is.
    Identity,
    /// Balances.
    Balances,
    /// Transactions.
    Transactions,
    /// Compare a claim with the holder.
    MatchIdentity,
}

impl Permission {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Balances => "balances",
            Self::Transactions => "transactions",
            Self::MatchIdentity => "match_identity",
        }
    }
}

/// What a Didit session may hand over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the variants are the wire's own scope names")]
pub enum Scope {
    Names,
    Email,
    Phone,
    Picture,
    Pictures,
    Birthdate,
    Address,
    BankAccount,
    UserId,
    Gender,
    DocumentDetail,
    Preferences,
    IsVerified,
    IsOver18,
    IsOver21,
}

impl Scope {
    const ALL: [(&'static str, Self); 15] = [
        ("names", Self::Names),
        ("email", Self::Email),
        ("phone", Self::Phone),
        ("picture", Self::Picture),
        ("pictures", Self::Pictures),
        ("birthdate", Self::Birthdate),
        ("address", Self::Address),
        ("bank_account", Self::BankAccount),
        ("user_id", Self::UserId),
        ("gender", Self::Gender),
        ("document_detail", Self::DocumentDetail),
        ("preferences", Self::Preferences),
        ("is_verified", Self::IsVerified),
        ("is_over_18", Self::IsOver18),
        ("is_over_21", Self::IsOver21),
    ];

    /// Parses one scope name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|(name, _)| *name == text).map(|(_, scope)| *scope)
    }

    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(_, scope)| *scope == self).map_or("", |(name, _)| name)
    }
}

/// What was asked for, in the words of the contract it came through; in the tenant's order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asked {
    /// Ivy's permissions.
    Permissions(Vec<Permission>),
    /// Didit's scopes.
    Scopes(Vec<Scope>),
    /// Pentadata compares the holder's name and address with a claim; nothing is handed over.
    Ownership,
}

impl Asked {
    /// Whether `permission` was asked for.
    #[must_use]
    pub fn permits(&self, permission: Permission) -> bool {
        matches!(self, Self::Permissions(given) if given.contains(&permission))
    }
}

/// What has to be read at a bank: no more than what was agreed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Reading {
    /// Who holds the accounts.
    pub holder: bool,
    /// Balances.
    pub balances: bool,
    /// Bookings.
    pub transactions: bool,
}

impl Asked {
    /// What of `offered` the person agreed to: a name is told beside a decision only where they read
    /// that it is compared or handed over.
    #[must_use]
    pub fn disclosure(&self, offered: Disclosure) -> Disclosure {
        let agreed = match self {
            Self::Permissions(_) => {
                self.permits(Permission::Identity) || self.permits(Permission::MatchIdentity)
            }
            Self::Scopes(given) => given.contains(&Scope::Names),
            Self::Ownership => true,
        };
        if agreed { offered } else { Disclosure::Nothing }
    }

    /// What has to be read at a bank for this.
    #[must_use]
    pub fn reading(&self) -> Reading {
        let holder = match self {
            Self::Permissions(_) => {
                self.permits(Permission::Identity) || self.permits(Permission::MatchIdentity)
            }
            Self::Scopes(given) => given.iter().any(|scope| *scope != Scope::BankAccount),
            Self::Ownership => true,
        };
        Reading {
            holder,
            balances: self.permits(Permission::Balances),
            transactions: self.permits(Permission::Transactions),
        }
    }
}

/// What the tenant sent along. All of it may be personal, so all of it is sealed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRequest {
    /// The tenant's name for the session (Ivy: `referenceId`), unique per tenant.
    pub reference: Option<ReferenceId>,
    /// The tenant's user.
    pub external_user: ExternalUser,
    /// What the tenant says the person is.
    pub claim: Option<Claim>,
    /// Didit: `vendor_data`, returned unchanged.
    pub vendor_data: Option<String>,
    /// Ivy: `displayId`.
    pub display_id: Option<String>,
    /// Ivy: `metadata` of the session, echoed.
    pub metadata: serde_json::Map<String, serde_json::Value>,
    /// Where the browser goes when it went well.
    pub success_url: Option<CallbackUrl>,
    /// Where it goes when it did not.
    pub error_url: Option<CallbackUrl>,
    /// Where the result is posted.
    pub result_url: Option<CallbackUrl>,
    /// The bank the tenant already knows.
    pub bank: Option<BankId>,
    /// An e-mail address for the bank's login page.
    pub prefill_email: Option<String>,
    /// Whether the person may choose another bank.
    pub bank_choice: BankChoice,
    /// What a decision may tell of the holder's name: the tenant's policy when the session was made,
    /// which the person reads before they agree.
    #[serde(default)]
    pub disclosure: Disclosure,
}

/// Who chooses the bank.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BankChoice {
    /// The person.
    #[default]
    Free,
    /// The tenant has chosen (Ivy: `disableBankSelection`).
    Fixed,
}
