//! From what is stored to what is exported, member by member.

use model::claim::{Claim, ClaimedAddress};
use model::decision::Decision;
use model::event::Event;
use model::evidence::{Account, Evidence, Party, PostalAddress};
use model::person::Known;
use model::request::{Asked, BankChoice, SessionRequest};
use model::session::{Door, Session, State, Status, Step};
use model::statement::{Balance, BalanceKind, Booking, Extent, Statement};
use model::tenant::MatchingPolicy;
use model::visit::Browser;
use serde_json::Value;

use super::{
    ExportedAccount, ExportedAddress, ExportedBalance, ExportedClaim, ExportedEvent,
    ExportedEvidence, ExportedHeld, ExportedHolder, ExportedPerson, ExportedRequest,
    ExportedSession, ExportedStatement, ExportedTransaction, ExportedVisit, time,
};
use crate::decision;

/// One session of an export with what stands beside it.
#[must_use]
pub fn session(
    session: &Session,
    status: Status,
    policy: &MatchingPolicy,
    statement: Option<&Statement>,
    events: &[Event],
) -> ExportedSession {
    let completion = session.completion();
    let readable = completion.filter(|completion| completion.revoked_at.is_none());
    ExportedSession {
        id: session.id.to_string(),
        number: session.number,
        contract: match session.door {
            Door::Ivy => "ivy",
            Door::Pentadata => "pentadata",
            Door::Didit => "didit",
        },
        status: status.as_str(),
        person_id: session.person.map(model::ids::PersonId::get),
        asked: asked(&session.asked),
        market: session.market.as_str().to_owned(),
        locale: session.locale.map(model::locale::Locale::as_str),
        created_at: time(session.created_at),
        updated_at: time(session.updated_at),
        expires_at: time(session.expires_at),
        request: request(session.request.expose()),
        visit: visit(&session.state),
        evidence: readable.map(|completion| evidence(completion.evidence.expose())),
        decision: completion
            .and_then(|done| done.decision.as_ref())
            .map(|decision| shape(decision, policy)),
        revoked_at: completion.and_then(|completion| completion.revoked_at).map(time),
        statement: statement.map(statement_of),
        events: events.iter().map(event).collect(),
    }
}

/// One person of an export.
#[must_use]
pub fn person(known: &Known, policy: &MatchingPolicy) -> ExportedPerson {
    let details = known.person.details.expose();
    let held = |held: &model::person::HeldEvidence| ExportedHeld {
        evidence: evidence(held.evidence.expose()),
        decision: held.decided.as_ref().map(|(_, decided)| shape(decided, policy)),
    };
    ExportedPerson {
        id: known.person.id.get(),
        email: details.email.as_str().to_owned(),
        first_name: details.first_name.clone(),
        last_name: details.last_name.clone(),
        consent: details.consent,
        last_opt_in: details.last_opt_in.to_string(),
        created_at: time(known.person.created_at),
        evidence: known.evidence.iter().map(held).collect(),
    }
}

fn asked(asked: &Asked) -> Vec<&'static str> {
    match asked {
        Asked::Permissions(given) => given.iter().map(|permission| permission.as_str()).collect(),
        Asked::Scopes(given) => given.iter().map(|scope| scope.as_str()).collect(),
        Asked::Ownership => vec!["ownership"],
    }
}

/// The decision as everywhere.
fn shape(decision: &Decision, policy: &MatchingPolicy) -> Value {
    serde_json::json!(decision::shape(decision, policy))
}

fn request(request: &SessionRequest) -> ExportedRequest {
    let user = &request.external_user;
    let url = |url: &Option<model::callback_url::CallbackUrl>| {
        url.as_ref().map(|url| url.as_url().to_string())
    };
    ExportedRequest {
        reference: request.reference.as_ref().map(|text| text.as_str().to_owned()),
        user_reference: user.reference.as_ref().map(|text| text.as_str().to_owned()),
        user_email: user.email.as_ref().map(|text| text.as_str().to_owned()),
        user_phone: user.phone.as_ref().map(|text| text.as_str().to_owned()),
        user_metadata: user.metadata.clone(),
        claim: request.claim.as_ref().map(claim),
        vendor_data: request.vendor_data.clone(),
        display_id: request.display_id.clone(),
        metadata: request.metadata.clone(),
        success_url: url(&request.success_url),
        error_url: url(&request.error_url),
        result_url: url(&request.result_url),
        bank: request.bank.as_ref().map(ToString::to_string),
        prefill_email: request.prefill_email.clone(),
        may_choose_bank: request.bank_choice == BankChoice::Free,
    }
}

