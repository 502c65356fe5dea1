//! `countersign restore`: what a restored backup has, brought into the stack's own table.

use std::collections::BTreeMap;
use std::path::PathBuf;

use cloud::{Both, Counted};
use runtime::App;

use super::erasures;
use crate::operator::{Operator, Place};

#[derive(Debug, clap::Args)]
pub(super) struct Asked {
    /// The stack on AWS whose table of records lacks something
    #[arg(long, env = "COUNTERSIGN_STACK", value_name = "NAME")]
    stack: String,
    /// The table that was restored from a backup
    #[arg(long, value_name = "TABLE")]
    from: String,
    /// Put the restored item also where the stack's table has one of the same key
    #[arg(long)]
    overwrite: bool,
}

pub(super) async fn run(asked: Asked) -> Result<(), Box<dyn std::error::Error>> {
    let place = Place { data: PathBuf::new(), stack: Some(asked.stack) };
    let operator = Operator::open(&place).await?;
    let both = if asked.overwrite { Both::Overwrite } else { Both::Keep };
    let restored = restore(operator.app(), &asked.from, both).await?;
    for (kind, Counted { put, left }) in restored.counted {
        anstream::println!("{kind:9} {put:>9} brought back  {left:>9} were there");
    }
    anstream::println!("{:9} {:>9} erased again", "subject", restored.erased);
    anstream::println!("{:9} {:>9} revoked again", "consent", restored.revoked);
    operator.close().await;
    Ok(())
}

/// What a restore did.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Restored {
    /// Items, by the kind of record.
    pub counted: BTreeMap<&'static str, Counted>,
    /// Subjects of the ledger, who may have come back and are gone again.
    pub erased: usize,
    /// Sessions whose consent was taken back, and whose evidence may have come back.
    pub revoked: usize,
}

/// Brings the items back, then erases again everybody in the ledger, and takes away again what
/// belonged to revoked consents.
///
/// # Errors
/// A table does not answer, or is not there; the same command may be given again.
pub async fn restore(
    app: &App,
    from: &str,
    both: Both,
) -> Result<Restored, Box<dyn std::error::Error>> {
    let mut restored = Restored::default();
    let mut place = None;
    loop {
        let page = app.table.bring_back(from, both, place).await;
        let page = page.map_err(|error| {
            format!("table {from} was not brought back whole: {error}; give the same command again")
        })?;
        for (kind, Counted { put, left }) in page.counted {
            let counted = restored.counted.entry(kind).or_default();
            counted.put += put;
            counted.left += left;
        }
        place = page.next;
        if place.is_none() {
            break;
        }
    }
    restored.erased = erasures::replay(app).await?.len();
    restored.revoked = revoke_again(app).await?;
    Ok(restored)
}

async fn revoke_again(app: &App) -> Result<usize, Box<dyn std::error::Error>> {
    let (mut revoked, mut place) = (0, None);
    loop {
        let page = app.table.complete_sessions(None, place).await?;
        for session in &page.sessions {
            let ended = session.completion().and_then(|completion| completion.revoked_at);
            if ended.is_some()
                && let Some(entered) = app.table.enter(session.tenant).await?
            {
                app.table.forget_revoked(&entered, session).await?;
                revoked += 1;
            }
        }
        place = page.next;
        if place.is_none() {
            return Ok(revoked);
        }
    }
}
