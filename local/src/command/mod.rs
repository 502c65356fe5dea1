//! The command line: what an operator and a newcomer type.

mod api;
pub mod demo;
mod doctor;
mod environment;
pub mod erasures;
mod health;
mod listen;
pub mod match_names;
mod matching_settings;
pub mod rematch;
pub mod restore;
mod serve;
mod signing_key;
mod smoke;
mod tenant;
mod tenant_settings;
mod webhook;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::{ListenAddress, PublicUrl};

/// Bank-backed identity verification, self-hosted.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100, after_help = ENVIRONMENT)]
struct Command {
    #[command(subcommand)]
    what: What,
}

/// Where the other way to set an option is told.
const ENVIRONMENT: &str = "Every option can also be set by the environment variable that the \
                           command's --help names beside it.";

#[derive(Debug, Subcommand)]
enum What {
    /// Run the whole system in this process, until it is stopped
    Serve(Serving),
    /// Tell three stories to a system of their own, and show every request and answer
    Demo {
        /// Also write what was said to a file, as JSON
        #[arg(long, value_name = "FILE")]
        json: Option<PathBuf>,
    },
    /// Tell the three stories to a system that runs elsewhere, and say where it fails
    Smoke(smoke::Smoke),
    /// Make, change and list tenants
    #[command(subcommand)]
    Tenant(tenant::Tenants),
    /// Look after the key that signs tokens and receipts
    #[command(subcommand)]
    SigningKey(signing_key::SigningKey),
    /// Show what was erased, and erase it again after a restore
    #[command(subcommand)]
    Erasures(erasures::Erasures),
    /// Bring back what a restored backup has and the table of a stack lacks, but for who was erased
    Restore(restore::Asked),
    /// Forward a tenant's events to a receiver on this machine
    Listen(listen::Listen),
    /// Send a test, or tell an event again
    Trigger(webhook::Trigger),
    /// Look at a tenant's events
    #[command(subcommand)]
    Events(listen::Events),
    /// Look after deliveries
    #[command(subcommand)]
    Deliveries(webhook::Deliveries),
    VerifyWebhook(webhook::Verify),
    /// Say whether a claimed name is the account holder's, and why
    Match(match_names::Matching),
    /// Decide stored sessions again with this matcher, and print what differs; nothing is changed
    Rematch(rematch::Asked),
    /// Say what keeps `serve` from working here, and what to do about it
    Doctor(Site),
    /// Say whether the `serve` of this machine is healthy
    Health(Listening),
}

/// Where to serve, and under which name.
#[derive(Debug, Clone, clap::Args)]
struct Serving {
    #[command(flatten)]
    site: Site,
    /// Where clients and persons reach it: every link, redirect URI and token names this URL
    ///
    /// https://HOST[:PORT], or http:// on this machine and its own network: localhost, a private
    /// address, a name without a dot, or one that ends in .localhost, .local or .internal. Without
    /// it, the address listened on. What a client says in its Host header is never believed.
    #[arg(long, env = "COUNTERSIGN_PUBLIC_URL", value_name = "URL")]
    public_url: Option<PublicUrl>,
}

/// Where to serve, and what from.
#[derive(Debug, Clone, clap::Args)]
struct Site {
    #[command(flatten)]
    listening: Listening,
    /// Where data and the master key are kept
    #[arg(
        long,
        env = "COUNTERSIGN_DATA",
        default_value = ".countersign",
        value_name = "DIRECTORY"
    )]
    data: PathBuf,
}

/// Where to listen.
#[derive(Debug, Clone, clap::Args)]
struct Listening {
    /// The address to listen on: a port, or an address and a port
    ///
    /// 8787, :8787, localhost:8787, 127.0.0.1:8787 and [::1]:8787 let this machine in; 0.0.0.0:8787
    /// and [::]:8787 let every network in.
    #[arg(
        long,
        env = "COUNTERSIGN_LISTEN",
        default_value = "127.0.0.1:8787",
        value_name = "ADDRESS"
    )]
    listen: ListenAddress,
}

/// Every command with its options, and the environment variable of each.
#[must_use]
pub fn tree() -> clap::Command {
    environment::with_variables(Command::command())
}

/// Does what the command line says. Errors go to standard error, in one sentence.
pub async fn run() -> ExitCode {
    run_from(std::env::args_os()).await
}

/// Does what these arguments say, the first being the program's name.
pub async fn run_from(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let matches = tree().get_matches_from(arguments);
    let command = Command::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let done = match command.what {
        What::Serve(serving) => serve::run(&serving).await,
        What::Demo { json } => demo::run(json.as_deref()).await,
        What::Smoke(asked) => smoke::run(asked).await,
        What::Tenant(tenants) => tenant::run(tenants).await,
        What::SigningKey(what) => signing_key::run(what).await,
        What::Erasures(erasures) => erasures::run(erasures).await,
        What::Restore(asked) => restore::run(asked).await,
        What::Listen(asked) => listen::run(asked).await,
        What::Trigger(asked) => webhook::trigger(asked).await,
        What::Events(asked) => listen::events(asked).await,
        What::Deliveries(asked) => webhook::deliveries(asked).await,
        What::VerifyWebhook(asked) => webhook::verify_webhook(&asked),
        What::Match(asked) => match_names::run(&asked),
        What::Rematch(asked) => rematch::run(asked).await,
        What::Doctor(site) => doctor::run(&site),
        What::Health(asked) => health::run(&asked).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            anstream::eprintln!("countersign: {error}");
            ExitCode::FAILURE
        }
    }
}
