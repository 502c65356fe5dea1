//! Statements, and taking a consent back.

use model::ids::SessionId;
use model::session::Session;
use model::statement::Statement;
use model::transition::Transition;

use crate::error::StoreError;
use crate::item::Item;
use crate::key;
use crate::mailbox::mailbox_key;
use crate::table::{Entered, Table};
use crate::writes::Writes;

/// How often a writer that met another one reads the e-mail again.
const TRIES_MAX: u32 = 3;

impl Table {
    /// The statement of a session; `None` where there is none.
    ///
    /// # Errors
    /// A [`StoreError`] when the table does not answer.
    pub async fn statement(
        &self,
        entered: &Entered,
        session: SessionId,
    ) -> Result<Option<Statement>, StoreError> {
        match self.get(&key::statement(&entered.scope, session)).await? {
            Some(item) => self.open_item(entered, &item).await,
            None => Ok(None),
        }
    }

    /// Writes the transition that takes a consent back: the session without its evidence, and in the
    /// same transaction the statement and the copy that may answer for a person go.
    ///
    /// # Errors
    /// [`StoreError::is_conflict`] where the session or the e-mail changed in between.
    pub async fn commit_revocation(
        &self,
        entered: &Entered,
        transition: &Transition,
    ) -> Result<(), StoreError> {
        if !transition.is_change() {
            return Ok(());
        }
        let mut tries = 1;
        loop {
            match self.try_revocation(entered, transition).await {
                Err(error) if error.is_conflict() && tries < TRIES_MAX => tries += 1,
                ended => return ended,
            }
        }
    }

    async fn try_revocation(
        &self,
        entered: &Entered,
        transition: &Transition,
    ) -> Result<(), StoreError> {
        let mut writes = self.session_writes(entered, transition).await?;
        self.put_revoked(&mut writes, entered, &transition.session).await?;
        self.write(writes).await.map(|_| ())
    }

    /// Takes away once more what a revoked session had, after a backup brought it back.
    ///
    /// # Errors
    /// A [`StoreError`] when the table does not answer.
    pub async fn forget_revoked(
        &self,
        entered: &Entered,
        session: &Session,
    ) -> Result<(), StoreError> {
        let mut writes = self.writes();
        self.put_revoked(&mut writes, entered, session).await?;
        self.write(writes).await.map(|_| ())
    }

    async fn put_revoked(
        &self,
        writes: &mut Writes,
        entered: &Entered,
        session: &Session,
    ) -> Result<(), StoreError> {
        writes.delete(&key::statement(&entered.scope, session.id));
        if let Some(email) = &session.request.expose().external_user.email {
            let key = mailbox_key(entered, email);
            self.put_forgotten(writes, entered, (&key, session.id)).await?;
        }
        Ok(())
    }

    pub(crate) async fn statement_item(
        &self,
        entered: &Entered,
        session: &Session,
        statement: &Statement,
    ) -> Result<Item, StoreError> {
        let key = key::statement(&entered.scope, session.id);
        let subject_key = self.existing_key(entered, session.subject).await?;
        let item = self.sealed_item(&entered.scope, &key, &subject_key.key, statement);
        Ok(item.text("entity", "statement").text("subject", &session.subject.to_string()))
    }
}
