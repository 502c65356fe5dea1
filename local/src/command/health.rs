//! `countersign health`: asks the `serve` of this machine whether it is healthy, for containers
//! whose image has no other program.

use std::time::Duration;

use reqwest::Client;

use super::Listening;
use crate::OwnPage;

/// Longer than the system itself waits for its database.
const PATIENCE: Duration = Duration::from_secs(3);

pub(super) async fn run(asked: &Listening) -> Result<(), Box<dyn std::error::Error>> {
    let url = format!("http://{}{}", asked.listen.from_here(), OwnPage::Health.path());
    let client = Client::builder().no_proxy().timeout(PATIENCE).build()?;
    let silent = |_| format!("{url} does not answer; is `countersign serve` running?");
    let answer = client.get(&url).send().await.map_err(silent)?;
    let status = answer.status();
    let text = answer.text().await.map_err(silent)?;
    if !status.is_success() {
        return Err(format!("{url} answers {status}: {text}").into());
    }
    anstream::println!("healthy");
    Ok(())
}
