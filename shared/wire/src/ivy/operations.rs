//! Ivy's operations, for OpenAPI.

use schemars::JsonSchema;

use super::{CreateRequest, Details, List, ListRequest, Opened};
use crate::openapi::{Operation, Parameter, Place, shape};
use crate::shape::UuidText;

const TAG: &str = "Ivy data sessions";

/// The body of a call that names one session.
#[derive(JsonSchema)]
#[schemars(rename = "DataSessionId")]
#[expect(dead_code, reason = "describes the body for OpenAPI; the session function reads it")]
struct ById {
    #[schemars(with = "UuidText")]
    id: String,
}

/// 1 to 255 visible characters.
#[derive(JsonSchema)]
#[schemars(inline)]
#[expect(dead_code, reason = "describes the header for OpenAPI")]
struct IdempotencyKey(#[schemars(regex(pattern = "^[!-~]{1,255}$"))] String);

/// Every operation of the contract.
#[must_use]
pub fn operations() -> Vec<Operation> {
    let idempotency = Parameter {
        name: "Idempotency-Key",
        place: Place::Header,
        description: "The same key with the same body is answered with the same session, for a day.",
        shape: shape::<IdempotencyKey>,
    };
    vec![
        Operation::new(
            TAG,
            ("POST", "/api/service/data/session/create"),
            "createDataSession",
            "Create a data session",
        )
        .reads::<CreateRequest>()
        .with(idempotency)
        .answers::<Opened<'static>>(200, "The session, with the link for the person.")
        .refuses(&[409, 422])
        .leads_to("dataSessionDetails", "/id", None),
        Operation::new(
            TAG,
            ("POST", "/api/service/data/session/details"),
            "dataSessionDetails",
            "Read a data session",
        )
        .reads::<ById>()
        .answers::<Details<'static>>(200, "The session.")
        .refuses(&[404]),
        Operation::new(
            TAG,
            ("POST", "/api/service/data/session/list"),
            "listDataSessions",
            "List a user's complete sessions, newest first",
        )
        .reads::<ListRequest>()
        .answers::<List<'static>>(200, "The sessions."),
    ]
}
