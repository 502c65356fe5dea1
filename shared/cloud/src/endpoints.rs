//! Endpoints of tenants, sealed, and how they are doing.

use model::endpoint::{Endpoint, OffReason, Switch};
use model::event::EventKind;
use model::health::Health;
use model::ids::{EndpointId, EventId};

use crate::error::StoreError;
use crate::events::{endpoint_event, event_item};
use crate::item::{self, Attributes, Item};
use crate::key::{self, Key};
use crate::sessions::Idempotency;
use crate::table::{Entered, Table};
use crate::vault::{Place, Vault};
use crate::writes::{Committed, Condition, Guards, Writes};

/// How a request ended that may be repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Once {
    /// It was done now.
    Now,
    /// The same request was done before, and made this.
    Before(String),
    /// The same key was used for another request.
    KeyReused,
}

impl Table {
    /// Every endpoint of a tenant, oldest first.
    ///
    /// # Errors
    /// A [`StoreError`] when the table does not answer.
    pub async fn endpoints(&self, entered: &Entered) -> Result<Vec<Endpoint>, StoreError> {
        let items = self.partition(&key::endpoints(&entered.scope)).await?;
        let sealed = items.iter().filter(|item| item.contains_key("sealed"));
        let read = sealed.map(|item| open_endpoint(entered, item));
        let mut endpoints = read.collect::<Result<Vec<_>, _>>()?;
        endpoints.sort_by_key(|endpoint| (endpoint.created_at, endpoint.id));
        Ok(endpoints)
    }

    /// An endpoint; `None` where it is unknown, another tenant's, or deleted.
    ///
    /// # Errors
    /// A [`StoreError`] when the table does not answer.
    pub async fn endpoint(
        &self,
        entered: &Entered,
        id: EndpointId,
    ) -> Result<Option<Endpoint>, StoreError> {
        let found = self.get(&key::endpoint(&entered.scope, id)).await?;
        found.map(|item| open_endpoint(entered, &item)).transpose()
    }

    /// An endpoint and how it is doing, in one read.
    ///
    /// # Errors
    /// A [`StoreError`] when the table does not answer.
    pub async fn receiver(
        &self,
        entered: &Entered,
        id: EndpointId,
    ) -> Result<(Option<Endpoint>, Health), StoreError> {
        let scope = &entered.scope;
        let keys = [key::endpoint(scope, id), key::health(scope, id)];
        let (mut endpoint, mut health) = (None, Health::default());
        for item in self.batch(&keys).await? {
            if item.contains_key("sealed") {
                endpoint = Some(open_endpoint(entered, &item)?);
            } else {
                let body = serde_json::from_str(item::text(&item, "body")?);
                health = body.map_err(|_| StoreError::unreadable("health of another shape"))?;
            }
        }
        Ok((endpoint, health))
    }

    /// Stores a new endpoint.
    ///
    /// # Errors
    /// A [`StoreError`] when the table does not answer.
    pub async fn create_endpoint(
        &self,
        entered: &Entered,
        endpoint: &Endpoint,
        repeatable: Option<&Idempotency>,
    ) -> Result<Once, StoreError> {
        self.write_endpoint(entered, endpoint, &Condition::Absent, repeatable).await
    }

    /// Stores a changed endpoint.
    ///
    /// # Errors
    /// [`StoreError::is_conflict`] where it was changed or deleted in between.
    pub async fn update_endpoint(
        &self,
        entered: &Entered,
        endpoint: &Endpoint,
        repeatable: Option<&Idempotency>,
    ) -> Result<Once, StoreError> {
        let before = Condition::Version(endpoint.version - 1);
        self.write_endpoint(entered, endpoint, &before, repeatable).await
    }

    /// Stores a changed endpoint that is given another chance: how it did before is forgotten.
    ///
    /// # Errors
    /// [`StoreError::is_conflict`] where it was changed or deleted in between.
    pub async fn start_over(
        &self,
        entered: &Entered,
        endpoint: &Endpoint,
    ) -> Result<(), StoreError> {
        let mut writes = self.writes();
        let item = self.endpoint_item(entered, endpoint);
        writes.put(Guards::Version, item, &Condition::Version(endpoint.version - 1));
        writes.delete(&key::health(&entered.scope, endpoint.id));
        writes.commit(&self.client).await.map(drop)
    }

    async fn write_endpoint(
        &self,
        entered: &Entered,
        endpoint: &Endpoint,
        condition: &Condition,
        repeatable: Option<&Idempotency>,
    ) -> Result<Once, StoreError> {
        let mut writes = self.writes();
        let item = self.endpoint_item(entered, endpoint);
        writes.put(Guards::Version, item, condition);
        self.put_record(&mut writes, entered, repeatable, &endpoint.id.to_string());
        match writes.commit(&self.client).await? {
            Committed::Done => Ok(Once::Now),
            Committed::MadeBefore(record) => made_before(&record, repeatable),
        }
    }

    /// Deletes an endpoint. What is under way to it ends when it is taken up.
    ///
    /// # Errors
    /// A [`StoreError`] when the table does not answer.
    pub async fn delete_endpoint(
        &self,
        entered: &Entered,
        id: EndpointId,
    ) -> Result<(), StoreError> {
        let mut writes = self.writes();
        writes.delete(&key::endpoint(&entered.scope, id));
        writes.delete(&key::health(&entered.scope, id));
        writes.commit(&self.client).await.map(drop)
    }

