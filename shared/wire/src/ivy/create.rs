//! `POST /api/service/data/session/create`.

use jiff::{SignedDuration, Timestamp};
use model::callback_url::CallbackUrl;
use model::claim::Claim;
use model::contact::{EmailAddress, ExternalUser, PhoneNumber, ReferenceId};
use model::locale::{Locale, Market};
use model::request::{Asked, BankChoice, Permission, SessionRequest};
use model::session::{LIFETIME_DEFAULT, LIFETIME_MAX, LIFETIME_MIN};
use model::tenant::Tenant;
use schemars::JsonSchema;

use crate::NewSession;
use crate::json::{Members, NAME_CHARS_MAX};
use crate::problem::Problem;
use crate::shape::{
    AnyObject, BankIdText, EmailText, EpochSeconds, FewPairs, LocaleText, MarketText, NameText,
    PhoneText, PlainText, ReferenceText, SomeText, UrlText,
};

/// The body of `POST /api/service/data/session/create`.
#[derive(JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "DataSessionRequest")]
#[schemars(extend(
    "if" = { "required": ["permissions"],
             "properties": { "permissions": { "type": "array", "contains": { "const": "match_identity" } } } },
    "then" = { "required": ["matchData"], "properties": { "matchData": { "type": "object" } } },
))]
#[expect(dead_code, reason = "describes the body for OpenAPI; `new_session` reads it")]
pub struct CreateRequest {
    /// The tenant's name for the session, unique per tenant.
    #[schemars(with = "ReferenceText")]
    reference_id: String,
    /// What may be read; `["identity"]` where nothing is said.
    #[schemars(length(min = 1))]
    permissions: Option<Vec<RequestedPermission>>,
    /// Whose banks are offered first.
    #[schemars(with = "Option<MarketText>")]
    market: Option<String>,
    /// The language of the hosted pages.
    #[schemars(with = "Option<LocaleText>")]
    locale: Option<String>,
    /// Whom the session is about. Any of its members may be given.
    external_user: Option<RequestedUser>,
    /// Another name of `externalUser`.
    customer: Option<Customer>,
    /// The claim; needed with the permission `match_identity`.
    match_data: Option<MatchData>,
    /// Where the browser goes when it went well; of an origin that the tenant registered.
    #[schemars(with = "Option<UrlText>")]
    success_callback_url: Option<String>,
    /// Where it goes when it did not; of a registered origin.
    #[schemars(with = "Option<UrlText>")]
    error_callback_url: Option<String>,
    /// Both in one; of a registered origin.
    #[schemars(with = "Option<UrlText>")]
    return_url: Option<String>,
    /// Where the result is posted, signed like a webhook; of a registered origin.
    #[schemars(with = "Option<UrlText>")]
    result_callback_url: Option<String>,
    /// What the tenant already knows.
    prefill: Option<RequestedPrefill>,
    /// Echoed.
    #[schemars(with = "Option<AnyObject>")]
    metadata: Option<()>,
    /// Echoed.
    #[schemars(with = "Option<PlainText>")]
    display_id: Option<String>,
    /// Keeps the person at the bank of `prefill`.
    disable_bank_selection: Option<bool>,
    /// When the link dies: 30 minutes to 24 hours from now, an hour where nothing is said.
    #[schemars(with = "Option<EpochSeconds>")]
    expires_at: Option<i64>,
}

#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
#[expect(dead_code, reason = "as above")]
enum RequestedPermission {
    Identity,
    Balance,
    Balances,
    Transactions,
    MatchIdentity,
}

#[derive(JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
#[expect(dead_code, reason = "as above")]
struct RequestedUser {
    #[schemars(with = "Option<ReferenceText>")]
    reference_id: Option<String>,
    #[schemars(with = "Option<EmailText>")]
    email: Option<String>,
    #[schemars(with = "Option<PhoneText>")]
    phone: Option<String>,
    /// At most 50 free pairs; those of text, numbers and booleans can be searched for.
    #[schemars(with = "Option<FewPairs>")]
    metadata: Option<()>,
}

#[derive(JsonSchema)]
#[schemars(inline)]
#[expect(dead_code, reason = "as above")]
struct Customer {
    #[schemars(with = "Option<ReferenceText>")]
    id: Option<String>,
    #[schemars(with = "Option<EmailText>")]
    email: Option<String>,
}

#[derive(JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
#[expect(dead_code, reason = "as above")]
struct MatchData {
    financial_address: FinancialAddress,
}

#[derive(JsonSchema)]
#[schemars(inline)]
#[expect(dead_code, reason = "as above")]
struct FinancialAddress {
    /// `iban`.
    #[serde(rename = "type")]
    #[schemars(with = "Option<PlainText>")]
    kind: Option<String>,
    iban: ClaimedIban,
}

#[derive(JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
#[expect(dead_code, reason = "as above")]
struct ClaimedIban {
    #[schemars(with = "SomeText")]
    iban: String,
    #[schemars(with = "Option<PlainText>")]
    bic: Option<String>,
    #[schemars(with = "NameText")]
    account_holder_name: String,
}

#[derive(JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
#[expect(dead_code, reason = "as above")]
struct RequestedPrefill {
    #[schemars(with = "Option<BankIdText>")]
    bank_id: Option<String>,
    #[schemars(with = "Option<PlainText>")]
    email: Option<String>,
}

