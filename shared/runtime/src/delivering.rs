//! One try of one delivery: take hold of it, word it, send it, write down what became of it.
//!
//! Whoever dies between sending and writing leaves the delivery held; it is sent once more when the
//! hold lapses, under the same id. Nothing else ever repeats a success.

use std::pin::Pin;
use std::time::Instant;

use cloud::{Entered, Note, StoreError};
use http::Request;
use jiff::{SignedDuration, Timestamp};
use model::delivery::{
    Carried, Concluded, Delivery, Destination, DisabledReason, Failure, Held, Outcome, Phase,
    Verdict,
};
use model::endpoint::{Endpoint, EndpointKind, ExtraHeader, OffReason, SigningSecrets};
use model::event::{Entry, Event};
use model::health::{Admission, Health, News};
use model::ids::{DeliveryId, TenantId};
use model::schedule::Jitter;
use model::session::Session;
use model::tenant::MatchingPolicy;
use outbound::OutboundError;
use url::Url;
use webhooks::{Message, Telling};

use crate::app::App;

/// How much of a receiver's answer is kept.
const ANSWER_BYTES_MAX: usize = 1_024;
/// How often noting a receiver's health meets somebody else before it is left to the next try.
const HEALTH_TRIES_MAX: u32 = 5;

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempted {
    /// The message has served.
    Done,
    /// It is to come back after so long.
    Later(SignedDuration),
}

/// What a receiver said to a ping.
#[derive(Debug, Clone)]
pub struct Probed {
    /// Its status, where it answered.
    pub status: Option<u16>,
    /// The beginning of its answer.
    pub answer: Option<String>,
    /// Whether it would count as delivered.
    pub success: bool,
}

type Delivering<'a> = Pin<Box<dyn Future<Output = (Outcome, Note)> + Send + 'a>>;

/// Where a delivery goes and how, at this moment.
struct Receiver {
    url: Url,
    kind: EndpointKind,
    secrets: SigningSecrets,
    extra: Vec<ExtraHeader>,
    session: Option<Session>,
    /// Endpoints have a health; the URL of a single result has none.
    endpoint: Option<(Endpoint, Health)>,
}

impl App {
    /// Makes the try of a delivery that is due.
    ///
    /// # Errors
    /// A [`StoreError`] when the table does not answer; the message is to come again then.
    pub async fn attempt(
        &self,
        entered: &Entered,
        id: DeliveryId,
    ) -> Result<Attempted, StoreError> {
        let Some(delivery) = self.table.delivery(entered, id).await? else {
            return Ok(Attempted::Done);
        };
        let now = self.now();
        let prepared = match delivery.prepare(now) {
            Ok(prepared) => prepared,
            Err(Held::NotDue(due_at, carried)) => return Ok(waiting(due_at, carried, now)),
            Err(Held::Taken(_) | Held::Ended) => return Ok(Attempted::Done),
        };
        let mut receiver = match self.receiver(entered, &delivery).await? {
            Ok(receiver) => receiver,
            Err(reason) => return self.keep(entered, &delivery.disabled(reason, now)).await,
        };
        if let Some(until) = self.breaker(entered, &mut receiver).await? {
            return self.keep(entered, &delivery.put_off(until)).await;
        }
        let policy = &entered.tenant.policy.matching;
        let Some(message) = receiver.message(&delivery, policy, now) else {
            return self.keep(entered, &delivery.disabled(DisabledReason::Erased, now)).await;
        };
        match self.table.save_delivery(entered, prepared.delivery()).await {
            Err(error) if error.is_conflict() => return Ok(Attempted::Done),
            held => held?,
        }
        let (outcome, note) = self.deliver((entered.tenant.id, &receiver.url), message).await;
        let jitter = Jitter::of(self.random());
        let concluded = prepared.sent(outcome, now).conclude(receiver.kind, self.now(), jitter);
        self.conclude(entered, receiver, &concluded, &note).await
    }

    /// Tells an endpoint of an event here and now, and answers what it said. Nothing is written.
    pub async fn probe(&self, endpoint: &Endpoint, event: &Event) -> Probed {
        let entry = Entry { event: event.clone(), number: 0, sequence: None };
        let id = DeliveryId::new(event.id, [0; 8]);
        let to = Destination::Endpoint(endpoint.id);
        let delivery = Delivery::new(id, entry, to, self.now());
        let receiver = Receiver::of(endpoint.clone(), Health::default(), None);
        // No session is told of, so no policy matters.
        let policy = MatchingPolicy::default();
        let Some(message) = receiver.message(&delivery, &policy, self.now()) else {
            return Probed { status: None, answer: None, success: false };
        };
        let (outcome, note) = self.deliver((event.tenant, &receiver.url), message).await;
        let status = match outcome {
            Outcome::Answered { status, .. } => Some(status),
            Outcome::Failed(_) => None,
        };
        let success = status.is_some_and(|status| endpoint.kind.is_success(status));
        Probed { status, answer: note.answer, success }
    }

