//! THE table of properties. Reading, the list of what is without effect, the detection of unknown names and the JSON
//! Schema all follow it; a property is added here and in the function that builds its object, nowhere else.

use super::shape::Shape::{
    AuthenticationContext, Base32, Certificate, Cidr, Domain, Duration, Flag, Guid, List, Moment, Number, Object,
    Password, Permission, RedirectUri, Reference, References, Secret, Text, Uri, UserName, WebUri, Word, Words,
};
use super::shape::{Kind, Property};

const fn may(name: &'static str, shape: super::shape::Shape, about: &'static str) -> Property {
    Property::new(name, shape, about)
}

const fn must(name: &'static str, shape: super::shape::Shape, about: &'static str) -> Property {
    Property::required(name, shape, about)
}

const ID: Property =
    may("id", Guid, "Object id. Left out, it is derived from tenant, kind and name: stable from run to run.");

/// The file itself.
pub(super) static FILE: Kind = Kind::new(
    "tenantFile",
    "a tenant file",
    &[must("tenants", List(&Object(&TENANT)), "The tenants. The consumer tenant always exists, listed or not.")],
)
.without_effect("$schema");

pub(super) static TENANT: Kind = Kind::new(
    "organization",
    "a tenant",
    &[
        may("id", Guid, "Tenant id. Left out, it is derived from the default domain."),
        may("displayName", Text, "Shown to people. Left out, it is the default domain."),
        may("verifiedDomains", List(&Object(&VERIFIED_DOMAIN)), "Domains whose users sign in here."),
        may("securityDefaults", Object(&SECURITY_DEFAULTS), "Security defaults."),
        may("authorizationPolicy", Object(&AUTHORIZATION_POLICY), "What users may do by themselves."),
        may("users", List(&Object(&USER)), "Members and guests."),
        may("groups", List(&Object(&GROUP)), "Groups with their direct members."),
        may("directoryRoles", List(&Object(&DIRECTORY_ROLE)), "Activated roles with their members."),
        may(
            "applications",
            List(&Object(&APPLICATION)),
            "Registrations; an appId that is built in overrides what it says.",
        ),
        may("oauth2PermissionGrants", List(&Object(&GRANT)), "Delegated consents."),
        may(
            "appRoleAssignments",
            List(&Object(&ASSIGNMENT)),
            "Application permissions, and who is assigned to an application.",
        ),
        may("conditionalAccess", Object(&CONDITIONAL_ACCESS), "Conditional Access policies and named locations."),
        may("homeRealmDiscoveryPolicies", List(&Object(&HRD_POLICY)), "Home-realm-discovery policies."),
        may("ropeway", Object(&TENANT_SETTINGS), "What Graph has no word for."),
    ],
)
.without_effect(
    "assignedPlans businessPhones certificateBasedAuthConfiguration city country countryLetterCode \
     createdDateTime defaultUsageLocation deletedDateTime directorySizeQuota \
     isMultipleDataLocationsForServicesEnabled marketingNotificationEmails objectType \
     onPremisesLastPasswordSyncDateTime onPremisesLastSyncDateTime onPremisesSyncEnabled onPremisesSyncStatus \
     partnerTenantType postalCode preferredLanguage privacyProfile provisionedPlans \
     securityComplianceNotificationMails securityComplianceNotificationPhones state street \
     technicalNotificationMails tenantType",
)
.refused(&[
    ("servicePrincipals", "write a service principal's own values under servicePrincipal: of its application"),
    ("domains", "write them under verifiedDomains, each with name and authenticationType"),
    ("appRoleAssignedTo", "write them under appRoleAssignments"),
    ("devices", "devices are not supported yet"),
]);

static VERIFIED_DOMAIN: Kind = Kind::new(
    "verifiedDomain",
    "a domain",
    &[
        must("name", Domain, "The domain, for instance alpine.test."),
        may("isDefault", Flag, "Stands for the tenant. Left out everywhere, the first domain does."),
        may(
            "authenticationType",
            Word(&["Managed", "Federated"], ""),
            "Who checks passwords: Entra (Managed, the default) or a federation service.",
        ),
        may(
            "passwordValidityPeriodInDays",
            Number(1, 2_147_483_647),
            "Days until a password expires; 2147483647 is never. Left out, Graph's 90.",
        ),
    ],
)
.without_effect(
    "availabilityStatus capabilities domainNameReferences id isAdminManaged isInitial isRoot isVerified \
     manufacturer model passwordNotificationWindowInDays serviceConfigurationRecords state supportedServices \
     type verificationDnsRecords",
);

