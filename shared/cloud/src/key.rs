//! Every key of the table, in one place.
//!
//! | access pattern | key |
//! |---|---|
//! | tenant by id | pk `T#<tenant>`, sk `TENANT` |
//! | next block of session numbers | pk `T#<tenant>`, sk `COUNTER` |
//! | session by id | pk `T#<tenant>#SES#<session>`, sk `SESSION` |
//! | complete sessions, in no order (operator only) | a scan of the session items |
//! | events of a session, in order | same pk, sk `EVENT#<version>#<n>` |
//! | statement of a session | same pk, sk `STATEMENT` |
//! | sessions by metadata | same pk, sk `META#<n>`, index `by_metadata` |
//! | sessions by e-mail, phone, reference | session item, indexes `by_email`, `by_phone`, `by_reference` |
//! | whose is this session? (asked without a key) | pk `SES#<session>`, sk `TENANT` |
//! | all that is kept of a subject | pk `T#<tenant>#SUB#<subject>`, sk `SESSION#<session>`, `PERSON#<id>` |
//! | event of a subject | same pk, sk `EVENT#<n>` |
//! | what is overdue | session, erasure, event, delivery and expiry items, index `due`, shards of their own each |
//! | when does a session's evidence expire? | session's pk, sk `EXPIRY` |
//! | is this reference in use? | pk `T#<tenant>#REF#<blind>`, sk `REF` |
//! | was this request made before? | pk `T#<tenant>#IDEM#<hash>`, sk `IDEM` |
//! | requests of a minute | pk `T#<tenant>#RATE#<class>`, sk `MINUTE#<minute>` |
//! | person by id, with sessions and evidence | pk `T#<tenant>#PER#<id>`, sk `PERSON`, `SESSION#…`, `EVIDENCE#…` |
//! | persons of a tenant, oldest first | pk `T#<tenant>#PERSONS#<year>-<month>`, sk `<created_at>#<id>` |
//! | who has this e-mail? | pk `T#<tenant>#EML#<blind>`, sk `EMAIL` |
//! | endpoints of a tenant, and how they are doing | pk `T#<tenant>#ENDPOINTS`, sk `ENDPOINT#<id>`, `HEALTH#<id>` |
//! | events about an endpoint | pk `T#<tenant>#EP#<endpoint>`, sk `EVENT#<event>` |
//! | the last number of the feed | pk `T#<tenant>`, sk `FEED` |
//! | the feed from a number on | pk `T#<tenant>#FEED#<number / 1000>`, sk the number |
//! | the last sequence of a subject | pk `T#<tenant>#SUB#<subject>`, sk `HEAD` |
//! | deliveries of an event, with attempts | pk `T#<tenant>#EVT#<event>`, sk `DELIVERY#<tail>`, `DELIVERY#<tail>#ATTEMPT#<n>` |
//! | deliveries to an endpoint, newest first | delivery item, index `by_endpoint` |
//! | all tenants (operator only) | pk `SYSTEM`, sk `TENANT#<tenant>` |
//! | erasures under way (operator and sweeper) | pk `SYSTEM#ERASURES`, sk `T#<tenant>#SUB#<subject>` |
//!
//! The table of keys has one key attribute, pk: `T#<tenant>`, `T#<tenant>#SUB#<subject>`,
//! `SYSTEM#SIGNING`, and the erasure ledger `SYSTEM#ERASURE#T#<tenant>#SUB#<subject>`. The ledger
//! stands here because it must outlive what it is about: when the other table is restored from a
//! backup, the erased subjects come back with it, and only a ledger that did not go back knows.
//!
//! A key of a tenant cannot be built without a [`TenantScope`].

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use model::ids::{DeliveryId, EndpointId, EventId, PersonId, SessionId, SubjectId, TenantId};

/// The right to touch one tenant's items. Comes from a checked credential, from a token that
/// carries the tenant under a signature, or from a key that was read from the table itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TenantScope(TenantId);

