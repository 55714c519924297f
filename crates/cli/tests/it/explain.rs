use insta::assert_snapshot;

use crate::ropeway::Surroundings;

#[test]
fn a_code_is_explained_however_it_is_written() {
    let surroundings = Surroundings::new();
    let explained = surroundings.run(&["explain", "50126"]);
    assert!(explained.starts_with("exit code 0\n--- stdout\nAADSTS50126  InvalidUserNameOrPassword\n"), "{explained}");
    for same in ["AADSTS50126", "aadsts50126", "AADSTS50126: Error validating credentials"] {
        assert_eq!(surroundings.run(&["explain", same]), explained, "{same}");
    }
}

#[test]
fn the_row_is_there_as_json() {
    let shown = Surroundings::new().run(&["explain", "50126", "--json"]);
    let json = shown.strip_prefix("exit code 0\n--- stdout\n").unwrap();
    let row: serde_json::Value = serde_json::from_str(json).unwrap();
    assert_eq!(row["code"], 50126);
    assert_eq!(row["error"], "invalid_grant");
    assert_eq!(row["raisedHere"], true);
}

#[test]
fn an_unknown_code_is_a_finding_and_no_code_is_wrong_usage() {
    let surroundings = Surroundings::new();
    assert_snapshot!(surroundings.run(&["explain", "50216"]), @r"
    exit code 1
    --- stderr
    error: the catalogue has no AADSTS50216

    hint: did you mean `ropeway explain 50126` (InvalidUserNameOrPassword) or `ropeway explain 50196` (LoopDetected) or `ropeway explain 50168` (ChromeBrowserSsoInterruptRequired)?
    ");
    assert_snapshot!(surroundings.run(&["explain", "everything"]), @r"
    exit code 2
    --- stderr
    error: `everything` is no AADSTS code

    hint: ropeway explain 50126
    ");
}