static SECURITY_DEFAULTS: Kind = Kind::new(
    "identitySecurityDefaultsEnforcementPolicy",
    "security defaults",
    &[may("isEnabled", Flag, "Whether every user needs a second factor. Left out: false.")],
)
.without_effect("description displayName id");

static AUTHORIZATION_POLICY: Kind = Kind::new(
    "authorizationPolicy",
    "the authorization policy",
    &[may("defaultUserRolePermissions", Object(&DEFAULT_USER_ROLE_PERMISSIONS), "What users may do by themselves.")],
)
.without_effect(
    "allowEmailVerifiedUsersToJoinOrganization allowInvitesFrom allowUserConsentForRiskyApps allowedToSignUpEmailBasedSubscriptions \
     allowedToUseSSPR blockMsolPowerShell deletedDateTime description displayName guestUserRoleId id",
);

static DEFAULT_USER_ROLE_PERMISSIONS: Kind = Kind::new(
    "defaultUserRolePermissions",
    "what users may do by themselves",
    &[may(
        "permissionGrantPoliciesAssigned",
        List(&Text),
        "Users may consent for themselves while a ManagePermissionGrantsForSelf policy is here. Empty: they may not.",
    )],
)
.without_effect(
    "allowedToCreateApps allowedToCreateSecurityGroups allowedToCreateTenants allowedToReadBitlockerKeysForOwnedDevice \
     allowedToReadOtherUsers",
);

static TENANT_SETTINGS: Kind = Kind::new(
    "ropewayTenantSettings",
    "Ropeway's settings of a tenant",
    &[
        may("clock", Object(&CLOCK), "The tenant's time against the wall clock."),
        may("replay", Word(&["entra"], ""), "entra: send no Retry-After to MSAL Python, exactly as Entra."),
        may(
            "passThroughAgent",
            Word(&["up", "down"], ""),
            "Whether the pass-through authentication agent answers. Left out: up.",
        ),
        may("smartLockout", Object(&SMART_LOCKOUT), "Smart lockout."),
    ],
);

static CLOCK: Kind = Kind::new(
    "ropewayClock",
    "a clock",
    &[
        may("offset", Duration, "Runs so far ahead of the wall clock: P91D, PT1H; behind when negative: -PT5M."),
        may("frozen", Moment, "Stands still at this moment: 2026-01-01T00:00:00Z."),
        may(
            "tokens",
            Word(&["wall", "tenant"], ""),
            "Which clock stamps tokens and one-time codes. Left out: wall, so that other machines accept them.",
        ),
    ],
);

static SMART_LOCKOUT: Kind = Kind::new(
    "ropewaySmartLockout",
    "smart lockout",
    &[
        may("threshold", Number(1, 50), "Different wrong passwords until the account locks. Left out: 10."),
        may("durationInSeconds", Number(5, 18_000), "Length of the first lockout. Left out: 60."),
    ],
);