/// The most pairs of an external user: each becomes an item of the creating transaction.
const PAIRS_MAX: usize = 50;

/// Reads a create request.
///
/// # Errors
/// A [`Problem`] that names the member and what it must be.
pub fn new_session(body: &Members, tenant: &Tenant, now: Timestamp) -> Result<NewSession, Problem> {
    let reference = body.parsed("referenceId", ReferenceId::parse)?;
    let reference = reference.ok_or_else(|| body.refuse("referenceId", "given"))?;
    let asked = permissions(body)?;
    let claim = claim(body)?;
    if asked.permits(Permission::MatchIdentity) && claim.is_none() {
        return Err(body.refuse("matchData", "given with the permission match_identity"));
    }
    let url = |name: &str| body.parsed(name, |text| CallbackUrl::parse(text, &tenant.origins));
    let back = url("returnUrl")?;
    let prefill = body.object("prefill")?.unwrap_or_default();
    let bank = prefill.text("bankId")?.map(str::parse).transpose();
    let bank = bank.map_err(|_| prefill.refuse("bankId", "the id of a bank in the directory"))?;
    let metadata = body.object("metadata")?.unwrap_or_default();
    let bank_choice = match body.boolean("disableBankSelection")? {
        Some(true) => BankChoice::Fixed,
        _ => BankChoice::Free,
    };
    Ok(NewSession {
        market: body.parsed("market", Market::parse)?.unwrap_or(tenant.policy.market.clone()),
        locale: body.parsed("locale", Locale::parse)?,
        lifetime: lifetime(body, now)?,
        request: SessionRequest {
            reference: Some(reference),
            external_user: external_user(body)?,
            claim,
            display_id: body.text("displayId")?.map(str::to_owned),
            metadata: metadata.into_map(),
            success_url: url("successCallbackUrl")?.or_else(|| back.clone()),
            error_url: url("errorCallbackUrl")?.or(back),
            result_url: url("resultCallbackUrl")?,
            bank,
            prefill_email: prefill.text("email")?.map(str::to_owned),
            bank_choice,
            ..SessionRequest::default()
        },
        asked,
    })
}

fn permissions(body: &Members) -> Result<Asked, Problem> {
    let Some(names) = body.texts("permissions")? else {
        return Ok(Asked::Permissions(vec![Permission::Identity]));
    };
    let mut permissions = Vec::new();
    for (n, name) in names.into_iter().enumerate() {
        let permission = match name {
            "identity" => Permission::Identity,
            "balance" | "balances" => Permission::Balances,
            "transactions" => Permission::Transactions,
            "match_identity" => Permission::MatchIdentity,
            _ => {
                let expected = "one of identity, balance, balances, transactions, match_identity";
                return Err(body.refuse(&format!("permissions[{n}]"), expected));
            }
        };
        if !permissions.contains(&permission) {
            permissions.push(permission);
        }
    }
    if permissions.is_empty() {
        return Err(body.refuse("permissions", "a list of at least one permission"));
    }
    Ok(Asked::Permissions(permissions))
}

/// `externalUser`, or `customer`, as a later version of the API calls it.
fn external_user(body: &Members) -> Result<ExternalUser, Problem> {
    let Some(user) = body
        .object("externalUser")?
        .map_or_else(|| body.object("customer"), |user| Ok(Some(user)))?
    else {
        return Ok(ExternalUser::default());
    };
    let metadata = user.object("metadata")?.unwrap_or_default().into_map();
    if metadata.len() > PAIRS_MAX {
        return Err(user.refuse("metadata", &format!("at most {PAIRS_MAX} pairs")));
    }
    let reference = user.parsed("referenceId", ReferenceId::parse)?;
    let id = || user.parsed("id", ReferenceId::parse);
    Ok(ExternalUser {
        reference: reference.map_or_else(id, |reference| Ok(Some(reference)))?,
        email: user.parsed("email", EmailAddress::parse)?,
        phone: user.parsed("phone", PhoneNumber::parse)?,
        metadata,
    })
}

/// `matchData`: who is said to hold which account.
fn claim(body: &Members) -> Result<Option<Claim>, Problem> {
    let Some(data) = body.object("matchData")? else {
        return Ok(None);
    };
    let missing = |members: &Members, name: &str| members.refuse(name, "given");
    let address = data.object("financialAddress")?;
    let address = address.ok_or_else(|| missing(&data, "financialAddress"))?;
    let iban = address.object("iban")?.ok_or_else(|| missing(&address, "iban"))?;
    let number = iban.required_text("iban")?;
    let name = iban.required_text("accountHolderName")?;
    if name.chars().count() > NAME_CHARS_MAX {
        return Err(iban.refuse("accountHolderName", "at most 256 characters"));
    }
    let (name, iban) = (name.to_owned(), Some(number.to_owned()));
    Ok(Some(Claim { name, address: None, birth_date: None, iban }))
}

fn lifetime(body: &Members, now: Timestamp) -> Result<SignedDuration, Problem> {
    let Some(at) = body.integer("expiresAt", 0..=i64::from(u32::MAX))? else {
        return Ok(LIFETIME_DEFAULT);
    };
    let lifetime = SignedDuration::from_secs(at - now.as_second());
    if (LIFETIME_MIN..=LIFETIME_MAX).contains(&lifetime) {
        Ok(lifetime)
    } else {
        Err(body.refuse("expiresAt", "30 minutes to 24 hours from now, in epoch seconds"))
    }
}
