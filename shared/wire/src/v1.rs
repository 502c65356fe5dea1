//! `/v1`: what the three contracts never had. Source: this project; RFC 9457 for refusals.

pub mod deliveries;
pub mod endpoints;
pub mod events;
mod evidence;
mod operations;
mod session;
mod webhook_operations;

use model::contact::{EmailAddress, MetadataPair, PhoneNumber, ReferenceId};
use model::session::Status;

use crate::json::Members;
use crate::problem::Problem;

pub use operations::operations;
pub use session::{DecisionOf, List, SessionShape, decision, list, session};

/// The most sessions in one answer.
const LIMIT_MAX: i64 = 100;
/// The filters, of which exactly one must be given.
const FILTERS: [&str; 5] = ["reference_id", "user_reference_id", "email", "phone", "metadata_key"];

/// Which sessions, and how many.
pub struct Listing {
    /// Exactly one key.
    pub by: By,
    /// Only those that stand here.
    pub status: Option<Status>,
    /// At most so many.
    pub limit: usize,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// What sessions are found by.
pub enum By {
    /// The session's own reference: at most one session.
    Reference(ReferenceId),
    /// The tenant's id of the user.
    UserReference(ReferenceId),
    /// The user's e-mail.
    Email(EmailAddress),
    /// The user's phone.
    Phone(PhoneNumber),
    /// One pair of the user's metadata.
    Metadata(MetadataPair),
}

/// Reads the query of `GET /v1/sessions`.
///
/// # Errors
/// A [`Problem`] that names the member.
pub fn listing(query: &Members) -> Result<Listing, Problem> {
    let given: Vec<&str> = FILTERS.into_iter().filter(|name| query.has(name)).collect();
    let [_] = given[..] else {
        let named = if given.is_empty() { FILTERS.join(", ") } else { given.join(", ") };
        let expected = "the only filter: send exactly one of reference_id, user_reference_id, \
                        email, phone, metadata_key (with metadata_value)";
        return Err(Problem::invalid_member(&named, expected));
    };
    let reference = query.parsed("reference_id", ReferenceId::parse)?.map(By::Reference);
    let user = query.parsed("user_reference_id", ReferenceId::parse)?.map(By::UserReference);
    let email = query.parsed("email", EmailAddress::parse)?.map(By::Email);
    let phone = query.parsed("phone", PhoneNumber::parse)?.map(By::Phone);
    let by = reference.or(user).or(email).or(phone).map_or_else(|| metadata(query), Ok)?;
    let limit = query.integer("limit", 1..=LIMIT_MAX)?.unwrap_or(LIMIT_MAX);
    Ok(Listing {
        by,
        status: status(query)?,
        limit: usize::try_from(limit).unwrap_or(1),
        cursor: query.text("cursor")?.map(str::to_owned),
    })
}

/// A query carries text only: numbers and booleans are found by how they are written.
fn metadata(query: &Members) -> Result<By, Problem> {
    let key = query.required_text("metadata_key")?;
    let value = query.text("metadata_value")?;
    let value = value.ok_or_else(|| query.refuse("metadata_value", "given with metadata_key"))?;
    Ok(By::Metadata(MetadataPair::new(key, &value.into())))
}

fn status(query: &Members) -> Result<Option<Status>, Problem> {
    let Some(text) = query.text("status")? else {
        return Ok(None);
    };
    let found = Status::ALL.into_iter().find(|status| status.as_str() == text);
    let expected =
        "one of open, started, at_bank, processing, complete, failed, cancelled, expired";
    found.map(Some).ok_or_else(|| query.refuse("status", expected))
}
