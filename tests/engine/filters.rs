//! Event filters: pattern, record, whether it passes.

use countersign::Filters;
use serde_json::{Value, json};

fn criteria(pattern: &str) -> Value {
    json!({ "Filters": [{ "Pattern": pattern }] })
}

fn passes(pattern: &str, record: &str) -> bool {
    let filters = Filters::parse(&criteria(pattern)).expect(pattern);
    filters.pass(&serde_json::from_str(record).expect(record))
}

#[test]
fn a_record_passes_what_it_matches() {
    for (pattern, record) in [
        (r#"{"a":["x"]}"#, r#"{"a":"x","b":1}"#),
        (r#"{"a":["x","y"]}"#, r#"{"a":"y"}"#),
        (r#"{"a":{"b":{"S":["x"]}}}"#, r#"{"a":{"b":{"S":"x"}}}"#),
        (r#"{"a":[1]}"#, r#"{"a":1}"#),
        (r#"{"a":[null]}"#, r#"{"a":null}"#),
        (r#"{"a":[{"prefix":"EVENT"}]}"#, r#"{"a":"EVENT1"}"#),
        (r#"{"a":[{"suffix":"T1"}]}"#, r#"{"a":"EVENT1"}"#),
        (r#"{"a":[{"exists":true}]}"#, r#"{"a":0}"#),
        (r#"{"a":[{"exists":false}]}"#, r#"{"b":0}"#),
        (r#"{"a":[{"anything-but":"x"}]}"#, r#"{"a":"y"}"#),
        (r#"{"a":[{"anything-but":["x","z"]}]}"#, r#"{"a":"y"}"#),
        ("{}", "{}"),
    ] {
        assert!(passes(pattern, record), "{pattern} {record}");
    }
}

#[test]
fn a_record_does_not_pass_what_it_does_not_match() {
    for (pattern, record) in [
        (r#"{"a":["x"]}"#, r#"{"a":"y"}"#),
        (r#"{"a":["x"]}"#, r#"{"b":"x"}"#),
        (r#"{"a":["x"],"b":["y"]}"#, r#"{"a":"x"}"#),
        (r#"{"a":["1"]}"#, r#"{"a":1}"#),
        (r#"{"a":[null]}"#, "{}"),
        (r#"{"a":[{"prefix":"EVENT"}]}"#, r#"{"a":"SESSION"}"#),
        (r#"{"a":[{"prefix":"1"}]}"#, r#"{"a":1}"#),
        (r#"{"a":[{"exists":true}]}"#, "{}"),
        (r#"{"a":[{"exists":false}]}"#, r#"{"a":null}"#),
        (r#"{"a":[{"anything-but":"x"}]}"#, "{}"),
        (r#"{"a":{"b":["x"]}}"#, r#"{"a":"x"}"#),
    ] {
        assert!(!passes(pattern, record), "{pattern} {record}");
    }
}

#[test]
fn without_filters_everything_passes() {
    let filters = Filters::parse(&Value::Null).expect("no criteria");
    assert!(filters.pass(&json!({ "a": 1 })));
}

#[test]
fn what_is_not_understood_is_refused() {
    for pattern in [
        "x",
        "[]",
        r#"{"a":"x"}"#,
        r#"{"a":[["x"]]}"#,
        r#"{"a":[{"numeric":["<",5]}]}"#,
        r#"{"a":[{"prefix":1}]}"#,
        r#"{"a":[{"prefix":"x","suffix":"y"}]}"#,
        r#"{"a":[{}]}"#,
    ] {
        assert!(Filters::parse(&criteria(pattern)).is_err(), "{pattern}");
    }
}
