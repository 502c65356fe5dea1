//! Cursors of delivery lists: opaque, bound to the tenant, and signed.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use cloud::{Entered, Listed};
use jiff::Timestamp;
use model::ids::{DeliveryId, EventId};
use runtime::Problem;
use subtle::ConstantTimeEq as _;

const MAC_LEN: usize = 16;
const PLACE_LEN: usize = 8 + 16 + 8;

pub(crate) fn write(entered: &Entered, last: Listed) -> String {
    let mut bytes = last.created_at.as_millisecond().to_be_bytes().to_vec();
    bytes.extend_from_slice(last.delivery.event().bits());
    bytes.extend_from_slice(last.delivery.tail());
    let mac = mac(entered, &bytes);
    bytes.extend_from_slice(&mac);
    BASE64.encode(bytes)
}

pub(crate) fn read(entered: &Entered, text: &str) -> Result<Listed, Problem> {
    let refuse = || Problem::invalid_member("cursor", "the cursor of an answer, unaltered");
    let bytes = BASE64.decode(text).map_err(|_| refuse())?;
    let (place, given) = bytes.split_at_checked(PLACE_LEN).ok_or_else(refuse)?;
    if !bool::from(given.ct_eq(&mac(entered, place))) {
        return Err(refuse());
    }
    let (at, rest) = place.split_at(8);
    let (event, tail) = rest.split_at(16);
    let millis = at.try_into().map(i64::from_be_bytes).map_err(|_| refuse())?;
    let event: [u8; 16] = event.try_into().map_err(|_| refuse())?;
    let tail: [u8; 8] = tail.try_into().map_err(|_| refuse())?;
    Ok(Listed {
        created_at: Timestamp::from_millisecond(millis).map_err(|_| refuse())?,
        delivery: DeliveryId::new(EventId::from_bits(event), tail),
    })
}

fn mac(entered: &Entered, bytes: &[u8]) -> Vec<u8> {
    entered.keys.mac("delivery cursors", bytes)[..MAC_LEN].to_vec()
}
