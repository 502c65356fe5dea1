//! Ivy's `webhook-subscription/*` and `webhook/trigger`.

use model::delivery::Destination;
use model::endpoint::{Endpoint, EndpointKind};
use model::event::Entry;
use model::ids::{DeliveryId, EventId};
use runtime::{Problem, Reading as _, Response, json, store_problem};
use webhooks::Symmetric;
use wire::ivy;
use wire::json::Members;

use crate::{Call, deliveries, endpoints, repeat};

/// `webhook-subscription/{create, update, list, delete, ping}`.
pub(crate) async fn handle(call: Call<'_>, verb: &str) -> Result<Response, Problem> {
    match verb {
        "create" => create(call).await,
        "update" => update(call).await,
        "list" => list(call).await,
        "delete" => delete(call).await,
        "ping" => ping(call).await,
        _ => Err(Problem::not_found()),
    }
}

async fn create(call: Call<'_>) -> Result<Response, Problem> {
    let body = call.request.json()?;
    let asked = ivy::asked(&body, endpoints::origins(call))?;
    if asked.events.is_none() {
        return Err(body.refuse("events", "given, for example [\"data_session_completed\"]"));
    }
    let (endpoint, replayed) = endpoints::make(call, EndpointKind::Ivy, asked).await?;
    let secret = Symmetric::of(&endpoint.secrets.current).text().into_exposed();
    let shape = ivy::subscription(&endpoint, &merchant(call), Some(secret));
    Ok(repeat::marked(json(200, &shape), replayed))
}

async fn update(call: Call<'_>) -> Result<Response, Problem> {
    let body = call.request.json()?;
    let subscription = subscription(call, &body).await?;
    let asked = ivy::asked(&body, endpoints::origins(call))?;
    let changed = endpoints::change(call, subscription, asked).await?;
    Ok(json(200, &ivy::subscription(&changed, &merchant(call), None)))
}

async fn list(call: Call<'_>) -> Result<Response, Problem> {
    let paging = ivy::paging(&call.request.json()?)?;
    let mut all = call.app.table.endpoints(call.entered).await.map_err(store_problem)?;
    all.retain(|endpoint| endpoint.kind == EndpointKind::Ivy);
    Ok(json(200, &ivy::subscriptions(&all, &merchant(call), paging)))
}

async fn delete(call: Call<'_>) -> Result<Response, Problem> {
    let subscription = subscription(call, &call.request.json()?).await?;
    let deleted = call.app.table.delete_endpoint(call.entered, subscription.id).await;
    deleted.map_err(store_problem)?;
    Ok(json(200, &ivy::success()))
}

/// The receiver is called here and now: the vendor's clients want to see what it says.
async fn ping(call: Call<'_>) -> Result<Response, Problem> {
    let subscription = subscription(call, &call.request.json()?).await?;
    let event = call.app.table.test_event(call.entered, subscription.id);
    let probed = Box::pin(call.app.probe(&subscription, &event)).await;
    Ok(json(200, &ivy::pinged(&event, probed.status, probed.answer, probed.success)))
}

/// `webhook/trigger`: an event is told again to whom it was told, or one delivery is made again.
pub(crate) async fn trigger(call: Call<'_>) -> Result<Response, Problem> {
    let body = call.request.json()?;
    let id = body.required_text("id")?;
    let told = told(call, id).await?;
    let on = call.app.table.endpoints(call.entered).await.map_err(store_problem)?;
    let still = |to: &Destination| match to {
        Destination::Endpoint(id) => on.iter().any(|known| known.id == *id && known.is_on()),
        Destination::ResultCallback => true,
    };
    let there: Vec<_> = told.into_iter().filter(|(_, to)| still(to)).collect();
    if there.is_empty() {
        return Err(Problem::not_found());
    }
    for (entry, to) in there {
        deliveries::again(call, &entry, to).await?;
    }
    Ok(json(200, &ivy::success()))
}

/// What was told to whom: once per receiver, however often it was told.
async fn told(call: Call<'_>, id: &str) -> Result<Vec<(Entry, Destination)>, Problem> {
    let table = &call.app.table;
    if let Ok(id) = id.parse::<DeliveryId>() {
        let found = table.delivery(call.entered, id).await.map_err(store_problem)?;
        return Ok(found.into_iter().map(|delivery| (delivery.entry, delivery.to)).collect());
    }
    let event: EventId = id.parse().map_err(|_| Problem::not_found())?;
    let found = table.deliveries_of_event(call.entered, event).await.map_err(store_problem)?;
    let mut told: Vec<(Entry, Destination)> = Vec::new();
    for delivery in found {
        if told.iter().all(|(_, to)| *to != delivery.to) {
            told.push((delivery.entry, delivery.to));
        }
    }
    Ok(told)
}

async fn subscription(call: Call<'_>, body: &Members) -> Result<Endpoint, Problem> {
    let id = body.required_text("id")?.parse().map_err(|_| Problem::not_found())?;
    let endpoint = call.endpoint(id).await?;
    if endpoint.kind == EndpointKind::Ivy { Ok(endpoint) } else { Err(Problem::not_found()) }
}

fn merchant(call: Call<'_>) -> String {
    call.entered.scope.tenant().to_string()
}
