//! Every option of every command has an environment variable.

use clap::{ArgAction, Command};
use serde_json::json;

use crate::command::{command, told};
use crate::support::World;

/// Options that print and end are no settings.
fn only_prints(action: &ArgAction) -> bool {
    matches!(
        action,
        ArgAction::Help | ArgAction::HelpShort | ArgAction::HelpLong | ArgAction::Version
    )
}

/// Every option below a command, with its variable. What a command acts on, which has a place and no
/// name, has no variable: it is said where the command is given.
fn options(command: &Command, path: &str, found: &mut Vec<(String, String)>) {
    let settings = command.get_arguments().filter(|arg| !arg.is_positional());
    for option in settings.filter(|arg| !only_prints(arg.get_action())) {
        let shown = format!("{path} --{}", option.get_long().expect("options have long names"));
        let variable = option.get_env().unwrap_or_else(|| panic!("{shown} has no variable"));
        let variable = variable.to_str().expect("text").to_owned();
        assert!(variable.starts_with("COUNTERSIGN_"), "{shown}: {variable}");
        found.push((shown, variable));
    }
    for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help") {
        options(inner, &format!("{path} {}", inner.get_name()), found);
    }
}

#[test]
fn every_option_has_an_environment_variable() {
    let mut tree = countersign::command::tree();
    tree.build();
    let mut found = Vec::new();
    options(&tree, "countersign", &mut found);
    let lines: Vec<String> =
        found.iter().map(|(option, variable)| format!("{option:<50} {variable}")).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

/// `--help` shows the value that a variable has, but for secrets.
#[test]
fn values_of_secrets_are_not_shown() {
    fn check(command: &Command, secrets: &mut usize) {
        for option in command.get_arguments() {
            let name = option.get_long().unwrap_or_default();
            if ["key", "secret"].contains(&name) {
                *secrets += 1;
                assert!(option.is_hide_env_values_set(), "{} --{name}", command.get_name());
            }
        }
        command.get_subcommands().for_each(|inner| check(inner, secrets));
    }
    let (mut tree, mut secrets) = (countersign::command::tree(), 0);
    tree.build();
    check(&tree, &mut secrets);
    assert!(secrets >= 5, "{secrets} secrets are known");
}

/// A variable counts, and what is on the command line counts more.
#[tokio::test]
async fn variables_count_and_the_command_line_counts_more() {
    let world = World::new().await;
    let (server, key) = (world.system.base_url().to_string(), world.key());
    let tail = |arguments: &[&str]| {
        let mut tail = command(&[&["events", "tail"], arguments].concat());
        tail.env("COUNTERSIGN_SERVER", &server)
            .env("COUNTERSIGN_API_KEY", &key)
            .env("COUNTERSIGN_EVENTS_TAIL_AFTER", "0")
            .env("COUNTERSIGN_EVENTS_TAIL_COUNT", "2");
        tail
    };
    for reference in ["r1", "r2"] {
        world.session(reference, "john.doe@example.com").await;
    }
    world.fan_out().await;
    let said = told(&mut tail(&[])).await;
    assert_eq!((said.lines().count(), said.starts_with("ok")), (3, true), "{said}");
    let said = told(&mut tail(&["--count", "1"])).await;
    assert_eq!((said.lines().count(), said.starts_with("ok")), (2, true), "{said}");
}

/// A list is separated by commas in a variable, as each value is an option of its own elsewhere.
#[tokio::test]
async fn lists_are_separated_by_commas() {
    let data = std::env::temp_dir().join(format!("countersign-env-{}", std::process::id()));
    let mut create = command(&["tenant", "create"]);
    let create = create
        .env("COUNTERSIGN_DATA", &data)
        .env("COUNTERSIGN_TENANT_CREATE_NAME", "Example Shop")
        .env("COUNTERSIGN_TENANT_CREATE_EMAIL", "developer@example.com")
        .env("COUNTERSIGN_TENANT_CREATE_ORIGIN", "https://a.example,http://localhost:3000");
    let made = told(create).await;
    let id = made.split_whitespace().find(|word| word.starts_with("ten_")).expect("a tenant");
    let shown = told(command(&["tenant", "set", id]).env("COUNTERSIGN_DATA", &data)).await;
    assert!(shown.contains("origins      https://a.example http://localhost:3000"), "{shown}");
    std::fs::remove_dir_all(&data).expect("removed");
}

/// A wrong address is answered with examples of right ones.
#[tokio::test]
async fn what_cannot_be_served_is_refused_with_the_reason() {
    let mut seen = String::new();
    for arguments in [
        ["serve", "--listen", "example.com:8787"],
        ["serve", "--listen", "70000"],
        ["serve", "--public-url", "verify.example.com"],
        ["serve", "--public-url", "https://verify.example.com/countersign"],
        ["serve", "--public-url", "https://verify.example.com?tenant=1"],
        ["serve", "--public-url", "https://verify.example.com#top"],
        ["serve", "--public-url", "https://me:secret@verify.example.com"],
        ["serve", "--public-url", "http://verify.example.com"],
        ["health", "--listen", "1"],
        ["serve", "--help", ""],
    ] {
        let arguments: Vec<&str> = arguments.into_iter().filter(|text| !text.is_empty()).collect();
        let said = told(&mut command(&arguments)).await;
        seen.push_str(&format!("## {}\n{said}\n\n", arguments.join(" ")));
    }
    assert!(!json!(seen).to_string().contains("\\u001b"), "no colours in a pipe");
    insta::assert_snapshot!(seen);
}
