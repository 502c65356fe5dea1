//! Pentadata's operations, for OpenAPI.

use schemars::JsonSchema;

use super::{
    Accounts, AuthRequest, AuthShape, Created, LoginRequest, PersonRequest, Persons, TokensShape,
};
use crate::banks::Institutions;
use crate::openapi::{Access, Operation};
use crate::shape::{EmailText, SafeInteger};

const TAG: &str = "Pentadata Auth";

/// How many persons or institutions at most.
#[derive(JsonSchema)]
#[schemars(inline)]
#[expect(dead_code, reason = "describes a parameter for OpenAPI; it is read beside its list")]
struct Limit(#[schemars(range(min = 1, max = 100))] u8);

/// How many are left out.
#[derive(JsonSchema)]
#[schemars(inline)]
#[expect(dead_code, reason = "as above")]
struct Offset(#[schemars(range(min = 0, max = 100_000))] u32);

/// Every operation of the contract.
#[must_use]
pub fn operations() -> Vec<Operation> {
    let refresh = |method, id| {
        let summary = "Trade a refresh token for an access token";
        Operation::new(TAG, (method, "/subscribers/refresh"), id, summary)
            .access(Access::Refresh)
            .answers::<TokensShape<'static>>(200, "The access token.")
    };
    vec![
        Operation::new(TAG, ("POST", "/subscribers/login"), "login", "Trade an API key for tokens")
            .access(Access::Anybody)
            .reads::<LoginRequest>()
            .answers::<TokensShape<'static>>(200, "The tokens.")
            .refuses(&[401]),
        refresh("GET", "refresh"),
        refresh("POST", "refreshByPost"),
        Operation::new(TAG, ("POST", "/persons"), "createPerson", "Register a person")
            .described("The same e-mail again is the same person.")
            .reads::<PersonRequest>()
            .answers::<Created>(201, "The person's id.")
            .leads_to("authPerson", "/person_id", Some("id"))
            .leads_to("personAccounts", "/person_id", Some("id")),
        Operation::new(
            TAG,
            ("POST", "/persons/{id}/auth"),
            "authPerson",
            "Is this person who you think?",
        )
        .described("May be called again for ever: the answer is derived from what is stored.")
        .path_id::<SafeInteger>("id", "The person's id.")
        .reads::<AuthRequest>()
        .answers::<AuthShape<'static>>(200, "The answer."),
        Operation::new(TAG, ("GET", "/persons"), "listPersons", "List persons, oldest first")
            .query::<Limit>("limit", "At most so many; 100 where nothing is said.")
            .query::<Offset>("offset", "How many are left out.")
            .query::<EmailText>("email", "Only the person with exactly this e-mail.")
            .answers::<Persons>(200, "The persons."),
        Operation::new(
            TAG,
            ("GET", "/persons/{id}/accounts"),
            "personAccounts",
            "List the accounts that a bank showed of a person",
        )
        .path_id::<SafeInteger>("id", "The person's id.")
        .answers::<Accounts>(200, "The accounts, newest login first."),
        Operation::new(TAG, ("DELETE", "/persons/{id}"), "deletePerson", "Erase a person")
            .described("With the person goes everything that is stored about the same subject.")
            .path_id::<SafeInteger>("id", "The person's id."),
        Operation::new(TAG, ("GET", "/institutions"), "listInstitutions", "List the banks")
            .access(Access::Anybody)
            .query::<Limit>("limit", "At most so many; 100 where nothing is said.")
            .query::<Offset>("offset", "How many are left out.")
            .answers::<Institutions>(200, "The banks."),
    ]
}
