//! Updates and deletions as parts of a transaction.

use aws_sdk_dynamodb::types::{
    AttributeValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};

use super::{Guards, Writes};
use crate::item;
use crate::key::Key;

/// What an update sets and takes away, and when it may.
pub(crate) struct Change<'a> {
    pub(crate) expression: &'a str,
    pub(crate) condition: &'a str,
    pub(crate) values: Vec<(&'a str, AttributeValue)>,
}

impl Writes {
    /// An update in place; `op_id` is set with it.
    pub(crate) fn update(&mut self, key: &Key, change: Change<'_>) {
        let mut update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(item::key_attributes(key)))
            .update_expression(change.expression)
            .condition_expression(change.condition)
            .expression_attribute_values(":op", AttributeValue::S(self.op.to_string()));
        for (name, value) in change.values {
            update = update.expression_attribute_values(name, value);
        }
        let update = update
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .expect("an update with table, key and expression is whole");
        self.puts.push((Guards::Version, TransactWriteItem::builder().update(update).build()));
    }

    /// How many items it writes.
    pub(crate) fn len(&self) -> usize {
        self.puts.len()
    }
}
