//! Deleting what is kept of a subject, record by record.
//!
//! Nothing is opened here: the subject's rows name every key as a key, so that erasing also works on
//! what a backup brought back and no key opens any more. A row goes when all that it names is gone,
//! so that whoever dies half-way is followed by somebody who finds the rest. Markers that somebody
//! else may have taken since are deleted only while they name the record.

use aws_sdk_dynamodb::types::{AttributeValue, DeleteRequest, WriteRequest};
use jiff::Timestamp;
use model::ids::{PersonId, SessionId, SubjectId};

use crate::error::StoreError;
use crate::item::{self, Attributes};
use crate::key::{self, Key};
use crate::subjects::{Row, row_of};
use crate::table::{Entered, Table};

/// The most records that one call erases; the sweeper goes on with the rest.
const RECORDS_MAX: usize = 200;
/// `BatchWriteItem` deletes at most this many items at once.
const BATCH_MAX: usize = 25;
/// How often a record is tried again whose e-mail somebody else changed meanwhile.
const TRIES_MAX: u32 = 3;

impl Table {
    /// Erases the subject's records, those made before `before` where it is given. Says whether none
    /// is left.
    pub(crate) async fn erase_records(
        &self,
        entered: &Entered,
        subject: SubjectId,
        before: Option<Timestamp>,
    ) -> Result<bool, StoreError> {
        let mut erased = 0;
        for row in self.subject_rows(entered, subject).await? {
            let Some(named) = row_of(&row)? else { continue };
            if before.is_some_and(|before| made_at(&named, &row).is_some_and(|at| at > before)) {
                continue;
            }
            if erased == RECORDS_MAX {
                return Ok(false);
            }
            match named {
                Row::Session(id) => self.erase_session(entered, &row, id).await?,
                Row::Person(id) => self.erase_person(entered, &row, id).await?,
            }
            self.delete_all(vec![item::key_of(&row)?]).await?;
            erased += 1;
        }
        Ok(true)
    }

    async fn erase_session(
        &self,
        entered: &Entered,
        row: &Attributes,
        id: SessionId,
    ) -> Result<(), StoreError> {
        if let Ok(pk) = item::text(row, "email_pk") {
            let mailbox = Key { pk: pk.to_owned(), sk: "EMAIL".to_owned() };
            self.forget_at(entered, &mailbox, &Row::Session(id)).await?;
        }
        for (name, sk) in [("reference_pk", "REF"), ("idempotency_pk", "IDEM")] {
            if let Ok(pk) = item::text(row, name) {
                let marker = Key { pk: pk.to_owned(), sk: sk.to_owned() };
                self.delete_naming(&marker, "session", &id.to_string()).await?;
            }
        }
        let mut keys = vec![key::hosted(id)];
        for item in self.partition(&key::session(&entered.scope, id).pk).await? {
            keys.push(item::key_of(&item)?);
        }
        self.delete_all(keys).await
    }

    async fn erase_person(
        &self,
        entered: &Entered,
        row: &Attributes,
        id: PersonId,
    ) -> Result<(), StoreError> {
        let mailbox = Key { pk: item::text(row, "email_pk")?.to_owned(), sk: "EMAIL".to_owned() };
        self.forget_at(entered, &mailbox, &Row::Person(id)).await?;
        let (pk, sk) = (item::text(row, "list_pk")?, item::text(row, "list_sk")?);
        let mut keys = vec![Key { pk: pk.to_owned(), sk: sk.to_owned() }];
        for item in self.partition(&key::person(&entered.scope, id).pk).await? {
            keys.push(item::key_of(&item)?);
        }
        self.delete_all(keys).await
    }

    /// A session leaves its e-mail's item and the partition of the e-mail's person, who may be another
    /// subject; a person leaves the item of their e-mail.
    async fn forget_at(
        &self,
        entered: &Entered,
        mailbox: &Key,
        named: &Row,
    ) -> Result<(), StoreError> {
        let mut tries = 1;
        loop {
            let mut writes = self.writes();
            match *named {
                Row::Session(id) => {
                    self.put_forgotten(&mut writes, entered, (mailbox, id)).await?;
                }
                Row::Person(id) => self.put_person_forgotten(&mut writes, (mailbox, id)).await?,
            }
            if writes.is_empty() {
                return Ok(());
            }
            match self.write(writes).await {
                Err(error) if error.is_conflict() && tries < TRIES_MAX => tries += 1,
                ended => return ended.map(|_| ()),
            }
        }
    }

    /// Deletes a marker while its `attribute` is `value`.
    async fn delete_naming(
        &self,
        key: &Key,
        attribute: &str,
        value: &str,
    ) -> Result<(), StoreError> {
        let call = self.client.delete_item().table_name(&self.name);
        let call = call
            .set_key(Some(item::key_attributes(key)))
            .condition_expression("#named = :value")
            .expression_attribute_names("#named", attribute)
            .expression_attribute_values(":value", AttributeValue::S(value.to_owned()));
        match call.send().await.map_err(|e| StoreError::from_sdk("DeleteItem", &e)) {
            Err(error) if !error.is_conflict() => Err(error),
            _ => Ok(()),
        }
    }

    async fn delete_all(&self, keys: Vec<Key>) -> Result<(), StoreError> {
        for chunk in keys.chunks(BATCH_MAX) {
            let delete = |key: &Key| {
                let request = DeleteRequest::builder();
                let request = request.set_key(Some(item::key_attributes(key))).build();
                let request = request.expect("a delete with a key is whole");
                WriteRequest::builder().delete_request(request).build()
            };
            let mut pending: Vec<WriteRequest> = chunk.iter().map(delete).collect();
            while !pending.is_empty() {
                let call = self.client.batch_write_item().request_items(&self.name, pending);
                let answer = call.send().await;
                let answer = answer.map_err(|e| StoreError::from_sdk("BatchWriteItem", &e))?;
                let left = answer.unprocessed_items.unwrap_or_default().remove(&self.name);
                pending = left.unwrap_or_default();
            }
        }
        Ok(())
    }
}

/// When a record was made: session ids and list rows begin with the moment.
fn made_at(named: &Row, row: &Attributes) -> Option<Timestamp> {
    match named {
        Row::Session(id) => Some(id.made_at()),
        Row::Person(_) => item::text(row, "list_sk").ok()?.split_once('#')?.0.parse().ok(),
    }
}
