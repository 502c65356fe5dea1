//! A statement: what was on the accounts, and what moved, when the bank was visited.
//!
//! Amounts are the bank's decimal digits from the first byte to the last: nothing here computes with
//! them, and no float ever holds one.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::contact::{InvalidValue, text_type};
use crate::ids::SessionId;

/// The most bookings that one visit keeps; the newest stay.
pub const BOOKINGS_MAX: usize = 1_000;
/// The most that the texts of a statement may take, so that it stays one item: DynamoDB allows 400 KiB.
pub const STATEMENT_BYTES_MAX: usize = 240 * 1024;

text_type! {
    /// An amount: an optional minus, digits, and decimals where there are any.
    /// Source: Berlin Group NextGenPSD2 1.3, `Amount.amount`.
    Amount, "a decimal number such as -12.50", |text| {
        let text = text.trim();
        let (sign, number) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
        let (whole, decimals) = number.split_once('.').map_or((number, None), |(w, d)| (w, Some(d)));
        let digits = |part: &str, max: usize| {
            (1..=max).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
        };
        let plausible = digits(whole, 18) && decimals.is_none_or(|decimals| digits(decimals, 6));
        plausible.then(|| format!("{sign}{number}"))
    }
}

impl Amount {
    /// Whether money left the account.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        self.as_str().starts_with('-')
    }

    /// The amount without its sign.
    #[must_use]
    pub fn magnitude(&self) -> &str {
        self.as_str().trim_start_matches('-')
    }
}

/// One visit's balances and bookings.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// The session in which the person logged in.
    pub session: SessionId,
    /// When the bank answered.
    pub fetched_at: Timestamp,
    /// Balances, where they were asked for.
    pub balances: Vec<Balance>,
    /// Bookings, where they were asked for, newest first.
    pub bookings: Vec<Booking>,
    /// Whether all that the bank has is here.
    pub extent: Extent,
}

/// How much of what the bank has was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Extent {
    /// All of it.
    Whole,
    /// The bank has more than is read or kept.
    Cut,
}

/// One balance of one account.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    /// The bank's id of the account.
    pub account: String,
    /// Which balance.
    pub kind: BalanceKind,
    /// How much.
    pub amount: Amount,
    /// ISO 4217 code.
    pub currency: String,
    /// When it was so, if the bank says.
    pub stated_at: Option<Timestamp>,
}

/// The balances that the contracts tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BalanceKind {
    /// What is booked.
    Booked,
    /// What may be spent.
    Available,
    /// Anything else, such as what is forecast.
    Other,
}

impl BalanceKind {
    /// Reads a balance type of the Berlin Group (NextGenPSD2 1.3, `balanceType`).
    #[must_use]
    pub fn from_berlin_group(name: &str) -> Self {
        match name {
            "closingBooked" | "openingBooked" | "interimBooked" => Self::Booked,
            "interimAvailable" | "forwardAvailable" | "closingAvailable" => Self::Available,
            _ => Self::Other,
        }
    }
}

/// One booked movement of money.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booking {
    /// The bank's id; derived where the bank gives none.
    pub id: String,
    /// The bank's id of the account.
    pub account: String,
    /// How much; negative where money left.
    pub amount: Amount,
    /// ISO 4217 code.
    pub currency: String,
    /// The day it was booked.
    pub booked_on: Date,
    /// Who paid, or was paid.
    pub counterparty: Option<String>,
    /// What it was for.
    pub description: Option<String>,
}

impl Booking {
    fn bytes(&self) -> usize {
        let texts = [self.counterparty.as_ref(), self.description.as_ref()].into_iter().flatten();
        let texts: usize = texts.map(String::len).sum();
        self.id.len() + self.account.len() + texts
    }
}

impl Statement {
    /// Orders the bookings, newest first, and keeps as many as one item holds.
    #[must_use]
    pub fn bounded(mut self) -> Self {
        self.bookings.sort_by(|a, b| (b.booked_on, &b.id).cmp(&(a.booked_on, &a.id)));
        let mut bytes = 0;
        let fits = self.bookings.iter().take(BOOKINGS_MAX).take_while(|booking| {
            bytes += booking.bytes();
            bytes <= STATEMENT_BYTES_MAX
        });
        let kept = fits.count();
        if kept < self.bookings.len() {
            self.bookings.truncate(kept);
            self.extent = Extent::Cut;
        }
        self
    }

    /// The balance of an account that best fits `kind`.
    #[must_use]
    pub fn balance(&self, account: &str, kind: BalanceKind) -> Option<&Balance> {
        self.balances.iter().find(|balance| balance.account == account && balance.kind == kind)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn amounts() {
        for (text, kept) in [
            ("12.50", Some("12.50")),
            (" -0.5 ", Some("-0.5")),
            ("1000", Some("1000")),
            ("+1", None),
            ("1,50", None),
            ("1e3", None),
            (".5", None),
            ("5.", None),
            ("--5", None),
            ("", None),
            ("NaN", None),
        ] {
            let read = Amount::parse(text).ok().map(String::from);
            assert_eq!(read.as_deref(), kept, "{text}");
        }
        let spent = Amount::parse("-12.50").expect("an amount");
        assert!(spent.is_negative());
        assert_eq!(spent.magnitude(), "12.50");
    }

    fn booking(n: usize, text: &str) -> Booking {
        Booking {
            id: format!("{n:05}"),
            account: "a".to_owned(),
            amount: Amount::parse("1.00").expect("an amount"),
            currency: "EUR".to_owned(),
            booked_on: jiff::civil::date(2026, 1, 1 + i8::try_from(n % 28).unwrap_or(0)),
            counterparty: None,
            description: Some(text.to_owned()),
        }
    }

    fn statement(bookings: Vec<Booking>) -> Statement {
        Statement {
            session: SessionId::from_bits([1; 16]),
            fetched_at: Timestamp::UNIX_EPOCH,
            balances: Vec::new(),
            bookings,
            extent: Extent::Whole,
        }
    }

    #[test]
    fn the_newest_bookings_stay() {
        let all = (0..BOOKINGS_MAX + 5).map(|n| booking(n, "x")).collect();
        let kept = statement(all).bounded();
        assert_eq!((kept.bookings.len(), kept.extent), (BOOKINGS_MAX, Extent::Cut));
        let oldest = kept.bookings.last().map(|booking| booking.booked_on);
        assert!(kept.bookings.first().map(|booking| booking.booked_on) > oldest);
        let few = statement(vec![booking(1, "x"), booking(2, "y")]).bounded();
        assert_eq!((few.bookings.len(), few.extent), (2, Extent::Whole));
    }

    proptest! {
        #[test]
        fn a_bounded_statement_is_one_item(
            lengths in proptest::collection::vec(0..600_usize, 0..1_100),
        ) {
            let bookings = lengths.iter().enumerate();
            let bookings = bookings.map(|(n, length)| booking(n, &"ä".repeat(*length))).collect();
            let kept = statement(bookings).bounded();
            let bytes: usize = kept.bookings.iter().map(Booking::bytes).sum();
            prop_assert!(bytes <= STATEMENT_BYTES_MAX && kept.bookings.len() <= BOOKINGS_MAX);
        }

        #[test]
        fn amounts_keep_their_digits(text in "-?[0-9]{1,14}(\\.[0-9]{1,3})?") {
            prop_assert_eq!(Amount::parse(&text).ok().map(String::from), Some(text));
        }
    }
}
