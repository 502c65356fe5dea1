//! Identifiers. Each is a type of its own, parsed once at the edge.
//!
//! Session ids are UUIDv7, so that they sort by age; the other ids carry a prefix that says what
//! they name. None of them is a secret.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The text is not an id of the expected kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {kind} id")]
pub struct InvalidId {
    /// What was expected, in the glossary's word.
    pub kind: &'static str,
}

macro_rules! prefixed_id {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Uuid);

        impl $name {
            /// Makes the id from its 128 bits.
            #[must_use]
            pub const fn from_bits(bits: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bits))
            }

            /// The 128 bits.
            #[must_use]
            pub const fn bits(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0.simple())
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                text.strip_prefix(concat!($prefix, "_"))
                    .filter(|hex| hex.len() == 32 && hex.bytes().all(is_lower_hex))
                    .and_then(|hex| Uuid::try_parse(hex).ok())
                    .map(Self)
                    .ok_or(InvalidId { kind: $kind })
            }
        }

        string_form!($name);
    };
}

macro_rules! string_form {
    ($name:ident) => {
        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }
    };
}

prefixed_id! {
    /// A tenant: the business that asks (Ivy: merchant, Pentadata: subscriber, Didit: application).
    TenantId, "tenant", "ten"
}
prefixed_id! {
    /// A subject: one person as one tenant knows them, the same through every contract.
    SubjectId, "subject", "sub"
}
prefixed_id! {
    /// An event.
    EventId, "event", "evt"
}
prefixed_id! {
    /// An endpoint of a tenant, to which webhooks go.
    EndpointId, "endpoint", "ep"
}
prefixed_id! {
    /// One write. Stored with it, so that a repeated write recognises itself.
    OpId, "operation", "op"
}

/// A delivery: the event it tells of, and 64 bits that tell the event's deliveries apart. It leads to
/// its own place in the table, as the event's id does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DeliveryId {
    event: EventId,
    tail: [u8; 8],
}

impl DeliveryId {
    /// A delivery of an event.
    #[must_use]
    pub const fn new(event: EventId, tail: [u8; 8]) -> Self {
        Self { event, tail }
    }

    /// Of which event.
    #[must_use]
    pub const fn event(&self) -> EventId {
        self.event
    }

    /// What tells the event's deliveries apart.
    #[must_use]
    pub const fn tail(&self) -> &[u8; 8] {
        &self.tail
    }
}

impl fmt::Display for DeliveryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tail = u64::from_be_bytes(self.tail);
        write!(f, "dlv_{}{tail:016x}", self.event.0.simple())
    }
}

impl FromStr for DeliveryId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let invalid = InvalidId { kind: "delivery" };
        let hex = text.strip_prefix("dlv_").ok_or(invalid)?;
        if hex.len() != 48 || !hex.bytes().all(is_lower_hex) {
            return Err(invalid);
        }
        let event = Uuid::try_parse(&hex[..32]).map_err(|_| invalid)?;
        let tail = u64::from_str_radix(&hex[32..], 16).map_err(|_| invalid)?;
        Ok(Self { event: EventId(event), tail: tail.to_be_bytes() })
    }
}

string_form!(DeliveryId);

/// A session: UUIDv7 in its canonical lower-case form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SessionId(Uuid);

impl SessionId {
    /// Makes a UUIDv7 (RFC 9562, section 5.7) from the moment and ten random bytes.
    #[must_use]
    pub fn new(at: jiff::Timestamp, random: [u8; 10]) -> Self {
        let millis = u64::try_from(at.as_millisecond()).unwrap_or(0);
        Self(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
    }

    /// Makes the id from its 128 bits.
    #[must_use]
    pub const fn from_bits(bits: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bits))
    }

    /// The 128 bits.
    #[must_use]
    pub const fn bits(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }
}

impl SessionId {
    /// When it was made, to the millisecond: a UUIDv7 begins with the moment.
    #[must_use]
    pub fn made_at(&self) -> jiff::Timestamp {
        let mut millis = [0; 8];
        millis[2..].copy_from_slice(&self.0.as_bytes()[..6]);
        let millis = i64::try_from(u64::from_be_bytes(millis)).unwrap_or(0);
        jiff::Timestamp::from_millisecond(millis).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.hyphenated())
    }
}

