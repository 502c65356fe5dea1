//! The events by function: a good one, and one for each documented refusal.

use serde_json::{Value, json};

use super::cast::Cast;

pub type Case = (&'static str, &'static str, Value);

pub const NEVER: &str = "01953a10-0000-7000-8000-000000000000";

/// An API Gateway event, payload format 2.0.
pub struct Http<'a> {
    method: &'a str,
    path: String,
    parameters: Value,
    query: &'a str,
    headers: Vec<(&'a str, &'a str)>,
    cookies: Vec<&'a str>,
    body: Option<String>,
}

impl<'a> Http<'a> {
    pub fn new(method: &'a str, path: &str) -> Self {
        let (headers, cookies) = (Vec::new(), Vec::new());
        let parameters = json!({});
        Self { method, path: path.to_owned(), parameters, query: "", headers, cookies, body: None }
    }

    pub fn key(mut self, key: &'a str) -> Self {
        self.headers.push(("x-api-key", key));
        self
    }

    pub fn header(mut self, name: &'a str, value: &'a str) -> Self {
        self.headers.push((name, value));
        self
    }

    pub fn cookie(mut self, cookie: &'a str) -> Self {
        self.cookies.push(cookie);
        self
    }

    pub fn with(mut self, parameters: Value) -> Self {
        self.parameters = parameters;
        self
    }

    pub fn query(mut self, query: &'a str) -> Self {
        self.query = query;
        self
    }

    pub fn json(mut self, body: &Value) -> Self {
        self.headers.push(("content-type", "application/json"));
        self.body = Some(body.to_string());
        self
    }

    pub fn form(mut self, body: &str) -> Self {
        self.headers.push(("content-type", "application/x-www-form-urlencoded"));
        self.body = Some(body.to_owned());
        self
    }

    pub fn event(self) -> Value {
        let mut headers = serde_json::Map::new();
        headers.insert("host".to_owned(), json!("api.example"));
        headers.extend(self.headers.iter().map(|(n, v)| ((*n).to_owned(), json!(v))));
        let pairs = url::form_urlencoded::parse(self.query.as_bytes());
        let query: serde_json::Map<String, Value> =
            pairs.map(|(name, value)| (name.into_owned(), json!(value))).collect();
        json!({
            "version": "2.0",
            "routeKey": format!("{} {}", self.method, self.path),
            "rawPath": self.path,
            "rawQueryString": self.query,
            "cookies": self.cookies,
            "headers": headers,
            "queryStringParameters": query,
            "pathParameters": self.parameters,
            "requestContext": {
                "accountId": "123456789012",
                "apiId": "api",
                "domainName": "api.example",
                "domainPrefix": "api",
                "http": {
                    "method": self.method,
                    "path": self.path,
                    "protocol": "HTTP/1.1",
                    "sourceIp": "127.0.0.1",
                    "userAgent": "events/1",
                },
                "requestId": "JKJaXmPLvHcESHA=",
                "routeKey": format!("{} {}", self.method, self.path),
                "stage": "$default",
                "time": "02/Mar/2026:09:00:00 +0000",
                "timeEpoch": 1_772_442_000_000_u64,
            },
            "body": self.body,
            "isBase64Encoded": false,
        })
    }
}

