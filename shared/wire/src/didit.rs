//! Didit: data transfer.
//! Source: docs.didit.me (auth-and-data, data-transfer: authentication, create session, retrieve data).

mod operations;
mod render;
mod user_data;

use model::callback_url::CallbackUrl;
use model::contact::{ExternalUser, ReferenceId};
use model::request::{Asked, Scope, SessionRequest};
use model::session::LIFETIME_DEFAULT;
use model::tenant::Tenant;
use schemars::JsonSchema;

use crate::NewSession;
use crate::json::Members;
use crate::problem::Problem;
use crate::shape::{PlainText, UrlText};

pub use operations::operations;
pub use render::{
    DecisionAnswer, Opened, StatusAnswer, Token, TokenAnswer, decision, opened, status, token,
};

/// The body of `POST /auth/v2/token/`, as form or as JSON (RFC 6749, section 4.4).
#[derive(JsonSchema)]
#[schemars(rename = "TokenRequest")]
#[expect(dead_code, reason = "describes the body for OpenAPI; the token function reads it")]
pub struct TokenRequest {
    grant_type: GrantType,
}

#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
#[expect(dead_code, reason = "as above")]
enum GrantType {
    ClientCredentials,
}

/// The body of `POST /auth/v2/session/`. Without `scope` a `workflow_id` must be given: the tenant's
/// default scopes are asked for then.
#[derive(JsonSchema)]
#[schemars(rename = "ScopedSessionRequest", extend("anyOf" = [
    { "required": ["scope"], "properties": { "scope": { "type": "string" } } },
    { "required": ["workflow_id"], "properties": { "workflow_id": { "type": "string" } } },
]))]
#[expect(dead_code, reason = "describes the body for OpenAPI; `new_session` reads it")]
pub struct SessionRequestShape {
    /// Scopes, separated by blanks.
    #[schemars(regex(
        pattern = r"^(names|email|phone|pictures?|birthdate|address|bank_account|user_id|gender|document_detail|preferences|is_verified|is_over_18|is_over_21)( (names|email|phone|pictures?|birthdate|address|bank_account|user_id|gender|document_detail|preferences|is_verified|is_over_18|is_over_21))*$"
    ))]
    scope: Option<String>,
    /// Returned unchanged; where it is 1 to 200 characters it also names the user.
    #[schemars(with = "Option<PlainText>")]
    vendor_data: Option<String>,
    /// Where the browser goes afterwards; of an origin that the tenant registered.
    #[schemars(with = "Option<UrlText>")]
    callback: Option<String>,
    /// Of the sister product's clients: asks for the tenant's default scopes.
    #[schemars(with = "Option<PlainText>")]
    workflow_id: Option<String>,
}

/// Reads `POST /auth/v2/session/`.
///
/// # Errors
/// A [`Problem`] that names the member and what it must be.
pub fn new_session(body: &Members, tenant: &Tenant) -> Result<NewSession, Problem> {
    let scopes = match (body.text("scope")?, body.text("workflow_id")?) {
        (Some(text), _) => scopes(body, text)?,
        (None, Some(_)) => tenant.policy.scopes.clone(),
        (None, None) => return Err(body.refuse("scope", "given, for example `names email`")),
    };
    let vendor_data = body.text("vendor_data")?.map(str::to_owned);
    let reference = vendor_data.as_deref().and_then(|data| ReferenceId::parse(data).ok());
    let callback = body.parsed("callback", |text| CallbackUrl::parse(text, &tenant.origins))?;
    Ok(NewSession {
        asked: Asked::Scopes(scopes),
        market: tenant.policy.market.clone(),
        locale: None,
        lifetime: LIFETIME_DEFAULT,
        request: SessionRequest {
            external_user: ExternalUser { reference, ..ExternalUser::default() },
            vendor_data,
            success_url: callback.clone(),
            error_url: callback,
            ..SessionRequest::default()
        },
    })
}

fn scopes(body: &Members, text: &str) -> Result<Vec<Scope>, Problem> {
    let mut scopes = Vec::new();
    for name in text.split_whitespace() {
        let scope = Scope::parse(name).ok_or_else(|| {
            body.refuse("scope", "a list of known scopes, such as `names email bank_account`")
        })?;
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    if scopes.is_empty() {
        return Err(body.refuse("scope", "a list of at least one scope"));
    }
    Ok(scopes)
}
