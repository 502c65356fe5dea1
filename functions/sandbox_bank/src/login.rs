//! The bank's own pages: log in as a persona, then consent or refuse.

use askama::Template;
use jiff::SignedDuration;
use runtime::{Problem, Response, html, redirect, store_problem};
use url::Url;

use crate::consent::{self, Consent, Status};
use crate::persona::{self, Persona, Trigger};
use crate::token::{self, Code};
use crate::{Sandbox, refuse};

/// How long a code lives (RFC 6749 recommends at most ten minutes; banks take one).
const CODE_LIFETIME: SignedDuration = SignedDuration::from_secs(60);

/// What `authorize` was asked with, carried from page to page.
const CARRIED: [&str; 4] = ["scope", "redirect_uri", "state", "code_challenge"];

type Form = [(String, String)];

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage<'a> {
    nonce: &'a str,
    bank: &'a str,
    base: &'a str,
    carried: Vec<(&'static str, String)>,
    customers: Vec<&'a Persona>,
    by_rule: Vec<(&'a str, &'a Persona)>,
    triggers: &'a [(&'static str, &'static str)],
    wrong: bool,
}

#[derive(Template)]
#[template(path = "consent.html")]
struct ConsentPage<'a> {
    nonce: &'a str,
    bank: &'a str,
    base: &'a str,
    carried: Vec<(&'static str, String)>,
    user: &'a str,
    persona: &'a Persona,
    stuck: bool,
}

fn get<'a>(form: &'a Form, name: &str) -> &'a str {
    form.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
}

fn carried(form: &Form) -> Vec<(&'static str, String)> {
    CARRIED.map(|name| (name, get(form, name).to_owned())).to_vec()
}

/// The consent that the request names, if all of it fits.
async fn asked(sandbox: &Sandbox, form: &Form) -> Result<Option<(String, Consent, u64)>, Problem> {
    let Some(id) = get(form, "scope").strip_prefix("AIS:") else {
        return Ok(None);
    };
    let found = sandbox.read::<Consent>(&consent::key(id)).await?;
    let fits = |(consent, _): &(Consent, u64)| {
        consent.status == Status::Received && consent.redirect_uri == get(form, "redirect_uri")
    };
    let challenged = get(form, "code_challenge").len() == 43;
    Ok(found
        .filter(fits)
        .filter(|_| challenged)
        .map(|(consent, version)| (id.to_owned(), consent, version)))
}

fn lapsed() -> Response {
    refuse(400, "CONSENT_INVALID", "this login was used or never began; go back and start again")
}

/// `GET /authorize`: the login page.
pub(crate) async fn form(sandbox: &Sandbox, bank: &str, query: &Form) -> Result<Response, Problem> {
    let known = asked(sandbox, query).await?.is_some();
    let plain =
        get(query, "response_type") == "code" && get(query, "code_challenge_method") == "S256";
    if !known || !plain {
        return Ok(lapsed());
    }
    Ok(login_page(sandbox, bank, query, 200))
}

fn login_page(sandbox: &Sandbox, bank: &str, form: &Form, status: u16) -> Response {
    let nonce = sandbox.secret();
    let page = LoginPage {
        nonce: &nonce,
        bank,
        base: &base(sandbox, bank),
        carried: carried(form),
        customers: persona::all().iter().filter(|persona| persona.rule.is_none()).collect(),
        by_rule: persona::all().iter().filter_map(|p| Some((p.rule.as_deref()?, p))).collect(),
        triggers: &Trigger::NAMES,
        wrong: status != 200,
    };
    shown(status, &page, &nonce, form)
}

