//! Every minute: what is overdue moves on. Links past their time expire; reading that stands still
//! is queued again, or fails when its time is over; an erasure that nobody finished is finished.
//! Events that no stream brought are published, deliveries whose message was lost, or whose time has
//! come, are queued, and who holds evidence that expires in a week is told.

use cloud::{Due, Overdue, ReadBank, StoreError, TenantScope};
use model::ids::{SessionId, SubjectId};
use model::session::Status;
use model::transition::{Command, apply};
use runtime::{App, Function, Problem, store_problem};
use serde_json::{Value, json};

/// The function.
pub const FUNCTION: Function = Function::Schedule(|app| Box::pin(handle(app)));

/// How many sessions of each shard one run looks at; what is left waits a minute.
const BATCH: i32 = 100;
/// How many events, deliveries and expiries of each shard one run looks at.
const BATCH_DUE: i32 = 250;

/// Looks at everything overdue, and reports how much there was.
///
/// # Errors
/// A [`Problem`] when the index cannot be read; a single session's trouble is logged and left.
pub async fn handle(app: &App) -> Result<Value, Problem> {
    // What is only to be sent goes first: the rest takes a read and a write each.
    let mut failed = 0;
    let due = app.table.due(BATCH_DUE, BATCH).await.map_err(store_problem)?;
    let Due { events, deliveries, expiries, overdue, oldest } = due;
    cloud::metrics::overdue(oldest, app.now());
    let (due_events, due_deliveries) = (events.len(), deliveries.len());
    failed += app.publish(events).await.len();
    if let Some(queue) = &app.deliveries
        && let Err(error) = queue.send(&deliveries).await
    {
        failed += due_deliveries;
        tracing::warn!(error = %error, "deliveries not queued");
    }
    let mut moved = 0;
    for item in &overdue {
        let swept = match *item {
            Overdue::Session(scope, session) => sweep(app, scope, session).await,
            Overdue::Erasure(scope, subject) => finish(app, scope, subject).await,
        };
        match swept {
            Ok(()) => moved += 1,
            Err(error) => {
                failed += 1;
                tracing::warn!(due = ?item, error = %error, "not swept");
            }
        }
    }
    for (scope, session) in &expiries {
        if let Err(error) = remind(app, *scope, *session).await {
            failed += 1;
            tracing::warn!(session.id = %session, error = %error, "expiry not told");
        }
    }
    tracing::info!(
        sweep.overdue = overdue.len(),
        sweep.events = due_events,
        sweep.deliveries = due_deliveries,
        sweep.expiries = expiries.len(),
        sweep.failed = failed,
        "swept"
    );
    Ok(json!({
        "overdue": overdue.len(), "moved": moved, "events": due_events,
        "deliveries": due_deliveries, "expiries": expiries.len(), "failed": failed,
    }))
}

async fn remind(app: &App, scope: TenantScope, id: SessionId) -> Result<(), StoreError> {
    let Some(entered) = app.table.enter(scope.tenant()).await? else {
        return Ok(());
    };
    let session = app.table.session(&entered, id).await?;
    app.table.tell_of_expiry(&entered, session.as_ref(), id).await
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
