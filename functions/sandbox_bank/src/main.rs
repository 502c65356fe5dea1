//! Wiring only: see the library.

use std::sync::Arc;

use sandbox_bank::{HANDLER, Sandbox};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let client = cloud::Clients::from_vars(|name| std::env::var(name).ok())?.dynamodb;
    runtime::run_http(HANDLER, move |var| {
        let given = |name: &str| var(name).ok_or_else(|| format!("{name} is missing"));
        let shelf = cloud::Shelf::new(client.clone(), given("SANDBOX_TABLE_NAME")?);
        let public_url = given("PUBLIC_URL")?;
        let base = runtime::sandbox_bank(&public_url, &given("SANDBOX_BANK_URL")?);
        let base = base.map_err(|error| error.to_string())?;
        let (clock, entropy) = (Arc::new(cloud::System), Arc::new(cloud::System));
        Ok(Sandbox::new(shelf, clock, entropy, base))
    })
    .await
}
