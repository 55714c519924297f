use base64::Engine as _;
use proptest::prelude::*;

use super::*;
use crate::directory::{Password, PolicyState, TenantClock};
use crate::ids::{AZURE_CLI, MICROSOFT_GRAPH};
use crate::time::TenantTime;

#[test]
fn a_file_of_three_lines_is_a_tenant_with_what_is_built_in() {
    let directory = right(ALPINE).directory;
    let [alpine, consumers] = directory.tenants.as_slice() else { panic!("two tenants") };
    assert_eq!(alpine.tenant.display_name, "alpine.test");
    assert_eq!(consumers.tenant.id, CONSUMER_TENANT);
    for tenant in [alpine, consumers] {
        assert_eq!(tenant.tenant.applications.len(), 5);
        assert_eq!(tenant.oauth2_permission_grants.len(), 4);
    }
}

#[test]
fn ids_that_are_left_out_are_the_same_on_every_run_and_differ_from_tenant_to_tenant() {
    let users = "  users: [{ userPrincipalName: a@alpine.test }]\n";
    let id = alpine(users).users[0].id;
    assert_eq!(alpine(users).users[0].id, id);
    let other = ALPINE.replace("000000000001", "000000000009");
    assert_ne!(right(&format!("{other}{users}")).directory.tenants[0].users[0].id, id);
    let unnamed = "tenants: [{ verifiedDomains: [{ name: alpine.test }] }]";
    assert_eq!(right(unnamed).directory.tenants[0].tenant.id, right(unnamed).directory.tenants[0].tenant.id);
}

#[test]
fn json_is_read_too() {
    let json = r#"{"@odata.context": "x", "tenants": [{"id": "5e1f0a00-0000-4000-8000-000000000001", "displayName": "J", "users": null}]}"#;
    assert_eq!(right(json).directory.tenants[0].tenant.display_name, "J");
}

#[test]
fn credentials_of_an_application_are_written_as_graph_writes_them() {
    let made = rcgen::generate_simple_self_signed(["client.test".to_owned()]).unwrap().cert;
    let base64 = base64::engine::general_purpose::STANDARD.encode(made.der());
    let pem = made.pem().lines().map(|line| format!("        {line}\n")).collect::<String>();
    let alpine = alpine(&format!(
        "  applications:
  - displayName: A
    keyCredentials:
    - key: {base64}
    - key: |\n{pem}
    federatedIdentityCredentials:
    - {{ name: deploy, issuer: 'https://issuer.test', subject: 'repo:a/b', description: x }}
    - {{ name: other, issuer: 'https://issuer.test', subject: 's', audiences: [a, b] }}
"
    ));

    let app = &alpine.tenant.applications[0];
    assert!(app.key_credentials.iter().all(|key| *key.certificate_der == **made.der()));
    assert_eq!(app.key_credentials.len(), 2);
    let [deploy, other] = app.federated_identity_credentials.as_slice() else { panic!("two credentials") };
    assert_eq!(deploy.audiences, ["api://AzureADTokenExchange"]);
    assert_eq!((other.name.as_str(), other.audiences.len()), ("other", 2));
    assert!(!app.is_public());
}

#[test]
fn an_entry_overrides_only_what_it_says_of_a_built_in_application() {
    let alpine = alpine(
        "  applications:
  - appId: 00000003-0000-0000-c000-000000000000
    servicePrincipal: { appRoleAssignmentRequired: true }
  - appId: 04b07795-8ddb-461a-bbee-02f9e1bf7b46
    displayName: Our CLI
",
    );
    let graph = alpine.tenant.application(MICROSOFT_GRAPH).unwrap();
    assert!(graph.app_role_assignment_required && graph.oauth2_permission_scopes.len() > 20);
    let cli = alpine.tenant.application(AZURE_CLI).unwrap();
    assert_eq!((cli.display_name.as_str(), cli.foci, cli.built_in), ("Our CLI", true, true));
    assert_eq!(alpine.tenant.applications.len(), 5);
}

