//! Pentadata: persons, and "is this person who we think?".
//! Source: pentadatainc.com/docs (auth-via-banking, authentication, endpoints-persons).

mod operations;
mod persons;

use jiff::Timestamp;
use model::claim::{Claim, ClaimedAddress};
use model::contact::EmailAddress;
use model::evidence::PostalAddress;
use model::ids::PersonId;
use model::person::{Answer, BankLogin, Decided};
use model::tenant::MatchingPolicy;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

pub use persons::{Accounts, Listing, Persons, accounts, listing, persons};

use crate::decision::{self, DecisionShape};
use crate::json::Members;
use crate::problem::Problem;
pub use operations::operations;

use crate::shape::{
    EmailText, FourteenDigits, NameText, PlainText, SafeInteger, SomeText, UrlText,
};

/// The body of `POST /subscribers/login`.
#[derive(JsonSchema)]
#[schemars(rename = "SubscriberLogin")]
#[expect(dead_code, reason = "describes the body for OpenAPI; the token function reads it")]
pub struct LoginRequest {
    /// The e-mail address that the tenant registered.
    #[schemars(with = "EmailText")]
    email: String,
    /// The API key.
    #[schemars(with = "SomeText")]
    api_key: String,
}

/// The body of `POST /persons`.
#[derive(JsonSchema)]
#[schemars(rename = "PersonRequest")]
#[expect(dead_code, reason = "describes the body for OpenAPI; `new_person` reads it")]
pub struct PersonRequest {
    /// E-mail; the same one again is the same person.
    #[schemars(with = "EmailText")]
    email: String,
    #[schemars(with = "NameText")]
    first_name: String,
    #[schemars(with = "NameText")]
    last_name: String,
    /// Echoed; 1 and 0 are read, too.
    consent: Option<ConsentWord>,
}

#[derive(JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
#[expect(dead_code, reason = "as above")]
enum ConsentWord {
    Said(bool),
    Number(#[schemars(range(min = 0, max = 1))] u8),
}

/// The body of `POST /persons/{id}/auth`: the claim.
#[derive(JsonSchema)]
#[schemars(rename = "AuthRequest")]
#[expect(dead_code, reason = "describes the body for OpenAPI; `claim` reads it")]
pub struct AuthRequest {
    #[schemars(with = "NameText")]
    first_name: String,
    #[schemars(with = "NameText")]
    last_name: String,
    address: Option<RequestedAddress>,
    /// Beside an address in one line, as older clients send it.
    #[schemars(with = "Option<PlainText>")]
    city: Option<String>,
    #[schemars(with = "Option<PlainText>")]
    postal_code: Option<String>,
    #[schemars(with = "Option<PlainText>")]
    state: Option<String>,
    #[schemars(with = "Option<PlainText>")]
    country: Option<String>,
}

#[derive(JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
#[expect(dead_code, reason = "as above")]
enum RequestedAddress {
    /// In one line.
    Line(#[schemars(with = "PlainText")] String),
    /// By parts.
    Parts {
        #[schemars(with = "Option<PlainText>")]
        street: Option<String>,
        #[schemars(with = "Option<PlainText>")]
        city: Option<String>,
        #[schemars(with = "Option<PlainText>")]
        postal_code: Option<String>,
        #[schemars(with = "Option<PlainText>")]
        state: Option<String>,
        #[schemars(with = "Option<PlainText>")]
        country: Option<String>,
    },
}

/// `POST /persons`: who the tenant says the person is.
pub struct NewPerson {
    /// E-mail.
    pub email: EmailAddress,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Whether consent was given.
    pub consent: bool,
}

/// Reads `POST /persons`.
///
/// # Errors
/// A [`Problem`] that names the member.
pub fn new_person(body: &Members) -> Result<NewPerson, Problem> {
    let email = body.parsed("email", EmailAddress::parse)?;
    Ok(NewPerson {
        email: email.ok_or_else(|| body.refuse("email", "given"))?,
        first_name: body.required_name("first_name")?.to_owned(),
        last_name: body.required_name("last_name")?.to_owned(),
        consent: body.truth("consent")?.unwrap_or(true),
    })
}

/// Reads `POST /persons/{id}/auth`: the claim.
///
/// # Errors
/// A [`Problem`] that names the member.
pub fn claim(body: &Members) -> Result<Claim, Problem> {
    let first = body.required_name("first_name")?;
    let last = body.required_name("last_name")?;
    let beside = parts(body, None)?;
    let address = match body.value("address") {
        None => None,
        Some(Value::String(line)) if line.trim().is_empty() => None,
        Some(Value::String(line)) => {
            let parts = PostalAddress { line1: Some(line.clone()), ..beside };
            let bare = PostalAddress { line1: parts.line1.clone(), ..PostalAddress::default() };
            Some(if parts == bare {
                ClaimedAddress::Unstructured(line.clone())
            } else {
                ClaimedAddress::Structured(parts)
            })
        }
        Some(_) => {
            let members = body.object("address")?.unwrap_or_default();
            let address = parts(&members, given(&members, "street")?)?;
            // Forms send empty parts; an address without any part is no claim.
            (address != PostalAddress::default()).then_some(ClaimedAddress::Structured(address))
        }
    };
    Ok(Claim::of_names(first, last, address))
}

/// The parts of an address, wherever they stand: older clients send them beside the line.
fn parts(members: &Members, line1: Option<String>) -> Result<PostalAddress, Problem> {
    Ok(PostalAddress {
        line1,
        line2: None,
        city: given(members, "city")?,
        postal_code: given(members, "postal_code")?,
        region: given(members, "state")?,
        country: given(members, "country")?,
    })
}

fn given(members: &Members, name: &str) -> Result<Option<String>, Problem> {
    let text = members.text(name)?.filter(|text| !text.trim().is_empty());
    Ok(text.map(str::to_owned))
}

/// The answer to `POST /persons`.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CreatedPerson")]
pub struct Created {
    /// The person's id.
    #[schemars(with = "SafeInteger")]
    person_id: u64,
}

/// Answers `POST /persons`.
#[must_use]
pub const fn created(person: PersonId) -> Created {
    Created { person_id: person.get() }
}

/// The answer to `POST /persons/{id}/auth`.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Auth")]
pub struct AuthShape<'a> {
    /// 0 verified, 1 wrong, 2 started (with `url`), 3 in progress.
    #[schemars(range(min = 0, max = 3))]
    code: u8,
    /// Where to send the person; given with code 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<UrlText>")]
    url: Option<&'a str>,
    /// The code in a word.
    status: AuthStatus,
    /// The reasons, where there is evidence.
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<DecisionShape<'a>>,
    /// Whether a bank login of this person's own was consumed.
    billable: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum AuthStatus {
    Verified,
    Wrong,
    Started,
    InProgress,
}

/// Answers `POST /persons/{id}/auth`; `url` is the link of the session that waits, if one does.
#[must_use]
pub fn answer<'a>(
    answer: &'a Answer,
    policy: &MatchingPolicy,
    url: Option<&'a str>,
) -> AuthShape<'a> {
    let (code, status, decision, billable) = match answer {
        Answer::Verified(decided) => {
            (0, AuthStatus::Verified, Some(&decided.decision), billable(decided))
        }
        Answer::Wrong(decided) => {
            (1, AuthStatus::Wrong, Some(&decided.decision), billable(decided))
        }
        Answer::Waiting { decision, .. } | Answer::Start { decision } => {
            (2, AuthStatus::Started, decision.as_ref(), false)
        }
        Answer::InProgress { decision } => (3, AuthStatus::InProgress, decision.as_ref(), false),
    };
    AuthShape {
        code,
        url,
        status,
        decision: decision.map(|decision| decision::shape(decision, policy)),
        billable,
    }
}

