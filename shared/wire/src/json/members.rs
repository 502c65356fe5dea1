//! Typed access to the members of an object; a refusal names the member and what it must be.

use std::fmt;

use serde_json::{Map, Value};

use super::NAME_CHARS_MAX;
use crate::problem::Problem;

/// The members of an object, with the path that leads to it. Members nobody asks for are ignored;
/// `null` counts as absent, as the contracts' clients send it.
#[derive(Clone, Default)]
pub struct Members {
    path: String,
    members: Map<String, Value>,
}

/// What was sent may be personal, names of members included.
impl fmt::Debug for Members {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Members(redacted)")
    }
}

impl Members {
    pub(super) fn of(members: Map<String, Value>) -> Self {
        Self { path: String::new(), members }
    }

    /// The full path of a member.
    #[must_use]
    pub fn path(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// A refusal of one member.
    #[must_use]
    pub fn refuse(&self, name: &str, expected: &str) -> Problem {
        Problem::invalid_member(&self.path(name), expected)
    }

    /// Whether the member is there.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    fn get(&self, name: &str) -> Option<&Value> {
        self.members.get(name).filter(|value| !value.is_null())
    }

    fn wrong(&self, name: &str, expected: &str, found: &Value) -> Problem {
        let found = match found {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "an array",
            Value::Object(_) => "an object",
        };
        self.refuse(name, &format!("{expected}, not {found}"))
    }

    /// Text, where it is given.
    ///
    /// # Errors
    /// The member is of another type.
    pub fn text(&self, name: &str) -> Result<Option<&str>, Problem> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(self.wrong(name, "a string", other)),
        }
    }

    /// Text that must be given and not be blank.
    ///
    /// # Errors
    /// The member is missing, blank or of another type.
    pub fn required_text(&self, name: &str) -> Result<&str, Problem> {
        let text = self.text(name)?.filter(|text| !text.trim().is_empty());
        text.ok_or_else(|| self.refuse(name, "given, and not be empty"))
    }

    /// A name of a person: required, at most [`NAME_CHARS_MAX`] characters.
    ///
    /// # Errors
    /// The member is missing, blank, too long or of another type.
    pub fn required_name(&self, name: &str) -> Result<&str, Problem> {
        let text = self.required_text(name)?;
        if text.chars().count() > NAME_CHARS_MAX {
            return Err(self.refuse(name, &format!("at most {NAME_CHARS_MAX} characters")));
        }
        Ok(text)
    }

    /// Text, parsed by the type's own rule.
    ///
    /// # Errors
    /// The rule is broken, or the member is of another type.
    pub fn parsed<T>(
        &self,
        name: &str,
        parse: impl Fn(&str) -> Result<T, model::contact::InvalidValue>,
    ) -> Result<Option<T>, Problem> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        parse(text).map(Some).map_err(|invalid| self.refuse(name, invalid.expected))
    }

    /// A boolean, where it is given.
    ///
    /// # Errors
    /// The member is of another type.
    pub fn boolean(&self, name: &str) -> Result<Option<bool>, Problem> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Bool(value)) => Ok(Some(*value)),
            Some(other) => Err(self.wrong(name, "a boolean", other)),
        }
    }

    /// A whole number from `range`, also when written as text, as a query gives it.
    ///
    /// # Errors
    /// The member is not such a number.
    pub fn integer(
        &self,
        name: &str,
        range: std::ops::RangeInclusive<i64>,
    ) -> Result<Option<i64>, Problem> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        let number = match value {
            Value::Number(number) => whole(number),
            Value::String(text) => text.parse().ok(),
            other => return Err(self.wrong(name, "a whole number", other)),
        };
        let expected = || format!("a whole number from {} to {}", range.start(), range.end());
        number
            .filter(|number| range.contains(number))
            .map(Some)
            .ok_or_else(|| self.refuse(name, &expected()))
    }

    /// A yes or a no, which clients in other languages send as 1 and 0.
    ///
    /// # Errors
    /// The member is neither.
    pub fn truth(&self, name: &str) -> Result<Option<bool>, Problem> {
        match self.get(name) {
            Some(Value::Number(number)) => match whole(number) {
                Some(number @ 0..=1) => Ok(Some(number == 1)),
                _ => Err(self.refuse(name, "true or false")),
            },
            _ => self.boolean(name),
        }
    }

    /// An object's members, where it is given.
    ///
    /// # Errors
    /// The member is of another type.
    pub fn object(&self, name: &str) -> Result<Option<Self>, Problem> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Object(members)) => {
                Ok(Some(Self { path: self.path(name), members: members.clone() }))
            }
            Some(other) => Err(self.wrong(name, "an object", other)),
        }
    }

    /// An array of strings, where it is given.
    ///
    /// # Errors
    /// The member is of another type, or one of its elements is.
    pub fn texts(&self, name: &str) -> Result<Option<Vec<&str>>, Problem> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Array(values)) => {
                let texts = values.iter().enumerate().map(|(n, value)| {
                    let at = format!("{name}[{n}]");
                    value.as_str().ok_or_else(|| self.wrong(&at, "a string", value))
                });
                texts.collect::<Result<_, _>>().map(Some)
            }
            Some(other) => Err(self.wrong(name, "an array of strings", other)),
        }
    }

    /// The value of a member, whatever it is.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.get(name)
    }

    /// All members, given away.
    #[must_use]
    pub fn into_map(self) -> Map<String, Value> {
        self.members
    }
}

/// A number without a fraction, also when it is written with one, as some languages do.
fn whole(number: &serde_json::Number) -> Option<i64> {
    let exact =
        |float: f64| (float.fract() == 0.0).then(|| format!("{float}").parse().ok()).flatten();
    number.as_i64().or_else(|| number.as_f64().and_then(exact))
}
