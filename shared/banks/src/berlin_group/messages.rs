//! Requests built and answers read; no IO.

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use http::{Method, Request, StatusCode};
use jiff::civil::Date;
use model::evidence::{Account, AccountKind, BankIdentity, Party, PostalAddress};
use model::request::Reading;
use model::visit::Browser;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use crate::connector::{BankError, BankErrorKind, Start};
use outbound::Answer;

/// The longest owner name that is read; the specification allows 140.
const NAME_CHARS_MAX: usize = 256;
/// The most accounts that are read.
const ACCOUNTS_MAX: usize = 50;

pub(super) struct Access<'a> {
    pub(super) consent_id: &'a str,
    pub(super) token: &'a str,
    pub(super) browser: &'a Browser,
}

pub(crate) struct Consent {
    pub(super) id: String,
    pub(super) oauth_metadata: String,
}

/// RFC 8414, as far as it is needed.
#[derive(Deserialize)]
pub(crate) struct Metadata {
    pub(super) issuer: String,
    pub(super) authorization_endpoint: String,
    pub(super) token_endpoint: String,
}

pub(super) fn unreadable(what: &str) -> BankError {
    BankError::new(BankErrorKind::Unreadable, what)
}

/// Every request carries an `X-Request-ID` and the person's address.
fn request(method: Method, url: &Url, browser: &Browser) -> http::request::Builder {
    let mut id = [0; 16];
    aws_lc_rs::rand::fill(&mut id).expect("the operating system gives random bytes");
    let id = uuid::Builder::from_random_bytes(id).into_uuid();
    let request = Request::builder()
        .method(method)
        .uri(url.as_str())
        .header(ACCEPT, "application/json")
        .header("x-request-id", id.to_string())
        .header("psu-ip-address", browser.ip.to_string());
    match &browser.user_agent {
        Some(agent) => request.header("psu-user-agent", agent),
        None => request,
    }
}

fn finish(request: http::request::Builder, body: Vec<u8>) -> Request<Vec<u8>> {
    request.body(body).expect("checked URLs and header values make a request")
}

fn under(base: &Url, path: &str) -> Url {
    base.join(path).expect("a constant path below a base URL")
}

pub(super) fn get(url: &Url, browser: &Browser) -> Request<Vec<u8>> {
    finish(request(Method::GET, url, browser), Vec::new())
}

pub(super) fn create_consent(base: &Url, start: &Start<'_>) -> Request<Vec<u8>> {
    let day = |text: String| text.get(..10).map(str::to_owned).unwrap_or_default();
    let body = json!({
        "access": asked_access(&start.reading),
        "recurringIndicator": false,
        "validUntil": day(start.now.to_string()),
        "frequencyPerDay": 1,
        "combinedServiceIndicator": false,
    });
    let request = request(Method::POST, &under(base, "v1/consents"), start.browser)
        .header(CONTENT_TYPE, "application/json")
        .header("tpp-redirect-preferred", "true")
        .header("tpp-redirect-uri", start.redirect_uri.as_str())
        .header("tpp-nok-redirect-uri", start.redirect_uri.as_str());
    finish(request, body.to_string().into_bytes())
}

/// What the consent is for: an empty list means "those that the person chooses".
fn asked_access(reading: &Reading) -> Value {
    let mut access = json!({ "accounts": [] });
    let chosen = [
        ("balances", reading.balances, json!([])),
        ("transactions", reading.transactions, json!([])),
        ("additionalInformation", reading.holder, json!({ "ownerName": [] })),
    ];
    for (name, _, value) in chosen.into_iter().filter(|(_, asked, _)| *asked) {
        access[name] = value;
    }
    access
}

pub(crate) fn read_consent(answer: &Answer) -> Result<Consent, BankError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Body {
        consent_id: String,
        #[serde(rename = "_links")]
        links: Links,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Links {
        sca_o_auth: Href,
    }
    #[derive(Deserialize)]
    struct Href {
        href: String,
    }
    let body: Body = read(answer, "consent")?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
    if body.consent_id.is_empty() || !body.consent_id.bytes().all(plain) {
        return Err(unreadable("consent id"));
    }
    Ok(Consent { id: body.consent_id, oauth_metadata: body.links.sca_o_auth.href })
}

pub(crate) fn read_metadata(answer: &Answer) -> Result<Metadata, BankError> {
    read(answer, "authorization server metadata")
}

/// RFC 7636: the challenge is the SHA-256 of the verifier.
pub(super) fn authorize_url(mut authorize: Url, consent_id: &str, start: &Start<'_>) -> Url {
    let challenge = digest::digest(&digest::SHA256, start.verifier.expose().as_bytes());
    authorize
        .query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", "countersign")
        .append_pair("scope", &format!("AIS:{consent_id}"))
        .append_pair("redirect_uri", start.redirect_uri.as_str())
        .append_pair("state", start.state)
        .append_pair("code_challenge", &URL_SAFE_NO_PAD.encode(challenge))
        .append_pair("code_challenge_method", "S256");
    authorize
}

