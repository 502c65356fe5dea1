//! Didit: data transfer.
//! Source: docs.didit.me (auth-and-data, data-transfer: authentication, create session, retrieve data).

use jiff::Timestamp;
use jiff::civil::Date;
use model::callback_url::CallbackUrl;
use model::contact::{ExternalUser, ReferenceId};
use model::evidence::{Account, AccountKind, Evidence, Party, PostalAddress};
use model::request::{Asked, Scope, SessionRequest};
use model::session::{Completion, LIFETIME_DEFAULT, Session, Status};
use model::tenant::Tenant;
use serde_json::{Map, Value, json};

use crate::NewSession;
use crate::json::Members;
use crate::problem::Problem;

/// Reads `POST /auth/v2/session/`.
///
/// # Errors
/// A [`Problem`] that names the member and what it must be.
pub fn new_session(body: &Members, tenant: &Tenant) -> Result<NewSession, Problem> {
    let scopes = match body.text("scope")? {
        Some(text) => scopes(body, text)?,
        None if body.has("workflow_id") => tenant.policy.scopes.clone(),
        None => return Err(body.refuse("scope", "given, for example `names email`")),
    };
    let vendor_data = body.text("vendor_data")?.map(str::to_owned);
    let reference = vendor_data.as_deref().and_then(|data| ReferenceId::parse(data).ok());
    let callback = body.parsed("callback", |text| CallbackUrl::parse(text, &tenant.origins))?;
    Ok(NewSession {
        asked: Asked::Scopes(scopes),
        market: tenant.policy.market.clone(),
        locale: None,
        lifetime: LIFETIME_DEFAULT,
        request: SessionRequest {
            external_user: ExternalUser { reference, ..ExternalUser::default() },
            vendor_data,
            success_url: callback.clone(),
            error_url: callback,
            ..SessionRequest::default()
        },
    })
}

