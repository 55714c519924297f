//! Load: everything a sign-in is judged by, in one read transaction.

use std::sync::Arc;

use ropeway_core::directory::{
    AppRoleAssignment, Application, IdentityIssuer, OAuth2PermissionGrant, PrincipalType, Tenant, User,
};
use ropeway_core::ids::{AppId, CONSUMER_TENANT, ObjectId, TenantId};
use ropeway_core::oauth::claims_request::ClaimsRequest;
use ropeway_core::oauth::scope::ResolvedScopes;
use ropeway_core::signin::{Account, Facts, Home, Partner, Place, Proofs};
use ropeway_core::time::TenantTime;
use ropeway_store::{Reads, StoreError, StoredUser};

use crate::moment::Moment;
use crate::snapshot::Snapshot;

/// Whose facts are wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Whose<'a> {
    /// Of the name that was typed.
    SignInName(&'a str),
    /// Of a user known by home tenant and object id: a refresh token's.
    HomeObject(TenantId, ObjectId),
}

/// What is asked for, and by whom.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) tenant: &'a Tenant,
    /// How the request named the tenant.
    pub(crate) as_asked: &'a str,
    pub(crate) client: &'a Application,
    pub(crate) scopes: &'a ResolvedScopes<'a>,
    pub(crate) claims: &'a ClaimsRequest,
}

/// A user's facts, owned. [`LoadedUser::facts`] lends them to `decide`.
#[derive(Debug)]
pub(crate) struct LoadedUser {
    pub(crate) sign_in_name: String,
    /// The object in the tenant that was asked.
    pub(crate) user: Option<User>,
    pub(crate) home: Option<LoadedHome>,
    partner: Option<Partner>,
    pub(crate) groups: Vec<ObjectId>,
    pub(crate) roles: Vec<ObjectId>,
    grants: Vec<OAuth2PermissionGrant>,
    assignments: Vec<AppRoleAssignment>,
    locked_until: Option<TenantTime>,
}

/// Where the credentials are.
#[derive(Debug)]
pub(crate) struct LoadedHome {
    pub(crate) tenant: Arc<Tenant>,
    pub(crate) user: User,
    pub(crate) password_hash: Option<String>,
    /// The directory knows a password of this user, hashed yet or not.
    pub(crate) has_password: bool,
    /// Wrong passwords were counted that a right one must make forgotten.
    pub(crate) has_failures: bool,
}

/// Reads the user's facts in `tenant` for `client`. `has_unhashed_password` says whether a password from the file still
/// waits for its hash.
pub(crate) fn load_user(
    reads: &Reads<'_>,
    snapshot: &Snapshot,
    tenant: &Arc<Tenant>,
    client: &Application,
    whose: Whose<'_>,
    has_unhashed_password: impl Fn(TenantId, ObjectId) -> bool,
) -> Result<LoadedUser, StoreError> {
    let mut loaded = LoadedUser::nobody(match whose {
        Whose::SignInName(name) => name,
        Whose::HomeObject(..) => "",
    });
    match whose {
        Whose::SignInName(name) => find_by_name(reads, snapshot, tenant, name, &mut loaded)?,
        Whose::HomeObject(home, id) => find_by_home(reads, snapshot, tenant, home, id, &mut loaded)?,
    }
    if let Some(home) = &mut loaded.home {
        loaded.locked_until = home.load_password(reads, has_unhashed_password)?;
    }
    if let Some(user) = &loaded.user {
        loaded.groups = tenant.transitive_groups(user.id);
        let roles = tenant.directory_roles.iter().filter(|role| role.members.contains(&user.id));
        loaded.roles = roles.map(|role| role.role_template_id).collect();
        loaded.grants = reads.grants(tenant.id, client.app_id, user.id)?;
        let mut principals = vec![user.id];
        principals.extend(tenant.direct_groups(user.id));
        loaded.assignments = reads.app_role_assignments(tenant.id, &principals)?;
    }
    Ok(loaded)
}

fn find_by_name(
    reads: &Reads<'_>,
    snapshot: &Snapshot,
    tenant: &Arc<Tenant>,
    name: &str,
    loaded: &mut LoadedUser,
) -> Result<(), StoreError> {
    let Some(stored) = reads.stored_user_by_sign_in_name(tenant.id, name)? else {
        // A user of another tenant who is no guest here is told so once the password was right.
        let Some(home) =
            snapshot.tenant_of_name(name).filter(|home| home.id != tenant.id && home.id != CONSUMER_TENANT)
        else {
            return Ok(());
        };
        let found = reads.stored_user_by_sign_in_name(home.id, name)?;
        let at_home = found.filter(|stored| stored.user.external_issuer().is_none());
        loaded.home = at_home.map(|stored| LoadedHome::of(home, stored));
        return Ok(());
    };
    let Some(issuer) = stored.user.external_issuer() else {
        loaded.user = Some(stored.user.clone());
        loaded.home = Some(LoadedHome::of(tenant, stored));
        return Ok(());
    };
    loaded.partner = Partner::of_issuer(issuer);
    if loaded.partner.is_none() {
        let home = snapshot.tenant_of_name(name).filter(|home| home.id != tenant.id);
        let at_home = home.map(|home| reads.stored_user_by_sign_in_name(home.id, name)).transpose()?.flatten();
        loaded.home = home.zip(at_home).map(|(home, stored)| LoadedHome::of(home, stored));
    }
    loaded.user = Some(stored.user);
    Ok(())
}

