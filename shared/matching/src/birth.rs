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

/// Year, month and day; nothing for what is no date.
fn day(text: &str) -> Option<(u16, u8, u8)> {
    let text = text.trim();
    let date = text.get(..10)?;
    let rest = text.get(10..)?;
    // Behind the day stands a time or nothing; 1980-01-011 is no date.
    if rest.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let mut parts = date.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if parts.next().is_some() || ![year, month, day].into_iter().all(digits) {
        return None;
    }
    let date: (u16, u8, u8) = (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    ((1..=12).contains(&date.1) && (1..=31).contains(&date.2)).then_some(date)
}