fn claim(claim: &Claim) -> ExportedClaim {
    ExportedClaim {
        name: claim.name.clone(),
        address: claim.address.as_ref().map(|address| match address {
            ClaimedAddress::Unstructured(line) => Value::String(line.clone()),
            ClaimedAddress::Structured(parts) => serde_json::json!(postal(parts)),
        }),
        birth_date: claim.birth_date.map(|date| date.to_string()),
        iban: claim.iban.clone(),
    }
}

fn visit(state: &State) -> Option<ExportedVisit> {
    let (bank, browser, started_at) = match state {
        State::AtBank { bank, visit, .. } => (bank, &visit.browser, Some(visit.started_at)),
        State::Processing { bank, step, .. } => match step {
            Step::Answered { visit, .. } | Step::Exchanging { visit, .. } => {
                (bank, &visit.browser, Some(visit.started_at))
            }
            Step::Granted { grant, .. } => (bank, &grant.browser, None),
        },
        _ => return None,
    };
    let Browser { ip, user_agent } = browser.expose();
    Some(ExportedVisit {
        bank: bank.to_string(),
        ip_address: Some(ip.to_string()),
        user_agent: user_agent.clone(),
        started_at: started_at.map(time),
    })
}

fn evidence(evidence: &Evidence) -> ExportedEvidence {
    let holder = |party: &Party| ExportedHolder {
        name: party.name.clone(),
        birth_date: party.birth_date.map(|date| date.to_string()),
        address: party.address.as_ref().map(postal),
        email: party.email.clone(),
        phone: party.phone.clone(),
    };
    let account = |account: &Account| ExportedAccount {
        id: account.resource_id.clone(),
        name: account.name.clone(),
        holder: account.owner_name.clone(),
        iban: account.iban.clone(),
        bban: account.bban.clone(),
        bic: account.bic.clone(),
        currency: account.currency.clone(),
    };
    ExportedEvidence {
        session: evidence.session.to_string(),
        bank: evidence.bank.to_string(),
        bank_name: evidence.identity.bank_name.clone(),
        fetched_at: time(evidence.fetched_at),
        holders: evidence.identity.parties.iter().map(holder).collect(),
        accounts: evidence.identity.accounts.iter().map(account).collect(),
    }
}

fn postal(address: &PostalAddress) -> ExportedAddress {
    ExportedAddress {
        line1: address.line1.clone(),
        line2: address.line2.clone(),
        city: address.city.clone(),
        postal_code: address.postal_code.clone(),
        region: address.region.clone(),
        country: address.country.clone(),
    }
}

fn statement_of(statement: &Statement) -> ExportedStatement {
    let balance = |balance: &Balance| ExportedBalance {
        account: balance.account.clone(),
        kind: match balance.kind {
            BalanceKind::Booked => "booked",
            BalanceKind::Available => "available",
            BalanceKind::Other => "other",
        },
        amount: balance.amount.as_str().to_owned(),
        currency: balance.currency.clone(),
        stated_at: balance.stated_at.map(time),
    };
    let transaction = |booking: &Booking| ExportedTransaction {
        id: booking.id.clone(),
        account: booking.account.clone(),
        amount: booking.amount.as_str().to_owned(),
        currency: booking.currency.clone(),
        booked_on: booking.booked_on.to_string(),
        counterparty: booking.counterparty.clone(),
        description: booking.description.clone(),
    };
    ExportedStatement {
        fetched_at: time(statement.fetched_at),
        balances: statement.balances.iter().map(balance).collect(),
        transactions: statement.bookings.iter().map(transaction).collect(),
        truncated: statement.extent == Extent::Cut,
    }
}

fn event(event: &Event) -> ExportedEvent {
    ExportedEvent {
        id: event.id.to_string(),
        kind: event.kind.as_str(),
        occurred_at: time(event.occurred_at),
    }
}
