//! Where a tenant is told of its events, and what became of that: `/v1/webhook-endpoints`,
//! `/v1/deliveries`, and Ivy's `webhook-subscription/*` and `webhook/trigger`.

mod cursor;
mod deliveries;
mod endpoints;
mod repeat;
mod subscriptions;

use cloud::Entered;
use model::endpoint::Endpoint;
use model::ids::EndpointId;
use runtime::{App, Function, Problem, Request, Response, store_problem};

/// The function.
pub const FUNCTION: Function = Function::Http(|app, request| Box::pin(handle(app, request)));

/// One request of a tenant.
#[derive(Clone, Copy)]
struct Call<'a> {
    app: &'a App,
    entered: &'a Entered,
    request: &'a Request,
}

/// Answers every request about endpoints and deliveries.
///
/// # Errors
/// A [`Problem`]; unknown and foreign ids answer alike.
pub async fn handle(app: &App, request: Request) -> Result<Response, Problem> {
    let entered = app.authorize(&request).await?;
    let call = Call { app, entered: &entered, request: &request };
    let path: Vec<&str> = request.uri().path().trim_matches('/').split('/').collect();
    match (request.method().as_str(), path.as_slice()) {
        ("POST", ["v1", "webhook-endpoints"]) => endpoints::create(call).await,
        ("GET", ["v1", "webhook-endpoints"]) => endpoints::list(call).await,
        ("GET", ["v1", "webhook-endpoints", _]) => endpoints::get(call).await,
        ("PATCH", ["v1", "webhook-endpoints", _]) => endpoints::update(call).await,
        ("DELETE", ["v1", "webhook-endpoints", _]) => endpoints::delete(call).await,
        ("POST", ["v1", "webhook-endpoints", _, "rotate-secret"]) => endpoints::rotate(call).await,
        ("POST", ["v1", "webhook-endpoints", _, "enable"]) => endpoints::enable(call).await,
        ("POST", ["v1", "webhook-endpoints", _, "test"]) => endpoints::test(call).await,
        ("POST", ["v1", "webhook-endpoints", _, "replay"]) => deliveries::replay(call).await,
        ("GET", ["v1", "deliveries"]) => deliveries::list(call).await,
        ("GET", ["v1", "deliveries", _]) => deliveries::get(call).await,
        ("POST", ["v1", "deliveries", _, "retry"]) => deliveries::retry(call).await,
        ("GET", ["v1", "result-callback-secret"]) => Ok(endpoints::result_secret(call)),
        ("POST", ["api", "service", "webhook-subscription", verb]) => {
            Box::pin(subscriptions::handle(call, verb)).await
        }
        ("POST", ["api", "service", "webhook", "trigger"]) => subscriptions::trigger(call).await,
        _ => Err(Problem::not_found()),
    }
}

impl Call<'_> {
    /// An endpoint of the tenant.
    async fn endpoint(&self, id: EndpointId) -> Result<Endpoint, Problem> {
        let found = self.app.table.endpoint(self.entered, id).await.map_err(store_problem)?;
        found.ok_or_else(Problem::not_found)
    }

    /// An endpoint that may be told of something now.
    async fn endpoint_on(&self, id: EndpointId) -> Result<Endpoint, Problem> {
        let endpoint = self.endpoint(id).await?;
        if endpoint.is_on() {
            Ok(endpoint)
        } else {
            Err(Problem::forbidden("The endpoint is switched off; enable it first."))
        }
    }
}
