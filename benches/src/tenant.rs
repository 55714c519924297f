//! The tenant under load: an API, a public client, a job with a secret and a certificate, and users who are all alike.

use anyhow::Context;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::Method;
use hyper::body::Bytes;
use ropeway_core::directory::{Directory, file};
use ropeway_core::ids::{AppId, ObjectId, TenantId};
use ropeway_core::secret::Secret;
use ropeway_core::token::{Header, SigningKey, SigningKeyMaterial, sign};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::client::Call;
use crate::clock;

pub(crate) const TENANT: TenantId = TenantId(Uuid::from_u128(0x5e1f_0a00_0000_4000_8000_0000_0000_0100));
/// The client of users.
pub(crate) const TOOL: AppId = AppId(Uuid::from_u128(0xe0a9_1000_0000_4000_8000_0000_0000_0102));
const API: AppId = AppId(Uuid::from_u128(0xe0a9_1000_0000_4000_8000_0000_0000_0101));
const JOB: AppId = AppId(Uuid::from_u128(0xe0a9_1000_0000_4000_8000_0000_0000_0103));
const JOB_SECRET: &str = "a-secret-of-the-job-under-load";
const API_DEFAULT: &str = "api://api.bench.test/.default";
const GRAPH: &str = "https://graph.microsoft.com";
const SIGN_IN_SCOPES: &str = "openid profile offline_access api://api.bench.test/.default";

/// Everybody's password.
pub(crate) fn password() -> Secret {
    Secret::new("Summit-2042")
}

/// The name that the user of this number types.
pub(crate) fn user_name(number: usize) -> String {
    format!("user{number:07}@bench.test")
}

/// The object id of the user of this number: they ascend, so that a million are written in the order of their keys.
pub(crate) fn user_id(number: usize) -> ObjectId {
    ObjectId(Uuid::from_u128(0x1000_0000_0000_4000_8000_0000_0000_0000 + number as u128))
}

/// The tenant file with one user per hash; `certificate` is the job's.
pub(crate) fn tenant_file(hashes: &[String], certificate: &SigningKeyMaterial) -> Value {
    let users = hashes.iter().enumerate().map(|(number, hash)| {
        json!({
            "id": user_id(number),
            "userPrincipalName": user_name(number),
            "displayName": format!("User {number}"),
            "givenName": "User",
            "surname": number.to_string(),
            "mail": user_name(number),
            "passwordProfile": { "password": hash },
            "passwordPolicies": "DisablePasswordExpiration",
        })
    });
    let names: Vec<String> = (0..hashes.len()).map(user_name).collect();
    let who_you_are = ["openid", "profile", "email", "offline_access", "User.Read"];
    let scopes = |scopes: &[&str]| -> Vec<Value> {
        scopes.iter().map(|scope| json!({ "id": scope, "type": "Scope" })).collect()
    };
    let consent = |resource: &str, scope: &str| {
        json!({
            "clientId": TOOL, "consentType": "Principal", "principalId": names, "resourceId": resource, "scope": scope,
        })
    };
    json!({ "tenants": [{
        "id": TENANT,
        "displayName": "Bench",
        "verifiedDomains": [{ "name": "bench.test", "isDefault": true, "authenticationType": "Managed" }],
        "securityDefaults": { "isEnabled": false },
        "users": users.collect::<Vec<_>>(),
        "groups": [{ "displayName": "Everybody", "securityEnabled": true, "members": names }],
        "applications": [
            {
                "appId": API,
                "displayName": "API",
                "identifierUris": ["api://api.bench.test"],
                "api": { "requestedAccessTokenVersion": 2, "oauth2PermissionScopes": [
                    { "value": "Read", "type": "User", "adminConsentDisplayName": "Read", "userConsentDisplayName": "Read" },
                ] },
                "appRoles": [{ "value": "Read.All", "displayName": "Read all", "allowedMemberTypes": ["Application"] }],
            },
            {
                "appId": TOOL,
                "displayName": "Tool",
                "isFallbackPublicClient": true,
                "requiredResourceAccess": [
                    { "resourceAppId": API, "resourceAccess": scopes(&["Read"]) },
                    { "resourceAppId": GRAPH, "resourceAccess": scopes(&who_you_are) },
                ],
            },
            {
                "appId": JOB,
                "displayName": "Job",
                "passwordCredentials": [{ "secretText": JOB_SECRET, "endDateTime": "9999-12-31T00:00:00Z" }],
                "keyCredentials": [{
                    "type": "AsymmetricX509Cert",
                    "usage": "Verify",
                    "key": STANDARD.encode(&certificate.certificate_der),
                }],
                "requiredResourceAccess": [
                    { "resourceAppId": API, "resourceAccess": [{ "id": "Read.All", "type": "Role" }] },
                ],
            },
        ],
        "oauth2PermissionGrants": [consent("api://api.bench.test", "Read"), consent(GRAPH, &who_you_are.join(" "))],
        "appRoleAssignments": [{ "principalId": JOB, "resourceId": API, "appRoleId": "Read.All" }],
    }] })
}

