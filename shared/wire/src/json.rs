//! The one way in: strict JSON with limits, and typed access that names the member it refuses.

mod members;

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::problem::Problem;

pub use members::Members;

/// The longest body.
pub const BODY_BYTES_MAX: usize = 64 * 1024;
/// The deepest nesting of objects and arrays.
pub const DEPTH_MAX: usize = 32;
/// The most members and elements of a whole body.
pub const MEMBERS_MAX: usize = 256;
/// The longest string, in characters.
pub const STRING_CHARS_MAX: usize = 1_024;
/// The longest name of a person, in characters.
pub const NAME_CHARS_MAX: usize = 256;

/// Reads a whole body as one JSON object.
///
/// # Errors
/// A [`Problem`] that says where the body breaks which rule, without repeating it.
pub fn read(bytes: &[u8]) -> Result<Members, Problem> {
    if bytes.len() > BODY_BYTES_MAX {
        return Err(Problem::body_too_large(BODY_BYTES_MAX));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| not_utf8(error.valid_up_to()))?;
    let mut limits = Limits::default();
    let mut parser = serde_json::Deserializer::from_str(text);
    let read = Strict { limits: &mut limits, depth: 0, path: String::new() };
    let value = read.deserialize(&mut parser).and_then(|value| parser.end().map(|()| value));
    match value {
        Ok(Value::Object(members)) => Ok(Members::of(members)),
        Ok(_) => Err(Problem::malformed_json("the body must be one object")),
        Err(error) => Err(limits.refusal.take().unwrap_or_else(|| malformed(&error))),
    }
}

/// Reads the pairs of a form or a query, under the rules that hold for a body. A name that comes
/// several times is an array, which only matters to who asks for it.
///
/// # Errors
/// A [`Problem`] that names the member.
pub fn from_pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Result<Members, Problem> {
    let (mut members, mut count) = (Map::new(), 0);
    for (name, text) in pairs {
        let path = shown(&name);
        check_text(&name, &path)?;
        check_text(&text, &path)?;
        count += 1;
        if count > MEMBERS_MAX {
            let expected = format!("one of at most {MEMBERS_MAX}");
            return Err(Problem::invalid_member(&path, &expected));
        }
        match members.get_mut(&name) {
            None => drop(members.insert(name, Value::String(text))),
            Some(Value::Array(values)) => values.push(Value::String(text)),
            Some(first) => *first = Value::Array(vec![first.take(), Value::String(text)]),
        }
    }
    Ok(Members::of(members))
}

/// A member's name as a refusal may repeat it.
fn shown(name: &str) -> String {
    name.chars().filter(|c| !is_forbidden(*c)).take(64).collect()
}

fn check_text(text: &str, path: &str) -> Result<(), Problem> {
    if text.chars().count() > STRING_CHARS_MAX {
        let expected = format!("at most {STRING_CHARS_MAX} characters");
        return Err(Problem::invalid_member(path, &expected));
    }
    if text.chars().any(is_forbidden) {
        return Err(Problem::invalid_member(path, "text without control characters"));
    }
    Ok(())
}

fn not_utf8(at: usize) -> Problem {
    Problem::malformed_json(&format!("the body is not UTF-8 at byte {at}"))
}

/// Position and kind only: the parser's own message may repeat input.
fn malformed(error: &serde_json::Error) -> Problem {
    let what = match error.classify() {
        serde_json::error::Category::Eof => "the body ends too early",
        _ => fault(&error.to_string()),
    };
    let (line, column) = (error.line(), error.column());
    Problem::malformed_json(&format!("{what}, at line {line}, column {column}"))
}

/// The parser tells faults apart in its message only. What is not known here gets the common answer.
fn fault(message: &str) -> &'static str {
    let known = [
        ("control character", "a control character inside a string must be escaped"),
        ("number out of range", "a number is too large"),
        ("lone leading surrogate", "an escape is half of a surrogate pair"),
        ("trailing characters", "something follows the object"),
    ];
    let found = known.into_iter().find(|(start, _)| message.starts_with(start));
    found.map_or("a character is not allowed here (a trailing comma, perhaps)", |(_, what)| what)
}

#[derive(Default)]
struct Limits {
    members: usize,
    refusal: Option<Problem>,
}

struct Strict<'a> {
    limits: &'a mut Limits,
    depth: usize,
    path: String,
}

