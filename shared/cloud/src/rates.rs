//! Counters of requests: one item per tenant, class and minute, raised in steps by every process.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};

use crate::error::StoreError;
use crate::item;
use crate::key;
use crate::table::{Entered, Table};

/// How long a counter outlives its minute: clocks differ a little.
const KEPT_S: u64 = 120;

impl Table {
    /// Adds to the counter called `name` of this minute, and gives what all processes have counted.
    ///
    /// # Errors
    /// A [`StoreError`] when the table does not answer.
    pub async fn count_requests(
        &self,
        entered: &Entered,
        name: &str,
        minute: u64,
        more: u32,
    ) -> Result<u32, StoreError> {
        let key = key::rate(&entered.scope, name, minute);
        let number = |value: u64| AttributeValue::N(value.to_string());
        let call = self.client.update_item().table_name(&self.name);
        let call = call
            .set_key(Some(item::key_attributes(&key)))
            .update_expression("ADD used :more SET expires_at = :expires_at")
            .expression_attribute_values(":more", number(more.into()))
            .expression_attribute_values(":expires_at", number((minute + 1) * 60 + KEPT_S))
            .return_values(ReturnValue::UpdatedNew);
        let answer = call.send().await.map_err(|e| StoreError::from_sdk("UpdateItem rate", &e))?;
        let used = item::number(&answer.attributes.unwrap_or_default(), "used")?;
        Ok(u32::try_from(used).unwrap_or(u32::MAX))
    }
}
