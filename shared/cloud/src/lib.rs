//! The only crate that names an AWS SDK: the table, the callback queue and the key vault.
//!
//! Every write is conditional; every personal field is sealed before it leaves the process; every
//! key of the table is built in `key`.

mod ambient;
mod body;
mod clients;
mod decided;
mod deliveries;
mod delivery_queue;
mod due;
mod endpoints;
mod erase;
mod erasure;
mod error;
mod events;
mod feed;
mod item;
mod key;
mod list;
mod mailbox;
mod master;
pub mod metrics;
mod people;
mod persons;
mod queue;
mod rates;
mod restore;
mod seal;
mod self_test;
mod sessions;
mod shelf;
mod signing;
mod statements;
mod subjects;
mod table;
mod tenants;
mod tokens;
mod vault;
mod writes;

pub use ambient::{Clock, Entropy, System};
pub use clients::{Clients, Unset};
pub use decided::{CompletePage, PagePlace};
pub use deliveries::{Listed, Note, Recorded};
pub use delivery_queue::{Deliver, DeliveryQueue};
pub use due::{Due, Overdue};
pub use endpoints::Once;
pub use erasure::{Erasure, ErasureState};
pub use error::StoreError;
pub use events::EventRow;
pub use key::TenantScope;
pub use list::{After, Filter, Found, Wanted};
pub use master::MasterKey;
pub use persons::Completing;
pub use queue::{CallbackQueue, QueueError, ReadBank};
pub use restore::{Both, BroughtBack, Counted};
pub use seal::{hex, sha256_hex};
pub use self_test::self_test;
pub use sessions::{Created, Idempotency};
pub use shelf::Shelf;
pub use signing::{FoundKeys, Pkcs8, Sealed, SigningKeys};
pub use subjects::{SessionRecord, SubjectRecords};
pub use table::{Entered, TENANT_CACHE_MAX, Table, TableNames};
pub use tokens::{ApiKey, LinkToken, StateToken};
pub use vault::TenantKeys;
