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

use super::{assert_gone, entered, erase, items, somebody, subject_of};
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
    let mut killed = 0;
    for writes in 0.. {
        let world = World::new().await;
        let before = items(&world).await;
        let known = somebody(&world).await;
        let app = mortal(&world, writes);
        let scope = entered(&world).await;
        let erased = async {
            let begun = app.table.begin_erasure(&scope, known.subject).await?;
            app.table.erase(&scope, begun.expect("somebody is known")).await
        };
        let erased = erased.await;
        if erased.is_ok() {
            break;
        }
        killed += 1;
        let ledger = world.app.table.erasure(&scope.scope, known.subject).await.expect("answers");
        assert_eq!(ledger.map(|line| line.state), (writes > 0).then_some(ErasureState::Pending));
        if writes == 0 {
            continue;
        }
        assert_eq!(world.sweep().await["failed"], 0, "whoever began is left alone for a while");
        let ledger = world.app.table.erasure(&scope.scope, known.subject).await.expect("answers");
        assert_eq!(ledger.map(|line| line.state), Some(ErasureState::Pending));
        world.advance(SignedDuration::from_secs(61));
        assert_eq!(world.sweep().await["failed"], 0);
        assert_gone(&before, &items(&world).await, &known);
        assert_eq!(erase(&world, known.subject).await.body["status"], "erased");
    }
    assert!(killed > 10, "killed {killed} times");
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
