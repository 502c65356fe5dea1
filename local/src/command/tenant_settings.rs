//! `countersign tenant set | add-key | remove-key`: what an operator changes of a tenant.

use cloud::{ApiKey, TENANT_CACHE_MAX};
use model::callback_url::Origin;
use model::contact::EmailAddress;
use model::ids::TenantId;
use model::locale::Market;
use model::private::Pii;
use model::tenant::{Credential, Limits, NameNotProvided, Policy, Reuse, Tenant};
use runtime::App;

use super::matching_settings::{self, MatchingSettings};
use super::tenant::limit;
use crate::operator::{Operator, Place};

type Error = Box<dyn std::error::Error>;

/// What is changed; what is not said stays as it is.
#[derive(Debug, clap::Args)]
pub(super) struct Settings {
    /// Which tenant
    id: TenantId,
    /// Its name, as persons will read it
    #[arg(long)]
    name: Option<String>,
    /// Who logs in through the Pentadata contract
    #[arg(long, value_parser = email)]
    email: Option<EmailAddress>,
    /// All origins to which browsers may be sent; those before are forgotten
    #[arg(
        long = "origin",
        value_name = "ORIGIN",
        value_parser = origin,
        value_delimiter = ','
    )]
    origins: Vec<Origin>,
    /// The market of sessions that name none
    #[arg(long, value_parser = market)]
    market: Option<Market>,
    /// How many requests a minute it may make, such as create=600, poll=100 or other=300
    #[arg(
        long = "limit",
        value_name = "CLASS=NUMBER",
        value_parser = limit,
        value_delimiter = ','
    )]
    limits: Vec<(String, u32)>,
    #[command(flatten)]
    matching: MatchingSettings,
    /// For how many days evidence may answer again; 0 switches reuse off
    #[arg(long, value_name = "DAYS")]
    reuse_days: Option<u16>,
    /// What to answer when a bank states no name
    #[arg(long, value_parser = no_name, value_name = "ask-another-bank|stay-undecided")]
    no_name: Option<NameNotProvided>,
    /// Revoke every access and refresh token that was given out
    #[arg(long)]
    revoke_tokens: bool,
    #[command(flatten)]
    place: Place,
}

/// A tenant whose credentials change.
#[derive(Debug, clap::Args)]
pub(super) struct NewKey {
    /// Which tenant
    id: TenantId,
    #[command(flatten)]
    place: Place,
}

/// A credential that ends.
#[derive(Debug, clap::Args)]
pub(super) struct OldKey {
    /// Which tenant
    id: TenantId,
    /// The client id of the credential
    client_id: String,
    #[command(flatten)]
    place: Place,
}

fn email(text: &str) -> Result<EmailAddress, String> {
    EmailAddress::parse(text).map_err(|error| format!("must be {}", error.expected))
}

fn origin(text: &str) -> Result<Origin, String> {
    Origin::parse(text).map_err(|error| format!("must be {}", error.expected))
}

fn market(text: &str) -> Result<Market, String> {
    Market::parse(text).map_err(|error| format!("must be {}", error.expected))
}

fn no_name(text: &str) -> Result<NameNotProvided, &'static str> {
    match text {
        "ask-another-bank" => Ok(NameNotProvided::AskAnotherBank),
        "stay-undecided" => Ok(NameNotProvided::StayUndecided),
        _ => Err("must be ask-another-bank or stay-undecided"),
    }
}

pub(super) async fn set(asked: Settings) -> Result<(), Error> {
    let operator = Operator::open(&asked.place).await?;
    let id = asked.id;
    let changed = operator.app().table.change_tenant(id, |_, tenant| with(tenant, asked)).await?;
    operator.close().await;
    let tenant = changed.ok_or_else(|| unknown(id))?;
    show(&tenant);
    effective();
    Ok(())
}

