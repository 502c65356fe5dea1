//! `Retry-After` (RFC 9110, section 10.2.3): whole seconds or one of HTTP's dates, nothing else.
//!
//! Whoever sends it is a stranger: no text may panic, and what cannot be understood is as if it had
//! not been sent. How far it is obeyed is the schedule's business.

use jiff::{SignedDuration, Timestamp};

/// How long the header asks to wait; `None` where it says nothing that can be understood.
#[must_use]
pub fn parse(text: &str, now: Timestamp) -> Option<SignedDuration> {
    let text = text.trim_matches([' ', '\t']);
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        // More digits than a number holds is a wait without end, which the schedule cuts.
        return Some(SignedDuration::from_secs(text.parse().unwrap_or(i64::MAX)));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    // HTTP knows a day or two more than our clock: that is for ever, too.
    let date = Timestamp::try_from(date).unwrap_or(Timestamp::MAX);
    Some(date.duration_since(now).max(SignedDuration::ZERO))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: &str = "2026-03-02T09:00:00Z";

    fn check(text: &str, expect: Option<i64>) {
        let now: Timestamp = NOW.parse().expect("a time");
        assert_eq!(parse(text, now).map(|wait| wait.as_secs()), expect, "{text:?}");
    }

    #[test]
    fn forty_kinds() {
        for (text, expect) in [
            ("0", Some(0)),
            ("1", Some(1)),
            ("120", Some(120)),
            ("0120", Some(120)),
            (" 120", Some(120)),
            ("120 ", Some(120)),
            ("\t120\t", Some(120)),
            ("86400", Some(86_400)),
            ("2147483648", Some(2_147_483_648)),
            ("9223372036854775807", Some(i64::MAX)),
            ("9223372036854775808", Some(i64::MAX)),
            ("99999999999999999999999999999999999999", Some(i64::MAX)),
            ("Mon, 02 Mar 2026 09:02:00 GMT", Some(120)),
            ("Mon, 02 Mar 2026 08:00:00 GMT", Some(0)),
            ("Mon, 02 Mar 2026 09:00:00 GMT", Some(0)),
            ("Thu, 01 Jan 1970 00:00:00 GMT", Some(0)),
            ("Monday, 02-Mar-26 09:02:00 GMT", Some(120)),
            ("Mon Mar  2 09:02:00 2026", Some(120)),
            ("Fri, 31 Dec 9999 23:59:59 GMT", Some(251_629_765_200)),
            ("", None),
            (" ", None),
            ("-1", None),
            ("-86400", None),
            ("+5", None),
            ("1.5", None),
            ("1e3", None),
            ("1e300", None),
            ("inf", None),
            ("NaN", None),
            ("0x10", None),
            ("120s", None),
            ("120, 240", None),
            ("soon", None),
            ("null", None),
            ("2026-03-02T09:02:00Z", None),
            ("Mon, 02 Mar 2026 09:02:00 CET", None),
            ("Mon, 30 Feb 2026 09:02:00 GMT", None),
            ("Mon, 02 Mar 2026 25:02:00 GMT", None),
            ("Mon, 02 Mar 99999 09:02:00 GMT", None),
            ("\u{ff11}\u{ff12}\u{ff10}", None),
            ("\u{661}\u{662}", None),
            ("120\u{0}", None),
        ] {
            check(text, expect);
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".*", seconds in -377_705_116_800_i64..=253_402_207_200) {
            let now = Timestamp::from_second(seconds).expect("in range");
            prop_assert!(parse(&text, now).is_none_or(|wait| !wait.is_negative()));
        }
    }
}
