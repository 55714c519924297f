use serde_json::{Value, json};

use crate::ropeway::Surroundings;

fn matrix(surroundings: &Surroundings, arguments: &[&str]) -> Value {
    let shown = surroundings.run(&[&["matrix", "--json"], arguments].concat());
    let json = shown.strip_prefix("exit code 0\n--- stdout\n").unwrap_or_else(|| panic!("{shown}"));
    serde_json::from_str(json).unwrap()
}

/// The cells of the row that has this user and this note.
fn cells<'m>(matrix: &'m Value, user: &str, note: Value) -> &'m Value {
    let mut rows = matrix["tenants"][0]["rows"].as_array().unwrap().iter();
    let row = rows.find(|row| row["user"] == user && row["note"] == note);
    &row.unwrap_or_else(|| panic!("no row of {user}"))["cells"]
}

#[test]
fn every_user_of_the_sample_is_tried_with_every_flow() {
    let matrix = matrix(&Surroundings::new(), &[]);

    let cells = |user| cells(&matrix, user, Value::Null);
    let tokens = json!({ "result": "tokens" });
    assert_eq!(cells("cloud@alpine.test")["password"], tokens);
    assert_eq!(cells("cloud@alpine.test")["msalPassword"], tokens);
    assert_eq!(cells("cloud@alpine.test")["refreshToken"], tokens);
    assert_eq!(cells("guest@fjord.test")["password"], tokens);
    let second_factor = json!({ "result": "refused", "code": 50076, "remedy": "prove a second factor" });
    assert_eq!(cells("mfa@alpine.test")["password"], second_factor);
    assert_eq!(cells("mfa@alpine.test")["msalPassword"], second_factor);
    assert_eq!(cells("mfa@alpine.test")["refreshToken"], Value::Null);
    assert_eq!(cells("unassigned@alpine.test")["password"]["code"], 50105);
    let federation_service = json!({ "result": "federationService", "status": 404 });
    assert_eq!(cells("cloudpw@onprem.alpine.test")["password"], tokens);
    assert_eq!(cells("cloudpw@onprem.alpine.test")["msalPassword"], federation_service);
    assert_eq!(cells("onprem@onprem.alpine.test")["password"]["remedy"], "sign in on premises");
    assert_eq!(cells("personal@live.test")["password"]["remedy"], "sign in at live.com");
    let rows = matrix["tenants"][0]["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 20 + 3, "the users, an unknown one, a wrong password, the job");
    assert_eq!(matrix["tenants"].as_array().unwrap().len(), 1, "Fjord has no client to try");
}

#[test]
fn on_the_page_every_user_succeeds_whom_a_person_can_help() {
    let matrix = matrix(&Surroundings::new(), &[]);

    let page = |user| cells(&matrix, user, Value::Null)["page"].clone();
    let did = |what| json!({ "result": "tokens", "did": what });
    for (user, expected) in [
        ("cloud@alpine.test", json!({ "result": "tokens" })),
        ("mfa@alpine.test", did("with code")),
        ("newmfa@alpine.test", did("enrols")),
        ("noconsent@alpine.test", did("consents")),
        ("expired@alpine.test", did("new password")),
        ("onprem@onprem.alpine.test", json!({ "result": "atPartner" })),
    ] {
        assert_eq!(page(user), expected, "{user}");
    }
    for (user, code) in [("blocked@alpine.test", 53003), ("disabled@alpine.test", 50057), ("locked@alpine.test", 50053)]
    {
        assert_eq!(page(user)["code"], code, "{user}");
    }
    let device = |user| cells(&matrix, user, Value::Null)["deviceCode"].clone();
    assert_eq!(device("mfa@alpine.test"), json!({ "result": "tokens" }), "signed in already, and confirms");
    assert_eq!(device("noconsent@alpine.test"), did("consents"));
    assert_eq!(device("blocked@alpine.test")["code"], 53003);
    let silently = |user| cells(&matrix, user, Value::Null)["singleSignOn"]["result"].clone();
    assert_eq!((silently("cloud@alpine.test"), silently("mfa@alpine.test")), ("tokens".into(), "tokens".into()));
    assert_eq!(silently("blocked@alpine.test"), Value::Null);
}

#[test]
fn an_unknown_user_a_wrong_password_and_the_job_have_rows_of_their_own() {
    let matrix = matrix(&Surroundings::new(), &[]);

    let cells = |user, note: &str| cells(&matrix, user, note.into());
    assert_eq!(cells("nobody@alpine.test", "no such user")["password"]["code"], 50034);
    assert_eq!(cells("cloud@alpine.test", "wrong password")["password"]["code"], 50126);
    let job = cells("Nightly job", "application");
    assert_eq!(job["clientCredentials"], json!({ "result": "tokens" }));
    assert_eq!(job["password"], Value::Null);
}

#[test]
fn the_table_fits_120_columns_and_nothing_is_logged() {
    let shown = Surroundings::new().run(&["matrix"]);
    assert!(shown.starts_with("exit code 0\n--- stdout\nAlpine "), "{shown}");
    assert!(!shown.contains("--- stderr"), "{shown}");
    for line in shown.lines() {
        assert!(line.chars().count() <= 120, "{line}");
    }
    let row = |user: &str| shown.lines().find(|line| line.starts_with(user)).unwrap();
    assert_eq!(row("cloud@alpine.test").matches('✓').count(), 6);
    assert_eq!(row("camfa@alpine.test").matches("50076").count(), 2);
    assert!(row("camfa@alpine.test").contains("50076 prove a"));
    assert!(row("camfa@alpine.test").contains("✓ with code"));
    assert!(row("onprem@onprem.alpine.test").contains("federation service:"));
}

#[test]
fn a_file_has_its_own_matrix_and_a_user_known_by_a_hash_is_not_run() {
    let surroundings = Surroundings::new();
    std::fs::write(surroundings.path().join("own.yaml"), OWN).unwrap();

    let matrix = matrix(&surroundings, &["--tenant", "own.yaml"]);

    let tenant = &matrix["tenants"][0];
    assert_eq!(tenant["columns"].as_array().unwrap().len(), 4, "no job: {tenant}");
    assert_eq!(tenant["columns"][0]["client"], "Tool");
    assert_eq!(tenant["columns"][0]["scope"], "api://own.test/.default");
    assert_eq!(cells(&matrix, "ann@own.test", Value::Null)["password"]["result"], "tokens");
    assert_eq!(
        tenant["notRun"],
        json!([{ "user": "bob@own.test", "reason": "the password is known by its hash only" }])
    );
    let shown = surroundings.run(&["matrix", "--tenant", "own.yaml"]);
    assert!(shown.contains("\nnot run: bob@own.test: the password is known by its hash only\n"), "{shown}");
}

#[test]
fn a_file_without_a_client_is_bad_input() {
    let surroundings = Surroundings::new();
    let end = OWN.find("    applications:").unwrap();
    std::fs::write(surroundings.path().join("empty.yaml"), &OWN[..end]).unwrap();

    let shown = surroundings.run(&["matrix", "--tenant", "empty.yaml"]);

    let expected = "exit code 2\n--- stderr\nerror: no tenant of the file has a client that acts for users\n";
    assert!(shown.starts_with(expected), "{shown}");
}

const OWN: &str = "\
tenants:
  - id: 5e1f0a00-0000-4000-8000-000000000003
    displayName: Own
    verifiedDomains: [{ name: own.test, isDefault: true }]
    users:
      - { userPrincipalName: ann@own.test, displayName: Ann, passwordProfile: { password: Valley-2042 } }
      - userPrincipalName: bob@own.test
        displayName: Bob
        passwordProfile:
          password: \"$argon2id$v=19$m=1024,t=1,p=1$AQEBAQEBAQEBAQEBAQEBAQ$Tq8vLxq8Xl0zkq4V9m2cY0w1x2y3z4a5b6c7d8e9f0g\"
    applications:
      - appId: e0a91000-0000-4000-8000-00000000001a
        displayName: API
        identifierUris: [api://own.test]
        api: { oauth2PermissionScopes: [{ value: Read, type: User, adminConsentDisplayName: Read }] }
      - appId: e0a91000-0000-4000-8000-00000000001b
        displayName: Tool
        isFallbackPublicClient: true
        requiredResourceAccess:
          - { resourceAppId: api://own.test, resourceAccess: [{ id: Read, type: Scope }] }
    oauth2PermissionGrants:
      - { clientId: e0a91000-0000-4000-8000-00000000001b, consentType: AllPrincipals, resourceId: api://own.test, scope: Read }
      - clientId: e0a91000-0000-4000-8000-00000000001b
        consentType: AllPrincipals
        resourceId: https://graph.microsoft.com
        scope: openid profile offline_access
";
