//! The template of the product: what it declares.

use std::collections::BTreeMap;

use countersign::{Event, TEMPLATE, Template};

use super::template::locals;

fn built_in(sandbox: &str) -> Template {
    let given =
        [("PublicUrl", "http://127.0.0.1:1"), ("SandboxBank", sandbox), ("Stage", "staging")];
    let given = locals(&given);
    Template::parse(TEMPLATE, &given).expect("the built-in template is right")
}

#[test]
fn the_built_in_template_has_every_function() {
    let template = built_in("true");
    let binaries: Vec<&str> = template.functions.iter().map(|one| one.binary.as_str()).collect();
    insta::assert_json_snapshot!(binaries);
    let without = built_in("false");
    assert_eq!(without.functions.len(), binaries.len() - 1);
    assert!(without.left_out.contains("sandbox_bank"));
    assert!(without.tables.iter().all(|table| table.id != "SandboxTable"));
}

#[test]
fn every_route_is_there_with_and_without_its_slash() {
    let template = built_in("true");
    let events = template.functions.iter().flat_map(|function| &function.events);
    let routes = events.filter_map(|event| match event {
        Event::Route(route) => Some(route.to_string()),
        _ => None,
    });
    let routes: Vec<String> =
        routes.filter(|route| !route.ends_with("+}") && !route.ends_with(" /")).collect();
    assert!(routes.len() > 40);
    for route in &routes {
        let other = route.strip_suffix('/').map_or_else(|| format!("{route}/"), str::to_owned);
        assert!(routes.contains(&other), "{other} is missing");
    }
}

#[test]
fn a_function_has_exactly_the_environment_it_is_given() {
    let template = built_in("true");
    let named = |function: &countersign::Function| {
        let names: Vec<String> = function.environment.keys().cloned().collect();
        (function.binary.clone(), names)
    };
    let environments: BTreeMap<String, Vec<String>> =
        template.functions.iter().map(named).collect();
    insta::assert_json_snapshot!(environments);
}
