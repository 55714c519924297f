//! `domain_hint`: where the person who signs in is probably at home.

use super::tenant_segment::TenantSegment;
use super::user_realm::Realm;
use crate::directory::Tenant;
use crate::ids::TenantId;

/// What a `domain_hint` comes to
/// (<https://learn.microsoft.com/entra/identity/enterprise-apps/home-realm-discovery-policy#domain-hints>).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DomainHint {
    /// A work or school account, of whichever tenant.
    Organizations,
    /// A personal Microsoft account: the person is sent straight to Microsoft's service for them (inferred for a tenant's
    /// own endpoint, where such an account is a guest).
    Consumers,
    /// An account of this tenant.
    Tenant {
        /// The tenant that has the domain.
        tenant: TenantId,
        /// The person is sent straight to the domain's federation service.
        federated: bool,
    },
}

impl DomainHint {
    /// Reads a hint that came to this path segment; `tenant_of` finds the tenant that has a domain.
    ///
    /// `None`: there is nothing in it, and it is ignored. So is a domain that nobody verified and, where the path names a
    /// tenant, one that this tenant does not federate (documented). Where the path names none, a managed domain says which
    /// tenant's page is shown (documented); a hint that speaks against the path is ignored (inferred).
    pub fn read<'t>(
        hint: &str,
        segment: &TenantSegment,
        tenant_of: impl FnOnce(&str) -> Option<&'t Tenant>,
    ) -> Option<Self> {
        let hint = hint.trim().to_ascii_lowercase();
        match (hint.as_str(), segment) {
            ("organizations", TenantSegment::Consumers) | ("consumers" | LIVE, TenantSegment::Organizations) => {
                return None;
            }
            ("organizations", _) => return Some(Self::Organizations),
            ("consumers" | LIVE, _) => return Some(Self::Consumers),
            _ => {}
        }
        let tenant = tenant_of(&hint)?;
        let federated = match (Realm::of_domain(&hint, tenant), segment) {
            (Realm::ConsumerAccount, TenantSegment::Organizations) => return None,
            (Realm::ConsumerAccount, _) => return Some(Self::Consumers),
            (Realm::Unknown, _) | (_, TenantSegment::Consumers) => return None,
            (realm, _) => matches!(realm, Realm::Federated { .. }),
        };
        let applies = match segment {
            TenantSegment::Id(id) => federated && *id == tenant.id,
            TenantSegment::Domain(domain) => federated && tenant.verified_domain(domain).is_some(),
            TenantSegment::Common | TenantSegment::Organizations | TenantSegment::Consumers => true,
        };
        applies.then_some(Self::Tenant { tenant: tenant.id, federated })
    }
}

/// How Microsoft's own applications name the personal accounts' provider.
const LIVE: &str = "live.com";

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use proptest::prelude::*;

    use super::*;
    use crate::directory::sample;

    fn read(hint: &str, segment: &str) -> Option<DomainHint> {
        let sample = sample::directory().unwrap();
        let mut tenants = sample.tenants.iter().map(|known| &known.tenant);
        let segment = TenantSegment::parse(segment).unwrap();
        DomainHint::read(hint, &segment, |domain| tenants.find(|tenant| tenant.verified_domain(domain).is_some()))
    }

    #[test]
    fn a_hint_means_what_the_path_leaves_open() {
        let alpine = sample::directory().unwrap().tenants[0].tenant.id;
        let of_alpine = |federated| Some(DomainHint::Tenant { tenant: alpine, federated });
        let (work, personal) = (Some(DomainHint::Organizations), Some(DomainHint::Consumers));
        let id = alpine.to_string();
        for (hint, segment, expected) in [
            ("onprem.alpine.test", id.as_str(), of_alpine(true)),
            ("onprem.alpine.test", "alpine.test", of_alpine(true)),
            (" OnPrem.Alpine.TEST ", "common", of_alpine(true)),
            ("onprem.alpine.test", "fjord.test", None),
            ("onprem.alpine.test", "consumers", None),
            ("alpine.test", "common", of_alpine(false)),
            ("alpine.test", "organizations", of_alpine(false)),
            ("alpine.test", id.as_str(), None),
            ("unknown.test", "common", None),
            ("unknown.test", id.as_str(), None),
            ("", "common", None),
            ("organizations", "common", work),
            ("organizations", id.as_str(), work),
            ("organizations", "consumers", None),
            ("consumers", "common", personal),
            ("Consumers", id.as_str(), personal),
            ("consumers", "organizations", None),
            ("live.com", "common", personal),
            ("live.test", id.as_str(), personal),
            ("live.test", "organizations", None),
        ] {
            assert_eq!(read(hint, segment), expected, "{hint} at {segment}");
        }
    }

    proptest! {
        #[test]
        fn any_hint_is_read_or_ignored(hint in ".{0,60}") {
            for segment in ["common", "alpine.test"] {
                prop_assert_eq!(read(&format!("{hint}.example"), segment), None);
                let _read = read(&hint, segment);
            }
        }
    }
}
