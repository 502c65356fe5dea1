//! Banks as the contracts list them.

use serde_json::{Value, json};

/// A bank, as far as a client is told.
#[derive(Debug, Clone, Copy)]
pub struct BankEntry<'a> {
    /// Slug.
    pub id: &'a str,
    /// Name.
    pub name: &'a str,
    /// Countries.
    pub markets: &'a [String],
    /// ISO 4217 codes.
    pub currencies: &'a [String],
    /// Whether it is a sandbox.
    pub test: bool,
}

/// Ivy: an element of `banks`.
/// Source: the Ivy SDK's `banks/list`.
#[must_use]
pub fn ivy(bank: &BankEntry<'_>) -> Value {
    json!({
        "id": bank.id,
        "name": bank.name,
        "market": bank.markets,
        "currencies": bank.currencies,
        "default": false,
        "test": bank.test,
        "capabilities": ["data"],
        "supportedPaymentSchemes": [],
    })
}

/// Pentadata: an element of `institutions`.
/// Source: pentadatainc.com/docs, `GET /institutions`.
#[must_use]
pub fn pentadata(bank: &BankEntry<'_>) -> Value {
    json!({ "id": bank.id, "name": bank.name, "oauth": true, "logo": null })
}