impl Strict<'_> {
    /// Keeps our refusal aside; serde sees only that reading stops.
    fn refuse<E: serde::de::Error>(&mut self, problem: Problem) -> E {
        self.limits.refusal = Some(problem);
        E::custom("refused")
    }

    fn count<E: serde::de::Error>(&mut self) -> Result<(), E> {
        self.limits.members += 1;
        if self.limits.members > MEMBERS_MAX {
            let what = format!("it has more than {MEMBERS_MAX} members");
            return Err(self.refuse(Problem::malformed_json(&what)));
        }
        Ok(())
    }

    fn descend<E: serde::de::Error>(&mut self) -> Result<(), E> {
        if self.depth >= DEPTH_MAX {
            let what = format!("it is nested deeper than {DEPTH_MAX} levels");
            return Err(self.refuse(Problem::malformed_json(&what)));
        }
        Ok(())
    }

    fn check_text<E: serde::de::Error>(&mut self, text: &str, path: &str) -> Result<(), E> {
        check_text(text, path).map_err(|problem| self.refuse(problem))
    }
}

/// NUL and other controls, and the marks that turn the direction of text.
fn is_forbidden(c: char) -> bool {
    let control = c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    let bidi = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    control || bidi
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("not a number"))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_str<E: serde::de::Error>(mut self, text: &str) -> Result<Value, E> {
        let path = std::mem::take(&mut self.path);
        self.check_text(text, &path)?;
        Ok(Value::String(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut from: A) -> Result<Value, A::Error> {
        self.descend()?;
        let mut values = Vec::new();
        loop {
            let path = format!("{}[{}]", self.path, values.len());
            let seed = Strict { limits: self.limits, depth: self.depth + 1, path };
            match from.next_element_seed(seed)? {
                Some(value) => values.push(value),
                None => return Ok(Value::Array(values)),
            }
            self.count()?;
        }
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut from: A) -> Result<Value, A::Error> {
        self.descend()?;
        let mut members = Map::new();
        while let Some(name) = from.next_key::<String>()? {
            self.count()?;
            let shown = shown(&name);
            let path = if self.path.is_empty() { shown } else { format!("{}.{shown}", self.path) };
            self.check_text(&name, &path)?;
            if members.contains_key(&name) {
                return Err(self.refuse(Problem::invalid_member(&path, "given once")));
            }
            let seed = Strict { limits: self.limits, depth: self.depth + 1, path };
            let value = from.next_value_seed(seed)?;
            members.insert(name, value);
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn refusal(body: &[u8]) -> String {
        let problem = read(body).expect_err("refused");
        problem.detail().to_owned()
    }

    #[test]
    fn refusals() {
        let deep = format!("{}1{}", "{\"a\":".repeat(33), "}".repeat(33));
        let wide = format!("{{\"a\":[{}1]}}", "1,".repeat(300));
        for (body, part) in [
            ("{\n \"a\": 1,\n}", "line 3, column 1"),
            ("{\"a\": ", "ends too early"),
            ("[1]", "one object"),
            ("{} x", "something follows the object, at line 1, column 4"),
            ("{\"a\":1,}", "a trailing comma, perhaps"),
            ("{\"a\":1e999}", "a number is too large"),
            ("{\"a\":\"x\u{0}y\"}", "must be escaped"),
            ("{\"a\":\"\\ud800\"}", "Send strict JSON"),
            ("{\"a\":1,\"a\":2}", "`a` must be given once"),
            ("{\"a\":{\"b\":\"x\\u0000y\"}}", "`a.b` must be text without control"),
            ("{\"a\":[\"\\u202e\"]}", "`a[0]` must be text without control"),
            (deep.as_str(), "deeper than 32"),
            (wide.as_str(), "more than 256"),
        ] {
            let detail = refusal(body.as_bytes());
            assert!(detail.contains(part), "{body} -> {detail}");
        }
        assert!(refusal(b"{\"a\":\"\xff\"}").contains("not UTF-8 at byte 6"));
        assert!(refusal(&vec![b' '; BODY_BYTES_MAX + 1]).contains("65536"));
        let long = format!("{{\"a\":\"{}\"}}", "x".repeat(1_025));
        assert!(refusal(long.as_bytes()).contains("`a` must be at most 1024"));
    }

    #[test]
    fn a_wrong_type_names_both_types() {
        let members = read(b"{\"user\":{\"email\":7}}").expect("JSON");
        let user = members.object("user").expect("an object").expect("given");
        let problem = user.text("email").expect_err("a number");
        assert_eq!(problem.detail(), "Member `user.email` must be a string, not a number.");
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&body);
        }

        #[test]
        fn refusals_never_repeat_the_input(word in "[a-z]{12}") {
            let body = format!("{{\"a\": {word}}}");
            prop_assert!(!refusal(body.as_bytes()).contains(&word));
        }
    }
}
