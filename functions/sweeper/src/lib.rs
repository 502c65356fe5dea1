//! Every minute: what is overdue moves on. Links past their time expire; reading that stands still
//! is queued again, or fails when its time is over.

use cloud::{Overdue, ReadBank, StoreError};
use model::session::Status;
use model::transition::{Command, apply};
use runtime::{App, Function, Problem, store_problem};
use serde_json::{Value, json};

/// The function.
pub const FUNCTION: Function = Function::Schedule(|app| Box::pin(handle(app)));

/// How many sessions of each shard one run looks at; what is left waits a minute.
const BATCH: i32 = 100;

/// Looks at everything overdue, and reports how much there was.
///
/// # Errors
/// A [`Problem`] when the index cannot be read; a single session's trouble is logged and left.
pub async fn handle(app: &App) -> Result<Value, Problem> {
    let overdue = app.table.overdue(BATCH).await.map_err(store_problem)?;
    let (mut moved, mut failed) = (0, 0);
    for item in &overdue {
        match sweep(app, item).await {
            Ok(()) => moved += 1,
            Err(error) => {
                failed += 1;
                tracing::warn!(session.id = %item.session, error = %error, "not swept");
            }
        }
    }
    tracing::info!(sweep.overdue = overdue.len(), sweep.failed = failed, "swept");
    Ok(json!({ "overdue": overdue.len(), "moved": moved, "failed": failed }))
}

async fn sweep(app: &App, item: &Overdue) -> Result<(), StoreError> {
    let Some(entered) = app.table.enter(item.scope.tenant()).await? else {
        return Ok(());
    };
    let Some(session) = app.table.session(&entered, item.session).await? else {
        return Ok(());
    };
    if let Ok(change) = apply(&session, Command::Expire, app.now()) {
        return app.table.commit(&entered, &change).await;
    }
    if session.state.status() == Status::Processing
        && let Some(queue) = &app.callbacks
    {
        let message = ReadBank { tenant: item.scope.tenant(), session: item.session };
        if let Err(error) = queue.send(message).await {
            tracing::warn!(error = %error, "callback not queued");
        }
    }
    Ok(())
}
