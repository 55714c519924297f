//! The authorize endpoint: from a browser's request to what the application asks for, and back to the application.
//!
//! [`Asked`] is a request that was understood. Who is signed in, and which page comes next, is `signin/`'s.

use std::net::IpAddr;
use std::sync::Arc;

use ropeway_core::client_auth;
use ropeway_core::directory::{Application, Tenant};
use ropeway_core::error::Denial;
use ropeway_core::error::render::EndpointVersion;
use ropeway_core::ids::{AppId, CONSUMER_TENANT, TenantId};
use ropeway_core::oauth::authorize::{AuthorizeRequest, ReplyTo};
use ropeway_core::oauth::domain_hint::DomainHint;
use ropeway_core::oauth::scope::{ResolvedScopes, ScopeRequest};
use ropeway_core::oauth::tenant_segment::TenantSegment;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::browser::SetCookies;
use crate::outcome::Stopped;
use crate::pages::Page;
use crate::snapshot::Snapshot;
use crate::token::{self, Call};

/// What a browser was sent for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Purpose {
    /// To sign in.
    #[default]
    SignIn,
    /// For an administrator's consent on behalf of everybody: `/adminconsent`.
    AdminConsent,
    /// To come to one's own pages: `/_ropeway/account`.
    Account,
    /// To sign in for a device that waits elsewhere (RFC 8628).
    Device {
        /// The SHA-256 of its code.
        hash: [u8; 32],
        /// Where it asked from.
        ip: IpAddr,
        /// The tenant in whose time its code ends; `None` while the code is being made.
        asked_in: Option<TenantId>,
    },
}

/// What an application asks for, understood.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) purpose: Purpose,
    /// The request; its form holds the parameters.
    pub(crate) call: Call,
    pub(crate) snapshot: Arc<Snapshot>,
    /// Where the sign-in is to be: the tenant of the path, or of the person once that is known.
    pub(crate) tenant: Arc<Tenant>,
    /// The path names no one tenant.
    pub(crate) any_tenant: bool,
    pub(crate) client: AppId,
    /// `None`: no application sent the browser, and the sign-in ends on a page of ours.
    pub(crate) reply: Option<ReplyTo>,
    pub(crate) request: AuthorizeRequest,
    /// Where whoever signs in is probably at home.
    pub(crate) hint: Option<DomainHint>,
    /// What is asked, resource by resource. The first is what the sign-in is for.
    pub(crate) scopes: Vec<ScopeRequest>,
}

/// Why a request is not understood.
#[derive(Debug)]
pub(crate) enum NotAsked {
    /// Nobody knows whom to tell: a page.
    OnPage(Denial),
    /// The application is told.
    Reply(Box<ReplyTo>, Denial),
    /// We failed.
    Stopped(Stopped),
}

impl From<Denial> for NotAsked {
    fn from(denial: Denial) -> Self {
        Self::OnPage(denial)
    }
}

