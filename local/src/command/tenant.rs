//! `countersign tenant`: making and listing tenants, also while `serve` runs.

use model::callback_url::Origin;
use model::contact::EmailAddress;
use model::locale::Market;
use model::tenant::{Limits, Mode};

use super::tenant_settings::{self, NewKey, OldKey, Settings};
use crate::operator::{Operator, Place};
use crate::tenant::{self, NewTenant};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Tenants {
    /// Make a tenant and show its API key, once
    Create(Create),
    /// Change what is said, keep the rest, and show all of it
    Set(Settings),
    /// Give a tenant another API key, shown once
    AddKey(NewKey),
    /// End a credential, and with it the tokens that were given out for it
    RemoveKey(OldKey),
    /// List the tenants
    List(Place),
}

#[derive(Debug, clap::Args)]
pub(super) struct Create {
    /// Its name, as persons will read it
    #[arg(long)]
    name: String,
    /// Who logs in through the Pentadata contract
    #[arg(long)]
    email: String,
    /// An origin to which browsers may be sent, such as https://shop.example, or of your own machine
    /// http://localhost:3000; may be repeated
    #[arg(long = "origin", value_name = "ORIGIN", value_delimiter = ',')]
    origins: Vec<String>,
    /// The market of sessions that name none
    #[arg(long, default_value = "DE")]
    market: String,
    /// How many requests a minute it may make, such as create=600, poll=100 or other=300
    #[arg(
        long = "limit",
        value_name = "CLASS=NUMBER",
        value_parser = limit,
        value_delimiter = ','
    )]
    limits: Vec<(String, u32)>,
    /// Give it a live key
    #[arg(long)]
    live: bool,
    #[command(flatten)]
    place: Place,
}

pub(super) async fn run(tenants: Tenants) -> Result<(), Box<dyn std::error::Error>> {
    match tenants {
        Tenants::Create(asked) => create(asked).await,
        Tenants::Set(settings) => tenant_settings::set(settings).await,
        Tenants::AddKey(asked) => tenant_settings::add_key(asked).await,
        Tenants::RemoveKey(asked) => tenant_settings::remove_key(asked).await,
        Tenants::List(place) => list(&place).await,
    }
}

async fn create(asked: Create) -> Result<(), Box<dyn std::error::Error>> {
    let must = |what: &str, expected: &str| format!("--{what} must be {expected}");
    let email = EmailAddress::parse(&asked.email).map_err(|e| must("email", e.expected))?;
    let market = Market::parse(&asked.market).map_err(|e| must("market", e.expected))?;
    let origins = asked.origins.iter().map(|origin| Origin::parse(origin));
    let origins = origins.collect::<Result<_, _>>().map_err(|e| must("origin", e.expected))?;
    let mode = if asked.live { Mode::Live } else { Mode::Test };
    let operator = Operator::open(&asked.place).await?;
    let limits = tenant_settings::limits(Limits::default(), &asked.limits);
    let new = NewTenant { name: asked.name, email, origins, market, mode, limits };
    let made = tenant::create(operator.app(), new).await?;
    anstream::println!("tenant     {}", made.tenant.id);
    anstream::println!("client id  {}", made.client_id());
    anstream::println!("API key    {}", made.key.text().expose());
    anstream::println!("\nThe API key is also the client secret. It is not kept: note it now.");
    operator.close().await;
    Ok(())
}

pub(super) fn limit(text: &str) -> Result<(String, u32), String> {
    let expected = "one of create=NUMBER, poll=NUMBER, other=NUMBER";
    let (class, number) = text.split_once('=').ok_or(expected)?;
    let number = number.parse().map_err(|_| expected)?;
    if ["create", "poll", "other"].contains(&class) {
        Ok((class.to_owned(), number))
    } else {
        Err(expected.to_owned())
    }
}

async fn list(place: &Place) -> Result<(), Box<dyn std::error::Error>> {
    let operator = Operator::open(place).await?;
    let app = operator.app();
    for id in app.table.tenant_ids().await? {
        if let Some(entered) = app.table.enter(id).await? {
            let tenant = &entered.tenant;
            anstream::println!("{id}  {}  {}", tenant.created_at.strftime("%F"), tenant.name);
        }
    }
    operator.close().await;
    Ok(())
}
