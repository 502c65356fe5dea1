//! Everything that is kept of one subject, for whoever may ask.

use aws_sdk_dynamodb::types::AttributeValue;
use model::event::Event;
use model::ids::{PersonId, SessionId, SubjectId};
use model::person::Known;
use model::session::Session;
use model::statement::Statement;

use crate::error::StoreError;
use crate::item::{self, Attributes};
use crate::key;
use crate::table::{Entered, Table};

/// One session with all that stands beside it.
pub struct SessionRecord {
    /// The session.
    pub session: Session,
    /// Its statement.
    pub statement: Option<Statement>,
    /// What happened in it, in order.
    pub events: Vec<Event>,
}

/// A stretch of what is kept of a subject.
pub struct SubjectRecords {
    /// Sessions, oldest first.
    pub sessions: Vec<SessionRecord>,
    /// The session after which there are more.
    pub next: Option<SessionId>,
    /// Persons, with the evidence that may answer for them; complete on the first stretch only.
    pub persons: Vec<Known>,
}

/// What a row of a subject's partition names.
pub(crate) enum Row {
    Session(SessionId),
    Person(PersonId),
}

impl Table {
    /// What is kept of a subject: `limit` sessions after `after`; `None` where nothing is.
    ///
    /// # Errors
    /// A [`StoreError`] when the table does not answer.
    pub async fn subject_records(
        &self,
        entered: &Entered,
        subject: SubjectId,
        (after, limit): (Option<SessionId>, usize),
    ) -> Result<Option<SubjectRecords>, StoreError> {
        let rows = self.subject_rows(entered, subject).await?;
        if rows.is_empty() {
            return Ok(None);
        }
        let mut ids = Vec::new();
        let mut persons = Vec::new();
        for row in rows {
            match row_of(&row)? {
                Some(Row::Session(id)) if after.is_none_or(|after| id > after) => ids.push(id),
                Some(Row::Person(id)) if after.is_none() => {
                    persons.extend(self.known(entered, id).await?);
                }
                _ => {}
            }
        }
        ids.sort_unstable();
        let next = if ids.len() > limit { ids.get(limit - 1).copied() } else { None };
        let mut sessions = Vec::new();
        for id in ids.into_iter().take(limit) {
            sessions.extend(self.session_record(entered, id).await?);
        }
        Ok(Some(SubjectRecords { sessions, next, persons }))
    }

    /// The rows of a subject that name something: its sessions and its persons.
    pub(crate) async fn subject_rows(
        &self,
        entered: &Entered,
        subject: SubjectId,
    ) -> Result<Vec<Attributes>, StoreError> {
        let mut rows = Vec::new();
        for prefix in ["PERSON#", "SESSION#"] {
            let call = self.client.query().table_name(&self.name).consistent_read(true);
            let pk = AttributeValue::S(key::subject(&entered.scope, subject));
            let mut pages = call
                .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
                .expression_attribute_values(":pk", pk)
                .expression_attribute_values(":prefix", AttributeValue::S(prefix.to_owned()))
                .into_paginator()
                .send();
            while let Some(page) = pages.next().await {
                let page = page.map_err(|e| StoreError::from_sdk("Query subject", &e))?;
                rows.extend(page.items.unwrap_or_default());
            }
        }
        Ok(rows)
    }

    async fn session_record(
        &self,
        entered: &Entered,
        id: SessionId,
    ) -> Result<Option<SessionRecord>, StoreError> {
        let (mut session, mut statement, mut events) = (None, None, Vec::new());
        for item in self.partition(&key::session(&entered.scope, id).pk).await? {
            match item::text(&item, "sk")?.split('#').next() {
                Some("SESSION") => session = self.open_item(entered, &item).await?,
                Some("STATEMENT") => statement = self.open_item(entered, &item).await?,
                Some("EVENT") => events.push(event(&item)?),
                _ => {}
            }
        }
        events.reverse();
        Ok(session.map(|session| SessionRecord { session, statement, events }))
    }
}

pub(crate) fn row_of(row: &Attributes) -> Result<Option<Row>, StoreError> {
    let unreadable = || StoreError::unreadable("row of another shape");
    match item::text(row, "sk")?.split_once('#') {
        Some(("SESSION", id)) => {
            id.parse().map(|id| Some(Row::Session(id))).map_err(|_| unreadable())
        }
        Some(("PERSON", id)) => {
            id.parse().map(|id| Some(Row::Person(id))).map_err(|_| unreadable())
        }
        _ => Ok(None),
    }
}

fn event(item: &Attributes) -> Result<Event, StoreError> {
    let event = serde_json::from_str(item::text(item, "body")?);
    event.map_err(|_| StoreError::unreadable("event of another shape"))
}
