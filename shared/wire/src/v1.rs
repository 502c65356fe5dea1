//! `/v1`: what the three contracts never had. Source: this project; RFC 9457 for refusals.

pub mod deliveries;
pub mod endpoints;
pub mod events;
