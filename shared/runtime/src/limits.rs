//! How many requests a tenant may make: per minute and class, counted in the table in steps.
//!
//! Each process counts for itself and tells the table every fiftieth part of a limit, so that a
//! request seldom costs a write. The price is that the limit is approximate: every process may have
//! one step that the others do not know of. While the table does not answer, nobody is refused.

mod counters;

use std::sync::{Arc, Mutex};

use cloud::Entered;
use lambda_http::RequestExt as _;
use wire::{Problem, RateLimit};

use crate::app::App;
use crate::http::{Reading as _, Request};

pub(crate) use counters::Counters;
use counters::Window;

/// The routes that create, without their trailing slash.
const CREATING: [&str; 3] = ["/api/service/data/session/create", "/auth/v2/session", "/persons"];

/// Where the answer finds what is left of the limit.
#[derive(Debug, Clone, Default)]
pub(crate) struct Remaining(Arc<Mutex<Option<RateLimit>>>);

impl Remaining {
    pub(crate) fn take(&self) -> Option<RateLimit> {
        self.0.lock().expect("no holder of the remaining panics").take()
    }
}

/// A class of requests.
struct Class {
    name: String,
    limit: u32,
}

impl Class {
    /// Calls that read one thing by a body send the same body every time, so the body names the thing.
    fn of(request: &Request, entered: &Entered) -> Self {
        let limits = entered.tenant.policy.limits;
        let path = request.uri().path().trim_end_matches('/');
        if request.method() == http::Method::POST && CREATING.contains(&path) {
            return Self { name: "create".to_owned(), limit: limits.create };
        }
        let id = request.path_parameters().first("id").map(str::to_owned);
        let by_body = path.ends_with("/details").then(|| request.bytes());
        match (id, by_body) {
            (Some(id), _) => Self::poll(entered, id.as_bytes()),
            (None, Some(body)) => Self::poll(entered, body),
            (None, None) => Self { name: "other".to_owned(), limit: limits.other },
        }
    }

    fn poll(entered: &Entered, thing: &[u8]) -> Self {
        let hash = cloud::hex(&entered.keys.mac("polled things", thing)[..16]);
        let limit = entered.tenant.policy.limits.poll;
        Self { name: format!("poll {hash}"), limit }
    }
}

impl App {
    /// Counts a request against its tenant.
    ///
    /// # Errors
    /// [`Problem::too_many_requests`] where the minute's share is used up.
    pub async fn count(&self, request: &Request, entered: &Entered) -> Result<(), Problem> {
        let class = Class::of(request, entered);
        let now_s = u64::try_from(self.now().as_second()).unwrap_or(0);
        let minute = now_s / 60;
        let window = Window {
            key: format!("{} {}", entered.scope.tenant(), class.name),
            minute,
            limit: class.limit,
        };
        let tell = |count| self.table.count_requests(entered, &class.name, minute, count);
        let used = self.counters.count(&window, tell).await;
        let left = RateLimit {
            limit: class.limit,
            remaining: class.limit.saturating_sub(used),
            reset_s: u32::try_from(60 - now_s % 60).unwrap_or(60),
        };
        if used > class.limit {
            return Err(Problem::too_many_requests(left));
        }
        if let Some(remaining) = request.extensions().get::<Remaining>() {
            *remaining.0.lock().expect("no holder of the remaining panics") = Some(left);
        }
        Ok(())
    }
}