const fn billable(decided: &Decided) -> bool {
    matches!(decided.bank_login, BankLogin::Consumed)
}

/// Tokens as `POST /subscribers/login` gives them; times are strings of 14 digits, which clients
/// parse with a fixed format.
pub struct Tokens<'a> {
    /// Access token and when it ends.
    pub access: (&'a str, Timestamp),
    /// Refresh token and when it ends; absent in the answer to a refresh.
    pub refresh: Option<(&'a str, Timestamp)>,
    /// A number that names the tenant.
    pub user_id: u64,
}

/// The answer to `POST /subscribers/login` and `/subscribers/refresh`.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "SubscriberTokens")]
pub struct TokensShape<'a> {
    /// The access token, a JWT with `exp`.
    token: &'a str,
    /// When it ends.
    #[schemars(with = "FourteenDigits")]
    expires: String,
    /// The refresh token; given at login.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<&'a str>,
    /// When that ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<FourteenDigits>")]
    refresh_expires: Option<String>,
    /// A number that names the tenant.
    #[serde(rename = "userId")]
    #[schemars(with = "SafeInteger")]
    user_id: u64,
}

/// Answers `POST /subscribers/login` and `/subscribers/refresh`.
#[must_use]
pub fn tokens<'a>(tokens: &Tokens<'a>) -> TokensShape<'a> {
    TokensShape {
        token: tokens.access.0,
        expires: digits(tokens.access.1),
        refresh_token: tokens.refresh.map(|(token, _)| token),
        refresh_expires: tokens.refresh.map(|(_, expires)| digits(expires)),
        user_id: tokens.user_id,
    }
}

fn digits(at: Timestamp) -> String {
    at.strftime("%Y%m%d%H%M%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    #[test]
    fn times_are_fourteen_digits() {
        let at = "2026-11-24T03:04:05Z".parse().expect("a time");
        assert_eq!(digits(at), "20261124030405");
    }

    #[test]
    fn addresses_are_read_in_both_forms() {
        for (body, structured) in [
            (r#"{"first_name":"A","last_name":"B","address":"1 High St"}"#, false),
            (r#"{"first_name":"A","last_name":"B","address":{"street":"1 High St"}}"#, true),
        ] {
            let claim = claim(&json::read(body.as_bytes()).expect("JSON")).expect("a claim");
            let is = matches!(claim.address, Some(ClaimedAddress::Structured(_)));
            assert_eq!(is, structured, "{body}");
        }
    }
}
