//! The spine: the same steps for every grant.
//!
//! client → load → admit → check → decide → record → issue. The grant's own file takes the request as far as *decide*;
//! recording and issuing are the same for all.

use std::sync::Arc;

use ropeway_core::client_auth::{self, Authentication, ClientProof, Occasion};
use ropeway_core::directory::{Application, Tenant};
use ropeway_core::error::Denial;
use ropeway_core::error::render::EndpointVersion;
use ropeway_core::ids::TenantId;
use ropeway_core::oauth::claims_request::ClaimsRequest;
use ropeway_core::oauth::client_credential::ClientCredential;
use ropeway_core::oauth::form::Form;
use ropeway_core::oauth::tenant_segment::TenantSegment;
use ropeway_core::oauth::token::GrantType;
use uuid::Uuid;

use crate::app::App;
use crate::grants;
use crate::issue::{self, Approved};
use crate::moment::Moment;
use crate::outcome::{Stopped, TokenAnswer};
use crate::record::Draft;
use crate::snapshot::Snapshot;

/// One request to the token endpoint, as the handler read it.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) moment: Moment,
    pub(crate) correlation_id: Uuid,
    /// `https://host:port` as the client sees us.
    pub(crate) origin: String,
    /// Which generation of the endpoint was asked.
    pub(crate) version: EndpointVersion,
    /// The first path segment.
    pub(crate) tenant_segment: String,
    pub(crate) authorization: Option<String>,
    /// The page that a browser sends this for (`Origin`); clients without a browser have none.
    pub(crate) page_origin: Option<String>,
    pub(crate) form: Form,
}

/// Answers a token request. A refusal was recorded like a success.
pub(crate) async fn answer(app: &App, call: &Call) -> Result<TokenAnswer, Stopped> {
    let mut draft = Draft::new(call);
    let mut judged = run(app, call, &mut draft).await;
    while matches!(judged, Err(Stopped::DirectoryChanged)) {
        draft = Draft::new(call);
        judged = run(app, call, &mut draft).await;
    }
    let approved = match judged {
        Ok(approved) => approved,
        Err(Stopped::Denied(denial)) => {
            draft.refused(&denial);
            draft.record(app).await?;
            draft.tell_of(&denial);
            return Err(Stopped::Denied(denial));
        }
        Err(stopped) => {
            draft.abandon(app).await;
            return Err(stopped);
        }
    };
    draft.record(app).await?;
    draft.granted();
    issue::issue(app, call, &approved)
}

/// The order of checks is what a client can observe: form, tenant, endpoint, parameters, client, scope, and only then the
/// user (facts/entra-errors.md, "Order of checks").
async fn run(app: &App, call: &Call, draft: &mut Draft) -> Result<Approved, Stopped> {
    let grant = GrantType::read(&call.form)?;
    draft.asked_by = grant.name();
    let segment = TenantSegment::parse(&call.tenant_segment)?;
    if segment == TenantSegment::Consumers && call.version == EndpointVersion::V1 {
        return Err(Denial::new(90027).into());
    }
    let snapshot = app.snapshot()?;
    if matches!(segment, TenantSegment::Id(_) | TenantSegment::Domain(_)) {
        let tenant = snapshot.tenant_of_segment(&segment).ok_or_else(|| unknown_tenant(&call.tenant_segment))?;
        draft.tenant = Some(Arc::clone(tenant));
    }
    let request = Request { grant, segment, snapshot, claims: ClaimsRequest::read(&call.form)? };
    match grant {
        GrantType::Password => grants::password::decide(app, call, request, draft).await,
        GrantType::ClientCredentials => grants::client_credentials::decide(app, call, request, draft).await,
        GrantType::RefreshToken => grants::refresh_token::decide(app, call, request, draft).await,
        GrantType::AuthorizationCode => grants::authorization_code::decide(app, call, request, draft).await,
        GrantType::DeviceCode => grants::device_code::decide(app, call, request, draft).await,
    }
}

