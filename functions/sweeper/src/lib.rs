//! Every minute: what is overdue moves on. Links past their time expire; reading that stands still
//! is queued again, or fails when its time is over; an erasure that nobody finished is finished.

use cloud::{Due, ReadBank, StoreError, TenantScope};
use model::ids::{SessionId, SubjectId};
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
        let swept = match *item {
            Due::Session(scope, session) => sweep(app, scope, session).await,
            Due::Erasure(scope, subject) => finish(app, scope, subject).await,
        };
        match swept {
            Ok(()) => moved += 1,
            Err(error) => {
                failed += 1;
                tracing::warn!(due = ?item, error = %error, "not swept");
            }
        }
    }
    tracing::info!(sweep.overdue = overdue.len(), sweep.failed = failed, "swept");
    Ok(json!({ "overdue": overdue.len(), "moved": moved, "failed": failed }))
}

/// Whoever began it died, or there was too much for one call.
async fn finish(app: &App, scope: TenantScope, subject: SubjectId) -> Result<(), StoreError> {
    let Some(entered) = app.table.enter(scope.tenant()).await? else {
        return Ok(());
    };
    if let Some(begun) = app.table.erasure(&scope, subject).await? {
        app.table.erase(&entered, begun).await?;
    }
    Ok(())
}

async fn sweep(app: &App, scope: TenantScope, id: SessionId) -> Result<(), StoreError> {
    let Some(entered) = app.table.enter(scope.tenant()).await? else {
        return Ok(());
    };
    let Some(session) = app.table.session(&entered, id).await? else {
        return Ok(());
    };
    if let Ok(change) = apply(&session, Command::Expire, app.now()) {
        return app.table.commit(&entered, &change).await;
    }
    if session.state.status() == Status::Processing
        && let Some(queue) = &app.callbacks
    {
        let message = ReadBank { tenant: scope.tenant(), session: id };
        if let Err(error) = queue.send(message).await {
            tracing::warn!(error = %error, "callback not queued");
        }
    }
    Ok(())
}
