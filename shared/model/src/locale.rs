//! Markets and locales.

use serde::{Deserialize, Serialize};

use crate::contact::{InvalidValue, text_type};

/// ISO 3166-1 alpha-2 as assigned in 2024, and `XK`, which banks use for Kosovo.
const MARKETS: &str = "\
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT \
BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH \
ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT \
HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS \
LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI \
NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG \
SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG \
UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW";

text_type! {
    /// A market: a country whose banks are offered first.
    Market, "an ISO 3166-1 alpha-2 country code such as DE", |text| {
        MARKETS.split(' ').any(|code| code == text).then(|| text.to_owned())
    }
}

/// The languages a client may ask for (Ivy: `locale`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Locale {
    /// German.
    De,
    /// Dutch.
    Nl,
    /// English.
    En,
    /// French.
    Fr,
    /// Spanish.
    Es,
    /// Finnish.
    Fi,
    /// Italian.
    It,
    /// Portuguese.
    Pt,
    /// Swedish.
    Sv,
    /// Polish.
    Pl,
    /// Slovak.
    Sk,
    /// Lithuanian.
    Lt,
}

impl Locale {
    const ALL: [(&'static str, Self); 12] = [
        ("de", Self::De),
        ("nl", Self::Nl),
        ("en", Self::En),
        ("fr", Self::Fr),
        ("es", Self::Es),
        ("fi", Self::Fi),
        ("it", Self::It),
        ("pt", Self::Pt),
        ("sv", Self::Sv),
        ("pl", Self::Pl),
        ("sk", Self::Sk),
        ("lt", Self::Lt),
    ];

    /// Parses a two-letter code.
    ///
    /// # Errors
    /// [`InvalidValue`] lists the codes.
    pub fn parse(text: &str) -> Result<Self, InvalidValue> {
        let found = Self::ALL.iter().find(|(code, _)| *code == text).map(|(_, locale)| *locale);
        found.ok_or(InvalidValue { expected: "one of de nl en fr es fi it pt sv pl sk lt" })
    }

    /// The two-letter code.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(_, locale)| *locale == self).map_or("en", |(code, _)| code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markets() {
        for (text, valid) in
            [("DE", true), ("XK", true), ("de", false), ("XX", false), ("", false), ("D E", false)]
        {
            assert_eq!(Market::parse(text).is_ok(), valid, "{text}");
        }
        assert_eq!(MARKETS.split(' ').count(), 250);
    }

    #[test]
    fn locales_survive_their_text() {
        for (code, locale) in Locale::ALL {
            assert_eq!(Locale::parse(code), Ok(locale));
            assert_eq!(locale.as_str(), code);
        }
    }
}
