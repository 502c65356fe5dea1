//! The `countersign` command.

#[tokio::main]
async fn main() -> std::process::ExitCode {
    countersign::command::run().await
}