    /// Stores how an endpoint is doing.
    ///
    /// # Errors
    /// [`StoreError::is_conflict`] where somebody else noted something in between.
    pub async fn note_health(
        &self,
        entered: &Entered,
        id: EndpointId,
        health: &Health,
    ) -> Result<(), StoreError> {
        let mut writes = self.writes();
        put_health(&mut writes, entered, id, health);
        writes.commit(&self.client).await.map(drop)
    }

    /// Stores how an endpoint is doing, together with the event that tells of it.
    ///
    /// # Errors
    /// [`StoreError::is_conflict`] where somebody else noted something in between.
    pub async fn warn_of(
        &self,
        entered: &Entered,
        id: EndpointId,
        health: &Health,
    ) -> Result<(), StoreError> {
        let mut writes = self.writes();
        put_health(&mut writes, entered, id, health);
        self.put_endpoint_event(&mut writes, entered, id, EventKind::EndpointFailing);
        writes.commit(&self.client).await.map(drop)
    }

    /// Switches an endpoint off, together with how it is doing and the event that tells of it.
    ///
    /// # Errors
    /// [`StoreError::is_conflict`] where either was changed in between.
    pub async fn switch_off(
        &self,
        entered: &Entered,
        endpoint: &Endpoint,
        health: &Health,
        reason: OffReason,
    ) -> Result<(), StoreError> {
        let off = Endpoint {
            switch: Switch::Off { since: self.now(), reason },
            version: endpoint.version + 1,
            ..endpoint.clone()
        };
        let mut writes = self.writes();
        let item = self.endpoint_item(entered, &off);
        writes.put(Guards::Version, item, &Condition::Version(endpoint.version));
        put_health(&mut writes, entered, off.id, health);
        self.put_endpoint_event(&mut writes, entered, off.id, EventKind::EndpointDisabled);
        writes.commit(&self.client).await.map(drop)
    }

    fn put_endpoint_event(
        &self,
        writes: &mut Writes,
        entered: &Entered,
        id: EndpointId,
        kind: EventKind,
    ) {
        let event_id = EventId::from_bits(self.random());
        let (key, event) = endpoint_event(&entered.scope, event_id, kind, (id, self.now()));
        writes.put(Guards::Version, event_item(&key, &event), &Condition::Absent);
    }

    /// The whole endpoint is sealed under the tenant's own key: its URL and headers may hold secrets
    /// as well as its secrets do.
    fn endpoint_item(&self, entered: &Entered, endpoint: &Endpoint) -> Item {
        let key = key::endpoint(&entered.scope, endpoint.id);
        self.sealed_item(&entered.scope, &key, &entered.keys.own(), endpoint)
            .text("entity", "endpoint")
            .number("version", endpoint.version)
    }

    /// The record by which a repeated request is recognised, where the client sent a key.
    pub(crate) fn put_record(
        &self,
        writes: &mut Writes,
        entered: &Entered,
        repeatable: Option<&Idempotency>,
        made: &str,
    ) {
        let Some(repeatable) = repeatable else { return };
        let now_s = u64::try_from(self.now().as_second()).unwrap_or(0);
        let lapses_at_s = now_s + crate::sessions::IDEMPOTENCY_S;
        let item = Item::at(&key::idempotency(&entered.scope, &repeatable.key_hash))
            .text("made", made)
            .text("fingerprint", &repeatable.fingerprint)
            .number("lapses_at_s", lapses_at_s)
            .number("expires_at", lapses_at_s);
        writes.put(Guards::Idempotency, item, &Condition::AbsentOrLapsed { now_s });
    }

    /// What a repeated request made before, where its record is still there.
    ///
    /// # Errors
    /// A [`StoreError`] when the table does not answer.
    pub async fn done_before(
        &self,
        entered: &Entered,
        repeatable: &Idempotency,
    ) -> Result<Option<Once>, StoreError> {
        let key = key::idempotency(&entered.scope, &repeatable.key_hash);
        let now_s = u64::try_from(self.now().as_second()).unwrap_or(0);
        let record = self.get(&key).await?;
        let fresh =
            |item: &Attributes| item::number(item, "lapses_at_s").is_ok_and(|at| at >= now_s);
        let record = record.filter(fresh);
        record.map(|record| made_before(&record, Some(repeatable))).transpose()
    }
}

pub(crate) fn made_before(
    record: &Attributes,
    repeatable: Option<&Idempotency>,
) -> Result<Once, StoreError> {
    let fingerprint = item::text(record, "fingerprint")?;
    if repeatable.is_none_or(|asked| asked.fingerprint != fingerprint) {
        return Ok(Once::KeyReused);
    }
    Ok(Once::Before(item::text(record, "made")?.to_owned()))
}

fn put_health(writes: &mut Writes, entered: &Entered, id: EndpointId, health: &Health) {
    let body = serde_json::to_string(health).expect("numbers and times serialize");
    let item = Item::at(&key::health(&entered.scope, id))
        .text("entity", "health")
        .text("body", &body)
        .number("version", health.version);
    writes.put(Guards::Version, item, &Condition::version(health.version - 1));
}

fn open_endpoint(entered: &Entered, item: &Attributes) -> Result<Endpoint, StoreError> {
    let key =
        Key { pk: item::text(item, "pk")?.to_owned(), sk: item::text(item, "sk")?.to_owned() };
    let place = Place { scope: &entered.scope, pk: &key.pk, sk: &key.sk, attribute: "sealed" };
    let plain = Vault::open(&entered.keys.own(), &place, item::bytes(item, "sealed")?)?;
    serde_json::from_slice(&plain).map_err(|_| StoreError::unreadable("endpoint of another shape"))
}
