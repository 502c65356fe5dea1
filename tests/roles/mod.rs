//! Least privilege, proven: what each function asked of AWS while everything happened to it is what
//! its role in `template.yaml` allows; nothing is missing and nothing too much.

mod cost;
mod kms;
mod record;
mod story;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use countersign::{Background, Clients, Function, Functions, System, handlers};
use runtime::{Ambient, App, Config};

use crate::support::World;
use crate::template::{Grant, Resource, Stack, named, ours};
pub use record::{Ledger, Used};

/// Where the master key is in this world.
const MASTER_KEY: &str = "arn:aws:kms:eu-central-1:123456789012:key/master";

/// Clients that note what a function asks for.
fn recorded(ledger: &Ledger, function: &str, clients: &Clients) -> runtime::Clients {
    let recorder = ledger.recorder(function);
    let dynamodb = clients.dynamodb.config().to_builder().interceptor(recorder.clone());
    let sqs = clients.sqs.config().to_builder().interceptor(recorder.clone());
    let kms = kms::client().config().to_builder().interceptor(recorder);
    runtime::Clients {
        dynamodb: aws_sdk_dynamodb::Client::from_conf(dynamodb.build()),
        sqs: aws_sdk_sqs::Client::from_conf(sqs.build()),
        kms: Some(aws_sdk_kms::Client::from_conf(kms.build())),
    }
}

fn app(declared: &Function, clients: runtime::Clients, ambient: &Ambient) -> Result<App, String> {
    let config = Config::from_vars(|name| match name {
        "MASTER_KEY_ID" => Some(MASTER_KEY.to_owned()),
        name => declared.environment.get(name).cloned(),
    });
    App::new(config.map_err(|error| error.to_string())?, clients, ambient.clone())
}

/// What answers for a function, fresh and cold.
pub fn invoker(
    ledger: &Ledger,
    declared: &Function,
    clients: &Clients,
    ambient: &Ambient,
) -> Result<countersign::Invoker, String> {
    let noted = recorded(ledger, &declared.id, clients);
    let inner = if declared.binary == "sandbox_bank" {
        let clients = Clients { dynamodb: noted.dynamodb, sqs: noted.sqs };
        handlers::invoker(declared, &clients, ambient)?
    } else {
        handlers::invoker_over(&declared.binary, app(declared, noted, ambient)?)?
    };
    let (ledger, id) = (ledger.clone(), declared.id.clone());
    Ok(Arc::new(move |event| {
        ledger.called(&id);
        inner(event)
    }))
}

/// A world whose functions are watched, and whose master key is in KMS.
pub async fn world(ledger: &Ledger) -> World {
    let functions = |ambient: &Ambient| {
        handlers::binaries().fold(Functions::new(), |functions, binary| {
            let (ledger, ambient) = (ledger.clone(), ambient.clone());
            functions.with(binary, move |declared, clients| {
                invoker(&ledger, declared, clients, &ambient)
            })
        })
    };
    let operator = |system: &System, ambient: &Ambient| {
        let token = system.template().functions.iter().find(|one| one.binary == "token");
        let clients = recorded(ledger, "operator", system.clients());
        app(token.expect("declared"), clients, ambient).expect("an app")
    };
    World::over(Background::Step, functions, operator).await
}

/// What Lambda itself does in a function's name, to write its logs and to bring its events.
fn of_lambda(function: &Resource<'_>) -> BTreeSet<Grant> {
    let mut needed = Vec::new();
    let logs = named(&function.property("LoggingConfig")["LogGroup"]);
    needed.extend(["CreateLogStream", "PutLogEvents"].map(|one| ("logs", one, logs.clone())));
    let traces = ["PutTraceSegments", "PutTelemetryRecords"];
    needed.extend(traces.map(|one| ("xray", one, "*".to_owned())));
    for (_, event) in function.events("SQS") {
        let does = ["DeleteMessage", "GetQueueAttributes", "ReceiveMessage"];
        needed.extend(does.map(|one| ("sqs", one, named(&event["Queue"]))));
    }
    for (_, event) in function.events("DynamoDB") {
        let does = ["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"];
        needed.extend(does.map(|one| ("dynamodb", one, named(&event["Stream"]))));
        let letters = named(&event["DestinationConfig"]["OnFailure"]["Destination"]);
        needed.push(("sqs", "SendMessage", letters));
    }
    let grant =
        |(service, action, resource)| Grant { action: format!("{service}:{action}"), resource };
    needed.into_iter().map(grant).collect()
}

/// What is wrong with the roles, given what was used.
fn differences(stack: &Stack, used: &BTreeMap<String, Used>) -> Vec<String> {
    let mut found = Vec::new();
    for function in stack.functions() {
        let granted = stack.grants(&function);
        let mut needed = of_lambda(&function);
        needed.extend(used.get(function.id).into_iter().flat_map(|used| used.grants.clone()));
        let shown = |what: &str, one: &Grant| {
            format!("{}: {what}: {} on {}", function.id, one.action, one.resource)
        };
        found.extend(needed.difference(&granted).map(|one| shown("used but not granted", one)));
        found.extend(granted.difference(&needed).map(|one| shown("granted but never used", one)));
    }
    found
}

#[tokio::test]
async fn roles_are_exactly_what_is_used() {
    let ledger = Ledger::default();
    story::everything(&ledger).await;
    let used = ledger.all();
    let wrong = differences(&ours(), &used);
    assert!(wrong.is_empty(), "{wrong:#?}");
    // And both directions are seen: a grant taken away, and one given.
    let text = countersign::TEMPLATE;
    let token = "Action: [dynamodb:GetItem, dynamodb:UpdateItem], Resource: !GetAtt KeysTable.Arn";
    for (instead, said) in [
        ("Action: [dynamodb:GetItem], Resource: !GetAtt KeysTable.Arn", "used but not granted"),
        (
            "Action: [dynamodb:GetItem, dynamodb:UpdateItem, dynamodb:PutItem], Resource: !GetAtt KeysTable.Arn",
            "granted but never used",
        ),
    ] {
        let wrong = differences(&Stack::parse(&text.replacen(token, instead, 1)), &used);
        assert!(wrong.len() == 1 && wrong[0].contains(said), "{wrong:#?}");
    }
}
