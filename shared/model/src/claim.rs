//! A claim: what the tenant says the person is.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::evidence::PostalAddress;

/// A name, and whatever else is to be compared.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The full name in one string.
    pub name: String,
    /// The address.
    pub address: Option<ClaimedAddress>,
    /// The date of birth.
    pub birth_date: Option<Date>,
    /// The account that is said to be the person's.
    pub iban: Option<String>,
}

impl Claim {
    /// A claim of a first and a last name, each trimmed.
    #[must_use]
    pub fn of_names(first: &str, last: &str, address: Option<ClaimedAddress>) -> Self {
        let name = format!("{} {}", first.trim(), last.trim()).trim().to_owned();
        Self { name, address, birth_date: None, iban: None }
    }

    /// What is hashed to bind a verdict to this claim: every member, unambiguously.
    #[must_use]
    pub fn fingerprint_text(&self) -> String {
        serde_json::to_string(self).expect("text, dates and options always serialize")
    }
}

/// An address as tenants send it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimedAddress {
    /// One line.
    Unstructured(String),
    /// By parts.
    Structured(PostalAddress),
}
