//! Banks: the directory, the connector trait, and the dialects.
//!
//! A dialect is sans-IO: functions that build requests and read answers. One engine, [`Outbound`],
//! does the HTTP, and it goes nowhere it should not.

mod berlin_group;
mod connector;
mod directory;

pub use connector::{
    BankError, BankErrorKind, Capabilities, Completed, Connector, Fetched, Start, Started, Wanted,
};
pub use directory::{Bank, Directory, DirectoryError, Places};
pub use outbound::{Answer, Outbound, OutboundError, Reach, is_public};

#[cfg(test)]
mod tests;
