//! A backup is restored: what was erased comes back with it, and is erased again.

use countersign::command::erasures;
use jiff::SignedDuration;

use super::{Items, erase, items, somebody, subject_of};
use crate::data::EMAIL;
use crate::support::World;

/// Puts the items of the main table back, as a restored backup does. The table of keys has its own
/// backups and is not part of it.
async fn restore(world: &World, backup: &Items) {
    let table = &world.app.config.table_name;
    for (key, item) in backup {
        if key.starts_with(&format!("{table} ")) {
            let put = world.system.clients().dynamodb.put_item().table_name(table);
            put.set_item(Some(item.clone())).send().await.expect("restored");
        }
    }
}

#[tokio::test]
async fn a_replayed_ledger_erases_what_a_backup_brought_back() {
    let world = World::new().await;
    let known = somebody(&world).await;
    let backup = items(&world).await;
    assert_eq!(erase(&world, known.subject).await.status, 200);
    world.advance(SignedDuration::from_secs(1));
    let (back, _) = world.session("back", EMAIL).await;
    assert_eq!(subject_of(&world, &back).await, known.subject);
    restore(&world, &backup).await;
    let restored = world.everything().await;
    assert!(known.ids.iter().all(|id| restored.iter().any(|item| item.contains(id))));
    let replayed = erasures::replay(&world.app).await.expect("replayed");
    assert_eq!(replayed.len(), 1);
    let left = world.everything().await;
    for id in &known.ids {
        assert!(!left.iter().any(|item| item.contains(id)), "{id} is left");
    }
    assert_eq!(world.status(&back).await, "open", "what came since stays and opens");
    let twice = erasures::replay(&world.app).await.expect("replayed");
    assert_eq!(twice, replayed);
    assert_eq!(world.everything().await, left, "once more changes nothing");
}

#[tokio::test]
async fn a_replay_finishes_what_was_begun() {
    let world = World::new().await;
    let known = somebody(&world).await;
    let entered = super::entered(&world).await;
    world.app.table.begin_erasure(&entered, known.subject).await.expect("begun");
    let replayed = erasures::replay(&world.app).await.expect("replayed");
    assert!(matches!(replayed[0].state, cloud::ErasureState::Done { .. }));
    let left = world.everything().await;
    assert!(!left.iter().any(|item| known.ids.iter().any(|id| item.contains(id))));
}
