use insta::assert_snapshot;

use crate::ropeway::Surroundings;

#[test]
fn init_writes_a_file_that_check_finds_right_and_never_overwrites_one() {
    let surroundings = Surroundings::new();
    assert_snapshot!(surroundings.run(&["tenant", "init"]), @r"
    exit code 0
    --- stderr
    The sample tenant is in tenant.yaml; change it, then `ropeway serve --tenant tenant.yaml`.
    ");
    assert_snapshot!(surroundings.run(&["tenant", "check", "tenant.yaml"]), @r"
    exit code 0
    --- stderr
    tenant.yaml is right: 3 tenants, 22 users.
    ");
    assert_snapshot!(surroundings.run(&["tenant", "init"]), @r"
    exit code 2
    --- stderr
    error: tenant.yaml exists

    hint: name another file, or add `--force`
    ");
    assert!(surroundings.run(&["tenant", "init", "--force"]).starts_with("exit code 0\n"));
    let printed = surroundings.run(&["tenant", "init", "-"]);
    let written = std::fs::read_to_string(surroundings.path().join("tenant.yaml")).unwrap();
    assert_eq!(printed, format!("exit code 0\n--- stdout\n{written}"));
}

#[test]
fn check_points_at_every_fault_at_once() {
    let surroundings = Surroundings::new();
    assert_snapshot!(surroundings.run_with_stdin(&["tenant", "check", "-"], FAULTY), @r#"
    exit code 1
    --- stdout
    stdin:5:5: tenants[0].displyName: a tenant has no such property; did you mean displayName?
    stdin:7:30: tenants[0].users[0].userPrincipalName: elsewhere.test is no domain of this tenant; add it under verifiedDomains, or use alpine.test
    stdin:8:85: tenants[0].users[1].accountEnabled: found "perhaps"; expected true or false
    --- stderr
    error: 3 faults in stdin
    "#);
    let json = surroundings.run_with_stdin(&["tenant", "check", "-", "--json"], FAULTY);
    let json = json.strip_prefix("exit code 1\n--- stdout\n").unwrap();
    let json: serde_json::Value = serde_json::from_str(json.split_once("--- stderr").unwrap().0).unwrap();
    assert_eq!(json["faults"].as_array().unwrap().len(), 3);
    assert_eq!(json["faults"][0]["line"], 5);
}

#[test]
fn a_file_that_cannot_be_read_is_bad_input() {
    assert_snapshot!(Surroundings::new().run(&["tenant", "check", "nowhere.yaml"]), @r"
    exit code 2
    --- stderr
    error: cannot read nowhere.yaml
    caused by: No such file or directory (os error 2)

    hint: `ropeway tenant init` writes a file to start from
    ");
}

#[test]
fn a_faulty_file_is_not_served() {
    let surroundings = Surroundings::new();
    std::fs::write(surroundings.path().join("faulty.yaml"), FAULTY).unwrap();
    let shown = surroundings.run(&["serve", "--listen", "127.0.0.1:0", "--tenant", "faulty.yaml"]);
    assert!(shown.starts_with("exit code 2\n--- stderr\nerror: 3 faults in faulty.yaml\nfaulty.yaml:5:"), "{shown}");
}

#[test]
fn the_schema_is_json_and_show_hides_secrets() {
    let surroundings = Surroundings::new();
    let schema = surroundings.run(&["tenant", "schema"]);
    let schema: serde_json::Value =
        serde_json::from_str(schema.strip_prefix("exit code 0\n--- stdout\n").unwrap()).unwrap();
    assert!(schema["$schema"].is_string());

    let shown = surroundings.run(&["tenant", "show"]);
    assert!(shown.contains("cloud@alpine.test"));
    for secret in ["Summit-2042", "legacy-portal-secret", "JBSWY3DPEHPK3PXP"] {
        assert!(!shown.contains(secret), "{secret}");
    }
}

const FAULTY: &str = "\
tenants:
  - id: 5e1f0a00-0000-4000-8000-000000000001
    displayName: Alpine
    verifiedDomains: [{ name: alpine.test, isDefault: true }]
    displyName: Twice
    users:
      - { userPrincipalName: cloud@elsewhere.test, displayName: Cloud }
      - { userPrincipalName: other@alpine.test, displayName: Other, accountEnabled: perhaps }
";
