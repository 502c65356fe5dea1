//! The serializer against a real JavaScript engine: what we sign, the engine writes back unchanged.

use std::io::Write as _;
use std::process::{Command, Stdio};

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value, json};

const CASES: usize = 5_000;

/// Reads pairs of a text and what we made of it; prints the first that the engine sees otherwise.
const SCRIPT: &str = r#"
const { isDeepStrictEqual } = require('node:util');
const zero = (_, value) => (Object.is(value, -0) ? 0 : value);
const pairs = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
for (const [text, body] of pairs) {
  if (JSON.stringify(JSON.parse(body)) !== body) { console.log('not stable: ' + body); break; }
  const same = isDeepStrictEqual(JSON.parse(text, zero), JSON.parse(body, zero));
  if (!same) { console.log('another value: ' + text + ' -> ' + body); break; }
}
console.log(pairs.length + ' done');
"#;

fn names() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{0,4}",
        "(0|[1-9][0-9]{0,11})",
        "0[0-9]{1,3}",
        "-?[0-9]{1,3}(\\.[0-9])?",
        Just("__proto__".to_owned()),
        Just("constructor".to_owned()),
        Just("toString".to_owned()),
        "4294967(29[3-7])",
        "\\PC{0,4}",
        ".{0,4}",
    ]
}

fn numbers() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<i64>().prop_map(|n| json!(n)),
        any::<u64>().prop_map(|n| json!(n)),
        any::<i16>().prop_map(|n| json!(n)),
        any::<f64>()
            .prop_filter("JSON has no infinities", |n| n.is_finite())
            .prop_map(|n| json!(n)),
        (-1_000_000_i64..1_000_000, 1_u32..7)
            .prop_map(|(n, places)| json!(n as f64 / f64::from(10_u32.pow(places)))),
        prop::sample::select(vec![
            -0.0,
            0.1,
            1e21,
            1e-7,
            1e20,
            123_456_789_012_345_680_000.0,
            5e-324,
            f64::MAX,
            f64::MIN,
            9_007_199_254_740_993.0,
            f64::EPSILON,
        ])
        .prop_map(|n| json!(n)),
    ]
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        numbers(),
        ".{0,12}".prop_map(Value::String),
        "[\\x00-\\x1f\"\\\\/\u{7f}\u{80}\u{2028}\u{2029}\u{feff}\u{fffe}]{0,6}"
            .prop_map(Value::String),
    ];
    leaf.prop_recursive(4, 48, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::vec((names(), inner), 0..8)
                .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

#[test]
fn an_engine_writes_back_what_we_signed() {
    let started = Command::new("node")
        .args(["-e", SCRIPT])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut node) = started else {
        eprintln!("SKIPPED: there is no node on this machine to hold the serializer against");
        return;
    };
    let mut runner = TestRunner::deterministic();
    let strategy = values();
    let pairs: Vec<[String; 2]> = (0..CASES)
        .map(|_| {
            let value = strategy.new_tree(&mut runner).expect("a value").current();
            [value.to_string(), wire::canonical::canonical(&value)]
        })
        .collect();
    let text = serde_json::to_vec(&pairs).expect("serializes");
    node.stdin.take().expect("piped").write_all(&text).expect("node reads");
    let out = node.wait_with_output().expect("node ends");
    assert_eq!(String::from_utf8_lossy(&out.stdout).trim(), format!("{CASES} done"));
}
