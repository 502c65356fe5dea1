//! `countersign demo`: a system of its own, three stories, and goodbye.

use std::io::IsTerminal as _;
use std::path::Path;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use model::callback_url::Origin;
use model::contact::EmailAddress;
use model::locale::Market;
use model::tenant::{Limits, Mode};
use runtime::Ambient;

use crate::demo::{self, Access, Show, Worker};
use crate::tenant::{self, Made, NewTenant};
use crate::{Options, System, handlers};

/// How often the waiting is shown to go on.
const TICK: Duration = Duration::from_millis(100);

pub(super) async fn run(json: Option<&Path>) -> Result<(), Box<dyn std::error::Error>> {
    let began = Instant::now();
    let progress = progress();
    progress.set_message("starting a system");
    let ambient = Ambient::default();
    let system = System::start(Options::default(), handlers::functions(&ambient)).await?;
    let made = example_tenant(&system, &ambient).await?;
    progress.finish_and_clear();
    let access = access(&system, &made);
    let told = demo::run(&access, Worker::of(&system), Show::Steps).await;
    system.stop().await;
    let steps = told?;
    if let Some(path) = json {
        std::fs::write(path, serde_json::to_string_pretty(&steps)?)
            .map_err(|error| format!("{}: {error}", path.display()))?;
    }
    let seconds = began.elapsed().as_secs_f32();
    anstream::println!("\nThree stories, {} steps, all as told, in {seconds:.1} s.", steps.len());
    Ok(())
}

/// The tenant of the stories.
///
/// # Errors
/// The table does not take it.
pub async fn example_tenant(
    system: &System,
    ambient: &Ambient,
) -> Result<Made, Box<dyn std::error::Error>> {
    let app = handlers::operator(system.template(), system.clients(), ambient)?;
    let asked = NewTenant {
        name: "Example Shop".to_owned(),
        email: EmailAddress::parse("developer@example.com")?,
        origins: vec![Origin::parse("https://example.com")?],
        market: Market::parse("DE")?,
        mode: Mode::Test,
        limits: Limits::default(),
    };
    Ok(tenant::create(&app, asked).await?)
}

/// How a tenant reaches a system.
#[must_use]
pub fn access(system: &System, made: &Made) -> Access {
    Access {
        base: system.base_url().clone(),
        api_key: made.key.text().expose().clone(),
        client_id: made.client_id().to_owned(),
        email: made.tenant.email.expose().as_str().to_owned(),
        tag: None,
    }
}

pub(super) fn progress() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{spinner} {msg}");
    let bar = ProgressBar::new_spinner();
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
    bar.enable_steady_tick(TICK);
    bar
}
