//! `template.yaml`, read into what it declares: functions with their events, tables, queues.
//!
//! Keeps true: what is not understood is an error that names the resource, so that nothing in the
//! template is silently not run. What only the cloud has (policies, recovery, key rotation) is
//! resolved, so that its names are checked, and otherwise left alone. Does not know who runs it.

mod event;
mod function;
mod queue;
mod scope;
mod table;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use serde_norway::{Mapping, Value as Yaml};

pub use event::{Event, QueueSource, ScheduleSource, Scheduler, StreamSource};
pub use function::Function;
pub use queue::{Queue, Redrive};
pub(crate) use scope::ACCOUNT;
pub use scope::REGION;
pub(crate) use scope::arn;
pub use table::{Index, Key, Table};

use scope::{Physical, Scope};

/// What the template declares, on this machine.
#[derive(Debug, Clone)]
pub struct Template {
    /// The functions that are active.
    pub functions: Vec<Function>,
    /// The tables that are active.
    pub tables: Vec<Table>,
    /// The queues that are active.
    pub queues: Vec<Queue>,
    /// The executables of functions that a condition leaves out.
    pub left_out: BTreeSet<String>,
}

/// What differs from machine to machine.
#[derive(Debug, Clone, Default)]
pub struct Locals {
    /// Parameters that are given; the others have their defaults.
    pub parameters: BTreeMap<String, String>,
    /// What a KMS key is referred to as.
    pub master_key: String,
}

/// The template does not say what it must.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("template.yaml, {place}: {reason}")]
pub struct TemplateError {
    place: String,
    reason: String,
}

impl TemplateError {
    fn new(place: &str, reason: impl Into<String>) -> Self {
        Self { place: place.to_owned(), reason: reason.into() }
    }
}

/// A resource that is active, with its properties resolved.
struct Resource {
    id: String,
    kind: String,
    properties: Json,
    binary: Option<String>,
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// A [`TemplateError`] that names the resource.
    pub fn parse(text: &str, locals: &Locals) -> Result<Self, TemplateError> {
        let document: Yaml = serde_norway::from_str(text)
            .map_err(|error| TemplateError::new("as a whole", error.to_string()))?;
        let mut scope = Scope { parameters: parameters(&document, locals)?, ..Scope::default() };
        for (name, condition) in section(&document, "Conditions") {
            let decided = scope.condition(condition);
            let decided =
                decided.map_err(|e| TemplateError::new(&format!("condition {name}"), e))?;
            scope.conditions.insert(name.to_owned(), decided);
        }
        for (name, rule) in section(&document, "Rules") {
            let kept = scope.rule(rule);
            kept.map_err(|reason| TemplateError::new(&format!("rule {name}"), reason))?;
        }
        let (active, left_out) = split(&document, &scope)?;
        for (id, body) in &active {
            let physical = physical(id, body, &scope, locals);
            let physical = physical.map_err(|e| TemplateError::new(id, e))?;
            scope.resources.insert((*id).to_owned(), physical);
        }
        let resources = active.iter().map(|(id, body)| resource(id, body, &scope));
        let resources: Vec<Resource> = resources.collect::<Result<_, _>>()?;
        let template = Self {
            functions: function::read_all(&resources, &globals(&document, &scope)?)?,
            tables: read_kind(&resources, "AWS::DynamoDB::Table", table::read)?,
            queues: read_kind(&resources, "AWS::SQS::Queue", queue::read)?,
            left_out,
        };
        template.check()?;
        Ok(template)
    }

    /// The names of the parameters that a template has; none where it cannot be read.
    #[must_use]
    pub fn parameter_names(text: &str) -> BTreeSet<String> {
        let document: Yaml = serde_norway::from_str(text).unwrap_or_default();
        let names = section(&document, "Parameters").into_iter();
        names.map(|(name, _)| name.to_owned()).collect()
    }

