//! Persons of the Pentadata contract, and who has which e-mail.
//!
//! The item of an e-mail ties the doors together: it names the person with this e-mail and the
//! newest session that completed under it, through whichever contract. Both writers, a new person
//! and a completing session, are conditional on its version, so neither can miss the other.

use jiff::Timestamp;
use model::contact::EmailAddress;
use model::ids::{PersonId, SessionId};
use model::person::{HeldEvidence, Known, Person, PersonSession};
use model::session::Status;
use model::transition::Transition;

use crate::error::StoreError;
use crate::item::{self, Attributes, Item};
use crate::key::{self, Key};
use crate::sessions::Created;
use crate::table::{Entered, Table};
use crate::writes::{Committed, Condition, Guards, Writes};

/// How often a writer that met another one reads the e-mail again.
const TRIES_MAX: u32 = 3;

/// What is known of an e-mail.
#[derive(Debug, Clone, Default)]
struct Mailbox {
    person: Option<PersonId>,
    newest: Option<SessionId>,
    version: u64,
}

impl Table {
    /// The person with this e-mail, made where there is none. Evidence gathered under the e-mail
    /// through another contract comes along.
    ///
    /// # Errors
    /// A [`StoreError`] when the table does not answer.
    pub async fn person_or_new(
        &self,
        entered: &Entered,
        fresh: Person,
    ) -> Result<PersonId, StoreError> {
        let email = fresh.details.expose().email.clone();
        for _ in 0..TRIES_MAX {
            let mailbox = self.mailbox(entered, &email).await?;
            if let Some(person) = mailbox.person {
                return Ok(person);
            }
            match self.create_person(entered, &fresh, &email, mailbox).await {
                Ok(()) => return Ok(fresh.id),
                Err(error) if error.is_conflict() => {}
                Err(error) => return Err(error),
            }
        }
        // A drawn id that is taken stays taken: the next request draws another.
        Err(StoreError::unavailable("the e-mail or the person's id is contended"))
    }

    /// All that is known of a person, in one query; `None` where the id is unknown or foreign.
    ///
    /// # Errors
    /// A [`StoreError`] when the table does not answer.
    pub async fn known(
        &self,
        entered: &Entered,
        id: PersonId,
    ) -> Result<Option<Known>, StoreError> {
        let mut person = None;
        let mut sessions = Vec::new();
        let mut evidence: Vec<HeldEvidence> = Vec::new();
        for item in self.partition(&key::person(&entered.scope, id).pk).await? {
            match item::text(&item, "sk")?.split_once('#') {
                None => person = self.open_item(entered, &item).await?,
                Some(("SESSION", _)) => sessions.push(person_session(&item)?),
                Some(("EVIDENCE", _)) => evidence.extend(self.open_item(entered, &item).await?),
                Some(_) => {}
            }
        }
        evidence.sort_by_key(|held| std::cmp::Reverse(held.evidence.expose().fetched_at));
        Ok(person.map(|person| Known { person, sessions, evidence }))
    }

    /// Creates a session for a person. Two calls at once: one wins, the other is a conflict.
    ///
    /// # Errors
    /// [`StoreError::is_conflict`] where another session was started for the person meanwhile.
    pub async fn create_person_session(
        &self,
        entered: &Entered,
        person: &Person,
        transition: &Transition,
    ) -> Result<Created, StoreError> {
        let mut writes = self.session_writes(entered, transition).await?;
        let next = Person { version: person.version + 1, ..person.clone() };
        let item = self.person_item(entered, &next).await?;
        writes.put(Guards::Version, item, &Condition::version(person.version));
        writes.commit(&self.client).await?;
        Ok(Created::New(transition.session.clone()))
    }

    /// Writes a completion: the session, and its evidence wherever the e-mail leads.
    ///
    /// # Errors
    /// [`StoreError::is_conflict`] where the session or the e-mail changed in between.
    pub async fn commit_completion(
        &self,
        entered: &Entered,
        transition: &Transition,
        claim_hash: Option<&str>,
    ) -> Result<(), StoreError> {
        let mut tries = 1;
        loop {
            match self.try_completion(entered, transition, claim_hash).await {
                // Two sessions under one e-mail may complete at once; the other one is read then.
                Err(error) if error.is_conflict() && tries < TRIES_MAX => tries += 1,
                ended => return ended,
            }
        }
    }

