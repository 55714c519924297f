//! The rules of the house that a compiler does not know. Each is a search through the sources, so that breaking one
//! fails a test today and not a review next month.

use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn grants_know_no_web_framework_and_handlers_know_no_store() {
    let server = sources(&["crates/server/src"]);
    assert_eq!(lines_with(&server, "src/grants/", &["axum::"]), NOTHING, "grants take parsed requests");
    assert_eq!(lines_with(&server, "src/http/", &["store::"]), NOTHING, "handlers go through the spine");
}

#[test]
fn every_fenced_dependency_is_named_by_its_crate_alone() {
    let fences: [(&str, &[&str]); 6] = [
        ("rusqlite", &["crates/store"]),
        ("tokio-postgres", &["crates/store"]),
        ("axum", &["crates/server", "samples"]),
        ("clap", &["crates/cli", "samples/nightly-job", "xtask", "benches"]),
        ("ignore", &["crates/offramp"]),
        ("tokio", &["crates/store", "crates/server", "crates/testkit", "crates/cli", "samples", "benches"]),
    ];
    for (folder, manifest) in packages() {
        for (dependency, allowed) in fences {
            // The tests of the binary look, with SQLite itself, at what a killed server leaves.
            let manifest = match (&*folder, dependency) {
                ("crates/cli", "rusqlite") => manifest.split("[dev-dependencies]").next().unwrap_or_default(),
                _ => &manifest,
            };
            let within = |allowed: &&str| Path::new(&folder).starts_with(allowed);
            let fenced = !names(manifest, dependency) || allowed.iter().any(within);
            assert!(fenced, "{folder} names {dependency}, which only {allowed:?} may");
        }
    }
}

#[test]
fn the_crates_name_one_another_in_a_straight_line() {
    let arrows: [(&str, &[&str]); 7] = [
        ("crates/core", &[]),
        ("crates/store", &["ropeway-core"]),
        ("crates/server", &["ropeway-core", "ropeway-store"]),
        ("crates/testkit", &["ropeway-core", "ropeway-store", "ropeway-server"]),
        ("crates/offramp", &["ropeway-core"]),
        ("crates/cli", &["ropeway-core", "ropeway-server", "ropeway-offramp"]),
        ("benches", &["ropeway-core", "ropeway-store", "ropeway-server"]),
    ];
    for (folder, manifest) in packages() {
        // Samples and chores are not in the list: they name no crate of Ropeway's at all.
        let allowed = arrows.iter().find(|(from, _)| *from == folder).map_or(&[] as &[&str], |(_, to)| to);
        for other in
            ["ropeway-core", "ropeway-store", "ropeway-server", "ropeway-testkit", "ropeway-offramp", "ropeway"]
        {
            assert!(!names(&manifest, other) || allowed.contains(&other), "{folder} may not name {other}");
        }
    }
}

#[test]
fn no_file_is_longer_than_a_person_reads() {
    // A table of data is looked things up in, not read.
    let table = |path: &str| path.contains("catalogue") || path.ends_with("/table.rs");
    let long = |(path, text): &(String, String)| !table(path) && text.lines().count() > LONGEST;
    let found: Vec<_> = sources(ALL).into_iter().filter(long).map(|(path, _)| path).collect();
    assert_eq!(found, NOTHING, "over {LONGEST} lines: look for a second noun");
}

#[test]
fn no_module_has_a_name_that_says_nothing() {
    for (path, _) in sources(ALL) {
        let stem = Path::new(&path).with_extension("");
        for part in stem.iter() {
            let part = part.to_string_lossy();
            assert!(
                !["utils", "util", "helpers", "helper", "common", "misc"].contains(&&*part),
                "{path}: name the noun"
            );
        }
    }
}

#[test]
fn only_the_command_line_and_the_chores_talk_to_a_person() {
    let libraries = sources(&[
        "crates/core/src",
        "crates/store/src",
        "crates/server/src",
        "crates/testkit/src",
        "crates/offramp/src",
    ]);
    let found = lines_with(&libraries, "", &["println!", "eprintln!", "print!(", "dbg!("]);
    assert_eq!(found, NOTHING, "a library returns, or logs with tracing");
}

#[test]
fn the_search_finds_what_it_looks_for() {
    let example =
        vec![("crates/server/src/grants/password.rs".to_owned(), "use axum::Router;\n// axum::\n".to_owned())];
    let found = lines_with(&example, "src/grants/", &["axum::"]);
    assert_eq!(found, ["crates/server/src/grants/password.rs:1: use axum::Router;"]);
    for manifest in ["axum.workspace = true", "axum = \"1\"", "axum = { workspace = true }", "[dependencies.axum]"] {
        assert!(names(manifest, "axum"), "{manifest}");
    }
    assert!(!names("axum-extra.workspace = true", "axum"));
    assert!(packages().len() > 5 && sources(ALL).len() > 20);
}

/// The Rust sources below these folders of the repository: path from the repository's root, and text.
fn sources(folders: &[&str]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for folder in folders {
        walk(&repository().join(folder), &mut found);
    }
    let relative =
        |path: &Path| path.strip_prefix(repository()).expect("below the root").to_string_lossy().into_owned();
    found.iter().map(|path| (relative(path), fs::read_to_string(path).expect("a source"))).collect()
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of the repository") {
        let path = entry.expect("a folder's entry").path();
        if path.is_dir() && !path.ends_with("target") {
            walk(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The workspace's packages: folder from the repository's root, and manifest.
fn packages() -> Vec<(String, String)> {
    let children = |folder: &str| {
        let entries = fs::read_dir(repository().join(folder)).expect("a folder of the repository");
        let name = |entry: fs::DirEntry| format!("{folder}/{}", entry.file_name().to_string_lossy());
        entries.map(move |entry| name(entry.expect("a folder's entry"))).collect::<Vec<_>>()
    };
    let folders = [children("crates"), children("samples"), vec!["xtask".to_owned(), "benches".to_owned()]].concat();
    let manifest = |folder: &str| fs::read_to_string(repository().join(folder).join("Cargo.toml")).ok();
    folders.into_iter().filter_map(|folder| manifest(&folder).map(|text| (folder, text))).collect()
}

/// Whether the manifest has an entry, or a table, of this name.
fn names(manifest: &str, dependency: &str) -> bool {
    manifest.lines().any(|line| {
        let key = line.trim().split([' ', '=']).next().unwrap_or_default().trim_end_matches(".workspace");
        key == dependency || key.trim_end_matches(']').ends_with(&format!("dependencies.{dependency}"))
    })
}

/// `path:line: text` of every line of code that holds one of the words, in files whose path has `part` in it.
fn lines_with(sources: &[(String, String)], part: &str, words: &[&str]) -> Vec<String> {
    let files = sources.iter().filter(|(path, _)| path.contains(part));
    let lines = files.flat_map(|(path, text)| (1..).zip(text.lines()).map(move |(number, line)| (path, number, line)));
    lines
        .filter(|(_, _, line)| !line.trim_start().starts_with("//") && words.iter().any(|word| line.contains(word)))
        .map(|(path, number, line)| format!("{path}:{number}: {}", line.trim()))
        .collect()
}

fn repository() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

const ALL: &[&str] = &["benches", "crates", "samples", "xtask"];
const LONGEST: usize = 600;
const NOTHING: [String; 0] = [];
