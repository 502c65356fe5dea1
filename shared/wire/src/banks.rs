//! Banks as the contracts list them.

use schemars::JsonSchema;
use serde::Serialize;

use crate::json::Members;
use crate::problem::Problem;
use crate::shape::{PlainText, UuidText};

/// The most banks in one answer, and how many there are without a `limit`.
pub const LIMIT_MAX: i64 = 100;
const SKIP_MAX: i64 = 100_000;

/// A bank, as far as a client is told.
#[derive(Debug, Clone, Copy)]
pub struct BankEntry<'a> {
    /// Slug.
    pub id: &'a str,
    /// Name.
    pub name: &'a str,
    /// Where its picture is.
    pub logo: Option<&'a str>,
    /// Its page.
    pub url: Option<&'a str>,
    /// The family it belongs to.
    pub group: Option<&'a str>,
    /// Countries.
    pub markets: &'a [String],
    /// ISO 4217 codes.
    pub currencies: &'a [String],
    /// Whether it is offered first in its markets.
    pub default: bool,
    /// Whether it is a sandbox.
    pub test: bool,
    /// What it can be used for.
    pub capabilities: &'a [String],
}

/// Which banks are asked for.
pub struct Listing<'a> {
    /// Words that the name begins its words with, or a BIC.
    pub search: &'a str,
    /// What the banks must be.
    pub filter: Filter<'a>,
    /// The session whose market's banks come first.
    pub session: Option<&'a str>,
    /// Which stretch of the list.
    pub window: Window,
}

/// What banks must be; what is not given does not matter.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter<'a> {
    /// Usable for this.
    pub capability: Option<&'a str>,
    /// Holding accounts in this currency.
    pub currency: Option<&'a str>,
    /// Of this family.
    pub group: Option<&'a str>,
    /// In this country.
    pub market: Option<&'a str>,
}

impl Filter<'_> {
    /// Whether a bank is so.
    #[must_use]
    pub fn fits(&self, bank: &BankEntry<'_>) -> bool {
        let among = |wanted: Option<&str>, held: &[String]| {
            wanted.is_none_or(|wanted| held.iter().any(|one| one.eq_ignore_ascii_case(wanted)))
        };
        among(self.capability, bank.capabilities)
            && among(self.currency, bank.currencies)
            && among(self.market, bank.markets)
            && self.group.is_none_or(|group| bank.group == Some(group))
    }
}

/// A stretch of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// How many are left out.
    pub skip: usize,
    /// How many there are at most.
    pub limit: usize,
}

impl Window {
    fn read(members: &Members, skip: &str) -> Result<Self, Problem> {
        let size = |number: Option<i64>, otherwise| {
            number.and_then(|number| usize::try_from(number).ok()).unwrap_or(otherwise)
        };
        Ok(Self {
            skip: size(members.integer(skip, 0..=SKIP_MAX)?, 0),
            limit: size(members.integer("limit", 1..=LIMIT_MAX)?, 100),
        })
    }

    /// The stretch of `all`.
    pub fn of<T>(&self, all: Vec<T>) -> Vec<T> {
        all.into_iter().skip(self.skip).take(self.limit).collect()
    }
}

/// The body of `banks/list` and `banks/search`; none is as good as an empty one.
#[derive(JsonSchema)]
#[schemars(rename = "BanksRequest", rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the body; it is read by `listing`")]
pub struct BanksRequest {
    /// Only banks usable for this: `ais`, reading accounts.
    #[schemars(with = "Option<PlainText>")]
    capability: Option<String>,
    /// Only banks with accounts in this currency, an ISO 4217 code.
    #[schemars(with = "Option<PlainText>")]
    currency: Option<String>,
    /// Only banks of this family.
    #[schemars(with = "Option<PlainText>")]
    group: Option<String>,
    /// The most banks to answer with.
    #[schemars(range(min = 1, max = 100))]
    limit: Option<i64>,
    /// Only banks of this country, an ISO 3166-1 alpha-2 code.
    #[schemars(with = "Option<PlainText>")]
    market: Option<String>,
    /// How many banks to leave out.
    #[schemars(range(min = 0, max = 100_000))]
    skip: Option<i64>,
    /// The banks of this session's market come first.
    #[schemars(with = "Option<UuidText>")]
    session_id: Option<String>,
    /// The beginnings of words of the name, or a BIC.
    #[schemars(with = "Option<PlainText>")]
    search: Option<String>,
}

