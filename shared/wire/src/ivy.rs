//! Ivy: data sessions with recurring users.
//! Source: docs.getivy.de (recurring-users, data sessions, match-identity-data, errors).

mod bank_data;
mod create;
mod hosted;
mod list;
mod operations;
mod render;
mod session;
mod subscription;
mod subscription_operations;

pub use bank_data::{
    Accounts, Balances, ConsentDetails, SessionReference, Transactions, accounts, balances,
    consent, session_id, transactions, withheld,
};
pub use create::{CreateRequest, new_session};
pub use hosted::{Hosted, hosted};
pub use list::{By, ListRequest, Listing, listing};
pub use operations::operations;
pub use render::{details, list, opened, status};
pub use session::{Details, List, Opened, StatusShape};
pub use subscription::{
    Pinged, SubscriptionBody, SubscriptionShape, Subscriptions, Success, asked, paging, pinged,
    subscription, subscriptions, success,
};
