//! A session in Ivy's shape.

use model::evidence::{Account, AccountKind, Evidence};
use model::request::{Asked, BankChoice, Permission, Scope};
use model::session::{Door, Session, Status};
use serde_json::{Map, Value, json};

use crate::decision;

/// Ivy's name for a status.
#[must_use]
pub const fn status(status: Status) -> &'static str {
    match status {
        Status::Open => "open",
        Status::Started => "started",
        Status::AtBank | Status::Processing => "pending",
        Status::Complete => "complete",
        Status::Failed | Status::Cancelled => "failed",
        Status::Expired => "expired",
    }
}

/// Answers create: the session with its link.
#[must_use]
pub fn opened(session: &Session, link: &str) -> Value {
    let mut body = Map::new();
    body.insert("id".to_owned(), json!(session.id));
    body.insert("redirectUrl".to_owned(), json!(link));
    body.extend(members(session, Status::Open));
    body.insert("updatedAt".to_owned(), json!(session.created_at.as_second()));
    body.insert("availableMarkets".to_owned(), json!([session.market]));
    Value::Object(body)
}

/// Answers details.
#[must_use]
pub fn details(session: &Session, status: Status) -> Value {
    let mut body = Map::new();
    body.insert("id".to_owned(), json!(session.id));
    body.extend(members(session, status));
    if let Some(completion) = session.completion() {
        if completion.revoked_at.is_none() {
            body.insert(
                "data".to_owned(),
                data(completion.evidence.expose(), &completion.approved),
            );
        }
        if let Some(decision) = &completion.decision {
            body.insert("matchResult".to_owned(), decision::render(decision));
        }
    }
    Value::Object(body)
}

/// Answers list: complete sessions, newest first.
#[must_use]
pub fn list(sessions: &[Session], cursor: Option<&str>) -> Value {
    let element = |session: &Session| {
        let mut body = Map::new();
        body.insert("id".to_owned(), json!(session.id));
        body.insert("referenceId".to_owned(), json!(session.request.expose().reference));
        body.insert("status".to_owned(), json!(status(Status::Complete)));
        if let Some(completion) = session.completion() {
            body.insert(
                "data".to_owned(),
                data(completion.evidence.expose(), &completion.approved),
            );
        }
        Value::Object(body)
    };
    let mut body = Map::new();
    let sessions: Vec<Value> = sessions.iter().map(element).collect();
    body.insert("count".to_owned(), json!(sessions.len()));
    body.insert("dataSessions".to_owned(), Value::Array(sessions));
    body.insert("hasNext".to_owned(), json!(cursor.is_some()));
    body.extend(cursor.map(|cursor| ("cursor".to_owned(), json!(cursor))));
    Value::Object(body)
}

fn members(session: &Session, at: Status) -> Map<String, Value> {
    let request = session.request.expose();
    let user = &request.external_user;
    let mut body = Map::new();
    let mut set = |name: &str, value: Value| body.insert(name.to_owned(), value);
    set("referenceId", json!(request.reference));
    set("displayId", json!(request.display_id));
    set("merchantId", json!(session.tenant));
    set("status", json!(status(at)));
    set("createdAt", json!(session.created_at.as_second()));
    set("updatedAt", json!(session.updated_at.as_second()));
    set("expiresAt", json!(session.expires_at.as_second()));
    set("market", json!(session.market));
    set("locale", json!(session.locale));
    set("metadata", json!(request.metadata));
    set("prefill", prefill(session));
    set("disableBankSelection", json!(request.bank_choice == BankChoice::Fixed));
    set("successCallbackUrl", json!(request.success_url));
    set("errorCallbackUrl", json!(request.error_url));
    let mut external = Map::new();
    external.extend(user.reference.as_ref().map(|r| ("referenceId".to_owned(), json!(r))));
    external.extend(user.email.as_ref().map(|email| ("email".to_owned(), json!(email))));
    external.extend(user.phone.as_ref().map(|phone| ("phone".to_owned(), json!(phone))));
    if !user.metadata.is_empty() {
        external.insert("metadata".to_owned(), json!(user.metadata));
    }
    if session.door == Door::Ivy && !external.is_empty() {
        set("externalUser", Value::Object(external));
    }
    set("permissions", json!(given(&session.asked)));
    body
}

fn prefill(session: &Session) -> Value {
    let request = session.request.expose();
    let mut prefill = Map::new();
    prefill.extend(request.bank.as_ref().map(|bank| ("bankId".to_owned(), json!(bank))));
    prefill.extend(request.prefill_email.as_ref().map(|e| ("email".to_owned(), json!(e))));
    Value::Object(prefill)
}

/// What was asked for, in Ivy's words. Sessions of the other contracts appear in a list with what
/// the person agreed to there and no more: a comparison hands nothing over.
fn given(asked: &Asked) -> Vec<Permission> {
    match asked {
        Asked::Permissions(permissions) => permissions.clone(),
        Asked::Scopes(_) | Asked::Ownership => Vec::new(),
    }
}

/// What may be shown of the evidence.
fn shown(approved: &Asked) -> Shown {
    match approved {
        Asked::Permissions(given) => {
            let identity = given.contains(&Permission::Identity);
            let money = [Permission::Balances, Permission::Transactions];
            let accounts = identity || given.iter().any(|permission| money.contains(permission));
            Shown { name: identity, birth_date: identity, accounts }
        }
        Asked::Scopes(scopes) => Shown {
            name: scopes.contains(&Scope::Names),
            birth_date: scopes.contains(&Scope::Birthdate),
            accounts: scopes.contains(&Scope::BankAccount),
        },
        Asked::Ownership => Shown { name: false, birth_date: false, accounts: false },
    }
}

struct Shown {
    name: bool,
    birth_date: bool,
    accounts: bool,
}

fn data(evidence: &Evidence, approved: &Asked) -> Value {
    let shown = shown(approved);
    let mut data = Map::new();
    data.insert("bankName".to_owned(), json!(evidence.identity.bank_name));
    if shown.name || shown.birth_date {
        let name = evidence.holder_names().first().map(|name| (*name).to_owned());
        // Of the same holder: a joint account may state only the other holder's.
        let birth_date = evidence.first_party().and_then(|party| party.birth_date);
        let name = name.filter(|_| shown.name);
        let birth_date = birth_date.filter(|_| shown.birth_date);
        data.insert("identity".to_owned(), json!({ "name": name, "dateOfBirth": birth_date }));
    }
    let accounts = evidence.identity.accounts.iter().filter(|_| shown.accounts);
    data.insert("accounts".to_owned(), accounts.map(account).collect());
    Value::Object(data)
}

/// The contract knows two kinds; everything that is not for saving is the other one.
fn account(account: &Account) -> Value {
    let kind = match account.kind {
        AccountKind::Saving => "saving",
        _ => "checking",
    };
    json!({
        "name": account.name,
        "identifier": {
            "iban": { "iban": account.iban, "bban": account.domestic_number(), "bic": account.bic }
        },
        "type": kind,
    })
}
