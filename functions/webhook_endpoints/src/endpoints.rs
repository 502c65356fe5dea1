//! `/v1/webhook-endpoints`: made, changed, tried and deleted.

use model::callback_url::Origin;
use model::endpoint::{
    ENDPOINTS_MAX, Endpoint, EndpointKind, EndpointUrl, OffReason, SigningSecrets, Switch,
};
use model::ids::EndpointId;
use model::private::Pii;
use runtime::{Problem, Reading as _, Response, empty, json, store_problem};
use webhooks::{PrivateKey, Symmetric};
use wire::v1::endpoints::{self, Asked, EndpointShape};

use crate::{Call, repeat};

/// `POST /v1/webhook-endpoints`.
pub(crate) async fn create(call: Call<'_>) -> Result<Response, Problem> {
    let asked = endpoints::asked(&call.request.json()?, origins(call))?;
    let kind = asked.kind.unwrap_or(EndpointKind::Standard);
    let (endpoint, replayed) = make(call, kind, asked).await?;
    let secret = Symmetric::of(&endpoint.secrets.current).text().into_exposed();
    Ok(repeat::marked(json(201, &shape(&endpoint, Some(secret))), replayed))
}

/// Makes an endpoint, or finds the one that the same request made before.
pub(crate) async fn make(
    call: Call<'_>,
    kind: EndpointKind,
    asked: Asked,
) -> Result<(Endpoint, bool), Problem> {
    let Call { app, entered, .. } = call;
    let repeatable = repeat::key(call)?;
    let url = asked.url.ok_or_else(|| Problem::invalid_member("url", "given"))?;
    check(call, &url)?;
    let known = app.table.endpoints(entered).await.map_err(store_problem)?.len();
    let table = &app.table;
    let before = match &repeatable {
        // The request that made the last one may be repeated as any other.
        Some(asked) if known >= ENDPOINTS_MAX => table.done_before(entered, asked).await,
        _ => Ok(None),
    };
    if let Some(id) = before.map_err(store_problem)?.map(repeat::before).transpose()?.flatten() {
        return made_before(call, &id).await;
    }
    if known >= ENDPOINTS_MAX {
        let what = "A tenant has at most 20 endpoints; delete one that is not needed.";
        return Err(Problem::forbidden(what));
    }
    let now = app.now();
    let endpoint = Endpoint {
        id: EndpointId::from_bits(app.random()),
        kind,
        url: Pii::new(url),
        description: asked.description,
        events: asked.events.unwrap_or_else(|| kind.events_by_default()),
        headers: Pii::new(asked.headers.unwrap_or_default()),
        secrets: SigningSecrets::new(app.random()),
        switch: switch(asked.enabled, call),
        created_at: now,
        updated_at: now,
        version: 1,
    };
    let made = table.create_endpoint(entered, &endpoint, repeatable.as_ref()).await;
    match repeat::before(made.map_err(store_problem)?)? {
        None => Ok((endpoint, false)),
        Some(id) => made_before(call, &id).await,
    }
}

async fn made_before(call: Call<'_>, id: &str) -> Result<(Endpoint, bool), Problem> {
    let id = id.parse().map_err(|_| Problem::internal("an endpoint's record"))?;
    Ok((call.endpoint(id).await?, true))
}

/// `GET /v1/webhook-endpoints`.
pub(crate) async fn list(call: Call<'_>) -> Result<Response, Problem> {
    let found = call.app.table.endpoints(call.entered).await.map_err(store_problem)?;
    let shapes = found.iter().map(|endpoint| shape(endpoint, None)).collect();
    Ok(json(200, &endpoints::list(shapes)))
}

/// `GET /v1/webhook-endpoints/{id}`.
pub(crate) async fn get(call: Call<'_>) -> Result<Response, Problem> {
    let endpoint = call.endpoint(call.request.path_id("id")?).await?;
    Ok(json(200, &shape(&endpoint, None)))
}

/// `PATCH /v1/webhook-endpoints/{id}`.
pub(crate) async fn update(call: Call<'_>) -> Result<Response, Problem> {
    let endpoint = call.endpoint(call.request.path_id("id")?).await?;
    let asked = endpoints::asked(&call.request.json()?, origins(call))?;
    if asked.kind.is_some_and(|kind| kind != endpoint.kind) {
        let what = "left out: an endpoint keeps its kind; make another one";
        return Err(Problem::invalid_member("kind", what));
    }
    let changed = change(call, endpoint, asked).await?;
    Ok(json(200, &shape(&changed, None)))
}

