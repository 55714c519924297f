//! What every code comes to that stands for a person's word on the page: the same question again, with what they proved there.

use std::sync::Arc;

use ropeway_core::client_auth::ClientProof;
use ropeway_core::directory::{Application, Tenant};
use ropeway_core::oauth::token::Target;
use ropeway_core::policy::refresh_lifetime::Remembered;
use ropeway_core::signin::Proofs;
use ropeway_core::token::Authorization;

use crate::app::App;
use crate::facts::Whose;
use crate::issue::{Approved, Basis};
use crate::outcome::Stopped;
use crate::record::{Draft, Redemption};
use crate::sign_in::{self, Question};
use crate::token::{Call, Request};

/// Who presents a code, and where.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asker<'a> {
    pub(crate) tenant: &'a Arc<Tenant>,
    pub(crate) client: &'a Application,
    pub(crate) client_proof: ClientProof,
}

/// A code that binds whoever presents it, found valid.
#[derive(Debug)]
pub(crate) struct Redeemed {
    pub(crate) redemption: Redemption,
    pub(crate) authorization: Box<Authorization>,
    /// Whether what it gives is a confidential client's.
    pub(crate) confidential: bool,
    /// Whether what it gives is a single-page application's.
    pub(crate) single_page: bool,
}

impl Redeemed {
    /// Asks what the person allowed. The code is used up when the request is recorded.
    pub(crate) fn conclude(
        self,
        app: &App,
        call: &Call,
        request: &Request,
        asker: Asker<'_>,
        target: &Target,
        draft: &mut Draft,
    ) -> Result<Approved, Stopped> {
        let Asker { tenant, client, client_proof } = asker;
        let Self { redemption, authorization, confidential, single_page } = self;
        let mut scope = target.parse(&authorization.scopes)?;
        scope.by_resource |= authorization.by_resource;
        scope.keep_first_resource(tenant, &call.origin);
        let asked = scope.resolve(tenant, &call.origin)?;
        draft.resource = Some(asked.resource.app_id);
        draft.redeems = Some(redemption);

        let whose = Whose::HomeObject(authorization.home_tenant, authorization.user);
        let user = sign_in::load(app, &request.snapshot, tenant, client, whose, draft)?;
        let proofs = Proofs::Remembered(Remembered {
            issued_at: authorization.issued_at,
            password_at: authorization.proofs.password_at,
            second_factor_at: authorization.proofs.mfa_at,
            confidential_client: confidential,
            single_page_since: None,
        });
        let question = Question {
            grant: request.grant,
            tenant_as_asked: call.tenant_as_asked(tenant),
            tenant,
            client,
            client_proof,
            scope: &scope,
            asked: &asked,
            claims: request.claims.clone().with(&authorization.claims),
            user,
        };
        let ruling = question.decide(call, proofs);
        question.conclude(call, proofs, ruling, Basis::Authorization { authorization, single_page }, draft)
    }
}
