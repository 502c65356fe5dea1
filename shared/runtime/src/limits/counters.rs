//! The counters of one process, and when they are added to the table's.
//!
//! Keeps true: every request of this process is counted exactly once, at any concurrency. What is
//! being added to the table still counts as used; a counter adds one amount at a time, so that the
//! table's answer can be told apart from what is counted meanwhile. Does not know the table.

use std::collections::HashMap;
use std::fmt::Display;
use std::sync::Mutex;

/// A process keeps this part of a limit to itself.
const STEP_PART: u32 = 50;
/// A process remembers so many counters; past that it begins anew.
const COUNTERS_MAX: usize = 10_000;

/// One minute of one counter, and what may be used in it.
pub(super) struct Window {
    pub(super) key: String,
    pub(super) minute: u64,
    pub(super) limit: u32,
}

impl Window {
    /// A process keeps so many requests to itself.
    fn step(&self) -> u32 {
        (self.limit / STEP_PART).max(1)
    }
}

/// The counts of this process.
#[derive(Debug, Default)]
pub(crate) struct Counters(Mutex<HashMap<String, Counter>>);

#[derive(Debug, Clone, Copy, Default)]
struct Counter {
    minute: u64,
    /// The table's count for all processes, as last answered.
    told: u32,
    /// Requests that are being added to the table's count now.
    telling: u32,
    /// Requests counted here that the table does not know of.
    untold: u32,
}

impl Counter {
    const fn used(&self) -> u32 {
        self.told.saturating_add(self.telling).saturating_add(self.untold)
    }
}

impl Counters {
    /// Counts one request and answers its place in the minute: the limit is used up where the place
    /// is above it. `tell` adds a number to the table's count and answers the new count.
    pub(super) async fn count<E, F>(&self, window: &Window, tell: impl FnOnce(u32) -> F) -> u32
    where
        E: Display,
        F: Future<Output = Result<u32, E>>,
    {
        let (place, telling) = self.add(window);
        let Some(telling) = telling else {
            return place;
        };
        match tell(telling.count).await {
            Ok(told) => place.saturating_add(telling.done(told)),
            Err(error) => {
                tracing::warn!(error = %error, "requests not counted");
                place
            }
        }
    }

    /// Adds one request. Where a step is full and nothing else of this counter is being told, all
    /// that is untold is taken out for the caller to tell.
    fn add<'a>(&'a self, window: &'a Window) -> (u32, Option<Telling<'a>>) {
        let mut counters = self.0.lock().expect("no holder of the counters panics");
        if counters.len() >= COUNTERS_MAX {
            counters.retain(|_, counter| counter.minute == window.minute);
        }
        if counters.len() >= COUNTERS_MAX {
            counters.clear();
        }
        let counter = counters.entry(window.key.clone()).or_default();
        if counter.minute != window.minute {
            *counter = Counter { minute: window.minute, ..Counter::default() };
        }
        counter.untold = counter.untold.saturating_add(1);
        let place = counter.used();
        let due = counter.telling == 0 && counter.untold >= window.step();
        // Once the table's count is above the limit, every process refuses, and no more is told.
        if !due || counter.told > window.limit {
            return (place, None);
        }
        counter.telling = std::mem::take(&mut counter.untold);
        (place, Some(Telling { counters: self, window, count: counter.telling }))
    }

    fn change(&self, window: &Window, change: impl FnOnce(&mut Counter)) {
        let mut counters = self.0.lock().expect("no holder of the counters panics");
        let counter = counters.get_mut(&window.key);
        // Another minute's counter never heard of these requests.
        if let Some(counter) = counter.filter(|counter| counter.minute == window.minute) {
            change(counter);
        }
    }
}

/// Requests on their way to the table. Dropped before the table answered, they are untold again.
struct Telling<'a> {
    counters: &'a Counters,
    window: &'a Window,
    count: u32,
}

impl Telling<'_> {
    /// Notes the table's new count and answers how many requests of other processes are in it that
    /// were not known here.
    fn done(mut self, told: u32) -> u32 {
        let count = std::mem::take(&mut self.count);
        let mut others = 0;
        self.counters.change(self.window, |counter| {
            counter.telling = counter.telling.saturating_sub(count);
            let expected = counter.told.saturating_add(count);
            others = told.saturating_sub(expected);
            counter.told = told.max(expected);
        });
        others
    }
}

impl Drop for Telling<'_> {
    fn drop(&mut self) {
        let count = std::mem::take(&mut self.count);
        if count > 0 {
            self.counters.change(self.window, |counter| {
                counter.telling = counter.telling.saturating_sub(count);
                counter.untold = counter.untold.saturating_add(count);
            });
        }
    }
}

#[cfg(test)]
mod tests;
