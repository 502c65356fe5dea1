//! The public contracts: what Ivy's, Pentadata's and Didit's APIs say on the wire.
//!
//! One file per contract reads requests into the model's types and renders the model in the
//! contract's shapes; a fourth contract would be one more file. [`json`] is the one way in,
//! [`problem`] the one way to refuse. Pure: no IO, no clock.

pub mod banks;
pub mod canonical;
pub mod decision;
pub mod didit;
pub mod ivy;
pub mod json;
pub mod new_session;
pub mod openapi;
pub mod pentadata;
pub mod problem;
mod rate_limit;
pub mod routes;
pub mod shape;
pub mod subjects;
pub mod v1;

pub use new_session::NewSession;
pub use problem::{Problem, ProblemBody};
pub use rate_limit::RateLimit;

#[cfg(test)]
mod tests;
