//! What a conversation's file says, and how a value is held against it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Conversation {
    /// What it shows.
    pub(super) title: String,
    /// Who says so: a vendor's page, or a published client.
    pub(super) source: String,
    pub(super) steps: Vec<Step>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub(super) enum Step {
    Send {
        send: Send,
        expect: Expect,
        /// How often it is sent; the last answer is held.
        times: Option<u32>,
    },
    Person {
        person: Person,
    },
    /// The queues are worked off.
    Work {
        #[expect(dead_code, reason = "the member names the step")]
        work: bool,
    },
    /// The sweeper runs.
    Sweep {
        #[expect(dead_code, reason = "the member names the step")]
        sweep: bool,
    },
    Advance {
        advance_s: i64,
    },
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Send {
    pub(super) method: String,
    pub(super) path: String,
    #[serde(default)]
    pub(super) headers: BTreeMap<String, String>,
    /// Sent as JSON.
    pub(super) body: Option<Value>,
    /// Sent as it is.
    pub(super) text: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Expect {
    pub(super) status: u16,
    #[serde(default)]
    pub(super) headers: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) members: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) absent: Vec<String>,
    /// The whole body, to the letter.
    pub(super) text: Option<String>,
    #[serde(default)]
    pub(super) keep: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Person {
    pub(super) link: String,
    pub(super) bank: Option<String>,
    /// Logs in as; without, the link is only opened.
    pub(super) user: Option<String>,
    /// Scopes that are left unticked.
    #[serde(default)]
    pub(super) without: Vec<String>,
    #[serde(default)]
    pub(super) cancels: bool,
}

/// The value at `a.b[0].c`.
pub(super) fn at<'a>(body: &'a Value, path: &str) -> Option<&'a Value> {
    let parts = path.split(['.', '[', ']']).filter(|part| !part.is_empty());
    parts.into_iter().try_fold(body, |value, part| match value {
        Value::Array(values) => values.get(part.parse::<usize>().ok()?),
        other => other.get(part),
    })
}

/// What a header must be: its value stands plainly, unless a part or any text is meant.
pub(super) fn of_header(expected: &str) -> String {
    let meant = expected.starts_with(['=', '~']) || matches!(expected, "text" | "string" | "null");
    if meant { expected.to_owned() } else { format!("={expected}") }
}

/// `expected` is a type's name, `=` and the value, or `~` and a part of the text.
pub(super) fn assert_value(expected: &str, found: Option<&Value>, at: &str) {
    let found = found.unwrap_or_else(|| panic!("{at}: there is no such member"));
    if let Some(value) = expected.strip_prefix('=') {
        let text = found.as_str() == Some(value);
        let json = serde_json::from_str::<Value>(value).is_ok_and(|value| value == *found);
        assert!(text || json, "{at}: {found} is not {value}");
    } else if let Some(part) = expected.strip_prefix('~') {
        assert!(found.as_str().is_some_and(|text| text.contains(part)), "{at}: no {part} in it");
    } else {
        let is = match expected {
            "string" => found.is_string(),
            "text" => found.as_str().is_some_and(|text| !text.is_empty()),
            "integer" => found.is_i64() || found.is_u64(),
            "number" => found.is_number(),
            "boolean" => found.is_boolean(),
            "object" => found.is_object(),
            "array" => found.is_array(),
            "null" => found.is_null(),
            other => panic!("{at}: {other} is no type"),
        };
        assert!(is, "{at}: {found} is no {expected}");
    }
}
