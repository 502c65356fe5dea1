//! Time and randomness, injected, so that a whole run can be repeated exactly.

use std::fmt::Debug;

use jiff::Timestamp;

/// The clock.
pub trait Clock: Send + Sync + Debug {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// The source of random bytes.
pub trait Entropy: Send + Sync + Debug {
    /// Fills `into` with random bytes.
    fn fill(&self, into: &mut [u8]);
}

/// The system's clock and the operating system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct System;

impl Clock for System {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

impl Entropy for System {
    fn fill(&self, into: &mut [u8]) {
        aws_lc_rs::rand::fill(into).expect("the operating system gives random bytes");
    }
}