impl TenantScope {
    /// Enters a tenant. Every call is a place to review.
    #[must_use]
    pub const fn enter(tenant: TenantId) -> Self {
        Self(tenant)
    }

    /// Whose items.
    #[must_use]
    pub const fn tenant(&self) -> TenantId {
        self.0
    }
}

/// A primary key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) pk: String,
    pub(crate) sk: String,
}

impl Key {
    fn new(pk: String, sk: &str) -> Self {
        Self { pk, sk: sk.to_owned() }
    }
}

fn of(scope: &TenantScope) -> String {
    format!("T#{}", scope.0)
}

pub(crate) fn tenant(scope: &TenantScope) -> Key {
    Key::new(of(scope), "TENANT")
}

pub(crate) fn counter(scope: &TenantScope) -> Key {
    Key::new(of(scope), "COUNTER")
}

pub(crate) fn session(scope: &TenantScope, id: SessionId) -> Key {
    Key::new(format!("{}#SES#{id}", of(scope)), "SESSION")
}

/// How the partitions of a tenant's sessions begin; without a tenant, how every tenant's do.
pub(crate) fn sessions(scope: Option<&TenantScope>) -> String {
    scope.map_or_else(|| "T#".to_owned(), |scope| format!("{}#SES#", of(scope)))
}

pub(crate) fn event(scope: &TenantScope, id: SessionId, version: u64, n: usize) -> Key {
    Key { sk: format!("EVENT#{version:010}#{n}"), ..session(scope, id) }
}

pub(crate) fn statement(scope: &TenantScope, id: SessionId) -> Key {
    Key { sk: "STATEMENT".to_owned(), ..session(scope, id) }
}

/// The tenant of a session whose id is all that is known.
pub(crate) fn hosted(id: SessionId) -> Key {
    Key::new(format!("SES#{id}"), "TENANT")
}

pub(crate) fn subject(scope: &TenantScope, subject: SubjectId) -> String {
    format!("{}#SUB#{subject}", of(scope))
}

pub(crate) fn subject_session(scope: &TenantScope, id: SubjectId, session: SessionId) -> Key {
    Key::new(subject(scope, id), &format!("SESSION#{session}"))
}

pub(crate) fn subject_person(scope: &TenantScope, id: SubjectId, person: PersonId) -> Key {
    Key::new(subject(scope, id), &format!("PERSON#{person}"))
}

pub(crate) fn subject_event(scope: &TenantScope, id: SubjectId, n: u64) -> Key {
    Key::new(subject(scope, id), &format!("EVENT#{n:010}"))
}

pub(crate) fn metadata(scope: &TenantScope, id: SessionId, n: usize) -> Key {
    Key { sk: format!("META#{n:03}"), ..session(scope, id) }
}

pub(crate) fn reference(scope: &TenantScope, blind: &str) -> Key {
    Key::new(format!("{}#REF#{blind}", of(scope)), "REF")
}

pub(crate) fn idempotency(scope: &TenantScope, hash: &str) -> Key {
    Key::new(format!("{}#IDEM#{hash}", of(scope)), "IDEM")
}

pub(crate) fn rate(scope: &TenantScope, class: &str, minute: u64) -> Key {
    Key::new(format!("{}#RATE#{class}", of(scope)), &format!("MINUTE#{minute}"))
}

pub(crate) fn person(scope: &TenantScope, id: PersonId) -> Key {
    Key::new(format!("{}#PER#{id}", of(scope)), "PERSON")
}

pub(crate) fn person_session(scope: &TenantScope, id: PersonId, session: SessionId) -> Key {
    Key { sk: format!("SESSION#{session}"), ..person(scope, id) }
}

pub(crate) fn person_evidence(scope: &TenantScope, id: PersonId, session: SessionId) -> Key {
    Key { sk: format!("EVIDENCE#{session}"), ..person(scope, id) }
}

