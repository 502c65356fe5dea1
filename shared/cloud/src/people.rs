//! The persons of a tenant, listed.
//!
//! Each person has a small row in the partition of the month in which it was made, named by the
//! moment of making. New persons come last, so that an offset means the same while others are added;
//! a month's partition ends with the month, so that none grows without end; and what a tenant may
//! write is bounded by its rate of requests, far below what one partition takes. An index over the
//! persons themselves would have been written with every session that starts for one.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use model::contact::EmailAddress;
use model::ids::PersonId;
use model::person::Person;

use crate::error::StoreError;
use crate::item::{self, Attributes};
use crate::key::{self, Key};
use crate::mailbox::mailbox_key;
use crate::table::{Entered, Table};

/// A stretch of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stretch {
    skip: usize,
    take: usize,
}

impl Table {
    /// Persons of the tenant, oldest first: `limit` of them after the first `offset`.
    ///
    /// # Errors
    /// A [`StoreError`] when the table does not answer.
    pub async fn persons(
        &self,
        entered: &Entered,
        offset: usize,
        limit: usize,
    ) -> Result<Vec<Person>, StoreError> {
        let month = |at: Timestamp| at.to_zoned_datetime(TimeZone::UTC).date().first_of_month();
        let (mut at, last) = (month(entered.tenant.created_at), month(self.now()));
        let mut wanted = Stretch { skip: offset, take: limit };
        let mut found = Vec::new();
        while at <= last && wanted.take > 0 {
            let ids = self.month(entered, at, &mut wanted).await?;
            found.extend(ids);
            at = at.checked_add(1.months()).unwrap_or(Date::MAX);
        }
        self.persons_by_id(entered, &found).await
    }

    /// The person with this e-mail.
    ///
    /// # Errors
    /// A [`StoreError`] when the table does not answer.
    pub async fn person_with(
        &self,
        entered: &Entered,
        email: &EmailAddress,
    ) -> Result<Option<Person>, StoreError> {
        let mailbox = self.mailbox(&mailbox_key(entered, email)).await?;
        let ids: Vec<PersonId> = mailbox.person.into_iter().collect();
        Ok(self.persons_by_id(entered, &ids).await?.pop())
    }

    /// What of a month falls into the stretch, which shrinks by what was passed.
    async fn month(
        &self,
        entered: &Entered,
        month: Date,
        wanted: &mut Stretch,
    ) -> Result<Vec<PersonId>, StoreError> {
        let pk = AttributeValue::S(key::persons(&entered.scope, month));
        let call = self.client.query().table_name(&self.name).consistent_read(true);
        let call = call.key_condition_expression("pk = :pk").expression_attribute_values(":pk", pk);
        let call = call.projection_expression("sk");
        let mut pages = call.into_paginator().send();
        let mut ids = Vec::new();
        while wanted.take > 0
            && let Some(page) = pages.next().await
        {
            let page = page.map_err(|e| StoreError::from_sdk("Query persons", &e))?;
            let items = page.items();
            let passed = wanted.skip.min(items.len());
            wanted.skip -= passed;
            for item in items.iter().skip(passed).take(wanted.take) {
                ids.push(listed(item)?);
            }
            wanted.take -= wanted.take.min(items.len() - passed);
        }
        Ok(ids)
    }

    /// Persons in the order of `ids`; those erased in between are left out.
    async fn persons_by_id(
        &self,
        entered: &Entered,
        ids: &[PersonId],
    ) -> Result<Vec<Person>, StoreError> {
        let keys: Vec<Key> = ids.iter().map(|id| key::person(&entered.scope, *id)).collect();
        let mut persons: Vec<Person> = Vec::with_capacity(ids.len());
        for item in self.batch(&keys).await? {
            persons.extend(self.open_item::<Person>(entered, &item).await?);
        }
        let place = |person: &Person| ids.iter().position(|id| *id == person.id);
        persons.sort_by_key(place);
        Ok(persons)
    }
}

fn listed(item: &Attributes) -> Result<PersonId, StoreError> {
    let id = item::text(item, "sk")?.rsplit_once('#').and_then(|(_, id)| id.parse().ok());
    id.ok_or_else(|| StoreError::unreadable("row of another shape"))
}
