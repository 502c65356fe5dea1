//! Rules about rights, secrets, logs, tables and what a deployment may be.

use std::collections::BTreeMap;

use countersign::{Locals, Template};
use serde_json::Value;

use super::Rule;
use super::stack::{Stack, many, named, statements};

pub(super) const RULES: &[Rule] = &[
    ("no_wildcard", no_wildcard),
    ("a_role_of_its_own", a_role_of_its_own),
    ("no_secret_in_the_environment", no_secret_in_the_environment),
    ("logs_are_kept_for_a_time", logs_are_kept_for_a_time),
    ("the_access_log_tells_nothing", the_access_log_tells_nothing),
    ("tables_are_kept", tables_are_kept),
    ("keys_are_forgotten", keys_are_forgotten),
    ("keys_rotate", keys_rotate),
    ("no_sandbox_in_production", no_sandbox_in_production),
    ("both_spellings", both_spellings),
    ("places_are_known", places_are_known),
    ("within_the_limits", within_the_limits),
];

/// These two have no resource to name.
const WITHOUT_RESOURCE: [&str; 2] = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"];

fn no_wildcard(stack: &Stack) -> Vec<String> {
    let mut wrong = Vec::new();
    for role in stack.of("AWS::IAM::Role") {
        if !role.property("ManagedPolicyArns").is_null() {
            wrong.push(format!("{} has a policy that others write", role.id));
        }
        for statement in statements(role.body) {
            let actions = many(&statement["Action"]);
            let traced = |one: &Value| WITHOUT_RESOURCE.iter().any(|known| one == known);
            let star = |one: &Value| named(one).contains('*');
            if actions.iter().any(star) || !statement["NotAction"].is_null() {
                wrong.push(format!("{} may do anything of a kind", role.id));
            }
            let resources = many(&statement["Resource"]);
            if (resources.is_empty() || resources.iter().any(star)) && !actions.iter().all(traced) {
                wrong.push(format!("{} may do something to anything", role.id));
            }
        }
    }
    wrong
}

/// With a role given, SAM adds none of the managed policies that name every resource.
fn a_role_of_its_own(stack: &Stack) -> Vec<String> {
    let mut holders: BTreeMap<String, &str> = BTreeMap::new();
    let mut wrong = Vec::new();
    for function in stack.functions() {
        let role = named(function.property("Role"));
        if stack.get(&role)["Type"] != "AWS::IAM::Role" {
            wrong.push(format!("{} has no role", function.id));
        } else if let Some(other) = holders.insert(role, function.id) {
            wrong.push(format!("{} has the role of {other}", function.id));
        }
        if !function.property("Policies").is_null() {
            wrong.push(format!("{} has policies beside its role", function.id));
        }
    }
    wrong
}

fn no_secret_in_the_environment(stack: &Stack) -> Vec<String> {
    let words = ["SECRET", "PASSWORD", "TOKEN", "CREDENTIAL", "PRIVATE", "API_KEY"];
    let mut wrong = Vec::new();
    for function in stack.functions() {
        for (name, value) in stack.environment(&function) {
            let shown = value.to_string();
            let parameter = value["Ref"].as_str().unwrap_or_default();
            let hidden = stack.document["Parameters"][parameter]["NoEcho"] == true;
            let random = value.as_str().is_some_and(|text| {
                text.len() >= 20 && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
            });
            let named = words.iter().any(|word| name.contains(word));
            if named || hidden || random || shown.contains("{{resolve:") {
                wrong.push(format!("{} has a secret in {name}", function.id));
            }
        }
    }
    wrong
}

fn logs_are_kept_for_a_time(stack: &Stack) -> Vec<String> {
    let mut wrong = Vec::new();
    for function in stack.functions() {
        let group = stack.get(&named(&function.property("LoggingConfig")["LogGroup"]));
        if group["Type"] != "AWS::Logs::LogGroup" {
            wrong.push(format!("{} logs to no group of the template", function.id));
        }
    }
    for group in stack.of("AWS::Logs::LogGroup") {
        if group.property("RetentionInDays").is_null() || group.property("KmsKeyId").is_null() {
            wrong.push(format!("{} is kept for ever, or not encrypted", group.id));
        }
    }
    wrong
}

/// A link in a log would open what it leads to.
fn the_access_log_tells_nothing(stack: &Stack) -> Vec<String> {
    let told = ["path", "protocol", "querystring", "header", "identity", "authorizer", "rawQuery"];
    let apis = stack.of("AWS::Serverless::HttpApi").filter_map(|api| {
        let format = api.property("AccessLogSettings")["Format"].as_str();
        let Some(format) = format else { return Some(format!("{} has no access log", api.id)) };
        let word = told.iter().find(|word| format.contains(*word))?;
        Some(format!("{} logs {word}", api.id))
    });
    apis.collect()
}

/// All but the sandbox's.
fn tables_are_kept(stack: &Stack) -> Vec<String> {
    let tables = stack.of("AWS::DynamoDB::Table").filter(|table| table.body["Condition"].is_null());
    let kept = |body: &Value| {
        body["DeletionPolicy"] == "Retain" && body["UpdateReplacePolicy"] == "Retain"
    };
    let lost = tables.filter(|table| {
        let recovery = &table.property("PointInTimeRecoverySpecification");
        let recovers = recovery["PointInTimeRecoveryEnabled"] == true;
        !(kept(table.body) && recovers && table.property("DeletionProtectionEnabled") == true)
    });
    lost.map(|table| format!("{} can be lost", table.id)).collect()
}