/// The tenant file as the server reads it.
///
/// # Errors
/// It has a fault.
pub(crate) fn directory(file: &Value) -> anyhow::Result<Directory> {
    let read = file::read(&file.to_string(), "the benchmark's tenant", &|_| None);
    Ok(read.context("the benchmark's tenant file")?.directory)
}

/// The password grant, as a public client of the platform's libraries asks: for access, id and refresh token.
pub(crate) fn password_grant(user: usize) -> Call {
    token_request(&[
        ("grant_type", "password"),
        ("client_id", &TOOL.to_string()),
        ("scope", SIGN_IN_SCOPES),
        ("username", &user_name(user)),
        ("password", password().expose()),
    ])
}

/// A refresh token redeemed.
pub(crate) fn refresh_grant(refresh_token: &str) -> Call {
    token_request(&[
        ("grant_type", "refresh_token"),
        ("client_id", &TOOL.to_string()),
        ("scope", SIGN_IN_SCOPES),
        ("refresh_token", refresh_token),
    ])
}

/// The job with its secret.
pub(crate) fn client_credentials_with_secret() -> Call {
    token_request(&[
        ("grant_type", "client_credentials"),
        ("client_id", &JOB.to_string()),
        ("client_secret", JOB_SECRET),
        ("scope", API_DEFAULT),
    ])
}

/// The job with an assertion of its certificate, which may be sent until it expires, as the platform's libraries do.
///
/// # Errors
/// The key cannot sign.
pub(crate) fn client_credentials_with_certificate(
    certificate: &SigningKeyMaterial,
    origin: &str,
) -> anyhow::Result<Call> {
    let now = clock::wall().unix_seconds();
    let claims = json!({
        "aud": format!("{origin}/{TENANT}/oauth2/v2.0/token"),
        "iss": JOB, "sub": JOB, "jti": "benchmark", "nbf": now - 60, "iat": now, "exp": now + 540,
    });
    let claims = claims.as_object().context("claims are an object")?;
    let assertion = sign(&SigningKey::from_material(certificate)?, Header::V1, claims)?;
    Ok(token_request(&[
        ("grant_type", "client_credentials"),
        ("client_id", &JOB.to_string()),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", &assertion),
        ("scope", API_DEFAULT),
    ]))
}

/// An answer that takes nothing but network, TLS and HTTP.
pub(crate) fn liveness() -> Call {
    Call {
        method: Method::GET,
        path: "/_ropeway/health/live".into(),
        content_type: "text/plain",
        bearer: None,
        body: Bytes::new(),
    }
}

fn token_request(form: &[(&str, &str)]) -> Call {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    Call {
        method: Method::POST,
        path: format!("/{TENANT}/oauth2/v2.0/token"),
        content_type: "application/x-www-form-urlencoded",
        bearer: None,
        body: Bytes::from(body),
    }
}
