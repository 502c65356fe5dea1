//! One queue: what is visible, in which order, and what is under way.
//!
//! Keeps true: a message group that has much under way takes no place that a group with less could
//! use. Of what a reader can work on at once, a group gets at most as much as is left free besides,
//! so a single busy group leaves half of it, two leave a third. Within a group, the oldest message
//! comes first. Pure: the time is given.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::{Duration, Instant, SystemTime};

use uuid::Uuid;

/// The declared settings of a queue.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings {
    /// A received message stays unseen so long.
    pub(crate) visibility: Duration,
    /// A message is kept so long.
    pub(crate) retention: Duration,
    /// A new message that names no delay stays unseen so long.
    pub(crate) delay: Duration,
    /// A message that was received so often goes to the dead letters.
    pub(crate) receives_max: Option<u32>,
    /// The queue's reader works on so many messages at once, at most.
    pub(crate) at_once_max: Option<usize>,
}

/// A message.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) id: Uuid,
    pub(crate) body: String,
    pub(crate) group: Option<String>,
    pub(crate) delay: Option<Duration>,
    pub(crate) sent_at: SystemTime,
    pub(crate) first_received_at: Option<SystemTime>,
    pub(crate) receives: u32,
    /// The receipt of the last receive.
    pub(crate) receipt: Option<Uuid>,
}

/// The result of one receive.
#[derive(Debug, Default)]
pub(crate) struct Received {
    pub(crate) messages: Vec<Message>,
    /// Messages that were received too often.
    pub(crate) dead: Vec<Message>,
}

/// A queue.
#[derive(Debug)]
pub(crate) struct FairQueue {
    settings: Settings,
    /// Counts the messages; a lower number is an older message.
    last: u64,
    messages: BTreeMap<u64, Stored>,
    receipts: HashMap<Uuid, u64>,
    /// Unseen messages by the moment they become visible.
    unseen: BTreeSet<(Instant, u64)>,
    groups: HashMap<String, Group>,
    /// Groups with visible messages: the least under way first, then the oldest message.
    order: BTreeSet<(usize, u64, String)>,
    under_way: usize,
}

#[derive(Debug)]
struct Stored {
    message: Message,
    group: String,
    ends_at: Instant,
    place: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Visible,
    /// Unseen until then, and nobody works on it.
    Waiting(Instant),
    /// Unseen until then, since somebody received it.
    UnderWay(Instant),
}

#[derive(Debug, Default)]
struct Group {
    visible: BTreeSet<u64>,
    under_way: usize,
}

impl Message {
    pub(crate) fn new(body: String, group: Option<String>, delay: Option<Duration>) -> Self {
        Self {
            id: Uuid::new_v4(),
            body,
            group,
            delay,
            sent_at: SystemTime::now(),
            first_received_at: None,
            receives: 0,
            receipt: None,
        }
    }
}

impl FairQueue {
    pub(crate) fn new(settings: Settings) -> Self {
        Self {
            settings,
            last: 0,
            messages: BTreeMap::new(),
            receipts: HashMap::new(),
            unseen: BTreeSet::new(),
            groups: HashMap::new(),
            order: BTreeSet::new(),
            under_way: 0,
        }
    }

    /// Takes a new message and answers its id.
    pub(crate) fn send(&mut self, message: Message, now: Instant) -> Uuid {
        let id = message.id;
        let delay = message.delay.unwrap_or(self.settings.delay);
        let place = if delay.is_zero() { Place::Visible } else { Place::Waiting(now + delay) };
        self.insert(message, place, now);
        id
    }

    /// Takes a message of another queue, visible at once.
    pub(crate) fn put(&mut self, message: Message, now: Instant) {
        self.insert(message, Place::Visible, now);
    }

    /// Hands out visible messages.
    pub(crate) fn receive(&mut self, max: usize, now: Instant) -> Received {
        self.forget(now);
        self.reveal(now);
        let mut received = Received::default();
        while received.messages.len() < max {
            let Some(number) = self.next() else { break };
            let stored = &self.messages[&number];
            if self.settings.receives_max.is_some_and(|most| stored.message.receives >= most) {
                received.dead.extend(self.remove(number));
                continue;
            }
            received.messages.push(self.hand_out(number, now));
        }
        received
    }

    /// `true` if a receive at this moment would hand out a message.
    pub(crate) fn has_receivable(&self) -> bool {
        self.next().is_some()
    }

    /// The moment at which the next unseen message becomes visible.
    pub(crate) fn next_visible(&self) -> Option<Instant> {
        self.unseen.first().map(|(at, _)| *at)
    }

    /// Deletes a message by its last receipt. An old receipt deletes nothing.
    pub(crate) fn delete(&mut self, receipt: &str) {
        if let Some(number) = self.find(receipt) {
            self.remove(number);
        }
    }

    /// Makes a received message visible after a while. Answers whether it is still under way.
    pub(crate) fn hide(&mut self, receipt: &str, timeout: Duration, now: Instant) -> bool {
        let Some(number) = self.find(receipt) else { return false };
        if self.messages[&number].place == Place::Visible {
            return false;
        }
        let place = if timeout.is_zero() { Place::Visible } else { Place::Waiting(now + timeout) };
        self.move_to(number, place);
        true
    }

