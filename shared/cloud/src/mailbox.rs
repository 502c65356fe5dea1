//! The item of an e-mail, which ties the doors together: it names the person with this e-mail and
//! the newest session that completed under it, through whichever contract.

use model::contact::EmailAddress;
use model::ids::{PersonId, SessionId};

use crate::error::StoreError;
use crate::item::{self, Item};
use crate::key::{self, Key};
use crate::table::{Entered, Table};
use crate::writes::{Condition, Guards, Writes};

/// What is known of an e-mail.
#[derive(Debug, Clone, Default)]
pub(crate) struct Mailbox {
    pub(crate) person: Option<PersonId>,
    pub(crate) newest: Option<SessionId>,
    pub(crate) version: u64,
}

pub(crate) fn mailbox_key(entered: &Entered, email: &EmailAddress) -> Key {
    key::email(&entered.scope, &entered.keys.blind("email", email.as_str()))
}

/// Puts what is known after the version that `next` still carries.
pub(crate) fn put_mailbox(writes: &mut Writes, key: &Key, next: &Mailbox) {
    let item = Item::at(key)
        .text("entity", "email")
        .number("version", next.version + 1)
        .maybe_text("person", next.person.map(|id| id.to_string()).as_deref())
        .maybe_text("session", next.newest.map(|id| id.to_string()).as_deref());
    writes.put(Guards::Version, item, &Condition::version(next.version));
}

fn put_rest(writes: &mut Writes, key: &Key, rest: &Mailbox) {
    if rest.person.is_none() && rest.newest.is_none() {
        writes.delete_version(key, rest.version);
    } else {
        put_mailbox(writes, key, rest);
    }
}

impl Table {
    pub(crate) async fn mailbox(&self, key: &Key) -> Result<Mailbox, StoreError> {
        let Some(item) = self.get(key).await? else {
            return Ok(Mailbox::default());
        };
        Ok(Mailbox {
            person: item::parsed(&item, "person").ok(),
            newest: item::parsed(&item, "session").ok(),
            version: item::number(&item, "version")?,
        })
    }

    /// Takes a session out of what its e-mail leads to: the copy of its evidence that may answer for
    /// the e-mail's person, and its name as the newest. An e-mail of which nothing is known any more
    /// is not kept.
    pub(crate) async fn put_forgotten(
        &self,
        writes: &mut Writes,
        entered: &Entered,
        (mailbox_key, session): (&Key, SessionId),
    ) -> Result<(), StoreError> {
        let mailbox = self.mailbox(mailbox_key).await?;
        if let Some(person) = mailbox.person {
            writes.delete(&key::person_evidence(&entered.scope, person, session));
        }
        if mailbox.newest != Some(session) {
            return Ok(());
        }
        put_rest(writes, mailbox_key, &Mailbox { newest: None, ..mailbox });
        Ok(())
    }

    /// Takes a person out of what its e-mail leads to. The newest session stays: it may be another
    /// subject's.
    pub(crate) async fn put_person_forgotten(
        &self,
        writes: &mut Writes,
        (mailbox_key, person): (&Key, PersonId),
    ) -> Result<(), StoreError> {
        let mailbox = self.mailbox(mailbox_key).await?;
        if mailbox.person == Some(person) {
            put_rest(writes, mailbox_key, &Mailbox { person: None, ..mailbox });
        }
        Ok(())
    }
}
