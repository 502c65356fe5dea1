//! Sessions: creating, reading and moving.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use jiff::Timestamp;
use model::contact::ReferenceId;
use model::event::Event;
use model::ids::{EventId, PersonId, SessionId, TenantId};
use model::session::{Door, Session};
use model::transition::Transition;

use crate::error::StoreError;
use crate::events::event_item;
use crate::item::{self, Attributes, Item, sortable};
use crate::key::{self, Key, TenantScope};
use crate::list::After;
use crate::mailbox::mailbox_key;
use crate::metrics;
use crate::table::{Entered, Table};
use crate::vault::SubjectKey;
use crate::writes::{Committed, Condition, Guards, Writes};

/// How many session numbers a function reserves at once.
const NUMBERS_BLOCK: u64 = 100;
/// How long an idempotency key is remembered.
pub(crate) const IDEMPOTENCY_S: u64 = 24 * 60 * 60;

/// How long after its link has died a session is still found by its id alone.
const HOSTED_S: u64 = 24 * 60 * 60;
/// How often a session is created anew that was sealed under a key erased meanwhile.
const KEY_TRIES_MAX: u32 = 3;

/// A request that may be repeated.
#[derive(Debug, Clone)]
pub struct Idempotency {
    /// The client's key, hashed with tenant and route.
    pub key_hash: String,
    /// The request itself, hashed: the same key with another request is refused.
    pub fingerprint: String,
}

/// How a create ended.
#[derive(Debug)]
pub enum Created {
    /// The session is new.
    New(Session),
    /// The same request created this session before.
    Before(Session),
    /// The same key was used for another request.
    KeyReused,
}

impl Table {
    /// The next `session_number`, from a block that this process reserved.
    ///
    /// # Errors
    /// A [`StoreError`] when the table does not answer.
    pub async fn next_number(&self, entered: &Entered) -> Result<u64, StoreError> {
        let tenant = entered.scope.tenant();
        {
            let mut blocks = self.numbers.lock().expect("no holder of the numbers panics");
            if let Some(number) = blocks.get_mut(&tenant).and_then(Iterator::next) {
                return Ok(number);
            }
        }
        let key = item::key_attributes(&key::counter(&entered.scope));
        let call = self.client.update_item().table_name(&self.name).set_key(Some(key));
        let block = AttributeValue::N(NUMBERS_BLOCK.to_string());
        let call = call.update_expression("ADD reserved :block");
        let call = call.expression_attribute_values(":block", block);
        let call = call.return_values(ReturnValue::UpdatedNew);
        let answer = call.send().await.map_err(|e| StoreError::from_sdk("UpdateItem", &e))?;
        let end = item::number(&answer.attributes.unwrap_or_default(), "reserved")?;
        let mut block = end - NUMBERS_BLOCK + 1..end + 1;
        let number = block.next().expect("a fresh block is not empty");
        self.numbers.lock().expect("no holder of the numbers panics").insert(tenant, block);
        Ok(number)
    }

    /// Creates a session: itself, its event, its markers and its look-ups, in one transaction.
    ///
    /// # Errors
    /// [`StoreError::is_reference_taken`] where another session has the reference; otherwise when
    /// the table does not answer.
    pub async fn create_session(
        &self,
        entered: &Entered,
        transition: &Transition,
        idempotency: Option<&Idempotency>,
    ) -> Result<Created, StoreError> {
        for _ in 0..KEY_TRIES_MAX {
            match self.try_create_session(entered, transition, idempotency).await {
                Err(error) if error.is_key_erased() => {}
                ended => return ended,
            }
        }
        Err(StoreError::unavailable("the subject is being erased"))
    }

    async fn try_create_session(
        &self,
        entered: &Entered,
        transition: &Transition,
        idempotency: Option<&Idempotency>,
    ) -> Result<Created, StoreError> {
        let session = &transition.session;
        let mut writes = self.session_writes(entered, transition).await?;
        self.put_creation_markers(&mut writes, entered, session, idempotency);
        if let Some(idempotency) = idempotency {
            writes.put(
                Guards::Idempotency,
                self.idempotency_item(entered, session, idempotency),
                &Condition::AbsentOrLapsed { now_s: seconds(session.created_at) },
            );
        }
        match self.write(writes).await? {
            Committed::Done => Ok(Created::New(session.clone())),
            Committed::MadeBefore(record) => self.made_before(entered, &record, idempotency).await,
        }
    }

