//! One process and its table, at any concurrency: the table answers when the test says so.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures_util::future::join_all;
use tokio::sync::{Semaphore, oneshot};

use super::{Counters, Window};

const MINUTE: u64 = 29_544_000;

fn window(limit: u32) -> Window {
    Window { key: "ten_1 create".to_owned(), minute: MINUTE, limit }
}

/// A table's count, which any number of processes add to, one after the other. It answers as often
/// as it has permits.
struct Table {
    count: Cell<u32>,
    answers: Semaphore,
    told: RefCell<Vec<u32>>,
}

impl Table {
    fn answering(times: usize) -> Self {
        let (count, told) = (Cell::new(0), RefCell::default());
        Self { count, answers: Semaphore::new(times), told }
    }

    async fn add(&self, count: u32) -> Result<u32, String> {
        self.told.borrow_mut().push(count);
        self.answers.acquire().await.expect("open").forget();
        self.count.set(self.count.get() + count);
        Ok(self.count.get())
    }
}

async fn count(counters: &Counters, window: &Window, table: &Table) -> u32 {
    counters.count(window, |more| table.add(more)).await
}

/// Counts the requests within the limit, of `sent` requests, so many of them at once.
async fn allowed(limit: u32, sent: usize, at_once: usize) -> (usize, u32) {
    let (counters, window) = (Counters::default(), window(limit));
    let table = Table::answering(0);
    let mut places = Vec::new();
    let mut left = sent;
    while left > 0 {
        let batch = left.min(at_once);
        left -= batch;
        let requests = (0..batch).map(|_| count(&counters, &window, &table));
        // All requests begin before the table answers the first of them.
        let answered = async { table.answers.add_permits(batch) };
        places.extend(tokio::join!(join_all(requests), answered).0);
    }
    (places.iter().filter(|place| **place <= limit).count(), table.count.get())
}

#[tokio::test]
async fn a_limit_is_exact_at_any_concurrency() {
    for (limit, sent) in [(1, 3), (7, 30), (100, 130), (600, 900)] {
        for at_once in [1, 2, 4, 8, 16, 32, 64, 1_000] {
            let (allowed, told) = allowed(limit, sent, at_once).await;
            assert_eq!(allowed, limit as usize, "{sent} sent, {at_once} at once");
            assert!(told as usize <= sent, "{told} told of {sent}, {at_once} at once");
        }
    }
}

#[tokio::test]
async fn each_request_has_a_place_of_its_own() {
    let (counters, window, table) = (Counters::default(), window(100), Table::answering(1_000));
    let requests = (0..90).map(|_| count(&counters, &window, &table));
    let mut places = join_all(requests).await;
    places.sort_unstable();
    assert_eq!(places, (1..=90).collect::<Vec<u32>>());
}

#[tokio::test]
async fn what_is_on_its_way_to_the_table_counts_as_used() {
    let (counters, window, table) = (Counters::default(), window(100), Table::answering(0));
    let waiting = count(&counters, &window, &table);
    let waiting = async { tokio::join!(waiting, count(&counters, &window, &table)) };
    let later = async {
        let places = (3..=6).map(|_| count(&counters, &window, &table));
        let places = join_all(places).await;
        table.answers.add_permits(1);
        places
    };
    // The second request fills the step and waits for the table; the others do not wait.
    let ((first, second), later) = tokio::join!(waiting, later);
    assert_eq!((first, second, later), (1, 2, vec![3, 4, 5, 6]));
    assert_eq!(*table.told.borrow(), [2], "one amount at a time");
}

#[tokio::test]
async fn a_telling_that_failed_is_told_with_the_next() {
    let (counters, window) = (Counters::default(), window(100));
    let table = Table::answering(1_000);
    let broken = |_| async { Err::<u32, _>("the table does not answer") };
    assert_eq!(count(&counters, &window, &table).await, 1);
    assert_eq!(counters.count(&window, broken).await, 2, "nobody is refused");
    assert_eq!(count(&counters, &window, &table).await, 3);
    assert_eq!(*table.told.borrow(), [3], "the two that failed and the third");
    assert_eq!(table.count.get(), 3);
    for place in 4..=100 {
        assert_eq!(count(&counters, &window, &table).await, place);
    }
    assert_eq!(count(&counters, &window, &table).await, 101, "above the limit");
}

#[tokio::test]
async fn a_telling_that_was_given_up_is_told_with_the_next() {
    let (counters, window) = (Counters::default(), window(100));
    let table = Table::answering(1_000);
    assert_eq!(count(&counters, &window, &table).await, 1);
    let (_hold, held) = oneshot::channel::<Result<u32, String>>();
    let begun = Rc::new(Cell::new(false));
    let telling = counters.count(&window, |_| {
        begun.set(true);
        async { held.await.unwrap_or(Err("gone".to_owned())) }
    });
    tokio::select! {
        biased;
        _ = telling => panic!("the table does not answer"),
        () = std::future::ready(()) => {}
    }
    assert!(begun.get());
    assert_eq!(count(&counters, &window, &table).await, 3);
    assert_eq!(*table.told.borrow(), [3]);
}

#[tokio::test]
async fn what_other_processes_counted_counts_too() {
    let (one, other, window) = (Counters::default(), Counters::default(), window(100));
    let table = Table::answering(1_000);
    let mut allowed = 0;
    for _ in 0..80 {
        allowed += u32::from(count(&one, &window, &table).await <= 100);
        allowed += u32::from(count(&other, &window, &table).await <= 100);
    }
    // Each process may have one step that the other does not know of.
    assert!((100..=104).contains(&allowed), "{allowed}");
}

#[tokio::test]
async fn an_answer_of_the_last_minute_changes_nothing_in_this_one() {
    let (counters, last, table) = (Counters::default(), window(100), Table::answering(0));
    let this = Window { minute: MINUTE + 1, ..window(100) };
    let next = Table::answering(1_000);
    assert_eq!(count(&counters, &last, &table).await, 1);
    let later = async {
        let place = count(&counters, &this, &next).await;
        table.answers.add_permits(1_000);
        place
    };
    let (before, after) = tokio::join!(count(&counters, &last, &table), later);
    assert_eq!((before, after), (2, 1));
    assert_eq!(count(&counters, &this, &next).await, 2);
    assert_eq!(*next.told.borrow(), [2]);
}
