//! Holds the container files and the release workflow against this program. They are linted by
//! `tests/run`, and built in no test.

use std::collections::BTreeSet;

use countersign::{ListenAddress, PublicUrl};
use regex::Regex;
use serde_json::Value;

const DOCKERFILE: &str = include_str!("../../Dockerfile");
const DEVCONTAINER: &str = include_str!("../../.devcontainer/Dockerfile");
const COMPOSE: &str = include_str!("../../compose.yaml");
const RELEASE: &str = include_str!("../../.github/workflows/release.yml");

fn all(pattern: &str, text: &str) -> Vec<String> {
    let pattern = Regex::new(pattern).expect("a pattern");
    pattern.captures_iter(text).map(|found| found[1].to_owned()).collect()
}

#[test]
fn images_and_actions_are_pinned() {
    let digest = Regex::new(r"^\S+:\S+@sha256:[0-9a-f]{64}$").expect("a pattern");
    for (text, count) in [(DOCKERFILE, 2), (DEVCONTAINER, 1)] {
        let images = all(r"(?m)^FROM (\S+)", text);
        assert_eq!(images.len(), count);
        for image in images {
            assert!(digest.is_match(&image), "{image}");
        }
    }
    let pinned = Regex::new(r"^\S+@[0-9a-f]{40} # v\d+\.\d+\.\d+$").expect("a pattern");
    let actions = all(r"(?m)^\s*- uses: (.+)$", RELEASE);
    assert_eq!(actions.len(), 3);
    for action in actions {
        assert!(pinned.is_match(&action), "{action}");
    }
}

#[test]
fn images_have_the_pinned_toolchain() {
    let toolchain = include_str!("../../rust-toolchain.toml");
    let channel = &all(r#"channel = "([^"]+)""#, toolchain)[0];
    for text in [DOCKERFILE, DEVCONTAINER] {
        assert!(text.contains(&format!("FROM rust:{channel}-")), "{text}");
    }
    assert_eq!(&all(r"RUSTUP_TOOLCHAIN=(\S+)", DOCKERFILE)[0], channel);
}

#[test]
fn every_variable_that_files_name_is_one_of_an_option() {
    fn variables(command: &clap::Command, found: &mut BTreeSet<String>) {
        let named = command.get_arguments().filter_map(clap::Arg::get_env);
        found.extend(named.map(|name| name.to_string_lossy().into_owned()));
        command.get_subcommands().for_each(|inner| variables(inner, found));
    }
    let mut known = BTreeSet::new();
    variables(&countersign::command::tree(), &mut known);
    let (readme, operate) =
        (include_str!("../../README.md"), include_str!("../../docs/operate.md"));
    for text in [DOCKERFILE, COMPOSE, readme, operate] {
        for name in all(r"\b(COUNTERSIGN_[A-Z_]*[A-Z])\b", text) {
            assert!(known.contains(&name), "{name} is no variable of an option");
        }
    }
}

#[test]
fn the_image_serves_every_network_as_nobody_and_says_whether_it_is_healthy() {
    let value = |name: &str| all(&format!(r"{name}=(\S+)"), DOCKERFILE)[0].clone();
    let listen: ListenAddress = value("COUNTERSIGN_LISTEN").parse().expect("an address");
    assert!(listen.socket().ip().is_unspecified(), "a container is reached from outside");
    let url: PublicUrl = value("COUNTERSIGN_PUBLIC_URL").parse().expect("a URL");
    assert_eq!(url.as_url().port(), Some(listen.socket().port()));
    assert_eq!(all(r"(?m)^EXPOSE (\d+)$", DOCKERFILE), [listen.socket().port().to_string()]);
    let data = value("COUNTERSIGN_DATA");
    assert!(DOCKERFILE.contains(&format!("VOLUME [\"{data}\"]")), "{data}");
    let user: u32 = all(r"(?m)^USER (\d+):", DOCKERFILE)[0].parse().expect("a number");
    assert_ne!(user, 0);
    let tree = countersign::command::tree();
    for command in ["serve", "health"] {
        assert!(tree.find_subcommand(command).is_some(), "{command}");
        assert!(DOCKERFILE.contains(&format!("\"{command}\"]")), "{command}");
    }
}

/// Data, keys and secrets of whoever builds an image do not become part of it.
#[test]
fn no_secret_is_sent_to_the_build() {
    let ignored: Vec<&str> = include_str!("../../.dockerignore").lines().collect();
    for secret in [".countersign", ".git", "**/.env*", "**/*.key", "**/*.pem"] {
        assert!(ignored.contains(&secret), "{secret}");
    }
}

#[test]
fn the_development_container_forwards_where_serve_listens() {
    let text = include_str!("../../.devcontainer/devcontainer.json");
    let container: Value = serde_json::from_str(text).expect("JSON without comments");
    assert_eq!(container["build"]["dockerfile"], "Dockerfile");
    let tree = countersign::command::tree();
    let serve = tree.find_subcommand("serve").expect("a command");
    let listen = serve.get_arguments().find(|arg| arg.get_id() == "listen").expect("an option");
    let default = listen.get_default_values()[0].to_string_lossy().into_owned();
    let listen: ListenAddress = default.parse().expect("an address");
    assert_eq!(container["forwardPorts"][0], listen.socket().port());
}
