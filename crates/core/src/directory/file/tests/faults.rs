use super::*;

#[test]
fn every_fault_is_told_with_its_place_and_remedy() {
    for (text, expected) in IN_A_TENANT {
        assert_eq!(told(&format!("{ALPINE}{text}")), *expected, "{text}");
    }
    for (text, expected) in WHOLE_FILES {
        assert_eq!(told(text), *expected, "{text}");
    }
}

fn told(text: &str) -> Vec<String> {
    let faults = read(text, "t.yaml", &nothing_set).err();
    faults.map(|faults| faults.to_string().lines().map(str::to_owned).collect()).unwrap_or_default()
}

#[test]
fn a_secret_is_never_repeated() {
    for (place, secret) in [
        ("passwordProfile: { password: 12345678 }", "12345678"),
        ("passwordProfile: { password: [Summit-2042] }", "Summit"),
        ("passwordProfile: Summit-2042", "Summit"),
        ("authentication: { methods: JBSW }", "JBSW"),
        ("authentication: { methods: [JBSW] }", "JBSW"),
        ("passwordProfile: { password: $argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaA }", "c2Fsd"),
        (
            "authentication: { methods: [{ '@odata.type': '#microsoft.graph.softwareOathAuthenticationMethod', secretKey: JBSW }] }",
            "JBSW",
        ),
    ] {
        let told = told(&format!("{ALPINE}  users: [{{ userPrincipalName: a@alpine.test, {place} }}]"));
        assert!(!told.is_empty() && !told.iter().any(|line| line.contains(secret)), "{told:?}");
    }
}

