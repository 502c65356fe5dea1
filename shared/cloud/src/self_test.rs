//! Whether the cryptography of this process works at all.

use crate::ambient::System;
use crate::seal::{hex, open, seal, sha256_hex};

/// SHA-256 of the empty string (FIPS 180-4).
const EMPTY_SHA256: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
/// HMAC-SHA256 of RFC 4231, test case 2.
const JEFE: &str = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";

/// Hashes, authenticates, seals and opens once.
///
/// # Errors
/// Which of them does not work; the process must not start then.
pub fn self_test() -> Result<(), &'static str> {
    if sha256_hex(b"") != EMPTY_SHA256 {
        return Err("SHA-256 is wrong");
    }
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, b"Jefe");
    if hex(aws_lc_rs::hmac::sign(&key, b"what do ya want for nothing?").as_ref()) != JEFE {
        return Err("HMAC-SHA256 is wrong");
    }
    let sealed = seal(&[7; 32], b"here", b"text", &System);
    let opened = open(&[7; 32], b"here", &sealed).map_err(|_| "AES-256-GCM does not open")?;
    if opened.as_slice() != b"text" || open(&[7; 32], b"there", &sealed).is_ok() {
        return Err("AES-256-GCM is wrong");
    }
    Ok(())
}
