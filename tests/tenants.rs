//! What an operator changes of a tenant is in effect once no process remembers it otherwise.

use cloud::{ApiKey, TENANT_CACHE_MAX};
use jiff::SignedDuration;
use model::tenant::{
    CloseMatch, Credential, Disclosure, MatchingPolicy, MustAgree, Policy, Tenant, Thresholds,
};
use reqwest::Method;
use runtime::{Lifetime, TokenUse};
use serde_json::json;

use crate::support::{Reply, World};

const LIST: &str = "/api/service/data/session/list";

async fn ask(world: &World, header: (&str, &str)) -> u16 {
    let body = json!({ "externalUserEmail": "a@example.com" }).to_string().into_bytes();
    world.send(Method::POST, LIST, &[header], body).await.status
}

async fn token(world: &World, key: &str) -> String {
    let login = json!({ "email": "developer@example.com", "api_key": key });
    let login = world.post("/subscribers/login", &login).await;
    assert_eq!(login.status, 200, "{}", login.text);
    format!("Bearer {}", login.text("token"))
}

#[tokio::test]
async fn a_removed_key_ends_with_its_tokens_and_no_others() {
    let world = World::new().await;
    let (id, first) = (world.made.tenant.id, world.made.client_id().to_owned());
    let mut second = None;
    let add = |keys: &cloud::TenantKeys, tenant: Tenant| {
        let key = ApiKey::new(tenant.mode, tenant.id, world.app.random());
        let secret_hmac = key.hmac(keys);
        second = Some(key.text().expose().clone());
        let client_id = "second".to_owned();
        let credential = Credential { client_id, secret_hmac, created_at: world.app.now() };
        let credentials = tenant.credentials.iter().cloned().chain([credential]).collect();
        Tenant { credentials, ..tenant }
    };
    world.app.table.change_tenant(id, add).await.expect("changed").expect("there");
    world.advance(TENANT_CACHE_MAX);
    let second = second.expect("a key");
    let (old, new) = (token(&world, &world.key()).await, token(&world, &second).await);
    assert_eq!(ask(&world, ("x-api-key", &second)).await, 200);
    let remove = |_: &_, tenant: Tenant| {
        let kept = |credential: &&Credential| credential.client_id != first;
        let credentials = tenant.credentials.iter().filter(kept).cloned().collect();
        Tenant { credentials, ..tenant }
    };
    world.app.table.change_tenant(id, remove).await.expect("changed").expect("there");
    world.advance(TENANT_CACHE_MAX);
    assert_eq!(ask(&world, ("x-api-key", &world.key())).await, 401);
    assert_eq!(ask(&world, ("authorization", &old)).await, 401);
    assert_eq!(ask(&world, ("x-api-key", &second)).await, 200);
    assert_eq!(ask(&world, ("authorization", &new)).await, 200);
}

/// How many keys are published, and the id of the first, which signs.
async fn published(world: &World) -> (usize, String) {
    let keys = world.get("/.well-known/jwks.json").await.body["keys"].clone();
    let keys = keys.as_array().expect("a list").clone();
    (keys.len(), keys[0]["kid"].as_str().expect("an id").to_owned())
}

const SIGNING_KEYS_KNOWN_FOR: SignedDuration = SignedDuration::from_mins(5);

#[tokio::test]
async fn another_signing_key_ends_no_token_of_the_former() {
    let world = World::new().await;
    let before = token(&world, &world.key()).await;
    let (_, first) = published(&world).await;
    assert_eq!(ask(&world, ("authorization", &before)).await, 200);
    world.app.rotate_signing_key(true).await.expect("rotated");
    world.advance(SIGNING_KEYS_KNOWN_FOR);
    let after = token(&world, &world.key()).await;
    let (count, second) = published(&world).await;
    assert_eq!(count, 2);
    assert_ne!(first, second);
    let kid = |token: &str| {
        let header = jsonwebtoken::decode_header(&token["Bearer ".len()..]).expect("a header");
        header.kid.expect("an id")
    };
    assert_eq!((kid(&before), kid(&after)), (first, second));
    assert_eq!(ask(&world, ("authorization", &before)).await, 200);
    assert_eq!(ask(&world, ("authorization", &after)).await, 200);
}

#[tokio::test]
async fn a_token_of_a_key_that_is_new_is_taken_soon() {
    let world = World::new().await;
    let before = token(&world, &world.key()).await;
    assert_eq!(ask(&world, ("authorization", &before)).await, 200);
    world.app.rotate_signing_key(true).await.expect("rotated");
    let entered = world.app.table.enter(world.made.tenant.id).await;
    let entered = entered.expect("answers").expect("the tenant");
    let (client_id, access, day) = (world.made.client_id(), TokenUse::Access, Lifetime::Day);
    let made = world.app.issue(&entered, client_id, access, day).await.expect("made");
    world.advance(SignedDuration::from_secs(5));
    assert_eq!(ask(&world, ("authorization", &format!("Bearer {}", made.text))).await, 200);
}

#[tokio::test]
async fn what_a_leaked_key_signed_is_good_no_more() {
    let world = World::new().await;
    let before = token(&world, &world.key()).await;
    world.app.rotate_signing_key(true).await.expect("rotated");
    world.app.rotate_signing_key(false).await.expect("rotated");
    world.advance(SIGNING_KEYS_KNOWN_FOR);
    assert_eq!(published(&world).await.0, 1);
    assert_eq!(ask(&world, ("authorization", &before)).await, 401);
    let after = token(&world, &world.key()).await;
    assert_eq!(ask(&world, ("authorization", &after)).await, 200);
}

