//! `countersign demo`: three stories, told to the running system over real HTTP.
//!
//! Knows the system only by its address and a tenant's credentials, as a client would, and the
//! person's pages only as a browser would. The one thing no client could do is holding the worker,
//! to show what is answered meanwhile; elsewhere than in this process that step is left out.

mod browser;
mod didit;
mod ivy;
mod page;
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
    /// What tells the persons of this telling from those of others, where there are others.
    pub tag: Option<String>,
}

impl Access {
    /// A reference of this telling.
    fn reference(&self, text: &str) -> String {
        self.tag.as_ref().map_or_else(|| text.to_owned(), |tag| format!("{text}-{tag}"))
    }

    /// A phone number of this telling.
    fn phone(&self) -> String {
        self.tag.as_ref().map_or_else(|| "+49123456789".to_owned(), |tag| format!("+49123{tag}"))
    }

    /// An e-mail address of this telling.
    fn email(&self, name: &str) -> String {
        let tag = self.tag.as_ref().map_or_else(String::new, |tag| format!("+{tag}"));
        format!("{name}{tag}@example.com")
    }
}

/// The worker, which only whoever runs the system can hold; nobody's elsewhere.
#[derive(Clone, Copy)]
pub struct Worker<'a>(Option<&'a System>);

impl<'a> Worker<'a> {
    /// The worker of a system in this process.
    #[must_use]
    pub const fn of(system: &'a System) -> Self {
        Self(Some(system))
    }

    /// The worker of a system elsewhere.
    #[must_use]
    pub const fn elsewhere() -> Self {
        Self(None)
    }

    /// Keeps the worker from its queue while the answer lives, where that can be done.
    async fn hold(self) -> Option<Held> {
        let held = self.0?.hold(QUEUE).await;
        Some(held.expect("the template declares the queue and its reader"))
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
