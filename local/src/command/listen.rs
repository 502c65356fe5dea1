//! `countersign listen`: a tenant's events, forwarded to a receiver on this machine as they happen,
//! signed as the system would sign them.
//!
//! It reads the feed rather than being told, so it works where nobody can reach this machine, and
//! `--after` goes on where an interrupted one stopped. What the receiver refuses is shown and not
//! tried again.

use std::time::Duration;

use jiff::Timestamp;
use model::private::Secret;
use reqwest::{Client, Method};
use serde_json::Value;
use url::Url;
use webhooks::{PrivateKey, Symmetric};
use wire::canonical::canonical;

use super::api::{Api, Target};

/// The pause after a page that brought nothing.
const IDLE: Duration = Duration::from_millis(500);
/// How long the receiver may take.
const PATIENCE: Duration = Duration::from_secs(15);

#[derive(Debug, clap::Args)]
pub(super) struct Listen {
    /// Where to forward events
    #[arg(long, value_name = "URL")]
    forward_to: Url,
    /// Begin after this number; without it, with what happens from now on
    #[arg(long, value_name = "NUMBER")]
    after: Option<u64>,
    /// Stop after so many events
    #[arg(long, value_name = "COUNT")]
    count: Option<usize>,
    #[command(flatten)]
    target: Target,
}

#[derive(Debug, clap::Subcommand)]
pub(super) enum Events {
    /// Show events as they happen, one line each
    Tail {
        /// Begin after this number; without it, with what happens from now on
        #[arg(long, value_name = "NUMBER")]
        after: Option<u64>,
        /// Stop after so many events
        #[arg(long, value_name = "COUNT")]
        count: Option<usize>,
        #[command(flatten)]
        target: Target,
    },
}

pub(super) async fn run(listen: Listen) -> Result<(), Box<dyn std::error::Error>> {
    let api = Api::new(listen.target)?;
    let client = Client::builder().no_proxy().timeout(PATIENCE);
    let client = client.redirect(reqwest::redirect::Policy::none()).build()?;
    let mut bytes = [0; 32];
    cloud::Entropy::fill(&cloud::System, &mut bytes);
    let secret = Secret::new(bytes);
    anstream::println!("forwarding to {}", listen.forward_to);
    anstream::println!("secret     {}", Symmetric::of(&secret).text().expose());
    anstream::println!("public key {}", PrivateKey::of(&secret).public().text());
    let mut feed = Feed::begin(&api, listen.after).await?;
    let mut left = listen.count;
    while left != Some(0) {
        for event in feed.next(&api, left).await? {
            left = left.map(|left| left.saturating_sub(1));
            let told = forward(&client, &listen.forward_to, &secret, &event).await;
            anstream::println!("{}  {told}", line(&event));
        }
    }
    Ok(())
}

pub(super) async fn events(events: Events) -> Result<(), Box<dyn std::error::Error>> {
    let Events::Tail { after, count, target } = events;
    let api = Api::new(target)?;
    let mut feed = Feed::begin(&api, after).await?;
    let mut left = count;
    while left != Some(0) {
        for event in feed.next(&api, left).await? {
            left = left.map(|left| left.saturating_sub(1));
            anstream::println!("{}", line(&event));
        }
    }
    Ok(())
}

/// A place in the feed.
struct Feed {
    after: u64,
}

impl Feed {
    /// Begins where it is told to, or at the end.
    async fn begin(api: &Api, after: Option<u64>) -> Result<Self, String> {
        let mut feed = Self { after: after.unwrap_or(0) };
        if after.is_none() {
            loop {
                let page = feed.page(api, 1_000).await?;
                if page["has_more"] != true {
                    break;
                }
            }
        }
        Ok(feed)
    }

    /// What comes next, waiting for it.
    async fn next(&mut self, api: &Api, most: Option<usize>) -> Result<Vec<Value>, String> {
        let limit = most.unwrap_or(100).clamp(1, 100);
        loop {
            let page = self.page(api, limit).await?;
            match page["events"].as_array() {
                Some(events) if !events.is_empty() => return Ok(events.clone()),
                _ => tokio::time::sleep(IDLE).await,
            }
        }
    }

    async fn page(&mut self, api: &Api, limit: usize) -> Result<Value, String> {
        let path = format!("v1/events?after={}&limit={limit}", self.after);
        let page = api.ask(Method::GET, &path, None).await?;
        self.after = page["cursor"].as_u64().unwrap_or(self.after);
        Ok(page)
    }
}

async fn forward(client: &Client, to: &Url, secret: &Secret<[u8; 32]>, event: &Value) -> String {
    let (body, now) = (canonical(event), Timestamp::now());
    let id = event["id"].as_str().unwrap_or_default();
    let symmetric = Symmetric::of(secret).sign(id, now, body.as_bytes());
    let public = PrivateKey::of(secret).sign(id, now, body.as_bytes());
    let request = client
        .post(to.clone())
        .header("content-type", "application/json")
        .header("webhook-id", id)
        .header("webhook-timestamp", now.as_second())
        .header("webhook-signature", format!("{symmetric} {public}"))
        .body(body);
    match request.send().await {
        Ok(answer) => answer.status().as_u16().to_string(),
        Err(error) if error.is_timeout() => "no answer in 15 s".to_owned(),
        Err(error) if error.is_connect() => "nobody listens there".to_owned(),
        Err(_) => "the connection broke".to_owned(),
    }
}

/// One event, for people.
fn line(event: &Value) -> String {
    let text = |member: &str| event[member].as_str().unwrap_or("-").to_owned();
    let number = event["number"].as_u64().unwrap_or_default();
    format!("{number:>6}  {}  {:<20}  {}", text("timestamp"), text("type"), text("id"))
}
