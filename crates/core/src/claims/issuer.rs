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
        self.v1_of(&tenant.to_string())
    }

    /// The issuer that v1.0 metadata names, as [`Issuer::v2_at`].
    pub fn v1_at(&self, metadata: MetadataTenant) -> String {
        self.v1_of(&tenant_in(metadata))
    }

    /// The issuer of v2.0 tokens.
    pub fn v2(&self, tenant: TenantId) -> String {
        self.v2_of(&tenant.to_string())
    }

    /// The issuer that v2.0 metadata and keys name: `common` and `organizations` leave the tenant open with a literal
    /// `{tenantid}`, `consumers` is the consumer tenant.
    pub fn v2_at(&self, metadata: MetadataTenant) -> String {
        self.v2_of(&tenant_in(metadata))
    }

    fn v1_of(&self, tenant: &str) -> String {
        let origin = match self.style {
            IssuerStyle::Own => &self.origin,
            IssuerStyle::Entra => "https://sts.windows.net",
        };
        format!("{origin}/{tenant}/")
    }

    /// Every origin at which clients may know this authority: its own, and Entra's where it goes by Entra's names.
    pub fn origins(&self) -> Vec<&str> {
        match self.style {
            IssuerStyle::Own => vec![&self.origin],
            IssuerStyle::Entra => [&[self.origin.as_str()], ENTRA_ORIGINS].concat(),
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

fn tenant_in(metadata: MetadataTenant) -> String {
    match metadata {
        MetadataTenant::Any(_) => "{tenantid}".to_owned(),
        MetadataTenant::Consumers => CONSUMER_TENANT.to_string(),
        MetadataTenant::One(tenant) => tenant.to_string(),
    }
}

const ENTRA_ORIGINS: &[&str] =
    &["https://login.microsoftonline.com", "https://login.windows.net", "https://sts.windows.net"];

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
        assert_eq!(own.v1_at(MetadataTenant::Any("common")), "https://localhost:8443/{tenantid}/");
        assert_eq!(entra.v1_at(MetadataTenant::Any("common")), "https://sts.windows.net/{tenantid}/");
        assert_eq!(entra.v1_at(MetadataTenant::One(CONSUMER_TENANT)), entra.v1(CONSUMER_TENANT));
        assert_eq!(entra.v1(CONSUMER_TENANT), format!("https://sts.windows.net/{CONSUMER_TENANT}/"));
        assert_eq!(
            entra.v2_at(MetadataTenant::Any("organizations")),
            "https://login.microsoftonline.com/{tenantid}/v2.0"
        );
    }
}
