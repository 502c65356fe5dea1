//! `openapi.yaml`: produced from the shapes of the contracts, its examples the event files with the
//! answers that are reviewed beside them. `cargo test -p tests write_openapi -- --ignored` writes it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use countersign::{Event, Locals, Template};
use serde_json::{Value, json};
use wire::openapi;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned()
}

/// An event file of an HTTP function with the answer of its snapshot.
struct Example {
    name: String,
    method: String,
    path: String,
    body: Option<Value>,
    form: bool,
    status: u64,
    answer: Value,
}

fn examples() -> Vec<Example> {
    let mut found = Vec::new();
    let folders = std::fs::read_dir(root().join("events")).expect("readable");
    let mut files: Vec<PathBuf> = folders
        .flat_map(|folder| std::fs::read_dir(folder.expect("readable").path()).expect("readable"))
        .map(|entry| entry.expect("readable").path())
        .collect();
    files.sort();
    for file in files {
        found.extend(example(&file));
    }
    found
}

fn example(file: &Path) -> Option<Example> {
    let read = |path: &Path| std::fs::read_to_string(path).expect("readable");
    let event: Value = serde_json::from_str(&read(file)).expect("JSON");
    let method = event["requestContext"]["http"]["method"].as_str()?.to_owned();
    let path = event["rawPath"].as_str()?.to_owned();
    let name = file.file_stem()?.to_str()?.to_owned();
    let function = file.parent()?.file_name()?.to_str()?.to_owned();
    let snapshot = root().join(format!("tests/events/snapshots/{function}__{name}.snap"));
    let snapshot = read(&snapshot);
    let (_, seen) = snapshot.split_once("---\n")?.1.split_once("---\n")?;
    let seen: Value = serde_json::from_str(seen).expect("a JSON snapshot");
    let text = event["body"].as_str().unwrap_or_default();
    let body = serde_json::from_str(text).ok();
    let form = body.is_none() && text.starts_with("grant_type=");
    Some(Example {
        name,
        method,
        path,
        body: body.or_else(|| form.then(|| json!({ "grant_type": "client_credentials" }))),
        form,
        status: seen["answer"]["statusCode"].as_u64()?,
        answer: seen["answer"]["body"].clone(),
    })
}

/// Whether a path is one of a template's, slash or no slash at the end.
pub fn fits(template: &str, path: &str) -> bool {
    let template: Vec<&str> = template.trim_matches('/').split('/').collect();
    let path: Vec<&str> = path.trim_matches('/').split('/').collect();
    let same = |(part, given): (&&str, &&str)| part.starts_with('{') || part == given;
    template.len() == path.len() && template.iter().zip(&path).all(same)
}

/// The document with its examples.
pub fn document() -> Value {
    let mut document = openapi::document();
    let examples = examples();
    let paths = document["paths"].as_object_mut().expect("an object");
    for (template, methods) in paths {
        for (method, operation) in methods.as_object_mut().expect("an object") {
            for example in examples.iter().filter(|example| {
                example.method.eq_ignore_ascii_case(method) && fits(template, &example.path)
            }) {
                add(operation, example);
            }
        }
    }
    document
}

fn add(operation: &mut Value, example: &Example) {
    let media = if example.form { "application/x-www-form-urlencoded" } else { "application/json" };
    let status = example.status.to_string();
    let accepted = example.status < 300;
    if let (Some(body), true) = (&example.body, accepted) {
        let content = &mut operation["requestBody"]["content"][media];
        content["examples"][&example.name] = json!({ "value": body });
    }
    if let (Some(answer), true) =
        (operation["responses"].get_mut(&status), example.answer.is_object())
    {
        let content = &mut answer["content"]["application/json"];
        content["examples"][&example.name] = json!({ "value": example.answer });
    }
}

fn yaml() -> String {
    let text = serde_norway::to_string(&document()).expect("JSON is YAML");
    format!("# Written by `cargo test -p tests write_openapi -- --ignored`; do not edit.\n{text}")
}

#[test]
fn openapi_yaml_is_what_the_shapes_say() {
    let committed = std::fs::read_to_string(root().join("openapi.yaml")).expect("openapi.yaml");
    let differs = committed.lines().zip(yaml().lines().map(str::to_owned)).find(|(a, b)| a != b);
    assert!(committed == yaml(), "write openapi.yaml anew; the first difference: {differs:?}");
}

#[test]
#[ignore = "writes openapi.yaml"]
fn write_openapi() {
    std::fs::write(root().join("openapi.yaml"), yaml()).expect("written");
}

/// Routes that are no part of the API, each with its reason.
const NO_API: [(&str, &str); 6] = [
    ("/link/{token}", "a page for the person"),
    ("/link/{token}/{action}", "a page for the person"),
    ("/callback/{bank}", "where banks send the person back"),
    ("/sandbox-bank/{bank}/{proxy+}", "somebody else's bank"),
    ("/", "refuses"),
    ("/{proxy+}", "refuses"),
];

#[test]
fn routes_and_operations_are_the_same() {
    let locals = Locals { parameters: parameters(), master_key: "file:/nowhere".to_owned() };
    let template = Template::parse(countersign::TEMPLATE, &locals).expect("the template");
    let mut declared: BTreeMap<String, BTreeSet<bool>> = BTreeMap::new();
    for event in template.functions.iter().flat_map(|function| &function.events) {
        let Event::Route(route) = event else { continue };
        let shown = route.to_string();
        let (_, path) = shown.split_once(' ').expect("method and path");
        let slash = path.strip_suffix("/{proxy+}").filter(|_| !shown.starts_with("ANY "));
        let plain = slash.unwrap_or(path);
        if !NO_API.iter().any(|(none, _)| *none == plain) {
            let forms = declared.entry(shown.replace("/{proxy+}", "")).or_default();
            forms.insert(slash.is_some());
        }
    }
    let described: BTreeSet<String> =
        openapi::operations().iter().map(openapi::Operation::route).collect();
    let routes: BTreeSet<String> = declared.keys().cloned().collect();
    assert_eq!(described, routes);
    for (route, forms) in declared {
        assert_eq!(forms.len(), 2, "{route} is declared with and without its slash");
    }
}

fn parameters() -> BTreeMap<String, String> {
    let given = [("PublicUrl", "http://127.0.0.1"), ("SandboxBank", "true"), ("Stage", "staging")];
    given.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

#[test]
fn operations_have_names_of_their_own() {
    let operations = openapi::operations();
    let names: BTreeSet<&str> = operations.iter().map(|operation| operation.id).collect();
    assert_eq!(names.len(), operations.len());
}
