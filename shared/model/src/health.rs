//! How a receiver is doing: its breaker, and how long it has done nothing but fail.
//!
//! After ten failures in a row the breaker opens, and deliveries wait instead of taking up workers;
//! then one of them tries, and its outcome closes or reopens the breaker. After five days of
//! nothing but failures the endpoint is switched off, a day's failures being told before.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::delivery::later;

/// Failures in a row that open the breaker.
pub const FAILURES_MAX: u32 = 10;
/// How long the breaker is open at first; twice as long each time, up to the last.
const PAUSE: SignedDuration = SignedDuration::from_mins(1);
const PAUSE_MAX: SignedDuration = SignedDuration::from_mins(15);
/// How long the one try through an open breaker may take.
const PROBE: SignedDuration = SignedDuration::from_secs(40);
/// After so long of nothing but failures the tenant is told.
pub const FAILING: SignedDuration = SignedDuration::from_hours(24);
/// After so long of nothing but failures the endpoint is switched off.
pub const DISABLING: SignedDuration = SignedDuration::from_hours(5 * 24);

/// How a receiver is doing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// Failures in a row.
    pub failures: u32,
    /// When the first of them was.
    pub failing_since: Option<Timestamp>,
    /// Until when nothing is sent.
    pub open_until: Option<Timestamp>,
    /// Whether one delivery tries through the open breaker.
    #[serde(default)]
    pub probing: bool,
    /// How often the breaker opened in a row.
    pub opened: u32,
    /// Whether the tenant was told that it fails.
    pub told: bool,
    /// Raised by one with every change; 0 where nothing was ever written.
    pub version: u64,
}

/// Whether a delivery may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// It may.
    Go,
    /// It may, as the one that tries whether the receiver is back. Written first: who loses that
    /// race waits.
    Probe(Health),
    /// Not before this moment.
    Wait(Timestamp),
}

/// What the tenant should be told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// It has failed for a day.
    Failing,
    /// It is switched off.
    Disabled,
}

impl Health {
    /// Whether a delivery may be sent.
    #[must_use]
    pub fn admits(&self, now: Timestamp) -> Admission {
        match self.open_until {
            None => Admission::Go,
            Some(until) if until > now => Admission::Wait(until),
            Some(_) => {
                let open_until = Some(later(now, PROBE));
                let version = self.version + 1;
                Admission::Probe(Self { open_until, probing: true, version, ..*self })
            }
        }
    }

    /// After a success; `None` where nothing changes, so that a healthy receiver costs no write.
    #[must_use]
    pub fn after_success(&self) -> Option<Self> {
        let fresh = Self { version: self.version, ..Self::default() };
        (*self != fresh).then(|| Self { version: self.version + 1, ..fresh })
    }

    /// After a failure, and what is to be told. What was under way when the breaker opened says
    /// nothing new, so only the one that tried through it opens it again.
    #[must_use]
    pub fn after_failure(&self, now: Timestamp) -> (Self, Option<News>) {
        let since = self.failing_since.unwrap_or(now);
        let failures = self.failures.saturating_add(1);
        let mut next = Self {
            failures,
            failing_since: Some(since),
            probing: false,
            version: self.version + 1,
            ..*self
        };
        let open = self.open_until.is_some_and(|until| until > now);
        if failures >= FAILURES_MAX && (self.probing || !open) {
            next.open_until = Some(later(now, pause(self.opened)));
            next.opened = self.opened.saturating_add(1);
        }
        let failing_for = now.duration_since(since);
        let news = match failing_for {
            long if long >= DISABLING => Some(News::Disabled),
            long if long >= FAILING && !self.told => Some(News::Failing),
            _ => None,
        };
        next.told |= news.is_some();
        (next, news)
    }
}

fn pause(opened: u32) -> SignedDuration {
    let doubled = PAUSE.checked_mul(1 << opened.min(10)).unwrap_or(PAUSE_MAX);
    doubled.min(PAUSE_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_772_442_000 + seconds).expect("in range")
    }

    fn failed(times: u32) -> Health {
        (0..times).fold(Health::default(), |health, _| health.after_failure(at(0)).0)
    }

    #[test]
    fn the_breaker_opens_after_ten_and_lets_one_through() {
        assert_eq!(failed(9).admits(at(0)), Admission::Go);
        let open = failed(10);
        assert_eq!(open.admits(at(59)), Admission::Wait(at(60)));
        let Admission::Probe(probing) = open.admits(at(60)) else { panic!("one may try") };
        assert_eq!(probing.admits(at(61)), Admission::Wait(at(100)));
        let (again, _) = probing.after_failure(at(62));
        assert_eq!(again.admits(at(62)), Admission::Wait(at(62 + 120)));
        let well = probing.after_success().expect("a change");
        assert_eq!((well.admits(at(62)), well.failures), (Admission::Go, 0));
        assert_eq!(well.after_success(), None, "a healthy receiver costs no write");
    }

    #[test]
    fn pauses_end_at_a_quarter_of_an_hour() {
        let (mut health, mut now) = (failed(10), 60);
        for _ in 0..100 {
            let Admission::Probe(probing) = health.admits(at(now)) else { panic!("one may try") };
            health = probing.after_failure(at(now)).0;
            now += 900;
        }
        assert_eq!(health.admits(at(now - 900)), Admission::Wait(at(now)));
    }

    #[test]
    fn what_was_under_way_when_the_breaker_opened_changes_nothing() {
        assert_eq!(failed(30).admits(at(59)), Admission::Wait(at(60)));
    }

    #[test]
    fn a_day_is_told_once_and_five_end_it() {
        let day = 24 * 3_600;
        let (health, news) = failed(1).after_failure(at(day - 1));
        assert_eq!(news, None);
        let (health, news) = health.after_failure(at(day));
        assert_eq!(news, Some(News::Failing));
        let (health, news) = health.after_failure(at(day + 1));
        assert_eq!(news, None);
        let (_, news) = health.after_failure(at(5 * day - 1));
        assert_eq!(news, None);
        let (_, news) = health.after_failure(at(5 * day));
        assert_eq!(news, Some(News::Disabled));
        let well = health.after_success().expect("a change");
        assert_eq!(well.after_failure(at(6 * day)).1, None, "a success starts over");
    }
}
