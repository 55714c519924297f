//! Scope and resource: what a token is asked for.

use super::Confidence::{Captured, Documented, Inferred};
use super::RaisedBy::{
    AuthorizationCode, Authorize, ClientCredentials, DeviceAuthorization, DeviceCode, Password, RefreshToken,
};
use super::{
    Delivery, INVALID_CLIENT, INVALID_GRANT, INVALID_REQUEST, INVALID_RESOURCE, INVALID_SCOPE, LEARN, PAGE, Row,
    USER_GRANTS, redirect,
};

pub(super) const ROWS: &[Row] = &[
    Row {
        code: 28000,
        template: "Provided value for the input parameter scope is not valid because it contains more than one \
                   resource. Scope {scope} is not valid.",
        cause: "The scopes belong to two APIs; a token is for one. (Redeeming a refresh token takes the first.)",
        remedy: "Ask for one API's scopes at a time (openid, profile, email and offline_access may go with any), and \
                 redeem the refresh token for the next.",
        in_short: "ask one API at a time",
        confidence: Captured,
        source: "public reports (text); error weakly captured",
        raised_by: &[Password, ClientCredentials],
        ..INVALID_REQUEST
    },
    Row {
        code: 28002,
        template: "Provided value for the input parameter scope '{scope}' is not valid when requesting an access \
                   token. Please specify a valid scope.",
        cause: "The scopes name no API.",
        remedy: "Add a scope of the API that the token is for.",
        confidence: Inferred,
        source: LEARN,
        ..INVALID_REQUEST
    },
    Row {
        code: 28003,
        template: "Provided value for the input parameter scope cannot be empty when requesting an access token using \
                   the provided authorization code. Please specify a valid scope.",
        cause: "A code was redeemed with an empty scope.",
        remedy: "Send the scopes that the code was asked with.",
        confidence: Captured,
        source: "public reports; Microsoft Learn, identity-platform/reference-error-codes",
        ..INVALID_REQUEST
    },
    Row {
        code: 50001,
        name: "InvalidResource",
        template: "The application named {name} was not found in the tenant named {tenant}.",
        cause: "The older number of AADSTS500011.",
        remedy: "Check the identifier of the API.",
        confidence: Documented,
        source: LEARN,
        ..INVALID_RESOURCE
    },
    Row {
        code: 50146,
        name: "MissingCustomSigningKey",
        template: "This application is required to be configured with an application-specific signing key. It is \
                   either not configured with one, or the key has expired or is not yet valid.",
        cause: "The API has mapped claims and no signing key of its own.",
        remedy: "Give the API a signing key of its own, or leave the claims mapping.",
        confidence: Inferred,
        source: LEARN,
        ..INVALID_REQUEST
    },
    Row {
        code: 65002,
        template: "Consent between first party application '{appId}' and first party resource '{resource}' must be \
                   configured via preauthorization - applications owned and operated by Microsoft must get approval \
                   from the API owner before requesting tokens for that API.",
        cause: "One of Microsoft's own applications asked for one of Microsoft's own APIs that does not know it.",
        remedy: "Use an application of your own instead of Microsoft's appId.",
        confidence: Inferred,
        source: LEARN,
        ..INVALID_GRANT
    },
    Row {
        code: 65005,
        name: "MisconfiguredApplication",
        template: "The application '{appName}' requires access to resource '{resource}' which is not listed in its \
                   required resource access.",
        cause: "The application's registration does not list the API that it asks for.",
        remedy: "Add the API under API permissions. In a tenant file: requiredResourceAccess.",
        confidence: Inferred,
        source: LEARN,
        ..INVALID_CLIENT
    },
    Row {
        code: 70011,
        name: "InvalidScope",
        error_uri: false,
        template: "The provided request must include a 'scope' input parameter. The provided value for the input \
                   parameter 'scope' is not valid. The scope {scope} is not valid.",
        cause: "A scope is malformed, mixes .default with named scopes, or names a permission that the API does not \
                have.",
        remedy: "Write a scope as the API's identifier URI, a slash and the permission, or the identifier URI and \
                 /.default. In Ropeway: identifierUris and api.oauth2PermissionScopes of the API.",
        in_short: "correct the scope",
        confidence: Captured,
        source: "body of 2024",
        raised_by: &[
            Password,
            ClientCredentials,
            RefreshToken,
            AuthorizationCode,
            DeviceCode,
            DeviceAuthorization,
            Authorize,
        ],
        ..INVALID_SCOPE
    },
    Row {
        code: 90008,
        name: "TokenForItselfRequiresGraphPermission",
        template: "The user or administrator has not consented to use the application with ID '{appId}'. This happened \
                   because application is misconfigured: it must require access to Microsoft Entra ID by specifying at \
                   least 'Sign in and read user profile' permission.",
        cause: "The application asks for a token for itself and has no permission on the directory.",
        remedy: "Add User.Read to the application's permissions.",
        confidence: Inferred,
        source: LEARN,
        ..INVALID_REQUEST
    },
    Row {
        code: 90009,
        name: "TokenForItselfMissingIdenticalAppIdentifier",
        template: "Application '{appId}' is requesting a token for itself. This scenario is supported only if resource \
                   is specified using the GUID based App Identifier.",
        cause: "The application names itself by its identifier URI.",
        remedy: "Use its appId: scope={appId}/.default.",
        confidence: Inferred,
        source: LEARN,
        ..INVALID_REQUEST
    },
    Row {
        code: 500011,
        name: "InvalidResourceServicePrincipalNotFound",
        template: "The resource principal named {name} was not found in the tenant named {tenant}. This can happen if \
                   the application has not been installed by the administrator of the tenant or consented to by any \
                   user in the tenant. You might have sent your authentication request to the wrong tenant.",
        cause: "The scope or resource names an API that this tenant does not have.",
        remedy: "Check the API's identifier URI, letter by letter, a trailing slash included. In Ropeway it must be in \
                 identifierUris of an application of this tenant.",
        in_short: "correct the API's name",
        confidence: Captured,
        source: "capture of a live tenant, 2026-08",
        raised_by: &[
            Password,
            ClientCredentials,
            RefreshToken,
            AuthorizationCode,
            DeviceCode,
            DeviceAuthorization,
            Authorize,
        ],
        ..INVALID_RESOURCE
    },
    Row {
        code: 500014,
        template: "The service principal for resource '{resource}' is disabled. This indicate that a subscription \
                   within the tenant has lapsed, or that the administrator for this tenant has disabled the \
                   application, preventing tokens from being issued for it.",
        cause: "The API's service principal is switched off in this tenant.",
        remedy: "Enable it under Enterprise applications. In a tenant file: servicePrincipal.accountEnabled of the \
                 API.",
        confidence: Inferred,
        source: "public reports (text); error inferred",
        ..INVALID_RESOURCE
    },
    Row {
        code: 500200,
        template: "User account '{user}' is a personal Microsoft account. Personal Microsoft accounts are not \
                   supported for this application unless explicitly invited to an organization. Try signing out and \
                   signing back in with an organizational account.",
        cause: "A personal account at an application for organisations.",
        remedy: "Use a work account, or invite the person as a guest.",
        confidence: Captured,
        source: "public reports (text)",
        ..PAGE
    },
    Row {
        code: 500202,
        template: "User account '{user}' from external identity provider '{idp}' is not supported for this \
                   application.",
        cause: "An account of a kind that the application does not take.",
        remedy: "Use a work account.",
        confidence: Inferred,
        source: "number from public lists; text inferred",
        ..PAGE
    },
    Row {
        code: 500207,
        template: "The account type can't be used for the resource you're trying to access.",
        cause: "The account is of a kind that the API does not take.",
        remedy: "Use a work account, or widen the API's signInAudience.",
        confidence: Inferred,
        source: "public reports (text); error inferred",
        ..INVALID_REQUEST
    },
    Row {
        code: 501051,
        template: "Application '{appId}'({appName}) is not assigned to a role for the application \
                   '{resource}'({resourceName}).",
        cause: "The API requires assignment (appRoleAssignmentRequired), and the calling application has no app role \
                of it.",
        remedy: "Assign an app role of the API to the calling application and give admin consent. In a tenant file: \
                 appRoleAssignments.",
        in_short: "assign an app role",
        confidence: Captured,
        source: "public reports",
        raised_by: &[ClientCredentials],
        ..INVALID_GRANT
    },
    Row {
        code: 501461,
        template: "AcceptMappedClaims is only supported for a token audience matching the application GUID or an \
                   audience within the tenant's verified domains. Either change the resource identifier, or use an \
                   application-specific signing key.",
        cause: "The API takes mapped claims under an identifier that the tenant does not own.",
        remedy: "Use the API's appId or a verified domain in its identifier URI.",
        confidence: Documented,
        source: LEARN,
        ..INVALID_REQUEST
    },
    Row {
        code: 650052,
        template: "The app is trying to access a service '{resource}'({resourceName}) that your organization \
                   '{tenant}' lacks a service principal for. Contact your IT Admin to review the configuration of your \
                   service subscriptions or consent to the application in order to create the required service \
                   principal.",
        cause: "The tenant has not subscribed to the API.",
        remedy: "Let an administrator add or consent to the API in this tenant.",
        confidence: Inferred,
        source: LEARN,
        delivery: Delivery::Redirect,
        ..INVALID_CLIENT
    },
    Row {
        code: 650053,
        error_uri: false,
        template: "The application '{appName}' asked for scope '{scope}' that doesn't exist on the resource \
                   '{resource}'. Contact the app vendor.",
        cause: "The authorize request has a permission name that the API does not have.",
        remedy: "Check the scope's spelling against the API's oauth2PermissionScopes.",
        in_short: "correct the scope",
        confidence: Captured,
        source: "public reports",
        raised_by: &[Authorize],
        ..redirect("invalid_client")
    },
    Row {
        code: 650054,
        template: "The application asked for permissions to access a resource that has been removed or is no longer \
                   available. Contact the app vendor.",
        cause: "An API in the application's registration no longer exists.",
        remedy: "Remove it from requiredResourceAccess, or restore the API.",
        confidence: Inferred,
        source: LEARN,
        ..redirect("invalid_client")
    },
    Row {
        code: 650056,
        template: "Misconfigured application. This could be due to one of the following: the client has not listed any \
                   permissions for '{resource}' in the requested permissions in the client's application registration. \
                   Or, the admin has not consented in the tenant. Or, check the application identifier in the request \
                   to ensure it matches the configured client application identifier. Or, check the certificate in the \
                   request to ensure it's valid. Please contact your admin to fix the configuration or consent on \
                   behalf of the tenant. Client app ID: {appId}.",
        cause: "The application lists no permission of the API, or nobody consented.",
        remedy: "Add the API under API permissions, and consent.",
        confidence: Inferred,
        source: LEARN,
        ..INVALID_CLIENT
    },
    Row {
        code: 650057,
        template: "Invalid resource. The client has requested access to a resource which is not listed in the \
                   requested permissions in the client's application registration. Client app ID: {appId}({appName}). \
                   Resource value from request: {resource}. Resource app ID: {resourceAppId}. List of valid resources \
                   from app registration: {resources}.",
        cause: "The application asks, by resource or .default, for an API that its registration does not list, and \
                nothing is granted there.",
        remedy: "Add the API under API permissions. In a tenant file: requiredResourceAccess.",
        in_short: "declare the API",
        confidence: Inferred,
        source: "azure-cli#33887 and azure-devops-auth-samples#90 (text and error, from redirects); status inferred",
        raised_by: USER_GRANTS,
        ..INVALID_CLIENT
    },
    Row {
        code: 700022,
        name: "InvalidMultipleResourcesScope",
        template: "The provided value for the input parameter scope is not valid because it contains more than one \
                   resource.",
        cause: "The scopes belong to two APIs; a token is for one.",
        remedy: "Ask for one API's scopes at a time.",
        confidence: Inferred,
        source: LEARN,
        ..INVALID_SCOPE
    },
    Row {
        code: 1002012,
        template: "The provided value for scope {scope} is not valid. Client credential flows must have a scope value \
                   with /.default suffixed to the resource identifier (application ID URI).",
        cause: "Client credentials with named scopes. An application gets the app roles assigned to it, all of them.",
        remedy: "Ask with the API's identifier URI and /.default, and assign app roles to the application.",
        in_short: "ask for .default",
        confidence: Captured,
        source: "public reports (text); error from a comment in MSAL Go",
        raised_by: &[ClientCredentials],
        ..INVALID_SCOPE
    },
];