    async fn try_completion(
        &self,
        entered: &Entered,
        transition: &Transition,
        claim_hash: Option<&str>,
    ) -> Result<(), StoreError> {
        let session = &transition.session;
        let mut writes = self.session_writes(entered, transition).await?;
        let email = session.request.expose().external_user.email.as_ref();
        if let (Some(email), Some(completion)) = (email, session.completion()) {
            let mailbox = self.mailbox(entered, email).await?;
            let next = Mailbox { newest: Some(session.id), ..mailbox.clone() };
            self.put_mailbox(&mut writes, entered, email, &next);
            if let Some(person) = mailbox.person {
                let decided = completion.decision.clone();
                let decided = claim_hash.map(str::to_owned).zip(decided);
                let held = HeldEvidence { evidence: completion.evidence.clone(), decided };
                self.put_evidence(&mut writes, entered, (person, email), &held).await?;
            }
        }
        match writes.commit(&self.client).await? {
            Committed::Done => Ok(()),
            Committed::MadeBefore(_) => Err(StoreError::unreadable("no idempotency here")),
        }
    }

    async fn create_person(
        &self,
        entered: &Entered,
        fresh: &Person,
        email: &EmailAddress,
        mailbox: Mailbox,
    ) -> Result<(), StoreError> {
        let mut writes = Writes::new(&self.name, self.op());
        let item = self.person_item(entered, fresh).await?;
        writes.put(Guards::Version, item, &Condition::Absent);
        let next = Mailbox { person: Some(fresh.id), ..mailbox };
        self.put_mailbox(&mut writes, entered, email, &next);
        if let Some(newest) = next.newest
            && let Some(session) = self.session(entered, newest).await?
            && let Some(completion) = session.completion()
        {
            let held = HeldEvidence { evidence: completion.evidence.clone(), decided: None };
            self.put_evidence(&mut writes, entered, (fresh.id, email), &held).await?;
        }
        writes.commit(&self.client).await.map(|_| ())
    }

    async fn mailbox(
        &self,
        entered: &Entered,
        email: &EmailAddress,
    ) -> Result<Mailbox, StoreError> {
        let Some(item) = self.get(&mailbox_key(entered, email)).await? else {
            return Ok(Mailbox::default());
        };
        Ok(Mailbox {
            person: item::parsed(&item, "person").ok(),
            newest: item::parsed(&item, "session").ok(),
            version: item::number(&item, "version")?,
        })
    }

    fn put_mailbox(
        &self,
        writes: &mut Writes,
        entered: &Entered,
        email: &EmailAddress,
        next: &Mailbox,
    ) {
        let item = Item::at(&mailbox_key(entered, email))
            .text("entity", "email")
            .number("version", next.version + 1)
            .maybe_text("person", next.person.map(|id| id.to_string()).as_deref())
            .maybe_text("session", next.newest.map(|id| id.to_string()).as_deref());
        writes.put(Guards::Version, item, &Condition::version(next.version));
    }

    async fn put_evidence(
        &self,
        writes: &mut Writes,
        entered: &Entered,
        (person, email): (PersonId, &EmailAddress),
        held: &HeldEvidence,
    ) -> Result<(), StoreError> {
        let subject = entered.keys.subject(&model::contact::SubjectKey::Email(email));
        let key = key::person_evidence(&entered.scope, person, held.evidence.expose().session);
        let subject_key = self.subject_key(entered, subject).await?;
        let item = self
            .sealed_item(&entered.scope, &key, &subject_key, held)
            .text("entity", "evidence")
            .text("subject", &subject.to_string());
        writes.put(Guards::Nothing, item, &Condition::Always);
        Ok(())
    }

    async fn person_item(&self, entered: &Entered, person: &Person) -> Result<Item, StoreError> {
        let key = key::person(&entered.scope, person.id);
        let subject_key = self.subject_key(entered, person.subject).await?;
        Ok(self
            .sealed_item(&entered.scope, &key, &subject_key, person)
            .text("entity", "person")
            .text("subject", &person.subject.to_string())
            .number("version", person.version))
    }
}

fn mailbox_key(entered: &Entered, email: &EmailAddress) -> Key {
    key::email(&entered.scope, &entered.keys.blind("email", email.as_str()))
}

fn person_session(item: &Attributes) -> Result<PersonSession, StoreError> {
    let word = item::text(item, "status")?;
    let status = Status::ALL.into_iter().find(|status| status.as_str() == word);
    let status = status.ok_or_else(|| StoreError::unreadable("status of another name"))?;
    let expires_at: Timestamp = item::parsed(item, "link_expires_at")?;
    Ok(PersonSession { session: item::parsed(item, "session")?, status, expires_at })
}