/// `POST /authorize`: the login; then the consent page.
pub(crate) async fn login(sandbox: &Sandbox, bank: &str, form: &Form) -> Result<Response, Problem> {
    if asked(sandbox, form).await?.is_none() {
        return Ok(lapsed());
    }
    let user = get(form, "user").trim();
    let Some(persona) = persona::find(user) else {
        return Ok(login_page(sandbox, bank, form, 401));
    };
    if Trigger::of(user) == Some(Trigger::Denied) {
        return refused(sandbox, bank, form).await;
    }
    let nonce = sandbox.secret();
    let page = ConsentPage {
        nonce: &nonce,
        bank,
        base: &base(sandbox, bank),
        carried: carried(form),
        user,
        persona,
        stuck: Trigger::of(user) == Some(Trigger::NeverReturns),
    };
    Ok(shown(200, &page, &nonce, form))
}

/// `POST /authorize/decide`: the redirect back.
pub(crate) async fn decide(
    sandbox: &Sandbox,
    bank: &str,
    form: &Form,
) -> Result<Response, Problem> {
    if get(form, "decision") != "allow" {
        return refused(sandbox, bank, form).await;
    }
    let user = get(form, "user");
    let Some((id, consent, version)) = asked(sandbox, form).await? else {
        return Ok(lapsed());
    };
    if persona::find(user).is_none() {
        return Ok(lapsed());
    }
    let valid = Consent { status: Status::Valid, ..consent };
    sandbox.write(&consent::key(&id), &valid, Some(version)).await.map_err(store_problem)?;
    let lifetime = match Trigger::of(user) {
        Some(Trigger::CodeExpired) => SignedDuration::ZERO,
        _ => CODE_LIFETIME,
    };
    let secret = sandbox.secret();
    let code = Code {
        consent: id,
        user: user.to_owned(),
        redirect_uri: get(form, "redirect_uri").to_owned(),
        challenge: get(form, "code_challenge").to_owned(),
        expires_at: sandbox.now().checked_add(lifetime).unwrap_or(sandbox.now()),
        used_for: None,
    };
    sandbox.write(&token::code_key(&secret), &code, None).await.map_err(store_problem)?;
    let issuer = match Trigger::of(user) {
        Some(Trigger::WrongIssuer) => "https://bank.invalid".to_owned(),
        _ => sandbox.issuer(bank),
    };
    Ok(back(form, &[("code", &secret), ("iss", &issuer)]))
}

async fn refused(sandbox: &Sandbox, bank: &str, form: &Form) -> Result<Response, Problem> {
    let Some((id, consent, version)) = asked(sandbox, form).await? else {
        return Ok(lapsed());
    };
    let rejected = Consent { status: Status::Rejected, ..consent };
    sandbox.write(&consent::key(&id), &rejected, Some(version)).await.map_err(store_problem)?;
    Ok(back(form, &[("error", "access_denied"), ("iss", &sandbox.issuer(bank))]))
}

/// The redirect to the address that the consent named.
fn back(form: &Form, parameters: &[(&str, &str)]) -> Response {
    let Ok(mut url) = Url::parse(get(form, "redirect_uri")) else {
        return lapsed();
    };
    url.query_pairs_mut().extend_pairs(parameters).append_pair("state", get(form, "state"));
    redirect(url.as_str(), &[])
}

fn base(sandbox: &Sandbox, bank: &str) -> String {
    format!("{}{bank}", sandbox.base.path())
}

fn shown(status: u16, page: &impl Template, nonce: &str, form: &Form) -> Response {
    let target = Url::parse(get(form, "redirect_uri")).ok();
    let target = target.map_or_else(String::new, |url| url.origin().ascii_serialization());
    let policy = format!(
        "default-src 'none'; img-src data:; style-src 'nonce-{nonce}'; form-action 'self' {target}; \
         frame-ancestors 'none'; base-uri 'none'"
    );
    let body = page.render().expect("templates write into memory");
    html(
        status,
        body,
        &[
            ("content-type", "text/html; charset=utf-8"),
            ("cache-control", "no-store"),
            ("referrer-policy", "no-referrer"),
            ("x-content-type-options", "nosniff"),
            ("content-security-policy", &policy),
        ],
    )
}
