//! One wide event per invocation, as JSON on standard output, and beside it what is measured.

mod metrics;

use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

pub use metrics::Metrics;

/// Starts logging. `RUST_LOG` filters by target and level; without it `info`. Measurements are written where
/// `STACK_NAME` says whose they are.
pub fn start() {
    let asked = std::env::var("RUST_LOG").ok().and_then(|filter| filter.parse::<Targets>().ok());
    let filter = asked.unwrap_or_else(|| Targets::new().with_default(tracing::Level::INFO));
    let told = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .without_time()
        .with_current_span(false)
        .with_filter(filter)
        .with_filter(Targets::new().with_target(cloud::metrics::TARGET, None).with_default(LEVEL));
    let stack = std::env::var("STACK_NAME").ok().filter(|name| !name.is_empty());
    let measured = stack.map(|stack| {
        let measured = Targets::new().with_target(cloud::metrics::TARGET, LEVEL);
        Metrics::new(stack, std::io::stdout()).with_filter(measured)
    });
    drop(tracing_subscriber::registry().with(told).with(measured).try_init());
}

/// Nothing more is filtered than `RUST_LOG` says.
const LEVEL: tracing::Level = tracing::Level::TRACE;
