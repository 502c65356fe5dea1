//! The ledger of erasures: what was promised, and what is done.
//!
//! Before anything is deleted the promise is written down, the subject's key is barred, and the
//! sweeper is reminded: whoever dies in between, somebody finishes. When all is deleted, the key goes
//! and the ledger says so, in one transaction. A line holds ids and times only, and it stays.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use model::event::{Event, EventKind};
use model::ids::{EventId, SubjectId};

use crate::error::StoreError;
use crate::events::event_item;
use crate::item::{self, Attributes, Item, sortable};
use crate::key::{self, TenantScope};
use crate::table::{Entered, Table};
use crate::writes::{Condition, Guards, Line};

/// How long whoever begins an erasure is left alone with it.
const REMIND_AFTER: SignedDuration = SignedDuration::from_secs(60);
/// How often a writer that met another one reads the ledger again.
const TRIES_MAX: u32 = 3;

/// A line of the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Erasure {
    /// Whose subject.
    pub scope: TenantScope,
    /// Which.
    pub subject: SubjectId,
    /// How far it is.
    pub state: ErasureState,
    /// A subject that comes back may be erased again: this is its how many-th erasure.
    pub round: u64,
}

/// How far an erasure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErasureState {
    /// It has begun.
    Pending,
    /// Nothing is left.
    Done {
        /// Since when.
        erased_at: Timestamp,
    },
}

impl Table {
    /// Begins to erase a subject, or finds it begun or done. `None` where nothing is known of it.
    ///
    /// # Errors
    /// A [`StoreError`] when the table does not answer.
    pub async fn begin_erasure(
        &self,
        entered: &Entered,
        subject: SubjectId,
    ) -> Result<Option<Erasure>, StoreError> {
        for _ in 0..TRIES_MAX {
            let former = self.erasure(&entered.scope, subject).await?;
            if former.is_some_and(|former| former.state == ErasureState::Pending) {
                return Ok(former);
            }
            let stored = self.vault.is_stored(&key::subject_key(&entered.scope, subject)).await?;
            if !stored && self.subject_rows(entered, subject).await?.is_empty() {
                return Ok(former);
            }
            match self.put_begun(&entered.scope, subject, former).await {
                Err(error) if error.is_conflict() => {}
                begun => return begun.map(Some),
            }
        }
        Err(StoreError::unavailable("the ledger is contended"))
    }

    /// Goes on with an erasure from wherever it is. What comes back still pending was too much for
    /// one call; the sweeper goes on with it.
    ///
    /// # Errors
    /// A [`StoreError`] when the table does not answer; the sweeper goes on then, too.
    pub async fn erase(&self, entered: &Entered, begun: Erasure) -> Result<Erasure, StoreError> {
        if begun.state != ErasureState::Pending {
            return Ok(begun);
        }
        if !self.erase_records(entered, begun.subject, None).await? {
            return Ok(begun);
        }
        match self.put_done(begun).await {
            // Somebody else went on with it, too, and was first.
            Err(error) if error.is_conflict() => {
                let line = self.erasure(&entered.scope, begun.subject).await?;
                line.ok_or_else(|| StoreError::unreadable("a line left the ledger"))
            }
            done => done,
        }
    }

    /// Erases again what a backup brought back: all that is older than the erasure. What came since,
    /// because the subject came back, stays.
    ///
    /// # Errors
    /// A [`StoreError`] when the table does not answer; the same call may be made again.
    pub async fn replay_erasure(
        &self,
        entered: &Entered,
        line: Erasure,
    ) -> Result<Erasure, StoreError> {
        let ErasureState::Done { erased_at } = line.state else {
            let mut line = line;
            while line.state == ErasureState::Pending {
                line = self.erase(entered, line).await?;
            }
            return Ok(line);
        };
        while !self.erase_records(entered, line.subject, Some(erased_at)).await? {}
        if self.subject_rows(entered, line.subject).await?.is_empty() {
            let pk = key::subject_key(&entered.scope, line.subject);
            let mut writes = self.writes();
            writes.delete_key(&pk);
            self.write(writes).await?;
            self.vault.forget(&pk);
        }
        Ok(line)
    }