pub fn all(cast: &Cast) -> Vec<Case> {
    [
        tokens(cast),
        sessions(cast),
        scoped(cast),
        persons(cast),
        pages(cast),
        queue(cast),
        sandbox(),
        super::webhooks::cases(cast),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn tokens(cast: &Cast) -> Vec<Case> {
    use base64::Engine as _;
    let encode = |text: String| base64::engine::general_purpose::STANDARD.encode(text);
    let basic = format!("Basic {}", encode(format!("{}:{}", cast.client_id, cast.key)));
    let wrong = format!("Basic {}", encode(format!("other:{}", cast.key)));
    let token = |basic: &str, grant: &str| {
        Http::new("POST", "/auth/v2/token/").header("authorization", basic).form(grant).event()
    };
    let login = |email: &str, key: &str| {
        let body = json!({ "email": email, "api_key": key });
        Http::new("POST", "/subscribers/login").json(&body).event()
    };
    let grant = "grant_type=client_credentials";
    let refresh = Http::new("GET", "/subscribers/refresh");
    vec![
        ("token", "client_credentials", token(&basic, grant)),
        ("token", "unknown_client", token(&wrong, grant)),
        ("token", "unsupported_grant", token(&basic, "grant_type=password")),
        ("token", "login", login("developer@example.com", &cast.key)),
        ("token", "login_with_another_email", login("other@example.com", &cast.key)),
        ("token", "refresh_without_a_token", refresh.event()),
    ]
}

fn sessions(cast: &Cast) -> Vec<Case> {
    let create = "/api/service/data/session/create";
    let list = "/api/service/data/session/list";
    let details = "/api/service/data/session/details";
    let seed = json!({
        "referenceId": "123456789",
        "permissions": ["identity"],
        "market": "DE",
        "externalUser": {
            "email": "user@example.com",
            "phone": "+49123456789",
            "metadata": { "key1": "value1", "key2": "value2" },
        },
        "successCallbackUrl": "https://example.com/callback/success",
        "errorCallbackUrl": "https://example.com/callback/error",
        "resultCallbackUrl": "https://example.com/callback/result",
    });
    let post =
        |path: &str, key: &str, body: Value| Http::new("POST", path).key(key).json(&body).event();
    let key = cast.key.as_str();
    let taken = json!({ "referenceId": "open" });
    let forbidden = json!({ "referenceId": "r", "permissions": ["everything"] });
    let trailing = Http::new("POST", create).key(key).form("{\"referenceId\": \"r\",}").event();
    vec![
        ("create_session", "data_session", post(create, key, seed.clone())),
        ("create_session", "without_a_key", Http::new("POST", create).json(&seed).event()),
        ("create_session", "reference_in_use", post(create, key, taken)),
        ("create_session", "unknown_permission", post(create, key, forbidden)),
        ("create_session", "trailing_comma", trailing),
        (
            "list_sessions",
            "by_email",
            post(list, key, json!({ "externalUserEmail": "john.doe@example.com" })),
        ),
        (
            "list_sessions",
            "nobody",
            post(list, key, json!({ "externalUserEmail": "nobody@example.com" })),
        ),
        ("list_sessions", "no_filter", post(list, key, json!({}))),
        (
            "list_sessions",
            "of_another_tenant",
            post(list, &cast.other_key, json!({ "externalUserEmail": "john.doe@example.com" })),
        ),
        ("session", "details_open", post(details, key, json!({ "id": cast.open }))),
        ("session", "details_complete", post(details, key, json!({ "id": cast.complete }))),
        ("session", "details_unknown", post(details, key, json!({ "id": NEVER }))),
        (
            "session",
            "details_of_another_tenant",
            post(details, &cast.other_key, json!({ "id": cast.open })),
        ),
    ]
}

fn scoped(cast: &Cast) -> Vec<Case> {
    let key = cast.key.as_str();
    let create = |body: Value| Http::new("POST", "/auth/v2/session/").key(key).json(&body).event();
    let get = |what: &str, id: &str, key: &str| {
        let path = format!("/auth/v2/session/{id}/{what}/");
        Http::new("GET", &path).with(json!({ "id": id })).key(key).event()
    };
    let path = format!("/auth/v2/session/{}/status/", cast.scoped);
    let by_token = Http::new("GET", &path)
        .with(json!({ "id": cast.scoped }))
        .header("data-session-token", &cast.session_token)
        .event();
    vec![
        (
            "create_session",
            "scoped_session",
            create(json!({ "scope": "names email", "vendor_data": "user-2" })),
        ),
        ("create_session", "unknown_scope", create(json!({ "scope": "names secrets" }))),
        ("session", "status", get("status", &cast.scoped, key)),
        ("session", "status_by_session_token", by_token),
        ("session", "status_of_another_tenant", get("status", &cast.scoped, &cast.other_key)),
        ("decision", "initialized", get("decision", &cast.scoped, key)),
        ("decision", "unknown", get("decision", NEVER, key)),
        ("decision", "of_another_tenant", get("decision", &cast.scoped, &cast.other_key)),
        ("banks", "list", Http::new("POST", "/api/service/banks/list").json(&json!({})).event()),
        (
            "banks",
            "search",
            Http::new("POST", "/api/service/banks/search")
                .json(&json!({ "search": "spar" }))
                .event(),
        ),
        (
            "banks",
            "details_unknown",
            Http::new("POST", "/api/service/banks/details")
                .json(&json!({ "id": "no-bank" }))
                .event(),
        ),
        (
            "banks",
            "institutions",
            Http::new("GET", "/institutions").query("limit=1&offset=1").event(),
        ),
        (
            "banks",
            "limit_of_nothing",
            Http::new("POST", "/api/service/banks/list").json(&json!({ "limit": 0 })).event(),
        ),
    ]
}

fn persons(cast: &Cast) -> Vec<Case> {
    let key = cast.key.as_str();
    let person = |email: &str| json!({ "email": email, "first_name": "Jane", "last_name": "Roe" });
    let create = |body: Value| Http::new("POST", "/persons").key(key).json(&body).event();
    let auth = |id: &str, key: &str, first: &str, last: &str| {
        let body = json!({ "first_name": first, "last_name": last });
        let path = format!("/persons/{id}/auth");
        Http::new("POST", &path).with(json!({ "id": id })).key(key).json(&body).event()
    };
    vec![
        ("persons", "new", create(person("jane.roe@example.com"))),
        ("persons", "known", create(person("new@example.com"))),
        ("persons", "with_evidence", create(person("at-bank@example.com"))),
        ("persons", "not_an_email", create(person("jane"))),
        ("auth", "started", auth(&cast.person, key, "John", "Doe")),
        ("auth", "verified", auth(&cast.known_person, key, "John", "Doe")),
        ("auth", "wrong", auth(&cast.known_person, key, "Erika", "Mustermann")),
        ("auth", "unknown", auth("4503599627370496", key, "John", "Doe")),
        ("auth", "of_another_tenant", auth(&cast.person, &cast.other_key, "John", "Doe")),
        ("auth", "without_a_name", auth(&cast.person, key, "John", "")),
    ]
}

fn pages(cast: &Cast) -> Vec<Case> {
    let open = |token: &str| {
        let path = format!("/link/{token}");
        Http::new("GET", &path)
            .with(json!({ "token": token }))
            .header("accept-language", "de")
            .event()
    };
    let path = format!("/link/{}/cancel", cast.open_link);
    let parameters = json!({ "token": cast.open_link, "action": "cancel" });
    let forged = Http::new("POST", &path).with(parameters).form("csrf=forged").event();
    let back = |query: &str, cookie: &str| {
        let event =
            Http::new("GET", "/callback/sandbox-bank").with(json!({ "bank": "sandbox-bank" }));
        event.query(query).cookie(cookie).event()
    };
    let query = cast.at_bank_callback.query().expect("a query");
    let state =
        cast.at_bank_callback.query_pairs().find(|(name, _)| name == "state").expect("a state").1;
    let denied = format!("error=access_denied&state={state}");
    let cookie = cast.at_bank_cookie.as_str();
    let other =
        "countersign-development=0000000000000000000000000000000000000000000000000000000000000000";
    vec![
        ("link", "open", open(&cast.open_link)),
        ("link", "complete", open(&cast.complete_link)),
        ("link", "unknown", open("nothing")),
        ("link", "forged_form", forged),
        ("bank_callback", "returned", back(query, cookie)),
        ("bank_callback", "denied", back(&denied, cookie)),
        ("bank_callback", "wrong_cookie", back(query, other)),
        ("bank_callback", "wrong_state", back("code=c&state=nothing", cookie)),
    ]
}

/// Records of SQS and a tick of EventBridge.
fn queue(cast: &Cast) -> Vec<Case> {
    let record = |id: &str, body: &str| {
        json!({
            "messageId": id,
            "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a",
            "body": body,
            "attributes": {
                "ApproximateReceiveCount": "1",
                "SentTimestamp": "1772442000000",
                "SenderId": "AIDAIENQZJOLO23YVJ4VO",
                "ApproximateFirstReceiveTimestamp": "1772442000001",
            },
            "messageAttributes": {},
            "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:countersign-callbacks",
            "awsRegion": "eu-central-1",
        })
    };
    let good = json!({ "tenant": cast.tenant, "session": cast.processing }).to_string();
    let done = json!({ "tenant": cast.tenant, "session": cast.complete }).to_string();
    let batch = [record("1", &good), record("2", &good), record("3", "poison")];
    let tick = |time: &str| {
        json!({
            "version": "0",
            "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
            "detail-type": "Scheduled Event",
            "source": "aws.events",
            "account": "123456789012",
            "time": time,
            "region": "eu-central-1",
            "resources": ["arn:aws:events:eu-central-1:123456789012:rule/every-minute"],
            "detail": {},
        })
    };
    vec![
        ("auth_worker", "returned", json!({ "Records": [record("1", &good)] })),
        ("auth_worker", "already_done", json!({ "Records": [record("1", &done)] })),
        ("auth_worker", "duplicate_and_poison", json!({ "Records": batch })),
        ("auth_worker", "without_an_id", json!({ "Records": [record("", &good)] })),
        ("sweeper", "nothing_is_due", tick("2026-03-02T09:00:00Z")),
        ("sweeper", "another_minute", tick("2026-03-02T09:01:00Z")),
    ]
}

fn sandbox() -> Vec<Case> {
    let request = |method: &'static str, proxy: &str| {
        let path = format!("/sandbox-bank/sandbox-bank/{proxy}");
        Http::new(method, &path).with(json!({ "bank": "sandbox-bank", "proxy": proxy }))
    };
    let consent = json!({
        "access": { "accounts": [] },
        "recurringIndicator": false,
        "validUntil": "2026-03-02",
        "frequencyPerDay": 1,
        "combinedServiceIndicator": false,
    });
    let id = "99391c7e-ad88-49ec-a2ad-99ddcb1f7721";
    let create = || {
        let request = request("POST", "v1/consents").header("x-request-id", id);
        request.header("tpp-redirect-uri", "https://api.example/callback/sandbox-bank")
    };
    vec![
        (
            "sandbox_bank",
            "metadata",
            request("GET", ".well-known/oauth-authorization-server").event(),
        ),
        (
            "sandbox_bank",
            "consent",
            create().header("psu-ip-address", "127.0.0.1").json(&consent).event(),
        ),
        ("sandbox_bank", "consent_without_an_address", create().json(&consent).event()),
        ("sandbox_bank", "without_a_request_id", request("GET", "v1/accounts").event()),
        (
            "sandbox_bank",
            "unknown_token",
            request("GET", "v1/accounts").header("x-request-id", id).event(),
        ),
        (
            "sandbox_bank",
            "unknown_code",
            request("POST", "token").form("grant_type=authorization_code&code=x").event(),
        ),
    ]
}
