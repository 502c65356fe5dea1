//! `countersign erasures`: what was erased, and erasing it again after a restore.

use cloud::{Erasure, ErasureState};
use runtime::App;

use crate::operator::{Operator, Place};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Erasures {
    /// List the ledger: every erasure that was begun, and when it was done
    List(Place),
    /// Erase again what a restored backup brought back, and finish what was begun
    Replay(Place),
}

pub(super) async fn run(erasures: Erasures) -> Result<(), Box<dyn std::error::Error>> {
    let (Erasures::List(place) | Erasures::Replay(place)) = &erasures;
    let operator = Operator::open(place).await?;
    let app = operator.app();
    let lines = match erasures {
        Erasures::List(_) => app.table.erasures().await?,
        Erasures::Replay(_) => replay(app).await?,
    };
    for line in lines {
        let state = match line.state {
            ErasureState::Pending => "pending".to_owned(),
            ErasureState::Done { erased_at } => format!("{erased_at:.0}"),
        };
        anstream::println!("{}  {}  {state}", line.scope.tenant(), line.subject);
    }
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
