//! What a tool can hold: sizes, directions, and that nothing is declared and forgotten.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const FILE_LINES_MAX: usize = 400;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned()
}

/// Every file below `folder` whose name ends so, build output left aside.
fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("readable") {
            let path = entry.expect("readable").path();
            let name = path.file_name().expect("named").to_string_lossy().into_owned();
            if path.is_dir() && !matches!(name.as_str(), "target" | "node_modules") {
                folders.push(path);
            } else if name.ends_with(ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn rust() -> Vec<PathBuf> {
    ["functions", "shared", "local", "tests"].iter().flat_map(|f| files(f, ".rs")).collect()
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).expect("text")
}

#[test]
fn files_stay_small_and_say_what_they_are() {
    // What the README shows of a receiver stands for itself there.
    let ours = rust().into_iter().filter(|path| !path.ends_with("receivers/receiver.rs"));
    for path in ours {
        let text = read(&path);
        assert!(text.lines().count() <= FILE_LINES_MAX, "{} is too long", path.display());
        let head = text.starts_with("//!") || text.starts_with("#![doc");
        assert!(head, "{} does not say what it is", path.display());
    }
}

#[test]
fn forbidden_words_are_absent() {
    let forbidden = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("#[al", "low("),
        concat!("unim", "plemented!"),
    ];
    for path in rust() {
        let text = read(&path);
        for word in forbidden {
            assert!(!text.contains(word), "{} holds {word}", path.display());
        }
    }
}

/// Which of our crates each crate may build on.
#[test]
fn crates_point_downwards() {
    let allowed: &[(&str, &[&str])] = &[
        ("matching", &[]),
        ("pages", &[]),
        ("model", &["matching"]),
        ("wire", &["model"]),
        ("outbound", &[]),
        ("webhooks", &["model", "wire"]),
        ("banks", &["model", "outbound"]),
        ("cloud", &["model"]),
        ("runtime", &["model", "wire", "outbound", "webhooks", "banks", "cloud", "pages"]),
    ];
    let ours: BTreeSet<&str> = allowed.iter().map(|(name, _)| *name).collect();
    for (name, below) in allowed {
        for used in dependencies(&root().join("shared").join(name).join("Cargo.toml")) {
            assert!(!ours.contains(used.as_str()) || below.contains(&&*used), "{name} uses {used}");
        }
    }
    for manifest in files("functions", "Cargo.toml") {
        for used in dependencies(&manifest) {
            let function =
                root().join("functions").join(&used).is_dir() && !ours.contains(used.as_str());
            assert!(!function, "{} uses the function {used}", manifest.display());
            assert_ne!(used, "countersign", "{}", manifest.display());
        }
    }
}

/// Only `cloud` and the wiring name an AWS SDK.
#[test]
fn the_sdk_stays_in_its_crate() {
    for path in rust() {
        let shown = path.strip_prefix(root()).expect("inside").display().to_string();
        let wiring = ["shared/cloud", "local/", "tests/"];
        if !wiring.iter().any(|may| shown.starts_with(may)) {
            assert!(!read(&path).contains("aws_sdk_"), "{shown} names an AWS SDK");
        }
    }
}

#[test]
fn the_model_knows_no_clock_and_no_chance() {
    let folders = ["shared/model", "shared/matching", "shared/wire", "shared/pages"];
    for path in folders.iter().flat_map(|folder| files(folder, ".rs")) {
        let text = read(&path);
        for word in [
            "Timestamp::now",
            "SystemTime",
            "Instant::now",
            "std::env",
            "rand::",
            "tokio",
            "reqwest",
        ] {
            assert!(!text.contains(word), "{} holds {word}", path.display());
        }
    }
}

#[test]
fn every_dependency_says_why() {
    let manifest = read(&root().join("Cargo.toml"));
    let (_, rest) = manifest.split_once("[workspace.dependencies]").expect("the section");
    let section = rest.split("\n[").next().expect("its end");
    for line in section.lines().filter(|line| line.contains('=') && !line.contains("path = ")) {
        assert!(line.contains("# "), "no reason: {line}");
    }
}

/// A crate names each of its dependencies somewhere, and each dependency of the workspace has a crate.
#[test]
fn every_dependency_is_used() {
    // Where the library is called otherwise than the package.
    let called = BTreeMap::from([("dynoxide-rs", "dynoxide"), ("md-5", "md5")]);
    let (mut members, mut unused) = (BTreeSet::new(), Vec::new());
    for manifest in ["functions", "shared", "local", "tests", "benches"]
        .iter()
        .flat_map(|folder| files(folder, "Cargo.toml"))
    {
        let folder = manifest.parent().expect("a folder").strip_prefix(root()).expect("inside");
        let sources = files(&folder.display().to_string(), ".rs");
        let text: String = sources.iter().map(|path| read(path)).collect();
        for section in ["[dependencies]", "[dev-dependencies]"] {
            for name in section_of(&manifest, section) {
                let library =
                    called.get(name.as_str()).map_or(name.replace('-', "_"), |l| (*l).into());
                let used =
                    regex::Regex::new(&format!(r"\b{library}(::|;| as )")).expect("a pattern");
                if !used.is_match(&text) {
                    unused.push(format!("{} does not use {name}", manifest.display()));
                }
                members.insert(name);
            }
        }
    }
    let ours = section_of(&root().join("Cargo.toml"), "[workspace.dependencies]");
    unused.extend(ours.difference(&members).map(|name| format!("no crate uses {name}")));
    assert!(unused.is_empty(), "{}", unused.join("\n"));
}

/// The invariants of `ARCHITECTURE.md` name tests that exist.
#[test]
fn named_tests_exist() {
    let all: String = rust().iter().map(|path| read(path)).collect();
    let browser: String = files("tests", ".mjs").iter().map(|path| read(path)).collect();
    let text = read(&root().join("ARCHITECTURE.md"));
    let (_, invariants) = text.split_once("## Invariants").expect("the section");
    let mut named = 0;
    for name in invariants.split('`').filter_map(|quoted| quoted.strip_prefix("test:")) {
        named += 1;
        let found = all.contains(&format!("fn {name}(")) || browser.contains(name);
        assert!(found, "ARCHITECTURE.md names the test {name}, which does not exist");
    }
    assert!(named > 10, "only {named} invariants name a test");
}

fn dependencies(manifest: &Path) -> BTreeSet<String> {
    section_of(manifest, "[dependencies]")
}

/// The names that a section of a manifest sets.
fn section_of(manifest: &Path, section: &str) -> BTreeSet<String> {
    let text = read(manifest);
    let (_, rest) = text.split_once(&format!("\n{section}\n")).unwrap_or(("", ""));
    let section = rest.split("\n[").next().unwrap_or("");
    let names = section.lines().filter(|line| !line.starts_with('#'));
    let name = |line: &str| line.split(['.', ' ', '=']).next().map(str::to_owned);
    names.filter_map(name).filter(|name| !name.is_empty()).collect()
}
