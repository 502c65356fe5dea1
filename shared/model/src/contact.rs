//! The keys by which a tenant knows a person: e-mail, phone, reference, metadata.
//!
//! Each has one normal form; look-ups hash the normal form and nothing else (`cloud::blind`).

use serde::{Deserialize, Serialize};

/// The text breaks the rule of its type; the message names the rule and never the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{expected}")]
pub struct InvalidValue {
    /// What would have been accepted, as the end of "must be …".
    pub expected: &'static str,
}

macro_rules! text_type {
    ($(#[$doc:meta])* $name:ident, $expected:expr, $parse:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Parses and normalises.
            ///
            /// # Errors
            /// [`InvalidValue`] names the rule that was broken.
            pub fn parse(text: &str) -> Result<Self, InvalidValue> {
                let parse: fn(&str) -> Option<String> = $parse;
                parse(text).map(Self).ok_or(InvalidValue { expected: $expected })
            }

            /// The normal form.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidValue;

            fn try_from(text: String) -> Result<Self, InvalidValue> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(redacted)"))
            }
        }
    };
}
pub(crate) use text_type;

text_type! {
    /// An e-mail address (RFC 5321 mailbox), trimmed and in lower case.
    EmailAddress, "an e-mail address such as name@example.com", |text| {
        let text = text.trim().to_lowercase();
        let options = email_address::Options::default().with_required_tld().without_display_text();
        (text.len() <= 254 && email_address::EmailAddress::parse_with_options(&text, options).is_ok())
            .then_some(text)
    }
}

text_type! {
    /// A phone number in E.164 form: `+` and 8 to 15 digits.
    PhoneNumber, "a phone number with its country code, such as +4915112345678", |text| {
        let mut digits = String::with_capacity(16);
        for mark in text.trim().chars() {
            match mark {
                '0'..='9' | '+' => digits.push(mark),
                ' ' | '-' | '.' | '/' | '(' | ')' | '\u{a0}' => {}
                _ => return None,
            }
        }
        let number = digits.strip_prefix('+').or_else(|| digits.strip_prefix("00"))?;
        let plausible = (8..=15).contains(&number.len())
            && number.bytes().all(|b| b.is_ascii_digit())
            && !number.starts_with('0');
        plausible.then(|| format!("+{number}"))
    }
}

text_type! {
    /// The tenant's own name for a session or a person: 1 to 200 characters, compared exactly.
    ReferenceId, "1 to 200 characters", |text| {
        (1..=200).contains(&text.chars().count()).then(|| text.to_owned())
    }
}

/// One `key: value` of an external user's metadata, as it is looked up.
#[derive(Clone, PartialEq, Eq)]
pub struct MetadataPair {
    key: String,
    value: String,
}

impl MetadataPair {
    /// Pairs a key with the canonical text of its value.
    #[must_use]
    pub fn new(key: &str, value: &serde_json::Value) -> Self {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        Self { key: key.to_owned(), value }
    }

    /// The normal form. The key's length comes first, so that no key can imitate key and value.
    #[must_use]
    pub fn normal_form(&self) -> String {
        format!("{}:{}={}", self.key.len(), self.key, self.value)
    }
}

/// The tenant's own user, by any of the keys a tenant may know.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExternalUser {
    /// The tenant's id of the user.
    pub reference: Option<ReferenceId>,
    /// E-mail.
    pub email: Option<EmailAddress>,
    /// Phone.
    pub phone: Option<PhoneNumber>,
    /// Free pairs, each of which can be searched for.
    pub metadata: serde_json::Map<String, serde_json::Value>,
}

impl ExternalUser {
    /// The pairs that can be searched for: those whose value is text, number or boolean.
    pub fn metadata_pairs(&self) -> impl Iterator<Item = MetadataPair> + '_ {
        self.metadata
            .iter()
            .filter(|(_, value)| value.is_string() || value.is_number() || value.is_boolean())
            .map(|(key, value)| MetadataPair::new(key, value))
    }

    /// The key that names the subject: the first given of reference, e-mail, phone.
    #[must_use]
    pub fn subject_key(&self) -> Option<SubjectKey<'_>> {
        let reference = self.reference.as_ref().map(SubjectKey::Reference);
        let email = || self.email.as_ref().map(SubjectKey::Email);
        let phone = || self.phone.as_ref().map(SubjectKey::Phone);
        reference.or_else(email).or_else(phone)
    }
}

/// What a subject is known by.
pub enum SubjectKey<'a> {
    /// The tenant's id.
    Reference(&'a ReferenceId),
    /// E-mail.
    Email(&'a EmailAddress),
    /// Phone.
    Phone(&'a PhoneNumber),
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn emails() {
        for (text, normal) in [
            ("John.Doe@Example.com", Some("john.doe@example.com")),
            (" a@b.co ", Some("a@b.co")),
            ("a+tag@b.co", Some("a+tag@b.co")),
            ("no-at.example.com", None),
            ("two@at@example.com", None),
            ("Jane <a@b.co>", None),
            ("a@localhost", None),
            ("", None),
        ] {
            assert_eq!(
                EmailAddress::parse(text).ok().map(String::from).as_deref(),
                normal,
                "{text}"
            );
        }
    }

    #[test]
    fn phones() {
        for (text, normal) in [
            ("+49123456789", Some("+49123456789")),
            ("0049 (123) 456-789", Some("+49123456789")),
            ("+49 123/456.789", Some("+49123456789")),
            ("49123456789", None),
            ("+0123456789", None),
            ("+1234", None),
            ("+4912345678901234", None),
            ("+49x123456789", None),
        ] {
            assert_eq!(
                PhoneNumber::parse(text).ok().map(String::from).as_deref(),
                normal,
                "{text}"
            );
        }
    }

    #[test]
    fn references() {
        assert!(ReferenceId::parse(&"ä".repeat(200)).is_ok());
        assert!(ReferenceId::parse(&"ä".repeat(201)).is_err());
        assert!(ReferenceId::parse("").is_err());
    }

    #[test]
    fn a_pair_cannot_imitate_another() {
        let pair = |key: &str, value: &str| MetadataPair::new(key, &value.into()).normal_form();
        assert_ne!(pair("a", "b=c"), pair("a=b", "c"));
    }

    proptest! {
        #[test]
        fn normal_forms_are_stable(text in ".{0,80}") {
            if let Ok(email) = EmailAddress::parse(&text) {
                prop_assert_eq!(EmailAddress::parse(email.as_str()), Ok(email.clone()));
            }
            if let Ok(phone) = PhoneNumber::parse(&text) {
                prop_assert_eq!(PhoneNumber::parse(phone.as_str()), Ok(phone.clone()));
            }
        }

        #[test]
        fn written_phones_are_read(number in "[1-9][0-9]{7,14}") {
            let written = format!("+{number}");
            prop_assert!(PhoneNumber::parse(&written).is_ok());
        }
    }
}
