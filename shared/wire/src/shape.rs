//! What texts and numbers look like on the wire, for the descriptions of shapes: each stands in a
//! shape as `#[schemars(with = "…")]` where the model's own type is written.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

macro_rules! shapes {
    ($($(#[$doc:meta])* $name:ident => $schema:tt)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name;

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    )*};
}

shapes! {
    /// A UUID in lower case (RFC 9562).
    UuidText => { "type": "string", "format": "uuid" }
    /// Whole seconds since 1970 (Ivy).
    EpochSeconds => { "type": "integer", "minimum": 0, "maximum": 4_294_967_295_u32 }
    /// RFC 3339 with milliseconds and `Z`.
    Moment => { "type": "string", "format": "date-time" }
    /// `YYYYMMDDhhmmss`, UTC (Pentadata).
    FourteenDigits => { "type": "string", "pattern": "^[0-9]{14}$" }
    /// `YYYYMMDD` (Pentadata).
    EightDigits => { "type": "string", "pattern": "^[0-9]{8}$" }
    /// `YYYY-MM-DD`.
    Day => { "type": "string", "format": "date" }
    /// An absolute URL.
    UrlText => { "type": "string", "format": "uri" }
    /// An e-mail address.
    EmailText => { "type": "string", "format": "email", "maxLength": 254 }
    /// A phone number with its country code.
    PhoneText => { "type": "string", "examples": ["+49123456789"] }
    /// A reference of the tenant's own: 1 to 200 characters.
    ReferenceText => { "type": "string", "minLength": 1, "maxLength": 200 }
    /// A country, ISO 3166-1 alpha-2, or `XK`.
    MarketText => { "type": "string", "pattern": "^[A-Z]{2}$" }
    /// A language of the hosted pages.
    LocaleText => { "type": "string", "enum": ["de", "nl", "en", "fr", "es", "fi", "it", "pt", "sv", "pl", "sk", "lt"] }
    /// A bank's id in the directory.
    BankIdText => { "type": "string", "pattern": "^[a-z0-9-]{1,64}$" }
    /// A tenant's id.
    TenantIdText => { "type": "string", "pattern": "^ten_[0-9a-f]{32}$" }
    /// A subject's id, stable per tenant and person.
    SubjectIdText => { "type": "string", "pattern": "^sub_[0-9a-f]{32}$" }
    /// An integer that JavaScript holds exactly.
    SafeInteger => { "type": "integer", "minimum": 0, "maximum": 9_007_199_254_740_991_u64 }
    /// Whatever the tenant sent along.
    AnyObject => { "type": "object", "additionalProperties": true }
    /// A person's name, first and last, in the bank's spelling or the tenant's.
    NameText => { "type": "string", "minLength": 1, "maxLength": 256 }
}
