//! The domain: pure data and pure functions. No IO, no clock, no randomness, no environment.
//!
//! A session moves by [`transition::apply`]; a claim is held against evidence by
//! [`decision::Decision::of`]; a person's answer is [`person::Known::authenticate`]. Everything else
//! here is a type that cannot hold a wrong value.

pub mod callback_url;
pub mod claim;
pub mod consent;
pub mod contact;
pub mod decision;
pub mod delivery;
pub mod endpoint;
pub mod event;
pub mod evidence;
pub mod health;
pub mod ids;
pub mod locale;
pub mod person;
pub mod private;
pub mod rematch;
pub mod request;
pub mod retry_after;
pub mod schedule;
pub mod session;
pub mod statement;
pub mod tenant;
pub mod transition;
pub mod visit;
