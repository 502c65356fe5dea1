//! The pages that the local gateway answers itself.

use std::collections::BTreeMap;

use countersign::{Event, Locals, OwnPage, Router, TEMPLATE, Template, segments};
use reqwest::Method;
use serde_json::json;

use crate::support::World;

/// No path of ours hides an operation: without us, the fallback would answer it.
#[test]
fn own_pages_hide_no_route_of_the_template() {
    let given = [("PublicUrl", "http://127.0.0.1"), ("SandboxBank", "true"), ("Stage", "staging")];
    let given = given.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let locals = Locals { parameters: BTreeMap::from(given), ..Locals::default() };
    let template = Template::parse(TEMPLATE, &locals).expect("the template is right");
    let routes = template.functions.iter().flat_map(|function| {
        function.events.iter().filter_map(|event| match event {
            Event::Route(route) => Some((route.clone(), function.binary.clone())),
            _ => None,
        })
    });
    let router = Router::new(routes.collect());
    for page in OwnPage::ALL {
        let path = segments(page.path()).expect("a path");
        for method in ["GET", "HEAD"] {
            let taken = router.find(method, &path).map(|taken| taken.target.as_str());
            assert!(
                matches!(taken, None | Some("fallback")),
                "{method} {}: {taken:?}",
                page.path()
            );
        }
    }
}

/// The `Accept` header of a browser.
const BROWSER: &[(&str, &str)] = &[("accept", "text/html,application/xhtml+xml,*/*;q=0.8")];

#[tokio::test]
async fn own_pages_are_answered_and_load_nothing_from_elsewhere() {
    let world = World::new().await;
    for page in OwnPage::ALL {
        let reply = world.send(Method::GET, page.path(), BROWSER, Vec::new()).await;
        assert_eq!(reply.status, 200, "{}", page.path());
        let policy = reply.headers["content-security-policy"].to_str().expect("text");
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
        assert!(!policy.contains("http"), "{policy}");
        let head = world.send(Method::HEAD, page.path(), BROWSER, Vec::new()).await;
        assert_eq!((head.status, &*head.text), (200, ""), "{}", page.path());
        // What is not read is the template's: its fallback knows the path as little as we do.
        let posted = world.send(Method::POST, page.path(), BROWSER, Vec::new()).await;
        assert_eq!(posted.status, 404, "{}", page.path());
    }
    let docs = world.send(Method::GET, "/docs/", &[], Vec::new()).await;
    assert_eq!(docs.status, 200, "a slash at the end changes nothing");
    // Clients probe `/`, and are answered as on AWS.
    let probed = world.send(Method::GET, "/", &[("accept", "application/json")], Vec::new()).await;
    assert_eq!((probed.status, &probed.body["code"]), (404, &json!("NOT_FOUND")));
}

/// The first journey: the start page says how to begin, and the session's success page exists.
#[tokio::test]
async fn the_first_journey_ends_on_a_page_that_exists() {
    let world = World::new().await;
    let base = world.system.base_url().as_str().trim_end_matches('/').to_owned();
    let start = world.send(Method::GET, "/", BROWSER, Vec::new()).await;
    assert!(start.text.contains(&format!("--origin {base}")), "{}", start.text);
    let done = format!("{base}/welcome/done");
    assert!(start.text.contains(&done), "{}", start.text);
    let here = world.tenant_at("Example Shop", &base).await;
    let body = json!({
        "referenceId": "123456789", "permissions": ["identity"], "market": "DE",
        "externalUser": { "email": "john.doe@example.com" }, "successCallbackUrl": done,
    });
    let key = here.key.text().expose().clone();
    let headers = [("x-ivy-api-key", &*key), ("content-type", "application/json")];
    let create = "/api/service/data/session/create";
    let session = world.send(Method::POST, create, &headers, body.to_string().into()).await;
    assert_eq!(session.status, 200, "{}", session.text);
    let link = session.text("redirectUrl");
    let mut browser = world.returned(&link, "john-doe").await;
    world.work().await;
    let back = browser.wait().await.expect("the person is sent back");
    assert_eq!(back.as_str(), done);
    let page = world.client.get(back).send().await.expect("an answer");
    assert_eq!(page.status(), 200);
    assert!(page.text().await.expect("a body").contains("Back at the business"));
}

#[tokio::test]
async fn healthy_is_who_reaches_the_database() {
    let world = World::new().await;
    let reply = world.send(Method::GET, "/healthz", &[], Vec::new()).await;
    assert_eq!((reply.status, reply.body), (200, json!({ "status": "ok" })));
    assert_eq!(reply.headers["cache-control"], "no-store");
    let table = &world.system.template().tables[0].name;
    let gone = world.system.clients().dynamodb.delete_table().table_name(table).send().await;
    gone.expect("deleted");
    let reply = world.send(Method::GET, "/healthz", &[], Vec::new()).await;
    assert_eq!((reply.status, &reply.body["status"]), (503, &json!("unavailable")));
    assert!(!reply.text.contains(table), "what is wrong is told to the log only");
}