impl FromStr for SessionId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        Some(text)
            .filter(|text| text.len() == 36 && text.bytes().all(|b| b == b'-' || is_lower_hex(b)))
            .and_then(|text| Uuid::try_parse(text).ok())
            .map(Self)
            .ok_or(InvalidId { kind: "session" })
    }
}

string_form!(SessionId);

/// A Pentadata person: a JSON integer that a JavaScript client can hold exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u64")]
pub struct PersonId(u64);

impl PersonId {
    /// One more than the greatest id, 2^53: beyond it a JavaScript number is no longer exact.
    pub const LIMIT: u64 = 1 << 53;
    const FIRST: u64 = 100_000_000;

    /// Draws an id from random bits. Uniqueness is the table's condition, not this function's.
    #[must_use]
    pub fn draw(random: [u8; 8]) -> Self {
        Self(Self::FIRST + u64::from_be_bytes(random) % (Self::LIMIT - Self::FIRST))
    }

    /// The integer.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl TryFrom<u64> for PersonId {
    type Error = InvalidId;

    fn try_from(value: u64) -> Result<Self, InvalidId> {
        if value < Self::LIMIT { Ok(Self(value)) } else { Err(InvalidId { kind: "person" }) }
    }
}

impl From<PersonId> for u64 {
    fn from(id: PersonId) -> Self {
        id.0
    }
}

impl fmt::Display for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl FromStr for PersonId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        Some(text)
            .filter(|text| text.bytes().all(|b| b.is_ascii_digit()))
            .filter(|text| text.len() == 1 || !text.starts_with('0'))
            .and_then(|text| text.parse::<u64>().ok())
            .and_then(|value| Self::try_from(value).ok())
            .ok_or(InvalidId { kind: "person" })
    }
}

/// A bank in the directory, as a slug: `sandbox-bank`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BankId(String);

impl BankId {
    /// The slug.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BankId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for BankId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let slug = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if (1..=64).contains(&text.len()) && text.bytes().all(slug) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidId { kind: "bank" })
        }
    }
}

string_form!(BankId);

const fn is_lower_hex(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn ids_survive_their_text(bits: [u8; 16], number in 0..PersonId::LIMIT) {
            let tenant = TenantId::from_bits(bits);
            prop_assert_eq!(tenant.to_string().parse(), Ok(tenant));
            let delivery = DeliveryId::new(EventId::from_bits(bits), number.to_be_bytes());
            prop_assert_eq!(delivery.to_string().parse(), Ok(delivery));
            let session = SessionId::from_bits(bits);
            prop_assert_eq!(session.to_string().parse(), Ok(session));
            let person = PersonId::try_from(number).expect("below the limit");
            prop_assert_eq!(person.to_string().parse(), Ok(person));
        }

        #[test]
        fn any_text_parses_or_is_refused(text in ".*") {
            let _ = text.parse::<TenantId>();
            let _ = text.parse::<SessionId>();
            let _ = text.parse::<PersonId>();
            let _ = text.parse::<DeliveryId>();
            let _ = text.parse::<BankId>();
        }

        #[test]
        fn drawn_person_ids_are_exact_in_javascript(random: [u8; 8]) {
            prop_assert!(PersonId::draw(random).get() < PersonId::LIMIT);
        }
    }

    #[test]
    fn one_id_has_one_spelling() {
        for text in ["1e3", "+5", "007", "9007199254740992", "", "-1"] {
            assert!(text.parse::<PersonId>().is_err(), "{text}");
        }
        assert!("0192F0C1-0000-7000-8000-000000000000".parse::<SessionId>().is_err());
    }

    #[test]
    fn session_ids_sort_by_age() {
        let at = |second| jiff::Timestamp::from_second(second).expect("in range");
        assert!(SessionId::new(at(1_000), [255; 10]) < SessionId::new(at(1_001), [0; 10]));
        assert_eq!(SessionId::new(at(1_000), [255; 10]).made_at(), at(1_000));
    }
}
