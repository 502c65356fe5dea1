//! What the bank said, call by call: consent, accounts, balances, transactions.
//! Source: the Ivy SDK (0.1.0-alpha.26 to 2.0.0), `data.consent`, `data.accounts`,
//! `data.accountBalances`, `data.transactions`.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use model::consent::{Consent, ConsentStatus, Withheld};
use model::evidence::{Account, Evidence};
use model::ids::SessionId;
use model::request::{Asked, Permission, Scope};
use model::session::{Completion, Session};
use model::statement::{BalanceKind, Booking, Statement};
use schemars::JsonSchema;
use serde::Serialize;

use crate::json::Members;
use crate::problem::Problem;
use crate::shape::{BankIdText, EpochSeconds, UuidText};

/// The body of every call here.
#[derive(JsonSchema)]
#[schemars(rename = "IvySessionReference", rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the body; it is read by `session_id`")]
pub struct SessionReference {
    /// The session's id.
    #[schemars(with = "UuidText")]
    session_id: String,
}

/// Reads the session's id; one that is none is as unknown as any other.
///
/// # Errors
/// A [`Problem`]: the member is missing, or the session unknown.
pub fn session_id(body: &Members) -> Result<SessionId, Problem> {
    body.required_text("sessionId")?.parse().map_err(|_| Problem::not_found())
}

/// Why the tenant may not read it, in a sentence that says what to do.
#[must_use]
pub fn withheld(why: Withheld) -> Problem {
    match why {
        Withheld::NotComplete => Problem::not_complete(),
        Withheld::Ended => Problem::ended(),
        Withheld::NotPermitted => Problem::forbidden(
            "Create a session with the permission for these data; this one was made without it.",
        ),
        Withheld::Revoked => Problem::forbidden(
            "Create a new session; the consent of this one was revoked and its data are gone.",
        ),
    }
}

/// Answers `data/consent/details` and `data/consent/revoke`.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "IvyConsent")]
pub struct ConsentDetails {
    /// When the session was created, in epoch seconds.
    #[schemars(with = "EpochSeconds")]
    created_at: i64,
    /// When the consent last changed, in epoch seconds.
    #[schemars(with = "EpochSeconds")]
    updated_at: i64,
    /// What was asked for.
    permissions: Vec<&'static str>,
    /// `created`, `authorised`, `expired`, `revoked` or `failed`.
    status: &'static str,
    /// When the tenant stops reusing the data, in epoch seconds; absent before completion.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<i64>,
    /// When it was revoked, in epoch seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<i64>,
}

/// Renders a consent.
#[must_use]
pub fn consent(session: &Session, consent: &Consent) -> ConsentDetails {
    let seconds = |at: Option<Timestamp>| at.map(Timestamp::as_second);
    ConsentDetails {
        created_at: session.created_at.as_second(),
        updated_at: session.updated_at.as_second(),
        permissions: permissions(&session.asked),
        status: match consent.status {
            ConsentStatus::Created => "created",
            ConsentStatus::Authorised => "authorised",
            ConsentStatus::Expired => "expired",
            ConsentStatus::Revoked => "revoked",
            ConsentStatus::Failed => "failed",
        },
        expires_at: seconds(consent.expires_at),
        revoked_at: seconds(consent.revoked_at),
    }
}

/// In Ivy's words; what another contract asked for has none.
pub(super) fn permissions(asked: &Asked) -> Vec<&'static str> {
    match asked {
        Asked::Permissions(given) => given.iter().map(|permission| permission.as_str()).collect(),
        Asked::Scopes(_) | Asked::Ownership => Vec::new(),
    }
}

/// Answers `data/accounts/list`.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "IvyAccounts")]
pub struct Accounts {
    /// The accounts that the person shared.
    accounts: Vec<AccountEntry>,
}

/// One account.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "IvyAccount")]
struct AccountEntry {
    /// The bank's id of the account, which balances and transactions repeat.
    id: String,
    /// The bank, as `banks/details` knows it.
    #[schemars(with = "BankIdText")]
    bank_id: String,
    /// Its name.
    bank_name: String,
    /// ISO 4217 code.
    currency: String,
    /// What the account is called, where the bank says.
    #[serde(skip_serializing_if = "Option::is_none")]
    account_name: Option<String>,
    /// The account's numbers, one for each form that the bank gave.
    financial_address: Vec<FinancialAddress>,
}

/// An account number. `type` is `iban` or `bban`; the contract also knows `sort_code`, `bank_code`
/// and `wallet`, which no bank of the directory states.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "lowercase")]
#[schemars(rename = "IvyFinancialAddress")]
enum FinancialAddress {
    /// An IBAN.
    Iban {
        /// The number with what belongs to it.
        iban: Iban,
    },
    /// A domestic number.
    Bban {
        /// The number with what belongs to it.
        bban: Bban,
    },
}

/// An IBAN.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "IvyIban")]
struct Iban {
    /// As the bank states it, without spaces. Its checksum is the bank's.
    iban: String,
    /// The holder, where the session may show the identity and the bank states it.
    #[serde(skip_serializing_if = "Option::is_none")]
    account_holder_name: Option<String>,
    /// The bank's BIC.
    #[serde(skip_serializing_if = "Option::is_none")]
    bic: Option<String>,
}