pub(super) static USER: Kind = Kind::new(
    "user",
    "a user",
    &[
        ID,
        must("userPrincipalName", UserName, "The sign-in name of a member; its domain is one of verifiedDomains."),
        may("displayName", Text, "The name claim. Left out, it is what stands before the @."),
        may("givenName", Text, "The given_name claim."),
        may("surname", Text, "The family_name claim."),
        may("mail", UserName, "The email claim; for a guest, the name that is typed."),
        may("userType", Word(&["Member", "Guest"], ""), "Left out: Member."),
        may("accountEnabled", Flag, "false refuses every sign-in. Left out: true."),
        may("identities", List(&Object(&IDENTITY)), "Where an external user's account lives."),
        may("onPremisesSyncEnabled", Flag, "Whether the user comes from on-premises Active Directory."),
        may("onPremisesImmutableId", Text, "The join with the on-premises object."),
        may(
            "passwordProfile",
            Object(&PASSWORD_PROFILE),
            "The password. Without one the directory holds none for this user.",
        ),
        may(
            "passwordPolicies",
            Words(&["None", "DisablePasswordExpiration", "DisableStrongPassword"]),
            "DisablePasswordExpiration exempts from the domain's limit.",
        ),
        may(
            "lastPasswordChangeDateTime",
            Moment,
            "Password age counts from here. Left out: from when the file is loaded.",
        ),
        may(
            "signInSessionsValidFromDateTime",
            Moment,
            "Refresh tokens and browser sessions from before it are refused.",
        ),
        may(
            "refreshTokensValidFromDateTime",
            Moment,
            "Refresh tokens issued earlier are refused; browser sessions are not.",
        ),
        may("authentication", Object(&AUTHENTICATION), "Second factors."),
        may("ropeway", Object(&USER_SETTINGS), "What Graph has no word for."),
    ],
)
.without_effect(
    "aboutMe ageGroup assignedLicenses assignedPlans authorizationInfo birthday businessPhones city \
     companyName consentProvidedForMinor country createdDateTime creationType customSecurityAttributes \
     deletedDateTime department employeeHireDate employeeId employeeLeaveDateTime employeeOrgData employeeType \
     externalUserState externalUserStateChangeDateTime faxNumber hireDate imAddresses interests \
     isManagementRestricted isResourceAccount jobTitle lastSignInDateTime legalAgeGroupClassification \
     licenseAssignmentStates mailNickname manager memberOf mobilePhone mySite officeLocation \
     onPremisesDistinguishedName onPremisesDomainName onPremisesExtensionAttributes onPremisesLastSyncDateTime \
     onPremisesProvisioningErrors onPremisesSamAccountName onPremisesSecurityIdentifier \
     onPremisesUserPrincipalName otherMails pastProjects postalCode preferredDataLocation preferredLanguage \
     preferredName provisionedPlans proxyAddresses responsibilities schools securityIdentifier \
     serviceProvisioningErrors showInAddressList signInActivity skills state streetAddress transitiveMemberOf \
     usageLocation",
)
.refused(&[("password", "write it under passwordProfile: { password: … }")]);

static IDENTITY: Kind = Kind::new(
    "objectIdentity",
    "an identity",
    &[
        may("signInType", Text, "federated, userPrincipalName or emailAddress. Left out: federated."),
        must(
            "issuer",
            Text,
            "ExternalAzureAD (another Entra tenant), MicrosoftAccount, google.com, or the tenant's own domain.",
        ),
        may("issuerAssignedId", Text, "The account's id at its issuer."),
    ],
);

static PASSWORD_PROFILE: Kind = Kind::new(
    "passwordProfile",
    "a password profile",
    &[
        may("password", Password, "Text, { env: NAME }, or an Argon2id PHC string."),
        may("forceChangePasswordNextSignIn", Flag, "Whether the password must be changed at the next sign-in."),
    ],
)
.unsupported("forceChangePasswordNextSignInWithMfa");

static AUTHENTICATION: Kind = Kind::new(
    "authentication",
    "a user's authentication",
    &[
        may("requirements", Object(&REQUIREMENTS), "Per-user MFA."),
        may("methods", List(&Object(&AUTHENTICATION_METHOD)), "Registered second factors."),
    ],
)
.without_effect("id operations signInPreferences");

static REQUIREMENTS: Kind = Kind::new(
    "strongAuthenticationRequirements",
    "authentication requirements",
    &[may(
        "perUserMfaState",
        Word(&["disabled", "enabled", "enforced"], ""),
        "Whether this user needs a second factor. Left out: disabled.",
    )],
);

/// The type of an authentication method that is acted on.
pub(super) const SOFTWARE_OATH: &str = "#microsoft.graph.softwareOathAuthenticationMethod";

