//! A session as a tenant asked for it: all but its ids and its times.

use jiff::SignedDuration;
use model::contact::ReferenceId;
use model::locale::{Locale, Market};
use model::request::{Asked, SessionRequest};

/// What a create request asks for.
pub struct NewSession {
    /// What may be read or handed over.
    pub asked: Asked,
    /// Whose banks are offered first.
    pub market: Market,
    /// The language asked for.
    pub locale: Option<Locale>,
    /// What was sent along.
    pub request: SessionRequest,
    /// How long the link lives.
    pub lifetime: SignedDuration,
}

impl NewSession {
    /// The reference that must be unique within the tenant.
    #[must_use]
    pub fn reference(&self) -> Option<&ReferenceId> {
        self.request.reference.as_ref()
    }
}
