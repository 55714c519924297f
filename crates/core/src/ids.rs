//! One newtype per identifier, so that a tenant id never stands where an object id is wanted.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! guid_newtype {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0.hyphenated(), f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = NotAGuid;

            fn from_str(text: &str) -> Result<Self, NotAGuid> {
                parse_guid(text).map(Self)
            }
        }
    };
}

guid_newtype! {
    /// A tenant (directory): the `tid` claim, the GUID form of the first path segment.
    TenantId
}
guid_newtype! {
    /// An object in one tenant: the `oid` claim of a user, a group's id, a service principal's id.
    ObjectId
}
guid_newtype! {
    /// An application's client id (`appId`, the `appid` and `azp` claims). The same in every tenant.
    AppId
}
guid_newtype! {
    /// The id of a permission that an application publishes: an `oauth2PermissionScopes` or `appRoles` entry.
    PermissionId
}

/// The text is not a GUID of 8-4-4-4-12 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a GUID of 8-4-4-4-12 hexadecimal digits")]
pub struct NotAGuid;

/// Reads the hyphenated form only: Entra takes neither braces nor 32 bare digits. Version and variant are not looked at.
pub fn parse_guid(text: &str) -> Result<Uuid, NotAGuid> {
    if text.len() != 36 {
        return Err(NotAGuid);
    }
    Uuid::try_parse(text).map_err(|_| NotAGuid)
}

/// The consumer tenant, where personal Microsoft accounts live
/// (<https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference>, claim `tid`).
pub const CONSUMER_TENANT: TenantId = TenantId(Uuid::from_u128(0x9188040d_6c67_4c5b_b112_36a304b66dad));
/// Microsoft Graph's application id, the same in every tenant.
pub const MICROSOFT_GRAPH: AppId = AppId(Uuid::from_u128(0x00000003_0000_0000_c000_000000000000));
/// Azure Service Management's application id, the same in every tenant.
pub const AZURE_SERVICE_MANAGEMENT: AppId = AppId(Uuid::from_u128(0x797f4846_ba00_4fd7_ba43_dac1f8f63013));
/// Azure CLI's application id, the same in every tenant.
pub const AZURE_CLI: AppId = AppId(Uuid::from_u128(0x04b07795_8ddb_461a_bbee_02f9e1bf7b46));
/// Azure PowerShell's application id, the same in every tenant.
pub const AZURE_POWERSHELL: AppId = AppId(Uuid::from_u128(0x1950a258_227b_4e31_a9cf_717495945fc2));

/// The application id of "My Profile", the person's own pages, the same in every tenant.
pub const MY_ACCOUNT: AppId = AppId(Uuid::from_u128(0x8c59ead7_d703_4a27_9e55_c96a0054c8d2));

/// A stable id for what the tenant file leaves without one: the same tenant, kind and name give the same id on every run.
pub fn derived_id(tenant: TenantId, kind: &str, name: &str) -> Uuid {
    Uuid::new_v5(&tenant.0, format!("{kind}:{}", name.to_lowercase()).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guid_is_36_characters_and_its_version_is_not_looked_at() {
        assert_eq!("00000003-0000-0000-c000-000000000000".parse(), Ok(MICROSOFT_GRAPH));
        for wrong in ["", "00000003", "{00000003-0000-0000-c000-000000000000}", "000000030000 0000c000000000000000"] {
            assert_eq!(wrong.parse::<AppId>(), Err(NotAGuid), "{wrong}");
        }
    }
}