static AUTHENTICATION_METHOD: Kind = Kind::new(
    "authenticationMethod",
    "an authentication method",
    &[
        must(
            "@odata.type",
            Word(
                &[
                    SOFTWARE_OATH,
                    "#microsoft.graph.passwordAuthenticationMethod",
                    "#microsoft.graph.emailAuthenticationMethod",
                ],
                "#microsoft.graph.fido2AuthenticationMethod #microsoft.graph.phoneAuthenticationMethod #microsoft.graph.microsoftAuthenticatorAuthenticationMethod #microsoft.graph.windowsHelloForBusinessAuthenticationMethod #microsoft.graph.temporaryAccessPassAuthenticationMethod #microsoft.graph.platformCredentialAuthenticationMethod #microsoft.graph.hardwareOathAuthenticationMethod #microsoft.graph.x509CertificateAuthenticationMethod #microsoft.graph.qrCodePinAuthenticationMethod",
            ),
            "Which method. An authenticator app's codes: #microsoft.graph.softwareOathAuthenticationMethod. Password and email methods are no second factor.",
        ),
        may("secretKey", Base32, "The authenticator app's secret in base32, or { env: NAME }. Exports leave it out."),
    ],
)
.without_effect("createdDateTime emailAddress id password");

static USER_SETTINGS: Kind = Kind::new(
    "ropewayUserSettings",
    "Ropeway's settings of a user",
    &[
        may("lockedUntilDateTime", Moment, "Smart lockout holds the account until then."),
        may("riskLevel", Word(&["none", "low", "medium", "high"], ""), "The user's risk."),
        may("temporaryAccessPass", Secret, "A Temporary Access Pass that is always valid."),
        may("passThrough", Flag, "The pass-through authentication agent checks this user's password."),
    ],
);

static GROUP: Kind = Kind::new(
    "group",
    "a group",
    &[
        ID,
        must("displayName", Text, "Shown to people; other objects may name the group by it."),
        may("securityEnabled", Flag, "Counts as a security group. Left out: true."),
        may("members", List(&Reference), "Users and groups directly in it."),
    ],
)
.without_effect(
    "assignedLabels assignedLicenses classification createdByAppId createdDateTime creationOptions \
     deletedDateTime description expirationDateTime groupTypes isAssignableToRole isManagementRestricted \
     licenseProcessingState mail mailEnabled mailNickname membershipRule membershipRuleProcessingState \
     onPremisesDomainName onPremisesLastSyncDateTime onPremisesNetBiosName onPremisesProvisioningErrors \
     onPremisesSamAccountName onPremisesSecurityIdentifier onPremisesSyncEnabled organizationId owners \
     preferredDataLocation preferredLanguage proxyAddresses renewedDateTime resourceBehaviorOptions \
     resourceProvisioningOptions securityIdentifier serviceProvisioningErrors theme uniqueName visibility",
);

static DIRECTORY_ROLE: Kind = Kind::new(
    "directoryRole",
    "a directory role",
    &[
        ID,
        must("displayName", Text, "For instance Global Administrator."),
        may("roleTemplateId", Guid, "The role's template. Left out, it is known by the role's name."),
        may("members", List(&Reference), "Users and applications in the role; groups are not supported yet."),
    ],
)
.without_effect("deletedDateTime description");