/// The persons that a tenant made in one month.
pub(crate) fn persons(scope: &TenantScope, month: Date) -> String {
    format!("{}#PERSONS#{:04}-{:02}", of(scope), month.year(), month.month())
}

pub(crate) fn person_row(scope: &TenantScope, created_at: Timestamp, id: PersonId) -> Key {
    let month = created_at.to_zoned_datetime(TimeZone::UTC).date();
    Key::new(persons(scope, month), &format!("{}#{id}", crate::item::sortable(created_at)))
}

pub(crate) fn email(scope: &TenantScope, blind: &str) -> Key {
    Key::new(format!("{}#EML#{blind}", of(scope)), "EMAIL")
}

pub(crate) fn expiry(scope: &TenantScope, id: SessionId) -> Key {
    Key { sk: "EXPIRY".to_owned(), ..session(scope, id) }
}

pub(crate) fn endpoints(scope: &TenantScope) -> String {
    format!("{}#ENDPOINTS", of(scope))
}

pub(crate) fn endpoint(scope: &TenantScope, id: EndpointId) -> Key {
    Key::new(endpoints(scope), &format!("ENDPOINT#{id}"))
}

pub(crate) fn health(scope: &TenantScope, id: EndpointId) -> Key {
    Key::new(endpoints(scope), &format!("HEALTH#{id}"))
}

pub(crate) fn endpoint_event(scope: &TenantScope, id: EndpointId, event: EventId) -> Key {
    Key::new(format!("{}#EP#{id}", of(scope)), &format!("EVENT#{event}"))
}

pub(crate) fn feed_head(scope: &TenantScope) -> Key {
    Key::new(of(scope), "FEED")
}

pub(crate) fn subject_head(scope: &TenantScope, subject: SubjectId) -> Key {
    Key::new(subject_key(scope, subject), "HEAD")
}

/// How many events share a partition of the feed.
pub(crate) const FEED_BUCKET: u64 = 1_000;

pub(crate) fn feed(scope: &TenantScope, number: u64) -> Key {
    Key::new(format!("{}#FEED#{}", of(scope), number / FEED_BUCKET), &format!("{number:016}"))
}

pub(crate) fn delivery(scope: &TenantScope, id: DeliveryId) -> Key {
    let tail = u64::from_be_bytes(*id.tail());
    Key::new(deliveries(scope, id.event()), &format!("DELIVERY#{tail:016x}"))
}

pub(crate) fn deliveries(scope: &TenantScope, event: EventId) -> String {
    format!("{}#EVT#{event}", of(scope))
}

pub(crate) fn attempt(scope: &TenantScope, id: DeliveryId, number: u32) -> Key {
    let delivery = delivery(scope, id);
    Key { sk: format!("{}#ATTEMPT#{number:03}", delivery.sk), ..delivery }
}

/// The hash of the index `by_endpoint`; result callbacks are listed under a name of their own.
pub(crate) fn endpoint_index(scope: &TenantScope, id: Option<EndpointId>) -> String {
    let endpoint = id.map_or_else(|| "RESULT".to_owned(), |id| id.to_string());
    format!("{}#EP#{endpoint}", of(scope))
}

pub(crate) fn directory(tenant: TenantId) -> Key {
    Key::new("SYSTEM".to_owned(), &format!("TENANT#{tenant}"))
}

pub(crate) fn tenant_key(scope: &TenantScope) -> String {
    of(scope)
}

pub(crate) fn subject_key(scope: &TenantScope, id: SubjectId) -> String {
    subject(scope, id)
}

/// Where the ledger's lines are in the table of keys.
pub(crate) const LEDGER: &str = "SYSTEM#ERASURE#";

pub(crate) fn ledger(scope: &TenantScope, id: SubjectId) -> String {
    format!("{LEDGER}{}", subject(scope, id))
}

pub(crate) fn erasure(scope: &TenantScope, id: SubjectId) -> Key {
    Key::new("SYSTEM#ERASURES".to_owned(), &subject(scope, id))
}

