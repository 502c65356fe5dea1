//! The template of the product: what it declares.

use std::collections::BTreeMap;

use countersign::{TEMPLATE, Template};

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