    /// The queue of that logical id.
    #[must_use]
    pub fn queue(&self, id: &str) -> Option<&Queue> {
        self.queues.iter().find(|queue| queue.id == id)
    }

    fn check(&self) -> Result<(), TemplateError> {
        let mut routes: BTreeMap<String, &str> = BTreeMap::new();
        for function in &self.functions {
            for event in &function.events {
                self.check_event(function, event)?;
                let Event::Route(route) = event else { continue };
                if let Some(other) = routes.insert(route.to_string(), &function.id) {
                    let reason = format!("{route} is declared here and in {other}");
                    return Err(TemplateError::new(&function.id, reason));
                }
            }
        }
        for queue in &self.queues {
            let target = queue.redrive.as_ref().map(|redrive| &redrive.target_arn);
            if target.is_some_and(|arn| self.queues.iter().all(|queue| queue.arn != *arn)) {
                return Err(TemplateError::new(&queue.id, "its dead letters go nowhere"));
            }
        }
        Ok(())
    }

    fn check_event(&self, function: &Function, event: &Event) -> Result<(), TemplateError> {
        let refuse = |reason: &str| Err(TemplateError::new(&function.id, reason));
        match event {
            Event::Queue(source) => {
                match self.queues.iter().find(|queue| queue.arn == source.queue_arn) {
                    None => refuse("it reads a queue that is not declared"),
                    Some(queue) if queue.visibility_s < function.timeout.as_secs() => {
                        refuse("its queue shows messages again before it times out")
                    }
                    Some(_) => Ok(()),
                }
            }
            Event::Stream(source) => {
                match self.tables.iter().find(|table| table.stream_arn() == source.stream_arn) {
                    Some(table) if table.stream_view.is_some() => Ok(()),
                    _ => refuse("it reads a stream that is not declared"),
                }
            }
            Event::Route(_) | Event::Schedule(_) => Ok(()),
        }
    }
}

fn read_kind<T>(
    resources: &[Resource],
    kind: &str,
    read: fn(&Resource) -> Result<T, String>,
) -> Result<Vec<T>, TemplateError> {
    let of_kind = resources.iter().filter(|resource| resource.kind == kind);
    let read = of_kind
        .map(|resource| read(resource).map_err(|reason| TemplateError::new(&resource.id, reason)));
    read.collect()
}

/// The members of a section, where there is one.
fn section<'a>(document: &'a Yaml, name: &str) -> Vec<(&'a str, &'a Yaml)> {
    let members = document.get(name).and_then(Yaml::as_mapping);
    let named = |(name, value): (&'a Yaml, &'a Yaml)| Some((name.as_str()?, value));
    members.into_iter().flatten().filter_map(named).collect()
}

fn parameters(document: &Yaml, locals: &Locals) -> Result<BTreeMap<String, String>, TemplateError> {
    let mut found = BTreeMap::new();
    for (name, declared) in section(document, "Parameters") {
        let place = format!("parameter {name}");
        let text = |value: &Yaml| scope::scalar(&serde_json::to_value(value).ok()?);
        let default = declared.get("Default").and_then(text);
        let value = locals.parameters.get(name).cloned().or(default);
        let value = value.ok_or_else(|| TemplateError::new(&place, "it has no value"))?;
        let allowed = declared.get("AllowedValues").and_then(Yaml::as_sequence);
        let is_allowed =
            |all: &Vec<Yaml>| all.iter().any(|one| text(one).is_some_and(|one| one == value));
        if !allowed.is_none_or(is_allowed) {
            return Err(TemplateError::new(&place, format!("{value} is not allowed")));
        }
        found.insert(name.to_owned(), value);
    }
    let unknown = locals.parameters.keys().find(|name| !found.contains_key(*name));
    match unknown {
        Some(name) => Err(TemplateError::new(&format!("parameter {name}"), "there is none")),
        None => Ok(found),
    }
}

type Active<'a> = Vec<(&'a str, &'a Yaml)>;

