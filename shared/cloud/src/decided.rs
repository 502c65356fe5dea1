//! Every complete session, page by page, for whoever decides them again.
//!
//! No index lists a tenant's sessions, since nothing that serves a request may need one. The table is
//! scanned: an operator does so rarely, and nothing is written.

use aws_sdk_dynamodb::types::AttributeValue;
use model::session::{Session, Status};

use crate::error::StoreError;
use crate::item::{self, Attributes};
use crate::key::{self, TenantScope};
use crate::table::Table;

/// How many items are looked at for one page.
const LOOKED_AT: i32 = 500;

/// A page of complete sessions.
pub struct CompletePage {
    /// Those that open.
    pub sessions: Vec<Session>,
    /// How many belong to a subject whose key was erased.
    pub erased: u64,
    /// How many cannot be read, as the log says.
    pub unreadable: u64,
    /// Where the next page begins; none after the last.
    pub next: Option<PagePlace>,
}

/// Where a page begins.
pub struct PagePlace(pub(crate) Attributes);

impl Table {
    /// The next complete sessions, of one tenant or of all. A page may be empty and not the last.
    ///
    /// # Errors
    /// A [`StoreError`] when the table does not answer. What cannot be opened is counted.
    pub async fn complete_sessions(
        &self,
        scope: Option<&TenantScope>,
        from: Option<PagePlace>,
    ) -> Result<CompletePage, StoreError> {
        let is = |text: &str| AttributeValue::S(text.to_owned());
        let call = self.client.scan().table_name(&self.name).limit(LOOKED_AT).consistent_read(true);
        let call = call
            .filter_expression("sk = :session AND #status = :complete AND begins_with(pk, :whose)")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":session", is("SESSION"))
            .expression_attribute_values(":complete", is(Status::Complete.as_str()))
            .expression_attribute_values(":whose", is(&key::sessions(scope)))
            .set_exclusive_start_key(from.map(|place| place.0));
        let answer = call.send().await.map_err(|e| StoreError::from_sdk("Scan", &e))?;
        let mut page = CompletePage { sessions: Vec::new(), erased: 0, unreadable: 0, next: None };
        for item in answer.items() {
            match self.opened(item).await {
                Ok(Some(session)) => page.sessions.push(session),
                Ok(None) => page.erased += 1,
                Err(error) if error.is_unavailable() => return Err(error),
                Err(error) => {
                    page.unreadable += 1;
                    tracing::error!(key = ?item::key_of(item).ok(), error = %error, "unreadable");
                }
            }
        }
        page.next = answer.last_evaluated_key.map(PagePlace);
        Ok(page)
    }

    async fn opened(&self, item: &Attributes) -> Result<Option<Session>, StoreError> {
        let (scope, _) = key::parse_session(item::text(item, "pk")?)
            .ok_or_else(|| StoreError::unreadable("session of another shape"))?;
        match self.enter(scope.tenant()).await? {
            Some(entered) => self.open_item(&entered, item).await,
            None => Ok(None),
        }
    }
}
