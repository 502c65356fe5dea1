#![doc = include_str!("../README.md")]

mod address;
mod birth;
mod names;
mod pairing;
mod tables;
mod tokens;
mod verdict;

pub use address::{Address, AddressVerdict, addresses};
pub use birth::birth_dates;
pub use names::names;
pub use verdict::{Aligned, FieldOutcome, How, Kind, Outcome, Rule, Verdict};

/// The version of the rules, stored with each decision.
pub const VERSION: &str = "1";

#[cfg(test)]
mod tests;
