//! A subject's data handed out and erased: `GET /v1/subjects/{sub}/export`, `DELETE /v1/subjects/{sub}`.

use cloud::{Entered, ErasureState};
use model::ids::SubjectId;
use runtime::{App, Function, Problem, Reading as _, Request, Response, json, store_problem};
use wire::subjects;

/// The function.
pub const FUNCTION: Function = Function::Http(|app, request| Box::pin(handle(app, request)));

/// Answers both routes.
///
/// # Errors
/// A [`Problem`]; unknown and foreign ids answer alike.
pub async fn handle(app: &App, request: Request) -> Result<Response, Problem> {
    let entered = app.authorize(&request).await?;
    let subject = request.path_id("sub")?;
    if request.method() == "DELETE" {
        erase(app, &entered, subject).await
    } else {
        export(app, &entered, subject, &request).await
    }
}

/// 200 with a receipt once nothing is left; 202 while there is, which is then erased without another
/// call. The same call again is safe, and answers with the same moment.
async fn erase(app: &App, entered: &Entered, subject: SubjectId) -> Result<Response, Problem> {
    let begun = app.table.begin_erasure(entered, subject).await.map_err(store_problem)?;
    let begun = begun.ok_or_else(Problem::not_found)?;
    let line = app.table.erase(entered, begun).await.map_err(store_problem)?;
    match line.state {
        ErasureState::Pending => Ok(json(202, &subjects::erased(subject, None))),
        ErasureState::Done { erased_at } => {
            let receipt = app.erasure_receipt(entered, subject, erased_at).await?;
            Ok(json(200, &subjects::erased(subject, Some((erased_at, receipt)))))
        }
    }
}

async fn export(
    app: &App,
    entered: &Entered,
    subject: SubjectId,
    request: &Request,
) -> Result<Response, Problem> {
    let stretch = subjects::stretch(&wire::json::from_pairs(request.query())?)?;
    let records = app.table.subject_records(entered, subject, stretch).await;
    let records = records.map_err(store_problem)?.ok_or_else(Problem::not_found)?;
    let (now, policy) = (app.now(), &entered.tenant.policy.matching);
    let sessions = records.sessions.iter().map(|record| {
        let status = record.session.status(now);
        let statement = record.statement.as_ref();
        subjects::session(&record.session, status, policy, statement, &record.events)
    });
    let export = subjects::SubjectExport {
        subject: subject.to_string(),
        exported_at: subjects::time(now),
        sessions: sessions.collect(),
        persons: records.persons.iter().map(|known| subjects::person(known, policy)).collect(),
        next: records.next.map(|session| session.to_string()),
    };
    Ok(json(200, &export))
}
