//! Deliveries and their attempts: taking hold of one, and writing down what became of it.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use model::delivery::{Attempt, Concluded, Delivery, Destination};
use model::ids::{DeliveryId, EndpointId, EventId, SubjectId};

use crate::error::StoreError;
use crate::item::{self, Attributes, Item, sortable};
use crate::key::{self, DueKind, TenantScope};
use crate::table::{Entered, Table};
use crate::vault::{Place, SealingKey, Vault};
use crate::writes::{Condition, Guards};

/// What was seen of an attempt, for people.
#[derive(Debug, Clone, Default)]
pub struct Note {
    /// How long it took.
    pub duration_ms: u64,
    /// The beginning of the receiver's answer.
    pub answer: Option<String>,
}

/// An attempt as it was written down.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// The attempt.
    pub attempt: Attempt,
    /// What was seen of it.
    pub note: Note,
}

/// A place in a list of deliveries: everything older than this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Listed {
    /// When it was made.
    pub created_at: Timestamp,
    /// Which it was.
    pub delivery: DeliveryId,
}

impl Listed {
    /// A delivery's place. The index knows milliseconds, and so does this order.
    #[must_use]
    pub fn of(delivery: &Delivery) -> Self {
        let created_at = delivery.created_at;
        let whole = Timestamp::from_millisecond(created_at.as_millisecond());
        Self { created_at: whole.unwrap_or(created_at), delivery: delivery.id }
    }

    /// As the index sorts it: many deliveries are made in one millisecond, so the id is part of it.
    fn sort_key(self) -> String {
        format!("{}#{}", sortable(self.created_at), self.delivery)
    }
}

impl Table {
    /// A delivery; `None` where it is unknown or another tenant's.
    ///
    /// # Errors
    /// A [`StoreError`] when the table does not answer.
    pub async fn delivery(
        &self,
        entered: &Entered,
        id: DeliveryId,
    ) -> Result<Option<Delivery>, StoreError> {
        let found = self.get(&key::delivery(&entered.scope, id)).await?;
        found.map(|item| read(&item)).transpose()
    }

    /// Stores a delivery that was taken hold of, put off or ended.
    ///
    /// # Errors
    /// [`StoreError::is_conflict`] where somebody else was faster.
    pub async fn save_delivery(
        &self,
        entered: &Entered,
        delivery: &Delivery,
    ) -> Result<(), StoreError> {
        let mut writes = self.writes();
        let item = self.delivery_item(&entered.scope, delivery);
        writes.put(Guards::Version, item, &Condition::version(delivery.version - 1));
        writes.commit(&self.client).await.map(drop)
    }

