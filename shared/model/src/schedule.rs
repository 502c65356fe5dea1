//! When a failed delivery is tried again: pure arithmetic, chance and clock given as data.

use jiff::SignedDuration;

/// How far a gap is stretched or shortened, at most: a fifth.
const JITTER_PERCENT: i64 = 20;

/// Chance, as data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Jitter(u16);

impl Jitter {
    /// The shortest gap.
    pub const SHORTEST: Self = Self(0);
    /// The longest gap.
    pub const LONGEST: Self = Self(u16::MAX);

    /// Jitter from random bits.
    #[must_use]
    pub const fn of(random: [u8; 2]) -> Self {
        Self(u16::from_be_bytes(random))
    }

    /// `base`, off by up to a fifth in either direction.
    fn applied(self, base: SignedDuration) -> SignedDuration {
        let span_ms = base.as_millis() * i128::from(2 * JITTER_PERCENT) / 100;
        let off_ms = span_ms * i128::from(self.0) / i128::from(u16::MAX) - span_ms / 2;
        let ms = base.as_millis() + off_ms;
        SignedDuration::from_millis(i64::try_from(ms).unwrap_or(i64::MAX))
    }
}

/// The gaps between the tries of one delivery, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule(&'static [i64]);

impl Schedule {
    /// 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h: ten tries in 75 h 35 min.
    pub const STANDARD: Self =
        Self(&[5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]);
    /// Ivy's: 15 retries, the last 54 h after the first try. The vendor publishes the first six
    /// gaps and the end; the gaps between grow steadily. Source: docs.getivy.de, webhooks.
    pub const IVY: Self = Self(&[
        30, 22, 140, 541, 1_426, 3_200, 6_000, 9_600, 14_400, 18_000, 21_600, 25_200, 28_800,
        32_400, 33_041,
    ]);

    /// How many tries there are.
    #[must_use]
    pub const fn attempts_max(self) -> usize {
        self.0.len() + 1
    }

    /// The gap after so many tries; none where the last was made. A receiver that asks to be left
    /// alone is, for once to twice the gap of the schedule.
    #[must_use]
    pub fn gap(
        self,
        attempts: u32,
        jitter: Jitter,
        asked: Option<SignedDuration>,
    ) -> Option<SignedDuration> {
        let last = usize::try_from(attempts).ok()?.checked_sub(1)?;
        let base = SignedDuration::from_secs(*self.0.get(last)?);
        let most = base.checked_mul(2).unwrap_or(base);
        Some(match asked {
            Some(asked) => asked.clamp(base, most),
            None => jitter.applied(base),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn total(schedule: Schedule) -> SignedDuration {
        SignedDuration::from_secs(schedule.0.iter().sum())
    }

    #[test]
    fn schedules_end_when_they_say() {
        let standard = SignedDuration::from_mins(75 * 60 + 35) + SignedDuration::from_secs(5);
        assert_eq!((total(Schedule::STANDARD), Schedule::STANDARD.attempts_max()), (standard, 10));
        assert_eq!(total(Schedule::IVY), SignedDuration::from_hours(54));
        assert_eq!(Schedule::IVY.attempts_max(), 16);
        let grows = Schedule::IVY.0.windows(2).skip(1).all(|pair| pair[0] <= pair[1]);
        assert!(grows, "after the vendor's own 30 and 22");
        assert_eq!(Schedule::STANDARD.gap(10, Jitter::SHORTEST, None), None);
        assert_eq!(Schedule::STANDARD.gap(0, Jitter::SHORTEST, None), None);
    }

    proptest! {
        #[test]
        fn gaps_stay_near_their_base(random: [u8; 2], attempts in 1_u32..10, asked_s: Option<i64>) {
            let base = Schedule::STANDARD.0[attempts as usize - 1];
            let asked = asked_s.map(SignedDuration::from_secs);
            let gap = Schedule::STANDARD.gap(attempts, Jitter::of(random), asked).expect("a gap");
            let ms = i64::try_from(gap.as_millis()).expect("in range");
            match asked {
                None => prop_assert!((base * 800..=base * 1_200).contains(&ms)),
                Some(_) => prop_assert!((base * 1_000..=base * 2_000).contains(&ms)),
            }
        }
    }

    #[test]
    fn jitter_reaches_both_ends() {
        let gap = |jitter| Schedule::STANDARD.gap(2, jitter, None).map(|gap| gap.as_secs());
        assert_eq!(gap(Jitter::SHORTEST), Some(240));
        assert_eq!(gap(Jitter::LONGEST), Some(360));
    }
}