/// Reads `banks/list` and `banks/search`.
///
/// # Errors
/// A [`Problem`] that names the member.
pub fn listing(body: &Members) -> Result<Listing<'_>, Problem> {
    Ok(Listing {
        search: body.text("search")?.unwrap_or(""),
        filter: Filter {
            capability: body.text("capability")?,
            currency: body.text("currency")?,
            group: body.text("group")?,
            market: body.text("market")?,
        },
        session: body.text("sessionId")?,
        window: Window::read(body, "skip")?,
    })
}

/// Reads the query of `GET /institutions`.
///
/// # Errors
/// A [`Problem`] that names the parameter.
pub fn institutions_window(query: &Members) -> Result<Window, Problem> {
    Window::read(query, "offset")
}

/// Answers `banks/list` and `banks/search`.
/// Source: the Ivy SDK, `banks.list`, `banks.search`.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "IvyBanks")]
pub struct Banks {
    banks: Vec<Bank>,
    /// How many there are in all.
    count: usize,
    /// Whether there are more.
    has_next: bool,
    /// How many were left out.
    skip: usize,
}

/// A bank. Source: the Ivy SDK, `banks.details`.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "IvyBank")]
pub struct Bank {
    id: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    logo: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<String>,
    /// Countries, ISO 3166-1 alpha-2 codes.
    market: Vec<String>,
    /// ISO 4217 codes.
    currencies: Vec<String>,
    /// Whether it is offered first in its markets.
    default: bool,
    /// Whether its customers are fictitious.
    test: bool,
    /// What it can be used for: `ais`, reading accounts.
    capabilities: Vec<String>,
    /// Always empty: no payments are made here.
    supported_payment_schemes: Vec<String>,
}

/// Ivy: an element of `banks`, and the answer to details.
#[must_use]
pub fn ivy(bank: &BankEntry<'_>) -> Bank {
    let text = |text: Option<&str>| text.map(str::to_owned);
    Bank {
        id: bank.id.to_owned(),
        name: bank.name.to_owned(),
        logo: text(bank.logo),
        url: text(bank.url),
        group: text(bank.group),
        market: bank.markets.to_vec(),
        currencies: bank.currencies.to_vec(),
        default: bank.default,
        test: bank.test,
        capabilities: bank.capabilities.to_vec(),
        supported_payment_schemes: Vec::new(),
    }
}

/// Ivy: a stretch of `found`.
#[must_use]
pub fn ivy_list(found: Vec<BankEntry<'_>>, window: Window) -> Banks {
    let count = found.len();
    let has_next = count > window.skip + window.limit;
    let banks: Vec<Bank> = window.of(found).iter().map(ivy).collect();
    Banks { count, banks, has_next, skip: window.skip }
}

/// Answers `GET /institutions`.
/// Source: pentadatainc.com/docs, `GET /institutions`.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PentadataInstitutions")]
pub struct Institutions {
    institutions: Vec<Institution>,
}

/// An institution.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PentadataInstitution")]
struct Institution {
    id: String,
    name: String,
    /// Whether the person logs in at the bank itself: always.
    oauth: bool,
    /// Where its picture is.
    logo: Option<String>,
}

/// Pentadata: a stretch of `all`.
#[must_use]
pub fn institutions(all: Vec<BankEntry<'_>>, window: Window) -> Institutions {
    let institution = |bank: BankEntry<'_>| Institution {
        id: bank.id.to_owned(),
        name: bank.name.to_owned(),
        oauth: true,
        logo: bank.logo.map(str::to_owned),
    };
    Institutions { institutions: window.of(all).into_iter().map(institution).collect() }
}
