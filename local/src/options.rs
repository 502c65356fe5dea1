//! The options that a system is started with.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use crate::address::PublicUrl;

/// The longest time that stopping takes. Container runtimes kill a process 10 s after they asked it to stop.
const STOPPING_S_MAX: u64 = 5;

/// The options that a system is started with.
#[derive(Debug, Clone)]
pub struct Options {
    /// The directory of all data; `None` keeps them in memory.
    pub data_dir: Option<PathBuf>,
    /// The address to listen on; port 0 takes any that is free.
    pub listen: SocketAddr,
    /// The URL under which clients and persons reach the system; `None` is the address listened on.
    pub public_url: Option<PublicUrl>,
    /// The longest time that stopping takes.
    pub stopping_max: Duration,
    /// Brings messages, changes and ticks to functions, or leaves that to the caller.
    pub background: Background,
    /// Parameters of the template.
    pub overrides: BTreeMap<String, String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            data_dir: None,
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            public_url: None,
            stopping_max: Duration::from_secs(STOPPING_S_MAX),
            background: Background::Run,
            overrides: BTreeMap::new(),
        }
    }
}

/// The system or its caller brings messages, changes and ticks to functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Background {
    /// The system, as soon as there are any.
    Run,
    /// The caller, step by step.
    Step,
}
