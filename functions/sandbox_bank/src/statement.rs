//! Balances and transactions of a customer: invented, and the same for the same account and day.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use runtime::{Problem, Reading as _, Request, Response, json, store_problem};
use serde_json::{Value, json as object};

use crate::accounts::{self, Allowed};
use crate::persona::{Persona, Trigger};
use crate::token::Token;
use crate::{Sandbox, refuse};

/// How many bookings the bank puts on a page.
const PAGE: usize = 25;
/// The furthest back the bank answers, in days.
const HISTORY_DAYS_MAX: i64 = 400;

/// The account of the customer that has this id.
fn account<'a>(persona: &'a Persona, id: &str) -> Option<(usize, &'a crate::persona::Account)> {
    let found = persona.accounts.iter().enumerate();
    found.into_iter().find(|(n, _)| accounts::resource_id(persona, *n) == id)
}

/// A number that looks drawn and is the same each time (FNV-1a, finished by a multiplication).
fn drawn(parts: &[&str]) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0]));
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (hash ^ (hash >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 11
}

/// Cents as the dialect writes them: digits, a point, two decimals.
fn money(cents: i64, currency: &str) -> Value {
    let sign = if cents < 0 { "-" } else { "" };
    let (whole, rest) = (cents.unsigned_abs() / 100, cents.unsigned_abs() % 100);
    object!({ "currency": currency, "amount": format!("{sign}{whole}.{rest:02}") })
}

/// `GET /v1/accounts/{id}/balances`
pub(crate) async fn balances(
    sandbox: &Sandbox,
    id: &str,
    request: &Request,
) -> Result<Response, Problem> {
    let allowed = match accounts::allowed(sandbox, request).await? {
        Ok(allowed) => allowed,
        Err(refusal) => return Ok(refusal),
    };
    if !allowed.consent.is_for("balances") {
        return Ok(refuse(401, "CONSENT_INVALID", "the consent is not for balances"));
    }
    let Allowed { token, key, version, persona, .. } = allowed;
    let Some((_, account)) = account(persona, id) else {
        return Ok(refuse(404, "RESOURCE_UNKNOWN", "there is no such account"));
    };
    if Trigger::of(&token.user) == Some(Trigger::BalancesFailOnce) {
        let first = token.balance_reads == 0;
        let read = Token { balance_reads: token.balance_reads + 1, ..token };
        sandbox.write(&key, &read, Some(version)).await.map_err(store_problem)?;
        if first {
            return Ok(refuse(500, "INTERNAL_SERVER_ERROR", "the bank is broken"));
        }
    }
    let booked = i64::try_from(drawn(&[&account.iban, "balance"]) % 900_000).unwrap_or(0) + 1_000;
    let reserved = i64::try_from(drawn(&[&account.iban, "reserved"]) % 900).unwrap_or(0);
    let at = sandbox.now().checked_sub(SignedDuration::from_mins(5)).unwrap_or(sandbox.now());
    let balance = |kind: &str, cents: i64| {
        object!({
            "balanceType": kind,
            "balanceAmount": money(cents, &account.currency),
            "lastChangeDateTime": format!("{at:.0}"),
        })
    };
    let balances = [
        balance("closingBooked", booked),
        balance("expected", booked - 2 * reserved),
        balance("interimAvailable", booked - reserved),
    ];
    Ok(json(200, &object!({ "account": { "iban": account.iban }, "balances": balances })))
}

/// `GET /v1/accounts/{id}/transactions?dateFrom=…&bookingStatus=booked`, newest first.
pub(crate) async fn transactions(
    sandbox: &Sandbox,
    bank: &str,
    id: &str,
    request: &Request,
) -> Result<Response, Problem> {
    let allowed = match accounts::allowed(sandbox, request).await? {
        Ok(allowed) => allowed,
        Err(refusal) => return Ok(refusal),
    };
    if !allowed.consent.is_for("transactions") {
        return Ok(refuse(401, "CONSENT_INVALID", "the consent is not for transactions"));
    }
    let Some((_, account)) = account(allowed.persona, id) else {
        return Ok(refuse(404, "RESOURCE_UNKNOWN", "there is no such account"));
    };
    let query = request.query();
    let get = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| &**value);
    let from = get("dateFrom").and_then(|text| text.parse::<Date>().ok());
    let (Some(from), Some("booked")) = (from, get("bookingStatus")) else {
        let text = "dateFrom must be a day, and bookingStatus must be booked";
        return Ok(refuse(400, "FORMAT_ERROR", text));
    };
    let page = get("page").and_then(|page| page.parse::<usize>().ok()).unwrap_or(0);
    let all = bookings(account, from, sandbox.now());
    let shown: Vec<&Value> = all.iter().skip(page.saturating_mul(PAGE)).take(PAGE).collect();
    let base = format!("{}/v1/accounts/{id}", sandbox.issuer(bank));
    let mut links = object!({ "account": { "href": base } });
    if all.len() > page.saturating_add(1).saturating_mul(PAGE) {
        let next = page + 1;
        let href = format!("{base}/transactions?dateFrom={from}&bookingStatus=booked&page={next}");
        links["next"] = object!({ "href": href });
    }
    let report = object!({ "booked": shown, "_links": links });
    Ok(json(200, &object!({ "account": { "iban": account.iban }, "transactions": report })))
}

fn bookings(account: &crate::persona::Account, from: Date, now: Timestamp) -> Vec<Value> {
    let mut day = now.to_zoned_datetime(TimeZone::UTC).date();
    let oldest = day.checked_sub(HISTORY_DAYS_MAX.days()).unwrap_or(from).max(from);
    let mut bookings = Vec::new();
    while day >= oldest {
        bookings.extend(booked_on(account, day));
        let Ok(before) = day.yesterday() else { break };
        day = before;
    }
    bookings
}

/// Wages on the 28th, rent on the first, and a purchase on most other days.
fn booked_on(account: &crate::persona::Account, day: Date) -> Option<Value> {
    let text = day.to_string();
    let n = drawn(&[&account.iban, &text]);
    let some = |least: i64, most: u64| least + i64::try_from(n % most).unwrap_or(0);
    let (cents, party, purpose) = match (day.day(), n % 7) {
        (28, _) => (some(180_000, 90_000), "Musterwerke GmbH", "Wages"),
        (1, _) => (-some(60_000, 40_000), "Hausverwaltung Beispiel", "Rent"),
        (_, 0 | 1) => (-some(250, 6_000), "Corner Shop", "Groceries"),
        (_, 2) => (-some(900, 2_500), "City Transit", "Monthly ticket"),
        (_, 3) => (some(500, 5_000), "A Friend", "Thank you"),
        (_, 4) => (-some(400, 3_000), "Café Zentral", "Card payment"),
        _ => return None,
    };
    let mut row = object!({
        "transactionId": format!("{text}-{:08x}", n & 0xffff_ffff),
        "bookingDate": text,
        "valueDate": text,
        "transactionAmount": money(cents, &account.currency),
        "remittanceInformationUnstructured": purpose,
    });
    let member = if cents < 0 { "creditorName" } else { "debtorName" };
    row[member] = object!(party);
    Some(row)
}
