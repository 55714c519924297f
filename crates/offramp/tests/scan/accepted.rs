//! Findings that somebody accepted, and SARIF, which tells them.

use std::fs;

use ropeway_offramp::scan::{Baseline, Confidence, Report, output, scan};

use crate::{RULES, Tree, json};

#[test]
fn a_baseline_accepts_what_it_has_wherever_the_line_moves() {
    let tree = Tree::new(&[
        ("a.py", "t = x.acquire_token_by_username_password(u, p, scopes=s)\n"),
        ("b.sh", "az login -u a -p $P\n"),
    ]);
    let first = tree.scan();
    for text in [json(&first), output::sarif(&first).to_string()] {
        let baseline = Baseline::read(&text).unwrap();
        fs::write(tree.root().join("a.py"), "import x\n\n\nt = x.acquire_token_by_username_password(u, p, scopes=s)\n")
            .unwrap();
        fs::write(tree.root().join("b.sh"), "echo\n").unwrap();
        fs::write(tree.root().join("c.sh"), "az login -u a -p $P\n").unwrap();
        let report = scan(&RULES, &tree.settings(), Some(&baseline));
        let open: Vec<_> = report.findings().filter(|found| found.open()).map(|found| found.path.clone()).collect();
        assert_eq!(open, [tree.path("c.sh")]);
        assert_eq!((report.gone, report.open(Confidence::Low)), (1, 1));
    }
    assert!(Baseline::read("{}").is_err() && Baseline::read("<sarif/>").is_err());
}

#[test]
fn a_suppression_needs_a_reason() {
    let tree = Tree::new(&[
        ("a.sh", "# ropeway-ignore: the test tenant has no second factor\naz login -u a -p $P\n"),
        ("b.sh", "az login -u a -p $P # ropeway-ignore\n"),
    ]);
    let report = tree.scan();
    let told: Vec<_> = report.findings().map(|found| (found.rule.as_str(), found.suppressed.is_some())).collect();
    assert_eq!(told, [("azure-cli", true), ("azure-cli", false), ("suppression-without-reason", false)]);
    assert_eq!(report.open(Confidence::Low), 2);
}

#[test]
fn sarif_is_what_its_schema_says() {
    let mut schema: serde_json::Value = serde_json::from_str(include_str!("sarif-2.1.0.schema.json")).unwrap();
    // As published, this pattern has a bracket too many; no property of ours is a language.
    schema["definitions"]["run"]["properties"]["language"].as_object_mut().unwrap().remove("pattern");
    schema["definitions"]["toolComponent"]["properties"]["language"].as_object_mut().unwrap().remove("pattern");
    let validator = jsonschema::validator_for(&schema).unwrap();
    let tree = Tree::new(&[
        ("a b.sh", "az login -u a -p Summit-2042\naz login -u a -p $P # ropeway-ignore: known\n"),
        ("c.py", "x.acquire_token_by_username_password(u, getpass(), scopes=s)\n"),
    ]);
    fs::write(tree.root().join("binary.py"), b"az login\0").unwrap();
    let report = tree.scan();
    let baseline = Baseline::read(&json(&report)).unwrap();
    let compared = scan(&RULES, &tree.settings(), Some(&baseline));
    for report in [&report, &compared, &Report::default()] {
        let sarif = output::sarif(report);
        let faults: Vec<String> = validator.iter_errors(&sarif).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{faults:?}");
    }
    assert!(!validator.is_valid(&serde_json::json!({"version": "2.1.0"})), "the schema refuses what is none");
    let sarif = output::sarif(&compared);
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), 4);
    assert!(results.iter().all(|result| result["baselineState"] == "unchanged"));
    assert!(results.iter().any(|result| result["suppressions"][0]["justification"] == "known"));
}
