use crate::ids::{CONSUMER_TENANT, TenantId};
use crate::oauth::discovery::MetadataTenant;

/// Who the tokens say they are from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer {
    /// `https://` with host and port, without a slash at the end.
    pub origin: String,
    /// Whose names stand in `iss` and `idp`.
    pub style: IssuerStyle,
}

/// Whose names stand in `iss` and `idp`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IssuerStyle {
    /// The server's own origin.
    Own,
    /// Entra's host names, for validators that hard-code them.
    Entra,
}

impl Issuer {
    /// The issuer of v1.0 tokens, and the name of a tenant as an identity provider (`idp`).
    pub fn v1(&self, tenant: TenantId) -> String {
        match self.style {
            IssuerStyle::Own => format!("{}/{tenant}/", self.origin),
            IssuerStyle::Entra => format!("https://sts.windows.net/{tenant}/"),
        }
    }

    /// The issuer of v2.0 tokens.
    pub fn v2(&self, tenant: TenantId) -> String {
        self.v2_of(&tenant.to_string())
    }

    /// The issuer that v2.0 metadata and keys name: `common` and `organizations` leave the tenant open with a literal
    /// `{tenantid}`, `consumers` is the consumer tenant.
    pub fn v2_at(&self, metadata: MetadataTenant) -> String {
        match metadata {
            MetadataTenant::Any(_) => self.v2_of("{tenantid}"),
            MetadataTenant::Consumers => self.v2(CONSUMER_TENANT),
            MetadataTenant::One(tenant) => self.v2(tenant),
        }
    }

    fn v2_of(&self, tenant: &str) -> String {
        let origin = match self.style {
            IssuerStyle::Own => &self.origin,
            IssuerStyle::Entra => "https://login.microsoftonline.com",
        };
        format!("{origin}/{tenant}/v2.0")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_styles_in_both_versions() {
        let own = Issuer { origin: "https://localhost:8443".to_owned(), style: IssuerStyle::Own };
        let entra = Issuer { style: IssuerStyle::Entra, ..own.clone() };

        assert_eq!(own.v1(CONSUMER_TENANT), format!("https://localhost:8443/{CONSUMER_TENANT}/"));
        assert_eq!(own.v2(CONSUMER_TENANT), format!("https://localhost:8443/{CONSUMER_TENANT}/v2.0"));
        assert_eq!(own.v2_at(MetadataTenant::Any("common")), "https://localhost:8443/{tenantid}/v2.0");
        assert_eq!(own.v2_at(MetadataTenant::Consumers), own.v2(CONSUMER_TENANT));
        assert_eq!(entra.v1(CONSUMER_TENANT), format!("https://sts.windows.net/{CONSUMER_TENANT}/"));
        assert_eq!(
            entra.v2_at(MetadataTenant::Any("organizations")),
            "https://login.microsoftonline.com/{tenantid}/v2.0"
        );
    }
}