/// A request whose tenant segment and grant are known.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) grant: GrantType,
    pub(crate) segment: TenantSegment,
    pub(crate) snapshot: Arc<Snapshot>,
    pub(crate) claims: ClaimsRequest,
}

impl Request {
    /// The tenant that is asked: the one of the path, else the one of a name's domain (AADSTS50059 when there is none).
    pub(crate) fn tenant(&self, sign_in_name: Option<&str>) -> Result<Arc<Tenant>, Denial> {
        let found = match sign_in_name {
            _ if matches!(self.segment, TenantSegment::Id(_) | TenantSegment::Domain(_)) => {
                self.snapshot.tenant_of_segment(&self.segment)
            }
            Some(name) => self.snapshot.tenant_of_name(name),
            None => None,
        };
        found.cloned().ok_or_else(|| Denial::new(50059))
    }

    /// What was asked for at one tenant, or at one alias, is redeemed there (AADSTS700005). `tenant` is the one that was
    /// signed in to.
    pub(crate) fn redeems_where_asked(&self, segment: &str, tenant: TenantId) -> Result<(), Denial> {
        let asked_at = TenantSegment::parse(segment)?;
        let is_tenant = |segment: &TenantSegment| self.snapshot.tenant_of_segment(segment).map(|tenant| tenant.id);
        let same_tenant = is_tenant(&self.segment) == Some(tenant) && is_tenant(&asked_at).is_some();
        if asked_at == self.segment || same_tenant { Ok(()) } else { Err(Denial::new(700005)) }
    }

    /// Step *client*: who speaks, and can it prove that?
    pub(crate) async fn client<'t>(
        &self,
        app: &App,
        call: &Call,
        tenant: &'t Tenant,
        credential: &ClientCredential,
        token_of_confidential_client: bool,
        draft: &mut Draft,
    ) -> Result<(&'t Application, ClientProof), Denial> {
        let as_asked = call.tenant_as_asked(tenant);
        let client = client_auth::find_client(tenant, &as_asked, &credential.client_id)?;
        draft.client = Some(client.app_id);
        let issuer = app.issuer(&call.origin);
        let mut origins = issuer.origins();
        origins.push(app.main_origin());
        let occasion =
            Occasion { tenant, origins: &origins, now: call.moment.in_tenant(tenant), wall: call.moment.wall };
        let proof = client_auth::authenticate(client, credential, self.grant, token_of_confidential_client, &occasion)?;
        let proof = match proof {
            Authentication::Done(proof) => proof,
            Authentication::Federated(assertion) => app.issuer_keys.check(app, call, &assertion).await?,
        };
        Ok((client, proof))
    }
}

impl Call {
    /// What was issued to a single-page application is redeemed by a page, anything else is not
    /// (<https://learn.microsoft.com/entra/identity-platform/reference-third-party-cookies-spas>).
    pub(crate) fn redeemed_by(&self, single_page: bool) -> Result<(), Denial> {
        match &self.page_origin {
            None if single_page => Err(Denial::new(9002327)),
            Some(origin) if !single_page => Err(Denial::new(9002326).with("origin", origin)),
            _ => Ok(()),
        }
    }

    /// How the client says who it is.
    pub(crate) fn credential(&self) -> Result<ClientCredential, Denial> {
        ClientCredential::read(&self.form, self.authorization.as_deref())
    }

    /// How error texts name the tenant: as the path did, or by its id where the path held an alias.
    pub(crate) fn tenant_as_asked(&self, tenant: &Tenant) -> String {
        match TenantSegment::parse(&self.tenant_segment) {
            Ok(TenantSegment::Id(_) | TenantSegment::Domain(_)) => self.tenant_segment.clone(),
            _ => tenant.id.to_string(),
        }
    }
}

/// AADSTS90002.
pub(crate) fn unknown_tenant(segment: &str) -> Denial {
    Denial::new(90002).with("tenant", segment)
}
