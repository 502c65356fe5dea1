//! Persons of the Pentadata contract, and who has which e-mail.
//!
//! Both writers of an e-mail, a new person and a completing session, are conditional on its version,
//! so neither can miss the other.

use jiff::Timestamp;
use model::contact::EmailAddress;
use model::ids::PersonId;
use model::person::{HeldEvidence, Known, Person, PersonSession};
use model::session::Status;
use model::statement::Statement;
use model::transition::Transition;

use crate::error::StoreError;
use crate::item::{self, Attributes, Item};
use crate::key;
use crate::mailbox::{Mailbox, mailbox_key, put_mailbox};
use crate::metrics;
use crate::sessions::Created;
use crate::table::{Entered, Table};
use crate::vault::SubjectKey;
use crate::writes::{Committed, Condition, Guards, Writes};

/// How often a writer that met another one reads the e-mail again.
const TRIES_MAX: u32 = 3;

/// A completion that is to be written.
#[derive(Clone, Copy)]
pub struct Completing<'a> {
    /// The transition to complete.
    pub transition: &'a Transition,
    /// What was read besides the accounts, where the person agreed to it.
    pub statement: Option<&'a Statement>,
    /// The keyed hash of the claim that was decided.
    pub claim_hash: Option<&'a str>,
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
            let mailbox = self.mailbox(&mailbox_key(entered, &email)).await?;
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
        self.put_creation_markers(&mut writes, entered, &transition.session, None);
        let next = Person { version: person.version + 1, ..person.clone() };
        let subject_key = self.existing_key(entered, person.subject).await?;
        writes.under(&subject_key);
        let item = self.person_item(entered, &next, &subject_key);
        writes.put(Guards::Version, item, &Condition::version(person.version));
        self.write(writes).await?;
        Ok(Created::New(transition.session.clone()))
    }

    /// Writes a completion: the session, its statement, and its evidence wherever the e-mail leads.
    ///
    /// # Errors
    /// [`StoreError::is_conflict`] where the session or the e-mail changed in between.
    pub async fn commit_completion(
        &self,
        entered: &Entered,
        completing: &Completing<'_>,
    ) -> Result<(), StoreError> {
        let mut tries = 1;
        loop {
            match self.try_completion(entered, completing).await {
                // Two sessions under one e-mail may complete at once; the other one is read then.
                Err(error) if error.is_conflict() && tries < TRIES_MAX => tries += 1,
                ended => {
                    ended?;
                    metrics::session_moved(completing.transition);
                    return Ok(());
                }
            }
        }
    }

    async fn try_completion(
        &self,
        entered: &Entered,
        completing: &Completing<'_>,
    ) -> Result<(), StoreError> {
        let session = &completing.transition.session;
        let mut writes = self.session_writes(entered, completing.transition).await?;
        if let Some(statement) = completing.statement {
            let item = self.statement_item(entered, session, statement).await?;
            writes.put(Guards::Nothing, item, &Condition::Always);
        }
        let email = session.request.expose().external_user.email.as_ref();
        if let (Some(email), Some(completion)) = (email, session.completion()) {
            let key = mailbox_key(entered, email);
            let mailbox = self.mailbox(&key).await?;
            let next = Mailbox { newest: Some(session.id), ..mailbox.clone() };
            put_mailbox(&mut writes, &key, &next);
            if let Some(person) = mailbox.person {
                let decided = completion.decision.clone();
                let decided = completing.claim_hash.map(str::to_owned).zip(decided);
                let held = HeldEvidence { evidence: completion.evidence.clone(), decided };
                self.put_evidence(&mut writes, entered, (person, email), &held).await?;
            }
        }
        match self.write(writes).await? {
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
        let mut writes = self.writes();
        let subject_key = self.subject_key(entered, fresh.subject).await?;
        writes.under(&subject_key);
        let item = self.person_item(entered, fresh, &subject_key);
        writes.put(Guards::Version, item, &Condition::Absent);
        for row in person_rows(entered, fresh, email) {
            writes.put(Guards::Nothing, row, &Condition::Always);
        }
        let next = Mailbox { person: Some(fresh.id), ..mailbox };
        put_mailbox(&mut writes, &mailbox_key(entered, email), &next);
        if let Some(newest) = next.newest
            && let Some(session) = self.session(entered, newest).await?
            && let Some(completion) = session.completion().filter(|c| c.revoked_at.is_none())
        {
            let held = HeldEvidence { evidence: completion.evidence.clone(), decided: None };
            self.put_evidence(&mut writes, entered, (fresh.id, email), &held).await?;
        }
        self.write(writes).await.map(|_| ())
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
        let subject_key = self.existing_key(entered, subject).await?;
        writes.under(&subject_key);
        let item = self
            .sealed_item(&entered.scope, &key, &subject_key.key, held)
            .text("entity", "evidence")
            .text("subject", &subject.to_string());
        writes.put(Guards::Nothing, item, &Condition::Always);
        Ok(())
    }

    fn person_item(&self, entered: &Entered, person: &Person, subject_key: &SubjectKey) -> Item {
        let key = key::person(&entered.scope, person.id);
        self.sealed_item(&entered.scope, &key, &subject_key.key, person)
            .text("entity", "person")
            .text("subject", &person.subject.to_string())
            .number("version", person.version)
    }
}

/// What finds a person again: in the tenant's list, and when the subject is exported or erased.
fn person_rows(entered: &Entered, person: &Person, email: &EmailAddress) -> [Item; 2] {
    let listed = key::person_row(&entered.scope, person.created_at, person.id);
    let of_subject = key::subject_person(&entered.scope, person.subject, person.id);
    let of_subject = Item::at(&of_subject)
        .text("entity", "subject_person")
        .text("email_pk", &mailbox_key(entered, email).pk)
        .text("list_pk", &listed.pk)
        .text("list_sk", &listed.sk);
    [of_subject, Item::at(&listed).text("entity", "listed_person")]
}

fn person_session(item: &Attributes) -> Result<PersonSession, StoreError> {
    let word = item::text(item, "status")?;
    let status = Status::ALL.into_iter().find(|status| status.as_str() == word);
    let status = status.ok_or_else(|| StoreError::unreadable("status of another name"))?;
    let expires_at: Timestamp = item::parsed(item, "link_expires_at")?;
    Ok(PersonSession { session: item::parsed(item, "session")?, status, expires_at })
}
