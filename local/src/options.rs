//! How a system is started.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use crate::address::PublicUrl;

/// How long stopping may take. Container runtimes kill a process 10 s after they asked it to stop.
const STOPPING_S_MAX: u64 = 5;

/// How to start.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where everything is kept; in memory where nothing is said.
    pub data_dir: Option<PathBuf>,
    /// Where to listen; port 0 takes any that is free.
    pub listen: SocketAddr,
    /// Where clients and persons reach the system; the address listened on where nothing is said.
    pub public_url: Option<PublicUrl>,
    /// How long stopping may take.
    pub stopping_max: Duration,
    /// Who brings messages, changes and ticks to functions.
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

/// Who brings messages, changes and ticks to functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Background {
    /// The system, as soon as there are any.
    Run,
    /// The caller, step by step.
    Step,
}