    /// Writes a transition: the session, its events, and what the person's partition remembers.
    ///
    /// # Errors
    /// [`StoreError::is_conflict`] where the session changed in between.
    pub async fn commit(
        &self,
        entered: &Entered,
        transition: &Transition,
    ) -> Result<(), StoreError> {
        if !transition.is_change() {
            return Ok(());
        }
        let writes = self.session_writes(entered, transition).await?;
        self.write(writes).await?;
        metrics::session_moved(transition);
        Ok(())
    }

    /// A session by id; `None` where it is unknown, another tenant's, or erased.
    ///
    /// # Errors
    /// A [`StoreError`] when the table does not answer.
    pub async fn session(
        &self,
        entered: &Entered,
        id: SessionId,
    ) -> Result<Option<Session>, StoreError> {
        match self.get(&key::session(&entered.scope, id)).await? {
            Some(item) => self.open_item(entered, &item).await,
            None => Ok(None),
        }
    }

    /// The tenant of a session that came through Ivy's door, for callers who know the session's id and
    /// no key. `None` where the id is unknown or its time has passed.
    ///
    /// # Errors
    /// A [`StoreError`] when the table does not answer.
    pub async fn tenant_of(&self, id: SessionId) -> Result<Option<TenantId>, StoreError> {
        let Some(item) = self.get(&key::hosted(id)).await? else {
            return Ok(None);
        };
        let lapsed = seconds(self.now()) >= item::number(&item, "expires_at")?;
        if lapsed { Ok(None) } else { item::parsed(&item, "tenant").map(Some) }
    }

    /// The session with this reference of its own; `None` where there is none.
    ///
    /// # Errors
    /// A [`StoreError`] when the table does not answer.
    pub async fn session_by_reference(
        &self,
        entered: &Entered,
        reference: &ReferenceId,
    ) -> Result<Option<Session>, StoreError> {
        match self.get(&reference_key(entered, reference)).await? {
            Some(marker) => self.session(entered, item::parsed(&marker, "session")?).await,
            None => Ok(None),
        }
    }

    /// The writes common to every transition.
    pub(crate) async fn session_writes(
        &self,
        entered: &Entered,
        transition: &Transition,
    ) -> Result<Writes, StoreError> {
        let session = &transition.session;
        let scope = &entered.scope;
        let mut writes = self.writes();
        let condition = Condition::version(transition.version_before());
        let subject_key = match transition.version_before() {
            0 => self.subject_key(entered, session.subject).await?,
            _ => self.existing_key(entered, session.subject).await?,
        };
        writes.under(&subject_key);
        let item = self.session_item(entered, session, &subject_key);
        writes.put(Guards::Version, item, &condition);
        for (n, kind) in transition.events.iter().enumerate() {
            let event = Event {
                id: EventId::from_bits(self.random()),
                kind: *kind,
                tenant: scope.tenant(),
                subject: Some(session.subject),
                session: Some(session.id),
                door: Some(session.door),
                person: session.person,
                endpoint: None,
                session_version: session.version,
                result_callback: session.request.expose().result_url.is_some() && kind.is_result(),
                occurred_at: session.updated_at,
            };
            let key = key::event(scope, session.id, session.version, n);
            writes.put(Guards::Nothing, event_item(&key, &event), &Condition::Always);
        }
        self.put_expiry(&mut writes, entered, session);
        if let Some(person) = session.person {
            let item = person_session_item(scope, person, session);
            writes.put(Guards::Nothing, item, &Condition::Always);
        }
        Ok(writes)
    }

    fn session_item(&self, entered: &Entered, session: &Session, subject_key: &SubjectKey) -> Item {
        let key = key::session(&entered.scope, session.id);
        let user = &session.request.expose().external_user;
        let index = |purpose: &str, normal_form: &str| {
            key::index(&entered.scope, &entered.keys.blind(purpose, normal_form))
        };
        let email = user.email.as_ref().map(|email| index("email", email.as_str()));
        let phone = user.phone.as_ref().map(|phone| index("phone", phone.as_str()));
        let reference = user.reference.as_ref().map(|r| index("reference", r.as_str()));
        let due = session.due_at();
        self.sealed_item(&entered.scope, &key, &subject_key.key, session)
            .text("entity", "session")
            .text("status", session.state.status().as_str())
            .text("subject", &session.subject.to_string())
            .text("created_at", &After::of(session).sort_key())
            .number("version", session.version)
            .number("number", session.number)
            .maybe_text("email_ix", email.as_deref())
            .maybe_text("phone_ix", phone.as_deref())
            .maybe_text("reference_ix", reference.as_deref())
            .maybe_text("due_shard", due.map(|_| key::due_shard(session.id)).as_deref())
            .maybe_text("due_at", due.map(sortable).as_deref())
    }

