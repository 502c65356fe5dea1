//! One transaction: what it writes, under which conditions, and how its failure is read.

mod update;

use std::time::Duration;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, ConditionCheck, Delete, Put,
    ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use model::ids::OpId;

use crate::error::StoreError;
use crate::item::{self, Attributes, Item};
use crate::key::Key;
use crate::vault::SubjectKey;

pub(crate) use update::Change;

/// How often a transaction that met another one is tried again before the caller is told to retry.
const CONFLICT_TRIES_MAX: u32 = 5;

/// What a put protects; decides what its failed condition means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Guards {
    /// The item's version.
    Version,
    /// A reference id, unique per tenant.
    Reference,
    /// A request that may have been made before.
    Idempotency,
    /// The key that seals what is written.
    SubjectKey,
    /// Nothing.
    Nothing,
}

/// When a put may happen.
#[derive(Debug, Clone)]
pub(crate) enum Condition {
    /// There is no such item.
    Absent,
    /// The stored version is this one.
    Version(u64),
    /// There is no such item, or it lapsed before this second.
    AbsentOrLapsed { now_s: u64 },
    /// Always.
    Always,
}

/// What the erasure ledger must say of a subject, with the round it says it of.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Line {
    /// Nothing.
    Absent,
    /// The erasure is under way.
    Pending(u64),
    /// It is done.
    Done(u64),
}

impl Condition {
    /// Version 0 means that there is no item yet.
    pub(crate) const fn version(version: u64) -> Self {
        if version == 0 { Self::Absent } else { Self::Version(version) }
    }
}

/// A transaction under construction.
pub(crate) struct Writes {
    op: OpId,
    table: String,
    keys_table: String,
    puts: Vec<(Guards, TransactWriteItem)>,
    sealed_under: Vec<String>,
}

/// How a transaction ended.
#[derive(Debug)]
pub(crate) enum Committed {
    /// It is written, by this call or by an earlier try of it.
    Done,
    /// The idempotency record was there already; this is the item.
    MadeBefore(Attributes),
}

impl Writes {
    pub(crate) fn new(table: &str, keys_table: &str, op: OpId) -> Self {
        let (table, keys_table) = (table.to_owned(), keys_table.to_owned());
        Self { op, table, keys_table, puts: Vec::new(), sealed_under: Vec::new() }
    }

    /// Holds only while `key` is the subject's key: a function that still has the key of an erased
    /// subject in memory must not seal anything under it, and while a subject is being erased nothing
    /// is added that the erasing might miss.
    pub(crate) fn under(&mut self, key: &SubjectKey) {
        if self.sealed_under.contains(&key.pk) {
            return;
        }
        let check = ConditionCheck::builder()
            .table_name(&self.keys_table)
            .key("pk", AttributeValue::S(key.pk.clone()))
            .condition_expression("sealed_key = :sealed AND attribute_not_exists(erasing)")
            .expression_attribute_values(
                ":sealed",
                AttributeValue::B(Blob::new(key.sealed.clone())),
            )
            .build()
            .expect("a check with table, key and condition is whole");
        self.sealed_under.push(key.pk.clone());
        let check = TransactWriteItem::builder().condition_check(check).build();
        self.puts.push((Guards::SubjectKey, check));
    }

    /// The keys that [`Self::under`] named.
    pub(crate) fn sealed_under(&self) -> Vec<String> {
        self.sealed_under.clone()
    }

    /// Deletes an item, whatever it is.
    pub(crate) fn delete(&mut self, key: &Key) {
        let delete = Delete::builder().table_name(&self.table);
        let delete = delete.set_key(Some(item::key_attributes(key))).build();
        let delete = delete.expect("a delete with table and key is whole");
        self.puts.push((Guards::Nothing, TransactWriteItem::builder().delete(delete).build()));
    }

    /// Deletes an item that still has this version.
    pub(crate) fn delete_version(&mut self, key: &Key, version: u64) {
        let delete = Delete::builder()
            .table_name(&self.table)
            .set_key(Some(item::key_attributes(key)))
            .condition_expression("version = :version")
            .expression_attribute_values(":version", AttributeValue::N(version.to_string()))
            .build()
            .expect("a delete with table and key is whole");
        self.puts.push((Guards::Version, TransactWriteItem::builder().delete(delete).build()));
    }

    /// Puts a line of the erasure ledger, which stands in the table of keys.
    pub(crate) fn put_line(&mut self, mut line: Attributes, expected: &Line) {
        line.insert("op_id".to_owned(), AttributeValue::S(self.op.to_string()));
        let put = Put::builder().table_name(&self.keys_table).set_item(Some(line));
        let (state, round) = match expected {
            Line::Absent => ("", 0),
            Line::Pending(round) => ("pending", *round),
            Line::Done(round) => ("done", *round),
        };
        let put = match expected {
            Line::Absent => put.condition_expression("attribute_not_exists(pk)"),
            Line::Pending(_) | Line::Done(_) => put
                .condition_expression("#round = :round AND #state = :state")
                .expression_attribute_names("#round", "round")
                .expression_attribute_names("#state", "state")
                .expression_attribute_values(":round", AttributeValue::N(round.to_string()))
                .expression_attribute_values(":state", AttributeValue::S(state.to_owned())),
        };
        let put = put
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .expect("a put with table and item is whole");
        self.puts.push((Guards::Version, TransactWriteItem::builder().put(put).build()));
    }

