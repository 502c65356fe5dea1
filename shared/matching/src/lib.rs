#![doc = include_str!("../README.md")]

mod address;
mod affinity;
mod asian;
mod birth;
mod business;
mod culture;
mod cut;
mod explain;
mod fold;
mod joint;
mod judge;
mod missing;
mod name;
mod names;
mod pairing;
mod parts;
mod policy;
mod romanise;
mod slip;
mod tables;
mod verdict;

pub use address::{Address, AddressVerdict, addresses};
pub use birth::birth_dates;
pub use joint::is_joint;
pub use names::names;
pub use policy::{CloseMatch, Disclosure, MustAgree, Policy, Thresholds, Worth};
pub use verdict::{Aligned, FieldOutcome, How, Kind, Outcome, Part, Rule, Verdict};

/// The version of the rules, stored with each decision.
pub const VERSION: &str = "2";

#[cfg(test)]
mod tests;