pub(super) static APPLICATION: Kind = Kind::new(
    "application",
    "an application",
    &[
        ID,
        may("appId", Guid, "The client id. Left out, it is derived from the display name."),
        may("displayName", Text, "Shown to people. Required, but for an application that is built in."),
        may("identifierUris", List(&Uri), "App ID URIs: how scopes name this API."),
        may("api", Object(&API), "The application as an API."),
        may("appRoles", List(&Object(&APP_ROLE)), "Roles for users and permissions for applications."),
        may(
            "requiredResourceAccess",
            List(&Object(&REQUIRED_RESOURCE_ACCESS)),
            "What the application declares it needs.",
        ),
        may("passwordCredentials", List(&Object(&PASSWORD_CREDENTIAL)), "Client secrets."),
        may("keyCredentials", List(&Object(&KEY_CREDENTIAL)), "Client certificates."),
        may(
            "federatedIdentityCredentials",
            List(&Object(&FEDERATED_IDENTITY_CREDENTIAL)),
            "Outside issuers whose tokens prove the client.",
        ),
        may("isFallbackPublicClient", Flag, "\"Allow public client flows\". Left out: false."),
        may("web", Object(&WEB), "Redirect URIs of a web application."),
        may("spa", Object(&SPA), "Redirect URIs of a single-page application."),
        may("publicClient", Object(&PUBLIC_CLIENT), "Redirect URIs of a mobile or desktop application."),
        may(
            "groupMembershipClaims",
            Words(&["None", "SecurityGroup", "DirectoryRole", "ApplicationGroup", "All"]),
            "Which groups go into tokens.",
        ),
        may("optionalClaims", Object(&OPTIONAL_CLAIMS), "Claims added to tokens."),
        may("servicePrincipal", Object(&SERVICE_PRINCIPAL), "The service principal's own values."),
    ],
)
.without_effect(
    "addIns applicationTemplateId certification createdByAppId createdDateTime defaultRedirectUri \
     deletedDateTime description disabledByMicrosoftStatus extensionProperties info isDeviceOnlyAuthSupported \
     isManagementRestricted logo nativeAuthenticationApisEnabled notes oauth2RequirePostResponse \
     oauth2RequiredPostResponse owners parentalControlSettings publisherDomain requestSignatureVerification \
     samlMetadataUrl serviceManagementReference servicePrincipalLockConfiguration signInAudience tags \
     tokenEncryptionKeyId uniqueName verifiedPublisher",
)
.refused(&[
    ("redirectUris", "write them under web, spa or publicClient: { redirectUris: […] }"),
    ("oauth2PermissionScopes", "write them under api: { oauth2PermissionScopes: […] }"),
    ("requestedAccessTokenVersion", "write it under api: { requestedAccessTokenVersion: 2 }"),
    ("preAuthorizedApplications", "write them under api: { preAuthorizedApplications: […] }"),
    ("appRoleAssignmentRequired", "write it under servicePrincipal: { appRoleAssignmentRequired: … }"),
    ("accountEnabled", "write it under servicePrincipal: { accountEnabled: … }"),
    ("ropeway", "there is nothing of Ropeway's own to say about an application yet"),
]);

static API: Kind = Kind::new(
    "apiApplication",
    "an API",
    &[
        may(
            "requestedAccessTokenVersion",
            Number(1, 2),
            "Version of the access tokens for this API. Left out or null: 1.",
        ),
        may("oauth2PermissionScopes", List(&Object(&PERMISSION_SCOPE)), "Delegated permissions."),
        may("preAuthorizedApplications", List(&Object(&PRE_AUTHORIZED)), "Clients that need no consent."),
    ],
)
.without_effect("acceptMappedClaims knownClientApplications");

static PERMISSION_SCOPE: Kind = Kind::new(
    "permissionScope",
    "a delegated permission",
    &[
        ID,
        must("value", Text, "The scope's name, as in the scp claim."),
        may("type", Word(&["User", "Admin"], ""), "Who may consent. Left out: User."),
        may("isEnabled", Flag, "Left out: true."),
        may("adminConsentDisplayName", Text, "Shown on the consent page."),
        may("userConsentDisplayName", Text, "Shown on the consent page."),
    ],
)
.without_effect("adminConsentDescription isPrivate origin userConsentDescription");

static APP_ROLE: Kind = Kind::new(
    "appRole",
    "an app role",
    &[
        ID,
        may("value", Text, "The value in the roles claim. Without one the role only assigns."),
        may("displayName", Text, "Shown to people. Left out, it is the value."),
        must("allowedMemberTypes", List(&Word(&["User", "Application"], "")), "To whom it may be assigned."),
        may("isEnabled", Flag, "Left out: true."),
    ],
)
.without_effect("description isPrivate isPreAuthorizationRequired origin");

static PRE_AUTHORIZED: Kind = Kind::new(
    "preAuthorizedApplication",
    "a pre-authorised application",
    &[
        must("appId", Reference, "The client's appId."),
        may("delegatedPermissionIds", List(&Permission), "Delegated permissions of this API, by id or value."),
        may("permissionIds", List(&Permission), "An older name of delegatedPermissionIds."),
    ],
);

