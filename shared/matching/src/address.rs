//! Addresses: postal code and house number exactly, street and town by their words.

use std::collections::BTreeSet;

use crate::tokens;
use crate::verdict::FieldOutcome;

/// An address, as far as it is known by parts.
#[derive(Clone, Copy, Default)]
pub struct Address<'a> {
    /// Street, with or without the house number.
    pub street: Option<&'a str>,
    /// House number.
    pub house_number: Option<&'a str>,
    /// Postal code.
    pub postal_code: Option<&'a str>,
    /// Town.
    pub city: Option<&'a str>,
    /// State or region.
    pub region: Option<&'a str>,
    /// Country.
    pub country: Option<&'a str>,
    /// Everything in one line.
    pub unstructured: Option<&'a str>,
}

/// How two addresses compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressVerdict {
    /// In one word.
    pub outcome: FieldOutcome,
    /// 0 to 100, where there was something to compare.
    pub score: Option<u8>,
}

/// Compares two addresses. Whatever stands on one side only is not held against the other; numbers
/// that stand on both sides must agree.
#[must_use]
pub fn addresses(claim: &Address<'_>, held: &Address<'_>) -> AddressVerdict {
    let (claimed, stated) = (words(claim), words(held));
    if claimed.is_empty() || stated.is_empty() {
        return AddressVerdict { outcome: FieldOutcome::NotProvided, score: None };
    }
    let shared = claimed.intersection(&stated).count();
    let smaller = claimed.len().min(stated.len());
    let percent = u8::try_from(100 * shared / smaller).unwrap_or(100);
    let numbers = |words: &BTreeSet<String>| -> BTreeSet<String> {
        words.iter().filter(|w| w.bytes().any(|b| b.is_ascii_digit())).cloned().collect()
    };
    let (claimed_numbers, stated_numbers) = (numbers(&claimed), numbers(&stated));
    let contradict =
        !claimed_numbers.is_subset(&stated_numbers) && !stated_numbers.is_subset(&claimed_numbers);
    let outcome = match (contradict, percent) {
        (false, 85..) => FieldOutcome::Match,
        (false, 50..) | (true, 70..) => FieldOutcome::Partial,
        _ => FieldOutcome::Mismatch,
    };
    AddressVerdict { outcome, score: Some(percent) }
}

/// The words that identify a place. Region and country are left out: they rarely contradict and
/// are written in many ways.
fn words(address: &Address<'_>) -> BTreeSet<String> {
    let Address { street, house_number, postal_code, city, unstructured, .. } = address;
    [street, house_number, postal_code, city, unstructured]
        .into_iter()
        .flatten()
        .flat_map(|part| tokens::address_words(part))
        .collect()
}
