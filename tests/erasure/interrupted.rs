//! An erasure that is killed, at every step.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use aws_sdk_dynamodb::config::interceptors::BeforeTransmitInterceptorContextRef;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use cloud::ErasureState;
use countersign::Clients;
use jiff::SignedDuration;
use serde_json::json;

use super::{Items, assert_gone, entered, erase, items, somebody, subject_of};
use crate::data::EMAIL;
use crate::support::World;

/// A process that dies: after so many writes nothing leaves it any more.
#[derive(Debug, Clone)]
struct Mortal(Arc<AtomicI64>);

impl Intercept for Mortal {
    fn name(&self) -> &'static str {
        "mortal"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let target = context.request().headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default();
        let reads = matches!(operation, "GetItem" | "Query" | "BatchGetItem" | "Scan");
        let left = if reads {
            self.0.load(Ordering::SeqCst)
        } else {
            self.0.fetch_sub(1, Ordering::SeqCst) - 1
        };
        if left < 0 { Err("the process is dead".into()) } else { Ok(()) }
    }
}

fn mortal(world: &World, writes: i64) -> runtime::App {
    let config = world.system.clients().dynamodb.config().to_builder();
    let config = config.interceptor(Mortal(Arc::new(AtomicI64::new(writes)))).build();
    let clients = Clients {
        dynamodb: aws_sdk_dynamodb::Client::from_conf(config),
        sqs: world.system.clients().sqs.clone(),
    };
    let app = countersign::handlers::operator(world.system.template(), &clients, &world.ambient);
    app.expect("an app")
}

#[tokio::test]
async fn an_erasure_killed_at_any_step_is_finished_by_the_sweeper() {
    let world = World::new().await;
    let before = items(&world).await;
    let known = somebody(&world).await;
    let backup = items(&world).await;
    let scope = entered(&world).await;
    let state = async || {
        let line = world.app.table.erasure(&scope.scope, known.subject).await.expect("answers");
        line.map(|line| line.state)
    };
    let mut killed = 0;
    for writes in 0.. {
        put_back(&world, &backup).await;
        let app = mortal(&world, writes);
        let erased = async {
            let begun = app.table.begin_erasure(&scope, known.subject).await?;
            app.table.erase(&scope, begun.expect("somebody is known")).await
        };
        if erased.await.is_ok() {
            break;
        }
        killed += 1;
        assert_eq!(state().await, (writes > 0).then_some(ErasureState::Pending));
        if writes == 0 {
            continue;
        }
        world.sweep().await;
        let left_alone = state().await == Some(ErasureState::Pending);
        assert!(left_alone, "whoever began is left alone for a while");
        world.advance(SignedDuration::from_secs(61));
        assert_eq!(world.sweep().await["failed"], 0);
        assert_gone(&before, &items(&world).await, &known);
        assert_eq!(erase(&world, known.subject).await.body["status"], "erased");
    }
    assert!(killed > 10, "killed {killed} times");
}

/// The tables as they were, keys included: as if the attempt before had not been.
async fn put_back(world: &World, backup: &Items) {
    let client = &world.system.clients().dynamodb;
    for (key, item) in items(world).await {
        if !backup.contains_key(&key) {
            let table = key.split(' ').next().expect("a table");
            let delete = client.delete_item().table_name(table).key("pk", item["pk"].clone());
            let delete = item.get("sk").into_iter().fold(delete, |d, sk| d.key("sk", sk.clone()));
            delete.send().await.expect("deleted");
        }
    }
    for (key, item) in backup {
        let table = key.split(' ').next().expect("a table");
        let put = client.put_item().table_name(table).set_item(Some(item.clone()));
        put.send().await.expect("put back");
    }
}

#[tokio::test]
async fn while_a_subject_is_being_erased_nothing_is_added() {
    let world = World::new().await;
    let known = somebody(&world).await;
    let scope = entered(&world).await;
    let begun = world.app.table.begin_erasure(&scope, known.subject).await.expect("answers");
    let body = json!({ "referenceId": "late", "externalUser": { "email": EMAIL } });
    let refused = world.post("/api/service/data/session/create", &body).await;
    assert_eq!(refused.status, 503, "{}", refused.text);
    world.app.table.erase(&scope, begun.expect("begun")).await.expect("erased");
    let created = world.post("/api/service/data/session/create", &body).await;
    assert_eq!(created.status, 200, "{}", created.text);
    assert_eq!(subject_of(&world, &created.text("id")).await, known.subject);
}

/// The person is at the bank while their data are erased; the worker's completion must not bring
/// anything back.
#[tokio::test]
async fn a_session_under_way_ends_with_its_subject() {
    let world = World::new().await;
    let before = items(&world).await;
    let mut known = somebody(&world).await;
    let (late, link) = world.session("late", EMAIL).await;
    world.returned(&link, "john-doe").await;
    known.ids.push(late);
    assert_eq!(erase(&world, known.subject).await.status, 200);
    world.work().await;
    world.advance(SignedDuration::from_mins(2));
    world.sweep().await;
    world.work().await;
    assert_gone(&before, &items(&world).await, &known);
}
