use std::fs;

use crate::ropeway::Surroundings;

#[test]
fn findings_are_data_on_stdout_and_exit_code_1() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().to_str().unwrap();
    fs::write(folder.path().join("login.sh"), "az login -u a@b.test -p Summit-2042\n").unwrap();
    let surroundings = Surroundings::new();
    let shown = surroundings.run(&["scan", root]);
    assert!(shown.starts_with("exit code 1\n--- stdout\n"), "{shown}");
    let (data, talk) = shown.split_once("--- stderr\n").unwrap();
    assert!(
        data.contains("login.sh:1:1  high  azure-cli") && data.contains("docs/migration.md#scripts-and-jobs"),
        "{data}"
    );
    assert!(talk.contains("2 findings (2 high) in 1 application") && !shown.contains("Summit-2042"), "{shown}");
    assert!(surroundings.run(&["scan", root, "--fail-on", "never"]).starts_with("exit code 0\n"));
    let sarif = surroundings.run(&["scan", root, "--format", "sarif"]);
    assert!(sarif.starts_with("exit code 1\n--- stdout\n{") && sarif.contains("\"version\": \"2.1.0\""), "{sarif}");
}

#[test]
fn a_baseline_makes_the_known_pass() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().to_str().unwrap();
    fs::write(folder.path().join("login.sh"), "az login -u a@b.test -p $P\n").unwrap();
    let surroundings = Surroundings::new();
    let shown = surroundings.run(&["scan", root, "--format", "json"]);
    let json = shown.split_once("--- stdout\n").unwrap().1.split_once("--- stderr\n").unwrap().0;
    let baseline = folder.path().join("baseline.json");
    fs::write(&baseline, json).unwrap();
    let shown = surroundings.run(&["scan", root, "--baseline", baseline.to_str().unwrap()]);
    assert!(shown.starts_with("exit code 0\n") && shown.contains("1 of the baseline"), "{shown}");
}

#[test]
fn bad_input_is_exit_code_2_and_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rules.yaml");
    fs::write(&file, "rules: [{ id: x }]\n").unwrap();
    let surroundings = Surroundings::new();
    for arguments in [
        &["scan", "/nowhere/at/all"][..],
        &["scan", "--rules", "/nowhere/rules.yaml"],
        &["scan", "--rules", file.to_str().unwrap()],
        &["scan", "--baseline", file.to_str().unwrap()],
        &["scan", "--fail-on", "everything"],
    ] {
        let shown = surroundings.run(arguments);
        assert!(shown.starts_with("exit code 2\n--- stderr\nerror: "), "{arguments:?}: {shown}");
    }
}
