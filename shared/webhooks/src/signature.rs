//! Standard Webhooks 1.0.0: `v1` (HMAC-SHA256, `whsec_`) and `v1a` (Ed25519, `whsk_`, `whpk_`).
//!
//! Signed is `id.timestamp.body`, the timestamp in whole seconds. A header may carry several
//! signatures; one that fits is enough. Where the standard is silent we are strict: an id holds no
//! full stop, since `a.1` with body `b` would sign the same bytes as `a` with body `1.b`; and a
//! timestamp exactly at the tolerance is still fresh, as in the standard's Rust library.
//!
//! Source: standardwebhooks.com, specification 1.0.0.

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jiff::{SignedDuration, Timestamp};
use model::private::Secret;
use subtle::ConstantTimeEq as _;

/// How far a receiver's clock may be off.
pub const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// A shared secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symmetric(Secret<Vec<u8>>);

/// A public key that verifies what only the holder of the private one can sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey([u8; 32]);

/// The private key, made from 32 bytes.
pub struct PrivateKey(Ed25519KeyPair);

/// What a receiver verifies with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// `whsec_`, or the same without its prefix.
    Symmetric(Symmetric),
    /// `whpk_`.
    Public(PublicKey),
}

/// Why a message is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// A header is missing.
    #[error("the header {0} is missing")]
    MissingHeader(&'static str),
    /// The id holds a full stop.
    #[error("webhook-id holds a full stop, which makes the signed text ambiguous")]
    AmbiguousId,
    /// The timestamp is no whole number of seconds.
    #[error("webhook-timestamp is not a whole number of seconds since 1970")]
    InvalidTimestamp,
    /// The message is old, or was kept and sent again.
    #[error("webhook-timestamp is {0} s old; at most 300 s are accepted")]
    Stale(i64),
    /// The message comes from the future.
    #[error("webhook-timestamp is {0} s ahead of this clock; at most 300 s are accepted")]
    Early(i64),
    /// No signature fits: another key, or another body.
    #[error("no signature fits this body under this key")]
    NoMatch,
}

/// The three headers, as far as they came.
#[derive(Debug, Clone, Copy, Default)]
pub struct Headers<'a> {
    /// `webhook-id`.
    pub id: Option<&'a str>,
    /// `webhook-timestamp`.
    pub timestamp: Option<&'a str>,
    /// `webhook-signature`.
    pub signature: Option<&'a str>,
}

impl Symmetric {
    /// The secret of these bytes.
    #[must_use]
    pub fn of(secret: &Secret<[u8; 32]>) -> Self {
        Self(Secret::new(secret.expose().to_vec()))
    }

    /// The text that receivers are given.
    #[must_use]
    pub fn text(&self) -> Secret<String> {
        Secret::new(format!("whsec_{}", BASE64.encode(self.0.expose())))
    }

    /// The signature, with its version.
    #[must_use]
    pub fn sign(&self, id: &str, at: Timestamp, body: &[u8]) -> String {
        let tag = hmac::sign(&self.key(), &signed_text(id, &at.as_second().to_string(), body));
        format!("v1,{}", BASE64.encode(tag.as_ref()))
    }

    fn key(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, self.0.expose())
    }
}

impl PrivateKey {
    /// The key that 32 bytes make (RFC 8032).
    ///
    /// # Panics
    /// Never: every 32 bytes are a seed.
    #[must_use]
    pub fn of(seed: &Secret<[u8; 32]>) -> Self {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed.expose());
        Self(pair.expect("every 32 bytes are a seed"))
    }

    /// The key that verifies.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(self.0.public_key().as_ref());
        PublicKey(bytes)
    }

    /// The signature, with its version.
    #[must_use]
    pub fn sign(&self, id: &str, at: Timestamp, body: &[u8]) -> String {
        let signature = self.0.sign(&signed_text(id, &at.as_second().to_string(), body));
        format!("v1a,{}", BASE64.encode(signature.as_ref()))
    }
}

impl PublicKey {
    /// The text that receivers are given.
    #[must_use]
    pub fn text(&self) -> String {
        format!("whpk_{}", BASE64.encode(self.0))
    }
}