#[test]
fn passwords_come_from_the_file_from_the_environment_or_as_hashes() {
    const HASH: &str = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$RdescudvJCsgt3ub+b4dWRWJTmaaJObGT2eBZ0rfYu0";
    let text = format!(
        "{ALPINE}  users:
  - {{ userPrincipalName: a@alpine.test, passwordProfile: {{ password: {{ env: A_PASSWORD }} }} }}
  - {{ userPrincipalName: b@alpine.test, passwordProfile: {{ password: \"{HASH}\" }} }}
  - {{ userPrincipalName: c@alpine.test, passwordProfile: {{ password: no }} }}
  - {{ userPrincipalName: d@alpine.test, passwordProfile: {{ password: 007 }} }}
"
    );
    let env = |name: &str| (name == "A_PASSWORD").then(|| "from outside".to_owned());
    let users = read(&text, "t.yaml", &env).unwrap().directory.tenants.remove(0).users;
    let kept: Vec<(bool, &str)> = users
        .iter()
        .map(|user| match user.password.as_ref().unwrap() {
            Password::Plain(secret) => (true, secret.expose()),
            Password::Phc(secret) => (false, secret.expose()),
        })
        .collect();
    assert_eq!(kept, [(true, "from outside"), (false, HASH), (true, "no"), (true, "007")]);
}

#[test]
fn a_clock_runs_ahead_or_stands_still() {
    for (clock, expected) in [
        ("{ offset: P91D }", TenantClock::Offset { seconds: 91 * 86_400 }),
        ("{ offset: -PT5M }", TenantClock::Offset { seconds: -300 }),
        (
            "{ frozen: 2026-01-01T00:00:00Z }",
            TenantClock::Frozen { at: TenantTime::parse_rfc3339("2026-01-01T00:00:00Z").unwrap() },
        ),
        ("{}", TenantClock::Offset { seconds: 0 }),
    ] {
        assert_eq!(alpine(&format!("  ropeway: {{ clock: {clock} }}\n")).tenant.settings.clock, expected, "{clock}");
    }
}

#[test]
fn members_as_exported_are_objects_with_an_id() {
    let alpine = alpine(
        "  users: [{ id: 00000000-0000-4000-8000-000000000001, userPrincipalName: a@alpine.test }]
  groups:
  - displayName: G
    members@odata.context: x
    members: [{ '@odata.type': '#microsoft.graph.user', id: 00000000-0000-4000-8000-000000000001, jobTitle: x }]
",
    );
    assert_eq!(*alpine.tenant.groups[0].members.as_slice(), [alpine.users[0].id]);
}

#[test]
fn what_has_no_effect_is_told_once_with_its_first_place() {
    let file = right(&format!(
        "{ALPINE}  users:
  - {{ userPrincipalName: a@alpine.test, jobTitle: Guide, department: null, businessPhones: [], extension_x: 1 }}
  - {{ userPrincipalName: b@alpine.test, jobTitle: Cook, userType: Guest, mail: b@far.test, identities: [{{ issuer: ExternalAzureAD }}] }}
"
    ));
    let notes: Vec<String> = file.without_effect.iter().map(ToString::to_string).collect();
    assert_eq!(
        notes,
        [
            "t.yaml:5:41: tenants[0].users[0].jobTitle: jobTitle of a user has no effect here (2 times)",
            "t.yaml:5:96: tenants[0].users[0].extension_x: extension_x of a user has no effect here",
            "t.yaml:6:80: tenants[0].users[1].mail: a guest whose home tenant is not in the file cannot sign in",
        ]
    );
}

#[test]
fn a_policy_that_is_off_may_ask_for_what_is_not_supported_and_is_loaded_as_disabled() {
    let policy = |state: &str| {
        format!(
            "{ALPINE}  conditionalAccess:
    policies:
    - displayName: P
      state: {state}
      conditions: {{ users: {{ includeUsers: [All] }}, applications: {{ includeApplications: [All] }}, platforms: {{ includePlatforms: [iOS] }} }}
      grantControls: {{ operator: OR, builtInControls: [compliantDevice] }}
"
        )
    };
    let file = right(&policy("enabledForReportingButNotEnforced"));
    assert_eq!(file.directory.tenants[0].tenant.conditional_access_policies[0].state, PolicyState::Disabled);
    let notes: Vec<String> = file.without_effect.iter().map(ToString::to_string).collect();
    assert_eq!(
        notes,
        [
            "t.yaml:8:99: tenants[0].conditionalAccess.policies[0].conditions.platforms: platforms is not supported yet; the policy is loaded as disabled",
            "t.yaml:9:56: tenants[0].conditionalAccess.policies[0].grantControls.builtInControls[0]: compliantDevice is not supported yet; the policy is loaded as disabled",
        ]
    );
    let faults = read(&policy("enabled"), "t.yaml", &nothing_set).unwrap_err();
    assert_eq!(faults.0.len(), 2, "{faults}");
}

#[test]
fn the_schema_takes_the_sample_and_refuses_what_is_wrong() {
    let schema = schema();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let sample: serde_json::Value = serde_saphyr::from_str(built_in_sample::FILE).unwrap();
    assert!(validator.is_valid(&sample), "{:?}", validator.iter_errors(&sample).next());
    for wrong in [
        "{}",
        "tenants: 1",
        "tenants: [{ dispalyName: x }]",
        "tenants: [{ users: [{}] }]",
        "tenants: [{ users: [{ userPrincipalName: a@b.test, accountEnabled: 'true' }] }]",
        "tenants: [{ id: 1-2 }]",
        "tenants: [{ users: [{ userPrincipalName: a@b.test, passwordPolicies: 'Some, Thing' }] }]",
    ] {
        let value: serde_json::Value = serde_saphyr::from_str(wrong).unwrap();
        assert!(!validator.is_valid(&value), "{wrong}");
        assert!(read(wrong, "t.yaml", &nothing_set).is_err(), "{wrong}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        let _ = read(&text, "t.yaml", &nothing_set);
    }

    #[test]
    fn any_yaml_like_text_is_read_or_refused(text in "tenants:\n(( ){0,4}[-?&*!|>a-z:\\[\\]{}'\",#@0-9 ]{0,20}\n){0,8}") {
        let _ = read(&text, "t.yaml", &nothing_set);
    }

    /// A cut, a changed character, a line moved: the sample as a person would damage it.
    #[test]
    fn a_damaged_sample_is_read_or_refused(at in 0usize..12_000, length in 0usize..40, put in "[-a-z:{}\\[\\]'\"&*<>\n ]{0,6}") {
        let mut text: Vec<char> = built_in_sample::FILE.chars().collect();
        let at = at.min(text.len());
        let end = (at + length).min(text.len());
        text.splice(at..end, put.chars());
        let text: String = text.into_iter().collect();
        match read(&text, "t.yaml", &nothing_set) {
            Ok(_) => {}
            Err(Faults(faults)) => prop_assert!(!faults.is_empty() && faults.iter().all(|fault| fault.place.line > 0)),
        }
    }
}
