//! `countersign signing-key`: the key that signs tokens and receipts.

use crate::operator::{Operator, Place};

#[derive(Debug, clap::Subcommand)]
pub(super) enum SigningKey {
    /// Have another key sign, within five minutes everywhere; tokens and receipts of the former stay good
    Rotate(Rotate),
}

#[derive(Debug, clap::Args)]
pub(super) struct Rotate {
    /// Somebody else may have the key: what it signed is good no more, and tenants log in again
    #[arg(long)]
    leaked: bool,
    #[command(flatten)]
    place: Place,
}

pub(super) async fn run(what: SigningKey) -> Result<(), Box<dyn std::error::Error>> {
    let SigningKey::Rotate(asked) = what;
    let operator = Operator::open(&asked.place).await?;
    let rotated = operator.app().rotate_signing_key(!asked.leaked).await;
    operator.close().await;
    rotated.map_err(|problem| problem.internal_message().unwrap_or(problem.name()).to_owned())?;
    let former = if asked.leaked { "no more" } else { "until the next rotation" };
    anstream::println!("another key signs within five minutes; the former is good {former}");
    Ok(())
}