fn find_by_home(
    reads: &Reads<'_>,
    snapshot: &Snapshot,
    tenant: &Arc<Tenant>,
    home_tenant: TenantId,
    id: ObjectId,
    loaded: &mut LoadedUser,
) -> Result<(), StoreError> {
    let (Some(home), Some(stored)) = (snapshot.tenant(home_tenant), reads.stored_user(home_tenant, id)?) else {
        return Ok(());
    };
    let home_user = &stored.user;
    loaded.sign_in_name = home_user.sign_in_name().to_owned();
    loaded.user = if home_tenant == tenant.id {
        Some(home_user.clone())
    } else {
        let guest = reads.user_by_sign_in_name(tenant.id, home_user.sign_in_name())?;
        guest.filter(|guest| guest.external_issuer() == Some(&IdentityIssuer::ExternalAzureAd))
    };
    loaded.home = Some(LoadedHome::of(home, stored));
    Ok(())
}

impl LoadedHome {
    /// The account of this user, at home in this tenant; `None`: there is none, or it lives elsewhere.
    pub(crate) fn load(
        reads: &Reads<'_>,
        tenant: &Arc<Tenant>,
        user: ObjectId,
        has_unhashed_password: impl Fn(TenantId, ObjectId) -> bool,
    ) -> Result<Option<Self>, StoreError> {
        let found = reads.stored_user(tenant.id, user)?.filter(|stored| stored.user.external_issuer().is_none());
        let Some(mut home) = found.map(|stored| Self::of(tenant, stored)) else { return Ok(None) };
        home.load_password(reads, has_unhashed_password)?;
        Ok(Some(home))
    }

    /// What the directory knows of the password; gives until when smart lockout has locked the account.
    fn load_password(
        &mut self,
        reads: &Reads<'_>,
        has_unhashed_password: impl Fn(TenantId, ObjectId) -> bool,
    ) -> Result<Option<TenantTime>, StoreError> {
        let tenant = self.tenant.id;
        self.has_password = self.password_hash.is_some() || has_unhashed_password(tenant, self.user.id);
        let lockout = reads.lockout_of(tenant, &self.user)?;
        self.has_failures = lockout.failures > 0 || lockout.lockouts > 0;
        Ok(lockout.locked_until)
    }

    /// Whether there is a password here to change: not that of a federation service, a directory on premises or nobody.
    pub(crate) fn keeps_password(&self) -> bool {
        self.has_password && !self.user.pass_through
    }

    fn of(tenant: &Arc<Tenant>, StoredUser { user, password_hash }: StoredUser) -> Self {
        Self { tenant: Arc::clone(tenant), user, password_hash, has_password: false, has_failures: false }
    }
}

impl LoadedUser {
    fn nobody(sign_in_name: &str) -> Self {
        Self {
            sign_in_name: sign_in_name.to_owned(),
            user: None,
            home: None,
            partner: None,
            groups: Vec::new(),
            roles: Vec::new(),
            grants: Vec::new(),
            assignments: Vec::new(),
            locked_until: None,
        }
    }

    /// The client's consents, of this user and for everybody.
    pub(crate) fn grants(&self) -> &[OAuth2PermissionGrant] {
        &self.grants
    }

    /// The groups through which the user is assigned to applications.
    pub(crate) fn assigned_groups(&self) -> Vec<(AppId, ObjectId)> {
        let by_group = self.assignments.iter().filter(|assignment| assignment.principal_type == PrincipalType::Group);
        by_group.map(|assignment| (assignment.resource, assignment.principal)).collect()
    }

    /// These facts with what the request adds to them.
    pub(crate) fn facts<'a>(&'a self, asked: Asked<'a>, proofs: Proofs, place: Place, moment: &Moment) -> Facts<'a> {
        let account = match (&self.home, self.partner, &self.user) {
            (_, Some(partner), Some(user)) => Account::AtPartner { user, partner },
            (Some(home), ..) => {
                let now = moment.in_tenant(&home.tenant);
                let home = Home { tenant: &home.tenant, user: &home.user, has_password: home.has_password, now };
                Account::Known { user: self.user.as_ref(), home }
            }
            _ => Account::Unknown,
        };
        Facts {
            tenant: asked.tenant,
            tenant_as_asked: asked.as_asked,
            client: asked.client,
            asked: asked.scopes,
            claims: asked.claims,
            sign_in_name: &self.sign_in_name,
            account,
            groups: &self.groups,
            roles: &self.roles,
            grants: &self.grants,
            assignments: &self.assignments,
            locked_until: self.locked_until,
            proofs,
            place,
        }
    }
}
