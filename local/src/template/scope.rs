//! Intrinsic functions: what a value of the template is on this machine.
//!
//! Keeps true: a name that means nothing is an error that names it; nothing is guessed. Does not
//! know what a resource is for.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};
use serde_norway::Value as Yaml;

/// Where everything pretends to be.
pub const REGION: &str = "eu-central-1";
/// Whose everything pretends to be. The queue service knows no other account.
pub(crate) const ACCOUNT: &str = "123456789012";
/// What the stack is called.
const STACK: &str = "countersign";

/// What a resource is on this machine.
#[derive(Debug, Clone)]
pub(super) struct Physical {
    pub(super) reference: String,
    pub(super) attributes: BTreeMap<&'static str, String>,
}

/// The names that a value may refer to.
#[derive(Debug, Default)]
pub(super) struct Scope {
    pub(super) parameters: BTreeMap<String, String>,
    pub(super) conditions: BTreeMap<String, bool>,
    pub(super) resources: BTreeMap<String, Physical>,
}

impl Scope {
    /// Resolves a value; `None` is `AWS::NoValue`, which takes its member away.
    pub(super) fn resolve(&self, value: &Yaml) -> Result<Option<Json>, String> {
        if let Some((function, argument)) = intrinsic(value) {
            return self.call(&function, argument);
        }
        Ok(Some(match value {
            Yaml::Null => Json::Null,
            Yaml::Bool(flag) => Json::Bool(*flag),
            Yaml::Number(number) => serde_json::to_value(number).map_err(|e| e.to_string())?,
            Yaml::String(text) => Json::String(text.clone()),
            Yaml::Sequence(items) => {
                let resolved = items.iter().filter_map(|item| self.resolve(item).transpose());
                Json::Array(resolved.collect::<Result<_, _>>()?)
            }
            Yaml::Mapping(members) => self.members(members)?,
            Yaml::Tagged(tagged) => return Err(format!("{} is not understood", tagged.tag)),
        }))
    }

    fn members(&self, members: &serde_norway::Mapping) -> Result<Json, String> {
        let mut resolved = Map::new();
        for (name, value) in members {
            let name = name.as_str().ok_or("a member's name is not a string")?;
            let value = self.resolve(value).map_err(|e| format!("{name}: {e}"))?;
            if let Some(value) = value {
                resolved.insert(name.to_owned(), value);
            }
        }
        Ok(Json::Object(resolved))
    }

    fn call(&self, function: &str, argument: &Yaml) -> Result<Option<Json>, String> {
        let text = match function {
            "Ref" => match self.reference(string(argument)?)? {
                Some(text) => text,
                None => return Ok(None),
            },
            "GetAtt" => self.attribute(argument)?,
            "Sub" => self.substitute(argument)?,
            "Join" => self.join(argument)?,
            "If" => {
                let [name, yes, no] = exactly(argument)?;
                let branch = if self.named_condition(string(name)?)? { yes } else { no };
                return self.resolve(branch);
            }
            _ => return Err(format!("!{function} is not understood")),
        };
        Ok(Some(Json::String(text)))
    }

    fn reference(&self, name: &str) -> Result<Option<String>, String> {
        if let Some(pseudo) = pseudo(name) {
            return Ok(pseudo);
        }
        let resource = || self.resources.get(name).map(|found| found.reference.clone());
        let found = self.parameters.get(name).cloned().or_else(resource);
        found.map(Some).ok_or_else(|| nothing(name))
    }

    fn attribute(&self, argument: &Yaml) -> Result<String, String> {
        if let Some(dotted) = argument.as_str() {
            let split = dotted.split_once('.').ok_or("!GetAtt needs Resource.Attribute")?;
            return self.attribute_of(split.0, split.1);
        }
        let [resource, attribute] = exactly(argument)?;
        self.attribute_of(string(resource)?, string(attribute)?)
    }

    fn attribute_of(&self, name: &str, attribute: &str) -> Result<String, String> {
        let resource = self.resources.get(name).ok_or_else(|| nothing(name))?;
        let found = resource.attributes.get(attribute).cloned();
        found.ok_or_else(|| format!("{name} has no attribute {attribute}"))
    }

    fn substitute(&self, argument: &Yaml) -> Result<String, String> {
        if let Some(pattern) = argument.as_str() {
            return self.fill(pattern, &Map::new());
        }
        let [pattern, names] = exactly(argument)?;
        let names = self.resolve(names)?.unwrap_or_default();
        let names = names.as_object().ok_or("!Sub needs a map of names")?;
        self.fill(string(pattern)?, names)
    }

