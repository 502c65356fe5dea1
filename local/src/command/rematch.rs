//! `countersign rematch`: stored sessions decided again with the matcher of this program, in shadow.
//!
//! Nothing is written, and nothing personal is printed: ids, outcomes, scores and rules.

use std::io::{self, Write};

use cloud::TenantScope;
use model::decision::{Decision, FieldResult};
use model::ids::TenantId;
use model::rematch::{Again, Rematch, rematch};
use model::session::Session;
use runtime::App;
use serde::Serialize;
use serde_json::json;

use crate::operator::{Operator, Place};

/// Whatever went wrong while reading or printing.
pub type Failure = Box<dyn std::error::Error>;

#[derive(Debug, clap::Args)]
pub(super) struct Asked {
    /// Of one tenant only
    #[arg(long, value_name = "ID")]
    tenant: Option<TenantId>,
    /// One JSON object a line, the summary last
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

/// How differences are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// For people.
    Text,
    /// One object a line.
    Json,
}

/// How many sessions there were, by what came of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Decided again.
    pub decided: u64,
    /// Of these, how many differ.
    pub differ: u64,
    /// Of these, how many differ in an outcome.
    pub differ_in_outcome: u64,
    /// Complete, and nothing was claimed.
    pub nothing_decided: u64,
    /// Revoked: there is no evidence left.
    pub revoked: u64,
    /// Erased: no key opens them.
    pub erased: u64,
    /// Stored in a way that cannot be read; the log says which.
    pub unreadable: u64,
}

pub(super) async fn run(asked: Asked) -> Result<(), Failure> {
    let operator = Operator::open(&asked.place).await?;
    let form = if asked.json { Form::Json } else { Form::Text };
    let done = again(operator.app(), asked.tenant, form, io::stdout()).await;
    operator.close().await;
    match done?.unreadable {
        0 => Ok(()),
        unreadable => Err(format!("{unreadable} sessions cannot be read").into()),
    }
}

/// Decides every complete session again, or every one of a tenant, and prints what differs.
///
/// # Errors
/// There is no such tenant, the table does not answer, or `out` cannot be written.
pub async fn again(
    app: &App,
    tenant: Option<TenantId>,
    form: Form,
    mut out: impl Write,
) -> Result<Summary, Failure> {
    let scope = match tenant {
        Some(id) => Some(scope_of(app, id).await?),
        None => None,
    };
    let mut summary = Summary::default();
    let mut place = None;
    loop {
        let page = app.table.complete_sessions(scope.as_ref(), place).await?;
        summary.erased += page.erased;
        summary.unreadable += page.unreadable;
        for session in &page.sessions {
            match rematch(session) {
                Again::NothingDecided => summary.nothing_decided += 1,
                Again::Revoked => summary.revoked += 1,
                Again::Decided(found) => {
                    summary.decided += 1;
                    summary.differ += u64::from(found.differs());
                    summary.differ_in_outcome += u64::from(found.differs_in_outcome());
                    if found.differs() {
                        print(form, session, &found, &mut out)?;
                    }
                }
            }
        }
        place = page.next;
        if place.is_none() {
            break;
        }
    }
    match form {
        Form::Json => writeln!(out, "{}", json!({ "summary": summary }))?,
        Form::Text => writeln!(out, "{}", sentence(&summary))?,
    }
    out.flush()?;
    Ok(summary)
}

async fn scope_of(app: &App, id: TenantId) -> Result<TenantScope, Failure> {
    let entered = app.table.enter(id).await?;
    let unknown =
        || format!("there is no tenant {id}; `countersign tenant list` shows those there are");
    Ok(entered.ok_or_else(unknown)?.scope)
}

fn sentence(summary: &Summary) -> String {
    let Summary {
        decided,
        differ,
        differ_in_outcome,
        nothing_decided,
        revoked,
        erased,
        unreadable,
    } = summary;
    format!(
        "{decided} decided again with matcher {}: {differ} differ, {differ_in_outcome} of them in an \
         outcome; left out: {nothing_decided} without a claim, {revoked} revoked, {erased} erased, {unreadable} \
         unreadable",
        matching::VERSION
    )
}

fn print(form: Form, session: &Session, found: &Rematch, out: &mut impl Write) -> io::Result<()> {
    let Rematch { before, after } = found;
    if form == Form::Json {
        let (session, tenant) = (session.id.to_string(), session.tenant.to_string());
        let (before, after) = (members(before), members(after));
        let line =
            json!({ "session": session, "tenant": tenant, "before": before, "after": after });
        return writeln!(out, "{line}");
    }
    write!(out, "{}  name {} -> {}", session.id, said(before), said(after))?;
    for (field, before, after) in others(before, after) {
        if before != after {
            let (before, after) = (before.agreement.as_str(), after.agreement.as_str());
            write!(out, "; {field} {before} -> {after}")?;
        }
    }
    writeln!(out)
}

fn said(decision: &Decision) -> String {
    let outcome = decision.name_outcome().as_str();
    let score = decision.name.score.map_or_else(|| "–".to_owned(), |score| score.to_string());
    let rules = if decision.rules.is_empty() { "–".to_owned() } else { decision.rules.join(" ") };
    format!("{outcome} {score} {rules} (matcher {})", decision.matcher)
}

fn others(before: &Decision, after: &Decision) -> [(&'static str, FieldResult, FieldResult); 3] {
    [
        ("address", before.address, after.address),
        ("birth date", before.birth_date, after.birth_date),
        ("account", before.account, after.account),
    ]
}

fn members(decision: &Decision) -> serde_json::Value {
    json!({
        "matcher": decision.matcher,
        "outcome": decision.name_outcome().as_str(),
        "score": decision.name.score,
        "rules": decision.rules,
        "address": decision.address.agreement.as_str(),
        "birth_date": decision.birth_date.agreement.as_str(),
        "account": decision.account.agreement.as_str(),
    })
}
