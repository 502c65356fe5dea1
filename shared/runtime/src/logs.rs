//! One wide event per invocation, as JSON on standard output.

use tracing_subscriber::EnvFilter;

/// Starts logging. `RUST_LOG` filters; without it `info`.
pub fn start() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let format = tracing_subscriber::fmt().json().flatten_event(true).without_time();
    let started = format.with_env_filter(filter).with_current_span(false).try_init();
    drop(started);
}
