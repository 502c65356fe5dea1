//! Event filters: which records come to a function at all.
//!
//! The part of AWS's pattern language that is plain: values, `prefix`, `suffix`, `exists`,
//! `anything-but`. Anything else is refused when the template is read.

use serde_json::Value as Json;

/// Filters; a record passes if it passes any of them, or if there are none.
#[derive(Debug, Clone, Default)]
pub struct Filters(Vec<Node>);

/// A pattern has the shape of what it matches: members by name, and rules at the leaves.
#[derive(Debug, Clone)]
enum Node {
    Members(Vec<(String, Node)>),
    AnyOf(Vec<Rule>),
}

#[derive(Debug, Clone)]
enum Rule {
    Is(Json),
    Prefix(String),
    Suffix(String),
    Exists(bool),
    AnythingBut(Vec<Json>),
}

impl Filters {
    /// Reads a `FilterCriteria`, or nothing.
    ///
    /// # Errors
    /// A sentence that says what is not understood.
    pub fn parse(criteria: &Json) -> Result<Self, String> {
        if criteria.is_null() {
            return Ok(Self::default());
        }
        let filters = criteria["Filters"].as_array().ok_or("FilterCriteria needs Filters")?;
        let read = filters.iter().map(|filter| {
            let text = filter["Pattern"].as_str().ok_or("a filter needs a Pattern")?;
            let pattern: Json = serde_json::from_str(text).map_err(|e| format!("Pattern: {e}"))?;
            if !pattern.is_object() {
                return Err("Pattern: it must be an object".to_owned());
            }
            node(&pattern)
        });
        read.collect::<Result<_, String>>().map(Self)
    }

    /// Whether a record passes.
    #[must_use]
    pub fn pass(&self, record: &Json) -> bool {
        self.0.is_empty() || self.0.iter().any(|filter| holds(filter, Some(record)))
    }
}

fn node(pattern: &Json) -> Result<Node, String> {
    match pattern {
        Json::Object(members) => {
            let read = members.iter().map(|(name, inner)| Ok((name.clone(), node(inner)?)));
            read.collect::<Result<_, String>>().map(Node::Members)
        }
        Json::Array(rules) => rules.iter().map(rule).collect::<Result<_, _>>().map(Node::AnyOf),
        _ => Err("Pattern: a leaf must be a list".to_owned()),
    }
}

fn rule(pattern: &Json) -> Result<Rule, String> {
    let Json::Object(members) = pattern else {
        return match pattern {
            Json::Array(_) => Err("Pattern: a list in a list".to_owned()),
            value => Ok(Rule::Is(value.clone())),
        };
    };
    let mut members = members.iter();
    let (Some((name, operand)), None) = (members.next(), members.next()) else {
        return Err("Pattern: a rule has one operator".to_owned());
    };
    match (name.as_str(), operand) {
        ("prefix", Json::String(text)) => Ok(Rule::Prefix(text.clone())),
        ("suffix", Json::String(text)) => Ok(Rule::Suffix(text.clone())),
        ("exists", Json::Bool(wanted)) => Ok(Rule::Exists(*wanted)),
        ("anything-but", Json::Array(all)) => Ok(Rule::AnythingBut(all.clone())),
        ("anything-but", one @ (Json::String(_) | Json::Number(_))) => {
            Ok(Rule::AnythingBut(vec![one.clone()]))
        }
        _ => Err(format!("Pattern: {name} is not understood")),
    }
}

fn holds(node: &Node, value: Option<&Json>) -> bool {
    match node {
        Node::Members(members) => members
            .iter()
            .all(|(name, inner)| holds(inner, value.and_then(|value| value.get(name)))),
        Node::AnyOf(rules) => rules.iter().any(|rule| obeys(rule, value)),
    }
}

fn obeys(rule: &Rule, value: Option<&Json>) -> bool {
    let text = value.and_then(Json::as_str);
    match rule {
        Rule::Is(wanted) => value == Some(wanted),
        Rule::Prefix(prefix) => text.is_some_and(|text| text.starts_with(prefix)),
        Rule::Suffix(suffix) => text.is_some_and(|text| text.ends_with(suffix)),
        Rule::Exists(wanted) => value.is_some() == *wanted,
        Rule::AnythingBut(refused) => value.is_some_and(|value| !refused.contains(value)),
    }
}
