//! What the sweeper takes up besides sessions: events, deliveries, and evidence that expires.

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use jiff::Timestamp;
use model::ids::{SessionId, SubjectId};

use crate::delivery_queue::Deliver;
use crate::error::StoreError;
use crate::events::EventRow;
use crate::item::{self, Attributes, sortable};
use crate::key::{self, DueKind, Key, TenantScope};
use crate::table::Table;

/// One call reads at most so many items.
const BATCH_MAX: usize = 100;

/// What is due.
#[derive(Debug, Default)]
pub struct Due {
    /// Events that no stream brought.
    pub events: Vec<EventRow>,
    /// Deliveries without a message.
    pub deliveries: Vec<Deliver>,
    /// Sessions whose evidence expires.
    pub expiries: Vec<(TenantScope, SessionId)>,
    /// Sessions and erasures that stand still.
    pub overdue: Vec<Overdue>,
    /// Since when the oldest of all is due.
    pub oldest: Option<Timestamp>,
}

/// Something that stands still.
#[derive(Debug, Clone, Copy)]
pub enum Overdue {
    /// A session.
    Session(TenantScope, SessionId),
    /// An erasure that nobody finished.
    Erasure(TenantScope, SubjectId),
}

impl Overdue {
    fn of(key: &Key) -> Option<Self> {
        if let Some((scope, session)) = key::parse_session(&key.pk) {
            return Some(Self::Session(scope, session));
        }
        key::parse_subject(&key.sk).map(|(scope, subject)| Self::Erasure(scope, subject))
    }
}

/// Keys that are due, of one kind.
struct DueKeys {
    keys: Vec<Key>,
    oldest: Option<Timestamp>,
}

impl Table {
    /// What is due by now, oldest first, at most `limit` of each kind and shard; of what stands still,
    /// which takes a read and a write each, at most `overdue_limit`.
    ///
    /// # Errors
    /// A [`StoreError`] when the table does not answer.
    pub async fn due(&self, limit: i32, overdue_limit: i32) -> Result<Due, StoreError> {
        let events = self.due_keys(DueKind::Event, limit).await?;
        let deliveries = self.due_keys(DueKind::Delivery, limit).await?;
        let expiries = self.due_keys(DueKind::Expiry, limit).await?;
        let overdue = self.due_keys(DueKind::Overdue, overdue_limit).await?;
        let kinds = [&events, &deliveries, &expiries, &overdue];
        let oldest = kinds.iter().filter_map(|due| due.oldest).min();
        let events = self.batch(&events.keys).await?;
        let deliveries = deliveries.keys.iter().filter_map(|key| {
            let (scope, delivery) = key::parse_delivery(&key.pk, &key.sk)?;
            Some(Deliver { tenant: scope.tenant(), delivery })
        });
        let read = events.iter().filter_map(|item| {
            let row = EventRow::from_item(item);
            if row.is_none() {
                tracing::error!(key = ?item::key_of(item).ok(), "a due event cannot be read");
            }
            row
        });
        Ok(Due {
            events: read.collect(),
            deliveries: deliveries.collect(),
            expiries: expiries.keys.iter().filter_map(|key| key::parse_session(&key.pk)).collect(),
            overdue: overdue.keys.iter().filter_map(Overdue::of).collect(),
            oldest,
        })
    }

    async fn due_keys(&self, kind: DueKind, limit: i32) -> Result<DueKeys, StoreError> {
        let now = sortable(self.now());
        let (mut keys, mut oldest) = (Vec::new(), None::<Timestamp>);
        for shard in 0..key::DUE_SHARDS {
            let call = self.client.query().table_name(&self.name).index_name("due").limit(limit);
            let call = call
                .key_condition_expression("due_shard = :shard AND due_at <= :now")
                .expression_attribute_values(":shard", AttributeValue::S(kind.shard(shard)))
                .expression_attribute_values(":now", AttributeValue::S(now.clone()));
            let page = call.send().await.map_err(|e| StoreError::from_sdk("Query due", &e))?;
            for item in page.items() {
                let text = |name: &str| item::text(item, name).map(str::to_owned);
                keys.push(Key { pk: text("pk")?, sk: text("sk")? });
                let due_at: Option<Timestamp> = item::parsed(item, "due_at").ok();
                oldest = oldest.into_iter().chain(due_at).min();
            }
        }
        Ok(DueKeys { keys, oldest })
    }

    /// Items by key, strongly consistent, in no order.
    pub(crate) async fn batch(&self, keys: &[Key]) -> Result<Vec<Attributes>, StoreError> {
        let mut found = Vec::with_capacity(keys.len());
        for chunk in keys.chunks(BATCH_MAX) {
            let mut pending: Vec<Attributes> = chunk.iter().map(item::key_attributes).collect();
            while !pending.is_empty() {
                let request = KeysAndAttributes::builder().set_keys(Some(pending));
                let request = request.consistent_read(true).build();
                let request = request.map_err(|_| StoreError::unreadable("batch"))?;
                let call = self.client.batch_get_item().request_items(&self.name, request);
                let answer = call.send().await;
                let answer = answer.map_err(|e| StoreError::from_sdk("BatchGetItem", &e))?;
                let mut responses = answer.responses.unwrap_or_default();
                found.extend(responses.remove(&self.name).unwrap_or_default());
                let left = answer.unprocessed_keys.unwrap_or_default().remove(&self.name);
                pending = left.map(|left| left.keys).unwrap_or_default();
            }
        }
        Ok(found)
    }

    /// The items of a partition whose sort key begins so, in order, strongly consistent.
    pub(crate) async fn beginning(
        &self,
        pk: &str,
        prefix: &str,
    ) -> Result<Vec<Attributes>, StoreError> {
        let call = self.client.query().table_name(&self.name).consistent_read(true);
        let mut pages = call
            .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
            .expression_attribute_values(":pk", AttributeValue::S(pk.to_owned()))
            .expression_attribute_values(":prefix", AttributeValue::S(prefix.to_owned()))
            .into_paginator()
            .send();
        let mut items = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|e| StoreError::from_sdk("Query", &e))?;
            items.extend(page.items.unwrap_or_default());
        }
        Ok(items)
    }
}
