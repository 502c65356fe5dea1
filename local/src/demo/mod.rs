//! `countersign demo`: three stories, told to the running system over real HTTP.
//!
//! Knows the system only by its address and a tenant's credentials, as a client would, and the
//! person's pages only as a browser would. The one thing no client could do is holding the worker,
//! to show what is answered meanwhile.

mod browser;
mod didit;
mod ivy;
mod pentadata;
mod stage;

use url::Url;

use crate::{Held, System};

pub use browser::{Browser, Choice};
use stage::Stage;
pub use stage::{Failure, Show, Step};

/// The queue that the worker reads.
const QUEUE: &str = "CallbackQueue";

/// A tenant's way in.
#[derive(Debug, Clone)]
pub struct Access {
    /// Where the system is.
    pub base: Url,
    /// The API key, which is also the client secret.
    pub api_key: String,
    /// The client id.
    pub client_id: String,
    /// Who logs in through the Pentadata contract.
    pub email: String,
}

/// The worker, which only whoever runs the system can hold.
#[derive(Clone, Copy)]
pub struct Worker<'a>(&'a System);

impl<'a> Worker<'a> {
    /// The worker of a system in this process.
    #[must_use]
    pub const fn of(system: &'a System) -> Self {
        Self(system)
    }

    /// Keeps the worker from its queue while the answer lives.
    async fn hold(self) -> Held {
        self.0.hold(QUEUE).await.expect("the template declares the queue and its reader")
    }
}

/// Tells the three stories and returns what was said.
///
/// # Errors
/// The first [`Failure`]: a step that was not answered as the story goes.
pub async fn run(access: &Access, worker: Worker<'_>, show: Show) -> Result<Vec<Step>, Failure> {
    let mut stage = Stage::new(access, show);
    ivy::tell(&mut stage).await?;
    pentadata::tell(&mut stage, worker).await?;
    didit::tell(&mut stage).await?;
    Ok(stage.into_steps())
}
