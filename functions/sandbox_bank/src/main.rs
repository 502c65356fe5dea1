//! Wiring only: see the library.

use std::sync::Arc;

use sandbox_bank::{HANDLER, Sandbox};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let clients = cloud::Clients::from_vars(|name| std::env::var(name).ok())?;
    let shelf = cloud::Shelf::new(clients.dynamodb, std::env::var("SANDBOX_TABLE_NAME")?);
    let mut base = std::env::var("SANDBOX_BANK_URL")?;
    if !base.ends_with('/') {
        base.push('/');
    }
    let (clock, entropy) = (Arc::new(cloud::System), Arc::new(cloud::System));
    runtime::run_http(HANDLER, Sandbox::new(shelf, clock, entropy, base.parse()?)).await
}
