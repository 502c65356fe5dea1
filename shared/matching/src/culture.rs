//! Naming cultures, as a set of bits: a name such as Maria belongs to many.

/// A set of naming cultures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Cultures(u32);

/// The cultures that the data files know, by the code in their first column.
const CODES: [&str; 26] = [
    "en", "de", "fr", "es", "pt", "it", "nl", "sv", "fi", "pl", "cs", "hu", "ro", "lt", "el", "ru",
    "hr", "tr", "ar", "fa", "he", "hi", "vi", "ja", "ko", "zh",
];
/// Beyond the codes above: names of one word are usual here.
const INDONESIAN: u32 = 1 << 26;

impl Cultures {
    pub(crate) const NONE: Self = Self(0);
    pub(crate) const SPANISH: Self = Self(1 << 3);
    pub(crate) const PORTUGUESE: Self = Self(1 << 4);
    pub(crate) const GREEK: Self = Self(1 << 14);
    pub(crate) const SLAVIC: Self = Self(1 << 15);
    pub(crate) const ARABIC: Self = Self(1 << 18);
    pub(crate) const PERSIAN: Self = Self(1 << 19);
    pub(crate) const HEBREW: Self = Self(1 << 20);
    pub(crate) const INDIAN: Self = Self(1 << 21);
    pub(crate) const VIETNAMESE: Self = Self(1 << 22);
    pub(crate) const JAPANESE: Self = Self(1 << 23);
    pub(crate) const KOREAN: Self = Self(1 << 24);
    pub(crate) const CHINESE: Self = Self(1 << 25);
    /// Where middle names are usual.
    pub(crate) const WESTERN: Self = Self(0b11_1111_1111_1111);
    /// Where umlauts are written as two letters.
    pub(crate) const UMLAUTS: Self = Self(1 << 1 | 1 << 7 | 1 << 8);
    /// Where a person may have one name only.
    pub(crate) const MONONYMIC: Self = Self(INDONESIAN | Self::INDIAN.0);
    /// Where the family name stands first at home.
    pub(crate) const FAMILY_FIRST: Self =
        Self(Self::VIETNAMESE.0 | Self::JAPANESE.0 | Self::KOREAN.0 | Self::CHINESE.0 | 1 << 11);

    /// The set that holds the culture of this code alone; none for a code that is not known.
    pub(crate) fn of(code: &str) -> Self {
        if code == "id" {
            return Self(INDONESIAN);
        }
        CODES.iter().position(|known| *known == code).map_or(Self::NONE, |at| Self(1 << at))
    }

    pub(crate) const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) const fn shared(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(crate) const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(crate) const fn is_empty(self) -> bool {
        self.0 == 0
    }
}
