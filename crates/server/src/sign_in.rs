//! Load and decide: the two steps of the spine that every grant with a user shares.

use std::sync::Arc;

use ropeway_core::client_auth::ClientProof;
use ropeway_core::directory::{Application, ClientAppType, Tenant};
use ropeway_core::oauth::claims_request::ClaimsRequest;
use ropeway_core::oauth::scope::{ResolvedScopes, ScopeRequest};
use ropeway_core::oauth::token::GrantType;
use ropeway_core::signin::{self, Decision, Place, Proofs, Ruling, Unattended};

use crate::app::App;
use crate::facts::{self, Asked, LoadedUser, Whose};
use crate::issue::{Approved, Basis, Who};
use crate::outcome::Stopped;
use crate::record::Draft;
use crate::snapshot::Snapshot;
use crate::token::Call;

/// A user's sign-in with the client known and the scopes understood: all that the question needs but the proofs.
#[derive(Debug)]
pub(crate) struct Question<'a> {
    pub(crate) grant: GrantType,
    pub(crate) tenant: &'a Arc<Tenant>,
    pub(crate) tenant_as_asked: String,
    pub(crate) client: &'a Application,
    pub(crate) client_proof: ClientProof,
    pub(crate) scope: &'a ScopeRequest,
    pub(crate) asked: &'a ResolvedScopes<'a>,
    pub(crate) claims: ClaimsRequest,
    pub(crate) user: LoadedUser,
}

/// Step *load*: the user's facts in one read transaction, which also notices a directory that changed meanwhile.
pub(crate) fn load(
    app: &App,
    snapshot: &Snapshot,
    tenant: &Arc<Tenant>,
    client: &Application,
    whose: Whose<'_>,
    draft: &mut Draft,
) -> Result<LoadedUser, Stopped> {
    let loaded = app.store.read(|reads| {
        if reads.directory_version()? != snapshot.version() {
            return Ok(None);
        }
        let unhashed = |tenant, user| app.passwords.knows_plain(tenant, user);
        facts::load_user(reads, snapshot, tenant, client, whose, unhashed).map(Some)
    })?;
    let loaded = loaded.ok_or(Stopped::DirectoryChanged)?;
    draft.is_of(&loaded);
    Ok(loaded)
}

impl Question<'_> {
    /// Step *decide*, with these proofs.
    pub(crate) fn decide(&self, call: &Call, proofs: Proofs) -> Ruling {
        signin::decide(&self.facts(call, proofs))
    }

    /// The ruling as this grant gives it: a grant without a page renders an interrupt as an error.
    pub(crate) fn conclude(
        self,
        call: &Call,
        proofs: Proofs,
        ruling: Ruling,
        basis: Basis,
        draft: &mut Draft,
    ) -> Result<Approved, Stopped> {
        draft.ruled(&ruling);
        let granted = match ruling.decision {
            Decision::Grant(granted) => granted,
            Decision::Deny(denial) => return Err(denial.into()),
            Decision::Interrupt(step) => {
                draft.remedy = Some(step.remedy());
                return Err(step.as_denial(Unattended::Grant(self.grant), &self.facts(call, proofs)).into());
            }
        };
        Ok(Approved {
            tenant: Arc::clone(self.tenant),
            client: self.client.app_id,
            client_proof: self.client_proof,
            resource: self.asked.resource.app_id,
            resource_as_asked: self.asked.resource_as_asked.clone(),
            scope: self.scope.clone(),
            claims: self.claims,
            who: Who::User(Box::new(crate::issue::SignedIn { user: self.user, granted, basis })),
        })
    }

    fn facts(&self, call: &Call, proofs: Proofs) -> signin::Facts<'_> {
        let client_app_type = match self.grant {
            // What a code gives tokens for was signed in to in a browser.
            GrantType::AuthorizationCode => ClientAppType::Browser,
            _ => ClientAppType::MobileAppsAndDesktopClients,
        };
        let place = Place { ip: call.moment.ip, client_app_type };
        let asked = Asked {
            tenant: self.tenant,
            as_asked: &self.tenant_as_asked,
            client: self.client,
            scopes: self.asked,
            claims: &self.claims,
        };
        self.user.facts(asked, proofs, place, &call.moment)
    }
}
