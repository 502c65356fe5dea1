//! The cursor of a list: opaque, bound to the tenant, and signed.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use cloud::{After, Entered};
use jiff::Timestamp;
use model::ids::SessionId;
use runtime::Problem;
use subtle::ConstantTimeEq as _;

const PLACE_LEN: usize = 26;
const MAC_LEN: usize = 16;

/// The cursor that continues after a session, and first leaves out so many that were to be skipped.
pub(crate) fn write(entered: &Entered, after: After, skip: u16) -> String {
    let mut bytes = after.created_at.as_millisecond().to_be_bytes().to_vec();
    bytes.extend_from_slice(after.session.bits());
    bytes.extend_from_slice(&skip.to_be_bytes());
    let mac = entered.keys.mac("list cursors", &bytes);
    bytes.extend_from_slice(&mac[..MAC_LEN]);
    BASE64.encode(bytes)
}

/// Reads a cursor that [`write`] made for the same tenant.
///
/// # Errors
/// The text is no such cursor.
pub(crate) fn read(entered: &Entered, text: &str) -> Result<(After, u16), Problem> {
    let refuse = || Problem::invalid_member("cursor", "the cursor of the answer before");
    let bytes = BASE64.decode(text).map_err(|_| refuse())?;
    let (place, mac) = bytes.split_at_checked(PLACE_LEN).ok_or_else(refuse)?;
    let expected = entered.keys.mac("list cursors", place);
    if !bool::from(mac.ct_eq(&expected[..MAC_LEN])) {
        return Err(refuse());
    }
    let (millis, rest) = place.split_at(8);
    let (session, skip) = rest.split_at(16);
    let skip = u16::from_be_bytes(skip.try_into().map_err(|_| refuse())?);
    let millis = i64::from_be_bytes(millis.try_into().map_err(|_| refuse())?);
    let session = SessionId::from_bits(session.try_into().map_err(|_| refuse())?);
    let created_at = Timestamp::from_millisecond(millis).map_err(|_| refuse())?;
    Ok((After { created_at, session }, skip))
}