    /// Whether there is nothing to write.
    pub(crate) fn is_empty(&self) -> bool {
        self.puts.is_empty()
    }

    /// Bars a subject's key: from now on nothing is sealed under it.
    pub(crate) fn bar_key(&mut self, pk: &str) {
        let update = Update::builder()
            .table_name(&self.keys_table)
            .key("pk", AttributeValue::S(pk.to_owned()))
            .update_expression("SET erasing = :erasing")
            .expression_attribute_values(":erasing", AttributeValue::Bool(true))
            .build()
            .expect("an update with table, key and expression is whole");
        self.puts.push((Guards::Nothing, TransactWriteItem::builder().update(update).build()));
    }

    /// Deletes a subject's key.
    pub(crate) fn delete_key(&mut self, pk: &str) {
        let delete = Delete::builder().table_name(&self.keys_table);
        let delete = delete.key("pk", AttributeValue::S(pk.to_owned())).build();
        let delete = delete.expect("a delete with table and key is whole");
        self.puts.push((Guards::Nothing, TransactWriteItem::builder().delete(delete).build()));
    }

    pub(crate) fn put(&mut self, guards: Guards, item: Item, condition: &Condition) {
        let item = item.text("op_id", &self.op.to_string()).build();
        let mut put = Put::builder().table_name(&self.table).set_item(Some(item));
        put = match condition {
            Condition::Always => put,
            Condition::Absent => put.condition_expression("attribute_not_exists(pk)"),
            Condition::Version(version) => put
                .condition_expression("version = :version")
                .expression_attribute_values(":version", AttributeValue::N(version.to_string())),
            Condition::AbsentOrLapsed { now_s } => put
                .condition_expression("attribute_not_exists(pk) OR lapses_at_s < :now")
                .expression_attribute_values(":now", AttributeValue::N(now_s.to_string())),
        };
        let put = put
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .expect("a put with table and item is whole");
        self.puts.push((guards, TransactWriteItem::builder().put(put).build()));
    }

    /// Writes everything or nothing.
    pub(crate) async fn commit(
        self,
        client: &aws_sdk_dynamodb::Client,
    ) -> Result<Committed, StoreError> {
        let items: Vec<_> = self.puts.iter().map(|(_, item)| item.clone()).collect();
        let mut tries = 0;
        loop {
            let call = client.transact_write_items().set_transact_items(Some(items.clone()));
            let call = call.client_request_token(self.token());
            let error = match call.send().await {
                Ok(_) => return Ok(Committed::Done),
                Err(error) => error,
            };
            let Some(reasons) = cancellation(&error) else {
                return Err(StoreError::from_sdk("TransactWriteItems", &error));
            };
            if let Some(ended) = self.read_conditions(reasons) {
                return ended;
            }
            tries += 1;
            if tries == CONFLICT_TRIES_MAX {
                return Err(StoreError::unavailable("TransactWriteItems: contended"));
            }
            tokio::time::sleep(self.pause(tries)).await;
        }
    }

    /// At most 36 characters, and the same for every try of this write.
    fn token(&self) -> String {
        self.op.to_string()
    }

    /// Jitter comes from the operation's own random bits: no two writers wait alike.
    fn pause(&self, tries: u32) -> Duration {
        let jitter = u64::from(self.op.bits()[tries as usize % 16]) % 20;
        Duration::from_millis((10 << tries) + jitter)
    }

    /// What failed conditions mean; `None` where nothing failed but the luck of timing.
    fn read_conditions(
        &self,
        reasons: &[CancellationReason],
    ) -> Option<Result<Committed, StoreError>> {
        let op = self.op.to_string();
        let failed: Vec<_> = self
            .puts
            .iter()
            .map(|(guards, _)| *guards)
            .zip(reasons)
            .filter(|(_, reason)| reason.code() == Some("ConditionalCheckFailed"))
            .collect();
        let is_ours = |reason: &CancellationReason| {
            let stored = reason.item().and_then(|item| item.get("op_id"));
            stored.and_then(|value| value.as_s().ok()) == Some(&op)
        };
        if failed.iter().any(|(_, reason)| is_ours(reason)) {
            return Some(Ok(Committed::Done));
        }
        let by = |wanted: Guards| failed.iter().find(|(guards, _)| *guards == wanted);
        if let Some((_, reason)) = by(Guards::Idempotency) {
            let item = reason.item().cloned().unwrap_or_default();
            return Some(Ok(Committed::MadeBefore(item)));
        }
        if by(Guards::Reference).is_some() {
            return Some(Err(StoreError::reference_taken()));
        }
        if failed.iter().any(|(guards, _)| *guards != Guards::SubjectKey) {
            return Some(Err(StoreError::conflict("an item was changed by somebody else")));
        }
        if !failed.is_empty() {
            return Some(Err(StoreError::key_erased()));
        }
        let contended = |r: &CancellationReason| {
            matches!(r.code(), Some("TransactionConflict" | "ThrottlingError"))
        };
        if reasons.iter().any(contended) {
            return None;
        }
        Some(Err(StoreError::unreadable("transaction refused")))
    }
}

fn cancellation<R>(error: &SdkError<TransactWriteItemsError, R>) -> Option<&[CancellationReason]> {
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
            Some(cancelled.cancellation_reasons())
        }
        _ => None,
    }
}
