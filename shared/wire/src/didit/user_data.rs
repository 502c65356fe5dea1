//! The data of a person by scope: what was asked for, approved, and stated by a bank.

use jiff::civil::Date;
use model::evidence::{self, AccountKind, Evidence, PostalAddress};
use model::request::{Asked, Scope};
use model::session::{Completion, Session};
use schemars::JsonSchema;
use serde::Serialize;

use crate::shape::{Day, SubjectIdText};

/// One member for each scope that was asked for, approved and could be had. `is_verified` is true
/// only of what the bank itself stated, and nothing else stands here.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[schemars(rename = "UserData")]
pub(super) struct UserData<'a> {
    /// The person, stable for the tenant.
    #[schemars(with = "SubjectIdText")]
    sub: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    names: Option<Names>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<Email<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<Phone<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    birthdate: Option<Birthdate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<Address<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bank_account: Option<BankAccount<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<SubjectIdText>")]
    user_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_verified: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_over_18: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_over_21: Option<bool>,
}

#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "UserNames")]
struct Names {
    first_name: String,
    family_name: String,
    full_name: String,
    is_verified: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "UserEmail")]
struct Email<'a> {
    email: &'a str,
    is_verified: bool,
    is_primary: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "UserPhone")]
struct Phone<'a> {
    phone_number: &'a str,
    is_verified: bool,
    is_primary: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "UserBirthdate")]
struct Birthdate {
    #[schemars(with = "Day")]
    date: String,
    is_verified: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "UserAddress")]
struct Address<'a> {
    line1: Option<&'a str>,
    line2: Option<&'a str>,
    city: Option<&'a str>,
    postal_code: Option<&'a str>,
    region: Option<&'a str>,
    country: Option<&'a str>,
    /// Everything in one line.
    formatted: String,
    is_verified: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "UserBankAccount")]
struct BankAccount<'a> {
    bank_name: &'a str,
    iban: Option<&'a str>,
    bban: Option<String>,
    bic: Option<&'a str>,
    #[serde(rename = "type")]
    kind: Kind,
    is_verified: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum Kind {
    Checking,
    Saving,
    Card,
    Loan,
    Other,
}

/// What was approved and could be had, and the scopes it came under.
pub(super) fn user_data<'a>(
    session: &Session,
    completion: &'a Completion,
    today: Date,
) -> (Vec<Scope>, UserData<'a>) {
    let approved = match &completion.approved {
        Asked::Scopes(scopes) => scopes.as_slice(),
        Asked::Permissions(_) | Asked::Ownership => &[],
    };
    let sub = session.subject.to_string();
    let mut data = UserData { sub, ..UserData::default() };
    let evidence = completion.evidence.expose();
    let had = approved.iter().copied().filter(|scope| data.take(*scope, evidence, today));
    (had.collect(), data)
}

impl<'a> UserData<'a> {
    /// Takes over one scope's value; `false` where no bank stated it. Nothing is ever made up.
    fn take(&mut self, scope: Scope, evidence: &'a Evidence, today: Date) -> bool {
        let party = evidence.first_party();
        let birth_date = party.and_then(|party| party.birth_date);
        let at_least = |years: i16| birth_date.map(|date| is_of_age(date, years, today));
        match scope {
            Scope::Names => {
                self.names = evidence.holder_names().first().map(|name| names(name));
                self.names.is_some()
            }
            Scope::Email => {
                let email = party.and_then(|party| party.email.as_deref());
                self.email =
                    email.map(|email| Email { email, is_verified: true, is_primary: true });
                self.email.is_some()
            }
            Scope::Phone => {
                let number = party.and_then(|party| party.phone.as_deref());
                self.phone = number.map(|phone_number| Phone {
                    phone_number,
                    is_verified: true,
                    is_primary: true,
                });
                self.phone.is_some()
            }
            Scope::Birthdate => {
                let date = birth_date.map(|date| date.to_string());
                self.birthdate = date.map(|date| Birthdate { date, is_verified: true });
                self.birthdate.is_some()
            }
            Scope::Address => {
                self.address = party.and_then(|party| party.address.as_ref()).map(address);
                self.address.is_some()
            }
            Scope::BankAccount => {
                let account = evidence.identity.accounts.first();
                self.bank_account = account.map(|account| bank_account(evidence, account));
                self.bank_account.is_some()
            }
            Scope::UserId => {
                self.user_id = Some(self.sub.clone());
                true
            }
            Scope::IsVerified => {
                self.is_verified = party.map(|_| true);
                self.is_verified.is_some()
            }
            Scope::IsOver18 => {
                self.is_over_18 = at_least(18);
                self.is_over_18.is_some()
            }
            Scope::IsOver21 => {
                self.is_over_21 = at_least(21);
                self.is_over_21.is_some()
            }
            Scope::Picture
            | Scope::Pictures
            | Scope::Gender
            | Scope::DocumentDetail
            | Scope::Preferences => false,
        }
    }
}

/// A bank gives one string. The last word is the family name, with the small words before it (van
/// den Berg), unless a comma says otherwise.
fn names(full: &str) -> Names {
    let full = full.split_whitespace().collect::<Vec<_>>().join(" ");
    let (first, family) = match full.split_once(',') {
        Some((family, first)) => (first.trim(), family.trim()),
        None => full.split_at(family_start(&full)),
    };
    let (first_name, family_name) = (first.trim_end().to_owned(), family.to_owned());
    Names { first_name, family_name, full_name: full, is_verified: true }
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

fn address(address: &PostalAddress) -> Address<'_> {
    let PostalAddress { line1, line2, city, postal_code, region, country } = address;
    let town = [postal_code, city].into_iter().flatten().cloned().collect::<Vec<_>>().join(" ");
    let parts = [line1.clone(), line2.clone(), Some(town), region.clone(), country.clone()];
    let parts: Vec<String> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    Address {
        line1: line1.as_deref(),
        line2: line2.as_deref(),
        city: city.as_deref(),
        postal_code: postal_code.as_deref(),
        region: region.as_deref(),
        country: country.as_deref(),
        formatted: parts.join(", "),
        is_verified: true,
    }
}

fn bank_account<'a>(evidence: &'a Evidence, account: &'a evidence::Account) -> BankAccount<'a> {
    BankAccount {
        bank_name: &evidence.identity.bank_name,
        iban: account.iban.as_deref(),
        bban: account.domestic_number(),
        bic: account.bic.as_deref(),
        kind: match account.kind {
            AccountKind::Checking => Kind::Checking,
            AccountKind::Saving => Kind::Saving,
            AccountKind::Card => Kind::Card,
            AccountKind::Loan => Kind::Loan,
            AccountKind::Other => Kind::Other,
        },
        is_verified: true,
    }
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
            assert_eq!((&*names.first_name, &*names.family_name), (first, family), "{full}");
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
