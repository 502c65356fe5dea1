//! The queue of bank callbacks: exchanges the code once, reads the bank, decides, and commits.
//!
//! The session says how far the work is; the message only says which session. Whatever dies here
//! is taken up by the next delivery or by the sweeper, and a code is never presented a second time
//! unless the bank certainly did nothing with it.

use banks::{BankError, Completed, Connector, Fetched, Wanted};
use cloud::{Completing, Entered, ReadBank};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use model::decision::Decision;
use model::evidence::Evidence;
use model::ids::BankId;
use model::private::Pii;
use model::request::Asked;
use model::session::{FailureReason, Lease, Session, State, Step};
use model::statement::Statement;
use model::tenant::Disclosure;
use model::transition::{Command, Refusal, Transition, apply};
use runtime::{App, Function, Message, Outcome};

/// The function.
pub const FUNCTION: Function = Function::Queue(|app, message| Box::pin(handle(app, message)));

/// How soon a message comes back after a transient failure, by how often it was received.
const AGAIN_S: [i32; 4] = [1, 2, 4, 4];

/// How far back bookings are read.
const BOOKINGS_MONTHS: i64 = 3;

/// Works off one message.
pub async fn handle(app: &App, message: Message) -> Outcome {
    let Ok(job) = serde_json::from_str::<ReadBank>(&message.body) else {
        tracing::error!("a message is not ours");
        return Outcome::Again { after_s: None };
    };
    match work(app, job).await {
        Ok(()) => Outcome::Done,
        Err(Stop::Later(what)) => {
            tracing::warn!(session.id = %job.session, reason = what, "again later");
            let tries = usize::try_from(message.receive_count).unwrap_or(1).saturating_sub(1);
            Outcome::Again { after_s: AGAIN_S.get(tries).copied() }
        }
    }
}

/// Why a message is not done with.
enum Stop {
    /// Something may work a moment later.
    Later(&'static str),
}

impl From<cloud::StoreError> for Stop {
    fn from(error: cloud::StoreError) -> Self {
        tracing::warn!(error = %error, "store");
        Self::Later("store")
    }
}

async fn work(app: &App, job: ReadBank) -> Result<(), Stop> {
    let Some(entered) = app.table.enter(job.tenant).await? else {
        return Ok(());
    };
    let Some(session) = app.table.session(&entered, job.session).await? else {
        return Ok(());
    };
    let held = match apply(&session, Command::Take, app.now()) {
        Ok(held) => held,
        Err(Refusal::Held) => return Err(Stop::Later("another worker holds the session")),
        Err(_) => return Ok(()),
    };
    app.table.commit(&entered, &held).await?;
    let worker = Worker { app, entered: &entered };
    worker.continue_from(held.session).await
}

struct Worker<'a> {
    app: &'a App,
    entered: &'a Entered,
}