/// What begins in line 4, after [`ALPINE`], and every fault it has.
const IN_A_TENANT: &[(&str, &[&str])] = &[
    (
        "  users: [",
        &[
            "t.yaml:4:10: this is no YAML: unclosed bracket '['; correct it and try again",
        ],
    ),
    (
        "  dispalyName: x
",
        &[
            "t.yaml:4:3: tenants[0].dispalyName: a tenant has no such property; did you mean displayName?",
        ],
    ),
    (
        "  users:
  - userPrincipalName: a@alpine.test
    displyName: A
    shoeSize: 44
    password: x
",
        &[
            "t.yaml:6:5: tenants[0].users[0].displyName: a user has no such property; did you mean displayName?",
            "t.yaml:7:5: tenants[0].users[0].shoeSize: a user has no such property; remove it; `ropeway tenant schema` tells every name",
            "t.yaml:8:5: tenants[0].users[0].password: a user has no such property; write it under passwordProfile: { password: … }",
        ],
    ),
    (
        "  applications: [{ displayName: A, federatedIdentityCredentials: [{ name: F, issuer: http://issuer.test, subject: s }], redirectUris: [] }]
  servicePrincipals: []
",
        &[
            r##"t.yaml:4:86: tenants[0].applications[0].federatedIdentityCredentials[0].issuer: found "http://issuer.test", which is not https; write the https URL under which the issuer publishes its metadata"##,
            "t.yaml:4:121: tenants[0].applications[0].redirectUris: an application has no such property; write them under web, spa or publicClient: { redirectUris: […] }",
            "t.yaml:5:3: tenants[0].servicePrincipals: a tenant has no such property; write a service principal's own values under servicePrincipal: of its application",
        ],
    ),
    (
        "  displayName: A
  displayName: B
",
        &[
            "t.yaml:5:3: tenants[0].displayName: stands here again, first in line 4; keep one of the two",
        ],
    ),
    (
        "  displayName: 2042
  users: 5
  groups: { displayName: G }
  securityDefaults: true
",
        &[
            r##"t.yaml:4:16: tenants[0].displayName: found the number 2042; write it in quotes to make it text: "2042""##,
            "t.yaml:5:10: tenants[0].users: found the number 5; expected a list: [ … ]",
            "t.yaml:6:11: tenants[0].groups: found an object; expected a list: [ … ]",
            "t.yaml:7:21: tenants[0].securityDefaults: found true; expected security defaults: { … }",
        ],
    ),
    (
        "  users:
  - { userPrincipalName: a@alpine.test, accountEnabled: 'false', passwordProfile: { password: 12345678 } }
  - { userPrincipalName: b@alpine.test, accountEnabled: 0, displayName: true, passwordProfile: Summit-2042 }
  - null
",
        &[
            r##"t.yaml:5:57: tenants[0].users[0].accountEnabled: found "false"; write false without quotes"##,
            "t.yaml:5:95: tenants[0].users[0].passwordProfile.password: found a number; write it in quotes to make it text",
            "t.yaml:6:57: tenants[0].users[1].accountEnabled: found the number 0; expected true or false",
            r##"t.yaml:6:73: tenants[0].users[1].displayName: found true; write it in quotes to make it text: "true""##,
            "t.yaml:6:96: tenants[0].users[1].passwordProfile: found a value that is not shown; expected a password profile: { … }",
            "t.yaml:7:5: tenants[0].users[2]: found nothing; expected a user: { … }",
        ],
    ),
    (
        "  ropeway: { smartLockout: { threshold: 0, durationInSeconds: '60' } }
",
        &[
            "t.yaml:4:41: tenants[0].ropeway.smartLockout.threshold: found the number 0; expected a whole number from 1 to 50",
            r##"t.yaml:4:63: tenants[0].ropeway.smartLockout.durationInSeconds: found "60"; write 60 without quotes"##,
        ],
    ),
    (
        "  users: [{}]
  groups: [{ members: [] }]
  applications: [{ appId: 00000000-0000-4000-8000-000000000001 }]
",
        &[
            "t.yaml:4:11: tenants[0].users[0]: a user has no userPrincipalName; add userPrincipalName: the sign-in name of a member; its domain is one of verifiedDomains",
            "t.yaml:5:12: tenants[0].groups[0]: a group has no displayName; add displayName: shown to people; other objects may name the group by it",
            "t.yaml:6:18: tenants[0].applications[0]: an application has no displayName; add displayName: what people are shown",
        ],
    ),
    (
        "  users:
  - { id: abc, userPrincipalName: a@alpine.test, lastPasswordChangeDateTime: 2026-13-01, userType: Gust, mail: nobody }
  - { userPrincipalName: 'b c@alpine.test' }
",
        &[
            r##"t.yaml:5:11: tenants[0].users[0].id: found "abc"; expected a GUID of 8-4-4-4-12 hexadecimal digits"##,
            r##"t.yaml:5:78: tenants[0].users[0].lastPasswordChangeDateTime: found "2026-13-01"; expected a date and time such as 2026-11-25T08:00:00Z"##,
            r##"t.yaml:5:100: tenants[0].users[0].userType: found "Gust"; did you mean Guest?"##,
            r##"t.yaml:5:112: tenants[0].users[0].mail: found "nobody"; expected a name such as user@alpine.test"##,
            r##"t.yaml:6:26: tenants[0].users[1].userPrincipalName: found "b c@alpine.test"; expected a name such as user@alpine.test"##,
        ],
    ),
    (
        "  users: [{ userPrincipalName: a@alpine.test, authentication: { requirements: { perUserMfaState: on }, methods: [{ '@odata.type': '#microsoft.graph.softwareOathAuthenticationMethod', secretKey: not-base-32 }] } }]
",
        &[
            r##"t.yaml:4:98: tenants[0].users[0].authentication.requirements.perUserMfaState: found "on"; expected one of disabled, enabled, enforced"##,
            "t.yaml:4:195: tenants[0].users[0].authentication.methods[0].secretKey: found a value that is not shown; expected at least 16 characters of base32 (A-Z, 2-7)",
        ],
    ),
    (
        "  users: [{ userPrincipalName: a@alpine.test, authentication: { methods: [{ '@odata.type': '#microsoft.graph.softwareOathAuthenticationMethod' }, { secretKey: JBSWY3DPEHPK3PXP }, { '@odata.type': '#microsoft.graph.fido2AuthenticationMethod' }] } }]
",
        &[
            "t.yaml:4:75: tenants[0].users[0].authentication.methods[0]: an authenticator app has no secretKey; add secretKey: base32, or { env: NAME }; exports leave it out",
            "t.yaml:4:147: tenants[0].users[0].authentication.methods[1]: an authentication method has no @odata.type; add @odata.type: which method. An authenticator app's codes: #microsoft.graph.softwareOathAuthenticationMethod. Password and email methods are no second factor",
            "t.yaml:4:197: tenants[0].users[0].authentication.methods[2].@odata.type: #microsoft.graph.fido2AuthenticationMethod is not supported yet; remove it: it would change who may sign in",
        ],
    ),
    (
        "  users: [{ userPrincipalName: a@alpine.test, passwordProfile: { password: '$argon2i$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaA' } }, { userPrincipalName: b@alpine.test, passwordProfile: { password: '$2b$12$abc' } }]
",
        &[
            "t.yaml:4:76: tenants[0].users[0].passwordProfile.password: found a value that is not shown; expected an Argon2id hash such as $argon2id$v=19$m=19456,t=2,p=1$SALT$HASH, of at most 1 GiB (m=1048576)",
            "t.yaml:4:193: tenants[0].users[1].passwordProfile.password: found a value that is not shown; this looks like a hash; only Argon2id hashes ($argon2id$…) are taken, else write the password",
        ],
    ),
    (
        "  users: [{ userPrincipalName: a@alpine.test, passwordProfile: { password: { env: UNSET } } }, { userPrincipalName: b@alpine.test, passwordProfile: { password: { file: x } } }]
",
        &[
            "t.yaml:4:76: tenants[0].users[0].passwordProfile.password: the environment variable UNSET is not set; set UNSET, or write the value here",
            "t.yaml:4:161: tenants[0].users[1].passwordProfile.password: found an object; expected text, or { env: NAME }",
        ],
    ),
    (
        "  users: [{ userPrincipalName: a@elsewhere.test }]
",
        &[
            "t.yaml:4:32: tenants[0].users[0].userPrincipalName: elsewhere.test is no domain of this tenant; add it under verifiedDomains, or use alpine.test",
        ],
    ),
    (
        "  users: [{ userPrincipalName: a_b#EXT#@alpine.test, userType: Guest, identities: [{ issuer: ExternalAzureAD }] }]
",
        &[
            "t.yaml:4:11: tenants[0].users[0]: a guest whose account lives elsewhere has no mail; add mail: the name that the guest types to sign in",
        ],
    ),
    (
        "  users: [{ userPrincipalName: a@alpine.test, passwordPolicies: 'DisablePasswordExpiry, None', passwordProfile: { forceChangePasswordNextSignInWithMfa: true } }]
",
        &[
            r##"t.yaml:4:65: tenants[0].users[0].passwordPolicies: found "DisablePasswordExpiry"; did you mean DisablePasswordExpiration?"##,
            "t.yaml:4:115: tenants[0].users[0].passwordProfile.forceChangePasswordNextSignInWithMfa: forceChangePasswordNextSignInWithMfa is not supported yet; remove it: it would change who may sign in",
        ],
    ),
    (
        "  ropeway: { clock: { offset: 5 minutes, frozen: today } }
",
        &[
            r##"t.yaml:4:31: tenants[0].ropeway.clock.offset: found "5 minutes"; expected an ISO 8601 duration such as P91D, PT1H30M or -PT5M"##,
            r##"t.yaml:4:50: tenants[0].ropeway.clock.frozen: found "today"; expected a date and time such as 2026-11-25T08:00:00Z"##,
        ],
    ),
    (
        "  ropeway: { clock: { offset: PT0S, frozen: 2026-01-01T00:00:00Z }, replay: Entra }
",
        &[
            "t.yaml:4:21: tenants[0].ropeway.clock: a clock cannot both run and stand still; keep offset (it runs) or frozen (it stands still)",
            r##"t.yaml:4:77: tenants[0].ropeway.replay: found "Entra"; did you mean entra?"##,
        ],
    ),
    (
        "  conditionalAccess: { namedLocations: [{ displayName: L, ipRanges: [{ cidrAddress: 192.0.2.0/33 }, { cidrAddress: home }] }] }
",
        &[
            r##"t.yaml:4:85: tenants[0].conditionalAccess.namedLocations[0].ipRanges[0].cidrAddress: found "192.0.2.0/33"; expected an address range such as 192.0.2.0/24 or 2001:db8::/32"##,
            r##"t.yaml:4:116: tenants[0].conditionalAccess.namedLocations[0].ipRanges[1].cidrAddress: found "home"; expected an address range such as 192.0.2.0/24 or 2001:db8::/32"##,
        ],
    ),
    (
        "  applications: [{ displayName: A, identifierUris: [not a uri], passwordCredentials: [{ displayName: exported, secretText: null }], keyCredentials: [{ key: abc }], web: { redirectUris: [/back], logoutUrl: 'javascript:alert(1)' } }]
",
        &[
            r##"t.yaml:4:53: tenants[0].applications[0].identifierUris[0]: found "not a uri"; expected an absolute URI such as https://app.example/ or api://app.example"##,
            "t.yaml:4:87: tenants[0].applications[0].passwordCredentials[0]: a client secret has no secretText; add secretText: the secret, or { env: NAME }. Exports leave it out: write the one your tests use",
            r##"t.yaml:4:157: tenants[0].applications[0].keyCredentials[0].key: found "abc"; expected an X.509 certificate: DER in base64, or PEM"##,
            r##"t.yaml:4:187: tenants[0].applications[0].web.redirectUris[0]: found "/back"; expected an absolute URI such as https://app.example/signin-oidc or http://localhost:5003/signin-oidc"##,
            r##"t.yaml:4:206: tenants[0].applications[0].web.logoutUrl: found "javascript:alert(1)"; expected an address of a web page such as https://app.example/signed-out"##,
        ],
    ),
    (
        "  applications: [{ displayName: A, web: { redirectUris: ['https://a.test/', 'http://a.test/cb', 'http://localhost/cb'] }, spa: { redirectUris: ['http://127.0.0.2/'] }, publicClient: { redirectUris: ['data:text/html,x', 'http://127.0.0.1/', 'app://auth'] } }]
",
        &[
            r##"t.yaml:4:77: tenants[0].applications[0].web.redirectUris[1]: found "http://a.test/cb"; expected https, or http://localhost or http://127.0.0.1 for what runs on the person's own machine"##,
            r##"t.yaml:4:145: tenants[0].applications[0].spa.redirectUris[0]: found "http://127.0.0.2/"; expected https, or http://localhost or http://127.0.0.1 for what runs on the person's own machine"##,
            r##"t.yaml:4:200: tenants[0].applications[0].publicClient.redirectUris[0]: found "data:text/html,x"; expected an absolute URI such as https://app.example/signin-oidc or http://localhost:5003/signin-oidc"##,
        ],
    ),
    (
        "  users:
  - { id: 00000000-0000-4000-8000-000000000001, userPrincipalName: a@alpine.test }
  - { id: 00000000-0000-4000-8000-000000000001, userPrincipalName: A@alpine.test }
",
        &[
            r##"t.yaml:6:11: tenants[0].users[1].id: found "00000000-0000-4000-8000-000000000001", which is in use in line 5 already; each object of a tenant needs its own"##,
            r##"t.yaml:6:68: tenants[0].users[1].userPrincipalName: found "A@alpine.test", which is in use in line 5 already; each user needs its own"##,
        ],
    ),
    (
        "  applications:
  - { appId: 00000000-0000-4000-8000-00000000000a, displayName: A, identifierUris: ['api://a'], api: { oauth2PermissionScopes: [{ value: S }, { value: S }] } }
  - { appId: 00000000-0000-4000-8000-00000000000a, displayName: B, identifierUris: ['api://a', 'https://graph.microsoft.com/'] }
",
        &[
            r##"t.yaml:5:152: tenants[0].applications[0].api.oauth2PermissionScopes[1].value: found "S", which is in use in line 5 already; each delegated permission of an application needs its own"##,
            r##"t.yaml:6:14: tenants[0].applications[1].appId: found "00000000-0000-4000-8000-00000000000a", which is in use in line 5 already; each application needs its own"##,
            r##"t.yaml:6:85: tenants[0].applications[1].identifierUris[0]: found "api://a", which is in use in line 5 already; each application needs its own"##,
            r##"t.yaml:6:96: tenants[0].applications[1].identifierUris[1]: found "https://graph.microsoft.com/", which an application that is here has already; each application needs its own"##,
        ],
    ),
    (
        "  groups: [{ displayName: G }, { displayName: G }]
",
        &[
            "t.yaml:4:32: tenants[0].groups[1]: a second group G, the first is in line 4; rename it, or give both an id",
        ],
    ),
    (
        "- id: 5e1f0a00-0000-4000-8000-000000000001
  verifiedDomains: [{ name: ALPINE.test }]
",
        &[
            r##"t.yaml:4:7: tenants[1].id: found "5e1f0a00-0000-4000-8000-000000000001", which is in use in line 2 already; each tenant needs its own"##,
            r##"t.yaml:5:29: tenants[1].verifiedDomains[0].name: found "alpine.test", which is in use in line 3 already; each tenant's domain needs its own"##,
        ],
    ),
    (
        "  users: [{ userPrincipalName: cloud@alpine.test }]
  groups: [{ displayName: G, members: [clod@alpine.test, 00000000-0000-4000-8000-00000000000f, 7] }]
",
        &[
            r##"t.yaml:5:40: tenants[0].groups[0].members[0]: found "clod@alpine.test", which is no user or group of this tenant; did you mean cloud@alpine.test?"##,
            r##"t.yaml:5:58: tenants[0].groups[0].members[1]: found "00000000-0000-4000-8000-00000000000f", which is no user or group of this tenant; expected a user's id or userPrincipalName, or a group's id or displayName"##,
            r##"t.yaml:5:96: tenants[0].groups[0].members[2]: found the number 7; write it in quotes to make it text: "7""##,
        ],
    ),
    (
        "  applications:
  - { appId: 00000000-0000-4000-8000-00000000000a, displayName: Api, identifierUris: ['api://a'], api: { oauth2PermissionScopes: [{ value: Read }] }, appRoles: [{ value: All, allowedMemberTypes: [Application] }] }
  - { displayName: Client, requiredResourceAccess: [{ resourceAppId: 'api://a', resourceAccess: [{ id: Raed, type: Scope }, { id: Read, type: Role }] }] }
",
        &[
            r##"t.yaml:6:104: tenants[0].applications[1].requiredResourceAccess[0].resourceAccess[0].id: found "Raed", which is no delegated permission of Api; did you mean Read?"##,
            r##"t.yaml:6:131: tenants[0].applications[1].requiredResourceAccess[0].resourceAccess[1].id: found "Read", which is no app role of Api; Api has All"##,
        ],
    ),
    (
        "  users: [{ userPrincipalName: a@alpine.test }]
  applications:
  - { appId: 00000000-0000-4000-8000-00000000000a, displayName: Api, identifierUris: ['api://a'], api: { oauth2PermissionScopes: [{ value: Read }] }, appRoles: [{ value: All, allowedMemberTypes: [Application] }] }
  oauth2PermissionGrants:
  - { clientId: Api, consentType: Principal, resourceId: 'api://a', scope: Read Write }
  - { clientId: 'api://a', consentType: AllPrincipals, principalId: a@alpine.test, resourceId: 'api://b', scope: Read }
  appRoleAssignments: [{ principalId: a@alpine.test, resourceId: 'api://a', appRoleId: All }, { principalId: a@alpine.test, principalType: Group, resourceId: 'api://a' }]
",
        &[
            "t.yaml:8:5: tenants[0].oauth2PermissionGrants[0]: a consent of a Principal does not say whose; add principalId: the user's id or userPrincipalName",
            r##"t.yaml:8:17: tenants[0].oauth2PermissionGrants[0].clientId[0]: found "Api", which is no application of this tenant; write the application's appId: 00000000-0000-4000-8000-00000000000a"##,
            r##"t.yaml:8:76: tenants[0].oauth2PermissionGrants[0].scope: found "Write", which is no delegated permission of Api; Api has Read"##,
            "t.yaml:9:69: tenants[0].oauth2PermissionGrants[1].principalId: a consent for AllPrincipals names one principal; remove principalId, or set consentType: Principal",
            r##"t.yaml:9:96: tenants[0].oauth2PermissionGrants[1].resourceId: found "api://b", which is no application of this tenant; did you mean api://a?"##,
            "t.yaml:10:39: tenants[0].appRoleAssignments[0].principalId[0]: All may not be given to this principal; add User to the role's allowedMemberTypes, or choose another principal",
            r##"t.yaml:10:110: tenants[0].appRoleAssignments[1].principalId[0]: found "a@alpine.test", which is no group of this tenant; expected a group's id or displayName"##,
        ],
    ),
    (
        "  conditionalAccess:
    policies:
    - displayName: P
      state: enabled
      conditions: { users: { includeUsers: [All] }, applications: { includeApplications: [Office365] }, signInRiskLevels: [high], platforms: null, devices: {} }
      grantControls: { operator: OR, builtInControls: [mfa, domainJoinedDevice], authenticationStrength: { id: x } }
      sessionControls: { signInFrequency: { isEnabled: true, value: 1 } }
",
        &[
            "t.yaml:8:91: tenants[0].conditionalAccess.policies[0].conditions.applications.includeApplications[0]: the group of applications Office365 is not supported yet; it would change who may sign in: remove it, or set the policy's state to disabled",
            "t.yaml:8:105: tenants[0].conditionalAccess.policies[0].conditions.signInRiskLevels: signInRiskLevels is not supported yet; it would change who may sign in: remove it, or set the policy's state to disabled",
            "t.yaml:9:61: tenants[0].conditionalAccess.policies[0].grantControls.builtInControls[1]: domainJoinedDevice is not supported yet; it would change who may sign in: remove it, or set the policy's state to disabled",
            "t.yaml:9:82: tenants[0].conditionalAccess.policies[0].grantControls.authenticationStrength: authenticationStrength is not supported yet; it would change who may sign in: remove it, or set the policy's state to disabled",
            "t.yaml:10:26: tenants[0].conditionalAccess.policies[0].sessionControls.signInFrequency: signInFrequency is not supported yet; it would change who may sign in: remove it, or set the policy's state to disabled",
        ],
    ),
    (
        "  conditionalAccess:
    policies:
    - displayName: P
      state: enable
      conditions: { users: { includeUsers: [nobody], includeRoles: [Nobody] }, applications: { includeApplications: [All] }, locations: { includeLocations: [Moon] }, clientAppTypes: [phone] }
",
        &[
            r##"t.yaml:7:14: tenants[0].conditionalAccess.policies[0].state: found "enable"; did you mean enabled?"##,
            r##"t.yaml:8:45: tenants[0].conditionalAccess.policies[0].conditions.users.includeUsers[0]: found "nobody", which is no user of this tenant; expected a user's id or userPrincipalName"##,
            r##"t.yaml:8:69: tenants[0].conditionalAccess.policies[0].conditions.users.includeRoles[0]: found "Nobody", which is no directory role; expected a role template's id, or a role's name as under directoryRoles"##,
            r##"t.yaml:8:158: tenants[0].conditionalAccess.policies[0].conditions.locations.includeLocations[0]: found "Moon", which is no named location of this tenant; expected a location's id or displayName"##,
            r##"t.yaml:8:184: tenants[0].conditionalAccess.policies[0].conditions.clientAppTypes[0]: found "phone"; expected one of all, browser, mobileAppsAndDesktopClients, exchangeActiveSync, other"##,
        ],
    ),
    (
        r##"  homeRealmDiscoveryPolicies: [{ definition: ['{}', '{"HomeRealmDiscoveryPolicy":{"AllowCloudPasswordValidation":"yes","Other":1}}'] }]
"##,
        &[
            r##"t.yaml:4:47: tenants[0].homeRealmDiscoveryPolicies[0].definition[0]: found "{}"; expected JSON text {"HomeRealmDiscoveryPolicy":{"AllowCloudPasswordValidation":true}}"##,
            r##"t.yaml:4:53: tenants[0].homeRealmDiscoveryPolicies[0].definition[1]: AllowCloudPasswordValidation is "yes"; expected true or false"##,
            "t.yaml:4:53: tenants[0].homeRealmDiscoveryPolicies[0].definition[1]: Other is no part of a home-realm-discovery policy; expected AllowCloudPasswordValidation",
        ],
    ),
    (
        "  users: [{ userPrincipalName: a@alpine.test, passwordProfile: { password: $argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaA } }]
",
        &[
            "t.yaml:4:76: tenants[0].users[0].passwordProfile.password: found a value that is not shown; expected an Argon2id hash such as $argon2id$v=19$m=19456,t=2,p=1$SALT$HASH, of at most 1 GiB (m=1048576)",
            "t.yaml:4:95: tenants[0].users[0].passwordProfile.t…: a password profile has no such property; remove it; `ropeway tenant schema` tells every name",
            "t.yaml:4:99: tenants[0].users[0].passwordProfile.p…: a password profile has no such property; remove it; `ropeway tenant schema` tells every name",
        ],
    ),
    (
        "  users: [&a { userPrincipalName: a@alpine.test, mail: x }]
  groups: [{ displayName: G, members: [*b] }]
",
        &[
            "t.yaml:5:40: this is no YAML: alias references unknown anchor; correct it and try again",
        ],
    ),
    (
        "  groups: [&g { displayName: G, securityEnabled: 1 }]
  directoryRoles: [*g]
",
        &[
            "t.yaml:4:33: tenants[0].directoryRoles[0].securityEnabled: a directory role has no such property; remove it; `ropeway tenant schema` tells every name",
            "t.yaml:4:50: tenants[0].groups[0].securityEnabled: found the number 1; expected true or false",
        ],
    ),
    (
        "  verifiedDomains: []
  extra: 1
",
        &[
            "t.yaml:4:3: tenants[0].verifiedDomains: stands here again, first in line 3; keep one of the two",
            "t.yaml:5:3: tenants[0].extra: a tenant has no such property; remove it; `ropeway tenant schema` tells every name",
        ],
    ),
    (
        "  displayName: ''
  groups: [{ displayName: A, id: 00000000-0000-4000-8000-000000000001 }, { displayName: A, id: 00000000-0000-4000-8000-000000000002 }, { displayName: B, members: [A] }]
",
        &[
            r##"t.yaml:4:16: tenants[0].displayName: found ""; expected text, or no such key at all"##,
            r##"t.yaml:5:164: tenants[0].groups[2].members[0]: found "A", the name of 2 objects; write the id of the one that is meant"##,
        ],
    ),
    (
        "  applications: [{ appId: x, displayName: A }]
  appRoleAssignments: [{ principalId: A, resourceId: nothing }]
",
        &[
            r##"t.yaml:4:27: tenants[0].applications[0].appId: found "x"; expected a GUID of 8-4-4-4-12 hexadecimal digits"##,
        ],
    ),
];

