//! Lists of a user's sessions, page by page.

use std::collections::BTreeSet;

use super::{EMAIL, session};
use crate::support::World;

/// The ids of all pages, following the cursors.
async fn listed(world: &World, query: &str) -> Vec<String> {
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let reply = world.get(&format!("/v1/sessions?email={EMAIL}{query}{cursor}")).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        let sessions = reply.body["sessions"].as_array().expect("sessions");
        found.extend(sessions.iter().map(|one| one["id"].as_str().expect("an id").to_owned()));
        match reply.body["cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}

#[tokio::test]
async fn sessions_of_one_millisecond_are_listed_once() {
    let world = World::new().await;
    let mut made = BTreeSet::new();
    for n in 0..7 {
        made.insert(session(&world, &format!("r{n}"), &["identity"]).await.0);
    }
    for limit in [1, 2, 3, 7, 100] {
        let found = listed(&world, &format!("&limit={limit}")).await;
        assert_eq!(found.len(), made.len(), "limit {limit}");
        assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), made, "limit {limit}");
    }
}
