//! Pentadata: persons, and "is this person who we think?".
//! Source: pentadatainc.com/docs (auth-via-banking, authentication, endpoints-persons).

mod persons;

use jiff::Timestamp;
use model::claim::{Claim, ClaimedAddress};
use model::contact::EmailAddress;
use model::evidence::PostalAddress;
use model::ids::PersonId;
use model::person::{Answer, BankLogin, Decided};
use serde_json::{Map, Value, json};

pub use persons::{Accounts, Listing, Persons, PersonsQuery, accounts, listing, persons};

use crate::decision;
use crate::json::Members;
use crate::problem::Problem;

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
        consent: consent(body)?,
    })
}

/// Consent is never read into a value that does not say it. Clients in other languages send 1 and 0.
fn consent(body: &Members) -> Result<bool, Problem> {
    match body.value("consent").and_then(Value::as_u64) {
        Some(number @ 0..=1) => Ok(number == 1),
        _ => Ok(body.boolean("consent")?.unwrap_or(true)),
    }
}

/// Reads `POST /persons/{id}/auth`: the claim.
///
/// # Errors
/// A [`Problem`] that names the member.
pub fn claim(body: &Members) -> Result<Claim, Problem> {
    let first = body.required_name("first_name")?;
    let last = body.required_name("last_name")?;
    let address = match body.value("address") {
        None => None,
        Some(Value::String(line)) if line.trim().is_empty() => None,
        Some(Value::String(line)) => Some(ClaimedAddress::Unstructured(line.clone())),
        Some(_) => {
            let parts = body.object("address")?.unwrap_or_default();
            let text = |name: &str| -> Result<Option<String>, Problem> {
                let text = parts.text(name)?.filter(|text| !text.trim().is_empty());
                Ok(text.map(str::to_owned))
            };
            let address = PostalAddress {
                line1: text("street")?,
                line2: None,
                city: text("city")?,
                postal_code: text("postal_code")?,
                region: text("state")?,
                country: text("country")?,
            };
            // Forms send empty parts; an address without any part is no claim.
            (address != PostalAddress::default()).then_some(ClaimedAddress::Structured(address))
        }
    };
    Ok(Claim::of_names(first, last, address))
}

/// Answers `POST /persons`.
#[must_use]
pub fn created(person: PersonId) -> Value {
    json!({ "person_id": person.get() })
}

/// Answers `POST /persons/{id}/auth`; `url` is the link of the session that waits, if one does.
#[must_use]
pub fn answer(answer: &Answer, url: Option<&str>) -> Value {
    let (code, status, decision, billable) = match answer {
        Answer::Verified(decided) => (0, "verified", Some(&decided.decision), billable(decided)),
        Answer::Wrong(decided) => (1, "wrong", Some(&decided.decision), billable(decided)),
        Answer::Waiting { decision, .. } | Answer::Start { decision } => {
            (2, "started", decision.as_ref(), false)
        }
        Answer::InProgress { decision } => (3, "in_progress", decision.as_ref(), false),
    };
    let mut body = Map::new();
    body.insert("code".to_owned(), json!(code));
    if let Some(url) = url {
        body.insert("url".to_owned(), json!(url));
    }
    body.insert("status".to_owned(), json!(status));
    if let Some(decision) = decision {
        body.insert("decision".to_owned(), decision::render(decision));
    }
    body.insert("billable".to_owned(), json!(billable));
    Value::Object(body)
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

/// Answers `POST /subscribers/login` and `/subscribers/refresh`.
#[must_use]
pub fn tokens(tokens: &Tokens<'_>) -> Value {
    let mut body = Map::new();
    body.insert("token".to_owned(), json!(tokens.access.0));
    body.insert("expires".to_owned(), json!(digits(tokens.access.1)));
    if let Some((refresh, expires)) = tokens.refresh {
        body.insert("refresh_token".to_owned(), json!(refresh));
        body.insert("refresh_expires".to_owned(), json!(digits(expires)));
    }
    body.insert("userId".to_owned(), json!(tokens.user_id));
    Value::Object(body)
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
