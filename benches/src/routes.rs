//! Warm medians of the routes on the local system, each as a ratio to a request that reaches no
//! function, measured in the same run: `cargo run --release -p benches --bin routes`.

use std::time::{Duration, Instant};

use countersign::command::demo::{access, example_tenant};
use countersign::demo::{Browser, Choice};
use countersign::{Options, System, handlers};
use reqwest::Method;
use runtime::Ambient;
use serde_json::{Value, json};

const ROUNDS: usize = 300;

struct Bench {
    client: reqwest::Client,
    base: String,
    key: String,
}

impl Bench {
    async fn call(&self, method: Method, path: &str, body: &Value) -> (Duration, Value) {
        let began = Instant::now();
        let request = self.client.request(method, format!("{}{path}", self.base));
        let request = request.header("x-api-key", &self.key).body(body.to_string());
        let answer = request.send().await.expect("answered").text().await.expect("whole");
        (began.elapsed(), serde_json::from_str(&answer).unwrap_or_default())
    }

    async fn median(&self, method: &Method, path: &str, body: impl Fn(usize) -> Value) -> Duration {
        let mut times = Vec::with_capacity(ROUNDS);
        for round in 0..ROUNDS {
            times.push(self.call(method.clone(), path, &body(round)).await.0);
        }
        times.sort_unstable();
        times[ROUNDS / 2]
    }
}

#[tokio::main]
async fn main() {
    let ambient = Ambient::default();
    let data = std::env::temp_dir().join(format!("countersign-bench-{}", std::process::id()));
    let options = Options { data_dir: Some(data.clone()), ..Options::default() };
    let system = System::start(options, handlers::functions(&ambient)).await.expect("starts");
    let made = example_tenant(&system, &ambient).await.expect("a tenant");
    let access = access(&system, &made);
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let bench = Bench { client, base: access.base.to_string(), key: access.api_key };
    let create = "api/service/data/session/create";
    let user = json!({ "email": "john.doe@example.com" });
    let asked = json!({ "referenceId": "first", "externalUser": user });
    let (_, session) = bench.call(Method::POST, create, &asked).await;
    let link = session["redirectUrl"].as_str().expect("a link");
    let mut browser = Browser::open_link(link).await.expect("opens");
    let choice = Choice::LogIn { bank: "sandbox-bank", user: "john-doe", without: &[] };
    browser.act(choice).await.expect("logs in");
    browser.wait().await.expect("ends");
    let person =
        json!({ "email": "john.doe@example.com", "first_name": "John", "last_name": "Doe" });
    let (_, made) = bench.call(Method::POST, "persons", &person).await;
    let auth = format!("persons/{}/auth", made["person_id"]);
    let scoped = json!({ "scope": "names", "vendor_data": "user" });
    let (_, made) = bench.call(Method::POST, "auth/v2/session/", &scoped).await;
    let id = made["session_id"].as_str().expect("an id").to_owned();
    let (decision, status) =
        (format!("auth/v2/session/{id}/decision/"), format!("auth/v2/session/{id}/status/"));
    let details = json!({ "id": session["id"] });
    let listing = json!({ "externalUserEmail": "john.doe@example.com", "limit": 1 });
    let fixed = |body: &Value| {
        let body = body.clone();
        move |_| body.clone()
    };
    let (get, post) = (Method::GET, Method::POST);
    let reference = bench.median(&get, "nothing", fixed(&Value::Null)).await;
    let mut rows = vec![("no function", reference)];
    rows.push(("auth", bench.median(&post, &auth, fixed(&person)).await));
    rows.push(("decision", bench.median(&get, &decision, fixed(&Value::Null)).await));
    rows.push(("status", bench.median(&get, &status, fixed(&Value::Null)).await));
    rows.push((
        "details",
        bench.median(&post, "api/service/data/session/details", fixed(&details)).await,
    ));
    rows.push((
        "list",
        bench.median(&post, "api/service/data/session/list", fixed(&listing)).await,
    ));
    rows.push(("banks", bench.median(&post, "api/service/banks/list", fixed(&json!({}))).await));
    rows.push(("persons", bench.median(&post, "persons", fixed(&person)).await));
    let fresh =
        |round: usize| json!({ "referenceId": format!("bench-{round}"), "externalUser": user });
    rows.push(("create", bench.median(&post, create, fresh).await));
    system.stop().await;
    std::fs::remove_dir_all(&data).expect("removed");
    print(&rows, reference);
}

#[expect(clippy::print_stdout, reason = "a benchmark prints its table")]
fn print(rows: &[(&str, Duration)], reference: Duration) {
    println!("{:<14}{:>12}{:>10}", "route", "median ms", "ratio");
    for (route, median) in rows {
        let ms = median.as_secs_f64() * 1e3;
        println!("{route:<14}{ms:>12.3}{:>10.1}", median.as_secs_f64() / reference.as_secs_f64());
    }
}
