//! `POST /api/service/data/session/list`.

use model::contact::{EmailAddress, MetadataPair, PhoneNumber, ReferenceId};

use crate::json::Members;
use crate::problem::Problem;

const LIMIT_MAX: i64 = 100;
const FILTERS: [&str; 4] =
    ["externalUserEmail", "externalUserReferenceId", "externalUserPhone", "externalUserMetadata"];

/// Whose sessions, and how many.
pub struct Listing {
    /// Exactly one key.
    pub by: By,
    /// At most so many.
    pub limit: usize,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// The key of an external user.
pub enum By {
    /// E-mail.
    Email(EmailAddress),
    /// The tenant's id.
    Reference(ReferenceId),
    /// Phone.
    Phone(PhoneNumber),
    /// One metadata pair.
    Metadata(MetadataPair),
}

/// Reads a list request: exactly one filter.
///
/// # Errors
/// A [`Problem`] that names the filters.
pub fn listing(body: &Members) -> Result<Listing, Problem> {
    let given: Vec<&str> = FILTERS.into_iter().filter(|name| body.has(name)).collect();
    let [_] = given[..] else {
        let named = if given.is_empty() { FILTERS.join(", ") } else { given.join(", ") };
        let expected = "the only filter: send exactly one of externalUserEmail, \
                        externalUserReferenceId, externalUserPhone, externalUserMetadata";
        return Err(Problem::invalid_member(&named, expected));
    };
    let email = body.parsed("externalUserEmail", EmailAddress::parse)?.map(By::Email);
    let reference = body.parsed("externalUserReferenceId", ReferenceId::parse)?.map(By::Reference);
    let phone = body.parsed("externalUserPhone", PhoneNumber::parse)?.map(By::Phone);
    let by = email.or(reference).or(phone);
    let by = by.map_or_else(|| metadata(body), Ok)?;
    let limit = body.integer("limit", 1..=LIMIT_MAX)?.unwrap_or(LIMIT_MAX);
    let limit = usize::try_from(limit).unwrap_or(1);
    Ok(Listing { by, limit, cursor: body.text("cursor")?.map(str::to_owned) })
}

fn metadata(body: &Members) -> Result<By, Problem> {
    let pair = body.object("externalUserMetadata")?.unwrap_or_default();
    let key = pair.required_text("key")?;
    let value = pair.value("value").filter(|v| v.is_string() || v.is_number() || v.is_boolean());
    let value = value.ok_or_else(|| pair.refuse("value", "a string, a number or a boolean"))?;
    Ok(By::Metadata(MetadataPair::new(key, value)))
}
