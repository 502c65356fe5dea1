//! Every key of the table, in one place.
//!
//! | access pattern | key |
//! |---|---|
//! | tenant by id | pk `T#<tenant>`, sk `TENANT` |
//! | next block of session numbers | pk `T#<tenant>`, sk `COUNTER` |
//! | session by id | pk `T#<tenant>#SES#<session>`, sk `SESSION` |
//! | events of a session, in order | same pk, sk `EVENT#<version>#<n>` |
//! | statement of a session | same pk, sk `STATEMENT` |
//! | sessions by metadata | same pk, sk `META#<n>`, index `by_metadata` |
//! | sessions by e-mail, phone, reference | session item, indexes `by_email`, `by_phone`, `by_reference` |
//! | what is overdue | session item and reminder of an erasure, index `due` |
//! | whose is this session? (asked without a key) | pk `SES#<session>`, sk `TENANT` |
//! | all that is kept of a subject | pk `T#<tenant>#SUB#<subject>`, sk `SESSION#<session>`, `PERSON#<id>` |
//! | event of a subject | same pk, sk `EVENT#<n>` |
//! | is this reference in use? | pk `T#<tenant>#REF#<blind>`, sk `REF` |
//! | was this request made before? | pk `T#<tenant>#IDEM#<hash>`, sk `IDEM` |
//! | requests of a minute | pk `T#<tenant>#RATE#<class>`, sk `MINUTE#<minute>` |
//! | person by id, with sessions and evidence | pk `T#<tenant>#PER#<id>`, sk `PERSON`, `SESSION#…`, `EVIDENCE#…` |
//! | persons of a tenant, oldest first | pk `T#<tenant>#PERSONS#<year>-<month>`, sk `<created_at>#<id>` |
//! | who has this e-mail? | pk `T#<tenant>#EML#<blind>`, sk `EMAIL` |
//! | all tenants (operator only) | pk `SYSTEM`, sk `TENANT#<tenant>` |
//!
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
use model::ids::{PersonId, SessionId, SubjectId, TenantId};

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

/// Reads tenant and session back from a session's pk, as an index gives it.
pub(crate) fn parse_session(pk: &str) -> Option<(TenantScope, SessionId)> {
    let (tenant, session) = pk.strip_prefix("T#")?.split_once("#SES#")?;
    Some((TenantScope(tenant.parse().ok()?), session.parse().ok()?))
}