pub(crate) const SIGNING_KEY: &str = "SYSTEM#SIGNING";

/// The value of an index's hash attribute: a blind index, under the tenant.
pub(crate) fn index(scope: &TenantScope, blind: &str) -> String {
    format!("{}#{blind}", of(scope))
}

/// The shards of the `due` index. A power of two; more shards, more parallel sweeping.
pub(crate) const DUE_SHARDS: u8 = 4;

pub(crate) fn due_shard(id: SessionId) -> String {
    shard(id.bits())
}

pub(crate) fn due_shard_of_subject(id: SubjectId) -> String {
    shard(id.bits())
}

fn shard(bits: &[u8; 16]) -> String {
    format!("D#{}", bits[15] % DUE_SHARDS)
}

/// Reads tenant and subject back from [`subject`].
pub(crate) fn parse_subject(text: &str) -> Option<(TenantScope, SubjectId)> {
    let (tenant, subject) = text.strip_prefix("T#")?.split_once("#SUB#")?;
    Some((TenantScope(tenant.parse().ok()?), subject.parse().ok()?))
}

/// What is due, by what is to be done about it: each kind has shards of its own, so that many of one
/// do not keep the others waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DueKind {
    /// Sessions and erasures that stand still.
    Overdue,
    /// Events that no stream brought.
    Event,
    /// Deliveries whose message was lost, or that wait for longer than a queue can.
    Delivery,
    /// Evidence that expires.
    Expiry,
}

impl DueKind {
    pub(crate) fn shard(self, n: u8) -> String {
        let prefix = match self {
            Self::Overdue => "D",
            Self::Event => "E",
            Self::Delivery => "W",
            Self::Expiry => "R",
        };
        format!("{prefix}#{}", n % DUE_SHARDS)
    }
}

/// Reads the tenant back from any key of a tenant, as an index gives it.
pub(crate) fn parse_scope(pk: &str) -> Option<TenantScope> {
    let tenant = pk.strip_prefix("T#")?;
    let tenant = tenant.split_once('#').map_or(tenant, |(tenant, _)| tenant);
    tenant.parse().ok().map(TenantScope)
}

/// Reads tenant and delivery back from a delivery's key, as an index gives it.
pub(crate) fn parse_delivery(pk: &str, sk: &str) -> Option<(TenantScope, DeliveryId)> {
    let (_, event) = pk.split_once("#EVT#")?;
    let tail = sk.strip_prefix("DELIVERY#").filter(|tail| tail.len() == 16)?;
    let tail = u64::from_str_radix(tail, 16).ok()?;
    let id = DeliveryId::new(event.parse().ok()?, tail.to_be_bytes());
    Some((parse_scope(pk)?, id))
}

/// Whether going back would give a number twice, or give back what was taken from somebody.
pub(crate) fn counts_on(key: &Key) -> bool {
    kind(key) == "tenant" || key.sk == "HEAD"
}

/// What a record is about, in a word for operators.
pub(crate) fn kind(key: &Key) -> &'static str {
    let about = key.pk.strip_prefix("T#").and_then(|rest| rest.split('#').nth(1));
    match about {
        Some("SES") => "session",
        Some("SUB") => "subject",
        Some("PER" | "PERSONS" | "EML") => "person",
        Some("ENDPOINTS") => "endpoint",
        Some("EP" | "FEED") => "event",
        Some("EVT") => "delivery",
        Some("REF" | "IDEM" | "RATE") => "request",
        _ if key.pk == "SYSTEM#ERASURES" => "erasure",
        _ if key.pk.starts_with("SES#") => "session",
        _ => "tenant",
    }
}

/// Reads tenant and session back from a session's pk, as an index gives it.
pub(crate) fn parse_session(pk: &str) -> Option<(TenantScope, SessionId)> {
    let (tenant, session) = pk.strip_prefix("T#")?.split_once("#SES#")?;
    Some((TenantScope(tenant.parse().ok()?), session.parse().ok()?))
}
