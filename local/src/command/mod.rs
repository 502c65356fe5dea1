//! The command line: what an operator and a newcomer type.

mod api;
pub mod demo;
mod doctor;
pub mod erasures;
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
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Bank-backed identity verification, self-hosted.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100)]
struct Command {
    #[command(subcommand)]
    what: What,
}

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
    Doctor(Serving),
}

/// Where to serve, and what from.
#[derive(Debug, Clone, clap::Args)]
struct Serving {
    /// The address to listen on
    #[arg(long, default_value = "127.0.0.1:8787")]
    listen: SocketAddr,
    /// Where data and the master key are kept
    #[arg(long, default_value = ".countersign", value_name = "DIRECTORY")]
    data: PathBuf,
}

/// Does what the command line says. Errors go to standard error, in one sentence.
pub async fn run() -> ExitCode {
    run_from(std::env::args_os()).await
}

/// Does what these arguments say, the first being the program's name.
pub async fn run_from(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let done = match Command::parse_from(arguments).what {
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
        What::Doctor(serving) => doctor::run(&serving),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            anstream::eprintln!("countersign: {error}");
            ExitCode::FAILURE
        }
    }
}
