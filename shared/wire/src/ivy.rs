//! Ivy: data sessions with recurring users.
//! Source: docs.getivy.de (recurring-users, data sessions, match-identity-data, errors).

mod create;
mod list;
mod operations;
mod render;
mod session;

pub use create::{CreateRequest, new_session};
pub use list::{By, ListRequest, Listing, listing};
pub use operations::operations;
pub use render::{details, list, opened, status};
pub use session::{Details, List, Opened, StatusShape};
