//! Scope strings: which resource is meant, and what is asked of it.

use std::fmt;

use crate::directory::{Application, Tenant};
use crate::error::Denial;
use crate::ids::{AppId, MICROSOFT_GRAPH};

/// A `scope` parameter, split and understood as far as that needs no directory
/// (<https://learn.microsoft.com/entra/identity-platform/scopes-oidc>).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeRequest {
    /// The parameter as it was sent.
    pub raw: String,
    /// `openid`, `profile`, `email` and `offline_access`, as far as they were asked for.
    pub oidc: Vec<OidcScope>,
    /// Everything else, in order.
    pub scopes: Vec<AskedScope>,
    /// The resource was asked for as such, by v1.0's `resource`.
    pub by_resource: bool,
}

/// The four scopes that OpenID Connect defines and every resource may be asked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OidcScope {
    /// Asks for an id token.
    Openid,
    /// Asks for names.
    Profile,
    /// Asks for the mail address.
    Email,
    /// Asks for a refresh token.
    OfflineAccess,
}

/// One scope of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedScope {
    /// The resource's identifier; `None` for a bare name, which means Microsoft Graph.
    pub resource: Option<String>,
    /// The permission's value, or `.default`.
    pub value: String,
}

impl fmt::Display for AskedScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.resource {
            Some(resource) => write!(f, "{resource}/{}", self.value),
            None => f.write_str(&self.value),
        }
    }
}

/// `.default`: everything that was consented to, or everything that is assigned to an application.
pub const DEFAULT_SCOPE: &str = ".default";

impl ScopeRequest {
    /// Splits a `scope` parameter. Malformed scopes are AADSTS70011.
    pub fn parse(raw: &str) -> Result<Self, Denial> {
        let invalid = || Denial::new(70011).with("scope", raw);
        let mut request = Self { raw: raw.to_owned(), oidc: Vec::new(), scopes: Vec::new(), by_resource: false };
        for token in raw.split([' ', '\t', '\r', '\n']).filter(|token| !token.is_empty()) {
            // RFC 6749 §3.3 names the characters of a scope token.
            if !token.bytes().all(|b| matches!(b, 0x21 | 0x23..=0x5B | 0x5D..=0x7E)) {
                return Err(invalid());
            }
            match OidcScope::from_name(token) {
                Some(scope) if !request.oidc.contains(&scope) => request.oidc.push(scope),
                Some(_) => {}
                None => {
                    let scope = AskedScope::parse(token).ok_or_else(invalid)?;
                    if !request.scopes.contains(&scope) {
                        request.scopes.push(scope);
                    }
                }
            }
        }
        let asks_default = request.scopes.iter().any(|scope| scope.value == DEFAULT_SCOPE);
        let asks_named = request.scopes.iter().any(|scope| scope.value != DEFAULT_SCOPE);
        if (request.oidc.is_empty() && request.scopes.is_empty()) || (asks_default && asks_named) {
            return Err(invalid());
        }
        Ok(request)
    }

    /// What v1.0's `resource` asks for: everything that was granted there, as `.default` does. `openid` asks for an id
    /// token.
    pub fn of_resource(resource: &str, openid: bool) -> Self {
        Self {
            raw: resource.to_owned(),
            oidc: if openid { vec![OidcScope::Openid] } else { Vec::new() },
            scopes: vec![AskedScope { resource: Some(resource.to_owned()), value: DEFAULT_SCOPE.to_owned() }],
            by_resource: true,
        }
    }

    /// The resource that is asked for, as the request named it. Bare names and OpenID Connect's own scopes live on
    /// Microsoft Graph.
    pub fn resource(&self) -> &str {
        self.scopes.first().and_then(|scope| scope.resource.as_deref()).unwrap_or(GRAPH_RESOURCE)
    }

    /// The scopes one by one, as a later request may repeat them.
    pub fn words(&self) -> Vec<String> {
        let oidc = self.oidc.iter().map(|scope| scope.name().to_owned());
        oidc.chain(self.scopes.iter().map(ToString::to_string)).collect()
    }

    /// Whether this OpenID Connect scope was asked for.
    pub fn asks(&self, scope: OidcScope) -> bool {
        self.oidc.contains(&scope)
    }

    /// Keeps what is asked of the first resource and drops the rest, as redeeming a refresh token does
    /// (<https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow#refresh-the-access-token>). Whether
    /// the resources that are dropped exist is not looked at (inferred).
    pub fn keep_first_resource(&mut self, tenant: &Tenant, own_origin: &str) {
        let resource_of = |scope: &AskedScope| {
            find_resource(tenant, scope.resource.as_deref().unwrap_or(GRAPH_RESOURCE), own_origin)
                .map(|resource| resource.app_id)
        };
        if let Some(first) = self.scopes.first().and_then(resource_of) {
            self.scopes.retain(|scope| resource_of(scope) == Some(first));
        }
    }

