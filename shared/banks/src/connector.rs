//! What every bank can be asked, whatever its dialect.

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::civil::Date;
use model::evidence::BankIdentity;
use model::private::Secret;
use model::request::Reading;
use model::statement::{Balance, Booking, Extent};
use model::visit::{Browser, Callback, Grant, Visit};
use url::Url;

/// One bank, spoken to in its dialect.
#[async_trait]
pub trait Connector: Send + Sync {
    /// What the bank can state.
    fn capabilities(&self) -> Capabilities;

    /// The origin of the bank's login page, for the browser's `form-action`.
    fn origin(&self) -> String;

    /// Starts a visit: a consent at the bank, and the address to send the person to.
    ///
    /// # Errors
    /// A [`BankError`]; nothing was started that the person could see.
    async fn start(&self, start: &Start<'_>) -> Result<Started, BankError>;

    /// Turns the bank's redirect into access. Presents a code at most once per call.
    ///
    /// # Errors
    /// A [`BankError`] whose kind says whether the code may have been used.
    async fn complete(&self, visit: &Visit, callback: &Callback) -> Result<Completed, BankError>;

    /// Reads what the grant allows. May be repeated, and is whole or nothing: a bank that breaks half
    /// way is read again from the beginning.
    ///
    /// # Errors
    /// A [`BankError`].
    async fn fetch(&self, grant: &Grant, wanted: &Wanted) -> Result<Fetched, BankError>;

    /// Gives the access back.
    ///
    /// # Errors
    /// A [`BankError`]; the consent then lapses by itself.
    async fn revoke(&self, grant: &Grant) -> Result<(), BankError>;
}

/// What a bank can state about a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts about a bank, not states")]
pub struct Capabilities {
    /// The holder's name.
    pub names: bool,
    /// The date of birth.
    pub birth_date: bool,
    /// The address.
    pub address: bool,
    /// E-mail and phone.
    pub contact: bool,
}

/// What a visit starts with. Randomness comes from outside.
pub struct Start<'a> {
    /// The `state` parameter.
    pub state: &'a str,
    /// The PKCE verifier (RFC 7636).
    pub verifier: Secret<String>,
    /// Where the bank sends the person back.
    pub redirect_uri: &'a Url,
    /// The person's browser.
    pub browser: &'a Browser,
    /// What the consent is for; the bank is asked for nothing else.
    pub reading: Reading,
    /// The present moment.
    pub now: Timestamp,
}

/// What is to be read.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// What was agreed to.
    pub reading: Reading,
    /// Bookings from this day on.
    pub since: Date,
}

/// What a bank said in one visit.
pub struct Fetched {
    /// Who and which accounts.
    pub identity: BankIdentity,
    /// Balances, where they were wanted.
    pub balances: Vec<Balance>,
    /// Bookings, where they were wanted.
    pub bookings: Vec<Booking>,
    /// Whether the bank has more than was read.
    pub extent: Extent,
}

/// A visit that has started.
pub struct Started {
    /// Where to send the person.
    pub redirect_url: Url,
    /// The connector's notes for [`Connector::complete`].
    pub memory: Secret<String>,
}

/// What became of a visit.
pub enum Completed {
    /// Access was granted.
    Granted(Grant),
    /// The bank's answer cannot be used; only a new login helps. The text is for the log.
    NeedsNewLogin(&'static str),
}

/// A bank did not do what was asked.
#[derive(Debug, thiserror::Error)]
#[error("bank: {what}")]
pub struct BankError {
    kind: BankErrorKind,
    what: String,
}

/// What is known about a request that went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BankErrorKind {
    /// It did not reach the bank.
    NotDelivered,
    /// The bank declined to do it now, and did nothing.
    Busy {
        /// When to try again, if the bank says so.
        retry_after_s: Option<u32>,
    },
    /// The bank may have done it.
    Uncertain,
    /// The bank will not do it.
    Refused,
    /// The bank's answer is not in its dialect.
    Unreadable,
}

impl BankError {
    pub(crate) fn new(kind: BankErrorKind, what: impl Into<String>) -> Self {
        Self { kind, what: what.into() }
    }

    /// What is known about it.
    #[must_use]
    pub const fn kind(&self) -> BankErrorKind {
        self.kind
    }

    /// Whether reading the same thing again may succeed.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(
            self.kind,
            BankErrorKind::NotDelivered | BankErrorKind::Busy { .. } | BankErrorKind::Uncertain
        )
    }

    /// Whether the bank certainly did nothing, so that even a one-time code may be presented again.
    #[must_use]
    pub const fn did_nothing(&self) -> bool {
        matches!(self.kind, BankErrorKind::NotDelivered | BankErrorKind::Busy { .. })
    }
}
