//! A session in Ivy's shape.

use model::evidence::{self, AccountKind, Evidence};
use model::request::{Asked, BankChoice, Permission, Scope};
use model::session::{Door, Session, Status};
use model::tenant::MatchingPolicy;

use super::session::{
    AccountShape, Data, Details, IbanShape, Identifier, Identity, KindShape, List, Listed, Opened,
    PermissionShape, Prefill, SessionShape, StatusShape, UserShape,
};
use crate::decision;

/// Ivy's name for a status.
#[must_use]
pub const fn status(status: Status) -> StatusShape {
    match status {
        Status::Open => StatusShape::Open,
        Status::Started => StatusShape::Started,
        Status::AtBank | Status::Processing => StatusShape::Pending,
        Status::Complete => StatusShape::Complete,
        Status::Failed | Status::Cancelled => StatusShape::Failed,
        Status::Expired => StatusShape::Expired,
    }
}

/// Answers create: the session with its link.
#[must_use]
pub fn opened<'a>(session: &'a Session, link: &'a str) -> Opened<'a> {
    Opened {
        id: session.id.to_string(),
        redirect_url: link,
        session: SessionShape {
            updated_at: session.created_at.as_second(),
            ..members(session, Status::Open)
        },
        available_markets: [session.market.as_str()],
    }
}

/// Answers details.
#[must_use]
pub fn details<'a>(session: &'a Session, status: Status, policy: &MatchingPolicy) -> Details<'a> {
    let kept = session.completion().filter(|done| done.revoked_at.is_none());
    Details {
        id: session.id.to_string(),
        session: members(session, status),
        data: kept.map(|done| data(done.evidence.expose(), &done.approved)),
        match_result: kept
            .and_then(|done| done.decision.as_ref())
            .map(|decision| decision::shape(decision, policy)),
    }
}

/// Answers list: complete sessions, newest first.
#[must_use]
pub fn list<'a>(sessions: &'a [Session], cursor: Option<&'a str>) -> List<'a> {
    let element = |session: &'a Session| {
        let completion = session.completion();
        Listed {
            id: session.id.to_string(),
            reference_id: session.request.expose().reference.as_ref().map(|r| r.as_str()),
            status: StatusShape::Complete,
            data: completion.map(|done| data(done.evidence.expose(), &done.approved)),
        }
    };
    let data_sessions: Vec<_> = sessions.iter().map(element).collect();
    List { count: data_sessions.len(), data_sessions, has_next: cursor.is_some(), cursor }
}

fn members(session: &Session, at: Status) -> SessionShape<'_> {
    let request = session.request.expose();
    SessionShape {
        reference_id: request.reference.as_ref().map(|reference| reference.as_str()),
        display_id: request.display_id.as_deref(),
        merchant_id: session.tenant.to_string(),
        status: status(at),
        created_at: session.created_at.as_second(),
        updated_at: session.updated_at.as_second(),
        expires_at: session.expires_at.as_second(),
        market: session.market.as_str(),
        locale: session.locale.map(model::locale::Locale::as_str),
        metadata: &request.metadata,
        prefill: Prefill {
            bank_id: request.bank.as_ref().map(|bank| bank.as_str()),
            email: request.prefill_email.as_deref(),
        },
        disable_bank_selection: request.bank_choice == BankChoice::Fixed,
        success_callback_url: request.success_url.as_ref().map(|url| url.as_url().as_str()),
        error_callback_url: request.error_url.as_ref().map(|url| url.as_url().as_str()),
        external_user: external_user(session),
        permissions: given(&session.asked),
    }
}

/// The user, where the session came through this contract and names one.
fn external_user(session: &Session) -> Option<UserShape<'_>> {
    let user = &session.request.expose().external_user;
    let named = user.subject_key().is_some() || !user.metadata.is_empty();
    (session.door == Door::Ivy && named).then(|| UserShape {
        reference_id: user.reference.as_ref().map(|reference| reference.as_str()),
        email: user.email.as_ref().map(|email| email.as_str()),
        phone: user.phone.as_ref().map(|phone| phone.as_str()),
        metadata: Some(&user.metadata).filter(|pairs| !pairs.is_empty()),
    })
}

/// What was asked for, in Ivy's words. Sessions of the other contracts appear in a list with what
/// the person agreed to there and no more: a comparison hands nothing over.
fn given(asked: &Asked) -> Vec<PermissionShape> {
    let word = |permission: &Permission| match permission {
        Permission::Identity => PermissionShape::Identity,
        Permission::Balances => PermissionShape::Balances,
        Permission::Transactions => PermissionShape::Transactions,
        Permission::MatchIdentity => PermissionShape::MatchIdentity,
    };
    match asked {
        Asked::Permissions(permissions) => permissions.iter().map(word).collect(),
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

fn data<'a>(evidence: &'a Evidence, approved: &Asked) -> Data<'a> {
    let shown = shown(approved);
    let name = evidence.holder_names().first().copied();
    // Of the same holder: a joint account may state only the other holder's.
    let birth_date = evidence.first_party().and_then(|party| party.birth_date);
    let accounts = evidence.identity.accounts.iter().filter(|_| shown.accounts);
    Data {
        bank_name: &evidence.identity.bank_name,
        identity: (shown.name || shown.birth_date).then(|| Identity {
            name: name.filter(|_| shown.name),
            date_of_birth: birth_date.filter(|_| shown.birth_date).map(|date| date.to_string()),
        }),
        accounts: accounts.map(account).collect(),
    }
}

/// The contract knows two kinds; everything that is not for saving is the other one.
fn account(account: &evidence::Account) -> AccountShape<'_> {
    AccountShape {
        name: account.name.as_deref(),
        identifier: Identifier {
            iban: IbanShape {
                iban: account.iban.as_deref(),
                bban: account.domestic_number(),
                bic: account.bic.as_deref(),
            },
        },
        kind: match account.kind {
            AccountKind::Saving => KindShape::Saving,
            _ => KindShape::Checking,
        },
    }
}
