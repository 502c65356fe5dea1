//! `countersign erasures`: what was erased, and erasing it again after a restore.

use std::path::PathBuf;

use cloud::{Erasure, ErasureState};
use runtime::{Ambient, App};

use crate::{Operator, handlers};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Erasures {
    /// List the ledger: every erasure that was begun, and when it was done
    List(Place),
    /// Erase again what a restored backup brought back, and finish what was begun
    Replay(Place),
}

#[derive(Debug, clap::Args)]
pub(super) struct Place {
    /// Where data and the master key are kept
    #[arg(long, default_value = ".countersign", value_name = "DIRECTORY")]
    data: PathBuf,
}

pub(super) async fn run(erasures: Erasures) -> Result<(), Box<dyn std::error::Error>> {
    let (Erasures::List(place) | Erasures::Replay(place)) = &erasures;
    let operator = Operator::open(&place.data).await?;
    let app = handlers::operator(operator.template(), operator.clients(), &Ambient::default())?;
    let lines = match erasures {
        Erasures::List(_) => app.table.erasures().await?,
        Erasures::Replay(_) => replay(&app).await?,
    };
    for line in lines {
        let state = match line.state {
            ErasureState::Pending => "pending".to_owned(),
            ErasureState::Done { erased_at } => format!("{erased_at:.0}"),
        };
        anstream::println!("{}  {}  {state}", line.scope.tenant(), line.subject);
    }
    drop(app);
    operator.close().await;
    Ok(())
}

/// Goes through the whole ledger; what is already gone costs one look.
///
/// # Errors
/// The table does not answer; the same command may be given again.
pub async fn replay(app: &App) -> Result<Vec<Erasure>, Box<dyn std::error::Error>> {
    let mut replayed = Vec::new();
    for line in app.table.erasures().await? {
        if let Some(entered) = app.table.enter(line.scope.tenant()).await? {
            replayed.push(app.table.replay_erasure(&entered, line).await?);
        }
    }
    Ok(replayed)
}