/// Parts the resources that are active from the executables of functions that are not.
fn split<'a>(
    document: &'a Yaml,
    scope: &Scope,
) -> Result<(Active<'a>, BTreeSet<String>), TemplateError> {
    let (mut active, mut left_out) = (Vec::new(), BTreeSet::new());
    for (id, body) in section(document, "Resources") {
        let condition = body.get("Condition").and_then(Yaml::as_str);
        let holds = condition.map_or(Ok(true), |name| scope.named_condition(name));
        if holds.map_err(|e| TemplateError::new(id, e))? {
            active.push((id, body));
        } else {
            left_out.extend(binary(body));
        }
    }
    Ok((active, left_out))
}

fn kind(body: &Yaml) -> Result<&str, String> {
    let kind = body.get("Type").and_then(Yaml::as_str);
    kind.ok_or_else(|| "it has no Type".to_owned())
}

fn binary(body: &Yaml) -> Option<String> {
    let properties = body.get("Metadata")?.get("BuildProperties")?;
    Some(properties.get("Binary")?.as_str()?.to_owned())
}

/// What references to a resource become. Names may not refer to other resources, as there would be
/// no order to name them in.
fn physical(id: &str, body: &Yaml, scope: &Scope, locals: &Locals) -> Result<Physical, String> {
    let named = |member: &str| -> Result<String, String> {
        let given = body.get("Properties").and_then(|properties| properties.get(member));
        let resolved = given.map(|value| scope.resolve(value)).transpose()?.flatten();
        let name = resolved.as_ref().map(|value| scope::scalar(value).ok_or(member));
        let name = name.transpose().map_err(|member| format!("{member} is not a name"))?;
        Ok(name.unwrap_or_else(|| id.to_owned()))
    };
    let (reference, attributes) = match kind(body)? {
        "AWS::DynamoDB::Table" => table::references(named("TableName")?),
        "AWS::SQS::Queue" => queue::references(named("QueueName")?),
        "AWS::KMS::Key" => {
            let key = &locals.master_key;
            (key.clone(), vec![("Arn", key.clone()), ("KeyId", key.clone())])
        }
        "AWS::Serverless::Function" => named_by_arn(id, "lambda", "function:"),
        "AWS::IAM::Role" => named_by_arn(id, "iam", "role/"),
        "AWS::Logs::LogGroup" => named_by_arn(id, "logs", "log-group:"),
        "AWS::CloudWatch::Alarm" => named_by_arn(id, "cloudwatch", "alarm:"),
        _ => return Ok(plain(id)),
    };
    Ok(Physical { reference, attributes: attributes.into_iter().collect() })
}

/// What has an ARN and is not run here: only its name is needed.
fn named_by_arn(id: &str, service: &str, kind: &str) -> (String, Vec<(&'static str, String)>) {
    (id.to_owned(), vec![("Arn", arn(service, &format!("{kind}{id}")))])
}

fn plain(reference: &str) -> Physical {
    Physical { reference: reference.to_owned(), attributes: BTreeMap::new() }
}

fn resource(id: &str, body: &Yaml, scope: &Scope) -> Result<Resource, TemplateError> {
    let refuse = |reason: String| TemplateError::new(id, reason);
    let none = Yaml::Mapping(Mapping::new());
    let properties = scope.resolve(body.get("Properties").unwrap_or(&none));
    Ok(Resource {
        id: id.to_owned(),
        kind: kind(body).map_err(refuse)?.to_owned(),
        properties: properties.map_err(refuse)?.unwrap_or_default(),
        binary: binary(body),
    })
}

fn globals(document: &Yaml, scope: &Scope) -> Result<Json, TemplateError> {
    let function = document.get("Globals").and_then(|globals| globals.get("Function"));
    let resolved = function.map(|value| scope.resolve(value)).transpose();
    let resolved = resolved.map_err(|e| TemplateError::new("Globals", e))?;
    Ok(resolved.flatten().unwrap_or_default())
}