fn scopes(body: &Members, text: &str) -> Result<Vec<Scope>, Problem> {
    let mut scopes = Vec::new();
    for name in text.split_whitespace() {
        let scope = Scope::parse(name).ok_or_else(|| {
            body.refuse("scope", "a list of known scopes, such as `names email bank_account`")
        })?;
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    if scopes.is_empty() {
        return Err(body.refuse("scope", "a list of at least one scope"));
    }
    Ok(scopes)
}

/// An access token as `POST /auth/v2/token/` gives it.
pub struct Token<'a> {
    /// The issuer.
    pub iss: &'a str,
    /// The tenant.
    pub sub: &'a str,
    /// The credential.
    pub client_id: &'a str,
    /// The token.
    pub access_token: &'a str,
    /// When it was made.
    pub issued_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// Answers `POST /auth/v2/token/`.
#[must_use]
pub fn token(token: &Token<'_>) -> Value {
    json!({
        "iss": token.iss,
        "iat": token.issued_at.as_second(),
        "sub": token.sub,
        "client_id": token.client_id,
        "organization_id": token.sub,
        "expires_in": token.expires_at.as_second() - token.issued_at.as_second(),
        "exp": token.expires_at.as_second(),
        "access_token": token.access_token,
        "token_type": "Bearer",
    })
}

/// Answers create.
#[must_use]
pub fn opened(session: &Session, link_token: &str, link: &str) -> Value {
    json!({ "session_id": session.id, "session_token": link_token, "url": link })
}

/// Answers `/status/`: lower case.
#[must_use]
pub fn status(status: Status) -> Value {
    let status = match status {
        Status::Open => "initialized",
        Status::Started | Status::AtBank | Status::Processing => "retrieved",
        Status::Complete => "confirmed",
        Status::Failed | Status::Expired => "expired",
        Status::Cancelled => "declined",
    };
    json!({ "status": status })
}

/// Answers `/decision/`: title case, and the data that were asked for, approved and to be had.
#[must_use]
pub fn decision(session: &Session, status: Status, today: Date) -> Value {
    let title = match status {
        Status::Open => "Initialized",
        Status::Started | Status::AtBank | Status::Processing => "Retrieved",
        Status::Complete => "Confirmed",
        Status::Failed | Status::Expired => "Expired",
        Status::Cancelled => "Cancelled",
    };
    let data = session.completion().map(|completion| user_data(session, completion, today));
    let names =
        |scopes: &[Scope]| scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ");
    let scope = match (&data, &session.asked) {
        (Some((had, _)), _) => names(had),
        (None, Asked::Scopes(asked)) => names(asked),
        (None, _) => String::new(),
    };
    let created_at = session.created_at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ");
    json!({
        "session_id": session.id,
        "session_number": session.number,
        "status": title,
        "vendor_data": session.request.expose().vendor_data,
        "scope": scope,
        "user_data": data.map(|(_, data)| data),
        "created_at": created_at.to_string(),
    })
}

/// What was approved and could be had, and the scopes it came under.
fn user_data(session: &Session, completion: &Completion, today: Date) -> (Vec<Scope>, Value) {
    let approved = match &completion.approved {
        Asked::Scopes(scopes) => scopes.as_slice(),
        Asked::Permissions(_) | Asked::Ownership => &[],
    };
    let mut data = Map::new();
    data.insert("sub".to_owned(), json!(session.subject));
    let mut had = Vec::new();
    for scope in approved {
        if let Some(value) = member(*scope, session, completion.evidence.expose(), today) {
            data.insert(scope.as_str().to_owned(), value);
            had.push(*scope);
        }
    }
    (had, Value::Object(data))
}

/// One scope's value; `None` where no bank stated it. Nothing is ever made up.
fn member(scope: Scope, session: &Session, evidence: &Evidence, today: Date) -> Option<Value> {
    let party = evidence.first_party();
    let birth_date = || party.and_then(|party| party.birth_date);
    let at_least = |years: i16| birth_date().map(|date| json!(is_of_age(date, years, today)));
    match scope {
        Scope::Names => evidence.holder_names().first().map(|name| names(name)),
        Scope::Email => party
            .and_then(|p| p.email.as_ref())
            .map(|email| json!({ "email": email, "is_verified": true, "is_primary": true })),
        Scope::Phone => party
            .and_then(|p| p.phone.as_ref())
            .map(|phone| json!({ "phone_number": phone, "is_verified": true, "is_primary": true })),
        Scope::Birthdate => birth_date().map(|date| json!({ "date": date, "is_verified": true })),
        Scope::Address => party.and_then(|p: &Party| p.address.as_ref()).map(address),
        Scope::BankAccount => {
            evidence.identity.accounts.first().map(|account| bank_account(evidence, account))
        }
        Scope::UserId => Some(json!(session.subject)),
        Scope::IsVerified => party.map(|_| json!(true)),
        Scope::IsOver18 => at_least(18),
        Scope::IsOver21 => at_least(21),
        Scope::Picture
        | Scope::Pictures
        | Scope::Gender
        | Scope::DocumentDetail
        | Scope::Preferences => None,
    }
}

/// A bank gives one string. The last word is the family name, with the small words before it (van
/// den Berg), unless a comma says otherwise.
fn names(full: &str) -> Value {
    let full = full.split_whitespace().collect::<Vec<_>>().join(" ");
    let (first, family) = match full.split_once(',') {
        Some((family, first)) => (first.trim(), family.trim()),
        None => full.split_at(family_start(&full)),
    };
    let first = first.trim_end();
    json!({ "first_name": first, "family_name": family, "full_name": full, "is_verified": true })
}

/// Where the family name starts, in bytes. A bank that writes no capitals shows no small words.
fn family_start(full: &str) -> usize {
    let starts_small = |word: &str| word.starts_with(char::is_lowercase);
    let mut words = full.rmatch_indices(' ').map(|(at, _)| at + 1);
    let mut start = words.next().unwrap_or(0);
    if !starts_small(full) {
        start = words.take_while(|at| starts_small(&full[*at..])).last().unwrap_or(start);
    }
    start
}

fn address(address: &PostalAddress) -> Value {
    let PostalAddress { line1, line2, city, postal_code, region, country } = address;
    let town = [postal_code, city].into_iter().flatten().cloned().collect::<Vec<_>>().join(" ");
    let parts = [line1.clone(), line2.clone(), Some(town), region.clone(), country.clone()];
    let parts: Vec<String> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    json!({
        "line1": line1, "line2": line2, "city": city, "postal_code": postal_code,
        "region": region, "country": country, "formatted": parts.join(", "), "is_verified": true,
    })
}

fn bank_account(evidence: &Evidence, account: &Account) -> Value {
    let kind = match account.kind {
        AccountKind::Checking => "checking",
        AccountKind::Saving => "saving",
        AccountKind::Card => "card",
        AccountKind::Loan => "loan",
        AccountKind::Other => "other",
    };
    json!({
        "bank_name": evidence.identity.bank_name,
        "iban": account.iban,
        "bban": account.domestic_number(),
        "bic": account.bic,
        "type": kind,
        "is_verified": true,
    })
}

/// Born on 29 February, one is of age on 1 March of a common year, never a day early.
fn is_of_age(birth_date: Date, years: i16, today: Date) -> bool {
    let birthday = (birth_date.year() + years, birth_date.month(), birth_date.day());
    birthday <= (today.year(), today.month(), today.day())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_split() {
        for (full, first, family) in [
            ("John Doe", "John", "Doe"),
            ("Doe, John", "John", "Doe"),
            ("Anna Maria  Schmidt", "Anna Maria", "Schmidt"),
            ("J. van den Berg", "J.", "van den Berg"),
            ("anna maria schmidt", "anna maria", "schmidt"),
            ("JAN VAN DER BERG", "JAN VAN DER", "BERG"),
            ("王小明", "", "王小明"),
            ("", "", ""),
            ("Suharto", "", "Suharto"),
        ] {
            let names = names(full);
            assert_eq!(
                (&names["first_name"], &names["family_name"]),
                (&json!(first), &json!(family))
            );
        }
    }

    #[test]
    fn age_is_reached_on_the_birthday() {
        let date = |text: &str| text.parse::<Date>().expect("a date");
        for (born, today, of_age) in [
            ("2008-11-24", "2026-11-23", false),
            ("2008-11-24", "2026-11-24", true),
            ("2008-02-29", "2026-02-28", false),
            ("2008-02-29", "2026-03-01", true),
            ("9999-12-31", "2026-11-24", false),
        ] {
            assert_eq!(is_of_age(date(born), 18, date(today)), of_age, "{born} {today}");
        }
    }
}
