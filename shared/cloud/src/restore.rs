//! Bringing items back from a table that was restored from a backup.
//!
//! Items are copied as they are, sealed: their seal is bound to tenant, key and attribute, not to a
//! table. Only an operator does so, while nothing else writes.

use std::collections::BTreeMap;

use tokio::task::JoinSet;

use crate::decided::PagePlace;
use crate::error::StoreError;
use crate::item::{self, Attributes};
use crate::key;
use crate::table::Table;

/// How many items are put at once: a page of a mebibyte takes seconds, and a table on demand that was
/// idle takes this much without throttling.
const AT_ONCE: usize = 64;

/// What to do where both tables have an item of the same key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Both {
    /// The item that is there stays.
    Keep,
    /// The restored item takes its place, but for what counts on: a tenant with its keys and counters,
    /// and the last number of a subject.
    Overwrite,
}

/// How many items there were of a kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counted {
    /// Put.
    pub put: u64,
    /// There already, and left.
    pub left: u64,
}

/// A page of items, brought back.
pub struct BroughtBack {
    /// By the kind of record.
    pub counted: BTreeMap<&'static str, Counted>,
    /// Where the next page begins; none after the last.
    pub next: Option<PagePlace>,
}

impl Table {
    /// Puts the next page of another table's items into this one. Doing it twice is doing it once.
    ///
    /// # Errors
    /// A [`StoreError`] when a table does not answer, or the other is not there.
    pub async fn bring_back(
        &self,
        other: &str,
        both: Both,
        from: Option<PagePlace>,
    ) -> Result<BroughtBack, StoreError> {
        let call = self.client.scan().table_name(other).consistent_read(true);
        let call = call.set_exclusive_start_key(from.map(|place| place.0));
        let answer = call.send().await.map_err(|e| StoreError::from_sdk("Scan", &e))?;
        let mut counted: BTreeMap<&'static str, Counted> = BTreeMap::new();
        let mut count = |(kind, put): (&'static str, bool)| {
            let counted = counted.entry(kind).or_default();
            *(if put { &mut counted.put } else { &mut counted.left }) += 1;
        };
        let mut under_way = JoinSet::new();
        for item in answer.items.unwrap_or_default() {
            if under_way.len() == AT_ONCE
                && let Some(ended) = under_way.join_next().await
            {
                count(ended.expect("a put does not panic")?);
            }
            under_way.spawn(self.clone().put_back(item, both));
        }
        while let Some(ended) = under_way.join_next().await {
            count(ended.expect("a put does not panic")?);
        }
        Ok(BroughtBack { counted, next: answer.last_evaluated_key.map(PagePlace) })
    }

    /// The kind of the item, and whether it was put.
    async fn put_back(
        self,
        item: Attributes,
        both: Both,
    ) -> Result<(&'static str, bool), StoreError> {
        let key = item::key_of(&item)?;
        let keep = both == Both::Keep || key::counts_on(&key);
        let lacking = keep.then(|| "attribute_not_exists(pk)".to_owned());
        let call = self.client.put_item().table_name(&self.name).set_item(Some(item));
        let put = match call.set_condition_expression(lacking).send().await {
            Ok(_) => true,
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(|e| e.is_conditional_check_failed_exception()) =>
            {
                false
            }
            Err(error) => return Err(StoreError::from_sdk("PutItem", &error)),
        };
        Ok((key::kind(&key), put))
    }
}
