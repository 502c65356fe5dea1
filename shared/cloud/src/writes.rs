//! One transaction: what it writes, under which conditions, and how its failure is read.

mod update;

use std::time::Duration;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use model::ids::OpId;

use crate::error::StoreError;
use crate::item::{Attributes, Item};

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
    puts: Vec<(Guards, TransactWriteItem)>,
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
    pub(crate) fn new(table: &str, op: OpId) -> Self {
        Self { op, table: table.to_owned(), puts: Vec::new() }
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
        if !failed.is_empty() {
            return Some(Err(StoreError::conflict("an item was changed by somebody else")));
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
