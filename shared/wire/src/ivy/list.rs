//! `POST /api/service/data/session/list`.

use model::contact::{EmailAddress, MetadataPair, PhoneNumber, ReferenceId};
use schemars::JsonSchema;

use crate::json::Members;
use crate::problem::Problem;
use crate::shape::{EmailText, PhoneText, PlainText, ReferenceText, SomeText};

const LIMIT_MAX: i64 = 100;
/// What is left out is read all the same; who wants more than this follows the cursor.
const SKIP_MAX: i64 = 10_000;
const FILTERS: [&str; 4] =
    ["externalUserEmail", "externalUserReferenceId", "externalUserPhone", "externalUserMetadata"];

/// The body of `POST /api/service/data/session/list`: exactly one of the four filters.
#[derive(JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "DataSessionListRequest", extend("oneOf" = [
    { "required": ["externalUserEmail"], "properties": { "externalUserEmail": { "type": "string" } } },
    {
        "required": ["externalUserReferenceId"],
        "properties": { "externalUserReferenceId": { "type": "string" } },
    },
    { "required": ["externalUserPhone"], "properties": { "externalUserPhone": { "type": "string" } } },
    {
        "required": ["externalUserMetadata"],
        "properties": { "externalUserMetadata": { "type": "object" } },
    },
]))]
#[expect(dead_code, reason = "describes the body for OpenAPI; `listing` reads it")]
pub struct ListRequest {
    /// By e-mail.
    #[schemars(with = "Option<EmailText>")]
    external_user_email: Option<String>,
    /// By the tenant's id of the user.
    #[schemars(with = "Option<ReferenceText>")]
    external_user_reference_id: Option<String>,
    /// By phone.
    #[schemars(with = "Option<PhoneText>")]
    external_user_phone: Option<String>,
    /// By one pair of the user's metadata.
    external_user_metadata: Option<MetadataRequest>,
    /// At most so many.
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u8>,
    /// The cursor of the answer before.
    #[schemars(with = "Option<PlainText>")]
    cursor: Option<String>,
    /// Leaves out so many, for clients that count.
    #[schemars(range(min = 0, max = 10_000))]
    skip: Option<u16>,
}

#[derive(JsonSchema)]
#[schemars(inline)]
#[expect(dead_code, reason = "as above")]
struct MetadataRequest {
    #[schemars(with = "SomeText")]
    key: String,
    #[schemars(with = "PairValue")]
    value: (),
}

#[derive(JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
#[expect(dead_code, reason = "as above")]
enum PairValue {
    Text(#[schemars(with = "PlainText")] String),
    Number(f64),
    Truth(bool),
}

/// Whose sessions, and how many.
pub struct Listing {
    /// Exactly one key.
    pub by: By,
    /// At most so many.
    pub limit: usize,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// How many are left out.
    pub skip: usize,
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
    let skip = body.integer("skip", 0..=SKIP_MAX)?.unwrap_or(0);
    let skip = usize::try_from(skip).unwrap_or(0);
    Ok(Listing { by, limit, cursor: body.text("cursor")?.map(str::to_owned), skip })
}

fn metadata(body: &Members) -> Result<By, Problem> {
    let pair = body.object("externalUserMetadata")?.unwrap_or_default();
    let key = pair.required_text("key")?;
    let value = pair.value("value").filter(|v| v.is_string() || v.is_number() || v.is_boolean());
    let value = value.ok_or_else(|| pair.refuse("value", "a string, a number or a boolean"))?;
    Ok(By::Metadata(MetadataPair::new(key, value)))
}