    /// Notes that nobody works on a received message any more; it stays unseen as long as it was.
    pub(crate) fn release(&mut self, receipt: &str) {
        let Some(number) = self.find(receipt) else { return };
        if let Place::UnderWay(until) = self.messages[&number].place {
            self.move_to(number, Place::Waiting(until));
        }
    }

    /// Deletes all messages.
    pub(crate) fn purge(&mut self) {
        *self = Self { last: self.last, ..Self::new(self.settings) };
    }

    fn insert(&mut self, message: Message, place: Place, now: Instant) {
        self.forget(now);
        self.last += 1;
        let group = match &message.group {
            Some(group) => format!("g{group}"),
            // As on AWS, a message without a group has no neighbours.
            None => format!("m{}", self.last),
        };
        let ends_at = now + self.settings.retention;
        let stored = Stored { message, group, ends_at, place };
        self.messages.insert(self.last, stored);
        self.enter(self.last, place);
    }

    /// Deletes messages that were kept long enough. Older messages have lower numbers.
    fn forget(&mut self, now: Instant) {
        while let Some((number, stored)) = self.messages.first_key_value() {
            if stored.ends_at > now {
                return;
            }
            self.remove(*number);
        }
    }

    /// The oldest message of the group with the least under way, if that group may have more.
    fn next(&self) -> Option<u64> {
        let (group_under_way, number, _) = self.order.first()?;
        let free = self.settings.at_once_max.map(|most| most.saturating_sub(self.under_way));
        free.is_none_or(|free| *group_under_way < free).then_some(*number)
    }

    fn hand_out(&mut self, number: u64, now: Instant) -> Message {
        let receipt = Uuid::new_v4();
        let until = now + self.settings.visibility;
        let mut old = None;
        if let Some(stored) = self.messages.get_mut(&number) {
            let message = &mut stored.message;
            message.receives += 1;
            message.first_received_at.get_or_insert_with(SystemTime::now);
            old = message.receipt.replace(receipt);
        }
        if let Some(old) = old {
            self.receipts.remove(&old);
        }
        self.receipts.insert(receipt, number);
        self.move_to(number, Place::UnderWay(until));
        self.messages[&number].message.clone()
    }

    fn reveal(&mut self, now: Instant) {
        while let Some((at, number)) = self.unseen.first().copied() {
            if at > now {
                return;
            }
            self.move_to(number, Place::Visible);
        }
    }

    fn find(&self, receipt: &str) -> Option<u64> {
        let receipt: Uuid = receipt.parse().ok()?;
        self.receipts.get(&receipt).copied()
    }

    fn remove(&mut self, number: u64) -> Option<Message> {
        let place = self.messages.get(&number)?.place;
        self.leave(number, place);
        let stored = self.messages.remove(&number)?;
        if let Some(receipt) = stored.message.receipt {
            self.receipts.remove(&receipt);
        }
        let unused = |group: &Group| group.visible.is_empty() && group.under_way == 0;
        if self.groups.get(&stored.group).is_some_and(unused) {
            self.groups.remove(&stored.group);
        }
        Some(stored.message)
    }

    fn move_to(&mut self, number: u64, place: Place) {
        let Some(stored) = self.messages.get_mut(&number) else { return };
        let before = std::mem::replace(&mut stored.place, place);
        self.leave(number, before);
        self.enter(number, place);
    }

    fn enter(&mut self, number: u64, place: Place) {
        self.regroup(number, |group| match place {
            Place::Visible => drop(group.visible.insert(number)),
            Place::UnderWay(_) => group.under_way += 1,
            Place::Waiting(_) => {}
        });
        match place {
            Place::Visible => {}
            Place::Waiting(at) => drop(self.unseen.insert((at, number))),
            Place::UnderWay(at) => {
                self.unseen.insert((at, number));
                self.under_way += 1;
            }
        }
    }

    fn leave(&mut self, number: u64, place: Place) {
        self.regroup(number, |group| match place {
            Place::Visible => drop(group.visible.remove(&number)),
            Place::UnderWay(_) => group.under_way -= 1,
            Place::Waiting(_) => {}
        });
        match place {
            Place::Visible => {}
            Place::Waiting(at) => drop(self.unseen.remove(&(at, number))),
            Place::UnderWay(at) => {
                self.unseen.remove(&(at, number));
                self.under_way -= 1;
            }
        }
    }

    /// Changes the group of a message and keeps its place in the order right.
    fn regroup(&mut self, number: u64, change: impl FnOnce(&mut Group)) {
        let Some(stored) = self.messages.get(&number) else { return };
        let name = &stored.group;
        let group = self.groups.entry(name.clone()).or_default();
        let place = |group: &Group| {
            group.visible.first().map(|oldest| (group.under_way, *oldest, name.clone()))
        };
        if let Some(before) = place(group) {
            self.order.remove(&before);
        }
        change(group);
        if let Some(after) = place(group) {
            self.order.insert(after);
        }
    }
}