/// A domestic account number.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "IvyBban")]
struct Bban {
    /// As the bank states it.
    bban: String,
    /// The holder, where the session may show the identity and the bank states it.
    #[serde(skip_serializing_if = "Option::is_none")]
    account_holder_name: Option<String>,
}

/// Renders the accounts.
#[must_use]
pub fn accounts(completion: &Completion) -> Accounts {
    let evidence = completion.evidence.expose();
    let named = shows_names(&completion.approved);
    let account = |(n, account): (usize, &Account)| AccountEntry {
        id: account_id(account, n),
        bank_id: completion.bank.to_string(),
        bank_name: evidence.identity.bank_name.clone(),
        currency: account.currency.clone(),
        account_name: account.name.clone(),
        financial_address: addresses(account, holder(evidence, account).filter(|_| named)),
    };
    Accounts { accounts: evidence.identity.accounts.iter().enumerate().map(account).collect() }
}

fn shows_names(approved: &Asked) -> bool {
    match approved {
        Asked::Permissions(_) => approved.permits(Permission::Identity),
        Asked::Scopes(given) => given.contains(&Scope::Names),
        Asked::Ownership => false,
    }
}

/// A bank may give an account no id: its place then names it.
fn account_id(account: &Account, n: usize) -> String {
    if account.resource_id.is_empty() { n.to_string() } else { account.resource_id.clone() }
}

/// The account's own holder; else the only one there is.
fn holder(evidence: &Evidence, account: &Account) -> Option<String> {
    let only = || match evidence.holder_names()[..] {
        [name] => Some(name.to_owned()),
        _ => None,
    };
    account.owner_name.clone().or_else(only)
}

fn addresses(account: &Account, holder: Option<String>) -> Vec<FinancialAddress> {
    let mut addresses = Vec::new();
    if let Some(iban) = account.iban.clone() {
        let (account_holder_name, bic) = (holder.clone(), account.bic.clone());
        addresses.push(FinancialAddress::Iban { iban: Iban { iban, account_holder_name, bic } });
    }
    if let Some(bban) = account.domestic_number() {
        let bban = Bban { bban, account_holder_name: holder };
        addresses.push(FinancialAddress::Bban { bban });
    }
    addresses
}

/// Answers `data/account-balances/list`.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "IvyBalances")]
pub struct Balances {
    /// One for each account of which the bank stated a balance.
    balances: Vec<BalanceEntry>,
}

/// An account's balances in one currency. Amounts are decimal strings.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "IvyBalance")]
struct BalanceEntry {
    /// The account's id.
    account_id: String,
    /// What may be spent; what is booked where the bank states no other.
    available: String,
    /// What is booked; what may be spent where the bank states no other.
    current: String,
    /// ISO 4217 code.
    currency: String,
    /// When it was so, in epoch seconds.
    timestamp: i64,
}

/// Renders the balances.
#[must_use]
pub fn balances(statement: &Statement) -> Balances {
    let mut accounts: Vec<&str> = Vec::new();
    for balance in &statement.balances {
        if !accounts.contains(&balance.account.as_str()) {
            accounts.push(&balance.account);
        }
    }
    let entry = |account: &str| {
        let available = statement.balance(account, BalanceKind::Available);
        let booked = statement.balance(account, BalanceKind::Booked);
        let available = available.or(booked)?;
        let current = booked.unwrap_or(available);
        let at = current.stated_at.unwrap_or(statement.fetched_at);
        Some(BalanceEntry {
            account_id: account.to_owned(),
            available: available.amount.as_str().to_owned(),
            current: current.amount.as_str().to_owned(),
            currency: current.currency.clone(),
            timestamp: at.as_second(),
        })
    };
    Balances { balances: accounts.into_iter().filter_map(entry).collect() }
}

/// Answers `data/transactions/list`.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "IvyTransactions")]
pub struct Transactions {
    /// The booked transactions of the three months before the person logged in, newest first.
    transactions: Vec<TransactionEntry>,
    /// Ours: whether the bank had more than is kept.
    truncated: bool,
}

/// One transaction.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "IvyTransaction")]
struct TransactionEntry {
    /// The bank's id.
    id: String,
    /// The account's id.
    account_id: String,
    /// How much, as a decimal string without a sign; `type` says in which direction.
    amount: String,
    /// ISO 4217 code.
    currency: String,
    /// The beginning of the day on which it was booked, UTC, in epoch seconds.
    timestamp: i64,
    /// `credit` where money came in, `debit` where it left.
    #[serde(rename = "type")]
    direction: &'static str,
    /// Who paid, or was paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    counterparty_name: Option<String>,
    /// What it was for.
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
}

/// Renders the transactions.
#[must_use]
pub fn transactions(statement: &Statement) -> Transactions {
    let entry = |booking: &Booking| TransactionEntry {
        id: booking.id.clone(),
        account_id: booking.account.clone(),
        amount: booking.amount.magnitude().to_owned(),
        currency: booking.currency.clone(),
        timestamp: beginning(booking.booked_on),
        direction: if booking.amount.is_negative() { "debit" } else { "credit" },
        counterparty_name: booking.counterparty.clone(),
        description: booking.description.clone(),
    };
    Transactions {
        transactions: statement.bookings.iter().map(entry).collect(),
        truncated: statement.extent == model::statement::Extent::Cut,
    }
}

fn beginning(day: Date) -> i64 {
    TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).map_or(0, Timestamp::as_second)
}