static REQUIRED_RESOURCE_ACCESS: Kind = Kind::new(
    "requiredResourceAccess",
    "a declared API",
    &[
        must("resourceAppId", Reference, "The API: appId or identifier URI."),
        must("resourceAccess", List(&Object(&RESOURCE_ACCESS)), "Its permissions."),
    ],
);

static RESOURCE_ACCESS: Kind = Kind::new(
    "resourceAccess",
    "a declared permission",
    &[
        must("id", Permission, "The permission's id or value."),
        must("type", Word(&["Scope", "Role"], ""), "Scope: delegated. Role: application permission."),
    ],
);

static PASSWORD_CREDENTIAL: Kind = Kind::new(
    "passwordCredential",
    "a client secret",
    &[
        must("secretText", Secret, "The secret, or { env: NAME }. Exports leave it out: write the one your tests use."),
        may("displayName", Text, "Shown to people."),
        may("startDateTime", Moment, "Not valid before."),
        may("endDateTime", Moment, "Not valid after. Left out: never ends."),
    ],
)
.without_effect("customKeyIdentifier hint keyId");

static KEY_CREDENTIAL: Kind = Kind::new(
    "keyCredential",
    "a client certificate",
    &[
        must("key", Certificate, "The certificate: DER in base64, or PEM. Exports leave it out unless it is selected."),
        may("displayName", Text, "Shown to people."),
        may("startDateTime", Moment, "Not valid before."),
        may("endDateTime", Moment, "Not valid after."),
        may("type", Word(&["AsymmetricX509Cert"], "X509CertAndPassword"), "AsymmetricX509Cert."),
        may("usage", Word(&["Verify"], "Sign"), "Verify."),
    ],
)
.without_effect("customKeyIdentifier hasExtendedValue keyId");

static FEDERATED_IDENTITY_CREDENTIAL: Kind = Kind::new(
    "federatedIdentityCredential",
    "a federated credential",
    &[
        must("name", Text, "Names it among the application's."),
        must("issuer", Uri, "The iss of the tokens: an https URL, under which the issuer publishes its metadata."),
        must("subject", Text, "Their sub."),
        may("audiences", List(&Text), "Their aud, one of these. Left out: api://AzureADTokenExchange."),
    ],
)
.without_effect("description id")
.unsupported("claimsMatchingExpression");

static WEB: Kind = Kind::new(
    "webApplication",
    "a web platform",
    &[
        REDIRECT_URIS,
        may("implicitGrantSettings", Object(&IMPLICIT_GRANT_SETTINGS), "Tokens from the authorize endpoint."),
        may("logoutUrl", WebUri, "Asked in a hidden frame when the person signs out."),
    ],
)
.without_effect("homePageUrl redirectUriSettings");

static IMPLICIT_GRANT_SETTINGS: Kind = Kind::new(
    "implicitGrantSettings",
    "what the authorize endpoint may answer with besides a code",
    &[may("enableIdTokenIssuance", Flag, "Id tokens: response_type=id_token and code id_token.")],
)
.without_effect("enableAccessTokenIssuance");

static SPA: Kind = Kind::new("spaApplication", "a single-page platform", &[REDIRECT_URIS]);

static PUBLIC_CLIENT: Kind = Kind::new("publicClientApplication", "a mobile and desktop platform", &[REDIRECT_URIS]);

const REDIRECT_URIS: Property =
    may("redirectUris", List(&RedirectUri), "Where answers may be sent: https, or http://localhost.");

static OPTIONAL_CLAIMS: Kind = Kind::new(
    "optionalClaims",
    "optional claims",
    &[
        may("idToken", List(&Object(&OPTIONAL_CLAIM)), "In id tokens."),
        may("accessToken", List(&Object(&OPTIONAL_CLAIM)), "In access tokens for this application."),
    ],
)
.without_effect("saml2Token");

static OPTIONAL_CLAIM: Kind = Kind::new(
    "optionalClaim",
    "an optional claim",
    &[
        must("name", Text, "The claim, for instance email."),
        may(
            "additionalProperties",
            List(&Text),
            "How it is made: include_externally_authenticated_upn (upn), use_guid (aud), include_user_token (idtyp), \
             emit_as_roles and cloud_displayname (groups).",
        ),
    ],
)
.without_effect("essential source");

