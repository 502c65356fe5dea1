//! `/v1/deliveries`, and telling events again.

use cloud::{Listed, StoreError};
use model::delivery::{Delivery, Destination};
use model::event::Entry;
use model::ids::{DeliveryId, EndpointId, EventId};
use runtime::{Problem, Reading as _, Response, json, store_problem};
use wire::v1::deliveries::{self, Asked};

use crate::{Call, cursor, repeat};

/// How many events one replay looks at: each is a write, and the caller waits.
const REPLAY_MAX: usize = 100;
/// How many deliveries one answer looks at, whatever it leaves out.
const PAGES_MAX: usize = 10;

/// `GET /v1/deliveries`.
pub(crate) async fn list(call: Call<'_>) -> Result<Response, Problem> {
    let asked = deliveries::asked(&wire::json::from_pairs(call.request.query())?)?;
    let after = asked.cursor.as_deref().map(|text| cursor::read(call.entered, text)).transpose()?;
    let (found, last) = match asked.event {
        Some(event) => of_event(call, event, &asked, after).await?,
        None => newest(call, &asked, after).await.map_err(store_problem)?,
    };
    let cursor = last.map(|last| cursor::write(call.entered, last));
    Ok(json(200, &deliveries::page(&found, cursor)))
}

/// The newest deliveries of an event, and where to go on. It has as many as receivers and replays,
/// so one read finds them all.
async fn of_event(
    call: Call<'_>,
    event: EventId,
    asked: &Asked,
    after: Option<Listed>,
) -> Result<(Vec<Delivery>, Option<Listed>), Problem> {
    let found = call.app.table.deliveries_of_event(call.entered, event).await;
    let mut found = found.map_err(store_problem)?;
    found.retain(|delivery| fits(delivery, asked));
    found.retain(|delivery| after.is_none_or(|after| Listed::of(delivery) < after));
    found.sort_by_key(|delivery| std::cmp::Reverse(Listed::of(delivery)));
    let cut = found.len() > asked.limit;
    found.truncate(asked.limit);
    let last = found.last().filter(|_| cut).map(Listed::of);
    Ok((found, last))
}

/// The newest deliveries, and where to go on.
async fn newest(
    call: Call<'_>,
    asked: &Asked,
    mut after: Option<Listed>,
) -> Result<(Vec<Delivery>, Option<Listed>), StoreError> {
    let table = &call.app.table;
    let to: Vec<Option<EndpointId>> = match asked.endpoint {
        Some(id) => vec![Some(id)],
        None => {
            let all = table.endpoints(call.entered).await?;
            all.iter().map(|endpoint| Some(endpoint.id)).chain([None]).collect()
        }
    };
    let mut found = Vec::new();
    for _ in 0..PAGES_MAX {
        let mut page = Vec::new();
        for to in &to {
            page.extend(table.deliveries_to(call.entered, *to, after, asked.limit).await?);
        }
        page.sort_by_key(|delivery| std::cmp::Reverse(Listed::of(delivery)));
        page.truncate(asked.limit);
        if page.is_empty() {
            return Ok((found, None));
        }
        for delivery in page {
            after = Some(Listed::of(&delivery));
            if fits(&delivery, asked) {
                found.push(delivery);
            }
            if found.len() == asked.limit {
                return Ok((found, after));
            }
        }
    }
    Ok((found, after))
}

fn fits(delivery: &Delivery, asked: &Asked) -> bool {
    let state = asked.state.is_none_or(|state| state == delivery.phase.as_str());
    let to = |id| delivery.to == Destination::Endpoint(id);
    state && asked.endpoint.is_none_or(to)
}

/// `GET /v1/deliveries/{id}`.
pub(crate) async fn get(call: Call<'_>) -> Result<Response, Problem> {
    let delivery = delivery(call, call.request.path_id("id")?).await?;
    let attempts = call.app.table.attempts(call.entered, &delivery).await.map_err(store_problem)?;
    let shapes = attempts.into_iter().map(|recorded| {
        deliveries::attempt(&recorded.attempt, recorded.note.duration_ms, recorded.note.answer)
    });
    Ok(json(200, &deliveries::with_attempts(&delivery, shapes.collect())))
}

/// `POST /v1/deliveries/{id}/retry`: a delivery of its own, with the same `webhook-id`.
pub(crate) async fn retry(call: Call<'_>) -> Result<Response, Problem> {
    let before = delivery(call, call.request.path_id("id")?).await?;
    let (again, replayed) = again(call, &before.entry, before.to).await?;
    Ok(repeat::marked(json(202, &deliveries::delivery(&again)), replayed))
}

/// Tells an event to a receiver again.
pub(crate) async fn again(
    call: Call<'_>,
    entry: &Entry,
    to: Destination,
) -> Result<(Delivery, bool), Problem> {
    if let Destination::Endpoint(id) = to {
        call.endpoint_on(id).await?;
    }
    let id = DeliveryId::new(entry.event.id, tail(call, to)?);
    let delivery = Delivery::new(id, entry.clone(), to, call.app.now());
    let added = call.app.table.add_delivery(call.entered, &delivery).await;
    if !added.map_err(store_problem)? {
        return Ok((self::delivery(call, id).await?, true));
    }
    call.app.set_going(std::slice::from_ref(&delivery)).await;
    Ok((delivery, false))
}

/// `POST /v1/webhook-endpoints/{id}/replay`.
pub(crate) async fn replay(call: Call<'_>) -> Result<Response, Problem> {
    let endpoint = call.endpoint_on(call.request.path_id("id")?).await?;
    let asked = deliveries::replay(&wire::json::from_pairs(call.request.query())?)?;
    let to = Destination::Endpoint(endpoint.id);
    let tail = tail(call, to)?;
    let scanned = call.app.table.feed(call.entered, asked.after, REPLAY_MAX).await;
    let mut scanned = scanned.map_err(store_problem)?;
    let full = scanned.len() == REPLAY_MAX;
    let read = scanned.len();
    scanned.retain(|entry| asked.before.is_none_or(|before| entry.number < before));
    let has_more = full && scanned.len() == read;
    let cursor = scanned.last().map_or(asked.after, |entry| entry.number);
    let mut made = Vec::new();
    for entry in scanned.into_iter().filter(|entry| endpoint.is_entitled(&entry.event)) {
        let id = DeliveryId::new(entry.event.id, tail);
        let delivery = Delivery::new(id, entry, to, call.app.now());
        let added = call.app.table.add_delivery(call.entered, &delivery).await;
        if added.map_err(store_problem)? {
            made.push(delivery);
        }
    }
    call.app.set_going(&made).await;
    Ok(json(202, &deliveries::replayed(made.len(), cursor, has_more)))
}

async fn delivery(call: Call<'_>, id: DeliveryId) -> Result<Delivery, Problem> {
    let found = call.app.table.delivery(call.entered, id).await.map_err(store_problem)?;
    found.ok_or_else(Problem::not_found)
}

/// What tells this repetition from others: the same for the same idempotency key, so that a request
/// that is repeated tells nothing twice.
fn tail(call: Call<'_>, to: Destination) -> Result<[u8; 8], Problem> {
    let Some(repeatable) = repeat::key(call)? else {
        return Ok(call.app.random());
    };
    let text = format!("{to:?}\n{}\n{}", repeatable.key_hash, repeatable.fingerprint);
    let mac = call.entered.keys.mac("repeated deliveries", text.as_bytes());
    let mut tail = [0; 8];
    tail.copy_from_slice(&mac[..8]);
    Ok(tail)
}
