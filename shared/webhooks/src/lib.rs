//! What receivers are told, and how they know that it is us: bodies and signatures.
//!
//! One mechanism, four kinds. Each kind is one file: how it words an event and what it signs. All
//! carry the Standard Webhooks headers besides. Pure: the clock comes in as data, nothing is sent.

mod didit;
mod ivy;
mod message;
mod pentadata;
pub mod signature;
mod standard;

pub use message::{Message, Telling, message};
pub use signature::{Headers, Key, PrivateKey, PublicKey, Refused, Symmetric, verify};

use aws_lc_rs::hmac;
use model::private::Secret;

/// Signs and verifies once with each scheme.
///
/// # Errors
/// Which of them does not work; the process must not start then.
pub fn self_test() -> Result<(), &'static str> {
    signature::self_test()
}

/// HMAC-SHA256 in lower-case hex under the text of a secret, as Ivy's and Didit's receivers compute
/// it: their key is the text that they were shown, not the bytes it encodes.
fn hex_hmac(secret: &Secret<[u8; 32]>, body: &[u8]) -> String {
    use std::fmt::Write as _;
    let text = Symmetric::of(secret).text();
    let key = hmac::Key::new(hmac::HMAC_SHA256, text.expose().as_bytes());
    let tag = hmac::sign(&key, body);
    tag.as_ref().iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests;
