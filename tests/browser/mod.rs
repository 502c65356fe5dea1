//! A world for a real browser: serves until its input ends, and moves its clock when told to.
//! Started by `person.test.mjs` beside this file.

use countersign::Background;
use jiff::SignedDuration;
use tokio::io::{AsyncBufReadExt as _, BufReader};

use crate::support::World;

/// Not a test of its own: prints the address and the API key, and reads `advance <seconds>`.
#[tokio::test]
#[ignore = "started by the browser tests"]
async fn serve_for_the_browser() {
    let world = World::with(Background::Run).await;
    let shop = std::env::var("SHOP_ORIGIN").expect("SHOP_ORIGIN is where the tenant's pages are");
    let made = world.tenant_at("Example Shop", &shop).await;
    println!("\nserving {} {}", world.system.base_url(), made.key.text().expose());
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let seconds = line.strip_prefix("advance ").and_then(|seconds| seconds.parse().ok());
        world.advance(SignedDuration::from_secs(seconds.expect("advance <seconds>")));
        println!("advanced");
    }
}