    fn fill(&self, pattern: &str, names: &Map<String, Json>) -> Result<String, String> {
        let mut filled = String::new();
        let mut rest = pattern;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after.split_once('}').ok_or("!Sub has a ${ without its }")?;
            filled.push_str(before);
            filled.push_str(&self.placeholder(name, names)?);
            rest = after;
        }
        filled.push_str(rest);
        Ok(filled)
    }

    fn placeholder(&self, name: &str, names: &Map<String, Json>) -> Result<String, String> {
        if let Some(literal) = name.strip_prefix('!') {
            return Ok(format!("${{{literal}}}"));
        }
        if let Some(given) = names.get(name) {
            return scalar(given).ok_or_else(|| format!("!Sub: {name} is not a scalar"));
        }
        match name.split_once('.') {
            Some((resource, attribute)) => self.attribute_of(resource, attribute),
            None => self.reference(name)?.ok_or_else(|| nothing(name)),
        }
    }

    fn join(&self, argument: &Yaml) -> Result<String, String> {
        let [separator, items] = exactly(argument)?;
        let items = self.resolve(items)?.unwrap_or_default();
        let items = items.as_array().ok_or("!Join needs a list")?;
        let texts: Option<Vec<String>> = items.iter().map(scalar).collect();
        Ok(texts.ok_or("!Join: an item is not a scalar")?.join(string(separator)?))
    }

    /// Decides a condition of the section `Conditions`.
    pub(super) fn condition(&self, value: &Yaml) -> Result<bool, String> {
        let (function, argument) = intrinsic(value).ok_or("a condition must be a function")?;
        let all = || argument.as_sequence().ok_or("a condition needs a list");
        match function.as_str() {
            "Equals" => {
                let [left, right] = exactly(argument)?;
                Ok(self.resolve(left)? == self.resolve(right)?)
            }
            "Not" => {
                let [inner] = exactly(argument)?;
                Ok(!self.condition(inner)?)
            }
            "And" => {
                all()?.iter().try_fold(true, |so_far, part| Ok(so_far & self.condition(part)?))
            }
            "Or" => {
                all()?.iter().try_fold(false, |so_far, part| Ok(so_far | self.condition(part)?))
            }
            "Condition" => self.named_condition(string(argument)?),
            _ => Err(format!("!{function} is not understood in a condition")),
        }
    }

    /// Checks one of the section `Rules`: parameters that do not go together are an error.
    pub(super) fn rule(&self, rule: &Yaml) -> Result<(), String> {
        let applies = rule.get("RuleCondition").map_or(Ok(true), |when| self.condition(when))?;
        if !applies {
            return Ok(());
        }
        let assertions = rule.get("Assertions").and_then(Yaml::as_sequence);
        for assertion in assertions.ok_or("a rule needs assertions")? {
            let claim = assertion.get("Assert").ok_or("an assertion asserts nothing")?;
            if !self.condition(claim)? {
                let said = assertion.get("AssertDescription").and_then(Yaml::as_str);
                return Err(said.unwrap_or("the parameters do not go together").to_owned());
            }
        }
        Ok(())
    }

    pub(super) fn named_condition(&self, name: &str) -> Result<bool, String> {
        let found = self.conditions.get(name).copied();
        found.ok_or_else(|| format!("there is no condition {name}"))
    }
}

/// The ARN of something here.
pub(crate) fn arn(service: &str, rest: &str) -> String {
    format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}")
}

/// A short tag (`!Ref x`) or its long form (`{Ref: x}`, `{Fn::Sub: x}`).
fn intrinsic(value: &Yaml) -> Option<(String, &Yaml)> {
    match value {
        Yaml::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            Some((tag.trim_start_matches('!').to_owned(), &tagged.value))
        }
        Yaml::Mapping(members) if members.len() == 1 => {
            let (name, argument) = members.iter().next()?;
            let name = name.as_str()?;
            let function = match name {
                "Ref" => name,
                _ => name.strip_prefix("Fn::")?,
            };
            Some((function.to_owned(), argument))
        }
        _ => None,
    }
}

fn pseudo(name: &str) -> Option<Option<String>> {
    let value = match name {
        "AWS::NoValue" => return Some(None),
        "AWS::Region" => REGION,
        "AWS::AccountId" => ACCOUNT,
        "AWS::Partition" => "aws",
        "AWS::StackName" => STACK,
        "AWS::URLSuffix" => "amazonaws.com",
        _ => return None,
    };
    Some(Some(value.to_owned()))
}

fn nothing(name: &str) -> String {
    format!("there is no parameter or active resource {name}")
}

fn string(value: &Yaml) -> Result<&str, String> {
    value.as_str().ok_or_else(|| "a name is not a string".to_owned())
}

fn exactly<const N: usize>(value: &Yaml) -> Result<[&Yaml; N], String> {
    let items: Vec<&Yaml> = value.as_sequence().into_iter().flatten().collect();
    items.try_into().map_err(|_| format!("a function needs a list of {N}"))
}

/// The text of a scalar, as the cloud writes it into a string.
pub(super) fn scalar(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}