    /// Stores a delivery that tells an event again; `false` where it is there already.
    ///
    /// # Errors
    /// A [`StoreError`] when the table does not answer.
    pub async fn add_delivery(
        &self,
        entered: &Entered,
        delivery: &Delivery,
    ) -> Result<bool, StoreError> {
        match self.save_delivery(entered, delivery).await {
            Ok(()) => Ok(true),
            Err(error) if error.is_conflict() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Writes down what became of a delivery, with the attempt.
    ///
    /// # Errors
    /// [`StoreError::is_conflict`] where another worker took the delivery meanwhile.
    pub async fn conclude(
        &self,
        entered: &Entered,
        concluded: &Concluded,
        note: &Note,
    ) -> Result<(), StoreError> {
        let delivery = &concluded.delivery;
        let mut writes = self.writes();
        let item = self.delivery_item(&entered.scope, delivery);
        writes.put(Guards::Version, item, &Condition::Version(delivery.version - 1));
        let item = self.attempt_item(entered, concluded, note).await?;
        writes.put(Guards::Nothing, item, &Condition::Always);
        writes.commit(&self.client).await.map(drop)
    }

    /// The attempts of a delivery, oldest first. What receivers answered is left out where its
    /// subject was erased.
    ///
    /// # Errors
    /// A [`StoreError`] when the table does not answer.
    pub async fn attempts(
        &self,
        entered: &Entered,
        delivery: &Delivery,
    ) -> Result<Vec<Recorded>, StoreError> {
        let key = key::delivery(&entered.scope, delivery.id);
        let prefix = format!("{}#ATTEMPT#", key.sk);
        let items = self.beginning(&key.pk, &prefix).await?;
        let seal = self.answer_key(entered, delivery.entry.event.subject).await?;
        let mut attempts = Vec::with_capacity(items.len());
        for item in items {
            let attempt = serde_json::from_str(item::text(&item, "body")?);
            let attempt = attempt.map_err(|_| StoreError::unreadable("attempt"))?;
            let duration_ms = item::number(&item, "duration_ms")?;
            let answer = seal.as_ref().and_then(|key| opened(entered, key, &item));
            attempts.push(Recorded { attempt, note: Note { duration_ms, answer } });
        }
        Ok(attempts)
    }

    /// Every delivery of an event, oldest first.
    ///
    /// # Errors
    /// A [`StoreError`] when the table does not answer.
    pub async fn deliveries_of_event(
        &self,
        entered: &Entered,
        event: EventId,
    ) -> Result<Vec<Delivery>, StoreError> {
        let pk = key::deliveries(&entered.scope, event);
        let items = self.beginning(&pk, "DELIVERY#").await?;
        let deliveries = items.iter().filter(|item| item.contains_key("version")).map(read);
        let mut deliveries = deliveries.collect::<Result<Vec<_>, _>>()?;
        deliveries.sort_by_key(|delivery| (delivery.created_at, delivery.id));
        Ok(deliveries)
    }

    /// Deliveries to an endpoint, or result callbacks, newest first, at most `limit`.
    ///
    /// # Errors
    /// A [`StoreError`] when the table does not answer.
    pub async fn deliveries_to(
        &self,
        entered: &Entered,
        endpoint: Option<EndpointId>,
        after: Option<Listed>,
        limit: usize,
    ) -> Result<Vec<Delivery>, StoreError> {
        let scope = &entered.scope;
        let hash = key::endpoint_index(scope, endpoint);
        let start = after.map(|after| {
            let item = Item::at(&key::delivery(scope, after.delivery));
            let item = item.text("endpoint_ix", &hash);
            item.text("created_at", &after.sort_key()).build()
        });
        let call = self.client.query().table_name(&self.name).index_name("by_endpoint");
        let answer = call
            .key_condition_expression("endpoint_ix = :hash")
            .expression_attribute_values(":hash", AttributeValue::S(hash))
            .scan_index_forward(false)
            .limit(i32::try_from(limit).unwrap_or(100))
            .set_exclusive_start_key(start)
            .send()
            .await
            .map_err(|e| StoreError::from_sdk("Query by_endpoint", &e))?;
        let ids = answer.items().iter().filter_map(|item| {
            let (pk, sk) = (item::text(item, "pk").ok()?, item::text(item, "sk").ok()?);
            key::parse_delivery(pk, sk)
        });
        let keys: Vec<_> = ids.map(|(_, id)| key::delivery(scope, id)).collect();
        let found = self.batch(&keys).await?;
        let mut found = found.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        found.sort_by_key(|delivery| std::cmp::Reverse(Listed::of(delivery)));
        Ok(found)
    }

    pub(crate) fn delivery_item(&self, scope: &TenantScope, delivery: &Delivery) -> Item {
        let endpoint = match delivery.to {
            Destination::Endpoint(id) => Some(id),
            Destination::ResultCallback => None,
        };
        let due = delivery.due_at();
        let shard = DueKind::Delivery.shard(delivery.id.event().bits()[15]);
        let body = serde_json::to_string(delivery).expect("ids, names and times serialize");
        Item::at(&key::delivery(scope, delivery.id))
            .text("entity", "delivery")
            .text("body", &body)
            .text("state", delivery.phase.as_str())
            .text("endpoint_ix", &key::endpoint_index(scope, endpoint))
            .text("created_at", &Listed::of(delivery).sort_key())
            .number("version", delivery.version)
            .maybe_text("due_shard", due.map(|_| shard).as_deref())
            .maybe_text("due_at", due.map(sortable).as_deref())
    }

    /// What a receiver answers may repeat what it was told, so it is sealed like that: under the
    /// subject's key, where there is one.
    async fn attempt_item(
        &self,
        entered: &Entered,
        concluded: &Concluded,
        note: &Note,
    ) -> Result<Item, StoreError> {
        let (delivery, attempt) = (&concluded.delivery, &concluded.attempt);
        let key = key::attempt(&entered.scope, delivery.id, attempt.number);
        let body = serde_json::to_string(attempt).expect("numbers and names serialize");
        let seal = self.answer_key(entered, delivery.entry.event.subject).await?;
        let item = match note.answer.as_ref().zip(seal) {
            Some((answer, seal)) => self.sealed_item(&entered.scope, &key, &seal, answer),
            None => Item::at(&key),
        };
        let item = item.text("entity", "attempt").text("body", &body);
        Ok(item.number("duration_ms", note.duration_ms))
    }

    async fn answer_key(
        &self,
        entered: &Entered,
        subject: Option<SubjectId>,
    ) -> Result<Option<SealingKey>, StoreError> {
        match subject {
            Some(subject) => {
                let key = self.vault.subject(&entered.scope, &entered.keys, subject).await?;
                Ok(key.map(|key| key.key))
            }
            None => Ok(Some(entered.keys.own())),
        }
    }
}

fn read(item: &Attributes) -> Result<Delivery, StoreError> {
    let delivery = serde_json::from_str(item::text(item, "body")?);
    delivery.map_err(|_| StoreError::unreadable("delivery of another shape"))
}

fn opened(entered: &Entered, key: &SealingKey, item: &Attributes) -> Option<String> {
    let (pk, sk) = (item::text(item, "pk").ok()?, item::text(item, "sk").ok()?);
    let place = Place { scope: &entered.scope, pk, sk, attribute: "sealed" };
    let plain = Vault::open(key, &place, item::bytes(item, "sealed").ok()?).ok()?;
    serde_json::from_slice(&plain).ok()
}
