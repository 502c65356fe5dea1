//! Ivy's operations, for OpenAPI.

use schemars::JsonSchema;

use super::{
    Accounts, Balances, ConsentDetails, CreateRequest, Details, Hosted, List, ListRequest, Opened,
    SessionReference, Transactions,
};
use crate::banks::{Bank, Banks, BanksRequest};
use crate::openapi::{Access, Operation, idempotency_key};
use crate::shape::{BankIdText, UuidText};

pub(super) const TAG: &str = "Ivy data sessions";

/// The body of a call that names one session.
#[derive(JsonSchema)]
#[schemars(rename = "DataSessionId")]
#[expect(dead_code, reason = "describes the body for OpenAPI; the session function reads it")]
struct ById {
    #[schemars(with = "UuidText")]
    id: String,
}

/// With a key all of it; without, what the hosted page shows.
#[derive(JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "DataSessionTold")]
#[expect(dead_code, reason = "describes the answer for OpenAPI; each is rendered by itself")]
enum Told {
    Details(Box<Details<'static>>),
    Hosted(Hosted),
}

/// A call that names a session and answers with what the bank said of it.
fn of_session<T: JsonSchema>(
    path: &'static str,
    id: &'static str,
    (summary, said): (&'static str, &'static str),
) -> Operation {
    Operation::new(TAG, ("POST", path), id, summary)
        .reads::<SessionReference>()
        .answers::<T>(200, said)
        .refuses(&[403, 404, 409])
}

fn bank_data() -> Vec<Operation> {
    vec![
        of_session::<ConsentDetails>(
            "/api/service/data/consent/details",
            "consentDetails",
            ("Read where a session's consent stands", "The consent."),
        ),
        of_session::<ConsentDetails>(
            "/api/service/data/consent/revoke",
            "revokeConsent",
            ("Take a consent back; the data go with it", "The consent."),
        ),
        of_session::<Accounts>(
            "/api/service/data/accounts/list",
            "listAccounts",
            ("List the accounts of a session", "The accounts."),
        ),
        of_session::<Balances>(
            "/api/service/data/account-balances/list",
            "listAccountBalances",
            ("List their balances", "The balances."),
        ),
        of_session::<Transactions>(
            "/api/service/data/transactions/list",
            "listTransactions",
            ("List the transactions of the three months before the login", "The transactions."),
        ),
    ]
}

fn banks() -> Vec<Operation> {
    let list = |path, id, summary| {
        Operation::new(TAG, ("POST", path), id, summary)
            .access(Access::Anybody)
            .reads::<BanksRequest>()
            .body_optional()
            .answers::<Banks>(200, "The banks.")
            .refuses(&[404])
    };
    vec![
        list("/api/service/banks/list", "listBanks", "List banks"),
        list("/api/service/banks/search", "searchBanks", "Search banks by name or BIC"),
        Operation::new(TAG, ("POST", "/api/service/banks/details"), "bankDetails", "Read a bank")
            .access(Access::Anybody)
            .reads::<BankById>()
            .answers::<Bank>(200, "The bank.")
            .refuses(&[404]),
    ]
}

/// The body of `banks/details`.
#[derive(JsonSchema)]
#[schemars(rename = "BankId")]
#[expect(dead_code, reason = "describes the body for OpenAPI; the banks function reads it")]
struct BankById {
    #[schemars(with = "BankIdText")]
    id: String,
}

/// Every operation of the contract.
#[must_use]
pub fn operations() -> Vec<Operation> {
    let sessions = vec![
        Operation::new(
            TAG,
            ("POST", "/api/service/data/session/create"),
            "createDataSession",
            "Create a data session",
        )
        .reads::<CreateRequest>()
        .with(idempotency_key())
        .answers::<Opened<'static>>(200, "The session, with the link for the person.")
        .refuses(&[409, 422])
        .leads_to("dataSessionDetails", "/id", None),
        Operation::new(
            TAG,
            ("POST", "/api/service/data/session/details"),
            "dataSessionDetails",
            "Read a data session",
        )
        .described(
            "Without a key, as old mobile SDKs ask from the person's phone, only what the hosted \
             page shows anyway.",
        )
        .access(Access::TenantOrNobody)
        .reads::<ById>()
        .answers::<Told>(200, "The session.")
        .refuses(&[404]),
        Operation::new(
            TAG,
            ("POST", "/api/service/data/session/list"),
            "listDataSessions",
            "List a user's complete sessions, newest first",
        )
        .reads::<ListRequest>()
        .answers::<List<'static>>(200, "The sessions."),
    ];
    let webhooks = super::subscription_operations::operations();
    [sessions, bank_data(), banks(), webhooks].into_iter().flatten().collect()
}
