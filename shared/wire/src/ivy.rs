//! Ivy: data sessions with recurring users.
//! Source: docs.getivy.de (recurring-users, data sessions, match-identity-data, errors).

mod create;
mod list;
mod render;
mod subscription;

pub use create::new_session;
pub use list::{By, Listing, listing};
pub use render::{details, list, opened, status};
pub use subscription::{
    Pinged, SubscriptionBody, SubscriptionShape, Subscriptions, Success, asked, paging, pinged,
    subscription, subscriptions, success,
};