static SERVICE_PRINCIPAL: Kind = Kind::new(
    "servicePrincipal",
    "a service principal",
    &[
        ID,
        may("accountEnabled", Flag, "false refuses the application. Left out: true."),
        may("appRoleAssignmentRequired", Flag, "Only assigned users get tokens for it. Left out: false."),
    ],
)
.without_effect(
    "addIns alternativeNames appDescription appDisplayName appId appOwnerOrganizationId appRoles \
     applicationTemplateId createdByAppId createdDateTime customSecurityAttributes deletedDateTime description \
     disabledByMicrosoftStatus displayName homepage info keyCredentials loginUrl logoutUrl notes \
     notificationEmailAddresses oauth2PermissionScopes passwordCredentials preferredSingleSignOnMode \
     preferredTokenSigningKeyThumbprint replyUrls resourceSpecificApplicationPermissions \
     samlSingleSignOnSettings servicePrincipalNames servicePrincipalType signInAudience tags \
     tokenEncryptionKeyId verifiedPublisher",
);

pub(super) static GRANT: Kind = Kind::new(
    "oAuth2PermissionGrant",
    "a delegated consent",
    &[
        must("clientId", References, "The application that may act. A list stands for one consent each."),
        must("consentType", Word(&["AllPrincipals", "Principal"], ""), "For everybody, or for principalId."),
        may("principalId", References, "The user. A list stands for one consent each."),
        must("resourceId", Reference, "The API."),
        must("scope", Text, "The granted scopes with spaces between them."),
    ],
)
.without_effect("expiryTime id startTime");

static ASSIGNMENT: Kind = Kind::new(
    "appRoleAssignment",
    "an assignment",
    &[
        must("principalId", References, "Users, groups or applications. A list stands for one assignment each."),
        may("principalType", Word(&["User", "Group", "ServicePrincipal"], ""), "What principalId is. Seldom needed."),
        must("resourceId", Reference, "The application that is assigned to."),
        may("appRoleId", Permission, "The role's id or value. Left out or all zeros: assigned without a role."),
    ],
)
.without_effect("createdDateTime deletedDateTime id principalDisplayName resourceDisplayName");

pub(super) static CONDITIONAL_ACCESS: Kind = Kind::new(
    "conditionalAccessRoot",
    "Conditional Access",
    &[
        may("policies", List(&Object(&POLICY)), "Policies."),
        may("namedLocations", List(&Object(&NAMED_LOCATION)), "Locations that policies name."),
    ],
)
.without_effect("authenticationContextClassReferences authenticationStrength templates");

pub(super) static POLICY: Kind = Kind::new(
    "conditionalAccessPolicy",
    "a Conditional Access policy",
    &[
        ID,
        must("displayName", Text, "Shown to people."),
        must("state", Word(&["enabled", "disabled", "enabledForReportingButNotEnforced"], ""), "Whether it acts."),
        must("conditions", Object(&CONDITIONS), "When it applies."),
        may("grantControls", Object(&GRANT_CONTROLS), "What it asks."),
        may("sessionControls", Object(&SESSION_CONTROLS), "Limits within the session."),
    ],
)
.without_effect("createdDateTime deletedDateTime description modifiedDateTime templateId")
.may_be_off();

static CONDITIONS: Kind = Kind::new(
    "conditionalAccessConditionSet",
    "a policy's conditions",
    &[
        must("users", Object(&POLICY_USERS), "Whom it concerns."),
        must("applications", Object(&POLICY_APPLICATIONS), "Which resources it concerns."),
        may(
            "clientAppTypes",
            List(&Word(
                &["all", "browser", "mobileAppsAndDesktopClients", "exchangeActiveSync", "other"],
                "easSupported",
            )),
            "Kinds of client. Left out: all.",
        ),
        may("locations", Object(&LOCATIONS), "Where from. Left out: anywhere."),
    ],
)
.unsupported(
    "agentIdRiskLevels authenticationFlows clientApplications deviceStates devices insiderRiskLevels platforms \
     servicePrincipalRiskLevels signInRiskLevels userRiskLevels",
);

