//! The types that are stored sealed, as JSON.
//!
//! Each is read by a function that is not generic, and futures are boxed where many crates poll them:
//! such code is compiled in this crate, and not again in each crate that calls it.

use std::pin::Pin;

use model::person::{HeldEvidence, Person};
use model::session::Session;
use model::statement::Statement;

/// A future whose code is compiled where it is made.
pub(crate) type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A type that is stored sealed.
pub(crate) trait Body: Sized {
    /// Reads what was stored.
    fn read(plain: &[u8]) -> serde_json::Result<Self>;
}

macro_rules! bodies {
    ($($body:ty),+) => {
        $(impl Body for $body {
            fn read(plain: &[u8]) -> serde_json::Result<Self> {
                serde_json::from_slice(plain)
            }
        })+
    };
}

bodies!(HeldEvidence, Person, Session, Statement);