    async fn receiver(
        &self,
        entered: &Entered,
        delivery: &Delivery,
    ) -> Result<Result<Receiver, DisabledReason>, StoreError> {
        match delivery.to {
            Destination::Endpoint(id) => match self.table.receiver(entered, id).await? {
                (None, _) => Ok(Err(DisabledReason::EndpointDeleted)),
                (Some(endpoint), _) if !endpoint.is_on() => {
                    Ok(Err(DisabledReason::EndpointDisabled))
                }
                (Some(endpoint), health) => {
                    let session = match endpoint.kind.tells_of_sessions() {
                        true => self.session_of(entered, delivery).await?,
                        false => None,
                    };
                    Ok(Ok(Receiver::of(endpoint, health, session)))
                }
            },
            Destination::ResultCallback => {
                let Some(session) = self.session_of(entered, delivery).await? else {
                    return Ok(Err(DisabledReason::Erased));
                };
                let url = session.request.expose().result_url.clone();
                Ok(url.ok_or(DisabledReason::Erased).map(|url| Receiver {
                    url: url.as_url().clone(),
                    kind: EndpointKind::Ivy,
                    secrets: SigningSecrets {
                        current: entered.keys.result_callback_secret(),
                        previous: None,
                    },
                    extra: Vec::new(),
                    session: Some(session),
                    endpoint: None,
                }))
            }
        }
    }

    async fn session_of(
        &self,
        entered: &Entered,
        delivery: &Delivery,
    ) -> Result<Option<Session>, StoreError> {
        match delivery.entry.event.session {
            Some(id) => self.table.session(entered, id).await,
            None => Ok(None),
        }
    }

    /// Until when the receiver's breaker keeps deliveries waiting, if it does.
    async fn breaker(
        &self,
        entered: &Entered,
        receiver: &mut Receiver,
    ) -> Result<Option<Timestamp>, StoreError> {
        let Some((endpoint, health)) = &mut receiver.endpoint else {
            return Ok(None);
        };
        match health.admits(self.now()) {
            Admission::Go => Ok(None),
            Admission::Wait(until) => Ok(Some(until)),
            Admission::Probe(probing) => {
                match self.table.note_health(entered, endpoint.id, &probing).await {
                    Ok(()) => {
                        *health = probing;
                        Ok(None)
                    }
                    Err(error) if error.is_conflict() => Ok(probing.open_until),
                    Err(error) => Err(error),
                }
            }
        }
    }

    /// Stores a delivery that is not sent now.
    async fn keep(&self, entered: &Entered, delivery: &Delivery) -> Result<Attempted, StoreError> {
        match self.table.save_delivery(entered, delivery).await {
            Err(error) if !error.is_conflict() => Err(error),
            _ => Ok(Attempted::Done),
        }
    }