pub(super) fn exchange(
    token_endpoint: &Url,
    browser: &Browser,
    fill: impl FnOnce(&mut url::form_urlencoded::Serializer<'_, String>),
) -> Request<Vec<u8>> {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("client_id", "countersign");
    fill(&mut form);
    let request = request(Method::POST, token_endpoint, browser)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    finish(request, form.finish().into_bytes())
}

pub(crate) fn read_token(answer: &Answer) -> Result<String, BankError> {
    #[derive(Deserialize)]
    struct Body {
        access_token: String,
        token_type: String,
    }
    let body: Body = read(answer, "token")?;
    let plain = |b: u8| b.is_ascii_graphic();
    if !body.token_type.eq_ignore_ascii_case("bearer") || !body.access_token.bytes().all(plain) {
        return Err(unreadable("token"));
    }
    Ok(body.access_token)
}

fn granted(request: http::request::Builder, access: &Access<'_>) -> http::request::Builder {
    request
        .header("consent-id", access.consent_id)
        .header(AUTHORIZATION, format!("Bearer {}", access.token))
}

pub(super) fn accounts(base: &Url, access: &Access<'_>) -> Request<Vec<u8>> {
    let request = request(Method::GET, &under(base, "v1/accounts"), access.browser);
    finish(granted(request, access), Vec::new())
}

/// A read below the accounts, as a link of the bank's or as [`super::statement`] builds it.
pub(super) fn read_of(url: &Url, access: &Access<'_>) -> Request<Vec<u8>> {
    finish(granted(request(Method::GET, url, access.browser), access), Vec::new())
}

pub(super) fn delete_consent(base: &Url, access: &Access<'_>) -> Request<Vec<u8>> {
    let url = under(base, &format!("v1/consents/{}", access.consent_id));
    finish(granted(request(Method::DELETE, &url, access.browser), access), Vec::new())
}

/// The account list, with the sandbox's documented extension `holderDetails` where it is given.
pub(crate) fn read_accounts(answer: &Answer, bank: &str) -> Result<BankIdentity, BankError> {
    #[derive(Deserialize)]
    struct Body {
        accounts: Vec<Row>,
        #[serde(default, rename = "holderDetails")]
        holder_details: Vec<Details>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Row {
        resource_id: Option<String>,
        iban: Option<String>,
        bban: Option<String>,
        bic: Option<String>,
        currency: String,
        name: Option<String>,
        display_name: Option<String>,
        product: Option<String>,
        cash_account_type: Option<String>,
        owner_name: Option<String>,
    }
    let body: Body = read(answer, "accounts")?;
    if body.accounts.len() > ACCOUNTS_MAX {
        return Err(unreadable("too many accounts"));
    }
    let account = |row: Row| Account {
        resource_id: row.resource_id.unwrap_or_default(),
        name: row.display_name.or(row.name).or(row.product),
        iban: row.iban.map(|iban| iban.split_whitespace().collect()),
        bban: row.bban,
        bic: row.bic,
        currency: row.currency,
        kind: AccountKind::from_iso(row.cash_account_type.as_deref()),
        owner_name: row.owner_name.map(|name| cut(name.trim())).filter(|name| !name.is_empty()),
    };
    let accounts: Vec<Account> = body.accounts.into_iter().map(account).collect();
    let mut parties: Vec<Party> = Vec::new();
    for name in accounts.iter().filter_map(|account| account.owner_name.clone()) {
        if !parties.iter().any(|party| party.name == name) {
            let details = body.holder_details.iter().find(|d| d.owner_name == name);
            parties.push(details.map_or_else(|| bare_party(&name), |d| d.party()));
        }
    }
    Ok(BankIdentity { bank_name: bank.to_owned(), parties, accounts })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Details {
    owner_name: String,
    birth_date: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    address: Option<DetailsAddress>,
}

/// ISO 20022 `PostalAddress`, as the specification writes addresses elsewhere.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DetailsAddress {
    street_name: Option<String>,
    building_number: Option<String>,
    town_name: Option<String>,
    post_code: Option<String>,
    country: Option<String>,
}

impl Details {
    fn party(&self) -> Party {
        let day = |text: &String| text.get(..10).and_then(|day| day.parse::<Date>().ok());
        Party {
            name: cut(&self.owner_name),
            birth_date: self.birth_date.as_ref().and_then(day),
            address: self.address.as_ref().map(DetailsAddress::postal),
            email: self.email.as_deref().map(cut),
            phone: self.phone.as_deref().map(cut),
        }
    }
}

impl DetailsAddress {
    fn postal(&self) -> PostalAddress {
        let line = [&self.street_name, &self.building_number].into_iter().flatten();
        let line = line.map(|part| cut(part)).collect::<Vec<_>>().join(" ");
        PostalAddress {
            line1: Some(line).filter(|line| !line.is_empty()),
            line2: None,
            city: self.town_name.as_deref().map(cut),
            postal_code: self.post_code.as_deref().map(cut),
            region: None,
            country: self.country.as_deref().map(cut),
        }
    }
}

fn bare_party(name: &str) -> Party {
    Party { name: name.to_owned(), birth_date: None, address: None, email: None, phone: None }
}

pub(super) fn cut(text: &str) -> String {
    text.chars().take(NAME_CHARS_MAX).collect()
}

/// What a status means, before any body is read.
pub(crate) fn check_status(answer: Answer) -> Result<Answer, BankError> {
    let status = answer.status;
    let seconds = || answer.headers.get(RETRY_AFTER).and_then(|v| v.to_str().ok()?.parse().ok());
    let kind = match status {
        _ if status.is_success() => return Ok(answer),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            BankErrorKind::Busy { retry_after_s: seconds() }
        }
        _ if status.is_server_error() => BankErrorKind::Uncertain,
        _ => BankErrorKind::Refused,
    };
    Err(BankError::new(kind, format!("status {}", status.as_u16())))
}

pub(super) fn read<T: for<'de> Deserialize<'de>>(
    answer: &Answer,
    what: &str,
) -> Result<T, BankError> {
    serde_json::from_slice(&answer.body).map_err(|_| unreadable(what))
}