    /// What only a new session writes: its unique reference, its look-ups, and what finds all of it
    /// again when the subject is exported or erased.
    pub(crate) fn put_creation_markers(
        &self,
        writes: &mut Writes,
        entered: &Entered,
        session: &Session,
        idempotency: Option<&Idempotency>,
    ) {
        let scope = &entered.scope;
        let request = session.request.expose();
        let row = subject_row(entered, session, idempotency);
        writes.put(Guards::Nothing, row, &Condition::Always);
        if session.door == Door::Ivy {
            writes.put(Guards::Nothing, hosted_row(scope, session), &Condition::Always);
        }
        if let Some(reference) = &request.reference {
            let item = Item::at(&reference_key(entered, reference));
            let item = item.text("session", &session.id.to_string());
            writes.put(Guards::Reference, item, &Condition::Absent);
        }
        for (n, pair) in request.external_user.metadata_pairs().enumerate() {
            let blind = entered.keys.blind("metadata", &pair.normal_form());
            let item = Item::at(&key::metadata(scope, session.id, n))
                .text("metadata_ix", &key::index(scope, &blind))
                .text("created_at", &After::of(session).sort_key());
            writes.put(Guards::Nothing, item, &Condition::Always);
        }
    }

    fn idempotency_item(
        &self,
        entered: &Entered,
        session: &Session,
        idempotency: &Idempotency,
    ) -> Item {
        let lapses_at_s = seconds(session.created_at) + IDEMPOTENCY_S;
        Item::at(&key::idempotency(&entered.scope, &idempotency.key_hash))
            .text("session", &session.id.to_string())
            .text("fingerprint", &idempotency.fingerprint)
            .number("lapses_at_s", lapses_at_s)
            .number("expires_at", lapses_at_s)
    }

    async fn made_before(
        &self,
        entered: &Entered,
        record: &Attributes,
        idempotency: Option<&Idempotency>,
    ) -> Result<Created, StoreError> {
        let fingerprint = item::text(record, "fingerprint")?;
        if idempotency.is_none_or(|asked| asked.fingerprint != fingerprint) {
            return Ok(Created::KeyReused);
        }
        let session = self.session(entered, item::parsed(record, "session")?).await?;
        session.map(Created::Before).ok_or_else(|| StoreError::conflict("the session was erased"))
    }
}

fn reference_key(entered: &Entered, reference: &ReferenceId) -> Key {
    let blind = entered.keys.blind("session reference", reference.as_str());
    key::reference(&entered.scope, &blind)
}

/// The subject's row of a session, with the keys of everything that stands elsewhere. It says so
/// unsealed, as keys: erasing must be able to go on when nothing can be opened any more.
fn subject_row(entered: &Entered, session: &Session, idempotency: Option<&Idempotency>) -> Item {
    let scope = &entered.scope;
    let request = session.request.expose();
    let reference =
        request.reference.as_ref().map(|reference| reference_key(entered, reference).pk);
    let email = request.external_user.email.as_ref();
    let email = email.map(|email| mailbox_key(entered, email).pk);
    let before = idempotency.map(|asked| key::idempotency(scope, &asked.key_hash).pk);
    Item::at(&key::subject_session(scope, session.subject, session.id))
        .text("entity", "subject_session")
        .maybe_text("reference_pk", reference.as_deref())
        .maybe_text("email_pk", email.as_deref())
        .maybe_text("idempotency_pk", before.as_deref())
}

fn hosted_row(scope: &TenantScope, session: &Session) -> Item {
    Item::at(&key::hosted(session.id))
        .text("entity", "hosted")
        .text("tenant", &scope.tenant().to_string())
        .number("expires_at", seconds(session.expires_at) + HOSTED_S)
}

fn seconds(at: Timestamp) -> u64 {
    u64::try_from(at.as_second()).unwrap_or(0)
}

fn person_session_item(scope: &TenantScope, person: PersonId, session: &Session) -> Item {
    Item::at(&key::person_session(scope, person, session.id))
        .text("status", session.state.status().as_str())
        .text("session", &session.id.to_string())
        .text("link_expires_at", &sortable(session.expires_at))
}
