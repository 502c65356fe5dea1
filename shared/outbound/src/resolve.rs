//! Names: resolved once, and only to where we may go.

use std::fmt::Debug;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::{Reach, is_public};

/// The addresses of a name, still to come.
pub type Looking = Pin<Box<dyn Future<Output = std::io::Result<Vec<IpAddr>>> + Send>>;

/// What knows the addresses of names.
pub trait Names: Send + Sync + Debug {
    /// The addresses of a name, at this moment.
    fn look_up(&self, name: &str) -> Looking;
}

/// The system's resolver.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemNames;

impl Names for SystemNames {
    fn look_up(&self, name: &str) -> Looking {
        let name = name.to_owned();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// Looks a name up and refuses it if any of its addresses is not allowed. What it answers is what
/// is connected to: nothing is looked up a second time.
#[derive(Debug, Clone)]
pub(crate) struct Guarded {
    pub(crate) reach: Reach,
    pub(crate) names: Arc<dyn Names>,
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.reach;
        let found = self.names.look_up(name.as_str());
        Box::pin(async move {
            let addresses = found.await?;
            let allowed = |ip: &IpAddr| {
                is_public(*ip) || (reach == Reach::PublicAndLoopback && ip.is_loopback())
            };
            if addresses.is_empty() || !addresses.iter().all(allowed) {
                return Err(NotAllowed.into());
            }
            let addresses: Addrs = Box::new(addresses.into_iter().map(|ip| SocketAddr::new(ip, 0)));
            Ok(addresses)
        })
    }
}

/// The name leads where we do not go.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the name leads to an address that is not allowed")]
pub(crate) struct NotAllowed;