    /// The ledger's line of a subject.
    ///
    /// # Errors
    /// A [`StoreError`] when the table does not answer.
    pub async fn erasure(
        &self,
        scope: &TenantScope,
        subject: SubjectId,
    ) -> Result<Option<Erasure>, StoreError> {
        let (client, table) = self.vault.keys_table();
        let pk = AttributeValue::S(key::ledger(scope, subject));
        let get = client.get_item().table_name(table).key("pk", pk).consistent_read(true);
        let found = get.send().await.map_err(|e| StoreError::from_sdk("GetItem keys", &e))?;
        found.item.as_ref().map(line).transpose()
    }

    /// The whole ledger, for the operator.
    ///
    /// # Errors
    /// A [`StoreError`] when the table does not answer.
    pub async fn erasures(&self) -> Result<Vec<Erasure>, StoreError> {
        let (client, table) = self.vault.keys_table();
        let scan = client.scan().table_name(table).consistent_read(true);
        let mut pages = scan
            .filter_expression("begins_with(pk, :ledger)")
            .expression_attribute_values(":ledger", AttributeValue::S(key::LEDGER.to_owned()))
            .into_paginator()
            .send();
        let mut lines = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|e| StoreError::from_sdk("Scan keys", &e))?;
            for item in page.items() {
                lines.push(line(item)?);
            }
        }
        Ok(lines)
    }

    async fn put_begun(
        &self,
        scope: &TenantScope,
        subject: SubjectId,
        former: Option<Erasure>,
    ) -> Result<Erasure, StoreError> {
        let round = former.map_or(0, |former| former.round) + 1;
        let begun = Erasure { scope: *scope, subject, state: ErasureState::Pending, round };
        let due = self.now().checked_add(REMIND_AFTER).unwrap_or(self.now());
        let reminder = Item::at(&key::erasure(scope, subject))
            .text("entity", "erasure")
            .text("due_shard", &key::due_shard_of_subject(subject))
            .text("due_at", &sortable(due));
        let mut writes = self.writes();
        let expected = if former.is_some() { Line::Done(round - 1) } else { Line::Absent };
        writes.put_line(begun.attributes(), &expected);
        writes.bar_key(&key::subject_key(scope, subject));
        writes.put(Guards::Nothing, reminder, &Condition::Always);
        self.write(writes).await?;
        Ok(begun)
    }

    async fn put_done(&self, begun: Erasure) -> Result<Erasure, StoreError> {
        let Erasure { scope, subject, round, .. } = begun;
        let erased_at = self.now();
        let done = Erasure { state: ErasureState::Done { erased_at }, ..begun };
        let event = Event {
            id: EventId::from_bits(self.random()),
            kind: EventKind::SubjectErased,
            tenant: scope.tenant(),
            subject: Some(subject),
            session: None,
            door: None,
            person: None,
            endpoint: None,
            session_version: 0,
            result_callback: false,
            occurred_at: erased_at,
        };
        let event = event_item(&key::subject_event(&scope, subject, round), &event);
        let pk = key::subject_key(&scope, subject);
        let mut writes = self.writes();
        writes.put_line(done.attributes(), &Line::Pending(round));
        writes.delete_key(&pk);
        writes.delete(&key::erasure(&scope, subject));
        writes.put(Guards::Nothing, event, &Condition::Always);
        self.write(writes).await?;
        self.vault.forget(&pk);
        Ok(done)
    }
}

impl Erasure {
    fn attributes(&self) -> Attributes {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let pk = AttributeValue::S(key::ledger(&self.scope, self.subject));
        let mut attributes = Attributes::from([
            ("pk".to_owned(), pk),
            ("round".to_owned(), AttributeValue::N(self.round.to_string())),
        ]);
        let (state, erased_at) = match self.state {
            ErasureState::Pending => ("pending", None),
            ErasureState::Done { erased_at } => ("done", Some(erased_at)),
        };
        attributes.insert("state".to_owned(), text(state));
        attributes.extend(erased_at.map(|at| ("erased_at".to_owned(), text(&sortable(at)))));
        attributes
    }
}

fn line(item: &Attributes) -> Result<Erasure, StoreError> {
    let named = item::text(item, "pk")?.strip_prefix(key::LEDGER).and_then(key::parse_subject);
    let (scope, subject) = named.ok_or_else(|| StoreError::unreadable("line of another shape"))?;
    let state = match item::text(item, "state")? {
        "pending" => ErasureState::Pending,
        _ => ErasureState::Done { erased_at: item::parsed(item, "erased_at")? },
    };
    Ok(Erasure { scope, subject, state, round: item::number(item, "round")? })
}
