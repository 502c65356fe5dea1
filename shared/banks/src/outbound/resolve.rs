//! Names: resolved once, and only to where we may go.

use std::net::SocketAddr;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::{Reach, is_public};

/// Resolves with the system's resolver and refuses the name if any of its addresses is not public.
#[derive(Debug, Clone, Copy)]
pub(super) struct Guarded {
    pub(super) reach: Reach,
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.reach;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let addresses: Vec<SocketAddr> = found.collect();
            let allowed = |address: &SocketAddr| {
                is_public(address.ip())
                    || (reach == Reach::PublicAndLoopback && address.ip().is_loopback())
            };
            if addresses.is_empty() || !addresses.iter().all(allowed) {
                return Err("the name leads to an address that is not allowed".into());
            }
            let addresses: Addrs = Box::new(addresses.into_iter());
            Ok(addresses)
        })
    }
}
