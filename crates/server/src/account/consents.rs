//! Which applications the person allowed what, and the withdrawal of it.

use ropeway_core::ids::{AppId, ObjectId, TenantId};
use ropeway_store::{Reads, StoreError};

use super::{Deed, PageCall};
use crate::outcome::Stopped;
use crate::pages::ConsentRow;
use crate::signin::{Person, wish};

/// The person's own consents, in the home tenant and wherever they are a guest.
pub(super) fn list(call: &PageCall<'_>, person: &Person) -> Result<Vec<ConsentRow>, Stopped> {
    let mut rows: Vec<ConsentRow> = Vec::new();
    let found = call.app.store.read(|reads| {
        let mut found = Vec::new();
        for tenant in person.snapshot.tenants() {
            let Some(object) = object_in(reads, person, tenant.id)? else { continue };
            found.push((tenant, reads.grants_of_user(tenant.id, object)?));
        }
        Ok(found)
    })?;
    for (tenant, grants) in found {
        for grant in grants {
            let (Some(client), Some(resource)) = (tenant.application(grant.client), tenant.application(grant.resource))
            else {
                continue;
            };
            let permissions = resource.oauth2_permission_scopes.iter();
            let wishes = permissions
                .filter(|permission| grant.scopes.iter().any(|scope| scope.eq_ignore_ascii_case(&permission.value)))
                .map(|permission| wish(resource, permission));
            let known = rows
                .iter_mut()
                .find(|row| row.client == grant.client.to_string() && row.tenant == tenant.id.to_string());
            match known {
                Some(row) => row.wishes.extend(wishes),
                None => rows.push(ConsentRow {
                    tenant: tenant.id.to_string(),
                    client: grant.client.to_string(),
                    application: client.display_name.clone(),
                    wishes: wishes.collect(),
                }),
            }
        }
    }
    Ok(rows)
}

/// Takes back all that the person allowed one application. What an administrator allowed for everybody stays.
pub(super) async fn withdraw(call: &PageCall<'_>, person: &Person) -> Result<Deed, Stopped> {
    let asked = |name: &str| call.form.first(name).unwrap_or_default();
    let (Ok(tenant), Ok(client)) = (asked("tenant").parse().map(TenantId), asked("client").parse::<AppId>()) else {
        return Ok(Deed::Done(""));
    };
    let Some(object) = call.app.store.read(|reads| object_in(reads, person, tenant))? else {
        return Ok(Deed::Done(""));
    };
    call.app
        .store
        .write(move |tx| {
            let grants = tx.reads().grants_of_user(tenant, object)?;
            for grant in grants.iter().filter(|grant| grant.client == client) {
                tx.remove_grant(tenant, grant)?;
            }
            Ok(())
        })
        .await?;
    Ok(Deed::Done("withdrawn"))
}

/// The person's object in a tenant.
fn object_in(reads: &Reads<'_>, person: &Person, tenant: TenantId) -> Result<Option<ObjectId>, StoreError> {
    if tenant == person.session.home_tenant {
        return Ok(Some(person.session.user));
    }
    let guest = reads.user_by_sign_in_name(tenant, &person.user.sign_in_name)?;
    Ok(guest.filter(|user| user.external_issuer().is_some()).map(|user| user.id))
}
