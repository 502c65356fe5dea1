//! Wiring only: see the library.

use std::sync::Arc;

use sandbox_bank::{HANDLER, Sandbox};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let aws = aws_config::load_defaults(aws_config::BehaviorVersion::latest()).await;
    let client = aws_sdk_dynamodb::Client::new(&aws);
    let shelf = cloud::Shelf::new(client, std::env::var("SANDBOX_TABLE_NAME")?);
    let mut base = std::env::var("SANDBOX_BANK_URL")?;
    if !base.ends_with('/') {
        base.push('/');
    }
    let (clock, entropy) = (Arc::new(cloud::System), Arc::new(cloud::System));
    runtime::run_http(HANDLER, Sandbox::new(shelf, clock, entropy, base.parse()?)).await
}
