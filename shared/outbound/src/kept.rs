//! Clients that keep a connection for a moment after an answer, one client for each owner, so that no
//! two owners ever share a connection.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use url::Url;

use crate::{Outbound, OutboundError};

/// A connection is kept so long without a request: less than servers commonly keep theirs (two seconds
/// and more), so that no request meets a connection that is being closed.
const KEPT: Duration = Duration::from_secs(1);
/// So many owners have a client at the same time; the one that was used longest ago goes first.
const OWNERS_MAX: usize = 128;

/// Clients by owner. Clones share them.
#[derive(Debug, Clone)]
pub struct KeptConnections {
    model: Outbound,
    owners: Arc<Mutex<Owners>>,
}

#[derive(Debug, Default)]
struct Owners {
    clients: HashMap<[u8; 16], (u64, Outbound)>,
    uses: u64,
}

impl KeptConnections {
    /// Clients with the reach, the limits and the resolver of this one.
    #[must_use]
    pub fn like(model: Outbound) -> Self {
        Self { model, owners: Arc::default() }
    }

    /// The client of an owner.
    #[must_use]
    pub fn of(&self, owner: [u8; 16]) -> Outbound {
        let mut owners = self.owners.lock().unwrap_or_else(PoisonError::into_inner);
        owners.uses += 1;
        let now = owners.uses;
        if let Some((used, client)) = owners.clients.get_mut(&owner) {
            *used = now;
            return client.clone();
        }
        if owners.clients.len() >= OWNERS_MAX {
            let oldest = owners.clients.iter().min_by_key(|(_, (used, _))| *used);
            if let Some(oldest) = oldest.map(|(owner, _)| *owner) {
                owners.clients.remove(&oldest);
            }
        }
        let client = self.model.keeping(KEPT);
        owners.clients.insert(owner, (now, client.clone()));
        client
    }

    /// Scheme, user name and literal address; names are checked when they are resolved.
    ///
    /// # Errors
    /// [`OutboundError::Forbidden`] where a request would not be sent.
    pub fn check(&self, url: &Url) -> Result<(), OutboundError> {
        self.model.check(url)
    }
}
