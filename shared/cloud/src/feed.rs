//! The feed: every event of a tenant in order, numbered once, and the deliveries that follow.
//!
//! Numbers are given in one transaction conditional on the head of the feed, so they have no gaps
//! and grow; a reader stops at a gap, which can only be a transaction still becoming visible.
//! Nothing ever appears before a number that was read.

use std::collections::{HashMap, HashSet};

use aws_sdk_dynamodb::types::AttributeValue;
use model::delivery::{Delivery, Destination};
use model::endpoint::Endpoint;
use model::event::{Entry, Event};
use model::ids::{DeliveryId, EndpointId, SubjectId};

use crate::error::StoreError;
use crate::events::EventRow;
use crate::item::{self, Item};
use crate::key::{self, FEED_BUCKET};
use crate::seal::sha256;
use crate::table::{Entered, Table};
use crate::writes::{Change, Condition, Guards, Writes};

/// A transaction writes at most 100 items.
const ITEMS_MAX: usize = 100;
/// How often numbering meets another one before the caller is told to come again.
const TRIES_MAX: u32 = 10;

/// The heads that a transaction starts from.
#[derive(Default)]
struct Heads {
    feed: u64,
    subjects: HashMap<SubjectId, u64>,
}

impl Table {
    /// Puts events into the feed, each once, and makes a delivery for every receiver that is
    /// entitled to it. What was put there before is left out; its deliveries are under way.
    ///
    /// # Errors
    /// A [`StoreError`] when the table does not answer; what was committed stays so.
    pub async fn publish(
        &self,
        entered: &Entered,
        rows: &[EventRow],
        endpoints: &[Endpoint],
    ) -> Result<Vec<Delivery>, StoreError> {
        // A stream may bring a record twice, also side by side.
        let mut seen = HashSet::new();
        let mut waiting: Vec<EventRow> =
            rows.iter().filter(|row| seen.insert(row.event.id)).cloned().collect();
        let mut made = Vec::new();
        let mut tries = 0;
        while !waiting.is_empty() {
            let (count, writes, deliveries) = self.numbering(entered, &waiting, endpoints).await?;
            match writes.commit(&self.client).await {
                Ok(_) => {
                    waiting.drain(..count);
                    made.extend(deliveries);
                }
                Err(error) if error.is_conflict() && tries < TRIES_MAX => {
                    tries += 1;
                    waiting = self.unnumbered(waiting).await?;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(made)
    }

    /// One transaction over as many events as fit.
    async fn numbering(
        &self,
        entered: &Entered,
        rows: &[EventRow],
        endpoints: &[Endpoint],
    ) -> Result<(usize, Writes, Vec<Delivery>), StoreError> {
        let scope = &entered.scope;
        let before = self.heads(entered, rows).await?;
        let mut heads = Heads { feed: before.feed, subjects: before.subjects.clone() };
        let mut writes = self.writes();
        let mut deliveries = Vec::new();
        let mut count = 0;
        for row in rows {
            let to = receivers(&row.event, endpoints);
            // The event, its place, its deliveries, the head of its subject, the head of the feed.
            if count > 0 && writes.len() + to.len() + heads.subjects.len() + 3 > ITEMS_MAX {
                break;
            }
            let entry = heads.place(&row.event);
            self.number_event(&mut writes, row, entry.number);
            let body = serde_json::to_string(&entry).expect("ids and names serialize");
            let item = Item::at(&key::feed(scope, entry.number)).text("body", &body);
            writes.put(Guards::Version, item, &Condition::Absent);
            for to in to {
                let id = DeliveryId::new(row.event.id, tail(to));
                let delivery = Delivery::new(id, entry.clone(), to, self.now());
                let item = self.delivery_item(scope, &delivery);
                writes.put(Guards::Version, item, &Condition::Absent);
                deliveries.push(delivery);
            }
            count += 1;
        }
        let head = |key: &key::Key, number: u64| Item::at(key).number("version", number);
        let key = key::feed_head(scope);
        writes.put(Guards::Version, head(&key, heads.feed), &Condition::version(before.feed));
        for (subject, sequence) in &heads.subjects {
            let old = before.subjects.get(subject).copied().unwrap_or_default();
            if old != *sequence {
                let key = key::subject_head(scope, *subject);
                writes.put(Guards::Version, head(&key, *sequence), &Condition::version(old));
            }
        }
        Ok((count, writes, deliveries))
    }

    fn number_event(&self, writes: &mut Writes, row: &EventRow, number: u64) {
        let change = Change {
            expression: "SET feed_number = :number, op_id = :op REMOVE due_shard, due_at",
            condition: "attribute_exists(pk) AND attribute_not_exists(feed_number)",
            values: vec![(":number", AttributeValue::N(number.to_string()))],
        };
        writes.update(&row.key, change);
    }

    async fn heads(&self, entered: &Entered, rows: &[EventRow]) -> Result<Heads, StoreError> {
        let scope = &entered.scope;
        let subjects = rows.iter().take(ITEMS_MAX / 2).filter_map(|row| row.event.subject);
        let mut subjects: Vec<SubjectId> = subjects.collect();
        subjects.sort_unstable();
        subjects.dedup();
        let feed = key::feed_head(scope);
        let keys = subjects.iter().map(|subject| key::subject_head(scope, *subject));
        let keys: Vec<_> = keys.chain([feed.clone()]).collect();
        let mut heads = Heads::default();
        heads.subjects.extend(subjects.iter().map(|subject| (*subject, 0)));
        for item in self.batch(&keys).await? {
            let version = item::number(&item, "version")?;
            match item::text(&item, "pk")?.rsplit_once("#SUB#") {
                Some((_, subject)) => {
                    let subject = subject.parse().ok();
                    heads.subjects.extend(subject.map(|subject: SubjectId| (subject, version)));
                }
                None => heads.feed = version,
            }
        }
        Ok(heads)
    }

    /// Those of the rows that are not in the feed, as they stand now.
    async fn unnumbered(&self, rows: Vec<EventRow>) -> Result<Vec<EventRow>, StoreError> {
        let mut left = Vec::with_capacity(rows.len());
        for chunk in rows.chunks(ITEMS_MAX) {
            let keys: Vec<_> = chunk.iter().map(|row| row.key.clone()).collect();
            let items = self.batch(&keys).await?;
            let open: Vec<EventRow> = items
                .iter()
                .filter(|item| !item.contains_key("feed_number"))
                .filter_map(EventRow::from_item)
                .collect();
            left.extend(chunk.iter().filter(|row| open.contains(row)).cloned());
        }
        Ok(left)
    }

    /// The feed after a number, in order and without gaps, at most `limit` entries.
    ///
    /// # Errors
    /// A [`StoreError`] when the table does not answer.
    pub async fn feed(
        &self,
        entered: &Entered,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        let mut entries: Vec<Entry> = Vec::new();
        while entries.len() < limit {
            let next = after + u64::try_from(entries.len()).unwrap_or(u64::MAX) + 1;
            let found = self.feed_bucket(entered, next, limit - entries.len()).await?;
            let unbroken =
                found.into_iter().zip(next..).take_while(|(entry, n)| entry.number == *n);
            let unbroken: Vec<Entry> = unbroken.map(|(entry, _)| entry).collect();
            let Some(last) = unbroken.last().map(|entry| entry.number) else { break };
            entries.extend(unbroken);
            if (last + 1) % FEED_BUCKET != 0 {
                break;
            }
        }
        Ok(entries)
    }

    async fn feed_bucket(
        &self,
        entered: &Entered,
        from: u64,
        limit: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        let key = key::feed(&entered.scope, from);
        let call = self.client.query().table_name(&self.name).consistent_read(true);
        let answer = call
            .key_condition_expression("pk = :pk AND sk >= :from")
            .expression_attribute_values(":pk", AttributeValue::S(key.pk))
            .expression_attribute_values(":from", AttributeValue::S(key.sk))
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(|e| StoreError::from_sdk("Query feed", &e))?;
        let read = |item| {
            let entry = serde_json::from_str(item::text(item, "body")?);
            entry.map_err(|_| StoreError::unreadable("entry of another shape"))
        };
        answer.items().iter().map(read).collect()
    }
}

impl Heads {
    fn place(&mut self, event: &Event) -> Entry {
        self.feed += 1;
        let sequence = event.subject.map(|subject| {
            let sequence = self.subjects.entry(subject).or_default();
            *sequence += 1;
            *sequence
        });
        Entry { event: event.clone(), number: self.feed, sequence }
    }
}

/// Who is entitled to an event.
fn receivers(event: &Event, endpoints: &[Endpoint]) -> Vec<Destination> {
    let entitled = endpoints.iter().filter(|endpoint| endpoint.is_entitled(event));
    let callback = event.result_callback.then_some(Destination::ResultCallback);
    entitled.map(|endpoint| Destination::Endpoint(endpoint.id)).chain(callback).collect()
}

/// One delivery per event and receiver: its id follows from both.
fn tail(to: Destination) -> [u8; 8] {
    let name = match to {
        Destination::Endpoint(id) => EndpointId::to_string(&id),
        Destination::ResultCallback => "result callback".to_owned(),
    };
    let mut tail = [0; 8];
    tail.copy_from_slice(&sha256(name.as_bytes())[..8]);
    tail
}