/// Whole files and their faults.
const WHOLE_FILES: &[(&str, &[&str])] = &[
    (
        "",
        &[
            "t.yaml:1:1: found nothing; expected a tenant file: { … }",
        ],
    ),
    (
        "tenants: []
",
        &[
            "t.yaml:1:10: tenants: there is no tenant; add one, or write the sample with `ropeway tenant init`",
        ],
    ),
    (
        "tenant: []
",
        &[
            "t.yaml:1:1: tenant: a tenant file has no such property; did you mean tenants?",
            "t.yaml:1:1: a tenant file has no tenants; add tenants: the tenants. The consumer tenant always exists, listed or not",
        ],
    ),
    (
        "5
",
        &[
            "t.yaml:1:1: found the number 5; expected a tenant file: { … }",
        ],
    ),
    (
        "tenants: [{ displayName: Nowhere }]
",
        &[
            "t.yaml:1:11: tenants[0]: a tenant has neither id nor domain; add an id, or a domain under verifiedDomains to derive it from",
        ],
    ),
    (
        "---
tenants: []
---
tenants: []
",
        &[
            "t.yaml:4:1: this is no YAML: a second document begins at ---; correct it and try again",
        ],
    ),
    (
        "tenants: [{ id: 5e1f0a00-0000-4000-8000-000000000001 }, { id: 5E1F0A00-0000-4000-8000-000000000001 }]
",
        &[
            r##"t.yaml:1:63: tenants[1].id: found "5e1f0a00-0000-4000-8000-000000000001", which is in use in line 1 already; each tenant needs its own"##,
        ],
    ),
    (
        "tenants:
- verifiedDomains: [{ name: a_b.test }, { name: a.test, isDefault: true }, { name: b.test, isDefault: true, passwordValidityPeriodInDays: 0 }]
",
        &[
            r##"t.yaml:2:29: tenants[0].verifiedDomains[0].name: found "a_b.test"; expected a domain name such as alpine.test"##,
            "t.yaml:2:76: tenants[0].verifiedDomains[2]: a second default domain; set isDefault on one domain of the tenant only",
            "t.yaml:2:139: tenants[0].verifiedDomains[2].passwordValidityPeriodInDays: found the number 0; expected a whole number from 1 to 2147483647",
        ],
    ),
];
