//! What texts and numbers look like on the wire, for the descriptions of shapes: each stands in a
//! shape as `#[schemars(with = "…")]` where the model's own type is written.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

/// No control characters but tab and line ends, and no marks that turn the direction of text.
const PLAIN: &str =
    r"^[^\x00-\x08\x0B\x0C\x0E-\x1F\x7F-\x9F\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]*$";
/// The same, with something to see.
const NOT_BLANK: &str = concat!(
    r"^[^\x00-\x08\x0B\x0C\x0E-\x1F\x7F-\x9F\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]*",
    r"[^\s\x00-\x08\x0B\x0C\x0E-\x1F\x7F-\x9F\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]",
    r"[^\x00-\x08\x0B\x0C\x0E-\x1F\x7F-\x9F\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]*$",
);

/// Any JSON whose texts could be read aloud: what a member may hold that nobody asks for.
pub(crate) fn anything() -> Value {
    json!({
        "description": "Any JSON; its texts hold no control characters.",
        "anyOf": [
            { "type": "string", "maxLength": 1024, "pattern": PLAIN },
            { "type": ["number", "boolean", "null"] },
            { "type": "array", "items": { "$ref": "#/components/schemas/Anything" } },
            {
                "type": "object",
                "propertyNames": { "maxLength": 1024, "pattern": PLAIN },
                "additionalProperties": { "$ref": "#/components/schemas/Anything" },
            },
        ],
    })
}

/// Says of every object that is read what its other members may be: ignored, but strict.
pub(crate) fn open_to_anything(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            members.values_mut().for_each(open_to_anything);
            let described = members.get("properties").is_some_and(Value::is_object);
            let object = members.get("type").is_some_and(|kind| {
                kind == "object" || kind.as_array().is_some_and(|k| k.contains(&json!("object")))
            });
            if described && object && !members.contains_key("additionalProperties") {
                let other = json!({ "$ref": "#/components/schemas/Anything" });
                members.insert("additionalProperties".to_owned(), other);
                let names = json!({ "maxLength": 1024, "pattern": PLAIN });
                members.insert("propertyNames".to_owned(), names);
            }
        }
        Value::Array(values) => values.iter_mut().for_each(open_to_anything),
        _ => {}
    }
}

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
    PhoneText => { "type": "string", "format": "phone" }
    /// Text without control characters.
    PlainText => { "type": "string", "maxLength": 1024, "pattern": PLAIN }
    /// A reference of the tenant's own: 1 to 200 characters.
    ReferenceText => { "type": "string", "minLength": 1, "maxLength": 200, "pattern": PLAIN }
    /// A country, ISO 3166-1 alpha-2, or `XK`.
    MarketText => { "type": "string", "format": "market", "pattern": "^[A-Z]{2}$" }
    /// A language of the hosted pages.
    LocaleText => { "type": "string", "enum": ["de", "nl", "en", "fr", "es", "fi", "it", "pt", "sv", "pl", "sk", "lt"] }
    /// A bank's id in the directory.
    BankIdText => { "type": "string", "pattern": "^[a-z0-9-]{1,64}$" }
    /// A tenant's id.
    TenantIdText => { "type": "string", "pattern": "^ten_[0-9a-f]{32}$" }
    /// A subject's id, stable per tenant and person.
    SubjectIdText => { "type": "string", "pattern": "^sub_[0-9a-f]{32}$" }
    /// An event's id.
    EventIdText => { "type": "string", "pattern": "^evt_[0-9a-f]{32}$" }
    /// An endpoint's id.
    EndpointIdText => { "type": "string", "pattern": "^ep_[0-9a-f]{32}$" }
    /// A delivery's id.
    DeliveryIdText => { "type": "string", "pattern": "^dlv_[0-9a-f]{48}$" }
    /// In whose words an endpoint is told.
    KindText => { "type": "string", "enum": ["standard", "ivy", "pentadata", "didit"] }
    /// What a tenant calls an endpoint.
    DescriptionText => { "type": "string", "maxLength": 200, "pattern": PLAIN }
    /// Headers by name.
    ExtraHeaders => {
        "type": "object",
        "maxProperties": 10,
        "propertyNames": { "pattern": "^[Xx]-[A-Za-z]{1,20}$" },
        "additionalProperties": { "type": "string", "pattern": "^[A-Za-z0-9]{1,100}$" },
    }
    /// An integer that JavaScript holds exactly.
    SafeInteger => { "type": "integer", "minimum": 0, "maximum": 9_007_199_254_740_991_u64 }
    /// Whatever the tenant sends along.
    AnyObject => {
        "type": "object",
        "propertyNames": { "maxLength": 1024, "pattern": PLAIN },
        "additionalProperties": { "$ref": "#/components/schemas/Anything" },
    }
    /// Pairs that can be searched for.
    FewPairs => {
        "type": "object",
        "maxProperties": 50,
        "propertyNames": { "maxLength": 1024, "pattern": PLAIN },
        "additionalProperties": { "$ref": "#/components/schemas/Anything" },
    }
    /// A person's name, first and last, in the bank's spelling or the tenant's.
    NameText => { "type": "string", "minLength": 1, "maxLength": 256, "pattern": NOT_BLANK }
    /// Text with something to see.
    SomeText => { "type": "string", "minLength": 1, "maxLength": 1024, "pattern": NOT_BLANK }
}

/// The name of an event.
#[derive(Debug)]
pub struct EventName;

impl JsonSchema for EventName {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "EventName".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names = model::event::EventKind::ALL.map(model::event::EventKind::as_str);
        json_schema!({ "type": "string", "enum": names })
    }
}
