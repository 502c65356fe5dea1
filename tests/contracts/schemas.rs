//! Every answer of a conversation is held against what `openapi.yaml` says of it.

use std::collections::BTreeMap;

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::support::Reply;

/// A validator for each answer that the document describes.
pub(super) struct Schemas(Vec<Described>);

struct Described {
    method: String,
    path: String,
    answers: BTreeMap<String, Option<Validator>>,
}

impl Schemas {
    pub(super) fn new() -> Self {
        let document = wire::openapi::document();
        let components = &document["components"];
        let paths = document["paths"].as_object().expect("an object");
        let mut described = Vec::new();
        for (path, methods) in paths {
            for (method, operation) in methods.as_object().expect("an object") {
                let answers = operation["responses"].as_object().expect("an object").iter();
                let answers = answers.map(|(status, answer)| {
                    let schema = &answer["content"]["application/json"]["schema"];
                    let schema = json!({ "allOf": [schema], "components": components });
                    let validator = answer
                        .get("content")
                        .map(|_| jsonschema::draft202012::new(&schema).expect("a schema"));
                    (status.clone(), validator)
                });
                let (method, path) = (method.to_uppercase(), path.clone());
                described.push(Described { method, path, answers: answers.collect() });
            }
        }
        Self(described)
    }

    /// Unknown paths and methods are described nowhere; everything else must be.
    pub(super) fn assert(&self, method: &str, path: &str, reply: &Reply, at: &str) {
        let path = path.split('?').next().unwrap_or_default();
        let fits = |one: &&Described| one.method == method && crate::openapi::fits(&one.path, path);
        let Some(described) = self.0.iter().find(fits) else {
            assert!(matches!(reply.status, 404 | 405), "{at}: described nowhere");
            return;
        };
        let answer = described.answers.get(&reply.status.to_string());
        let answer = answer.unwrap_or_else(|| panic!("{at}: {} is not described", reply.status));
        match answer {
            None => assert_eq!(reply.body, Value::Null, "{at}: a body where none is described"),
            Some(validator) => {
                let errors = validator.iter_errors(&reply.body);
                let errors: Vec<String> = errors.map(|error| error.to_string()).collect();
                assert!(errors.is_empty(), "{at}: {errors:?} in {}", reply.text);
            }
        }
    }
}
