//! The one serializer of what is signed and sent: webhook bodies and result callbacks.
//!
//! Keeps true: `JSON.stringify(JSON.parse(body)) === body`. Some receivers hash the bytes, others
//! parse the body and hash what their JavaScript engine writes; both must get the same digest.
//! So objects list array indices first, in ascending order, as engines do (ECMA-262,
//! OrdinaryOwnPropertyKeys), then all other names sorted by code point; numbers are doubles in
//! their JavaScript form (ECMA-262, Number::toString); nothing is escaped that need not be.
//! An integer beyond 2^53 is written as the double it is read as.

use serde_json::{Map, Number, Value};

/// The greatest integer up to which a JavaScript number is exact.
pub const EXACT_MAX: i64 = (1 << 53) - 1;

/// Writes a value so that every JavaScript engine writes it back as it came.
#[must_use]
pub fn canonical(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
    text
}

fn write(value: &Value, into: &mut String) {
    match value {
        Value::Null => into.push_str("null"),
        Value::Bool(true) => into.push_str("true"),
        Value::Bool(false) => into.push_str("false"),
        Value::Number(number) => into.push_str(&javascript(number)),
        Value::String(text) => quote(text, into),
        Value::Array(values) => {
            into.push('[');
            for (n, value) in values.iter().enumerate() {
                separate(n, into);
                write(value, into);
            }
            into.push(']');
        }
        Value::Object(members) => object(members, into),
    }
}

fn object(members: &Map<String, Value>, into: &mut String) {
    let mut sorted: Vec<(&String, &Value)> = members.iter().collect();
    sorted.sort_by_key(|(name, _)| (array_index(name).unwrap_or(u32::MAX), *name));
    into.push('{');
    for (n, (name, value)) in sorted.into_iter().enumerate() {
        separate(n, into);
        quote(name, into);
        into.push(':');
        write(value, into);
    }
    into.push('}');
}

fn separate(n: usize, into: &mut String) {
    if n > 0 {
        into.push(',');
    }
}

/// serde_json escapes what `JSON.stringify` escapes: controls, quote and backslash. Lone
/// surrogates, which engines escape besides, are no text here.
fn quote(text: &str, into: &mut String) {
    into.push_str(&serde_json::to_string(text).expect("text serializes"));
}

/// A name that engines take for an array index: 0 to 2^32 - 2 without leading zeros.
fn array_index(name: &str) -> Option<u32> {
    let digits = name.bytes().all(|b| b.is_ascii_digit());
    let plain = digits && (name.len() == 1 || !name.starts_with('0'));
    let index = plain.then(|| name.parse::<u32>().ok()).flatten();
    index.filter(|index| *index != u32::MAX)
}

/// A number that no double holds does not come out of a parser that refuses infinities; it would
/// be null, as in JavaScript.
fn javascript(number: &Number) -> String {
    match number.as_f64().filter(|double| double.is_finite()) {
        Some(double) => ryu_js::Buffer::new().format_finite(double).to_owned(),
        None => "null".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expect: &str) {
        let value: Value = serde_json::from_str(input).expect("JSON");
        assert_eq!(canonical(&value), expect, "{input}");
    }

    #[test]
    fn forms() {
        for (input, expect) in [
            ("{ \"b\": 1, \"a\": [ ] }", "{\"a\":[],\"b\":1}"),
            ("{\"a\":1,\"10\":2,\"9\":3}", "{\"9\":3,\"10\":2,\"a\":1}"),
            ("{\"01\":1,\"1\":2,\"-1\":3}", "{\"1\":2,\"-1\":3,\"01\":1}"),
            (
                "{\"4294967295\":1,\"4294967294\":2,\"A\":3}",
                "{\"4294967294\":2,\"4294967295\":1,\"A\":3}",
            ),
            ("{\"\":1,\"0\":2}", "{\"0\":2,\"\":1}"),
            (
                "[1.0,-0,-0.0,0.1,1e21,1e-7,123456789012345680000]",
                "[1,0,0,0.1,1e+21,1e-7,123456789012345680000]",
            ),
            ("[9007199254740993,18446744073709551615]", "[9007199254740992,18446744073709552000]"),
            ("[5e-324,1.7976931348623157e308]", "[5e-324,1.7976931348623157e+308]"),
            ("\"\\u2028\\u2029\\u007f\\/\\u0001\\b\"", "\"\u{2028}\u{2029}\u{7f}/\\u0001\\b\""),
            ("{\"__proto__\":{\"x\":1}}", "{\"__proto__\":{\"x\":1}}"),
        ] {
            check(input, expect);
        }
    }
}
