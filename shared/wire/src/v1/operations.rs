//! The operations of `/v1`, for OpenAPI.

use schemars::JsonSchema;

use super::{DecisionOf, List, SessionShape};
use crate::openapi::{Access, Operation};
use crate::shape::{EmailText, PhoneText, ReferenceText, SubjectIdText, UuidText};
use crate::subjects::{Erased, SubjectExport};

pub(super) const TAG: &str = "Countersign";

/// The words for where a session stands.
#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
#[expect(dead_code, reason = "describes a parameter for OpenAPI; `listing` reads it")]
enum StatusFilter {
    Open,
    Started,
    AtBank,
    Processing,
    Complete,
    Failed,
    Cancelled,
    Expired,
}

#[derive(JsonSchema)]
#[schemars(inline)]
#[expect(dead_code, reason = "as above")]
struct Limit(#[schemars(range(min = 1, max = 100))] u8);

#[derive(JsonSchema)]
#[schemars(inline)]
#[expect(dead_code, reason = "as above")]
struct ExportLimit(#[schemars(range(min = 1, max = 20))] u8);

/// The keys that verify access tokens (RFC 7517).
#[derive(JsonSchema)]
#[schemars(rename = "KeySet")]
#[expect(dead_code, reason = "describes the answer for OpenAPI; the runtime makes it")]
struct KeySet {
    keys: Vec<Jwk>,
}

#[derive(JsonSchema)]
#[schemars(inline)]
#[expect(dead_code, reason = "as above")]
struct Jwk {
    kty: String,
    crv: String,
    alg: String,
    #[serde(rename = "use")]
    used_for: String,
    kid: String,
    x: String,
    y: String,
}

/// Every operation of `/v1`.
#[must_use]
pub fn operations() -> Vec<Operation> {
    let mut all = sessions_and_subjects();
    all.extend(super::webhook_operations::operations());
    all
}

fn sessions_and_subjects() -> Vec<Operation> {
    vec![
        Operation::new(TAG, ("GET", "/v1/sessions"), "listSessions", "Find sessions, newest first")
            .described("Exactly one of the filters must be given, as is said in the refusal.")
            .query::<ReferenceText>("reference_id", "The session's own reference.")
            .query::<ReferenceText>("user_reference_id", "The tenant's id of the user.")
            .query::<EmailText>("email", "The user's e-mail.")
            .query::<PhoneText>("phone", "The user's phone.")
            .query::<ReferenceText>("metadata_key", "A key of the user's metadata …")
            .query::<ReferenceText>("metadata_value", "… and its value.")
            .query::<StatusFilter>("status", "Only those that stand here.")
            .query::<Limit>("limit", "At most so many; 100 where nothing is said.")
            .query::<String>("cursor", "The cursor of the answer before.")
            .answers::<List<'static>>(200, "The sessions."),
        Operation::new(
            TAG,
            ("GET", "/v1/sessions/{id}"),
            "session",
            "All there is to know of a session",
        )
        .path_id::<UuidText>("id", "The session's id.")
        .answers::<SessionShape<'static>>(200, "The session."),
        Operation::new(
            TAG,
            ("GET", "/v1/sessions/{id}/decision"),
            "sessionDecision",
            "The claim against the evidence, with reasons",
        )
        .path_id::<UuidText>("id", "The session's id.")
        .answers::<DecisionOf<'static>>(200, "The decision."),
        Operation::new(
            TAG,
            ("GET", "/v1/subjects/{sub}/export"),
            "exportSubject",
            "Everything that is stored about a subject",
        )
        .path_id::<SubjectIdText>("sub", "The subject's id.")
        .query::<ExportLimit>("limit", "At most so many sessions; 20 where nothing is said.")
        .query::<UuidText>("cursor", "`next` of the answer before.")
        .answers::<SubjectExport>(200, "A stretch of it."),
        Operation::new(TAG, ("DELETE", "/v1/subjects/{sub}"), "eraseSubject", "Erase a subject")
            .described("Safe to repeat: the answer is then the same moment.")
            .path_id::<SubjectIdText>("sub", "The subject's id.")
            .answers::<Erased>(200, "Nothing is left; with a signed receipt.")
            .also_answers::<Erased>(202, "The rest is being erased; ask again for the receipt."),
        Operation::new(
            TAG,
            ("GET", "/.well-known/jwks.json"),
            "keys",
            "The keys that verify access tokens and receipts",
        )
        .access(Access::Anybody)
        .answers::<KeySet>(200, "The keys."),
    ]
}
