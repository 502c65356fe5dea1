//! Dates of birth.

use crate::verdict::FieldOutcome;

/// Compares two dates written `YYYY-MM-DD`; a timestamp is cut to its day. Day and month swapped
/// is `Partial`: people of different countries write them so.
#[must_use]
pub fn birth_dates(claim: &str, held: &str) -> FieldOutcome {
    match (day(claim), day(held)) {
        (Some(claim), Some(held)) if claim == held => FieldOutcome::Match,
        (Some((year, month, day)), Some(held)) if (year, day, month) == held => {
            FieldOutcome::Partial
        }
        (Some(_), Some(_)) => FieldOutcome::Mismatch,
        _ => FieldOutcome::NotProvided,
    }
}

fn day(text: &str) -> Option<(u16, u8, u8)> {
    let text = text.trim().get(..10)?;
    let mut parts = text.split('-');
    let date =
        (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let (_, month, day): (u16, u8, u8) = date;
    ((1..=12).contains(&month) && (1..=31).contains(&day)).then_some(date)
}