    /// What is asked, resource by resource: an authorization request may name several and ask consent for all
    /// (<https://learn.microsoft.com/entra/identity-platform/scopes-oidc>). An unknown resource is AADSTS500011.
    pub fn by_resource(&self, tenant: &Tenant, own_origin: &str) -> Result<Vec<Self>, Denial> {
        let mut parts: Vec<(AppId, Self)> = Vec::new();
        for scope in &self.scopes {
            let name = scope.resource.as_deref().unwrap_or(GRAPH_RESOURCE);
            let resource = find_resource(tenant, name, own_origin)
                .ok_or_else(|| Denial::new(500011).with("name", name).with("tenant", tenant.id))?;
            match parts.iter_mut().find(|(known, _)| *known == resource.app_id) {
                Some((_, part)) => part.scopes.push(scope.clone()),
                None => parts.push((resource.app_id, Self { scopes: vec![scope.clone()], ..self.clone() })),
            }
        }
        if parts.is_empty() {
            return Ok(vec![self.clone()]);
        }
        Ok(parts.into_iter().map(|(_, part)| part).collect())
    }

    /// Finds the one resource that is asked for in this tenant. `own_origin` is a name of Microsoft Graph, because this
    /// server answers for it.
    ///
    /// Several resources are AADSTS28000, an unknown one AADSTS500011, an unknown permission of a known one AADSTS70011.
    pub fn resolve<'t>(&self, tenant: &'t Tenant, own_origin: &str) -> Result<ResolvedScopes<'t>, Denial> {
        let mut found: Option<(&'t Application, &str)> = None;
        for scope in &self.scopes {
            let name = scope.resource.as_deref().unwrap_or(GRAPH_RESOURCE);
            let application = find_resource(tenant, name, own_origin)
                .ok_or_else(|| Denial::new(500011).with("name", name).with("tenant", tenant.id))?;
            match found {
                Some((earlier, _)) if earlier.app_id != application.app_id => {
                    return Err(Denial::new(28000).with("scope", &self.raw));
                }
                Some(_) => {}
                None => found = Some((application, name)),
            }
        }
        let (resource, resource_as_asked) = match found {
            Some(found) => found,
            // OpenID Connect's own scopes live on Microsoft Graph.
            None => match tenant.application(MICROSOFT_GRAPH) {
                Some(graph) => (graph, GRAPH_RESOURCE),
                None => return Err(Denial::new(500011).with("name", GRAPH_RESOURCE).with("tenant", tenant.id)),
            },
        };
        let default = self.scopes.iter().any(|scope| scope.value == DEFAULT_SCOPE);
        let mut names = Vec::new();
        for scope in self.scopes.iter().filter(|scope| scope.value != DEFAULT_SCOPE) {
            let permission = resource
                .oauth2_permission_scopes
                .iter()
                .find(|permission| permission.is_enabled && permission.value.eq_ignore_ascii_case(&scope.value))
                .ok_or_else(|| Denial::new(70011).with("scope", &self.raw))?;
            names.push(permission.value.clone());
        }
        let resource_as_asked = resource_as_asked.to_owned();
        Ok(ResolvedScopes { resource, resource_as_asked, default, names, by_resource: self.by_resource })
    }
}

/// What is asked of one resource of a tenant.
#[derive(Debug, Clone)]
pub struct ResolvedScopes<'t> {
    /// The resource's application.
    pub resource: &'t Application,
    /// The identifier that the client used for it: the `aud` of a v1 token.
    pub resource_as_asked: String,
    /// `.default` was asked for.
    pub default: bool,
    /// Permission values asked for by name, in the resource's own spelling.
    pub names: Vec<String>,
    /// The resource was asked for as such, by v1.0's `resource`.
    pub by_resource: bool,
}

impl OidcScope {
    fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "openid" => Self::Openid,
            "profile" => Self::Profile,
            "email" => Self::Email,
            "offline_access" => Self::OfflineAccess,
            _ => return None,
        })
    }

    /// The scope as it is spelled.
    pub fn name(self) -> &'static str {
        match self {
            Self::Openid => "openid",
            Self::Profile => "profile",
            Self::Email => "email",
            Self::OfflineAccess => "offline_access",
        }
    }
}

