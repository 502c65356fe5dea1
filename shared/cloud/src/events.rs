//! Event rows: written with the change, found again by the stream or, failing that, by the sweeper.

use jiff::{SignedDuration, Timestamp};
use model::event::{Event, EventKind};
use model::ids::{EndpointId, EventId};
use model::session::Session;
use model::tenant::Reuse;
use serde_json::Value;

use crate::endpoints::{Once, made_before};
use crate::error::StoreError;
use crate::item::{self, Attributes, Item, sortable};
use crate::key::{self, DueKind, Key, TenantScope};
use crate::sessions::Idempotency;
use crate::table::{Entered, Table};
use crate::writes::{Committed, Condition, Guards, Writes};

/// How long the stream has before the sweeper takes an event up.
const STREAM_GRACE: SignedDuration = SignedDuration::from_secs(60);
/// How long before its evidence expires a tenant is told.
pub(crate) const EXPIRY_AHEAD: SignedDuration = SignedDuration::from_hours(7 * 24);

/// An event where it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRow {
    pub(crate) key: Key,
    pub(crate) event: Event,
}

impl EventRow {
    /// Reads the row from the image that a stream record carries; `None` where it is none of ours.
    #[must_use]
    pub fn from_image(image: &Value) -> Option<Self> {
        let text = |name: &str| image[name]["S"].as_str();
        let key = Key { pk: text("pk")?.to_owned(), sk: text("sk")?.to_owned() };
        Self::of(key, text("body")?)
    }

    pub(crate) fn from_item(item: &Attributes) -> Option<Self> {
        let text = |name: &str| item::text(item, name).ok();
        let key = Key { pk: text("pk")?.to_owned(), sk: text("sk")?.to_owned() };
        Self::of(key, text("body")?)
    }

    /// A row says twice whose it is; both must say the same.
    fn of(key: Key, body: &str) -> Option<Self> {
        let event: Event = serde_json::from_str(body).ok()?;
        let scope = key::parse_scope(&key.pk)?;
        (scope.tenant() == event.tenant).then_some(Self { key, event })
    }

    /// What happened.
    #[must_use]
    pub const fn event(&self) -> &Event {
        &self.event
    }
}

/// The item of an event that is not in the feed yet.
pub(crate) fn event_item(key: &Key, event: &Event) -> Item {
    let body = serde_json::to_string(event).expect("ids and names serialize");
    let due_at = event.occurred_at.checked_add(STREAM_GRACE).unwrap_or(event.occurred_at);
    Item::at(key)
        .text("entity", "event")
        .text("body", &body)
        .text("due_shard", &DueKind::Event.shard(event.id.bits()[15]))
        .text("due_at", &sortable(due_at))
}

/// An event about an endpoint.
pub(crate) fn endpoint_event(
    scope: &TenantScope,
    id: EventId,
    kind: EventKind,
    (endpoint, occurred_at): (EndpointId, Timestamp),
) -> (Key, Event) {
    let event = Event {
        id,
        kind,
        tenant: scope.tenant(),
        subject: None,
        session: None,
        door: None,
        person: None,
        endpoint: Some(endpoint),
        session_version: 0,
        result_callback: false,
        occurred_at,
    };
    (key::endpoint_event(scope, endpoint, id), event)
}

impl Table {
    /// An event that tries an endpoint, not written yet.
    #[must_use]
    pub fn test_event(&self, entered: &Entered, endpoint: EndpointId) -> Event {
        let id = EventId::from_bits(self.random());
        endpoint_event(&entered.scope, id, EventKind::Test, (endpoint, self.now())).1
    }

    /// Writes an event that tries an endpoint; from there it goes the way of every event.
    ///
    /// # Errors
    /// A [`StoreError`] when the table does not answer.
    pub async fn tell_test(
        &self,
        entered: &Entered,
        event: &Event,
        endpoint: EndpointId,
        repeatable: Option<&Idempotency>,
    ) -> Result<Once, StoreError> {
        let key = key::endpoint_event(&entered.scope, endpoint, event.id);
        let mut writes = self.writes();
        writes.put(Guards::Version, event_item(&key, event), &Condition::Absent);
        self.put_record(&mut writes, entered, repeatable, &event.id.to_string());
        match writes.commit(&self.client).await? {
            Committed::Done => Ok(Once::Now),
            Committed::MadeBefore(record) => made_before(&record, repeatable),
        }
    }

    /// The reminder that a complete session's evidence expires, where it will.
    pub(crate) fn put_expiry(&self, writes: &mut Writes, entered: &Entered, session: &Session) {
        let (Some(completion), Reuse::UpTo { age_days_max }) =
            (session.completion(), entered.tenant.policy.reuse)
        else {
            return;
        };
        let age = SignedDuration::from_hours(24 * i64::from(age_days_max));
        let told_after = age.checked_sub(EXPIRY_AHEAD).filter(|ahead| ahead.is_positive());
        let due_at = told_after.and_then(|ahead| completion.completed_at.checked_add(ahead).ok());
        let Some(due_at) = due_at else { return };
        let item = Item::at(&key::expiry(&entered.scope, session.id))
            .text("entity", "expiry")
            .text("due_shard", &DueKind::Expiry.shard(session.id.bits()[15]))
            .text("due_at", &sortable(due_at));
        writes.put(Guards::Nothing, item, &Condition::Always);
    }

    /// Turns the reminder of a session into its event, once. Without evidence there is nothing to
    /// expire, and only the reminder goes.
    ///
    /// # Errors
    /// A [`StoreError`] when the table does not answer.
    pub async fn tell_of_expiry(
        &self,
        entered: &Entered,
        session: Option<&Session>,
        id: model::ids::SessionId,
    ) -> Result<(), StoreError> {
        let scope = &entered.scope;
        let mut writes = self.writes();
        writes.delete(&key::expiry(scope, id));
        if let Some(session) =
            session.filter(|session| session.completion().is_some_and(|c| c.revoked_at.is_none()))
        {
            let event = Event {
                id: EventId::from_bits(self.random()),
                kind: EventKind::ConsentExpiring,
                tenant: scope.tenant(),
                subject: Some(session.subject),
                session: Some(session.id),
                door: Some(session.door),
                person: session.person,
                endpoint: None,
                session_version: session.version,
                result_callback: false,
                occurred_at: self.now(),
            };
            let key = key::event(scope, session.id, session.version, EXPIRY_EVENT);
            writes.put(Guards::Version, event_item(&key, &event), &Condition::Absent);
        }
        match writes.commit(&self.client).await {
            // Somebody else told it; the reminder went with it.
            Err(error) if error.is_conflict() => Ok(()),
            ended => ended.map(drop),
        }
    }
}

/// The place of the expiry among the events of a session's version: after all others.
const EXPIRY_EVENT: usize = 9;
