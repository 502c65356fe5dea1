//! What every deployment must be: rules over `template.yaml`, each with a template that it refuses.

mod rules;
mod sources;
mod stack;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use countersign::{Locals, Template};
use serde_json::Value;

pub use stack::{Grant, Resource, Stack, many, named};

/// A rule: its name, and what is wrong where.
type Rule = (&'static str, fn(&Stack) -> Vec<String>);

fn rules() -> Vec<Rule> {
    rules::RULES.iter().chain(sources::RULES).copied().collect()
}

pub fn ours() -> Stack {
    Stack::parse(countersign::TEMPLATE)
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("template/fixtures")
}

#[test]
fn the_template_keeps_every_rule() {
    let ours = ours();
    let broken: Vec<String> = rules()
        .iter()
        .flat_map(|(name, rule)| rule(&ours).into_iter().map(move |said| format!("{name}: {said}")))
        .collect();
    assert!(broken.is_empty(), "{broken:#?}");
}

/// What `samconfig.toml` sets for a stage.
fn configured(stage: &str) -> BTreeMap<String, String> {
    let text = include_str!("../../samconfig.toml");
    let (_, rest) = text.split_once(&format!("[{stage}.deploy.parameters]")).expect("the stage");
    let (_, rest) = rest.split_once("parameter_overrides = [").expect("its parameters");
    let (list, _) = rest.split_once(']').expect("their end");
    let pairs = list.split(',').filter_map(|pair| pair.trim().trim_matches('"').split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[test]
fn every_stage_of_samconfig_is_one_of_the_template() {
    for (stage, called) in
        [("default", "development"), ("staging", "staging"), ("production", "production")]
    {
        let parameters = configured(stage);
        assert_eq!(parameters["Stage"], called);
        let locals = Locals { parameters, master_key: "file:/key".to_owned() };
        let template = Template::parse(countersign::TEMPLATE, &locals).expect(stage);
        let bank = template.functions.iter().any(|one| one.binary == "sandbox_bank");
        assert_eq!(bank, stage != "production", "{stage}");
    }
}

/// What somebody is woken for, to be reviewed as such: one line an alarm.
#[test]
fn alarms_ring_for_what_was_agreed() {
    let ours = ours();
    let line = |alarm: Resource<'_>| {
        let all = alarm.property("Metrics").as_array().cloned().unwrap_or_default();
        let of = |member: fn(&Value) -> &Value| -> String {
            let found: BTreeSet<String> = all
                .iter()
                .map(|one| member(&one["MetricStat"]).to_string())
                .chain([member(alarm.body.get("Properties").unwrap_or(&Value::Null)).to_string()])
                .filter(|found| found != "null")
                .collect();
            found.into_iter().collect::<Vec<_>>().join(" ")
        };
        let what = of(|one| one.get("Metric").map_or(&one["MetricName"], |of| &of["MetricName"]));
        let seconds = of(|one| &one["Period"]);
        let [compared, limit] =
            ["ComparisonOperator", "Threshold"].map(|member| alarm.property(member).to_string());
        format!("{}: {what} {compared} {limit} in {seconds} s", alarm.id).replace('"', "")
    };
    let alarms: Vec<String> = ours.of("AWS::CloudWatch::Alarm").map(line).collect();
    insta::assert_json_snapshot!(alarms);
}

#[test]
fn every_rule_refuses_its_fixture() {
    for (name, rule) in rules() {
        let path = fixtures().join(format!("{name}.yaml"));
        let text =
            std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("{name} has a fixture"));
        for (n, part) in text.split("\n---\n").enumerate() {
            assert!(!rule(&Stack::parse(part)).is_empty(), "{name} takes its fixture {n}");
        }
    }
}

#[test]
fn every_fixture_has_its_rule() {
    let names: BTreeSet<String> = rules().iter().map(|(name, _)| format!("{name}.yaml")).collect();
    for entry in std::fs::read_dir(fixtures()).expect("the folder") {
        let name = entry.expect("readable").file_name().to_string_lossy().into_owned();
        assert!(names.contains(&name), "{name} belongs to no rule");
    }
}