pub(super) async fn add_key(asked: NewKey) -> Result<(), Error> {
    let operator = Operator::open(&asked.place).await?;
    let app = operator.app();
    let client_id = cloud::hex(&app.random::<16>());
    let mut made = None;
    let add = |keys: &_, tenant: Tenant| {
        let key = ApiKey::new(tenant.mode, tenant.id, app.random());
        let credential = credential(app, &client_id, key.hmac(keys));
        made = Some(key);
        let credentials = tenant.credentials.iter().cloned().chain([credential]).collect();
        Tenant { credentials, ..tenant }
    };
    let changed = app.table.change_tenant(asked.id, add).await?;
    operator.close().await;
    let (Some(_), Some(key)) = (changed, made) else {
        return Err(unknown(asked.id).into());
    };
    anstream::println!("client id  {client_id}");
    anstream::println!("API key    {}", key.text().expose());
    anstream::println!("\nThe API key is also the client secret. It is not kept: note it now.");
    effective();
    Ok(())
}

pub(super) async fn remove_key(asked: OldKey) -> Result<(), Error> {
    let operator = Operator::open(&asked.place).await?;
    let app = operator.app();
    let mut found = false;
    let remove = |_: &_, tenant: Tenant| {
        let kept = |credential: &&Credential| credential.client_id != asked.client_id;
        let credentials: Vec<_> = tenant.credentials.iter().filter(kept).cloned().collect();
        found = credentials.len() < tenant.credentials.len();
        Tenant { credentials, ..tenant }
    };
    let changed = app.table.change_tenant(asked.id, remove).await?;
    operator.close().await;
    changed.ok_or_else(|| unknown(asked.id))?;
    if !found {
        return Err("the tenant has no credential with this client id; nothing was changed".into());
    }
    anstream::println!("removed, with every token that was given out for it");
    effective();
    Ok(())
}

fn credential(app: &App, client_id: &str, secret_hmac: String) -> Credential {
    Credential { client_id: client_id.to_owned(), secret_hmac, created_at: app.now() }
}

fn unknown(id: TenantId) -> String {
    format!("there is no tenant {id}; `countersign tenant list` shows those there are")
}

/// Every process answers from memory for a while.
fn effective() {
    anstream::eprintln!("in effect everywhere within {} seconds", TENANT_CACHE_MAX.as_secs());
}

fn with(tenant: Tenant, asked: Settings) -> Tenant {
    let policy = tenant.policy.clone();
    let reuse = asked.reuse_days.map(|days| match days {
        0 => Reuse::Off,
        age_days_max => Reuse::UpTo { age_days_max },
    });
    Tenant {
        name: asked.name.unwrap_or(tenant.name),
        email: asked.email.map_or(tenant.email, Pii::new),
        origins: if asked.origins.is_empty() { tenant.origins } else { asked.origins },
        epoch: tenant.epoch + u32::from(asked.revoke_tokens),
        policy: Policy {
            matching: asked.matching.applied(policy.matching),
            reuse: reuse.unwrap_or(policy.reuse),
            name_not_provided: asked.no_name.unwrap_or(policy.name_not_provided),
            market: asked.market.unwrap_or_else(|| policy.market.clone()),
            limits: limits(policy.limits, &asked.limits),
            ..policy
        },
        ..tenant
    }
}

/// Limits with those that were said in place of the former ones.
pub(super) fn limits(former: Limits, given: &[(String, u32)]) -> Limits {
    let of = |class: &str, otherwise| {
        given.iter().rfind(|(name, _)| name == class).map_or(otherwise, |(_, number)| *number)
    };
    let Limits { create, poll, other } = former;
    Limits { create: of("create", create), poll: of("poll", poll), other: of("other", other) }
}

fn show(tenant: &Tenant) {
    let Policy { matching, reuse, name_not_provided, market, limits, .. } = &tenant.policy;
    let Limits { create, poll, other } = limits;
    let origins: Vec<&str> = tenant.origins.iter().map(Origin::as_str).collect();
    anstream::println!("tenant       {}", tenant.id);
    anstream::println!("name         {}", tenant.name);
    anstream::println!("origins      {}", origins.join(" "));
    anstream::println!("market       {}", market.as_str());
    anstream::println!("limits       create={create} poll={poll} other={other}");
    matching_settings::show(matching);
    anstream::println!("reuse        {reuse:?}");
    anstream::println!("no name      {name_not_provided:?}");
    for credential in &tenant.credentials {
        let since = credential.created_at.strftime("%F");
        anstream::println!("credential   {} since {since}", credential.client_id);
    }
}
