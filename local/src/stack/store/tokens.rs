//! Transactions that were made lately, by their client request token: a request that is sent again
//! gets the first answer (`TransactWriteItems`, ClientRequestToken).
//!
//! DynamoDB remembers ten minutes. No client of ours repeats a request after two seconds, so a minute
//! is enough here, or less where very much is written: a transaction that is made again then meets its
//! own conditions.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::Value;

const REMEMBERED: Duration = Duration::from_secs(60);
const BYTES_MAX: usize = 16 * 1_024 * 1_024;

#[derive(Default)]
pub(super) struct Tokens {
    made: HashMap<String, Made>,
    oldest_first: VecDeque<(Instant, String)>,
    bytes: usize,
}

struct Made {
    request: Bytes,
    answer: Vec<u8>,
}

/// The answer to a look for a token.
pub(super) enum Known {
    /// Nothing.
    New,
    /// The same request was made, and answered so.
    Same(Vec<u8>),
    /// Another request was made.
    Other,
}

impl Tokens {
    pub(super) fn look(&mut self, token: &str, request: &Bytes, now: Instant) -> Known {
        self.forget(now);
        match self.made.get(token) {
            None => Known::New,
            Some(made) if is_same(&made.request, request) => Known::Same(made.answer.clone()),
            Some(_) => Known::Other,
        }
    }

    pub(super) fn note(&mut self, token: String, request: Bytes, answer: &[u8], now: Instant) {
        self.bytes += request.len();
        self.made.insert(token.clone(), Made { request, answer: answer.to_owned() });
        self.oldest_first.push_back((now, token));
    }

    fn forget(&mut self, now: Instant) {
        while let Some((at, token)) = self.oldest_first.front() {
            if now.duration_since(*at) < REMEMBERED && self.bytes <= BYTES_MAX {
                return;
            }
            if let Some(made) = self.made.remove(token) {
                self.bytes -= made.request.len();
            }
            self.oldest_first.pop_front();
        }
    }
}

/// Compares what two requests say: members of an item come in any order.
fn is_same(one: &Bytes, other: &Bytes) -> bool {
    let parsed = |request: &Bytes| serde_json::from_slice::<Value>(request).ok();
    one == other || parsed(one) == parsed(other)
}
