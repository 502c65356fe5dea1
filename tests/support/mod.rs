//! A world for a test: the whole system in this process, with a clock and randomness of its own,
//! moved step by step. Same seed, same world.

pub mod listening;
pub mod receiver;
mod webhooks;

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use countersign::command::demo::access;
use countersign::demo::{Access, Browser, Choice};
use countersign::tenant::{self, Made, NewTenant};
use countersign::{Background, Functions, Options, System, handlers};
use jiff::{SignedDuration, Timestamp};
use model::callback_url::Origin;
use model::contact::EmailAddress;
use model::locale::Market;
use model::tenant::{Limits, Mode};
use reqwest::Method;
use runtime::{Ambient, App};
use serde_json::{Value, json};

pub use webhooks::{DELIVERIES, FANOUT, delivery_id};

pub const QUEUE: &str = "CallbackQueue";
const BEGINNING: &str = "2026-03-02T09:00:00Z";

/// A clock that stands still until it is moved, or ticks with every look at it.
#[derive(Debug)]
pub struct TestClock {
    now_ms: AtomicI64,
    tick_ms: AtomicI64,
}

impl TestClock {
    pub fn advance(&self, by: SignedDuration) {
        let by_ms = i64::try_from(by.as_millis()).expect("in range");
        self.now_ms.fetch_add(by_ms, Ordering::SeqCst);
    }

    /// From now on, no two looks see the same moment.
    pub fn tick(&self) {
        self.tick_ms.store(1, Ordering::SeqCst);
    }
}

impl cloud::Clock for TestClock {
    fn now(&self) -> Timestamp {
        let tick_ms = self.tick_ms.load(Ordering::SeqCst);
        let now_ms = self.now_ms.fetch_add(tick_ms, Ordering::SeqCst);
        Timestamp::from_millisecond(now_ms).expect("in range")
    }
}

/// Bytes that look random and are the same in every run (SplitMix64).
#[derive(Debug)]
pub struct TestEntropy(AtomicU64);

impl cloud::Entropy for TestEntropy {
    fn fill(&self, into: &mut [u8]) {
        for chunk in into.chunks_mut(8) {
            let mut z = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::SeqCst);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^= z >> 31;
            chunk.copy_from_slice(&z.to_be_bytes()[..chunk.len()]);
        }
    }
}

pub struct World {
    pub system: System,
    pub app: App,
    pub clock: Arc<TestClock>,
    pub ambient: Ambient,
    pub made: Made,
    pub client: reqwest::Client,
    /// Every body that was answered, for whoever looks for what must not be there.
    pub answers: Mutex<Vec<String>>,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
    pub body: Value,
}

impl Reply {
    pub fn text(&self, member: &str) -> String {
        self.body[member].as_str().unwrap_or_else(|| panic!("{member} in {}", self.text)).to_owned()
    }
}

fn asked(name: &str, email: &str, origin: &str) -> NewTenant {
    NewTenant {
        name: name.to_owned(),
        email: EmailAddress::parse(email).expect("an e-mail"),
        origins: vec![Origin::parse(origin).expect("an origin")],
        market: Market::parse("DE").expect("a market"),
        mode: Mode::Test,
        limits: Limits::default(),
    }
}

impl World {
    pub async fn new() -> Self {
        Self::with(Background::Step).await
    }

    pub async fn with(background: Background) -> Self {
        Self::under(Options { background, ..Options::default() }).await
    }

    /// A world of other functions, and of another operator.
    pub async fn over(
        background: Background,
        functions: impl FnOnce(&Ambient) -> Functions,
        operator: impl FnOnce(&System, &Ambient) -> App,
    ) -> Self {
        let options = Options { background, ..Options::default() };
        Self::started(options, functions, operator).await
    }

    /// A world that is started as the options say.
    pub async fn under(options: Options) -> Self {
        let operator = |system: &System, ambient: &Ambient| {
            handlers::operator(system.template(), system.clients(), ambient).expect("an app")
        };
        Self::started(options, handlers::functions, operator).await
    }

