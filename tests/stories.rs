//! The three stories of the demo, told to a system with its own clock, word for word.

use countersign::Background;
use countersign::demo::{self, Show, Worker};

use crate::support::World;

#[tokio::test]
async fn three_stories() {
    let world = World::with(Background::Run).await;
    world.clock.tick();
    let worker = Worker::of(&world.system);
    let steps = demo::run(&world.access(), worker, Show::Nothing).await.expect("told to the end");
    let mut settings = insta::Settings::clone_current();
    for (pattern, name) in [
        (r"127\.0\.0\.1:\d+", "[address]"),
        (r"2026-03-02T09:00:0\d\.\d{3}Z", "[time]"),
        (r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", "[session]"),
        (r"sub_[0-9a-f]{32}", "[subject]"),
        (r"ten_[0-9a-f]{32}", "[tenant]"),
        (r#""request_id": "[0-9a-f-]{36}""#, r#""request_id": "[request]""#),
        (r"cs_test_[\w-]+", "[api key]"),
        (r"/link/[\w-]{64}", "/link/[token]"),
        (r#""session_token": "[\w-]{64}""#, r#""session_token": "[token]""#),
        (r"eyJ[\w-]+\.[\w-]+\.[\w-]+", "[jwt]"),
        (r#""(client_id|sub|organization_id)": "[0-9a-f]{32}""#, r#""$1": "[id]""#),
        (r#""(person_id|userId|session_number)": \d+"#, r#""$1": "[number]""#),
        (r"/persons/\d+/", "/persons/[person]/"),
    ] {
        settings.add_filter(pattern, name);
    }
    settings.bind(|| {
        for story in ["Story 1", "Story 2", "Story 3"] {
            let told: Vec<_> = steps.iter().filter(|s| s.story.starts_with(story)).collect();
            insta::assert_json_snapshot!(story.to_lowercase().replace(' ', "_"), told);
        }
    });
}
