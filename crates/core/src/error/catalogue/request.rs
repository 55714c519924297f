//! The request's form, the endpoint, the tenant in the path, the grant type.

use super::Confidence::{Captured, Documented, Inferred};
use super::RaisedBy::{
    AuthorizationCode, Authorize, ClientCredentials, DeviceAuthorization, DeviceCode, Metadata, Password, RefreshToken,
    UnknownGrant,
};
use super::{
    EVERY_GRANT, INVALID_GRANT, INVALID_REQUEST, INVALID_RESOURCE, LEARN, Row, UNAUTHORIZED_CLIENT, answering, redirect,
};

pub(super) const ROWS: &[Row] = &[
    Row {
        code: 50049,
        name: "NoSuchInstanceForDiscovery",
        template: "Unknown or invalid instance.",
        cause: "Instance discovery was asked about a host that is not a login host of this cloud.",
        remedy: "Ask about the host that answers, or give the client the authority as known (MSAL: known_authorities, \
                 or instance discovery off).",
        confidence: Captured,
        source: "body of /common/discovery/instance, 2023-03; MSAL tests",
        raised_by: &[Metadata],
        ..answering("invalid_instance", 400)
    },
    Row {
        code: 50050,
        name: "MalformedDiscoveryRequest",
        template: "The request is malformed.",
        cause: "The instance discovery request lacks a parameter or has one that cannot be read.",
        remedy: "Send api-version and authorization_endpoint as full values.",
        confidence: Inferred,
        source: LEARN,
        ..INVALID_REQUEST
    },
    Row {
        code: 50059,
        name: "MissingTenantRealmAndNoUserInformationProvided",
        error_uri: false,
        template: "No tenant-identifying information found in either the request or implied by any provided \
                   credentials.",
        cause: "The path names no tenant (/organizations, /common), and nothing in the request tells which one is \
                meant: the user name has no domain that a tenant owns, or there is no user at all, as with client \
                credentials.",
        remedy: "Put the tenant id or a verified domain into the path. On /organizations send a user name whose domain \
                 is in some tenant's verifiedDomains.",
        in_short: "name the tenant",
        confidence: Captured,
        source: "azure-docs#68490",
        raised_by: &[Password, ClientCredentials],
        ..INVALID_REQUEST
    },
    Row {
        code: 50128,
        template: "Invalid domain name - No tenant-identifying information found in either the request or implied by \
                   any provided credentials.",
        cause: "The domain of the user name belongs to no tenant.",
        remedy: "Check the spelling of the domain, or name the tenant in the path.",
        confidence: Documented,
        source: LEARN,
        ..INVALID_REQUEST
    },
    Row {
        code: 50194,
        template: "Application '{appId}'({appName}) is not configured as a multi-tenant application. Usage of the \
                   /common endpoint is not supported for such applications created after '{time}'. Use a \
                   tenant-specific endpoint or configure the application to be multi-tenant.",
        cause: "A single-tenant application was used through /common.",
        remedy: "Use the tenant's own path, or set the application's signInAudience to AzureADMultipleOrgs.",
        confidence: Documented,
        source: LEARN,
        ..INVALID_REQUEST
    },
    Row {
        code: 51000,
        name: "RequiredFeatureNotEnabled",
        template: "{feature} is/are disabled",
        cause: "The request uses a feature that is switched off, for instance mutual TLS for clients.",
        remedy: "Do without the feature.",
        confidence: Inferred,
        source: "MSAL .NET tests (text and status; error inferred)",
        ..answering("invalid_request", 412)
    },
    Row {
        code: 70003,
        name: "UnsupportedGrantType",
        error_uri: false,
        template: "The app requested an unsupported grant type '{grant}'.",
        cause: "grant_type is not one that this endpoint knows.",
        remedy: "Check the spelling of grant_type. Ropeway answers password, client_credentials and refresh_token so \
                 far.",
        in_short: "use a grant that exists",
        confidence: Captured,
        source: "capture of a live tenant, 2026-08",
        raised_by: &[UnknownGrant],
        ..answering("unsupported_grant_type", 400)
    },
    Row {
        code: 90002,
        name: "InvalidTenantName",
        error_at_metadata: Some("invalid_tenant"),
        template: "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into \
                   the correct cloud. Check with your subscription administrator, this may happen if there are no \
                   active subscriptions for the tenant.",
        cause: "The path names a tenant that does not exist.",
        remedy: "Check the tenant id or domain in the path. In Ropeway: the id, or a name in verifiedDomains, of a \
                 tenant in the tenant file; `ropeway tenant show` lists them.",
        in_short: "correct the tenant",
        confidence: Captured,
        source: "recordings of 2021-05 (token) and 2021-08 (metadata); text of 2023",
        raised_by: &[UnknownGrant, DeviceAuthorization, Authorize, Metadata],
        ..INVALID_REQUEST
    },
    Row {
        code: 90010,
        name: "NotSupported",
        template: "The grant type is not supported over the /common or /consumers endpoints. Please use the \
                   /organizations or tenant-specific endpoint.",
        cause: "The older number of AADSTS9001023.",
        remedy: "Use /organizations or the tenant's own path.",
        confidence: Documented,
        source: LEARN,
        ..INVALID_REQUEST
    },
    Row {
        code: 90011,
        template: "Unexpected client assertion type.",
        cause: "client_assertion_type is not the one of a JWT.",
        remedy: "Set it to urn:ietf:params:oauth:client-assertion-type:jwt-bearer.",
        in_short: "correct client_assertion_type",
        confidence: Captured,
        source: "azure-activedirectory-library-for-ruby#53, 2016 (error and text)",
        raised_by: EVERY_GRANT,
        ..INVALID_REQUEST
    },
    Row {
        code: 90013,
        name: "InvalidUserInput",
        template: "Invalid input received from the user.",
        cause: "The URL or the form cannot be read: it is not form-encoded UTF-8.",
        remedy: "Form-encode every value once, as UTF-8.",
        in_short: "correct the request",
        confidence: Inferred,
        source: "public reports (text); error inferred",
        raised_by: &[UnknownGrant, DeviceAuthorization, Authorize],
        ..INVALID_REQUEST
    },
    Row {
        code: 90014,
        name: "MissingRequiredField",
        template: "The required field '{name}' is missing from the credential. Ensure that you have all the necessary \
                   parameters for the login request.",
        cause: "A claim of the client assertion is missing; for a parameter, the older number of AADSTS900144.",
        remedy: "Send the claim or parameter that is named.",
        in_short: "send the missing claim",
        confidence: Captured,
        source: "captured body of 2023-12 in MSAL .NET's tests; Microsoft Learn, identity-platform/reference-error-codes",
        raised_by: EVERY_GRANT,
        ..INVALID_REQUEST
    },
    Row {
        code: 90015,
        name: "QueryStringTooLong",
        template: "The query string is too long.",
        cause: "The authorize URL is longer than the service takes.",
        remedy: "Shorten state or claims, or send fewer scopes.",
        in_short: "shorten the request",
        confidence: Inferred,
        source: LEARN,
        raised_by: &[Authorize],
        ..INVALID_REQUEST
    },
    Row {
        code: 90019,
        name: "MissingTenantRealm",
        template: "No tenant-identifying information found in the request.",
        cause: "Neither path nor parameters tell which tenant is meant.",
        remedy: "Put the tenant id or a verified domain into the path.",
        confidence: Inferred,
        source: LEARN,
        ..INVALID_REQUEST
    },
    Row {
        code: 90023,
        name: "InvalidRequest",
        error_uri: false,
        template: "The authentication service request isn't valid",
        cause: "A parameter has a value that is not among those allowed, for instance an unknown prompt.",
        remedy: "Compare the parameters with the documentation of the flow.",
        in_short: "correct prompt",
        confidence: Captured,
        source: "bodies of 2020 (other texts under this number); text from Microsoft Learn, reference-error-codes",
        raised_by: &[Authorize],
        ..INVALID_REQUEST
    },
    Row {
        code: 90027,
        template: "We are unable to issue tokens from this API version on the MSA tenant. Please contact the \
                   application vendor as they need to use version 2.0 of the protocol to support this.",
        cause: "A v1.0 endpoint was asked at /consumers, where personal Microsoft accounts live.",
        remedy: "Use the v2.0 endpoint and scope instead of resource.",
        in_short: "use the v2.0 endpoint",
        confidence: Inferred,
        source: "Microsoft Learn, identity-platform/reference-error-codes (text); error inferred",
        raised_by: &[
            Password,
            ClientCredentials,
            RefreshToken,
            AuthorizationCode,
            DeviceCode,
            DeviceAuthorization,
            Authorize,
        ],
        ..INVALID_REQUEST
    },
    Row {
        code: 90038,
        name: "NationalCloudTenantRedirection",
        template: "Tenant '{tenant}' request is being redirected to the National Cloud '{cloud}'",
        cause: "The tenant lives in another Microsoft cloud.",
        remedy: "Use the login host of that cloud.",
        confidence: Inferred,
        source: LEARN,
        ..INVALID_REQUEST
    },
    Row {
        code: 90056,
        name: "BadResourceRequest",
        template: "This endpoint only accepts POST requests. Received a {verb} request.",
        cause: "The token endpoint was opened like a page, or without a code.",
        remedy: "Send the person to /authorize, and POST the code that comes back to /token.",
        confidence: Inferred,
        source: LEARN,
        ..INVALID_REQUEST
    },
    Row {
        code: 90100,
        name: "InvalidRequestParameter",
        template: "{param} parameter is empty or not valid.",
        cause: "The named parameter is empty, sent twice, or cannot be read.",
        remedy: "Send the parameter once, as application/x-www-form-urlencoded UTF-8.",
        in_short: "correct the request",
        confidence: Inferred,
        source: "MSAL JS tests (text); error inferred",
        raised_by: &[
            UnknownGrant,
            Password,
            ClientCredentials,
            RefreshToken,
            AuthorizationCode,
            DeviceCode,
            DeviceAuthorization,
            Authorize,
        ],
        ..INVALID_REQUEST
    },
    Row {
        code: 90102,
        name: "InvalidUriParameter",
        template: "'{name}' value must be a valid absolute URI.",
        cause: "redirect_uri or resource is not an absolute URI.",
        remedy: "Send the whole URI, with its scheme.",
        confidence: Inferred,
        source: LEARN,
        ..INVALID_REQUEST
    },
    Row {
        code: 90121,
        name: "InvalidEmptyRequest",
        template: "Invalid empty request.",
        cause: "The request has no parameters at all.",
        remedy: "Send the form in the body, with Content-Type application/x-www-form-urlencoded.",
        confidence: Inferred,
        source: LEARN,
        ..INVALID_REQUEST
    },
    Row {
        code: 90124,
        name: "V1ResourceV2GlobalEndpointNotSupported",
        template: "Resource '{resource}' ({resourceName}) is not supported over the /common or /consumers endpoints. \
                   Please use the /organizations or tenant-specific endpoint.",
        cause: "The API is made for organisations only, and the path lets personal accounts in.",
        remedy: "Use /organizations or the tenant's own path.",
        confidence: Inferred,
        source: LEARN,
        ..INVALID_RESOURCE
    },
    Row {
        code: 90130,
        name: "NonConvergedAppV2GlobalEndpointNotSupported",
        template: "Application '{appId}' ({appName}) is not supported over the /common or /consumers endpoints. Please \
                   use the /organizations or tenant-specific endpoint.",
        cause: "The application is made for organisations only, and the path lets personal accounts in.",
        remedy: "Use /organizations or the tenant's own path, or widen the application's signInAudience.",
        confidence: Captured,
        source: "public reports (text and error); Microsoft Learn, identity-platform/reference-error-codes",
        ..INVALID_REQUEST
    },
    Row {
        code: 90133,
        template: "Device Code flow is not supported under /common or /consumers endpoint.",
        cause: "Older answer to a device code request on /common or /consumers.",
        remedy: "Use /organizations or the tenant's own path.",
        confidence: Documented,
        source: LEARN,
        ..INVALID_REQUEST
    },
    Row {
        code: 500201,
        template: "We are unable to issue tokens from this API version for a Microsoft account. Please contact the \
                   application vendor as they need to use version 2.0 of the protocol to support this.",
        cause: "A personal Microsoft account was used on a v1.0 endpoint.",
        remedy: "Use the v2.0 endpoint and scope instead of resource. Personal accounts cannot use the password grant \
                 there either.",
        in_short: "use the v2.0 endpoint",
        confidence: Inferred,
        source: "public reports (text); error inferred",
        raised_by: &[Password],
        ..INVALID_REQUEST
    },
    Row {
        code: 900023,
        template: "Specified tenant identifier '{tenant}' is neither a valid DNS name, nor a valid external domain.",
        cause: "The first part of the path is neither a GUID nor anything that could be a domain.",
        remedy: "Put a tenant id or a verified domain there. An unset variable in the client's configuration is the \
                 usual reason.",
        in_short: "correct the tenant",
        confidence: Captured,
        source: "body of 2022",
        raised_by: &[UnknownGrant, DeviceAuthorization, Authorize, Metadata],
        ..INVALID_REQUEST
    },
    Row {
        code: 900144,
        template: "The request body must contain the following parameter: '{name}'.",
        cause: "The form lacks the named parameter, has it empty, or was not sent as a form.",
        remedy: "Send the parameter in the body, with Content-Type application/x-www-form-urlencoded: the endpoint \
                 reads neither JSON nor the query string.",
        in_short: "send what is missing",
        confidence: Captured,
        source: "azure-docs#43780, azure-powershell#12775",
        raised_by: &[
            UnknownGrant,
            Password,
            ClientCredentials,
            RefreshToken,
            AuthorizationCode,
            DeviceCode,
            DeviceAuthorization,
            Authorize,
        ],
        ..INVALID_REQUEST
    },
    Row {
        code: 900561,
        name: "BadResourceRequestInvalidRequest",
        template: "The endpoint only accepts {validVerbs} requests. Received a {verb} request.",
        cause: "The token endpoint was asked with another method than POST, typically by opening it in a browser.",
        remedy: "POST the parameters as a form.",
        in_short: "send a POST",
        confidence: Inferred,
        source: "Microsoft Learn, identity-platform/reference-error-codes (text); status inferred",
        raised_by: &[UnknownGrant, DeviceAuthorization],
        ..INVALID_REQUEST
    },
    Row {
        code: 901002,
        template: "The 'resource' request parameter is not supported.",
        cause: "resource= belongs to the v1.0 endpoints; this is v2.0.",
        remedy: "Leave resource out and ask with scope, for instance scope=api://example/.default. A library that \
                 sends both speaks v1.0 or follows RFC 8707.",
        in_short: "leave resource out",
        confidence: Inferred,
        source: "Microsoft Learn, identity-platform/reference-error-codes (text); error inferred",
        raised_by: &[
            Password,
            ClientCredentials,
            RefreshToken,
            AuthorizationCode,
            DeviceCode,
            DeviceAuthorization,
            Authorize,
        ],
        ..INVALID_REQUEST
    },
    Row {
        code: 9001023,
        template: "The grant type is not supported over the /common or /consumers endpoints. Please use the \
                   /organizations or tenant-specific endpoint.",
        cause: "grant_type=password was sent to /common or /consumers. Entra refuses that before it looks at the user.",
        remedy: "Use /organizations or the tenant's own path. Personal Microsoft accounts cannot use this grant at \
                 all.",
        in_short: "name the tenant",
        confidence: Captured,
        source: "msal-dotnet#1572 and #1574; error from Microsoft Learn, v2-oauth-ropc",
        raised_by: &[Password],
        ..INVALID_REQUEST
    },
    Row {
        code: 9002313,
        name: "InvalidRequest",
        template: "Invalid request. Request is malformed or invalid.",
        cause: "The code or refresh token is not one that this service ever issued: cut off, doubly encoded, or of \
                another server.",
        remedy: "Send it unchanged, form-encoded once. In Ropeway a refresh token is also unreadable after a start \
                 without --data, because the keys are new.",
        in_short: "correct the request",
        confidence: Captured,
        source: "public reports of code and refresh token redemption",
        raised_by: &[RefreshToken, AuthorizationCode],
        ..INVALID_GRANT
    },
    Row {
        code: 9002331,
        template: "Application '{appId}'({appName}) is configured for use by Microsoft Account users only. Please use \
                   the /consumers endpoint to serve this request.",
        cause: "The application is for personal accounts only, and the path is an organisation's.",
        remedy: "Use /consumers, or widen the application's signInAudience.",
        confidence: Inferred,
        source: "general knowledge of Entra; no capture found",
        ..UNAUTHORIZED_CLIENT
    },
    Row {
        code: 9002332,
        template: "Application '{appId}'({appName}) is configured for use by Microsoft Entra users only. Please do not \
                   use the /consumers endpoint to serve this request.",
        cause: "The application is for organisations only, and the path is /consumers.",
        remedy: "Use the tenant's own path, or widen the application's signInAudience.",
        confidence: Documented,
        source: LEARN,
        ..INVALID_REQUEST
    },
    Row {
        code: 9010010,
        template: "The resource parameter provided in the request doesn't match with the requested scopes.",
        cause: "The authorize request has resource= (RFC 8707) next to scopes of another API. Newer tenants' v2.0 \
                endpoints accept resource when both name the same API.",
        remedy: "Leave resource out, or let it name the API that the scopes belong to.",
        confidence: Inferred,
        source: "several public reports of live probes, 2026",
        ..redirect("invalid_target")
    },
];