impl AskedScope {
    /// Splits at the last slash, so that a resource ending in one keeps it: `https://management.core.windows.net//.default`.
    fn parse(token: &str) -> Option<Self> {
        let Some((resource, value)) = token.rsplit_once('/') else {
            return Some(Self { resource: None, value: token.to_owned() });
        };
        let is_uri = resource.split_once("://").is_some_and(|(scheme, rest)| !scheme.is_empty() && !rest.is_empty());
        let is_guid = resource.parse::<AppId>().is_ok();
        ((is_uri || is_guid) && !value.is_empty())
            .then(|| Self { resource: Some(resource.to_owned()), value: value.to_owned() })
    }
}

/// The application that a resource identifier names: its id or one of its App ID URIs.
pub fn find_resource<'t>(tenant: &'t Tenant, name: &str, own_origin: &str) -> Option<&'t Application> {
    if let Ok(app_id) = name.to_ascii_lowercase().parse::<AppId>() {
        return tenant.application(app_id);
    }
    if name.strip_suffix('/').unwrap_or(name).eq_ignore_ascii_case(own_origin) {
        return tenant.application(MICROSOFT_GRAPH);
    }
    tenant.applications.iter().find(|app| app.identifier_uris.iter().any(|uri| uri.eq_ignore_ascii_case(name)))
}

const GRAPH_RESOURCE: &str = "https://graph.microsoft.com";

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn scopes_are_split_at_the_last_slash() {
        let cases = [
            ("api://employees.alpine.test/.default", Some("api://employees.alpine.test"), ".default"),
            ("https://management.core.windows.net//.default", Some("https://management.core.windows.net/"), ".default"),
            (
                "e0a91000-0000-4000-8000-00000000000a/Employees.Read",
                Some("e0a91000-0000-4000-8000-00000000000a"),
                "Employees.Read",
            ),
            ("User.Read", None, "User.Read"),
        ];
        for (text, resource, value) in cases {
            let request = ScopeRequest::parse(text).unwrap();
            let expected = AskedScope { resource: resource.map(str::to_owned), value: value.to_owned() };
            assert_eq!(request.scopes, [expected], "{text}");
            assert_eq!(request.scopes[0].to_string(), text);
        }
    }

    #[test]
    fn malformed_scopes_are_refused() {
        let cases = [
            "",
            "  ",
            "api://employees.alpine.test",
            "employees/Read",
            "sc\"ope",
            "ä",
            "User.Read https://graph.microsoft.com/.default",
            "api://x/",
        ];
        for text in cases {
            assert_eq!(ScopeRequest::parse(text).map_err(|denial| denial.code()).err(), Some(70011), "{text}");
        }
    }

    #[test]
    fn openid_scopes_are_kept_apart() {
        let request = ScopeRequest::parse("openid profile openid offline_access").unwrap();
        assert_eq!(request.oidc, [OidcScope::Openid, OidcScope::Profile, OidcScope::OfflineAccess]);
        assert!(request.scopes.is_empty());
    }

    #[test]
    fn a_resource_is_asked_for_as_its_default_scope_is() {
        for resource in ["api://employees.alpine.test", "https://management.core.windows.net/"] {
            let request = ScopeRequest::of_resource(resource, true);
            assert_eq!(request.resource(), resource);
            let later = ScopeRequest::parse(&request.words().join(" ")).unwrap();
            assert_eq!((later.oidc, later.scopes), (request.oidc, request.scopes), "a refresh token remembers it");
        }
        assert_eq!(ScopeRequest::parse("openid").unwrap().resource(), GRAPH_RESOURCE);
        assert_eq!(ScopeRequest::parse("User.Read").unwrap().resource(), GRAPH_RESOURCE);
    }

    #[test]
    fn a_refresh_keeps_the_scopes_of_the_first_resource() {
        let tenant = crate::signin::fixture::tenant();
        let kept = |text: &str| {
            let mut request = ScopeRequest::parse(text).unwrap();
            request.keep_first_resource(&tenant, "https://localhost:8443");
            request.scopes.iter().map(AskedScope::to_string).collect::<Vec<_>>().join(" ")
        };
        let employees = "api://employees.alpine.test";
        for (asked, expected) in [
            ("openid", String::new()),
            (&format!("{employees}/a User.Read openid {employees}/b"), format!("{employees}/a {employees}/b")),
            (&format!("api://unknown/a {employees}/b"), format!("api://unknown/a {employees}/b")),
            (&format!("{employees}/.default api://unknown/.default"), format!("{employees}/.default")),
        ] {
            assert_eq!(kept(asked), expected, "{asked}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text: String) {
            let _ = ScopeRequest::parse(&text);
        }
    }
}
