//! The shapes of data sessions.
//! Source: docs.getivy.de (data sessions, recurring-users); the members of the vendor's SDKs.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::decision::DecisionShape;
use crate::shape::{
    AnyObject, BankIdText, Day, EmailText, EpochSeconds, LocaleText, MarketText, PhoneText,
    ReferenceText, TenantIdText, UrlText, UuidText,
};

/// Where a data session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "DataSessionStatus", inline)]
#[expect(missing_docs, reason = "the vendor's own words")]
pub enum StatusShape {
    Open,
    Started,
    Pending,
    Complete,
    Failed,
    Expired,
}

/// A data session as create answers it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "OpenedDataSession")]
pub struct Opened<'a> {
    /// The session's id.
    #[schemars(with = "UuidText")]
    pub(super) id: String,
    /// Where to send the person.
    #[schemars(with = "UrlText")]
    pub(super) redirect_url: &'a str,
    #[serde(flatten)]
    pub(super) session: SessionShape<'a>,
    /// Whose banks are offered first.
    #[schemars(with = "Vec<MarketText>")]
    pub(super) available_markets: [&'a str; 1],
}

/// A data session.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "DataSession")]
pub struct Details<'a> {
    /// The session's id.
    #[schemars(with = "UuidText")]
    pub(super) id: String,
    #[serde(flatten)]
    pub(super) session: SessionShape<'a>,
    /// What the bank said, once complete.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) data: Option<Data<'a>>,
    /// How the claim of `matchData` compares, once complete.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) match_result: Option<DecisionShape<'a>>,
}

/// A user's complete sessions, newest first.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "DataSessionList")]
pub struct List<'a> {
    /// How many there are in this answer.
    pub(super) count: usize,
    /// The sessions.
    pub(super) data_sessions: Vec<Listed<'a>>,
    /// Whether there are more.
    pub(super) has_next: bool,
    /// What to send to get them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cursor: Option<&'a str>,
}

/// An element of the list.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ListedDataSession")]
pub(super) struct Listed<'a> {
    /// The session's id.
    #[schemars(with = "UuidText")]
    pub(super) id: String,
    /// The tenant's name for the session; null where it came through another contract.
    #[schemars(with = "Option<ReferenceText>")]
    pub(super) reference_id: Option<&'a str>,
    /// Always `complete`.
    pub(super) status: StatusShape,
    /// What the bank said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) data: Option<Data<'a>>,
}

/// The members that every answer about a session has.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub(super) struct SessionShape<'a> {
    /// The tenant's name for the session, unique per tenant.
    #[schemars(with = "Option<ReferenceText>")]
    pub(super) reference_id: Option<&'a str>,
    /// What was sent as `displayId`.
    pub(super) display_id: Option<&'a str>,
    /// The tenant.
    #[schemars(with = "TenantIdText")]
    pub(super) merchant_id: String,
    /// Where it stands.
    pub(super) status: StatusShape,
    /// When it was created.
    #[schemars(with = "EpochSeconds")]
    pub(super) created_at: i64,
    /// When it last changed.
    #[schemars(with = "EpochSeconds")]
    pub(super) updated_at: i64,
    /// When its link dies.
    #[schemars(with = "EpochSeconds")]
    pub(super) expires_at: i64,
    /// Whose banks are offered first.
    #[schemars(with = "MarketText")]
    pub(super) market: &'a str,
    /// The language of the hosted pages; null where the browser decides.
    #[schemars(with = "Option<LocaleText>")]
    pub(super) locale: Option<&'static str>,
    /// What was sent as `metadata`.
    #[schemars(with = "AnyObject")]
    pub(super) metadata: &'a Map<String, Value>,
    /// What was sent as `prefill`.
    pub(super) prefill: Prefill<'a>,
    /// Whether the bank of `prefill` is fixed.
    pub(super) disable_bank_selection: bool,
    /// Where the browser goes when it went well.
    #[schemars(with = "Option<UrlText>")]
    pub(super) success_callback_url: Option<&'a str>,
    /// Where it goes when it did not.
    #[schemars(with = "Option<UrlText>")]
    pub(super) error_callback_url: Option<&'a str>,
    /// Whom the session is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) external_user: Option<UserShape<'a>>,
    /// What may be read.
    pub(super) permissions: Vec<PermissionShape>,
}

/// What the tenant already knows.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Prefill<'a> {
    /// The person's bank.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<BankIdText>")]
    pub(super) bank_id: Option<&'a str>,
    /// The person's e-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) email: Option<&'a str>,
}

/// The tenant's own user.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ExternalUser")]
pub(super) struct UserShape<'a> {
    /// The tenant's id of the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<ReferenceText>")]
    pub(super) reference_id: Option<&'a str>,
    /// E-mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<EmailText>")]
    pub(super) email: Option<&'a str>,
    /// Phone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<PhoneText>")]
    pub(super) phone: Option<&'a str>,
    /// Free pairs.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<AnyObject>")]
    pub(super) metadata: Option<&'a Map<String, Value>>,
}

/// What may be read.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Permission", inline)]
pub(super) enum PermissionShape {
    Identity,
    Balances,
    Transactions,
    MatchIdentity,
}

/// What the bank said.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "DataSessionData")]
pub(super) struct Data<'a> {
    /// The bank's name.
    pub(super) bank_name: &'a str,
    /// The holder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) identity: Option<Identity<'a>>,
    /// The accounts that the person shared.
    pub(super) accounts: Vec<AccountShape<'a>>,
}

/// The holder.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "DataSessionIdentity")]
pub(super) struct Identity<'a> {
    /// The name in the bank's spelling; null where the bank states none.
    pub(super) name: Option<&'a str>,
    /// The date of birth; null where the bank states none.
    #[schemars(with = "Option<Day>")]
    pub(super) date_of_birth: Option<String>,
}

/// One account.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "DataSessionAccount")]
pub(super) struct AccountShape<'a> {
    /// What the account is called.
    pub(super) name: Option<&'a str>,
    /// Its numbers.
    pub(super) identifier: Identifier<'a>,
    /// `saving`, or `checking` for every other kind.
    #[serde(rename = "type")]
    pub(super) kind: KindShape,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct Identifier<'a> {
    pub(super) iban: IbanShape<'a>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct IbanShape<'a> {
    /// As the bank states it, whatever its checksum.
    pub(super) iban: Option<&'a str>,
    /// The domestic number; derived from the IBAN where the bank states none.
    pub(super) bban: Option<String>,
    /// The bank's BIC.
    pub(super) bic: Option<&'a str>,
}

#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(super) enum KindShape {
    Checking,
    Saving,
}