/// Changes what was said, and leaves the rest.
pub(crate) async fn change(
    call: Call<'_>,
    endpoint: Endpoint,
    asked: Asked,
) -> Result<Endpoint, Problem> {
    if let Some(url) = &asked.url {
        check(call, url)?;
    }
    let switch = match (asked.enabled, endpoint.switch) {
        // Off stays off since it was, and for the reason it was.
        (None, before) | (Some(false), before @ Switch::Off { .. }) => before,
        (enabled, _) => switch(enabled, call),
    };
    let another_chance = !endpoint.is_on() || asked.url.is_some();
    let changed = Endpoint {
        url: asked.url.map_or(endpoint.url, Pii::new),
        description: asked.description.or(endpoint.description),
        events: asked.events.unwrap_or(endpoint.events),
        headers: asked.headers.map_or(endpoint.headers, Pii::new),
        switch,
        updated_at: call.app.now(),
        version: endpoint.version + 1,
        ..endpoint
    };
    let table = &call.app.table;
    let stored = if another_chance && changed.is_on() {
        table.start_over(call.entered, &changed).await
    } else {
        table.update_endpoint(call.entered, &changed, None).await.map(drop)
    };
    stored.map_err(store_problem)?;
    Ok(changed)
}

/// `POST /v1/webhook-endpoints/{id}/enable`.
pub(crate) async fn enable(call: Call<'_>) -> Result<Response, Problem> {
    let endpoint = call.endpoint(call.request.path_id("id")?).await?;
    let asked = Asked { enabled: Some(true), ..Asked::default() };
    let changed = if endpoint.is_on() { endpoint } else { change(call, endpoint, asked).await? };
    Ok(json(200, &shape(&changed, None)))
}

/// `DELETE /v1/webhook-endpoints/{id}`.
pub(crate) async fn delete(call: Call<'_>) -> Result<Response, Problem> {
    let endpoint = call.endpoint(call.request.path_id("id")?).await?;
    let deleted = call.app.table.delete_endpoint(call.entered, endpoint.id).await;
    deleted.map_err(store_problem)?;
    Ok(empty(204))
}

/// `POST /v1/webhook-endpoints/{id}/rotate-secret`.
pub(crate) async fn rotate(call: Call<'_>) -> Result<Response, Problem> {
    let endpoint = call.endpoint(call.request.path_id("id")?).await?;
    let repeatable = repeat::key(call)?;
    let now = call.app.now();
    let rotated = Endpoint {
        secrets: endpoint.secrets.rotated(call.app.random(), now),
        updated_at: now,
        version: endpoint.version + 1,
        ..endpoint
    };
    let table = &call.app.table;
    let stored = table.update_endpoint(call.entered, &rotated, repeatable.as_ref()).await;
    let replayed = repeat::before(stored.map_err(store_problem)?)?.is_some();
    let shown = if replayed { call.endpoint(rotated.id).await? } else { rotated };
    let secret = Symmetric::of(&shown.secrets.current).text().into_exposed();
    Ok(repeat::marked(json(200, &shape(&shown, Some(secret))), replayed))
}

/// `POST /v1/webhook-endpoints/{id}/test`: the test goes the way of every event.
pub(crate) async fn test(call: Call<'_>) -> Result<Response, Problem> {
    let endpoint = call.endpoint_on(call.request.path_id("id")?).await?;
    let repeatable = repeat::key(call)?;
    let table = &call.app.table;
    let event = table.test_event(call.entered, endpoint.id);
    let told = table.tell_test(call.entered, &event, endpoint.id, repeatable.as_ref()).await;
    let before = repeat::before(told.map_err(store_problem)?)?;
    let replayed = before.is_some();
    let id = before.unwrap_or_else(|| event.id.to_string());
    Ok(repeat::marked(json(202, &endpoints::test_sent(id)), replayed))
}

/// `GET /v1/result-callback-secret`.
pub(crate) fn result_secret(call: Call<'_>) -> Response {
    let secret = call.entered.keys.result_callback_secret();
    let text = Symmetric::of(&secret).text().into_exposed();
    json(200, &endpoints::result_callback_secret(text, PrivateKey::of(&secret).public().text()))
}

pub(crate) fn origins(call: Call<'_>) -> &[Origin] {
    &call.entered.tenant.origins
}

/// A literal address that is not public is refused at once; what a name leads to is seen when
/// connecting, each time.
fn check(call: Call<'_>, url: &EndpointUrl) -> Result<(), Problem> {
    let reached = call.app.receivers.check(url.as_url());
    let expected = "an https URL that leads to the public internet";
    reached.map_err(|_| Problem::invalid_member("url", expected))
}

fn switch(enabled: Option<bool>, call: Call<'_>) -> Switch {
    match enabled {
        Some(false) => Switch::Off { since: call.app.now(), reason: OffReason::Tenant },
        _ => Switch::On,
    }
}

fn shape(endpoint: &Endpoint, secret: Option<String>) -> EndpointShape {
    let public = PrivateKey::of(&endpoint.secrets.current).public().text();
    endpoints::endpoint(endpoint, public, secret)
}
