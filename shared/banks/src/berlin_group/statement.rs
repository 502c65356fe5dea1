//! Balances and bookings: requests built and answers read; no IO.
//! Source: XS2A Framework Implementation Guidelines 1.3.16, sections 6.5 and 6.6.

use jiff::Timestamp;
use jiff::civil::Date;
use model::statement::{Amount, Balance, BalanceKind, Booking};
use serde::Deserialize;
use url::Url;

use super::messages::{cut, read, unreadable};
use crate::Answer;
use crate::connector::BankError;

/// The most accounts whose balances and bookings are read in one visit.
pub(crate) const ACCOUNTS_MAX: usize = 10;
/// The most pages of bookings that are read of one account.
pub(super) const PAGES_MAX: usize = 20;
/// The most balances that a bank states of one account.
const BALANCES_MAX: usize = 20;
/// The most bookings on one page.
const PAGE_BOOKINGS_MAX: usize = 1_000;

/// A page of bookings.
pub(crate) struct Page {
    pub(crate) bookings: Vec<Booking>,
    /// Where the next page is, as the bank writes it.
    pub(crate) next: Option<String>,
}

/// The account's id is the bank's own text: it becomes one segment of the path, whatever it holds.
fn below(base: &Url, account: &str, what: &str) -> Result<Url, BankError> {
    if matches!(account, "." | "..") {
        return Err(unreadable("account id"));
    }
    let mut url = base.join("v1/accounts").map_err(|_| unreadable("base URL"))?;
    let mut path = url.path_segments_mut().map_err(|()| unreadable("base URL"))?;
    path.push(account).push(what);
    drop(path);
    Ok(url)
}

pub(super) fn balances_url(base: &Url, account: &str) -> Result<Url, BankError> {
    below(base, account, "balances")
}

pub(super) fn transactions_url(base: &Url, account: &str, since: Date) -> Result<Url, BankError> {
    let mut url = below(base, account, "transactions")?;
    url.query_pairs_mut()
        .append_pair("dateFrom", &since.to_string())
        .append_pair("bookingStatus", "booked");
    Ok(url)
}

#[derive(Deserialize)]
struct Money {
    currency: String,
    amount: Amount,
}

/// ISO 4217 codes are three letters; anything else is not a currency.
fn currency(code: String) -> Result<String, BankError> {
    let plain = code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase());
    if plain { Ok(code) } else { Err(unreadable("currency")) }
}

pub(crate) fn read_balances(answer: &Answer, account: &str) -> Result<Vec<Balance>, BankError> {
    #[derive(Deserialize)]
    struct Body {
        balances: Vec<Row>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Row {
        balance_type: String,
        balance_amount: Money,
        last_change_date_time: Option<Timestamp>,
    }
    let body: Body = read(answer, "balances")?;
    if body.balances.len() > BALANCES_MAX {
        return Err(unreadable("too many balances"));
    }
    let balance = |row: Row| {
        Ok(Balance {
            account: account.to_owned(),
            kind: BalanceKind::from_berlin_group(&row.balance_type),
            amount: row.balance_amount.amount,
            currency: currency(row.balance_amount.currency)?,
            stated_at: row.last_change_date_time,
        })
    };
    body.balances.into_iter().map(balance).collect()
}

/// `before` bookings were on the pages before: a booking without an id is named by its place.
pub(crate) fn read_transactions(
    answer: &Answer,
    account: &str,
    before: usize,
) -> Result<Page, BankError> {
    #[derive(Deserialize)]
    struct Body {
        transactions: Report,
    }
    #[derive(Deserialize)]
    struct Report {
        #[serde(default)]
        booked: Vec<Row>,
        #[serde(default, rename = "_links")]
        links: Links,
    }
    #[derive(Default, Deserialize)]
    struct Links {
        next: Option<Href>,
    }
    #[derive(Deserialize)]
    struct Href {
        href: String,
    }
    let body: Body = read(answer, "transactions")?;
    let report = body.transactions;
    if report.booked.len() > PAGE_BOOKINGS_MAX {
        return Err(unreadable("too many transactions"));
    }
    let rows = report.booked.into_iter().enumerate();
    let bookings =
        rows.map(|(n, row)| row.booking(account, before + n)).collect::<Result<_, _>>()?;
    Ok(Page { bookings, next: report.links.next.map(|next| next.href) })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    transaction_id: Option<String>,
    entry_reference: Option<String>,
    booking_date: Option<Date>,
    value_date: Option<Date>,
    transaction_amount: Money,
    creditor_name: Option<String>,
    debtor_name: Option<String>,
    remittance_information_unstructured: Option<String>,
}

impl Row {
    fn booking(self, account: &str, place: usize) -> Result<Booking, BankError> {
        let amount = self.transaction_amount.amount;
        let booked_on = self.booking_date.or(self.value_date);
        let (named_first, named_else) = if amount.is_negative() {
            (self.creditor_name, self.debtor_name)
        } else {
            (self.debtor_name, self.creditor_name)
        };
        let text = |text: Option<String>| {
            text.map(|text| cut(text.trim())).filter(|text| !text.is_empty())
        };
        let id = text(self.transaction_id).or(text(self.entry_reference));
        Ok(Booking {
            id: id.unwrap_or_else(|| format!("{account}/{place}")),
            account: account.to_owned(),
            amount,
            currency: currency(self.transaction_amount.currency)?,
            booked_on: booked_on.ok_or_else(|| unreadable("a booking without a day"))?,
            counterparty: text(named_first).or(text(named_else)),
            description: text(self.remittance_information_unstructured),
        })
    }
}