#[tokio::test]
async fn a_raised_epoch_revokes_every_token() {
    let world = World::new().await;
    let token = token(&world, &world.key()).await;
    let raise = |_: &_, tenant: Tenant| Tenant { epoch: tenant.epoch + 1, ..tenant };
    let id = world.made.tenant.id;
    world.app.table.change_tenant(id, raise).await.expect("changed").expect("there");
    world.advance(TENANT_CACHE_MAX);
    assert_eq!(ask(&world, ("authorization", &token)).await, 401);
    assert_eq!(ask(&world, ("x-api-key", &world.key())).await, 200);
}

/// The tenant makes of comparisons what `matching` says, from now on.
async fn judge_by(world: &World, matching: MatchingPolicy) {
    let change = |_: &_, tenant: Tenant| Tenant {
        policy: Policy { matching, ..tenant.policy.clone() },
        ..tenant
    };
    let tenant = world.made.tenant.id;
    world.app.table.change_tenant(tenant, change).await.expect("changed").expect("there");
    world.advance(TENANT_CACHE_MAX);
}

/// Where a new person is asked about.
async fn auth_of(world: &World, email: &str) -> String {
    let person = json!({ "email": email, "first_name": "Jon", "last_name": "Doe" });
    let id = world.post("/persons", &person).await.body["person_id"].to_string();
    format!("/persons/{id}/auth")
}

#[tokio::test]
async fn policy_decides_what_a_close_match_is_worth() {
    let world = World::new().await;
    let auth = auth_of(&world, "j@example.com").await;
    let claim = json!({ "first_name": "J", "last_name": "Doe" });
    let link = world.post(&auth, &claim).await.text("url");
    world.returned(&link, "john-doe").await;
    world.work().await;
    assert_eq!(world.post(&auth, &claim).await.body["code"], 1, "close is not enough");
    let matching =
        MatchingPolicy { close_match: CloseMatch::Verifies, ..MatchingPolicy::default() };
    judge_by(&world, matching).await;
    assert_eq!(world.post(&auth, &claim).await.body["code"], 0, "close verifies");
}

#[tokio::test]
async fn policy_decides_what_must_agree() {
    let world = World::new().await;
    let auth = auth_of(&world, "j@example.com").await;
    let claim = json!({ "first_name": "John", "last_name": "Doe", "address": "9 Elm Road, Leeds" });
    let link = world.post(&auth, &claim).await.text("url");
    world.returned(&link, "john-doe").await;
    world.work().await;
    let answer = world.post(&auth, &claim).await;
    assert_eq!(answer.body["decision"]["fields"]["address"]["result"], "mismatch");
    assert_eq!(
        (&answer.body["code"], &answer.body["decision"]["verdict"]),
        (&json!(0), &json!("verified"))
    );
    let must_agree = MustAgree::Address;
    judge_by(&world, MatchingPolicy { must_agree, ..MatchingPolicy::default() }).await;
    let answer = world.post(&auth, &claim).await;
    assert_eq!(
        (&answer.body["code"], &answer.body["decision"]["verdict"]),
        (&json!(1), &json!("wrong"))
    );
    let silent = json!({ "first_name": "John", "last_name": "Doe" });
    assert_eq!(
        world.post(&auth, &silent).await.body["code"],
        0,
        "nothing claimed contradicts nothing"
    );
}

#[tokio::test]
async fn policy_decides_from_which_score_on_names_match() {
    let world = World::new().await;
    let auth = auth_of(&world, "j@example.com").await;
    let claim = json!({ "first_name": "John", "last_name": "Doe" });
    let link = world.post(&auth, &claim).await.text("url");
    world.returned(&link, "john-doe").await;
    world.work().await;
    let thresholds = Thresholds::new(70, 60).expect("in range");
    judge_by(&world, MatchingPolicy { thresholds, ..MatchingPolicy::default() }).await;
    let initial = json!({ "first_name": "J", "last_name": "Doe" });
    let answer = world.post(&auth, &initial).await;
    assert_eq!(answer.body["code"], 0);
    assert_eq!(answer.body["decision"]["vop_code"], "MTCH");
    let said = answer.body["decision"]["explanation"].as_str().expect("a sentence");
    assert!(said.starts_with("The names agree"), "{said}");
}

/// The holder's name is told only where the policy wants it, and the person read that before.
#[tokio::test]
async fn a_name_is_disclosed_by_policy_and_consent() {
    let world = World::new().await;
    let (before, after) =
        (auth_of(&world, "a@example.com").await, auth_of(&world, "b@example.com").await);
    let close = json!({ "first_name": "J", "last_name": "Doe" });
    let link = world.post(&before, &close).await.text("url");
    let page = world.open(&link).await;
    assert!(page.page().contains("they are not handed over"), "{}", page.page());
    world.returned(&link, "john-doe").await;
    world.work().await;
    let disclosure = Disclosure::OnClose;
    judge_by(&world, MatchingPolicy { disclosure, ..MatchingPolicy::default() }).await;
    let told = |answer: &Reply| answer.body["decision"].get("holder_name").cloned();
    assert_eq!(told(&world.post(&before, &close).await), None, "who was not told is not named");
    let link = world.post(&after, &close).await.text("url");
    let page = world.open(&link).await;
    assert!(page.page().contains("also your name as your bank writes it"), "{}", page.page());
    world.returned(&link, "john-doe").await;
    world.work().await;
    assert_eq!(told(&world.post(&after, &close).await), Some(json!("John Doe")));
    let exact = json!({ "first_name": "John", "last_name": "Doe" });
    assert_eq!(told(&world.post(&after, &exact).await), None, "a match tells nothing new");
    judge_by(&world, MatchingPolicy::default()).await;
    assert_eq!(told(&world.post(&after, &close).await), None, "the policy of today counts, too");
}
