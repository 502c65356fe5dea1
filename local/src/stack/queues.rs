//! SQS in this process: standard queues with visibility, delay, dead letters, long polling and the
//! fairness between message groups that SQS gives its standard queues.
//!
//! Messages are in memory only. Each names an item of the table that says what is to be done, so a
//! message that is lost delays work and loses none.

mod fair;
mod wire;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::Notify;

use super::backend::Answer;
use crate::template::{Queue, QueueSource};
pub(crate) use fair::{FairQueue, Message, Settings};
use wire::Refusal;

/// The longest that a receive waits for messages, as on AWS.
const WAIT_MAX: Duration = Duration::from_secs(20);

/// All queues, by URL.
#[derive(Debug, Default)]
pub(crate) struct Queues {
    by_url: HashMap<String, One>,
}

#[derive(Debug)]
struct One {
    queue: Mutex<FairQueue>,
    /// Wakes receives that wait: one for each message, all where a message becomes visible earlier
    /// than they wait for.
    news: Notify,
    /// URL of the queue of dead letters.
    dead_letters: Option<String>,
}

impl Queues {
    /// Queues as the template declares them. What reads a queue says how much of it may be under way.
    pub(crate) fn new(declared: &[Queue], sources: &[QueueSource]) -> Result<Self, String> {
        let urls: BTreeMap<&str, &str> =
            declared.iter().map(|queue| (&*queue.arn, &*queue.url)).collect();
        let mut by_url = HashMap::new();
        for queue in declared {
            let target = queue.redrive.as_ref().map(|redrive| &*redrive.target_arn);
            let dead_letters = match target {
                Some(arn) => {
                    let url = urls.get(arn).ok_or_else(|| format!("{arn} is not declared"))?;
                    Some((*url).to_owned())
                }
                None => None,
            };
            let source = sources.iter().find(|source| source.queue_arn == queue.arn);
            let one = One {
                queue: Mutex::new(FairQueue::new(settings(queue, source))),
                news: Notify::new(),
                dead_letters,
            };
            by_url.insert(queue.url.clone(), one);
        }
        Ok(Self { by_url })
    }

    /// Answers one request of SQS's wire protocol (AWS JSON 1.0).
    pub(crate) async fn call(&self, operation: &str, body: &Bytes) -> Answer {
        wire::answer(self.dispatch(operation, body).await)
    }

    /// Notes that nobody works on these messages any more, though they were not deleted.
    pub(crate) fn release<'a>(&self, url: &str, receipts: impl Iterator<Item = &'a str>) {
        if let Some(one) = self.by_url.get(url) {
            one.with(|queue, _| receipts.for_each(|receipt| queue.release(receipt)));
        }
    }

    async fn dispatch(&self, operation: &str, body: &Bytes) -> Result<serde_json::Value, Refusal> {
        match operation {
            "SendMessage" => self.send(&wire::parse(body)?),
            "SendMessageBatch" => self.send_batch(&wire::parse(body)?),
            "ReceiveMessage" => self.receive(&wire::parse(body)?).await,
            "DeleteMessage" => self.delete(&wire::parse(body)?),
            "DeleteMessageBatch" => self.delete_batch(&wire::parse(body)?),
            "ChangeMessageVisibility" => self.change_visibility(&wire::parse(body)?),
            "PurgeQueue" => self.purge(&wire::parse(body)?),
            _ => Err(Refusal::UNSUPPORTED),
        }
    }

    fn send(&self, request: &wire::Send) -> Result<serde_json::Value, Refusal> {
        let one = self.one(&request.queue_url)?;
        let sent = one.with(|queue, now| queue.send(request.entry.message(), now));
        Ok(wire::sent(&request.entry.body, sent))
    }

    fn send_batch(&self, request: &wire::SendBatch) -> Result<serde_json::Value, Refusal> {
        let one = self.one(&request.queue_url)?;
        let sent = one.with(|queue, now| {
            let send = |entry: &wire::BatchEntry| queue.send(entry.entry.message(), now);
            request.entries.iter().map(send).collect::<Vec<_>>()
        });
        Ok(wire::sent_batch(&request.entries, &sent))
    }

    async fn receive(&self, request: &wire::Receive) -> Result<serde_json::Value, Refusal> {
        let one = self.one(&request.queue_url)?;
        let wait = Duration::from_secs(request.wait_s).min(WAIT_MAX);
        let until = tokio::time::Instant::now() + wait;
        loop {
            let news = one.news.notified();
            let (received, next) = one.with(|queue, now| {
                let received = queue.receive(request.messages_max, now);
                let next = queue.next_visible();
                (received, next)
            });
            self.bury(one, received.dead);
            if !received.messages.is_empty() || tokio::time::Instant::now() >= until {
                return Ok(wire::received(&received.messages));
            }
            let until = next.map_or(until, |at| until.min(at.into()));
            tokio::select! {
                () = news => {}
                () = tokio::time::sleep_until(until) => {}
            }
        }
    }

    fn bury(&self, one: &One, dead: Vec<Message>) {
        let Some(target) = one.dead_letters.as_ref().and_then(|url| self.by_url.get(url)) else {
            return;
        };
        target.with(|queue, now| {
            for message in dead {
                queue.put(message, now);
            }
        });
    }

    fn delete(&self, request: &wire::Delete) -> Result<serde_json::Value, Refusal> {
        self.one(&request.queue_url)?.with(|queue, _| queue.delete(&request.receipt));
        Ok(wire::nothing())
    }

    fn delete_batch(&self, request: &wire::DeleteBatch) -> Result<serde_json::Value, Refusal> {
        self.one(&request.queue_url)?.with(|queue, _| {
            for entry in &request.entries {
                queue.delete(&entry.receipt);
            }
        });
        Ok(wire::deleted(&request.entries))
    }

    fn change_visibility(&self, request: &wire::Visibility) -> Result<serde_json::Value, Refusal> {
        let timeout = Duration::from_secs(request.timeout_s);
        let one = self.one(&request.queue_url)?;
        let changed = one.with(|queue, now| queue.hide(&request.receipt, timeout, now));
        changed.then(wire::nothing).ok_or(Refusal::NOT_IN_FLIGHT)
    }

    fn purge(&self, request: &wire::Purge) -> Result<serde_json::Value, Refusal> {
        self.one(&request.queue_url)?.with(|queue, _| queue.purge());
        Ok(wire::nothing())
    }

    fn one(&self, url: &str) -> Result<&One, Refusal> {
        self.by_url.get(url).ok_or(Refusal::NO_QUEUE)
    }
}

impl One {
    /// Works on the queue, and wakes the receives that this concerns.
    fn with<T>(&self, work: impl FnOnce(&mut FairQueue, Instant) -> T) -> T {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let before = queue.next_visible();
        let result = work(&mut queue, Instant::now());
        let (more, next) = (queue.has_receivable(), queue.next_visible());
        drop(queue);
        if next.is_some_and(|next| before.is_none_or(|before| next < before)) {
            self.news.notify_waiters();
        }
        if more {
            self.news.notify_one();
        }
        result
    }
}

fn settings(queue: &Queue, source: Option<&QueueSource>) -> Settings {
    Settings {
        visibility: Duration::from_secs(queue.visibility_s),
        retention: Duration::from_secs(queue.retention_s),
        delay: Duration::from_secs(queue.delay_s),
        receives_max: queue.redrive.as_ref().map(|redrive| redrive.receives_max),
        at_once_max: source.map(|source| source.concurrency_max * source.batch_max),
    }
}
