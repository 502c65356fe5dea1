//! Rate limits: exactly as many requests as the limit says, however many come at once.

use futures_util::StreamExt as _;
use serde_json::json;

use crate::support::World;

/// The limit of polls a minute for one thing.
const POLLS: usize = 100;

#[tokio::test]
async fn a_burst_gets_exactly_the_limit() {
    for at_once in [1, 64] {
        let world = World::new().await;
        let (id, _) = world.session("r1", "john.doe@example.com").await;
        let body = json!({ "id": id });
        let polls = (0..POLLS + 30).map(|_| world.post("/api/service/data/session/details", &body));
        let replies: Vec<_> = futures_util::stream::iter(polls).buffered(at_once).collect().await;
        let (answered, refused): (Vec<_>, Vec<_>) =
            replies.into_iter().partition(|reply| reply.status == 200);
        assert_eq!((answered.len(), refused.len()), (POLLS, 30), "{at_once} at once");
        for reply in refused {
            assert_eq!(reply.status, 429, "{}", reply.text);
            assert!(reply.headers.contains_key("retry-after"));
        }
    }
}
