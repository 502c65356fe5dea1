//! Functions of the template.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value as Json};

use super::{Event, Resource, TemplateError, event, scope};

/// How long a function may run where nothing is said, as on AWS.
const TIMEOUT_S_DEFAULT: u64 = 3;

/// A function: what it runs, on what, and with which environment.
#[derive(Debug, Clone)]
pub struct Function {
    /// Its logical id.
    pub id: String,
    /// Its executable, which is also the name of its handler.
    pub binary: String,
    /// How long one call may take.
    pub timeout: Duration,
    /// Its environment variables, resolved.
    pub environment: BTreeMap<String, String>,
    /// What calls it.
    pub events: Vec<Event>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Properties {
    timeout: Option<u64>,
    #[serde(default)]
    environment: Environment,
    #[serde(default)]
    events: Map<String, Json>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Environment {
    #[serde(default)]
    variables: BTreeMap<String, Json>,
}

pub(super) fn read_all(
    resources: &[Resource],
    globals: &Json,
) -> Result<Vec<Function>, TemplateError> {
    let globals = match globals {
        Json::Null => Properties::default(),
        globals => Properties::deserialize(globals)
            .map_err(|error| TemplateError::new("Globals", error.to_string()))?,
    };
    let functions = resources.iter().filter(|one| one.kind == "AWS::Serverless::Function");
    let read = functions.map(|resource| {
        read(resource, &globals).map_err(|reason| TemplateError::new(&resource.id, reason))
    });
    read.collect()
}

fn read(resource: &Resource, globals: &Properties) -> Result<Function, String> {
    let own = Properties::deserialize(&resource.properties).map_err(|error| error.to_string())?;
    let binary = resource.binary.clone();
    let timeout_s = own.timeout.or(globals.timeout).unwrap_or(TIMEOUT_S_DEFAULT);
    let mut environment = BTreeMap::new();
    let variables = globals.environment.variables.iter().chain(&own.environment.variables);
    for (name, value) in variables {
        let value = scope::scalar(value).ok_or_else(|| format!("variable {name} is no text"))?;
        environment.insert(name.clone(), value);
    }
    let events = own.events.iter().map(|(name, declared)| {
        event::read(&resource.id, name, declared).map_err(|e| format!("event {name}: {e}"))
    });
    Ok(Function {
        id: resource.id.clone(),
        binary: binary.ok_or("it names no Binary in its Metadata")?,
        timeout: Duration::from_secs(timeout_s),
        environment,
        events: events.collect::<Result<_, _>>()?,
    })
}
