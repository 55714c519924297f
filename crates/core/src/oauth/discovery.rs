//! The documents by which clients discover us: OpenID configuration and instance discovery.

use serde_json::{Value, json};

use super::tenant_segment::TenantSegment;
use crate::ids::TenantId;

/// Which tenant a metadata document is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetadataTenant {
    /// `common` or `organizations`: the issuer holds the placeholder `{tenantid}`.
    Any(&'static str),
    /// `consumers`: its own path, the consumer tenant's issuer.
    Consumers,
    /// One tenant, however the path named it: every URL holds its id.
    One(TenantId),
}

impl MetadataTenant {
    /// The tenant that `segment` names; `by_domain` is the tenant of a domain name, if the segment is one.
    pub fn of(segment: &TenantSegment, by_domain: Option<TenantId>) -> Option<Self> {
        match segment {
            TenantSegment::Common => Some(Self::Any("common")),
            TenantSegment::Organizations => Some(Self::Any("organizations")),
            TenantSegment::Consumers => Some(Self::Consumers),
            TenantSegment::Id(id) => Some(Self::One(*id)),
            TenantSegment::Domain(_) => by_domain.map(Self::One),
        }
    }

    /// The path segment of every endpoint in the document.
    pub fn segment(self) -> String {
        match self {
            Self::Any(alias) => alias.to_owned(),
            Self::Consumers => "consumers".to_owned(),
            Self::One(id) => id.to_string(),
        }
    }

    /// `tenant_region_scope`: worldwide, where there is one tenant to speak of.
    fn region(self) -> Option<&'static str> {
        matches!(self, Self::One(_)).then_some("WW")
    }
}

/// The v2.0 OpenID configuration, its members in the captured order. Every URL that a client would call is on `origin`;
/// `issuer` is the v2.0 issuer of the tenant.
pub fn openid_configuration_v2(origin: &str, tenant: MetadataTenant, issuer: &str) -> Value {
    let segment = tenant.segment();
    json!({
        "token_endpoint": format!("{origin}/{segment}/oauth2/v2.0/token"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "jwks_uri": format!("{origin}/{segment}/discovery/v2.0/keys"),
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": issuer,
        "request_uri_parameter_supported": false,
        "userinfo_endpoint": format!("{origin}/oidc/userinfo"),
        "authorization_endpoint": format!("{origin}/{segment}/oauth2/v2.0/authorize"),
        "device_authorization_endpoint": format!("{origin}/{segment}/oauth2/v2.0/devicecode"),
        "http_logout_supported": true,
        "frontchannel_logout_supported": true,
        "end_session_endpoint": format!("{origin}/{segment}/oauth2/v2.0/logout"),
        "claims_supported": ["sub", "iss", "cloud_instance_name", "cloud_instance_host_name", "cloud_graph_host_name", "msgraph_host",
            "aud", "exp", "iat", "auth_time", "acr", "nonce", "preferred_username", "name", "tid", "ver", "at_hash", "c_hash", "email"],
        "kerberos_endpoint": format!("{origin}/{segment}/kerberos"),
        "tenant_region_scope": tenant.region(),
        "cloud_instance_name": "microsoftonline.com",
        "cloud_graph_host_name": "graph.windows.net",
        "msgraph_host": "graph.microsoft.com",
        "rbac_url": "https://pas.windows.net",
    })
}

/// The v1.0 OpenID configuration, its members in the captured order. All tenants' keys are at `/common` there.
pub fn openid_configuration_v1(origin: &str, tenant: MetadataTenant, issuer: &str) -> Value {
    let segment = tenant.segment();
    json!({
        "token_endpoint": format!("{origin}/{segment}/oauth2/token"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "jwks_uri": format!("{origin}/common/discovery/keys"),
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "code id_token", "token id_token", "token"],
        "scopes_supported": ["openid"],
        "issuer": issuer,
        "microsoft_multi_refresh_token": true,
        "authorization_endpoint": format!("{origin}/{segment}/oauth2/authorize"),
        "device_authorization_endpoint": format!("{origin}/{segment}/oauth2/devicecode"),
        "http_logout_supported": true,
        "frontchannel_logout_supported": true,
        "end_session_endpoint": format!("{origin}/{segment}/oauth2/logout"),
        "claims_supported": ["sub", "iss", "cloud_instance_name", "cloud_instance_host_name", "cloud_graph_host_name", "msgraph_host",
            "aud", "exp", "iat", "auth_time", "acr", "amr", "nonce", "email", "given_name", "family_name", "nickname"],
        "check_session_iframe": format!("{origin}/{segment}/oauth2/checksession"),
        "userinfo_endpoint": format!("{origin}/{segment}/openid/userinfo"),
        "kerberos_endpoint": format!("{origin}/{segment}/kerberos"),
        "tenant_region_scope": tenant.region(),
        "cloud_instance_name": "microsoftonline.com",
        "cloud_graph_host_name": "graph.windows.net",
        "msgraph_host": "graph.microsoft.com",
        "rbac_url": "https://pas.windows.net",
    })
}

/// The answer of `/common/discovery/instance`: our own host as an instance of its own, with its port, as MSAL for
/// JavaScript compares it. Version 1.0 of the answer holds the endpoint alone (inferred).
pub fn instance_discovery(origin: &str, tenant_segment: &str, api_version: &str) -> Value {
    let endpoint = format!("{origin}/{tenant_segment}/v2.0/.well-known/openid-configuration");
    if api_version == "1.0" {
        return json!({ "tenant_discovery_endpoint": endpoint });
    }
    let host = origin.strip_prefix("https://").unwrap_or(origin);
    json!({
        "tenant_discovery_endpoint": endpoint,
        "api-version": "1.1",
        "metadata": [{ "preferred_network": host, "preferred_cache": host, "aliases": [host] }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_endpoint_holds_the_tenants_id_and_the_alias_keeps_its_alias() {
        let id = TenantId(crate::signin::fixture::guid(1));
        let origin = "https://localhost:8443";
        for (tenant, segment, region) in [
            (MetadataTenant::One(id), id.to_string(), json!("WW")),
            (MetadataTenant::Any("common"), "common".to_owned(), Value::Null),
            (MetadataTenant::Consumers, "consumers".to_owned(), Value::Null),
        ] {
            let document = openid_configuration_v2(origin, tenant, "issuer");
            for member in [
                "token_endpoint",
                "authorization_endpoint",
                "jwks_uri",
                "end_session_endpoint",
                "device_authorization_endpoint",
            ] {
                let url = document[member].as_str().unwrap_or_default();
                assert!(url.starts_with(&format!("{origin}/{segment}/")), "{member}: {url}");
            }
            assert_eq!(document["tenant_region_scope"], region);
            // MSAL for Go makes the device endpoint by replacing every `token` in the URL.
            assert_eq!(document["token_endpoint"].as_str().map(|url| url.matches("token").count()), Some(1));
        }
    }
}
