//! What handlers work with: the table, the queue, the banks, the clock.

use std::sync::Arc;

use banks::{Directory, Places};
use cloud::{
    CallbackQueue, Clients, Clock, Created, DeliveryQueue, Entered, Entropy, LinkToken, MasterKey,
    ReadBank, Table, TableNames,
};
use jiff::Timestamp;
use model::ids::{PersonId, SessionId, SubjectId};
use model::private::Pii;
use model::request::SessionRequest;
use model::session::{Door, Session, State};
use model::transition::{Job, Transition};
use outbound::{KeptConnections, Limits, Outbound, SystemNames};
use wire::{NewSession, Problem};

use crate::config::{Config, MasterKeyPlace};
use crate::errors::store_problem;
use crate::limits::Counters;
use crate::tokens::Signer;

/// Everything a handler may use.
#[derive(Debug)]
pub struct App {
    /// The deployment's settings.
    pub config: Config,
    /// The table.
    pub table: Table,
    /// The callback queue, where the function may send to it.
    pub callbacks: Option<CallbackQueue>,
    /// The queue of deliveries, where the function may send to it.
    pub deliveries: Option<DeliveryQueue>,
    /// The banks.
    pub banks: Directory,
    /// The way to the receivers of webhooks.
    pub receivers: KeptConnections,
    pub(crate) signer: Signer,
    pub(crate) counters: Counters,
    ambient: Ambient,
}

/// The clock and the source of randomness.
#[derive(Debug, Clone)]
pub struct Ambient {
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
}

impl Default for Ambient {
    fn default() -> Self {
        Self { clock: Arc::new(cloud::System), entropy: Arc::new(cloud::System) }
    }
}

/// The way to the banks; the sandbox banks are in this very process where it is a local one.
fn to_banks(config: &Config) -> Outbound {
    let outbound = Outbound::new(config.reach);
    match &config.own_address {
        Some(address) => outbound.reaching_itself_at(config.public_url.clone(), address.clone()),
        None => outbound,
    }
}

impl App {
    /// Puts an app together.
    ///
    /// # Errors
    /// The master key cannot be had, or the bank directory is broken; the text says which.
    pub fn new(config: Config, clients: Clients, ambient: Ambient) -> Result<Self, String> {
        let master = match (&config.master_key, clients.kms) {
            (MasterKeyPlace::File(path), _) => MasterKey::from_file(path, &*ambient.entropy)
                .map_err(|error| format!("master key file {}: {error}", path.display()))?,
            (MasterKeyPlace::Kms(id), Some(client)) => {
                MasterKey::Kms { client, key_id: id.clone() }
            }
            (MasterKeyPlace::Kms(_), None) => return Err("MASTER_KEY_ID needs KMS".to_owned()),
        };
        let names =
            TableNames { table: config.table_name.clone(), keys: config.keys_table_name.clone() };
        let (clock, entropy) = (Arc::clone(&ambient.clock), Arc::clone(&ambient.entropy));
        let table = Table::new(clients.dynamodb, names, master, clock, entropy);
        let queue = |url: &String| CallbackQueue::new(clients.sqs.clone(), url.clone());
        let callbacks = config.callback_queue_url.as_ref().map(queue);
        let queue = |url: &String| DeliveryQueue::new(clients.sqs.clone(), url.clone());
        let deliveries = config.delivery_queue_url.as_ref().map(queue);
        let receivers = Outbound::with(config.reach, Limits::WEBHOOK, Arc::new(SystemNames));
        let receivers = KeptConnections::like(receivers);
        let places = Places { sandbox: config.sandbox_bank_url.clone() };
        let banks = Directory::load(&places, &to_banks(&config));
        let banks = banks.map_err(|error| error.to_string())?;
        let (signer, counters) = (Signer::default(), Counters::default());
        Ok(Self {
            config,
            table,
            callbacks,
            deliveries,
            banks,
            receivers,
            signer,
            counters,
            ambient,
        })
    }

    /// The present moment.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.ambient.clock.now()
    }

    /// Random bytes.
    #[must_use]
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.ambient.entropy.fill(&mut bytes);
        bytes
    }

    /// The link of a session: always the same for the same session.
    #[must_use]
    pub fn link(&self, entered: &Entered, session: SessionId) -> String {
        let token = LinkToken::of(&entered.keys, entered.scope.tenant(), session);
        self.config.public(&format!("link/{}", token.text())).to_string()
    }

    /// The transition that creates a session as it was asked for.
    ///
    /// # Errors
    /// A [`Problem`] when the table does not answer.
    pub async fn open(
        &self,
        entered: &Entered,
        asked: NewSession,
        door: Door,
        person: Option<(PersonId, SubjectId)>,
    ) -> Result<Transition, Problem> {
        let now = self.now();
        let key = asked.request.external_user.subject_key();
        let named = key.map(|key| entered.keys.subject(&key));
        let subject = person.map(|(_, subject)| subject).or(named);
        let number = self.table.next_number(entered).await.map_err(store_problem)?;
        Ok(model::transition::create(Session {
            id: SessionId::new(now, self.random()),
            tenant: entered.scope.tenant(),
            number,
            door,
            subject: subject.unwrap_or_else(|| SubjectId::from_bits(self.random())),
            person: person.map(|(id, _)| id),
            asked: asked.asked,
            market: asked.market,
            locale: asked.locale,
            request: Pii::new(SessionRequest {
                disclosure: entered.tenant.policy.matching.disclosure,
                ..asked.request
            }),
            state: State::Open,
            created_at: now,
            updated_at: now,
            expires_at: now.checked_add(asked.lifetime).unwrap_or(now),
            version: 0,
        }))
    }

    /// Commits a transition and then queues its jobs. A job that cannot be queued is not lost: the
    /// sweeper finds the session overdue.
    ///
    /// # Errors
    /// A [`Problem`] when the commit failed; nothing was queued then.
    pub async fn commit(&self, entered: &Entered, change: &Transition) -> Result<(), Problem> {
        self.table.commit(entered, change).await.map_err(store_problem)?;
        for Job::ReadBank(session) in &change.jobs {
            let Some(queue) = &self.callbacks else {
                continue;
            };
            let message = ReadBank { tenant: entered.scope.tenant(), session: *session };
            if let Err(error) = queue.send(message).await {
                tracing::warn!(error = %error, session.id = %session, "callback not queued");
            }
        }
        Ok(())
    }

    /// The session that a create made, now or before.
    ///
    /// # Errors
    /// A [`Problem`] where the idempotency key belongs to another request.
    pub fn created(created: Created) -> Result<(Session, bool), Problem> {
        match created {
            Created::New(session) => Ok((session, false)),
            Created::Before(session) => Ok((session, true)),
            Created::KeyReused => Err(Problem::idempotency_key_reused()),
        }
    }
}
