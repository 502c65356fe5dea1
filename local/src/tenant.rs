//! Making a tenant: its keys, its settings, and the one credential that is shown once.

use cloud::{ApiKey, StoreError};
use model::callback_url::Origin;
use model::contact::EmailAddress;
use model::ids::TenantId;
use model::locale::Market;
use model::private::Pii;
use model::tenant::{Credential, Limits, Mode, Policy, Tenant};
use runtime::App;

/// What an operator says of a new tenant.
#[derive(Debug, Clone)]
pub struct NewTenant {
    /// Its name, shown to persons.
    pub name: String,
    /// Who logs in through the Pentadata contract.
    pub email: EmailAddress,
    /// Where browsers may be sent.
    pub origins: Vec<Origin>,
    /// The market of sessions that name none.
    pub market: Market,
    /// Live or test.
    pub mode: Mode,
    /// How many requests a minute it may make.
    pub limits: Limits,
}

/// A tenant that was made, with its secret.
#[derive(Debug)]
pub struct Made {
    /// The tenant.
    pub tenant: Tenant,
    /// Its API key, which is not kept.
    pub key: ApiKey,
}

impl Made {
    /// The client id of its credential.
    #[must_use]
    pub fn client_id(&self) -> &str {
        self.tenant.credentials.first().map_or("", |credential| &credential.client_id)
    }
}

/// Makes a tenant.
///
/// # Errors
/// A [`StoreError`] when the table does not take it.
pub async fn create(app: &App, asked: NewTenant) -> Result<Made, StoreError> {
    let id = TenantId::from_bits(app.random());
    let keys = app.table.prepare_tenant(id).await?;
    let key = ApiKey::new(asked.mode, id, app.random());
    let credential = Credential {
        client_id: cloud::hex(&app.random::<16>()),
        secret_hmac: key.hmac(&keys),
        created_at: app.now(),
    };
    let tenant = Tenant {
        id,
        name: asked.name,
        mode: asked.mode,
        email: Pii::new(asked.email),
        credentials: vec![credential],
        origins: asked.origins,
        policy: Policy { limits: asked.limits, ..Policy::for_market(asked.market) },
        epoch: 0,
        created_at: app.now(),
    };
    app.table.create_tenant(&keys, &tenant).await?;
    Ok(Made { tenant, key })
}
