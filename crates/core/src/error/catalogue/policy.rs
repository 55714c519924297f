//! Second factors, Conditional Access, devices, tenant restrictions, consent.

use super::Confidence::{Captured, Documented, Inferred};
use super::RaisedBy::{AuthorizationCode, Authorize, DeviceCode, Password, RefreshToken};
use super::{Delivery, INVALID_GRANT, LEARN, PAGE, Row, UNAUTHORIZED_CLIENT, interaction, redirect};

pub(super) const ROWS: &[Row] = &[
    Row {
        code: 50005,
        name: "DevicePolicyError",
        template: "User tried to log in to a device from a platform ({platform}) that's currently not supported \
                   through Conditional Access policy.",
        cause: "A Conditional Access policy does not know the device's platform.",
        remedy: "Use a supported platform, or exclude the user from the policy.",
        confidence: Inferred,
        source: LEARN,
        ..interaction("message_only")
    },
    Row {
        code: 50072,
        name: "UserStrongAuthEnrollmentRequiredInterrupt",
        template: "Due to a configuration change made by your administrator, or because you moved to a new location, \
                   you must enroll in multi-factor authentication to access '{resource}'.",
        cause: "In the browser: the person must register a second factor first. A token request gets AADSTS50079.",
        remedy: "Register the second factor.",
        confidence: Inferred,
        source: LEARN,
        delivery: Delivery::Page,
        ..interaction("basic_action")
    },
    Row {
        code: 50074,
        name: "UserStrongAuthClientAuthNRequiredInterrupt",
        template: "Strong Authentication is required.",
        cause: "In the browser: the second factor is being asked for. A token request gets AADSTS50076.",
        remedy: "Answer the second factor.",
        confidence: Inferred,
        source: LEARN,
        delivery: Delivery::Page,
        ..interaction("basic_action")
    },
    Row {
        code: 50076,
        name: "UserStrongAuthClientAuthNRequired",
        template: "Due to a configuration change made by your administrator, or because you moved to a new location, \
                   you must use multi-factor authentication to access '{resource}'.",
        cause: "The password is right and a second factor is required: per-user MFA, a Conditional Access policy (then \
                the body has claims) or security defaults. A request with a password alone cannot bring it.",
        remedy: "Sign in interactively (authorization code or device code), sending claims along if the answer had \
                 them. For a test user without a second factor: no perUserMfaState, and excluded from the policy.",
        in_short: "prove a second factor",
        confidence: Captured,
        source: "bodies of 2023-11 and 2024-03; msal-go#398, msal-js#5491 (claims)",
        raised_by: &[Password, RefreshToken, AuthorizationCode, DeviceCode, Authorize],
        ..interaction("basic_action")
    },
    Row {
        code: 50078,
        name: "UserStrongAuthExpired",
        error_uri: false,
        template: "Presented multi-factor authentication has expired due to policies configured by your administrator, \
                   you must refresh your multi-factor authentication to access '{resource}'.",
        cause: "The second factor was given too long ago for the policy.",
        remedy: "Sign in interactively again.",
        confidence: Captured,
        source: "SocialiteProviders#998 (2023, refresh); v1.0 error inferred",
        ..interaction("basic_action")
    },
    Row {
        code: 50079,
        name: "UserStrongAuthEnrollmentRequired",
        template: "Due to a configuration change made by your administrator, or because you moved to a new location, \
                   you must enroll in multi-factor authentication to access '{resource}'.",
        cause: "The password is right, a second factor is required and the user has none registered.",
        remedy: "Sign in once in a browser and register one. In a tenant file: authentication.methods of the user.",
        in_short: "register a second factor",
        confidence: Captured,
        source: "msal-dotnet#559 (v2.0, 2018), aspnetcore2aadauth#6 (v1.0, 2018)",
        raised_by: &[Password, RefreshToken, AuthorizationCode, DeviceCode, Authorize],
        ..interaction("basic_action")
    },
    Row {
        code: 50087,
        name: "SasRetryableError",
        template: "A transient error has occurred during strong authentication. Please try again.",
        cause: "The second factor's service failed for a moment.",
        remedy: "Try again.",
        confidence: Documented,
        source: LEARN,
        ..PAGE
    },
    Row {
        code: 50088,
        template: "Limit on telecom MFA calls reached. Please try again in a few minutes.",
        cause: "Too many calls or texts to this telephone.",
        remedy: "Wait, or use another method.",
        confidence: Documented,
        source: LEARN,
        ..PAGE
    },
    Row {
        code: 50097,
        name: "DeviceAuthenticationRequired",
        status: 401,
        template: "Device authentication is required.",
        cause: "A policy wants the device to identify itself (PKeyAuth).",
        remedy: "Use a broker on a registered device, or exclude the user from the policy.",
        confidence: Captured,
        source: "azure-powershell#13193 and #12527",
        ..INVALID_GRANT
    },
    Row {
        code: 50127,
        name: "BrokerAppNotInstalled",
        template: "User needs to install a broker application to gain access to this content.",
        cause: "A policy wants the sign-in to go through Authenticator or Company Portal.",
        remedy: "Install the broker on the device.",
        confidence: Inferred,
        source: "Microsoft Learn, reference-error-codes; msal-js#903 (suberror)",
        ..interaction("additional_action")
    },
    Row {
        code: 50129,
        name: "DeviceIsNotWorkplaceJoined",
        template: "Device is not workplace joined. Workplace join is required to register the device.",
        cause: "A policy wants a registered device.",
        remedy: "Register the device.",
        confidence: Inferred,
        source: "Microsoft Learn, reference-error-codes; msal-js#903 (suberror)",
        ..interaction("additional_action")
    },
    Row {
        code: 50131,
        name: "ConditionalAccessFailed",
        template: "Device is not in required device state: {deviceState}. Or, the request was blocked due to \
                   suspicious activity, access policy, or security policy decisions.",
        cause: "A policy or a risk decision stopped the sign-in after the right password.",
        remedy: "Look at the sign-in log's Conditional Access tab.",
        confidence: Inferred,
        source: LEARN,
        ..interaction("message_only")
    },
    Row {
        code: 50155,
        name: "DeviceAuthenticationFailed",
        suberror: Some("device_authentication_failed"),
        template: "Device authentication failed for this user.",
        cause: "The device's key is not valid any more.",
        remedy: "Register the device again.",
        confidence: Inferred,
        source: "Microsoft Learn, reference-error-codes; MSAL (suberror)",
        ..INVALID_GRANT
    },
    Row {
        code: 50158,
        name: "ExternalSecurityChallenge",
        template: "External security challenge not satisfied. User will be redirected to another page or \
                   authentication provider to satisfy additional authentication challenges.",
        cause: "A policy wants something outside Entra: terms of use, a custom control, another provider's second \
                factor.",
        remedy: "Sign in interactively and satisfy it there.",
        confidence: Captured,
        source: "vscode-azure-account#723 (text), v1.0 body of 2023; v2.0 error inferred",
        ..interaction("basic_action")
    },
    Row {
        code: 50187,
        name: "DeviceInformationNotProvided",
        template: "Failed to perform device authentication.",
        cause: "The device did not identify itself.",
        remedy: "Use a broker on a registered device.",
        confidence: Inferred,
        source: LEARN,
        ..INVALID_GRANT
    },
    Row {
        code: 53000,
        name: "DeviceNotCompliant",
        template: "Device is not in required device state: {deviceState}. Conditional Access policy requires a \
                   compliant device, and the device is not compliant. The user must enroll their device with an \
                   approved MDM provider like Intune.",
        cause: "A policy wants a compliant device.",
        remedy: "Enrol the device, or exclude the user from the policy.",
        confidence: Captured,
        source: "msal-dotnet#2821 (text), v1.0 error of 2018; msal-js#903 (suberror)",
        ..interaction("additional_action")
    },
    Row {
        code: 53001,
        name: "DeviceNotDomainJoined",
        template: "Device is not in required device state: {deviceState}. Conditional Access policy requires a domain \
                   joined device, and the device is not domain joined.",
        cause: "A policy wants a domain-joined device.",
        remedy: "Use one, or exclude the user from the policy.",
        confidence: Documented,
        source: "Microsoft Learn, reference-error-codes; msal-js#903 (suberror)",
        ..interaction("message_only")
    },
    Row {
        code: 53002,
        name: "ApplicationUsedIsNotAnApprovedApp",
        template: "The application used is not an approved application for Conditional Access. User needs to use one \
                   of the apps from the list of approved applications to use in order to get access.",
        cause: "A policy allows approved client applications only.",
        remedy: "Use one of them, or exclude the user from the policy.",
        confidence: Inferred,
        source: "Microsoft Learn, reference-error-codes; msal-js#903 (suberror)",
        ..interaction("additional_action")
    },
    Row {
        code: 53003,
        name: "BlockedByConditionalAccess",
        template: "Access has been blocked by Conditional Access policies. The access policy does not allow token \
                   issuance.",
        cause: "The password is right, and a Conditional Access policy blocks this user, application, place or client \
                type.",
        remedy: "Find the policy in the sign-in log's Conditional Access tab and change its conditions. In Ropeway: \
                 the policies under conditionalAccess with the control block; the log names the one that decided.",
        in_short: "have the policy changed",
        confidence: Captured,
        claims_v1: false,
        source: "v2.0 body of 2025, v1.0 body of 2023 without claims (output of MSOLSpray), o365spray#13",
        raised_by: &[Password, RefreshToken, AuthorizationCode, DeviceCode, Authorize],
        ..interaction("message_only")
    },
    Row {
        code: 53004,
        name: "ProofUpBlockedDueToRisk",
        template: "User needs to complete Multi-factor authentication registration process before accessing this \
                   content. User should register for multi-factor authentication.",
        cause: "A second factor must be registered, and the sign-in is too risky to allow that.",
        remedy: "Register from a trusted place, or let an administrator dismiss the risk.",
        confidence: Inferred,
        source: LEARN,
        ..interaction("message_only")
    },
    Row {
        code: 53005,
        suberror: Some("protection_policy_required"),
        suberror_v1: Some("protection_policy_required"),
        template: "Application needs to enforce Intune protection policies.",
        cause: "A policy wants the application to enforce Intune app protection.",
        remedy: "Use an application with the Intune SDK, or exclude the user from the policy.",
        confidence: Captured,
        source: "body of 2021",
        ..UNAUTHORIZED_CLIENT
    },
    Row {
        code: 53009,
        suberror: Some("protection_policy_required"),
        suberror_v1: Some("protection_policy_required"),
        template: "Application needs to enforce Intune protection policies.",
        cause: "A policy wants the application to enforce Intune app protection.",
        remedy: "Use an application with the Intune SDK, or exclude the user from the policy.",
        confidence: Inferred,
        source: "general knowledge of Entra; no capture found",
        ..UNAUTHORIZED_CLIENT
    },
    Row {
        code: 53010,
        name: "ProofUpBlockedDueToSecurityInfoAcr",
        template: "Cannot configure multi-factor authentication methods because the organization requires this \
                   information to be set from specific locations or devices.",
        cause: "A policy guards where second factors may be registered.",
        remedy: "Register from an allowed place.",
        confidence: Inferred,
        source: LEARN,
        ..interaction("message_only")
    },
    Row {
        code: 53011,
        template: "User blocked due to risk on home tenant.",
        cause: "The guest's home tenant holds the account for risky.",
        remedy: "Let the home tenant's administrator dismiss the risk.",
        confidence: Inferred,
        source: LEARN,
        ..interaction("message_only")
    },
    Row {
        code: 65001,
        name: "DelegationDoesNotExist",
        error_uri: false,
        suberror: Some("consent_required"),
        template: "The user or administrator has not consented to use the application with ID '{appId}' named \
                   '{appName}'. Send an interactive authorization request for this user and resource.",
        cause: "Nobody has agreed that this application may do what the scope says in the user's name.",
        remedy: "Let the user or an administrator consent once in a browser. In a tenant file: oauth2PermissionGrants \
                 (Principal for one user, AllPrincipals for all), or the API's api.preAuthorizedApplications.",
        in_short: "consent",
        confidence: Captured,
        source: "azure-docs#39189 (2019), oauth2-microsoft#31 (2025)",
        raised_by: &[Password, RefreshToken, AuthorizationCode, DeviceCode, Authorize],
        ..INVALID_GRANT
    },
    Row {
        code: 65004,
        name: "UserDeclinedConsent",
        template: "User declined to consent to access the app.",
        cause: "The person pressed Cancel on the consent page.",
        remedy: "Ask again, and say what the permissions are for.",
        in_short: "consent",
        confidence: Captured,
        source: "public reports of 2020, measured 2026; on /adminconsent it was access_denied in 2023",
        raised_by: &[Authorize],
        ..redirect("consent_required")
    },
    Row {
        code: 90094,
        name: "AdminConsentRequired",
        suberror: Some("consent_required"),
        template: "An administrator of {tenant} has set a policy that prevents you from granting {appName} the \
                   permissions it is requesting.",
        cause: "The permission is for administrators to grant. A token request gets AADSTS65001 instead.",
        remedy: "Let an administrator consent. In a tenant file: an AllPrincipals grant.",
        confidence: Inferred,
        source: LEARN,
        delivery: Delivery::Page,
        ..INVALID_GRANT
    },
    Row {
        code: 90095,
        name: "AdminConsentRequiredRequestAccess",
        suberror: Some("consent_required"),
        template: "An administrator of {tenant} has set a policy that prevents you from granting {appName} the \
                   permissions it is requesting. Request approval from your administrator.",
        cause: "The permission is for administrators to grant, and the person may ask them for it.",
        remedy: "Send the request for approval, or let an administrator consent.",
        confidence: Inferred,
        source: LEARN,
        delivery: Delivery::Page,
        ..INVALID_GRANT
    },
    Row {
        code: 135011,
        suberror: Some("device_authentication_failed"),
        template: "Device used during the authentication is disabled.",
        cause: "The device was switched off in the directory.",
        remedy: "Enable the device, or use another.",
        confidence: Inferred,
        source: LEARN,
        ..INVALID_GRANT
    },
    Row {
        code: 500021,
        template: "Access to '{tenant}' tenant is denied.",
        cause: "A proxy on the way restricts which tenants may be used (header Restrict-Access-To-Tenants).",
        remedy: "Let the proxy's owner add the tenant.",
        confidence: Documented,
        source: LEARN,
        ..PAGE
    },
    Row {
        code: 500022,
        template: "Access to '{tenant}' tenant is denied.",
        cause: "A proxy on the way restricts which tenants may be used (header Restrict-Access-To-Tenants).",
        remedy: "Let the proxy's owner add the tenant.",
        confidence: Documented,
        source: LEARN,
        ..PAGE
    },
    Row {
        code: 500121,
        template: "Authentication failed during strong authentication request.",
        cause: "The second factor was refused, wrong or not answered in time.",
        remedy: "Try again, or register another method.",
        in_short: "enter the next code",
        confidence: Documented,
        source: "public lists of codes",
        delivery: Delivery::Page,
        raised_by: &[Authorize],
        ..interaction("basic_action")
    },
    Row {
        code: 500212,
        name: "NotAllowedByOutboundPolicyTenant",
        template: "The user's administrator has set an outbound access policy that does not allow access to the \
                   resource tenant.",
        cause: "The guest's home tenant forbids access to this tenant.",
        remedy: "Let the home tenant's administrator change the cross-tenant access settings.",
        confidence: Documented,
        source: LEARN,
        ..PAGE
    },
    Row {
        code: 500213,
        name: "NotAllowedByInboundPolicyTenant",
        template: "The resource tenant's cross-tenant access policy does not allow this user to access this tenant.",
        cause: "This tenant forbids guests of that home tenant.",
        remedy: "Let this tenant's administrator change the cross-tenant access settings.",
        confidence: Documented,
        source: LEARN,
        ..PAGE
    },
    Row {
        code: 500881,
        template: "Limit on telecom MFA calls reached. Please try again in a few minutes.",
        cause: "Too many calls or texts to this telephone.",
        remedy: "Wait, or use another method.",
        confidence: Inferred,
        source: "public lists of codes",
        ..PAGE
    },
    Row {
        code: 530001,
        template: "Browser not supported.",
        cause: "A policy wants a browser that can show the device's state.",
        remedy: "Use a supported browser.",
        confidence: Inferred,
        source: "Entra's list of sign-in log codes (text)",
        ..interaction("additional_action")
    },
    Row {
        code: 530002,
        template: "Your device is required to be compliant to access this resource.",
        cause: "A policy wants a compliant device.",
        remedy: "Enrol the device, or exclude the user from the policy.",
        confidence: Inferred,
        source: "Entra's list of sign-in log codes (text)",
        ..interaction("additional_action")
    },
    Row {
        code: 530003,
        template: "Your device is required to be managed to access this resource.",
        cause: "A policy wants a managed device.",
        remedy: "Enrol the device, or exclude the user from the policy.",
        confidence: Captured,
        source: "azure-cli#29282 (2024, refresh); suberror inferred",
        ..interaction("additional_action")
    },
    Row {
        code: 530021,
        template: "The application used is not an approved application for Conditional Access.",
        cause: "A policy allows approved client applications only.",
        remedy: "Use one of them, or exclude the user from the policy.",
        confidence: Inferred,
        source: "Entra's list of sign-in log codes (text)",
        ..interaction("additional_action")
    },
    Row {
        code: 530032,
        name: "BlockedByConditionalAccessOnSecurityPolicy",
        template: "The tenant admin has configured a security policy that blocks this request.",
        cause: "A tenant-wide security policy blocks the request.",
        remedy: "Look at the policies of the tenant.",
        confidence: Inferred,
        source: LEARN,
        ..interaction("message_only")
    },
    Row {
        code: 530033,
        template: "Remote device flow blocked due to device based conditional access.",
        cause: "A policy wants a device, and a device code sign-in shows none.",
        remedy: "Sign in without a device code, or exclude the user from the policy.",
        confidence: Documented,
        source: "public reports (number); text from public lists of codes",
        ..PAGE
    },
    Row {
        code: 530034,
        name: "DelegatedAdminBlockedDueToSuspiciousActivity",
        template: "A delegated administrator was blocked from accessing the tenant due to account risk in their home \
                   tenant.",
        cause: "A partner's administrator is held for risky at home.",
        remedy: "Let the home tenant dismiss the risk.",
        confidence: Inferred,
        source: LEARN,
        ..interaction("message_only")
    },
    Row {
        code: 530035,
        name: "BlockedBySecurityDefaults",
        template: "Access has been blocked by security defaults. The request is deemed unsafe by security defaults \
                   policies",
        cause: "Security defaults block legacy or unsafe sign-ins.",
        remedy: "Use an interactive flow with a second factor. In a tenant file: securityDefaults.isEnabled.",
        confidence: Inferred,
        source: LEARN,
        ..interaction("message_only")
    },
    Row {
        code: 9002341,
        template: "User is required to permit SSO.",
        cause: "The person has not yet agreed to be signed in by the device's account.",
        remedy: "Sign in interactively once.",
        confidence: Documented,
        source: "Microsoft Learn on single sign-on permission",
        ..INVALID_GRANT
    },
];
