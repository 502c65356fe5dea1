//! Every key of the table, in one place.
//!
//! | access pattern | key |
//! |---|---|
//! | tenant by id | pk `T#<tenant>`, sk `TENANT` |
//! | next block of session numbers | pk `T#<tenant>`, sk `COUNTER` |
//! | session by id | pk `T#<tenant>#SES#<session>`, sk `SESSION` |
//! | events of a session, in order | same pk, sk `EVENT#<version>#<n>` |
//! | sessions by metadata | same pk, sk `META#<n>`, index `by_metadata` |
//! | sessions by e-mail, phone, reference | session item, indexes `by_email`, `by_phone`, `by_reference` |
//! | what is overdue | session item, index `due` |
//! | is this reference in use? | pk `T#<tenant>#REF#<blind>`, sk `REF` |
//! | was this request made before? | pk `T#<tenant>#IDEM#<hash>`, sk `IDEM` |
//! | requests of a minute | pk `T#<tenant>#RATE#<class>`, sk `MINUTE#<minute>` |
//! | person by id, with sessions and evidence | pk `T#<tenant>#PER#<id>`, sk `PERSON`, `SESSION#…`, `EVIDENCE#…` |
//! | who has this e-mail? | pk `T#<tenant>#EML#<blind>`, sk `EMAIL` |
//! | all tenants (operator only) | pk `SYSTEM`, sk `TENANT#<tenant>` |
//!
//! The table of keys has one attribute, pk: `T#<tenant>`, `T#<tenant>#SUB#<subject>`, `SYSTEM#SIGNING`.
//!
//! A key of a tenant cannot be built without a [`TenantScope`].

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

pub(crate) fn email(scope: &TenantScope, blind: &str) -> Key {
    Key::new(format!("{}#EML#{blind}", of(scope)), "EMAIL")
}

pub(crate) fn directory(tenant: TenantId) -> Key {
    Key::new("SYSTEM".to_owned(), &format!("TENANT#{tenant}"))
}

pub(crate) fn tenant_key(scope: &TenantScope) -> String {
    of(scope)
}

pub(crate) fn subject_key(scope: &TenantScope, subject: SubjectId) -> String {
    format!("{}#SUB#{subject}", of(scope))
}

pub(crate) const SIGNING_KEY: &str = "SYSTEM#SIGNING";

/// The value of an index's hash attribute: a blind index, under the tenant.
pub(crate) fn index(scope: &TenantScope, blind: &str) -> String {
    format!("{}#{blind}", of(scope))
}

/// The shards of the `due` index. A power of two; more shards, more parallel sweeping.
pub(crate) const DUE_SHARDS: u8 = 4;

pub(crate) fn due_shard(id: SessionId) -> String {
    format!("D#{}", id.bits()[15] % DUE_SHARDS)
}

/// Reads tenant and session back from a session's pk, as an index gives it.
pub(crate) fn parse_session(pk: &str) -> Option<(TenantScope, SessionId)> {
    let (tenant, session) = pk.strip_prefix("T#")?.split_once("#SES#")?;
    Some((TenantScope(tenant.parse().ok()?), session.parse().ok()?))
}
