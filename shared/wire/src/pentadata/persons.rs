//! Persons listed, and their accounts.
//! Source: pentadatainc.com/docs (endpoints-persons: get-persons, get-persons-id-accounts).

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use model::contact::EmailAddress;
use model::evidence::AccountKind;
use model::person::{HeldEvidence, Person};
use schemars::JsonSchema;
use serde::Serialize;

use crate::json::Members;
use crate::problem::Problem;
use crate::shape::{EightDigits, EmailText, SafeInteger};

/// The most persons in one answer, and how many there are without a `limit`.
const LIMIT_MAX: i64 = 100;
/// The furthest that a list is paged into.
const OFFSET_MAX: i64 = 100_000;

/// Which persons are asked for.
pub enum Listing {
    /// The one with this e-mail.
    With(EmailAddress),
    /// A stretch of all, oldest first.
    Stretch {
        /// After so many.
        offset: usize,
        /// So many at most.
        limit: usize,
    },
}

/// Reads the query of `GET /persons`.
///
/// # Errors
/// A [`Problem`] that names the parameter.
pub fn listing(query: &Members) -> Result<Listing, Problem> {
    let limit = query.integer("limit", 1..=LIMIT_MAX)?.unwrap_or(LIMIT_MAX);
    let offset = query.integer("offset", 0..=OFFSET_MAX)?.unwrap_or(0);
    if let Some(email) = query.parsed("email", EmailAddress::parse)? {
        return Ok(Listing::With(email));
    }
    let size = |number: i64| usize::try_from(number).unwrap_or(0);
    Ok(Listing::Stretch { offset: size(offset), limit: size(limit) })
}

/// Answers `GET /persons`.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PentadataPersons")]
pub struct Persons {
    /// Oldest first.
    persons: Vec<PersonEntry>,
}

/// One person.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PentadataPerson")]
struct PersonEntry {
    /// The id, an integer below 2^53.
    #[schemars(with = "SafeInteger")]
    id: u64,
    first_name: String,
    last_name: String,
    #[schemars(with = "EmailText")]
    email: String,
    /// As it was sent.
    consent: bool,
    /// The day on which the person was added, `YYYYMMDD`.
    #[schemars(with = "EightDigits")]
    last_opt_in: String,
}

/// Renders persons.
#[must_use]
pub fn persons(persons: &[Person]) -> Persons {
    let entry = |person: &Person| {
        let details = person.details.expose();
        PersonEntry {
            id: person.id.get(),
            first_name: details.first_name.clone(),
            last_name: details.last_name.clone(),
            email: details.email.as_str().to_owned(),
            consent: details.consent,
            last_opt_in: day(details.last_opt_in),
        }
    };
    Persons { persons: persons.iter().map(entry).collect() }
}

/// Answers `GET /persons/{id}/accounts`.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PentadataAccounts")]
pub struct Accounts {
    /// The accounts that the bank showed, newest visit first, each once.
    accounts: Vec<AccountEntry>,
}

/// One account.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PentadataAccount")]
struct AccountEntry {
    /// An integer below 2^31, the same for the same account.
    #[schemars(range(max = 2_147_483_647))]
    account_id: u32,
    /// The bank's name.
    bank: String,
    /// What the account is called, where the bank says.
    #[serde(skip_serializing_if = "Option::is_none")]
    account_name: Option<String>,
    /// `checking`, `savings`, `credit_card`, `loan` or `UNKNOWN`.
    account_type: &'static str,
    /// The day on which the person logged in at the bank, `YYYYMMDD`.
    #[schemars(with = "EightDigits")]
    last_opt_in: String,
}

/// Renders the accounts of a person's evidence; `number` gives the id for what names an account.
#[must_use]
pub fn accounts(evidence: &[HeldEvidence], number: impl Fn(&str) -> u32) -> Accounts {
    let mut accounts: Vec<AccountEntry> = Vec::new();
    for evidence in evidence.iter().map(|held| held.evidence.expose()) {
        for account in &evidence.identity.accounts {
            let name = account.iban.as_deref().unwrap_or(&account.resource_id);
            let account_id = number(&format!("{}/{name}", evidence.bank));
            if accounts.iter().any(|entry| entry.account_id == account_id) {
                continue;
            }
            accounts.push(AccountEntry {
                account_id,
                bank: evidence.identity.bank_name.clone(),
                account_name: account.name.clone(),
                account_type: kind(account.kind),
                last_opt_in: day_of(evidence.fetched_at),
            });
        }
    }
    Accounts { accounts }
}

const fn kind(kind: AccountKind) -> &'static str {
    match kind {
        AccountKind::Checking => "checking",
        AccountKind::Saving => "savings",
        AccountKind::Card => "credit_card",
        AccountKind::Loan => "loan",
        AccountKind::Other => "UNKNOWN",
    }
}

fn day_of(at: Timestamp) -> String {
    day(at.to_zoned_datetime(TimeZone::UTC).date())
}

fn day(date: Date) -> String {
    date.strftime("%Y%m%d").to_string()
}
