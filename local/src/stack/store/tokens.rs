//! Transactions that were made lately, by their client request token: a request that is sent again
//! gets the first answer (`TransactWriteItems`, ClientRequestToken).
//!
//! DynamoDB remembers ten minutes. No client of ours repeats a request after two seconds, so a
//! minute is enough here.

use std::collections::VecDeque;
use std::collections::hash_map::{DefaultHasher, HashMap};
use std::hash::{Hash as _, Hasher as _};
use std::time::{Duration, Instant};

const REMEMBERED: Duration = Duration::from_secs(60);

#[derive(Default)]
pub(super) struct Tokens {
    made: HashMap<String, Made>,
    oldest_first: VecDeque<(Instant, String)>,
}

struct Made {
    request: u64,
    answer: Vec<u8>,
}

/// What is known of a token.
pub(super) enum Known {
    /// Nothing.
    New,
    /// The same request was made, and answered so.
    Same(Vec<u8>),
    /// Another request was made.
    Other,
}

impl Tokens {
    pub(super) fn look(&mut self, token: &str, body: &[u8], now: Instant) -> Known {
        self.forget(now);
        match self.made.get(token) {
            None => Known::New,
            Some(made) if made.request == fingerprint(body) => Known::Same(made.answer.clone()),
            Some(_) => Known::Other,
        }
    }

    pub(super) fn note(&mut self, token: String, body: &[u8], answer: &[u8], now: Instant) {
        let made = Made { request: fingerprint(body), answer: answer.to_owned() };
        self.made.insert(token.clone(), made);
        self.oldest_first.push_back((now, token));
    }

    fn forget(&mut self, now: Instant) {
        let over = |(at, _): &(Instant, String)| now.duration_since(*at) >= REMEMBERED;
        while self.oldest_first.front().is_some_and(over) {
            if let Some((_, token)) = self.oldest_first.pop_front() {
                self.made.remove(&token);
            }
        }
    }
}

fn fingerprint(body: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    body.hash(&mut hasher);
    hasher.finish()
}
