//! The events of the calls for what is kept: data of a visit, persons, subjects.

use serde_json::{Value, json};

use super::cases::{Case, Http, NEVER};
use super::cast::Cast;

const DATA: &str = "/api/service/data";

pub fn all(cast: &Cast) -> Vec<Case> {
    [data(cast), persons(cast), subjects(cast), banks(cast)].into_iter().flatten().collect()
}

fn data(cast: &Cast) -> Vec<Case> {
    let call = |call: &str, session: &str, key: &str| {
        let body = json!({ "sessionId": session });
        Http::new("POST", &format!("{DATA}/{call}")).key(key).json(&body).event()
    };
    let key = cast.key.as_str();
    let details = Http::new("POST", &format!("{DATA}/session/details"));
    let wrong = Http::new("POST", &format!("{DATA}/session/details")).key("cs_test_wrong");
    vec![
        ("bank_data", "consent", call("consent/details", &cast.stated, key)),
        ("bank_data", "revoke", call("consent/revoke", &cast.complete, key)),
        ("bank_data", "revoke_of_an_open_session", call("consent/revoke", &cast.open, key)),
        ("bank_data", "accounts", call("accounts/list", &cast.stated, key)),
        ("bank_data", "balances", call("account-balances/list", &cast.stated, key)),
        ("bank_data", "transactions", call("transactions/list", &cast.stated, key)),
        ("bank_data", "without_permission", call("transactions/list", &cast.complete, key)),
        ("bank_data", "not_complete", call("accounts/list", &cast.open, key)),
        ("bank_data", "unknown", call("accounts/list", NEVER, key)),
        ("bank_data", "of_another_tenant", call("accounts/list", &cast.stated, &cast.other_key)),
        ("session", "details_without_a_key", details.json(&json!({ "id": cast.open })).event()),
        ("session", "details_with_a_wrong_key", wrong.json(&json!({ "id": cast.open })).event()),
    ]
}

fn persons(cast: &Cast) -> Vec<Case> {
    let list = |query: &'static str, key: &str| {
        let event = Http::new("GET", "/persons").query(query);
        event.header("x-api-key", key).event()
    };
    let of = |method: &'static str, id: &str, path: &str| -> Value {
        let path = format!("/persons/{id}{path}");
        Http::new(method, &path).with(json!({ "id": id })).key(&cast.key).event()
    };
    vec![
        ("persons", "list", list("", &cast.key)),
        ("persons", "list_by_email", list("email=john.doe@example.com", &cast.key)),
        ("persons", "list_of_another_tenant", list("", &cast.other_key)),
        ("persons", "list_too_many", list("limit=101", &cast.key)),
        ("persons", "accounts", of("GET", &cast.known_person, "/accounts")),
        ("persons", "accounts_of_nobody", of("GET", "4503599627370496", "/accounts")),
        ("persons", "erased", of("DELETE", &cast.known_person, "")),
        ("persons", "erased_twice", of("DELETE", "4503599627370496", "")),
    ]
}

fn subjects(cast: &Cast) -> Vec<Case> {
    let of = |method: &'static str, subject: &str, path: &str, key: &str| -> Value {
        let path = format!("/v1/subjects/{subject}{path}");
        Http::new(method, &path).with(json!({ "sub": subject })).key(key).event()
    };
    let never = "sub_00000000000000000000000000000000";
    vec![
        ("subjects", "export", of("GET", &cast.subject, "/export", &cast.key)),
        ("subjects", "export_of_nobody", of("GET", never, "/export", &cast.key)),
        (
            "subjects",
            "export_of_another_tenant",
            of("GET", &cast.subject, "/export", &cast.other_key),
        ),
        ("subjects", "erased", of("DELETE", &cast.subject, "", &cast.key)),
        ("subjects", "erased_nobody", of("DELETE", never, "", &cast.key)),
    ]
}

fn banks(cast: &Cast) -> Vec<Case> {
    let list = |body: Value| Http::new("POST", "/api/service/banks/list").json(&body).event();
    vec![
        ("banks", "narrowed", list(json!({ "market": "AT", "currency": "EUR", "limit": 1 }))),
        ("banks", "for_a_session", list(json!({ "sessionId": cast.open }))),
        ("fallback", "unknown_path", Http::new("GET", "/api/v2/nothing").event()),
        (
            "fallback",
            "another_method",
            Http::new("GET", "/api/service/data/session/create").event(),
        ),
        ("banks", "for_no_session", list(json!({ "sessionId": NEVER }))),
    ]
}