impl Key {
    /// Reads a key as receivers hold it; `whsk_` is the sender's own and verifies as its public half.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = |text: &str| BASE64.decode(text).ok();
        let exact = |text: &str| bytes(text).and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        if let Some(public) = text.strip_prefix("whpk_") {
            return exact(public).map(|key| Self::Public(PublicKey(key)));
        }
        if let Some(private) = text.strip_prefix("whsk_") {
            // Either the seed alone, or seed and public key, as libraries differ.
            let private = bytes(private).filter(|bytes| matches!(bytes.len(), 32 | 64))?;
            let seed = Secret::new(<[u8; 32]>::try_from(&private[..32]).ok()?);
            return Some(Self::Public(PrivateKey::of(&seed).public()));
        }
        let secret = bytes(text.strip_prefix("whsec_").unwrap_or(text))?;
        (!secret.is_empty()).then(|| Self::Symmetric(Symmetric(Secret::new(secret))))
    }

    fn accepts(&self, signature: &str, text: &[u8]) -> bool {
        let Some((version, encoded)) = signature.split_once(',') else {
            return false;
        };
        let Ok(given) = BASE64.decode(encoded) else {
            return false;
        };
        match (self, version) {
            (Self::Symmetric(secret), "v1") => {
                hmac::sign(&secret.key(), text).as_ref().ct_eq(&given).into()
            }
            (Self::Public(key), "v1a") => {
                UnparsedPublicKey::new(&ED25519, &key.0).verify(text, &given).is_ok()
            }
            _ => false,
        }
    }
}

/// Verifies a message as a receiver should: first that it is fresh, then that a signature fits.
///
/// # Errors
/// [`Refused`] says what is wrong.
pub fn verify(key: &Key, headers: Headers<'_>, body: &[u8], now: Timestamp) -> Result<(), Refused> {
    let id = present(headers.id, "webhook-id")?;
    let timestamp = present(headers.timestamp, "webhook-timestamp")?;
    let signatures = present(headers.signature, "webhook-signature")?;
    if id.contains('.') {
        return Err(Refused::AmbiguousId);
    }
    let digits = timestamp.bytes().all(|b| b.is_ascii_digit());
    let sent = digits.then(|| timestamp.parse::<i64>().ok()).flatten();
    let age = sent.and_then(|sent| now.as_second().checked_sub(sent));
    let age = age.ok_or(Refused::InvalidTimestamp)?;
    if age > TOLERANCE.as_secs() {
        return Err(Refused::Stale(age));
    }
    if age < -TOLERANCE.as_secs() {
        return Err(Refused::Early(-age));
    }
    let text = signed_text(id, timestamp, body);
    let fits = signatures.split(' ').any(|signature| key.accepts(signature, &text));
    if fits { Ok(()) } else { Err(Refused::NoMatch) }
}

fn present<'a>(value: Option<&'a str>, name: &'static str) -> Result<&'a str, Refused> {
    value.filter(|value| !value.is_empty()).ok_or(Refused::MissingHeader(name))
}

fn signed_text(id: &str, timestamp: &str, body: &[u8]) -> Vec<u8> {
    [id.as_bytes(), b".", timestamp.as_bytes(), b".", body].concat()
}

pub(crate) fn self_test() -> Result<(), &'static str> {
    let secret = Secret::new([7; 32]);
    let at = Timestamp::UNIX_EPOCH;
    let (symmetric, private) = (Symmetric::of(&secret), PrivateKey::of(&secret));
    let check = |key: &Key, signature: &str, body: &[u8]| {
        let headers =
            Headers { id: Some("test"), timestamp: Some("0"), signature: Some(signature) };
        verify(key, headers, body, at).is_ok()
    };
    for (key, signature, broken) in [
        (Key::Symmetric(symmetric.clone()), symmetric.sign("test", at, b"text"), "v1 is wrong"),
        (Key::Public(private.public()), private.sign("test", at, b"text"), "Ed25519 is wrong"),
    ] {
        if !check(&key, &signature, b"text") || check(&key, &signature, b"text2") {
            return Err(broken);
        }
    }
    Ok(())
}
