//! AES-256-GCM over small values, and the hashes used for look-ups.

use aws_lc_rs::{aead, digest};
use zeroize::Zeroizing;

use crate::ambient::Entropy;
use crate::error::StoreError;

pub(crate) const KEY_LEN: usize = 32;
const NONCE_LEN: usize = 12;
/// The first byte of everything sealed.
pub(crate) const FORMAT: u8 = 1;

/// Lower-case hex.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// SHA-256 in lower-case hex, for secrets that carry enough entropy of their own.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&sha256(bytes))
}

pub(crate) fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA256, bytes).as_ref().to_vec()
}

pub(crate) fn seal(
    key: &[u8; KEY_LEN],
    associated_data: &[u8],
    plain: &[u8],
    entropy: &dyn Entropy,
) -> Vec<u8> {
    let mut nonce = [0; NONCE_LEN];
    entropy.fill(&mut nonce);
    let mut sealed = Vec::with_capacity(1 + NONCE_LEN + plain.len() + 16);
    sealed.push(FORMAT);
    sealed.extend_from_slice(&nonce);
    let mut text = plain.to_vec();
    less_safe(key)
        .seal_in_place_append_tag(
            aead::Nonce::assume_unique_for_key(nonce),
            aead::Aad::from(associated_data),
            &mut text,
        )
        .expect("AES-GCM seals anything below 64 GiB");
    sealed.extend_from_slice(&text);
    sealed
}

pub(crate) fn open(
    key: &[u8; KEY_LEN],
    associated_data: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    let unreadable = || StoreError::unreadable("sealed value cannot be opened");
    let (format, rest) = sealed.split_first().ok_or_else(unreadable)?;
    let (nonce, text) = rest.split_at_checked(NONCE_LEN).ok_or_else(unreadable)?;
    if *format != FORMAT {
        return Err(unreadable());
    }
    let nonce = aead::Nonce::try_assume_unique_for_key(nonce).map_err(|_| unreadable())?;
    let mut text = Zeroizing::new(text.to_vec());
    let length = less_safe(key)
        .open_in_place(nonce, aead::Aad::from(associated_data), &mut text)
        .map_err(|_| unreadable())?
        .len();
    text.truncate(length);
    Ok(text)
}

fn less_safe(key: &[u8; KEY_LEN]) -> aead::LessSafeKey {
    let key = aead::UnboundKey::new(&aead::AES_256_GCM, key).expect("a key of 32 bytes");
    aead::LessSafeKey::new(key)
}
