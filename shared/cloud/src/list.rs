//! Finding sessions: by a key of the external user, and by being overdue.
//!
//! Indexes give keys only and may lag; the items themselves are read strongly consistent.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use model::contact::{EmailAddress, MetadataPair, PhoneNumber, ReferenceId};
use model::ids::SessionId;
use model::session::{Session, Status};

use crate::error::StoreError;
use crate::item::{self, Attributes, Item, sortable};
use crate::key::{self, Key};
use crate::table::{Entered, Table};

/// `BatchGetItem` reads at most this many items at once.
const BATCH_MAX: usize = 100;
/// How many pages of an index one request reads at most: a user may have thousands of sessions of
/// which none is wanted.
const PAGES_MAX: usize = 10;

/// Whose sessions are listed.
#[derive(Clone)]
pub enum Filter {
    /// By e-mail.
    Email(EmailAddress),
    /// By phone.
    Phone(PhoneNumber),
    /// By the tenant's id of the user.
    Reference(ReferenceId),
    /// By one metadata pair.
    Metadata(MetadataPair),
}

/// Which of a user's sessions are listed.
#[derive(Debug, Clone, Copy)]
pub enum Wanted<'a> {
    /// Complete ones whose consent stands: a revoked one has nothing left to show.
    Readable,
    /// Those that are stored as standing at one of these.
    At(&'a [Status]),
}

impl<'a> Wanted<'a> {
    const fn statuses(&self) -> &'a [Status] {
        match self {
            Self::Readable => &[Status::Complete],
            Self::At(statuses) => statuses,
        }
    }

    fn includes(&self, session: &Session) -> bool {
        match self {
            Self::Readable => session.completion().is_some_and(|done| done.revoked_at.is_none()),
            Self::At(_) => true,
        }
    }
}

/// A place in a list: everything older than this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct After {
    /// When the last one was created.
    pub created_at: Timestamp,
    /// Which it was.
    pub session: SessionId,
}

impl After {
    /// A session's place.
    #[must_use]
    pub fn of(session: &Session) -> Self {
        Self { created_at: session.created_at, session: session.id }
    }

    /// As the indexes sort it: several sessions may be made in one millisecond, so the id is part of it.
    pub(crate) fn sort_key(self) -> String {
        format!("{}#{}", sortable(self.created_at), self.session)
    }

    fn parse(sort_key: &str) -> Option<Self> {
        let (created_at, session) = sort_key.split_once('#')?;
        Some(Self { created_at: created_at.parse().ok()?, session: session.parse().ok()? })
    }
}

/// Sessions that were found.
#[derive(Debug)]
pub struct Found {
    /// Newest first.
    pub sessions: Vec<Session>,
    /// Where looking stopped before the limit and before the end, if it did.
    pub stopped: Option<After>,
}

impl Table {
    /// Sessions of one external user, newest first, at most `limit`, and fewer where too many of them
    /// are not wanted. What is stored as standing elsewhere than is wanted is not even opened.
    ///
    /// # Errors
    /// A [`StoreError`] when the table does not answer.
    pub async fn sessions_of(
        &self,
        entered: &Entered,
        filter: &Filter,
        wanted: Wanted<'_>,
        (after, limit): (Option<After>, usize),
    ) -> Result<Found, StoreError> {
        let mut found = Vec::new();
        let mut start = after.map(|after| start_key(entered, filter, after));
        for _ in 0..PAGES_MAX {
            let (page, next) = self.index_page(entered, filter, start).await?;
            for item in self.batch_get(entered, &page).await? {
                let status = item::text(&item, "status")?;
                // An index may give the place itself once more.
                let before = |place: &After| created_at(&item) < place.sort_key().as_str();
                if !after.as_ref().is_none_or(before) {
                    continue;
                }
                if !wanted.statuses().iter().any(|one| one.as_str() == status) {
                    continue;
                }
                let session: Option<Session> = self.open_item(entered, &item).await?;
                found.extend(session.filter(|session| wanted.includes(session)));
            }
            if found.len() >= limit || next.is_none() {
                found.truncate(limit);
                return Ok(Found { sessions: found, stopped: None });
            }
            start = next;
        }
        let place = start.as_ref().and_then(|start| item::text(start, "created_at").ok());
        Ok(Found { sessions: found, stopped: place.and_then(After::parse) })
    }

    async fn index_page(
        &self,
        entered: &Entered,
        filter: &Filter,
        start: Option<Attributes>,
    ) -> Result<(Vec<SessionId>, Option<Attributes>), StoreError> {
        let (index, attribute, hash) = index_of(entered, filter);
        let call = self.client.query().table_name(&self.name).index_name(index);
        let answer = call
            .key_condition_expression("#hash = :hash")
            .expression_attribute_names("#hash", attribute)
            .expression_attribute_values(":hash", AttributeValue::S(hash))
            .scan_index_forward(false)
            .limit(i32::try_from(BATCH_MAX).unwrap_or(100))
            .set_exclusive_start_key(start)
            .send()
            .await
            .map_err(|e| StoreError::from_sdk("Query index", &e))?;
        let ids = answer.items().iter().map(|item| {
            let (_, session) = key::parse_session(item::text(item, "pk")?)
                .ok_or_else(|| StoreError::unreadable("index entry of another shape"))?;
            Ok(session)
        });
        let ids = ids.collect::<Result<Vec<_>, StoreError>>()?;
        Ok((ids, answer.last_evaluated_key))
    }

    /// Session items in the order of `ids`, strongly consistent: an index may lag, its items do not.
    async fn batch_get(
        &self,
        entered: &Entered,
        ids: &[SessionId],
    ) -> Result<Vec<Attributes>, StoreError> {
        let mut wanted: Vec<SessionId> = ids.to_vec();
        wanted.dedup();
        let keys: Vec<Key> = wanted.iter().map(|id| key::session(&entered.scope, *id)).collect();
        let mut found = self.batch(&keys).await?;
        found.sort_by(|one, other| created_at(other).cmp(created_at(one)));
        Ok(found)
    }
}

fn created_at(item: &Attributes) -> &str {
    item::text(item, "created_at").unwrap_or("")
}

fn index_of(entered: &Entered, filter: &Filter) -> (&'static str, &'static str, String) {
    let hash = |purpose: &str, normal_form: &str| {
        key::index(&entered.scope, &entered.keys.blind(purpose, normal_form))
    };
    match filter {
        Filter::Email(email) => ("by_email", "email_ix", hash("email", email.as_str())),
        Filter::Phone(phone) => ("by_phone", "phone_ix", hash("phone", phone.as_str())),
        Filter::Reference(r) => ("by_reference", "reference_ix", hash("reference", r.as_str())),
        Filter::Metadata(p) => ("by_metadata", "metadata_ix", hash("metadata", &p.normal_form())),
    }
}

fn start_key(entered: &Entered, filter: &Filter, after: After) -> Attributes {
    let (_, attribute, hash) = index_of(entered, filter);
    let key = match filter {
        // Any metadata entry of the session will do: the range key decides where the page starts.
        Filter::Metadata(_) => key::metadata(&entered.scope, after.session, 0),
        _ => key::session(&entered.scope, after.session),
    };
    Item::at(&key).text(attribute, &hash).text("created_at", &after.sort_key()).build()
}