    /// Erased: a client's future is large and deep, and this one stands inside many others.
    fn deliver<'a>(&'a self, to: (TenantId, &'a Url), message: Message) -> Delivering<'a> {
        Box::pin(self.send(to, message))
    }

    /// A tenant's deliveries share connections with each other only.
    async fn send(&self, (tenant, url): (TenantId, &Url), message: Message) -> (Outcome, Note) {
        let began = Instant::now();
        let mut request = Request::post(url.as_str());
        if let Some(headers) = request.headers_mut() {
            *headers = message.headers;
        }
        let sent = match request.body(message.body.into_bytes()) {
            Ok(request) => self.receivers.of(*tenant.bits()).post(request).await,
            Err(_) => Err(OutboundError::Forbidden),
        };
        let duration_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        match sent {
            Ok(answer) => {
                let asked = answer.headers.get("retry-after").and_then(|v| v.to_str().ok());
                let retry_after =
                    asked.and_then(|text| model::retry_after::parse(text, self.now()));
                let status = answer.status.as_u16();
                let note = Note { duration_ms, answer: beginning(&answer.body) };
                (Outcome::Answered { status, retry_after }, note)
            }
            Err(error) => {
                let note = Note { duration_ms, answer: None };
                (Outcome::Failed(failure(error)), note)
            }
        }
    }

    async fn conclude(
        &self,
        entered: &Entered,
        receiver: Receiver,
        concluded: &Concluded,
        note: &Note,
    ) -> Result<Attempted, StoreError> {
        let Concluded { delivery, attempt } = concluded;
        tracing::info!(
            delivery.id = %delivery.id,
            delivery.state = delivery.phase.as_str(),
            delivery.attempt = attempt.number,
            delivery.result = attempt.verdict.as_str(),
            http.status = attempt.status,
            http.duration_ms = note.duration_ms,
            "tried"
        );
        match self.table.conclude(entered, concluded, note).await {
            // The hold lapsed while the receiver took its time: whoever took over writes it down.
            Err(error) if error.is_conflict() => return Ok(Attempted::Done),
            written => written?,
        }
        cloud::metrics::delivered(&delivery.phase);
        if let Some((endpoint, health)) = receiver.endpoint {
            self.note_health(entered, endpoint, health, attempt.verdict).await?;
        }
        match delivery.phase {
            Phase::Waiting { due_at, carried } => Ok(waiting(due_at, carried, self.now())),
            _ => Ok(Attempted::Done),
        }
    }

    /// Notes how the receiver is doing. Losing this race too often loses one failure of many.
    async fn note_health(
        &self,
        entered: &Entered,
        mut endpoint: Endpoint,
        mut health: Health,
        verdict: Verdict,
    ) -> Result<(), StoreError> {
        for _ in 0..HEALTH_TRIES_MAX {
            let noted = match verdict {
                Verdict::Gone => {
                    let (next, _) = health.after_failure(self.now());
                    self.table.switch_off(entered, &endpoint, &next, OffReason::Gone).await
                }
                Verdict::Succeeded => match health.after_success() {
                    None => return Ok(()),
                    Some(next) => self.table.note_health(entered, endpoint.id, &next).await,
                },
                _ => self.note_failure(entered, &endpoint, health).await,
            };
            match noted {
                Err(error) if error.is_conflict() => {}
                noted => return noted,
            }
            match self.table.receiver(entered, endpoint.id).await? {
                (Some(now), fresh) if now.is_on() => (endpoint, health) = (now, fresh),
                _ => return Ok(()),
            }
        }
        Ok(())
    }

    async fn note_failure(
        &self,
        entered: &Entered,
        endpoint: &Endpoint,
        health: Health,
    ) -> Result<(), StoreError> {
        let (next, news) = health.after_failure(self.now());
        match news {
            None => self.table.note_health(entered, endpoint.id, &next).await,
            Some(News::Failing) => self.table.warn_of(entered, endpoint.id, &next).await,
            Some(News::Disabled) => {
                self.table.switch_off(entered, endpoint, &next, OffReason::Failing).await
            }
        }
    }
}

impl Receiver {
    fn of(endpoint: Endpoint, health: Health, session: Option<Session>) -> Self {
        Self {
            url: endpoint.url.expose().as_url().clone(),
            kind: endpoint.kind,
            secrets: endpoint.secrets.clone(),
            extra: endpoint.headers.expose().clone(),
            session,
            endpoint: Some((endpoint, health)),
        }
    }

    fn message(
        &self,
        delivery: &Delivery,
        policy: &MatchingPolicy,
        now: Timestamp,
    ) -> Option<Message> {
        let (entry, session) = (&delivery.entry, self.session.as_ref());
        let telling = Telling { entry, session, policy, now };
        webhooks::message(self.kind, telling, &self.secrets, &self.extra, delivery)
    }
}

/// Whether the message waits for the moment, or the sweeper sends another.
fn waiting(due_at: Timestamp, carried: Carried, now: Timestamp) -> Attempted {
    match carried {
        Carried::ByMessage => Attempted::Later(due_at.duration_since(now)),
        Carried::BySweeper => Attempted::Done,
    }
}

const fn failure(error: OutboundError) -> Failure {
    match error {
        OutboundError::Forbidden => Failure::AddressNotAllowed,
        OutboundError::NotDelivered => Failure::NoConnection,
        OutboundError::Lost => Failure::Broken,
        OutboundError::TimedOut => Failure::TimedOut,
        OutboundError::TooLarge => Failure::AnswerTooLarge,
    }
}

/// What people may want to see of an answer: text, cut, without controls.
fn beginning(body: &[u8]) -> Option<String> {
    let cut = &body[..body.len().min(ANSWER_BYTES_MAX)];
    let text = String::from_utf8_lossy(cut);
    let shown = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
    let text: String = text.chars().filter(shown).collect();
    Some(text).filter(|text| !text.is_empty())
}
