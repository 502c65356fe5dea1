//! Tokens: Didit's `POST /auth/v2/token/`, Pentadata's `/subscribers/login` and `/refresh`, and the
//! public keys.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cloud::Entered;
use runtime::{App, Function, Lifetime, Problem, Reading as _, Request, Response, TokenUse, json};
use wire::pentadata::Tokens;
use wire::{didit, pentadata};

/// The function.
pub const FUNCTION: Function = Function::Http(|app, request| Box::pin(handle(app, request)));

/// Answers the four routes.
///
/// # Errors
/// A [`Problem`] that says what was missing or wrong.
pub async fn handle(app: &App, request: Request) -> Result<Response, Problem> {
    match request.uri().path().trim_end_matches('/') {
        "/auth/v2/token" => client_credentials(app, &request).await,
        "/subscribers/login" => login(app, &request).await,
        "/subscribers/refresh" => refresh(app, &request).await,
        _ => Ok(json(200, &app.jwks().await?)),
    }
}

/// RFC 6749, section 4.4, with the grant type as form or as JSON.
async fn client_credentials(app: &App, request: &Request) -> Result<Response, Problem> {
    let (client_id, secret) = basic(request)?;
    let json_body = request.header("content-type").is_some_and(|t| t.contains("json"));
    let read = || {
        let body =
            if json_body { request.json()? } else { wire::json::from_pairs(request.form())? };
        body.required_text("grant_type").map(str::to_owned)
    };
    match &*read().map_err(Problem::of_token_request)? {
        "client_credentials" => {}
        _ => return Err(Problem::unsupported_grant_type()),
    }
    let unknown = || Problem::invalid_client("The client id or the secret is not known.");
    let (entered, credential) = match app.check_key(&secret).await {
        Err(problem) if problem.status().as_u16() == 401 => return Err(unknown()),
        checked => checked?,
    };
    if credential.client_id != client_id {
        return Err(unknown());
    }
    let token = app.issue(&entered, &client_id, TokenUse::Access, Lifetime::Day).await?;
    let (issuer, tenant) = (app.config.public_url.to_string(), entered.scope.tenant().to_string());
    let body = didit::token(&didit::Token {
        iss: &issuer,
        sub: &tenant,
        client_id: &client_id,
        access_token: &token.text,
        issued_at: token.issued_at,
        expires_at: token.expires_at,
    });
    Ok(json(200, &body))
}

/// `Authorization: Basic` (RFC 7617), with whatever blanks clients put around it.
fn basic(request: &Request) -> Result<(String, String), Problem> {
    let refuse =
        || Problem::invalid_client("Send `Authorization: Basic` with client id and secret.");
    let header = request.header("authorization").ok_or_else(refuse)?;
    let (scheme, encoded) = header.split_once(' ').ok_or_else(refuse)?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(refuse());
    }
    let decoded = STANDARD.decode(encoded.trim()).map_err(|_| refuse())?;
    let text = String::from_utf8(decoded).map_err(|_| refuse())?;
    let (id, secret) = text.split_once(':').ok_or_else(refuse)?;
    Ok((id.to_owned(), secret.to_owned()))
}

async fn login(app: &App, request: &Request) -> Result<Response, Problem> {
    let body = request.json()?;
    let (email, key) = (body.required_text("email")?, body.required_text("api_key")?);
    let (entered, credential) = app.check_key(key).await?;
    if entered.tenant.email.expose().as_str() != email.trim().to_lowercase() {
        let what = "The e-mail is not the one registered for this API key.";
        return Err(Problem::unauthenticated(what));
    }
    let id = &credential.client_id;
    let access = app.issue(&entered, id, TokenUse::Access, Lifetime::Day).await?;
    let refresh = app.issue(&entered, id, TokenUse::Refresh, Lifetime::Month).await?;
    Ok(json(
        200,
        &pentadata::tokens(&Tokens {
            access: (&access.text, access.expires_at),
            refresh: Some((&refresh.text, refresh.expires_at)),
            user_id: user_id(&entered),
        }),
    ))
}

async fn refresh(app: &App, request: &Request) -> Result<Response, Problem> {
    let missing = || Problem::unauthenticated("Send the refresh token as a bearer token.");
    let header = request.header("authorization").ok_or_else(missing)?;
    let (_, token) = header.split_once(' ').ok_or_else(missing)?;
    let (entered, client_id) = app.check_token(token.trim(), TokenUse::Refresh).await?;
    let access = app.issue(&entered, &client_id, TokenUse::Access, Lifetime::Day).await?;
    Ok(json(
        200,
        &pentadata::tokens(&Tokens {
            access: (&access.text, access.expires_at),
            refresh: None,
            user_id: user_id(&entered),
        }),
    ))
}

/// A number that names the tenant, exact in JavaScript.
fn user_id(entered: &Entered) -> u64 {
    let bits = entered.scope.tenant();
    bits.bits().iter().take(6).fold(0, |number, byte| number << 8 | u64::from(*byte))
}
