//! Who the client is, and how it proves that.

use super::Confidence::{Captured, Documented, Inferred};
use super::RaisedBy::{
    AuthorizationCode, Authorize, ClientCredentials, DeviceAuthorization, DeviceCode, Password, RefreshToken,
};
use super::{EVERY_GRANT, INVALID_CLIENT, INVALID_REQUEST, LEARN, Row, UNAUTHORIZED_CLIENT, USER_GRANTS};

pub(super) const ROWS: &[Row] = &[
    Row {
        code: 50012,
        name: "AuthenticationFailed",
        template: "Client assertion contains an invalid signature.",
        cause: "The older number for a wrong secret or a client assertion that does not verify.",
        remedy: "As for AADSTS7000215 (secret) or AADSTS700027 (certificate).",
        confidence: Documented,
        source: LEARN,
        ..INVALID_CLIENT
    },
    Row {
        code: 50027,
        name: "InvalidJwtToken",
        template: "JWT token is invalid or malformed.",
        cause: "client_assertion or assertion is not a JWT, or one of its claims has the wrong type.",
        remedy: "Send three base64url parts joined by dots, without padding or line breaks.",
        in_short: "send a JWT",
        confidence: Captured,
        source: "captured body of 2023-12 in MSAL .NET's tests",
        raised_by: EVERY_GRANT,
        ..INVALID_REQUEST
    },
    Row {
        code: 50048,
        name: "SubjectMismatchesIssuer",
        template: "Subject must match the issuer claim in the client assertion.",
        cause: "iss and sub of the client assertion differ.",
        remedy: "Set both to the application's appId.",
        in_short: "make sub equal to iss",
        confidence: Captured,
        source: "microsoft-authentication-library-for-java#430 (text); error and status inferred",
        raised_by: EVERY_GRANT,
        ..INVALID_CLIENT
    },
    Row {
        code: 50166,
        name: "ExternalClaimsProviderThrottled",
        error_uri: false,
        template: "Request to External OIDC endpoint failed.",
        cause: "The issuer of a federated credential could not be asked for its keys.",
        remedy: "Make the issuer's metadata and keys reachable over https, with a certificate that is trusted. \
                 Ropeway's log says what failed.",
        in_short: "make the issuer reachable",
        confidence: Captured,
        source: "azure-workload-identity#642 (body of 2022-11) and #608 (status)",
        raised_by: EVERY_GRANT,
        ..INVALID_REQUEST
    },
    Row {
        code: 70001,
        name: "UnauthorizedClient",
        template: "Application with identifier '{appId}' was not found in the directory {tenant}",
        cause: "The older number of AADSTS700016: no such application in this tenant, or it is disabled.",
        remedy: "Check client_id and the tenant in the path.",
        confidence: Documented,
        source: LEARN,
        ..UNAUTHORIZED_CLIENT
    },
    Row {
        code: 70002,
        name: "InvalidClient",
        template: "Error validating credentials.",
        cause: "An older umbrella number around an inner code, and the answer for a confidential client without a \
                secret.",
        remedy: "Read the inner code, or send client_secret or client_assertion.",
        confidence: Captured,
        source: "bodies of 2016 to 2019",
        ..INVALID_CLIENT
    },
    Row {
        code: 70021,
        template: "No matching federated identity record found for presented assertion. Assertion Issuer: '{issuer}'. \
                   Assertion Subject: '{subject}'. Assertion Audience: '{audience}'. \
                   https://learn.microsoft.com/entra/workload-id/workload-identity-federation",
        cause: "The application has no federated credential at all. (Entra used this number for every mismatch before \
                2024.)",
        remedy: "Write one under the application's federatedIdentityCredentials: name, issuer, subject, audiences.",
        in_short: "add a federated credential",
        confidence: Captured,
        source: "azure-workload-identity#616 (body of 2022-10); that it remains for applications without any is inferred",
        raised_by: EVERY_GRANT,
        ..INVALID_REQUEST
    },
    Row {
        code: 700011,
        name: "UnauthorizedClientAppNotFoundInOrgIdTenant",
        template: "Application with identifier {appId} was not found in the directory {tenant}.",
        cause: "The application is not in this tenant.",
        remedy: "Check client_id and the tenant in the path.",
        confidence: Documented,
        source: LEARN,
        ..UNAUTHORIZED_CLIENT
    },
    Row {
        code: 700016,
        name: "UnauthorizedClient_DoesNotMatchRequest",
        template: "Application with identifier '{appId}' was not found in the directory '{tenant}'. This can happen if \
                   the application has not been installed by the administrator of the tenant or consented to by any \
                   user in the tenant. You may have sent your authentication request to the wrong tenant.",
        cause: "client_id is not the appId of an application of this tenant.",
        remedy: "Check client_id (the application id, not the object id) and the tenant in the path. In Ropeway the \
                 application must be under applications of this tenant.",
        in_short: "register the client here",
        confidence: Captured,
        source: "public reports; Microsoft Learn, identity-platform/reference-error-codes",
        raised_by: &[
            Password,
            ClientCredentials,
            RefreshToken,
            AuthorizationCode,
            DeviceCode,
            DeviceAuthorization,
            Authorize,
        ],
        ..UNAUTHORIZED_CLIENT
    },
    Row {
        code: 700021,
        template: "Client assertion application identifier doesn't match 'client_id' parameter. Review the \
                   documentation at https://learn.microsoft.com/entra/identity-platform/certificate-credentials .",
        cause: "The client assertion was made for another application.",
        remedy: "Set its iss and sub to the client_id that is sent.",
        in_short: "set iss to the client_id",
        confidence: Captured,
        source: "captured body of 2023-12 in MSAL .NET's tests; status inferred",
        raised_by: EVERY_GRANT,
        ..INVALID_CLIENT
    },
    Row {
        code: 700023,
        template: "Client assertion audience claim does not match Realm issuer. Review the documentation at \
                   https://learn.microsoft.com/entra/identity-platform/certificate-credentials .",
        cause: "aud of the client assertion is not this token endpoint. (Microsoft's list has another meaning under \
                this number, InvalidResourcelessScope.)",
        remedy: "Set aud to the token endpoint's URL, as discovered or as built from the authority.",
        in_short: "set aud to the token endpoint",
        confidence: Captured,
        source: "microsoft-authentication-library-for-dotnet#2746 (error and text); status inferred",
        raised_by: EVERY_GRANT,
        ..INVALID_CLIENT
    },
    Row {
        code: 700024,
        template: "Client assertion is not within its valid time range. Current time: {now}, assertion valid from \
                   {notBefore}, expiry time of assertion {expires}. Review the documentation at \
                   https://learn.microsoft.com/entra/identity-platform/certificate-credentials .",
        cause: "The client assertion has expired or is not yet valid.",
        remedy: "Make a new assertion for each request and check the client's clock.",
        in_short: "make a new assertion",
        confidence: Captured,
        source: "microsoft-authentication-library-for-java#984, 2025 (error and text); status inferred",
        raised_by: EVERY_GRANT,
        ..INVALID_CLIENT
    },
    Row {
        code: 700025,
        name: "InvalidClientPublicClientWithCredential",
        template: "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
        cause: "A secret or client assertion was sent for an application that has none.",
        remedy: "Leave the credential out, or give the application one (passwordCredentials) and use it as \
                 confidential.",
        in_short: "leave the secret out",
        confidence: Captured,
        source: "oauth2ms#19; status inferred",
        raised_by: EVERY_GRANT,
        ..INVALID_CLIENT
    },
    Row {
        code: 700027,
        template: "{problem} [Reason - {reason}, Thumbprint of key used by client: '{thumbprint}',{foundKey} Please \
                   visit the Azure Portal, Graph Explorer or directly use MS Graph to see configured keys for app \
                   Id '{appId}'. Review the documentation at https://docs.microsoft.com/en-us/graph/deployments to \
                   determine the corresponding service endpoint and \
                   https://docs.microsoft.com/en-us/graph/api/application-get?view=graph-rest-1.0&tabs=http to build a \
                   query request URL, such as 'https://graph.microsoft.com/beta/applications/{application}'].",
        cause: "No valid key of the application verifies the client assertion.",
        remedy: "Register the certificate's public part under keyCredentials; check x5t (its SHA-1) or x5t#S256 (its \
                 SHA-256), and that it has not expired.",
        in_short: "correct the client assertion",
        confidence: Captured,
        source: "microsoft-authentication-library-for-js#8339, open-webui/oikb#120 (status, 2026), \
                 azure-tools-for-java#2785 (expired key)",
        raised_by: EVERY_GRANT,
        ..INVALID_CLIENT
    },
    Row {
        code: 700030,
        template: "Invalid certificate - subject name in certificate isn't authorized. \
                   SubjectNames/SubjectAlternativeNames (up to 10) in token certificate are: {subjectNames}.",
        cause: "Subject name and issuer authentication: the certificate's name is not the registered one.",
        remedy: "Register the certificate's subject name, or use the registered certificate.",
        confidence: Documented,
        source: LEARN,
        ..INVALID_CLIENT
    },
    Row {
        code: 700038,
        error_uri: false,
        template: "{appId} is not a valid application identifier.",
        cause: "client_id is the GUID of zeros, or no identifier at all.",
        remedy: "Set client_id to the application's appId; an unset variable is the usual reason.",
        in_short: "correct the client id",
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
        ..UNAUTHORIZED_CLIENT
    },
    Row {
        code: 700211,
        error_uri: false,
        template: "No matching federated identity record found for presented assertion issuer '{issuer}'. Check your \
                   federated identity credential Subject, Audience and Issuer against the presented assertion. \
                   https://learn.microsoft.com/entra/workload-id/workload-identity-federation",
        cause: "No federated credential of the application has this issuer.",
        remedy: "Compare the issuer, letter by letter.",
        in_short: "correct the issuer",
        confidence: Captured,
        source: "azure-workload-identity#1200 (body of 2024-03)",
        raised_by: EVERY_GRANT,
        ..INVALID_CLIENT
    },
    Row {
        code: 700212,
        error_uri: false,
        template: "No matching federated identity record found for presented assertion audience '{audience}'. Check \
                   your federated identity credential Subject, Audience and Issuer against the presented assertion. \
                   https://learn.microsoft.com/entra/workload-id/workload-identity-federation",
        cause: "No federated credential of the application has this audience.",
        remedy: "Set the assertion's aud to api://AzureADTokenExchange, or to what the credential lists.",
        in_short: "correct the audience",
        confidence: Captured,
        source: "body in a public test (2024); as AADSTS700211",
        raised_by: EVERY_GRANT,
        ..INVALID_CLIENT
    },
    Row {
        code: 700213,
        error_uri: false,
        template: "No matching federated identity record found for presented assertion subject '{subject}'. Check \
                   your federated identity credential Subject, Audience and Issuer against the presented assertion. \
                   https://learn.microsoft.com/entra/workload-id/workload-identity-federation",
        cause: "No federated credential of the application has this subject.",
        remedy: "Compare the subject, letter by letter.",
        in_short: "correct the subject",
        confidence: Captured,
        source: "azure-workload-identity#1200, dotnet/maui#31978 (texts of 2025); as AADSTS700211",
        raised_by: EVERY_GRANT,
        ..INVALID_CLIENT
    },
    Row {
        code: 700229,
        name: "ForbiddenTokenType",
        template: "Only app-only tokens can be used as Federated Identity Credentials for Entra Id issuer.",
        cause: "A user's token was sent as a federated credential.",
        remedy: "Send an application's token, from the client credentials flow.",
        in_short: "send an application's token",
        confidence: Documented,
        source: LEARN,
        raised_by: EVERY_GRANT,
        ..INVALID_CLIENT
    },
    Row {
        code: 1000031,
        template: "Application {appName} cannot be accessed at this time. Contact your administrator.",
        cause: "Microsoft or the tenant's administrator has closed the application.",
        remedy: "Ask the administrator.",
        confidence: Inferred,
        source: LEARN,
        ..UNAUTHORIZED_CLIENT
    },
    Row {
        code: 5002723,
        template: "Invalid JWT token. No certificate SHA-1 thumbprint, certificate SHA-256 thumbprint, nor keyId \
                   specified in token header.",
        cause: "The client assertion's header has neither x5t nor x5t#S256 nor kid.",
        remedy: "Put the certificate's thumbprint into the header as x5t#S256 (SHA-256) or x5t (SHA-1), in base64url.",
        in_short: "send x5t#S256 or x5t",
        confidence: Captured,
        source: "captured body of 2023-12 in MSAL .NET's tests; status inferred",
        raised_by: EVERY_GRANT,
        ..INVALID_CLIENT
    },
    Row {
        code: 5002727,
        error_uri: false,
        template: "Invalid JWT header type specified, must be 'JWT' or 'http://openid.net/specs/jwt/1.0'.",
        cause: "typ of the client assertion is another one.",
        remedy: "Set typ to JWT, or leave it out.",
        in_short: "set typ to JWT",
        confidence: Captured,
        source: "body of 2021-12 quoted in public sources that sign such assertions",
        raised_by: EVERY_GRANT,
        ..INVALID_REQUEST
    },
    Row {
        code: 5002730,
        template: "Invalid JWT token. Unsupported key for the signing algorithm.",
        cause: "The registered certificate holds no RSA key.",
        remedy: "Register a certificate of an RSA key of at least 2048 bits.",
        in_short: "register an RSA certificate",
        confidence: Captured,
        source: "microsoft-authentication-library-for-dotnet#4712 (error and text); status inferred",
        raised_by: EVERY_GRANT,
        ..INVALID_REQUEST
    },
    Row {
        code: 5002738,
        template: "Invalid JWT token. '{algorithm}' is not a supported signature algorithm. Supported signing \
                   algorithms are: '{supported}'",
        cause: "alg of the client assertion is none, an HMAC, or another algorithm that is not taken.",
        remedy: "Sign with RS256 or PS256 and the key of a registered certificate.",
        in_short: "sign with RS256 or PS256",
        confidence: Captured,
        source: "captured body of 2023-12 in MSAL .NET's tests; status inferred",
        raised_by: EVERY_GRANT,
        ..INVALID_CLIENT
    },
    Row {
        code: 5002741,
        template: "Number of audience values in the provided client credential exceed maximum allowed. {count} \
                   audience values provided, maximum allowed is 1.",
        cause: "aud of the client assertion is a list of several values.",
        remedy: "Send one audience.",
        in_short: "send one audience",
        confidence: Inferred,
        source: "zitadel/oidc#887 (number and text, 2026); error inferred",
        raised_by: EVERY_GRANT,
        ..INVALID_CLIENT
    },
    Row {
        code: 7002138,
        error_uri: false,
        template: "No matching federated identity record found for presented assertion subject '{subject}'. The subject \
                   matches with case-insensitive comparison, but not with case-sensitive comparison. Check your \
                   federated identity credential Subject, Audience and Issuer against the presented assertion. See \
                   documentation at: https://learn.microsoft.com/entra/workload-id/workload-identity-federation. See \
                   breaking change notification and remediation at: \
                   https://learn.microsoft.com/en-us/entra/identity-platform/reference-breaking-changes#august-2024.",
        cause: "The federated credential has this subject in other capitals.",
        remedy: "Write the subject exactly as the issuer does.",
        in_short: "correct the subject's case",
        confidence: Captured,
        source: "Azure/login#515 (text of 2025); as AADSTS700211",
        raised_by: EVERY_GRANT,
        ..INVALID_CLIENT
    },
    Row {
        code: 7000112,
        name: "UnauthorizedClientApplicationDisabled",
        template: "Application '{appId}'({appName}) is disabled.",
        cause: "The application's service principal is switched off in this tenant.",
        remedy: "Enable users to sign in, under Enterprise applications. In Ropeway: servicePrincipal.accountEnabled.",
        in_short: "enable the application",
        confidence: Inferred,
        source: "public reports (text); error inferred",
        raised_by: &[
            Password,
            ClientCredentials,
            RefreshToken,
            AuthorizationCode,
            DeviceCode,
            DeviceAuthorization,
            Authorize,
        ],
        ..UNAUTHORIZED_CLIENT
    },
    Row {
        code: 7000215,
        template: "Invalid client secret provided. Ensure the secret being sent in the request is the client secret \
                   value, not the client secret ID, for a secret added to app '{appId}'.",
        cause: "client_secret is none of the application's secrets. Often the secret's id was copied, or the value was \
                not form-encoded.",
        remedy: "Copy the value column of the secret. In Ropeway: secretText under the application's \
                 passwordCredentials.",
        in_short: "send the right secret",
        confidence: Captured,
        source: "capture of a live tenant, 2026-08",
        raised_by: EVERY_GRANT,
        ..INVALID_CLIENT
    },
    Row {
        code: 7000216,
        template: "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant \
                   type.",
        cause: "Client credentials without a credential.",
        remedy: "Send client_secret or client_assertion. A public client cannot use this grant.",
        in_short: "send the secret",
        confidence: Inferred,
        source: "public reports (text); error inferred",
        raised_by: &[ClientCredentials],
        ..INVALID_CLIENT
    },
    Row {
        code: 7000218,
        template: "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
        cause: "The application is confidential, or may not use public client flows, and no credential was sent.",
        remedy: "Send the secret; or, for a client that cannot keep one, allow public client flows under \
                 Authentication. In Ropeway: isFallbackPublicClient: true.",
        in_short: "send the secret",
        confidence: Captured,
        source: "msal-python#96, msal-java#70, ChannelSurf#38 (status)",
        raised_by: USER_GRANTS,
        ..INVALID_CLIENT
    },
    Row {
        code: 7000222,
        name: "InvalidClientSecretExpiredKeysProvided",
        template: "The provided client secret keys for app '{appId}' are expired. Visit the Azure portal to create new \
                   keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for \
                   added security: https://aka.ms/certCreds.",
        cause: "The secret is right and past its end date.",
        remedy: "Add a new secret. In Ropeway: endDateTime under passwordCredentials, measured in the tenant's clock.",
        in_short: "make a new secret",
        confidence: Captured,
        source: "public reports; Microsoft Learn, identity-platform/reference-error-codes",
        raised_by: EVERY_GRANT,
        ..INVALID_CLIENT
    },
    Row {
        code: 7000229,
        template: "The client application {appId} is missing service principal in the tenant {tenant}. See \
                   instructions here: https://go.microsoft.com/fwlink/?linkid=2225119",
        cause: "The application is registered elsewhere and was never added to this tenant.",
        remedy: "Let an administrator of this tenant consent, or create the service principal.",
        confidence: Inferred,
        source: "public reports (text), a client's test (error); status inferred",
        ..INVALID_CLIENT
    },
];
