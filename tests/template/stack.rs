//! `template.yaml` as rules see it: with what only the cloud has, and references by name.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use serde_norway::Value as Yaml;

/// A template.
pub struct Stack {
    pub text: String,
    pub document: Value,
}

/// A resource by its logical id.
pub struct Resource<'a> {
    pub id: &'a str,
    pub body: &'a Value,
}

/// What a role may do to what.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    pub action: String,
    pub resource: String,
}

impl Stack {
    pub fn parse(text: &str) -> Self {
        let yaml: Yaml = serde_norway::from_str(text).expect("YAML");
        Self { text: text.to_owned(), document: plain(&yaml) }
    }

    pub fn resources(&self) -> impl Iterator<Item = Resource<'_>> {
        let members = self.document["Resources"].as_object().into_iter().flatten();
        members.map(|(id, body)| Resource { id, body })
    }

    pub fn of(&self, kind: &str) -> impl Iterator<Item = Resource<'_>> {
        let is = move |one: &Resource<'_>| one.body["Type"] == kind;
        self.resources().filter(is)
    }

    pub fn functions(&self) -> impl Iterator<Item = Resource<'_>> {
        self.of("AWS::Serverless::Function")
    }

    pub fn get(&self, id: &str) -> &Value {
        &self.document["Resources"][id]
    }

    pub fn timeout_s(&self, function: &Resource<'_>) -> u64 {
        let own = function.property("Timeout").as_u64();
        own.or(self.document["Globals"]["Function"]["Timeout"].as_u64()).unwrap_or(3)
    }

    /// The environment variables of a function, with those of all functions.
    pub fn environment(&self, function: &Resource<'_>) -> Map<String, Value> {
        let mut all = self.document["Globals"]["Function"]["Environment"]["Variables"].clone();
        let own = function.property("Environment")["Variables"].clone();
        let mut found = all.as_object_mut().map(std::mem::take).unwrap_or_default();
        found.extend(own.as_object().cloned().unwrap_or_default());
        found
    }

    /// What the role of a function allows.
    pub fn grants(&self, function: &Resource<'_>) -> BTreeSet<Grant> {
        let role = self.get(&named(function.property("Role")));
        let mut grants = BTreeSet::new();
        for statement in statements(role) {
            for action in many(&statement["Action"]) {
                for resource in many(&statement["Resource"]) {
                    let action = action.as_str().unwrap_or_default().to_owned();
                    grants.insert(Grant { action, resource: named(&resource) });
                }
            }
        }
        grants
    }
}

impl<'a> Resource<'a> {
    pub fn property(&self, name: &str) -> &'a Value {
        &self.body["Properties"][name]
    }

    /// The events of a function of one type, by their properties.
    pub fn events(&self, kind: &str) -> Vec<(&'a str, &'a Value)> {
        let events = self.property("Events").as_object().into_iter().flatten();
        let of_kind = events.filter(|(_, event)| event["Type"] == kind);
        of_kind.map(|(name, event)| (name.as_str(), &event["Properties"])).collect()
    }
}

/// The statements of a role.
pub fn statements(role: &Value) -> Vec<Value> {
    let policies = many(&role["Properties"]["Policies"]);
    policies.iter().flat_map(|policy| many(&policy["PolicyDocument"]["Statement"])).collect()
}

/// One or many, as policies write it.
pub fn many(value: &Value) -> Vec<Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(items) => items.clone(),
        one => vec![one.clone()],
    }
}

/// What a reference is called: `Table`, `Table.StreamArn`, `Table/index/due`; a text is itself.
pub fn named(value: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let short = |text: String| text.strip_suffix(".Arn").map(str::to_owned).unwrap_or(text);
    if let Some(found) = value.get("Fn::GetAtt") {
        return match found.as_array() {
            Some(parts) => short(parts.iter().map(text).collect::<Vec<_>>().join(".")),
            None => short(text(found)),
        };
    }
    let sub = value.get("Fn::Sub").and_then(Value::as_str);
    if let Some(pattern) = sub {
        return pattern.replacen("${", "", 1).replacen(".Arn}", "", 1);
    }
    value.get("Ref").map_or_else(|| text(value), text)
}

/// Tags become the long form: `!Ref x` is `{"Ref": "x"}`.
fn plain(yaml: &Yaml) -> Value {
    match yaml {
        Yaml::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            let name = match tag.trim_start_matches('!') {
                kept @ ("Ref" | "Condition") => kept.to_owned(),
                function => format!("Fn::{function}"),
            };
            json!({ name: plain(&tagged.value) })
        }
        Yaml::Mapping(members) => {
            let member = |(name, value): (&Yaml, &Yaml)| {
                (name.as_str().expect("a name").to_owned(), plain(value))
            };
            Value::Object(members.iter().map(member).collect())
        }
        Yaml::Sequence(items) => Value::Array(items.iter().map(plain).collect()),
        scalar => serde_json::to_value(scalar).expect("a scalar"),
    }
}
