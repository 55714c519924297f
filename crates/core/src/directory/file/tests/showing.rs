use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::*;
use crate::directory::TenantDirectory;

/// Everything but the secrets, which the model keeps out of `Debug` and partly out of serialization.
fn without_secrets(directory: &Directory) -> Vec<Value> {
    directory
        .tenants
        .iter()
        .map(|TenantDirectory { tenant, users, oauth2_permission_grants, app_role_assignments }| {
            let mut value = serde_json::json!([tenant, users, oauth2_permission_grants, app_role_assignments]);
            wipe(&mut value);
            value
        })
        .collect()
}

fn wipe(value: &mut Value) {
    match value {
        Value::Object(properties) => properties.iter_mut().for_each(|(key, value)| match key.as_str() {
            "secret_text" | "secret_key" => *value = Value::Null,
            _ => wipe(value),
        }),
        Value::Array(values) => values.iter_mut().for_each(wipe),
        _ => {}
    }
}

/// Reads what was shown, with a stand-in that fits every kind of secret.
fn read_again(shown: &str) -> Directory {
    right(&shown.replace('…', "JBSWY3DPEHPK3PXP")).directory
}

#[test]
fn the_sample_is_shown_without_secrets_and_reads_back_equal() {
    let directory = sample_directory();
    let shown = show(&directory);
    for secret in ["Summit", "legacy-portal-secret", "nightly-job-secret", "alpine-pass", "JBSWY3DP"] {
        assert!(!shown.contains(secret), "{secret}");
    }
    assert!(built_in_sample::FILE.contains("legacy-portal-secret"));
    assert_eq!(without_secrets(&read_again(&shown)), without_secrets(&directory));
}

#[test]
fn what_the_sample_does_not_use_reads_back_equal() {
    let certificate = rcgen::generate_simple_self_signed(["client.test".to_owned()]).unwrap().cert;
    let directory = right(&FULL.replace("CERTIFICATE", &STANDARD.encode(certificate.der()))).directory;
    assert_eq!(without_secrets(&read_again(&show(&directory))), without_secrets(&directory));
}

#[test]
fn what_is_shown_is_not_read_as_if_the_stand_in_were_a_secret() {
    let faults = read(&show(&sample_directory()), "shown.yaml", &nothing_set).unwrap_err();
    assert!(faults.0.iter().all(|fault| fault.remedy.contains("tenant show")), "{faults}");
    assert_eq!(faults.0.len(), 25);
}

/// Every property that is acted on.
const FULL: &str = r##"
tenants:
- displayName: Full
  verifiedDomains: [{ name: full.test }, { name: second.test, isDefault: true, passwordValidityPeriodInDays: 2147483647 }]
  securityDefaults: { isEnabled: true }
  ropeway: { clock: { offset: -PT5M }, replay: entra, passThroughAgent: down, smartLockout: { threshold: 3, durationInSeconds: 5 } }
  users:
  - userPrincipalName: a@full.test
    givenName: A
    surname: B
    mail: other@elsewhere.test
    signInSessionsValidFromDateTime: 2026-01-01T00:00:00Z
    refreshTokensValidFromDateTime: 2026-01-02T00:00:00Z
    lastPasswordChangeDateTime: 2026-01-01T00:00:00Z
    passwordPolicies: DisablePasswordExpiration, DisableStrongPassword
    identities: [{ signInType: userPrincipalName, issuer: full.test, issuerAssignedId: a@full.test }]
    authentication: { requirements: { perUserMfaState: enabled } }
    ropeway: { riskLevel: high }
  - { id: 00000000-0000-4000-8000-000000000001, userPrincipalName: b@full.test }
  groups:
  - { displayName: Inner, members: [a@full.test], securityEnabled: false }
  - { displayName: Outer, members: [Inner, 00000000-0000-4000-8000-000000000001] }
  - { displayName: Twin, id: 00000000-0000-4000-8000-000000000002 }
  - { displayName: Twin, id: 00000000-0000-4000-8000-000000000003, members: [00000000-0000-4000-8000-000000000002] }
  directoryRoles: [{ displayName: Keeper of keys, members: [b@full.test] }]
  applications:
  - appId: 00000000-0000-4000-8000-00000000000a
    displayName: Api
    identifierUris: ["api://full"]
    groupMembershipClaims: SecurityGroup, DirectoryRole
    optionalClaims: { idToken: [{ name: email }], accessToken: [{ name: upn, additionalProperties: [include_externally_authenticated_upn] }] }
    api: { oauth2PermissionScopes: [{ value: Go, isEnabled: false }] }
    appRoles: [{ id: 00000000-0000-4000-8000-0000000000aa, value: All, allowedMemberTypes: [User, Application], isEnabled: false }]
    federatedIdentityCredentials: [{ name: F, issuer: "https://issuer.test/", subject: s }, { name: G, issuer: "https://issuer.test/", subject: S, audiences: [a, b] }]
    keyCredentials: [{ key: CERTIFICATE, startDateTime: 2026-01-01T00:00:00Z, type: AsymmetricX509Cert, usage: Verify }]
    publicClient: { redirectUris: ["http://localhost", "urn:ietf:wg:oauth:2.0:oob"] }
    servicePrincipal: { accountEnabled: false }
  - { appId: 04b07795-8ddb-461a-bbee-02f9e1bf7b46, publicClient: { redirectUris: [] }, isFallbackPublicClient: false }
  oauth2PermissionGrants:
  - { clientId: 04b07795-8ddb-461a-bbee-02f9e1bf7b46, consentType: AllPrincipals, resourceId: "api://full", scope: Go }
  appRoleAssignments: [{ principalId: [Inner, b@full.test], resourceId: "api://full", appRoleId: 00000000-0000-4000-8000-0000000000aa }]
  conditionalAccess:
    namedLocations:
    - { displayName: Office, isTrusted: true, ipRanges: [{ cidrAddress: 192.0.2.0/24 }, { cidrAddress: "2001:db8::/32" }] }
    policies:
    - displayName: P
      state: enabledForReportingButNotEnforced
      conditions:
        users: { includeUsers: [All, GuestsOrExternalUsers], includeGroups: [Outer], includeRoles: [Global Reader, Keeper of keys], excludeUsers: [b@full.test, GuestsOrExternalUsers], excludeGroups: [Inner], excludeRoles: [62e90394-69f5-4237-9190-012177145e10] }
        applications: { includeApplications: ["api://full"], excludeApplications: [00000003-0000-0000-c000-000000000000] }
        clientAppTypes: [browser, mobileAppsAndDesktopClients, exchangeActiveSync, other]
        locations: { includeLocations: [All], excludeLocations: [AllTrusted, Office] }
      grantControls: { operator: AND, builtInControls: [mfa, block] }
"##;
