//! Where this deployment is reached, when only the API itself knows.
//!
//! An API is made of its functions, so no function can be given the API's address when it is made.
//! `PUBLIC_URL` then holds `{apiId}`, and API Gateway says the id with every request; a function that
//! nobody requests has it in `API_ID`. The id is never taken from a header.

use std::fmt;
use std::sync::{Arc, OnceLock};

use serde_json::Value;

/// What stands for the id of the API.
const MARK: &str = "{apiId}";

/// Reads an environment variable.
pub type Vars<'a> = dyn Fn(&str) -> Option<String> + 'a;
type Make<S> = Box<dyn Fn(&Vars<'_>) -> Result<S, String> + Send + Sync>;
type Env = Box<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// What a function works with, made at the start where its place is known, else with the first
/// request.
pub struct Placed<S> {
    made: OnceLock<Arc<S>>,
    make: Make<S>,
    env: Env,
}

impl<S> fmt::Debug for Placed<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Placed").field("made", &self.made.get().is_some()).finish_non_exhaustive()
    }
}

impl<S> Placed<S> {
    /// Over this process's environment.
    ///
    /// # Errors
    /// What `make` says, where the place is known.
    pub(crate) fn new(
        make: impl Fn(&Vars<'_>) -> Result<S, String> + Send + Sync + 'static,
    ) -> Result<Self, String> {
        Self::with(|name| std::env::var(name).ok(), make)
    }

    /// Over any environment.
    ///
    /// # Errors
    /// What `make` says, where the place is known.
    pub fn with(
        env: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
        make: impl Fn(&Vars<'_>) -> Result<S, String> + Send + Sync + 'static,
    ) -> Result<Self, String> {
        let (env, make) = (Box::new(env), Box::new(make));
        let placed = Self { made: OnceLock::new(), make, env };
        let waits = (placed.env)("PUBLIC_URL").is_some_and(|url| url.contains(MARK));
        let id = (placed.env)("API_ID").filter(|id| is_id(id));
        if id.is_some() || !waits {
            placed.fill(id.as_deref())?;
        }
        Ok(placed)
    }

    /// What was made, or what is made now that a request says which API this is.
    ///
    /// # Errors
    /// What `make` says; or no API's id is known, and the event has none.
    pub fn at(&self, event: &Value) -> Result<Arc<S>, String> {
        if let Some(made) = self.made.get() {
            return Ok(Arc::clone(made));
        }
        let id = event["requestContext"]["apiId"].as_str().filter(|id| is_id(id));
        self.fill(Some(id.ok_or("PUBLIC_URL lacks the API's id, and so does this event")?))
    }

    fn fill(&self, id: Option<&str>) -> Result<Arc<S>, String> {
        let env = |name: &str| {
            let value = (self.env)(name);
            match id {
                Some(id) if name == "PUBLIC_URL" => value.map(|url| url.replace(MARK, id)),
                _ => value,
            }
        };
        let made = Arc::new((self.make)(&env)?);
        Ok(Arc::clone(self.made.get_or_init(|| made)))
    }
}

/// API Gateway's ids are letters and digits.
fn is_id(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