/// What a browser's request is answered with.
#[derive(Debug)]
pub(crate) enum Reaction {
    /// The answer to the application.
    Reply(ReplyTo, Vec<(&'static str, String)>, SetCookies),
    /// On to this path of our own.
    Go(String, SetCookies),
    /// A page.
    Show(Box<Page>, SetCookies),
    /// The last page of a sign-in: there is nothing to come back to.
    Last(Box<Page>, SetCookies),
}

impl Asked {
    /// Understands a request. The order is what a client can observe: tenant, client, redirect URI, whose faults are shown
    /// to the person; then everything else, told to the application (facts/entra-errors.md §1.4).
    pub(crate) fn read(app: &App, call: Call, purpose: Purpose) -> Result<Self, NotAsked> {
        let segment = TenantSegment::parse(&call.tenant_segment)?;
        if segment == TenantSegment::Consumers && call.version == EndpointVersion::V1 {
            return Err(Denial::new(90027).into());
        }
        let snapshot = app.snapshot().map_err(NotAsked::Stopped)?;
        let client_id = call.form.required("client_id")?;
        let any_tenant = !matches!(segment, TenantSegment::Id(_) | TenantSegment::Domain(_));
        let tenant = match snapshot.tenant_of_segment(&segment) {
            Some(tenant) => Arc::clone(tenant),
            None if any_tenant => registered_somewhere(&snapshot, client_id)
                .ok_or_else(|| Denial::new(700016).with("appId", client_id).with("tenant", &call.tenant_segment))?,
            None => return Err(token::unknown_tenant(&call.tenant_segment).into()),
        };
        let client = client_auth::find_client(&tenant, &call.tenant_as_asked(&tenant), client_id)?;
        let reply = match purpose {
            Purpose::SignIn | Purpose::AdminConsent => Some(ReplyTo::read(&call.form, client)?),
            Purpose::Device { .. } | Purpose::Account => None,
        };
        let told = |denial: Denial| match &reply {
            Some(reply) => NotAsked::Reply(Box::new(reply.clone()), denial),
            None => NotAsked::OnPage(denial),
        };
        let request = match purpose {
            Purpose::Device { .. } | Purpose::Account => AuthorizeRequest::without_answer(&call.form, call.version),
            Purpose::SignIn => AuthorizeRequest::read(&call.form, client, call.version),
            Purpose::AdminConsent => AuthorizeRequest::of_admin_consent(&call.form, client, call.version),
        };
        let request = request.map_err(told)?;
        let scopes = request.scope.by_resource(&tenant, &call.origin).map_err(told)?;
        let client = client.app_id;
        let hint = request.domain_hint.as_deref().and_then(|hint| {
            DomainHint::read(hint, &segment, |domain| snapshot.tenant_of_domain(domain).map(|tenant| &**tenant))
        });
        let asked = Self { purpose, call, snapshot, tenant, any_tenant, client, reply, request, hint, scopes }.hinted();
        for scope in &asked.scopes {
            if let Err(denial) = scope.resolve(&asked.tenant, &asked.call.origin) {
                return Err(match &asked.reply {
                    Some(reply) => NotAsked::Reply(Box::new(reply.clone()), asked.scope_fault(scope, denial)),
                    None => NotAsked::OnPage(denial),
                });
            }
        }
        Ok(asked)
    }

    /// A permission that the resource does not have has a number of its own here (AADSTS650053, captured).
    fn scope_fault(&self, scope: &ScopeRequest, denial: Denial) -> Denial {
        if denial.code() != 70011 {
            return denial;
        }
        let values: Vec<_> = scope.scopes.iter().map(|scope| scope.value.as_str()).collect();
        Denial::new(650053)
            .with("appName", self.application().map_or("", |client| &client.display_name))
            .with("scope", values.join(" "))
            .with("resource", scope.resource())
    }

    /// The application that asks. It was found when the request was read; should it be gone, nothing is asked.
    pub(crate) fn application(&self) -> Option<&Application> {
        self.tenant.application(self.client)
    }

    /// The application, where there must be one.
    pub(crate) fn client(&self) -> Result<&Application, Stopped> {
        self.application().ok_or_else(|| {
            Denial::new(700016).with("appId", self.client).with("tenant", &self.call.tenant_segment).into()
        })
    }

    /// What the sign-in is for, and what else consent is asked for.
    pub(crate) fn resolved(&self) -> Result<Vec<ResolvedScopes<'_>>, Denial> {
        self.scopes.iter().map(|scope| scope.resolve(&self.tenant, &self.call.origin)).collect()
    }

    /// The same request in the tenant of this name's domain, where the path named none and the application is there.
    pub(crate) fn in_tenant_of(self, sign_in_name: &str) -> Self {
        let home = self.snapshot.tenant_of_name(sign_in_name).cloned();
        self.at_home_in(home)
    }

    /// Likewise in the tenant that the application hints at.
    fn hinted(self) -> Self {
        let home = match self.hint {
            Some(DomainHint::Tenant { tenant, .. }) => self.snapshot.tenant(tenant).cloned(),
            Some(DomainHint::Organizations | DomainHint::Consumers) | None => None,
        };
        self.at_home_in(home)
    }

    fn at_home_in(mut self, home: Option<Arc<Tenant>>) -> Self {
        let home = home.filter(|home| self.any_tenant && home.id != CONSUMER_TENANT);
        if let Some(home) = home.filter(|home| home.application(self.client).is_some()) {
            self.tenant = home;
        }
        self
    }

    /// Whether the application's hint leaves room for an account that lives there.
    pub(crate) fn may_mean(&self, home: TenantId) -> bool {
        match self.hint {
            Some(DomainHint::Organizations) => home != CONSUMER_TENANT,
            Some(DomainHint::Consumers) => home == CONSUMER_TENANT,
            Some(DomainHint::Tenant { tenant, .. }) => home == tenant,
            None => true,
        }
    }

    /// The answer to the application that sent the browser, with `state` as it came; `None` where none did.
    pub(crate) fn answer(&self, mut parameters: Vec<(&'static str, String)>, cookies: SetCookies) -> Option<Reaction> {
        let reply = self.reply.clone()?;
        parameters.extend(reply.state.clone().map(|state| ("state", state)));
        Some(Reaction::Reply(reply, parameters, cookies))
    }
}

/// On an alias the application is looked for in every tenant, lowest id first, so that the answer is always the same.
fn registered_somewhere(snapshot: &Snapshot, client_id: &str) -> Option<Arc<Tenant>> {
    let client = client_id.trim().to_ascii_lowercase().parse::<AppId>().ok()?;
    let tenants = snapshot.tenants().filter(|tenant| tenant.id != CONSUMER_TENANT);
    tenants.filter(|tenant| tenant.application(client).is_some()).min_by_key(|tenant| tenant.id).cloned()
}
