//! The `countersign` command.

use std::process::ExitCode;

use tokio::runtime::Runtime;

fn main() -> ExitCode {
    let runtime = match Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            anstream::eprintln!("countersign: no threads can be started: {error}");
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(countersign::command::run());
    // A look-up of a host name, say, may run on for a minute; nobody waits for its answer.
    runtime.shutdown_background();
    code
}
