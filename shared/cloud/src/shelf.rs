//! A small store of JSON values by name, for the sandbox bank's own table.
//!
//! The sandbox bank is somebody else as far as the product is concerned, so it shares no table, no
//! key and no vault with it. Its data are fictitious.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde_json::Value;

use crate::error::StoreError;
use crate::item;

/// The sandbox bank's table.
#[derive(Debug, Clone)]
pub struct Shelf {
    client: aws_sdk_dynamodb::Client,
    table: String,
}

impl Shelf {
    /// A shelf in the table called `table`.
    #[must_use]
    pub fn new(client: aws_sdk_dynamodb::Client, table: String) -> Self {
        Self { client, table }
    }

    /// The value and its version.
    ///
    /// # Errors
    /// A [`StoreError`] when the table does not answer.
    pub async fn get(&self, key: &str) -> Result<Option<(Value, u64)>, StoreError> {
        let call = self.client.get_item().table_name(&self.table).consistent_read(true);
        let call = call.key("pk", AttributeValue::S(key.to_owned()));
        let answer = call.send().await.map_err(|e| StoreError::from_sdk("GetItem shelf", &e))?;
        let Some(item) = answer.item else {
            return Ok(None);
        };
        let value = serde_json::from_str(item::text(&item, "body")?);
        let value = value.map_err(|_| StoreError::unreadable("shelf value of another shape"))?;
        Ok(Some((value, item::number(&item, "version")?)))
    }

    /// Puts a value. `expected` is the version it replaces; `None` where there must be none.
    ///
    /// # Errors
    /// [`StoreError::is_conflict`] where the stored version is another.
    pub async fn put(
        &self,
        key: &str,
        value: &Value,
        expected: Option<u64>,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let number = |value: u64| AttributeValue::N(value.to_string());
        let call = self.client.put_item().table_name(&self.table);
        let call = call
            .item("pk", AttributeValue::S(key.to_owned()))
            .item("body", AttributeValue::S(value.to_string()))
            .item("version", number(expected.unwrap_or(0) + 1))
            .item("expires_at", number(u64::try_from(expires_at.as_second()).unwrap_or(0)));
        let call = match expected {
            None => call.condition_expression("attribute_not_exists(pk)"),
            Some(version) => call
                .condition_expression("version = :version")
                .expression_attribute_values(":version", number(version)),
        };
        call.send().await.map(|_| ()).map_err(|e| StoreError::from_sdk("PutItem shelf", &e))
    }
}
