//! The whole surface as OpenAPI 3.1: every operation of every contract, produced from the shapes.
//!
//! Each contract lists its own operations; what they share (error bodies, security, headers of rate
//! limits) is said once, here.

mod operation;

use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

pub use operation::{Access, Link, Operation, Parameter, Place, Shape, idempotency_key, shape};

use crate::ProblemBody;
use crate::shape::{anything, open_to_anything};

/// What a contract is called, and where it is published.
const TAGS: [(&str, &str); 4] = [
    ("Ivy data sessions", "Data sessions with recurring users. Source: docs.getivy.de."),
    ("Pentadata Auth", "Auth (via Banking). Source: pentadatainc.com/docs."),
    ("Didit data transfer", "Client token, session, decision. Source: docs.didit.me."),
    ("Countersign", "What the three contracts never had."),
];

/// Every operation there is.
#[must_use]
pub fn operations() -> Vec<Operation> {
    let contracts = [
        crate::ivy::operations(),
        crate::pentadata::operations(),
        crate::didit::operations(),
        crate::v1::operations(),
    ];
    contracts.into_iter().flatten().collect()
}

/// The document, without examples: those are the event files.
#[must_use]
pub fn document() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    let mut shapes = Shapes::new();
    for operation in operations() {
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        let members = path.as_object_mut().expect("made just now");
        members.insert(operation.method.to_lowercase(), describe(&operation, &mut shapes));
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Countersign",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Bank-backed identity verification through three published contracts. \
                Every path also answers with a slash at its end, or without, and never redirects. \
                Members that are not described are ignored.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "tags": TAGS.map(|(name, description)| json!({ "name": name, "description": description })),
        "paths": paths,
        "components": {
            "securitySchemes": security_schemes(),
            "headers": headers(),
            "schemas": shapes.into_definitions(),
        },
    })
}

/// Two generators: what may be left out differs between what is read and what is written.
struct Shapes {
    read: SchemaGenerator,
    written: SchemaGenerator,
}

impl Shapes {
    fn new() -> Self {
        let settings = || {
            SchemaSettings::draft2020_12().with(|settings| {
                settings.definitions_path = "/components/schemas".into();
                settings.meta_schema = None;
            })
        };
        Self {
            read: settings().for_deserialize().into_generator(),
            written: settings().for_serialize().into_generator(),
        }
    }

    fn read(&mut self, shape: Shape) -> Schema {
        shape(&mut self.read)
    }

    fn written(&mut self, shape: Shape) -> Schema {
        shape(&mut self.written)
    }

    fn into_definitions(mut self) -> Map<String, Value> {
        let mut all = self.read.take_definitions(true);
        all.values_mut().for_each(open_to_anything);
        all.insert("Anything".to_owned(), anything());
        all.extend(self.written.take_definitions(true));
        all.sort_keys();
        all
    }
}

fn describe(operation: &Operation, shapes: &mut Shapes) -> Value {
    let mut members = Map::new();
    let mut set = |name: &str, value: Value| members.insert(name.to_owned(), value);
    set("operationId", json!(operation.id));
    set("tags", json!([operation.tag]));
    set("summary", json!(operation.summary));
    if let Some(description) = operation.description {
        set("description", json!(description));
    }
    set("security", operation.access.requirement());
    if !operation.parameters.is_empty() {
        let parameters = operation.parameters.iter().map(|parameter| parameter.describe(shapes));
        set("parameters", parameters.collect());
    }
    if let Some(body) = operation.body {
        let schema = shapes.read(body);
        let mut content = json!({ "application/json": { "schema": schema.clone() } });
        if operation.also_form {
            content["application/x-www-form-urlencoded"] = json!({ "schema": schema });
        }
        set("requestBody", json!({ "required": operation.body_required, "content": content }));
    }
    set("responses", answers(operation, shapes));
    Value::Object(members)
}

fn answers(operation: &Operation, shapes: &mut Shapes) -> Value {
    let mut answers = Map::new();
    let (status, said, shape) = operation.answer;
    let mut answer = json!({ "description": said });
    if let Some(shape) = shape {
        let schema = shapes.written(shape);
        answer["content"] = json!({ "application/json": { "schema": schema } });
    }
    if operation.access.is_limited() {
        answer["headers"] = limit_headers();
    }
    if !operation.links.is_empty() {
        let links = operation.links.iter().map(|link| (link.operation.to_owned(), link.describe()));
        answer["links"] = Value::Object(links.collect());
    }
    answers.insert(status.to_string(), answer);
    for (status, said, shape) in &operation.also {
        let schema = shapes.written(*shape);
        let content = json!({ "application/json": { "schema": schema } });
        answers.insert(status.to_string(), json!({ "description": said, "content": content }));
    }
    for status in operation.refusals() {
        let schema = shapes.written(operation::shape::<ProblemBody<'static>>);
        let mut refusal = json!({
            "description": reason(status),
            "content": { "application/json": { "schema": schema } },
        });
        if status == 429 {
            refusal["headers"] = limit_headers();
            refusal["headers"]["Retry-After"] =
                json!({ "$ref": "#/components/headers/RetryAfter" });
        }
        answers.insert(status.to_string(), refusal);
    }
    Value::Object(answers)
}

fn limit_headers() -> Value {
    json!({
        "RateLimit-Limit": { "$ref": "#/components/headers/RateLimitLimit" },
        "RateLimit-Remaining": { "$ref": "#/components/headers/RateLimitRemaining" },
        "RateLimit-Reset": { "$ref": "#/components/headers/RateLimitReset" },
    })
}

fn headers() -> Value {
    let number = |description: &str| json!({ "description": description, "schema": { "type": "integer", "minimum": 0 } });
    json!({
        "RateLimitLimit": number("Requests that one minute allows; approximate."),
        "RateLimitRemaining": number("Requests that are left of it."),
        "RateLimitReset": number("Seconds until the next minute begins."),
        "RetryAfter": number("Seconds to wait."),
    })
}

const fn reason(status: u16) -> &'static str {
    match status {
        400 => "The request breaks a rule; `param` names the member.",
        401 => "The caller is not known; `detail` says what was missing or wrong.",
        403 => "The caller may not do this.",
        404 => "There is no such thing, or it is another tenant's.",
        409 => "It conflicts with what is there; repeating will not help.",
        413 => "The body is too large.",
        422 => "The idempotency key was used for another request.",
        429 => "Too many requests; wait as long as `Retry-After` says.",
        _ => "Something we rely on does not answer; repeat after a second.",
    }
}

fn security_schemes() -> Value {
    json!({
        "IvyApiKey": { "type": "apiKey", "in": "header", "name": "X-Ivy-Api-Key" },
        "ApiKey": { "type": "apiKey", "in": "header", "name": "X-Api-Key" },
        "Bearer": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT" },
        "Refresh": {
            "type": "http", "scheme": "bearer", "description": "The refresh token of the login.",
        },
        "Basic": { "type": "http", "scheme": "basic", "description": "Client id and secret." },
        "SessionToken": { "type": "apiKey", "in": "header", "name": "Data-Session-Token" },
    })
}
