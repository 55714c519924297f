//! What of the directory is small and changes seldom, compiled in memory under the directory's version number.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use ropeway_core::directory::Tenant;
use ropeway_core::ids::TenantId;
use ropeway_core::oauth::tenant_segment::TenantSegment;
use ropeway_store::{Reads, StoreError};

/// All tenants at one version of the directory.
#[derive(Debug, Default)]
pub(crate) struct Snapshot {
    version: u64,
    /// Each with the version under which it was last changed.
    tenants: HashMap<TenantId, (u64, Arc<Tenant>)>,
    domains: HashMap<String, TenantId>,
}

impl Snapshot {
    /// Reads what changed since `before`; a thousand copies of a tenant must not slow down a change to one of them.
    fn compile(version: u64, reads: &Reads<'_>, before: &Self) -> Result<Self, StoreError> {
        let mut snapshot = Self { version, ..Self::default() };
        for (id, changed) in reads.tenant_versions()? {
            let tenant = match before.tenants.get(&id) {
                Some((known, tenant)) if *known == changed => Arc::clone(tenant),
                _ => match reads.tenant(id)? {
                    Some(tenant) => Arc::new(tenant),
                    None => continue,
                },
            };
            for domain in &tenant.verified_domains {
                snapshot.domains.insert(domain.name.to_ascii_lowercase(), id);
            }
            snapshot.tenants.insert(id, (changed, tenant));
        }
        Ok(snapshot)
    }

    /// The version of the directory that this was compiled from.
    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    /// The tenant of this id.
    pub(crate) fn tenant(&self, id: TenantId) -> Option<&Arc<Tenant>> {
        self.tenants.get(&id).map(|(_, tenant)| tenant)
    }

    /// Every tenant, in no order.
    pub(crate) fn tenants(&self) -> impl Iterator<Item = &Arc<Tenant>> {
        self.tenants.values().map(|(_, tenant)| tenant)
    }

    /// The tenant that has this verified domain.
    pub(crate) fn tenant_of_domain(&self, domain: &str) -> Option<&Arc<Tenant>> {
        self.tenant(*self.domains.get(&domain.to_ascii_lowercase())?)
    }

    /// The tenant that a sign-in name's domain belongs to.
    pub(crate) fn tenant_of_name(&self, sign_in_name: &str) -> Option<&Arc<Tenant>> {
        let (_, domain) = sign_in_name.rsplit_once('@')?;
        self.tenant_of_domain(domain)
    }

    /// The one tenant that a path segment names; an alias names none.
    pub(crate) fn tenant_of_segment(&self, segment: &TenantSegment) -> Option<&Arc<Tenant>> {
        match segment {
            TenantSegment::Id(id) => self.tenant(*id),
            TenantSegment::Domain(domain) => self.tenant_of_domain(domain),
            TenantSegment::Common | TenantSegment::Organizations | TenantSegment::Consumers => None,
        }
    }
}

/// The current snapshot. Every read transaction compares version numbers, so a stale one is noticed on that very request.
#[derive(Debug, Default)]
pub(crate) struct Snapshots(ArcSwap<Snapshot>);

impl Snapshots {
    /// The snapshot that belongs to what `reads` sees.
    pub(crate) fn current(&self, reads: &Reads<'_>) -> Result<Arc<Snapshot>, StoreError> {
        let version = reads.directory_version()?;
        let held = self.0.load_full();
        if held.version == version {
            return Ok(held);
        }
        let fresh = Arc::new(Snapshot::compile(version, reads, &held)?);
        self.0.store(Arc::clone(&fresh));
        Ok(fresh)
    }
}
