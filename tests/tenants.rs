//! What an operator changes of a tenant is in effect once no process remembers it otherwise.

use cloud::{ApiKey, TENANT_CACHE_MAX};
use model::tenant::{CloseMatch, Credential, Policy, Tenant};
use reqwest::Method;
use serde_json::json;

use crate::support::World;

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

#[tokio::test]
async fn policy_decides_what_a_close_match_is_worth() {
    let world = World::new().await;
    let person = json!({ "email": "j@example.com", "first_name": "Jon", "last_name": "Doe" });
    let id = world.post("/persons", &person).await.body["person_id"].to_string();
    let auth = format!("/persons/{id}/auth");
    let claim = json!({ "first_name": "J", "last_name": "Doe" });
    let link = world.post(&auth, &claim).await.text("url");
    world.returned(&link, "john-doe").await;
    world.work().await;
    assert_eq!(world.post(&auth, &claim).await.body["code"], 1, "close is not enough");
    let verifies = |_: &_, tenant: Tenant| Tenant {
        policy: Policy { close_match: CloseMatch::Verifies, ..tenant.policy.clone() },
        ..tenant
    };
    let tenant = world.made.tenant.id;
    world.app.table.change_tenant(tenant, verifies).await.expect("changed").expect("there");
    world.advance(TENANT_CACHE_MAX);
    assert_eq!(world.post(&auth, &claim).await.body["code"], 0, "close verifies");
}
