//! What a function asks of AWS, noted where it leaves, in the words of IAM.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::config::interceptors::{
    AfterDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextMut,
    BeforeTransmitInterceptorContextRef,
};
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use aws_smithy_types::config_bag::{Storable, StoreReplace};
use serde_json::Value;

use crate::template::{Grant, many};

/// What every function did, by its logical id.
#[derive(Debug, Clone, Default)]
pub struct Ledger(Arc<Mutex<BTreeMap<String, Used>>>);

/// What one function did.
#[derive(Debug, Clone, Default)]
pub struct Used {
    pub grants: BTreeSet<Grant>,
    pub requests: BTreeMap<String, u32>,
    pub calls: u32,
    /// Read and write units, of tables and indexes.
    pub index_writes: BTreeMap<String, f64>,
    pub read_units: f64,
    pub write_units: f64,
}

impl Ledger {
    pub fn recorder(&self, function: &str) -> Recorder {
        Recorder { function: function.to_owned(), ledger: self.clone() }
    }

    /// Forgets everything.
    pub fn clear(&self) {
        self.0.lock().expect("no panic here").clear();
    }

    /// All there is.
    pub fn all(&self) -> BTreeMap<String, Used> {
        self.0.lock().expect("no panic here").clone()
    }

    pub fn called(&self, function: &str) {
        self.note(function, |used| used.calls += 1);
    }

    fn note(&self, function: &str, note: impl FnOnce(&mut Used)) {
        note(self.0.lock().expect("no panic here").entry(function.to_owned()).or_default());
    }
}

/// Notes for one function.
#[derive(Debug, Clone)]
pub struct Recorder {
    function: String,
    ledger: Ledger,
}

/// What was asked, for whoever reads the answer.
#[derive(Debug)]
struct Asked(String);

impl Storable for Asked {
    type Storer = StoreReplace<Self>;
}

impl Intercept for Recorder {
    fn name(&self) -> &'static str {
        "recorder"
    }

    /// Asks the table what the request costs.
    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request_mut();
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        if target.starts_with("DynamoDB") {
            let mut body: Value =
                serde_json::from_slice(request.body().bytes().unwrap_or_default())?;
            body["ReturnConsumedCapacity"] = "INDEXES".into();
            let body = body.to_string();
            request.headers_mut().insert("content-length", body.len().to_string());
            *request.body_mut() = body.into();
        }
        Ok(())
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let target = context.request().headers().get("x-amz-target").unwrap_or_default();
        let (service, operation) = target.split_once('.').unwrap_or_default();
        let body = serde_json::from_slice(context.request().body().bytes().unwrap_or_default())?;
        let grants = match service {
            "TrentService" => vec![grant("kms", operation, "MasterKey")],
            "AmazonSQS" => {
                let queue = queue(body_text(&body, "QueueUrl"));
                vec![grant("sqs", operation.trim_end_matches("Batch"), queue)]
            }
            _ => of_table(operation, &body),
        };
        bag.interceptor_state().store_put(Asked(operation.to_owned()));
        self.ledger.note(&self.function, |used| {
            used.grants.extend(grants);
            *used.requests.entry(operation.to_owned()).or_default() += 1;
        });
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some(Asked(operation)) = bag.load::<Asked>() else { return Ok(()) };
        let body = context.response().body().bytes().unwrap_or_default();
        let answer: Value = serde_json::from_slice(body).unwrap_or_default();
        let tables = many(&answer["ConsumedCapacity"]);
        let units = tables.iter().filter_map(|one| one["CapacityUnits"].as_f64()).sum::<f64>();
        let reads =
            matches!(&**operation, "GetItem" | "BatchGetItem" | "Query" | "TransactGetItems");
        self.ledger.note(&self.function, |used| {
            for (index, units) in tables.iter().filter(|_| !reads).flat_map(by_index) {
                *used.index_writes.entry(index).or_default() += units;
            }
            *(if reads { &mut used.read_units } else { &mut used.write_units }) += units;
        });
        Ok(())
    }
}

fn grant(service: &str, operation: &str, resource: &str) -> Grant {
    Grant { action: format!("{service}:{operation}"), resource: resource.to_owned() }
}

fn body_text<'a>(body: &'a Value, member: &str) -> &'a str {
    body[member].as_str().unwrap_or_default()
}

fn by_index(table: &Value) -> Vec<(String, f64)> {
    let indexes = table["GlobalSecondaryIndexes"].as_object().into_iter().flatten();
    let units = |one: &Value| one["CapacityUnits"].as_f64().unwrap_or_default();
    indexes.map(|(name, one)| (name.clone(), units(one))).collect()
}

/// What IAM asks for: a transaction needs the right to each thing in it.
fn of_table(operation: &str, body: &Value) -> Vec<Grant> {
    let table = |body: &Value| match body["IndexName"].as_str() {
        Some(index) => format!("{}/index/{index}", body_text(body, "TableName")),
        None => body_text(body, "TableName").to_owned(),
    };
    let within = |member: &str| {
        let items = body[member].as_array().into_iter().flatten();
        items.flat_map(|item| item.as_object().into_iter().flatten())
    };
    match operation {
        "TransactWriteItems" => within("TransactItems")
            .map(|(kind, item)| {
                let action = if kind == "ConditionCheck" {
                    "ConditionCheckItem".into()
                } else {
                    format!("{kind}Item")
                };
                grant("dynamodb", &action, &table(item))
            })
            .collect(),
        "TransactGetItems" => within("TransactItems")
            .map(|(_, item)| grant("dynamodb", "GetItem", &table(item)))
            .collect(),
        "BatchGetItem" | "BatchWriteItem" => {
            let tables = body["RequestItems"].as_object().into_iter().flatten();
            tables.map(|(name, _)| grant("dynamodb", operation, name)).collect()
        }
        _ => vec![grant("dynamodb", operation, &table(body))],
    }
}

/// The logical id of a queue, told by the name that the template gives it.
fn queue(url: &str) -> &str {
    match url.rsplit('/').next().unwrap_or_default() {
        "countersign-callbacks" => "CallbackQueue",
        "countersign-deliveries" => "DeliveryQueue",
        other => other,
    }
}
