//! Wiring only: see the library.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    runtime::run(webhook_fanout::FUNCTION).await
}