/// What was erased would come back with a backup of the keys.
fn keys_are_forgotten(stack: &Stack) -> Vec<String> {
    let mut wrong = Vec::new();
    for function in stack.functions() {
        let Some(table) = stack.environment(&function).get("KEYS_TABLE_NAME").map(named) else {
            continue;
        };
        let recovery = &stack.get(&table)["Properties"]["PointInTimeRecoverySpecification"];
        if recovery["RecoveryPeriodInDays"] != 1 {
            wrong.push(format!("{table} remembers for more than a day"));
        }
    }
    wrong
}

fn keys_rotate(stack: &Stack) -> Vec<String> {
    let keys = stack.of("AWS::KMS::Key").filter(|key| {
        key.property("EnableKeyRotation") != true || key.body["DeletionPolicy"] != "Retain"
    });
    keys.map(|key| format!("{} does not rotate, or is deleted with the stack", key.id)).collect()
}

fn no_sandbox_in_production(stack: &Stack) -> Vec<String> {
    let parsed = |text: &str, name: &str, value: &str| {
        let given = [("Stage", "production"), ("PublicUrl", "https://a.example"), (name, value)];
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        let parameters = given.map(owned).into();
        Template::parse(text, &Locals { parameters, master_key: "file:/key".to_owned() })
    };
    let mut wrong = Vec::new();
    for (name, value) in [("SandboxBank", "true"), ("OutboundReach", "loopback")] {
        if parsed(&stack.text, name, value).is_ok() {
            wrong.push(format!("{name} may be {value} in production"));
        }
    }
    // And where rules are not checked, the condition still holds.
    let unruled = stack.text.replacen("\nRules:", "\nMetadata:", 1);
    if let Ok(template) = parsed(&unruled, "SandboxBank", "true")
        && template.functions.iter().any(|function| function.binary == "sandbox_bank")
    {
        wrong.push("the sandbox bank is there in production".to_owned());
    }
    wrong
}

/// A redirect would lose the authorization header, and API Gateway refuses a route that ends in a slash.
fn both_spellings(stack: &Stack) -> Vec<String> {
    let mut routes = Vec::new();
    for function in stack.functions() {
        for (_, event) in function.events("HttpApi") {
            let path = event["Path"].as_str().unwrap_or_default();
            // Who takes any method takes whatever comes.
            if event["Method"] != "ANY" {
                routes.push(format!("{} {path}", event["Method"].as_str().unwrap_or_default()));
            }
        }
    }
    let mut wrong = Vec::new();
    for route in &routes {
        let other = match route.strip_suffix(SLASH) {
            Some(plain) => plain.to_owned(),
            None => format!("{route}{SLASH}"),
        };
        if route.ends_with('/') {
            wrong.push(format!("{route} ends in a slash"));
        } else if !routes.contains(&other) {
            wrong.push(format!("{route} has one spelling"));
        }
    }
    wrong
}

/// How a route takes the slash at the end of a path. SAM knows no other name of a greedy variable.
const SLASH: &str = "/{proxy+}";

/// Who is requested reads the API's id from the request: given it, the API would be made of what is
/// made of the API. Who is not needs it given.
fn places_are_known(stack: &Stack) -> Vec<String> {
    let mut wrong = Vec::new();
    for function in stack.functions() {
        let given = stack.environment(&function).contains_key("API_ID");
        match function.events("HttpApi").is_empty() {
            false if given => wrong.push(format!("{} and its API need each other", function.id)),
            true if !given => wrong.push(format!("{} knows no address", function.id)),
            _ => {}
        }
    }
    wrong
}

const TEMPLATE_BYTES_MAX: usize = 1_000_000;
const RESOURCES_MAX: usize = 500;
const ROUTES_MAX: usize = 300;
/// Of the policy that says who may call a function. SAM writes one statement into it for each route.
const CALLERS_BYTES_MAX: usize = 20_480;
/// One such statement but for its path: what SAM and Lambda write around it, with a stack's name of
/// forty letters.
const CALLER_BYTES: usize = 440;
/// Of all policies of a role together, white space left aside.
const ROLE_BYTES_MAX: usize = 10_240;

/// What AWS would refuse only while it deploys.
fn within_the_limits(stack: &Stack) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut routes = 0;
    for function in stack.functions() {
        let paths = function.events("HttpApi");
        let bytes =
            |(_, event): &(&str, &Value)| CALLER_BYTES + event["Path"].as_str().map_or(0, str::len);
        let callers: usize = paths.iter().map(bytes).sum();
        if callers > CALLERS_BYTES_MAX {
            wrong.push(format!("{} has routes for {callers} bytes of policy", function.id));
        }
        routes += paths.len();
    }
    for role in stack.of("AWS::IAM::Role") {
        // An ARN is longer than its reference, by less than this.
        let refs: usize =
            statements(role.body).iter().map(|one| many(&one["Resource"]).len()).sum();
        let bytes = role.property("Policies").to_string().len() + refs * 120;
        if bytes > ROLE_BYTES_MAX {
            wrong.push(format!("{} has {bytes} bytes of policies", role.id));
        }
    }
    // Each route is a permission, each other event two resources at most.
    let resources = stack.resources().count() + routes + 2 * stack.functions().count();
    if resources > RESOURCES_MAX || routes > ROUTES_MAX || stack.text.len() > TEMPLATE_BYTES_MAX {
        wrong.push(format!("{resources} resources, {routes} routes, {} bytes", stack.text.len()));
    }
    wrong
}