impl Worker<'_> {
    async fn continue_from(&self, session: Session) -> Result<(), Stop> {
        let State::Processing { bank, step, .. } = session.state.clone() else {
            tracing::info!(session.id = %session.id, "ended: the worker before died with the code");
            return Ok(());
        };
        let Some(connector) = self.app.banks.connector(&bank) else {
            return self.fail(&session, FailureReason::BankRefused).await;
        };
        match step {
            Step::Answered { .. } => Ok(()),
            Step::Exchanging { callback, visit, lease } => {
                let completed = connector.complete(&visit, &callback).await;
                match completed {
                    Ok(Completed::Granted(grant)) => {
                        let command = Command::HoldGrant { epoch: lease.epoch, grant };
                        let held = self.apply(&session, command).await?;
                        self.read(held, &bank, &*connector, lease).await
                    }
                    Ok(Completed::NeedsNewLogin(why)) => {
                        tracing::info!(session.id = %session.id, reason = why, "new login needed");
                        self.fail(&session, FailureReason::NeedsNewLogin).await
                    }
                    Err(error) if error.did_nothing() => {
                        self.release(&session, lease, &error).await
                    }
                    Err(error) => {
                        tracing::warn!(session.id = %session.id, error = %error, "exchange");
                        self.fail(&session, FailureReason::NeedsNewLogin).await
                    }
                }
            }
            Step::Granted { lease, .. } => self.read(session, &bank, &*connector, lease).await,
        }
    }

    /// With the token stored, reading may be repeated.
    async fn read(
        &self,
        session: Session,
        bank: &BankId,
        connector: &dyn Connector,
        lease: Lease,
    ) -> Result<(), Stop> {
        let State::Processing { approved, step: Step::Granted { grant, .. }, .. } = &session.state
        else {
            return Ok(());
        };
        let fetched = match connector.fetch(grant, &wanted(approved, self.app.now())).await {
            Ok(fetched) => fetched,
            Err(error) if error.is_transient() => {
                return self.release(&session, lease, &error).await;
            }
            Err(error) => {
                tracing::warn!(session.id = %session.id, error = %error, "bank not read");
                let unreadable = error.kind() == banks::BankErrorKind::Unreadable;
                let reason = if unreadable {
                    FailureReason::BankAnswerUnreadable
                } else {
                    FailureReason::BankRefused
                };
                return self.fail(&session, reason).await;
            }
        };
        self.finish(&session, bank, fetched, lease).await?;
        if let Err(error) = connector.revoke(grant).await {
            tracing::info!(session.id = %session.id, error = %error, "consent left to lapse");
        }
        Ok(())
    }

    async fn finish(
        &self,
        session: &Session,
        bank: &BankId,
        fetched: Fetched,
        lease: Lease,
    ) -> Result<(), Stop> {
        let now: Timestamp = self.app.now();
        let statement = statement(session, &fetched, now);
        let evidence = Evidence {
            session: session.id,
            bank: bank.clone(),
            fetched_at: now,
            door: session.door,
            disclosure: disclosure(session),
            identity: fetched.identity,
        };
        let claim = session.request.expose().claim.as_ref();
        let policy = &self.entered.tenant.policy.matching;
        let decision = claim.map(|claim| Decision::of(claim, &evidence, policy, now));
        let mac = |text: String| cloud::hex(&self.entered.keys.mac("claims", text.as_bytes()));
        let claim_hash = claim.map(|claim| mac(claim.fingerprint_text()));
        let evidence = Box::new(Pii::new(evidence));
        let command = Command::Finish { epoch: lease.epoch, evidence, decision };
        let Ok(done) = apply(session, command, now) else {
            return Ok(());
        };
        let completing = Completing {
            transition: &done,
            statement: statement.as_ref(),
            claim_hash: claim_hash.as_deref(),
        };
        self.app.table.commit_completion(self.entered, &completing).await?;
        if let State::Processing { since, .. } = session.state {
            cloud::metrics::decided(since, now);
        }
        Ok(())
    }

    /// The bank did nothing, or may be read again: somebody may take the session up at once.
    async fn release(
        &self,
        session: &Session,
        lease: Lease,
        error: &BankError,
    ) -> Result<(), Stop> {
        tracing::info!(session.id = %session.id, error = %error, "bank not ready");
        let overdue = apply(session, Command::Expire, self.app.now());
        let change: Transition = match overdue {
            Ok(overdue) => overdue,
            Err(_) => match apply(session, Command::Release { epoch: lease.epoch }, self.app.now())
            {
                Ok(released) => released,
                Err(_) => return Ok(()),
            },
        };
        let ended = change.jobs.is_empty();
        self.app.table.commit(self.entered, &change).await?;
        if ended { Ok(()) } else { Err(Stop::Later("the bank is not ready")) }
    }

    async fn fail(&self, session: &Session, reason: FailureReason) -> Result<(), Stop> {
        self.apply(session, Command::Fail { reason }).await.map(|_| ())
    }

    async fn apply(&self, session: &Session, command: Command) -> Result<Session, Stop> {
        let Ok(change) = apply(session, command, self.app.now()) else {
            return Err(Stop::Later("the session moved on"));
        };
        self.app.table.commit(self.entered, &change).await?;
        Ok(change.session)
    }
}

/// What the person agreed to, of the last months.
fn wanted(approved: &Asked, now: Timestamp) -> Wanted {
    let today = now.to_zoned_datetime(TimeZone::UTC).date();
    let since = today.checked_sub(BOOKINGS_MONTHS.months()).unwrap_or(today);
    Wanted { reading: approved.reading(), since }
}

/// What the person agreed that a decision may tell of their name.
fn disclosure(session: &Session) -> Disclosure {
    match &session.state {
        State::Processing { approved, .. } => {
            approved.disclosure(session.request.expose().disclosure)
        }
        _ => Disclosure::Nothing,
    }
}

/// The statement, where the person agreed to one; it is there even when the bank has nothing to say.
fn statement(session: &Session, fetched: &Fetched, now: Timestamp) -> Option<Statement> {
    let State::Processing { approved, .. } = &session.state else {
        return None;
    };
    let reading = approved.reading();
    let statement = Statement {
        session: session.id,
        fetched_at: now,
        balances: fetched.balances.clone(),
        bookings: fetched.bookings.clone(),
        extent: fetched.extent,
    };
    (reading.balances || reading.transactions).then(|| statement.bounded())
}
