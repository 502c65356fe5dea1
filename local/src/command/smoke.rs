//! `countersign smoke`: the three stories, told to a system that runs elsewhere.

use std::time::Instant;

use url::Url;
use uuid::Uuid;

use crate::demo::{self, Access, Show, Worker};

/// Numbers of eight digits.
const TAGS: u128 = 100_000_000;

/// Which system, and as whom. The tenant needs the sandbox bank, and https://example.com among its
/// origins.
#[derive(Debug, clap::Args)]
pub(super) struct Smoke {
    /// Where the system is
    #[arg(long, value_name = "URL")]
    url: Url,
    /// The tenant's API key
    #[arg(long, env = "COUNTERSIGN_API_KEY", hide_env_values = true, value_name = "KEY")]
    key: String,
    /// The client id of that key
    #[arg(long, env = "COUNTERSIGN_CLIENT_ID", value_name = "ID")]
    client_id: String,
    /// Who logs in through the Pentadata contract
    #[arg(long, env = "COUNTERSIGN_EMAIL", value_name = "EMAIL")]
    email: String,
    /// Show every request and answer
    #[arg(long)]
    verbose: bool,
}

pub(super) async fn run(asked: Smoke) -> Result<(), Box<dyn std::error::Error>> {
    let began = Instant::now();
    let tag = format!("{:08}", Uuid::new_v4().as_u128() % TAGS);
    let mut base = asked.url;
    if !base.path().ends_with('/') {
        base.set_path(&format!("{}/", base.path()));
    }
    let access = Access {
        base,
        api_key: asked.key,
        client_id: asked.client_id,
        email: asked.email,
        tag: Some(tag),
    };
    let show = if asked.verbose { Show::Steps } else { Show::Nothing };
    let steps = demo::run(&access, Worker::elsewhere(), show).await?;
    let seconds = began.elapsed().as_secs_f32();
    anstream::println!("Three stories, {} steps, all as told, in {seconds:.1} s.", steps.len());
    Ok(())
}
