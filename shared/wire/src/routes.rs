//! Every operation's method and path, and nothing else: who only refuses needs no shapes.

/// In the order of [`crate::openapi::operations`].
pub const ROUTES: [(&str, &str); 50] = [
    ("POST", "/api/service/data/session/create"),
    ("POST", "/api/service/data/session/details"),
    ("POST", "/api/service/data/session/list"),
    ("POST", "/api/service/data/consent/details"),
    ("POST", "/api/service/data/consent/revoke"),
    ("POST", "/api/service/data/accounts/list"),
    ("POST", "/api/service/data/account-balances/list"),
    ("POST", "/api/service/data/transactions/list"),
    ("POST", "/api/service/banks/list"),
    ("POST", "/api/service/banks/search"),
    ("POST", "/api/service/banks/details"),
    ("POST", "/api/service/webhook-subscription/create"),
    ("POST", "/api/service/webhook-subscription/update"),
    ("POST", "/api/service/webhook-subscription/list"),
    ("POST", "/api/service/webhook-subscription/delete"),
    ("POST", "/api/service/webhook-subscription/ping"),
    ("POST", "/api/service/webhook/trigger"),
    ("POST", "/subscribers/login"),
    ("GET", "/subscribers/refresh"),
    ("POST", "/subscribers/refresh"),
    ("POST", "/persons"),
    ("POST", "/persons/{id}/auth"),
    ("GET", "/persons"),
    ("GET", "/persons/{id}/accounts"),
    ("DELETE", "/persons/{id}"),
    ("GET", "/institutions"),
    ("POST", "/auth/v2/token/"),
    ("POST", "/auth/v2/session/"),
    ("GET", "/auth/v2/session/{id}/status/"),
    ("GET", "/auth/v2/session/{id}/decision/"),
    ("GET", "/v1/sessions"),
    ("GET", "/v1/sessions/{id}"),
    ("GET", "/v1/sessions/{id}/decision"),
    ("GET", "/v1/subjects/{sub}/export"),
    ("DELETE", "/v1/subjects/{sub}"),
    ("GET", "/.well-known/jwks.json"),
    ("GET", "/v1/events"),
    ("GET", "/v1/result-callback-secret"),
    ("POST", "/v1/webhook-endpoints"),
    ("GET", "/v1/webhook-endpoints"),
    ("GET", "/v1/webhook-endpoints/{id}"),
    ("PATCH", "/v1/webhook-endpoints/{id}"),
    ("DELETE", "/v1/webhook-endpoints/{id}"),
    ("POST", "/v1/webhook-endpoints/{id}/rotate-secret"),
    ("POST", "/v1/webhook-endpoints/{id}/enable"),
    ("POST", "/v1/webhook-endpoints/{id}/test"),
    ("POST", "/v1/webhook-endpoints/{id}/replay"),
    ("GET", "/v1/deliveries"),
    ("GET", "/v1/deliveries/{id}"),
    ("POST", "/v1/deliveries/{id}/retry"),
];

/// The methods that the contracts have for a path, slash or no slash at its end.
#[must_use]
pub fn methods_of(path: &str) -> Vec<&'static str> {
    let wanted: Vec<&str> = path.trim_matches('/').split('/').collect();
    let fits = |template: &str| {
        let template: Vec<&str> = template.trim_matches('/').split('/').collect();
        let same = |(part, given): (&&str, &&str)| part.starts_with('{') || part == given;
        template.len() == wanted.len() && template.iter().zip(&wanted).all(same)
    };
    ROUTES.iter().filter(|(_, template)| fits(template)).map(|(method, _)| *method).collect()
}
