//! Pentadata's operations, for OpenAPI.

use super::{AuthRequest, AuthShape, Created, LoginRequest, PersonRequest, TokensShape};
use crate::openapi::{Access, Operation};
use crate::shape::SafeInteger;

const TAG: &str = "Pentadata Auth";

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
            .leads_to("authPerson", "/person_id", Some("id")),
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
    ]
}
