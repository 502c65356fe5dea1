//! Lists of a user's sessions, page by page.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde_json::json;

use super::{EMAIL, complete, session};
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

/// A thousand sessions that nobody wants stand before the two that are, and one of those is skipped.
#[tokio::test]
async fn who_skips_past_many_goes_on_where_looking_stopped() {
    let world = World::new().await;
    let oldest = complete(&world, "oldest", &["identity"]).await;
    world.advance(SignedDuration::from_secs(1));
    complete(&world, "older", &["identity"]).await;
    for n in 0..1_001 {
        if n % 500 == 0 {
            world.advance(SignedDuration::from_mins(1));
        }
        session(&world, &format!("open-{n}"), &["identity"]).await;
    }
    let path = "/api/service/data/session/list";
    let first = json!({ "externalUserEmail": EMAIL, "skip": 1, "limit": 5 });
    let first = world.post(path, &first).await;
    assert_eq!(first.body["dataSessions"], json!([]), "{}", first.text);
    let next = json!({ "externalUserEmail": EMAIL, "skip": 1, "cursor": first.text("cursor") });
    let next = world.post(path, &next).await;
    let ids: Vec<_> = next.body["dataSessions"].as_array().expect("sessions").iter().collect();
    assert_eq!(ids.len(), 1, "{}", next.text);
    assert_eq!(ids[0]["id"], oldest);
    assert_eq!(next.body["cursor"].as_str(), None);
}
