//! Didit's operations, for OpenAPI.

use super::{DecisionAnswer, Opened, SessionRequestShape, StatusAnswer, TokenAnswer, TokenRequest};
use crate::openapi::{Access, Operation};
use crate::shape::UuidText;

const TAG: &str = "Didit data transfer";

/// Every operation of the contract.
#[must_use]
pub fn operations() -> Vec<Operation> {
    vec![
        Operation::new(TAG, ("POST", "/auth/v2/token/"), "clientToken", "Get a client token")
            .access(Access::Client)
            .reads::<TokenRequest>()
            .also_form()
            .answers::<TokenAnswer<'static>>(200, "The token."),
        Operation::new(
            TAG,
            ("POST", "/auth/v2/session/"),
            "createScopedSession",
            "Create a session",
        )
        .reads::<SessionRequestShape>()
        .answers::<Opened<'static>>(201, "The session, with the link for the person.")
        .leads_to("scopedSessionStatus", "/session_id", Some("id"))
        .leads_to("scopedSessionDecision", "/session_id", Some("id"))
        .leads_to("session", "/session_id", Some("id")),
        Operation::new(
            TAG,
            ("GET", "/auth/v2/session/{id}/status/"),
            "scopedSessionStatus",
            "Where a session stands",
        )
        .access(Access::TenantOrSession)
        .path_id::<UuidText>("id", "The session's id.")
        .answers::<StatusAnswer>(200, "The status, in lower case."),
        Operation::new(
            TAG,
            ("GET", "/auth/v2/session/{id}/decision/"),
            "scopedSessionDecision",
            "The status, and the data that were approved",
        )
        .path_id::<UuidText>("id", "The session's id.")
        .answers::<DecisionAnswer<'static>>(200, "The decision."),
    ]
}