static POLICY_USERS: Kind = Kind::new(
    "conditionalAccessUsers",
    "a policy's users",
    &[
        may("includeUsers", List(&Reference), "Users, or All, None, GuestsOrExternalUsers."),
        may("includeGroups", List(&Reference), "Groups."),
        may("includeRoles", List(&Reference), "Directory roles, by template id or name."),
        may("excludeUsers", List(&Reference), "Users, or GuestsOrExternalUsers."),
        may("excludeGroups", List(&Reference), "Groups."),
        may("excludeRoles", List(&Reference), "Directory roles, by template id or name."),
    ],
)
.unsupported("excludeGuestsOrExternalUsers includeGuestsOrExternalUsers");

static POLICY_APPLICATIONS: Kind = Kind::new(
    "conditionalAccessApplications",
    "a policy's applications",
    &[
        may("includeApplications", List(&Reference), "Resources, or All or None."),
        may("excludeApplications", List(&Reference), "Resources."),
        may(
            "includeAuthenticationContextClassReferences",
            List(&AuthenticationContext),
            "Authentication contexts, c1 to c99: requests whose claims ask for one in acrs.",
        ),
    ],
)
.unsupported("applicationFilter globalSecureAccess includeUserActions networkAccess");

static LOCATIONS: Kind = Kind::new(
    "conditionalAccessLocations",
    "a policy's locations",
    &[
        may("includeLocations", List(&Reference), "Named locations, or All or AllTrusted."),
        may("excludeLocations", List(&Reference), "Named locations, or AllTrusted."),
    ],
);

static GRANT_CONTROLS: Kind = Kind::new(
    "conditionalAccessGrantControls",
    "grant controls",
    &[
        may("operator", Word(&["AND", "OR"], ""), "Whether all controls are needed or one of them. Left out: OR."),
        may(
            "builtInControls",
            List(&Word(
                &["block", "mfa"],
                "compliantDevice domainJoinedDevice approvedApplication compliantApplication passwordChange riskRemediation",
            )),
            "block or mfa.",
        ),
    ],
)
.unsupported("authenticationStrength customAuthenticationFactors termsOfUse");

static SESSION_CONTROLS: Kind = Kind::new("conditionalAccessSessionControls", "session controls", &[])
    .without_effect(
        "applicationEnforcedRestrictions cloudAppSecurity continuousAccessEvaluation disableResilienceDefaults \
     globalSecureAccessFilteringProfile persistentBrowser",
    )
    .unsupported("secureSignInSession signInFrequency");

/// The type of a named location that is acted on.
pub(super) const IP_NAMED_LOCATION: &str = "#microsoft.graph.ipNamedLocation";

static NAMED_LOCATION: Kind = Kind::new(
    "namedLocation",
    "a named location",
    &[
        may(
            "@odata.type",
            Word(&[IP_NAMED_LOCATION, "#microsoft.graph.countryNamedLocation"], ""),
            "Address ranges (the default). A location by country may be listed, but no policy may name it yet.",
        ),
        ID,
        must("displayName", Text, "Shown to people; policies may name the location by it."),
        may("isTrusted", Flag, "Counts for AllTrusted. Left out: false."),
        may("ipRanges", List(&Object(&IP_RANGE)), "Address ranges."),
    ],
)
.without_effect(
    "countriesAndRegions countryLookupMethod createdDateTime deletedDateTime includeUnknownCountriesAndRegions \
     modifiedDateTime",
);

static IP_RANGE: Kind =
    Kind::new("ipRange", "an address range", &[must("cidrAddress", Cidr, "192.0.2.0/24 or 2001:db8::/32.")]);

static HRD_POLICY: Kind = Kind::new(
    "homeRealmDiscoveryPolicy",
    "a home-realm-discovery policy",
    &[
        may("displayName", Text, "Shown to people."),
        must(
            "definition",
            List(&Text),
            "One JSON text, as Graph has it: {\"HomeRealmDiscoveryPolicy\":{\"AllowCloudPasswordValidation\":true}}.",
        ),
        may("isOrganizationDefault", Flag, "Whether it holds for every application. Left out: false."),
    ],
)
.without_effect("appliesTo deletedDateTime description id");
