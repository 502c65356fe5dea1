//! Details without a key.
//! Source: the code of Ivy's old mobile SDKs, which ask so from the person's phone.

use model::locale::Locale;
use model::request::BankChoice;
use model::session::{Session, Status};
use schemars::JsonSchema;
use serde::Serialize;

use super::StatusShape;
use super::bank_data::permissions;

/// Answers details to whoever knows the session's id and no key: what the hosted page shows anyway.
///
/// Old mobile SDKs ask so from the person's phone. An e-mail address in `prefill` is left out: an id
/// is no secret, and the address is the person's.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "IvyHostedSession")]
pub struct Hosted {
    /// The session's id.
    id: String,
    /// Its status.
    status: StatusShape,
    /// Whose banks are offered first.
    market: String,
    /// The language asked for.
    locale: Option<&'static str>,
    /// The bank that the tenant knows, if any; always an object.
    prefill: HostedPrefill,
    /// Whether the person may choose another bank.
    disable_bank_selection: bool,
    /// What is asked for.
    permissions: Vec<&'static str>,
    /// When the link dies, in epoch seconds.
    expires_at: i64,
}

/// What is known beforehand.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "IvyHostedPrefill")]
struct HostedPrefill {
    /// The bank.
    #[serde(skip_serializing_if = "Option::is_none")]
    bank_id: Option<String>,
}

/// Renders what the hosted page knows.
#[must_use]
pub fn hosted(session: &Session, status: Status) -> Hosted {
    let request = session.request.expose();
    Hosted {
        id: session.id.to_string(),
        status: super::status(status),
        market: session.market.as_str().to_owned(),
        locale: session.locale.map(Locale::as_str),
        prefill: HostedPrefill { bank_id: request.bank.as_ref().map(ToString::to_string) },
        disable_bank_selection: request.bank_choice == BankChoice::Fixed,
        permissions: permissions(&session.asked),
        expires_at: session.expires_at.as_second(),
    }
}