    async fn started(
        options: Options,
        functions: impl FnOnce(&Ambient) -> Functions,
        operator: impl FnOnce(&System, &Ambient) -> App,
    ) -> Self {
        let beginning: Timestamp = BEGINNING.parse().expect("a time");
        let clock = Arc::new(TestClock {
            now_ms: AtomicI64::new(beginning.as_millisecond()),
            tick_ms: AtomicI64::new(0),
        });
        let entropy = Arc::new(TestEntropy(AtomicU64::new(1)));
        let ambient = Ambient { clock: clock.clone(), entropy };
        let functions = functions(&ambient);
        let system = System::start(options, functions).await.expect("the system starts");
        let app = operator(&system, &ambient);
        let asked = asked("Example Shop", "developer@example.com", "https://example.com");
        let made = tenant::create(&app, asked).await.expect("a tenant");
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        let client = client.no_proxy().build().expect("a client");
        Self { system, app, clock, ambient, made, client, answers: Mutex::default() }
    }

    /// The banks, as the worker sees them.
    pub fn directory(&self) -> banks::Directory {
        let sandbox = self.system.base_url().join("sandbox-bank/").expect("a path");
        let outbound = banks::Outbound::new(banks::Reach::PublicAndLoopback);
        let places = banks::Places { sandbox: Some(sandbox) };
        banks::Directory::load(&places, &outbound).expect("the directory is whole")
    }

    pub fn access(&self) -> Access {
        access(&self.system, &self.made)
    }

    pub fn key(&self) -> String {
        self.made.key.text().expose().clone()
    }

    pub async fn tenant(&self, name: &str) -> Made {
        self.tenant_at(name, "https://example.com").await
    }

    pub async fn tenant_at(&self, name: &str, origin: &str) -> Made {
        let asked = asked(name, "other@example.org", origin);
        tenant::create(&self.app, asked).await.expect("a tenant")
    }

    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Reply {
        let url = self.system.base_url().join(path.trim_start_matches('/')).expect("a path");
        let mut request = self.client.request(method, url).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.expect("an answer");
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let text = answer.text().await.expect("a whole answer");
        self.answers.lock().expect("no test panics here").push(text.clone());
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Reply { status, headers, text, body }
    }

    /// POST of JSON with the tenant's API key.
    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        let headers = [("x-ivy-api-key", &*self.key()), ("content-type", "application/json")];
        self.send(Method::POST, path, &headers, body.to_string().into_bytes()).await
    }

    /// GET with the tenant's API key.
    pub async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, &[("x-api-key", &*self.key())], Vec::new()).await
    }

    /// An Ivy session for an e-mail: id and link.
    pub async fn session(&self, reference: &str, email: &str) -> (String, String) {
        let body = json!({
            "referenceId": reference,
            "permissions": ["identity"],
            "externalUser": { "email": email },
            "successCallbackUrl": "https://example.com/success",
            "errorCallbackUrl": "https://example.com/error",
        });
        let reply = self.post("/api/service/data/session/create", &body).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        (reply.text("id"), reply.text("redirectUrl"))
    }

    pub async fn open(&self, link: &str) -> Browser {
        Browser::open_link(link).await.expect("the link opens")
    }

    /// A browser that logged in at the sandbox bank and was sent back.
    pub async fn returned(&self, link: &str, user: &str) -> Browser {
        let mut browser = self.open(link).await;
        let choice = Choice::LogIn { bank: "sandbox-bank", user, without: &[] };
        browser.act(choice).await.expect("the person logs in");
        browser
    }

    /// Every item of the product's own tables, as text, in order.
    pub async fn everything(&self) -> Vec<String> {
        let mut items = Vec::new();
        for table in [&self.app.config.table_name, &self.app.config.keys_table_name] {
            let scan = self.system.clients().dynamodb.scan().table_name(table);
            let found = scan.send().await.expect("scanned");
            assert!(found.last_evaluated_key().is_none(), "one page holds a test's items");
            items.extend(found.items().iter().map(|item| {
                let sorted: std::collections::BTreeMap<_, _> = item.iter().collect();
                format!("{table} {sorted:?}")
            }));
        }
        items.sort();
        items
    }

    /// Ivy's status of a session.
    pub async fn status(&self, id: &str) -> String {
        self.post("/api/service/data/session/details", &json!({ "id": id })).await.text("status")
    }

    /// Delivers what is visible, until nothing is or something failed.
    pub async fn work(&self) {
        loop {
            let delivered = self.system.deliver(QUEUE).await.expect("the queue is there");
            if delivered.records == 0 || !delivered.failures.is_empty() {
                return;
            }
        }
    }

    pub async fn sweep(&self) -> Value {
        let swept = self.system.tick("SweeperFunction").await.expect("the clock calls it");
        swept.expect("the sweeper sweeps")
    }

    pub fn advance(&self, by: SignedDuration) {
        self.clock.advance(by);
    }
}
