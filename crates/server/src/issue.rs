//! Step *issue*: what was granted and recorded becomes tokens.

use std::sync::Arc;

use anyhow::Context;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ropeway_core::claims::{Amr, Claims, Issue, Issuer, OpenIdScopes, Subject, UserSubject, client_info};
use ropeway_core::client_auth::ClientProof;
use ropeway_core::directory::{Application, Tenant};
use ropeway_core::error::render::EndpointVersion;
use ropeway_core::ids::{AppId, MICROSOFT_GRAPH};
use ropeway_core::oauth::claims_request::ClaimsRequest;
use ropeway_core::oauth::scope::{DEFAULT_SCOPE, OidcScope, ScopeRequest};
use ropeway_core::policy::password_age;
use ropeway_core::secret::Secret;
use ropeway_core::signin::Granted;
use ropeway_core::time::{TenantTime, WallTime};
use ropeway_core::token::{Authorization, Header, RefreshToken, RefreshTokenProofs, TokenVersion, sign};
use serde_json::Value;
use uuid::Uuid;

use crate::app::App;
use crate::authorize::Asked;
use crate::facts::{LoadedHome, LoadedUser};
use crate::keys::Keys;
use crate::outcome::{Number, Stopped, TokenAnswer, Told, V1Members};
use crate::token::Call;

/// A request that may have its tokens.
#[derive(Debug)]
pub(crate) struct Approved {
    pub(crate) tenant: Arc<Tenant>,
    pub(crate) client: AppId,
    pub(crate) client_proof: ClientProof,
    pub(crate) resource: AppId,
    pub(crate) resource_as_asked: String,
    pub(crate) scope: ScopeRequest,
    /// What `claims` asked for, in this request and in the one that it redeems.
    pub(crate) claims: ClaimsRequest,
    pub(crate) who: Who,
}

/// In whose name.
#[derive(Debug)]
pub(crate) enum Who {
    /// A user's, through the client.
    User(Box<SignedIn>),
    /// The client's own.
    Application {
        /// The app roles it has at the resource.
        roles: Vec<String>,
    },
}

/// A user whose sign-in was granted.
#[derive(Debug)]
pub(crate) struct SignedIn {
    pub(crate) user: LoadedUser,
    pub(crate) granted: Granted,
    pub(crate) basis: Basis,
}

/// What a sign-in rests on.
#[derive(Debug, Clone)]
pub(crate) enum Basis {
    /// The password, presented with this request.
    Password,
    /// A refresh token.
    Refresh(RefreshToken),
    /// What the person allowed on the page.
    Authorization {
        authorization: Box<Authorization>,
        /// It was given to a page, whose refresh tokens live a day.
        single_page: bool,
    },
    /// The page itself: for the id token of the authorize endpoint.
    Session {
        /// The browser session.
        session: Uuid,
        proofs: RefreshTokenProofs,
        nonce: Option<String>,
    },
}

impl Basis {
    fn proofs(&self, now: TenantTime) -> RefreshTokenProofs {
        match self {
            Self::Password => RefreshTokenProofs { password_at: Some(now), mfa_at: None },
            Self::Refresh(token) => token.proofs,
            Self::Authorization { authorization, .. } => authorization.proofs,
            Self::Session { proofs, .. } => *proofs,
        }
    }

    fn session(&self) -> Option<Uuid> {
        match self {
            Self::Password => None,
            Self::Refresh(token) => token.session,
            Self::Authorization { authorization, .. } => Some(authorization.session),
            Self::Session { session, .. } => Some(*session),
        }
    }

    fn nonce(&self) -> Option<&str> {
        match self {
            Self::Authorization { authorization, .. } => authorization.nonce.as_deref(),
            Self::Session { nonce, .. } => nonce.as_deref(),
            Self::Password | Self::Refresh(_) => None,
        }
    }

    /// The refresh token that comes of it. What is asked by default is what the first of its line asked for, whatever was
    /// asked in between (RFC 6749 §6).
    fn refresh_token(&self, approved: &Approved, home: &LoadedHome, now: TenantTime) -> RefreshToken {
        let first = RefreshToken {
            home_tenant: home.tenant.id,
            user: home.user.id,
            client: approved.client,
            client_is_confidential: approved.client_proof != ClientProof::None,
            session: self.session(),
            issued_at: now,
            first_issued_at: now,
            proofs: self.proofs(now),
            resource_tenant: approved.tenant.id,
            default_scopes: approved.scope.words(),
            authorization: None,
            single_page: false,
        };
        match self {
            Self::Password | Self::Session { .. } => first,
            Self::Authorization { authorization, single_page } => RefreshToken {
                default_scopes: authorization.scopes.clone(),
                authorization: Some(authorization.id),
                single_page: *single_page,
                ..first
            },
            Self::Refresh(token) => RefreshToken {
                client: approved.client,
                issued_at: now,
                resource_tenant: approved.tenant.id,
                ..token.clone()
            },
        }
    }
}

/// Makes the answer. An application gets an access token alone; a user also what OpenID Connect's scopes ask for.
pub(crate) fn issue(app: &App, call: &Call, approved: &Approved) -> Result<TokenAnswer, Stopped> {
    let missing = "an application that was just found is gone";
    let client = approved.tenant.application(approved.client).context(missing)?;
    let resource = approved.tenant.application(approved.resource).context(missing)?;
    let keys = app.keys();
    let issuer = app.issuer(&call.origin);
    let base = Base { app, call, approved, keys: &keys, issuer: &issuer, client, resource };
    match &approved.who {
        Who::Application { roles } => {
            let issue = Issue { resource_roles: roles, ..base.issue(Subject::App)? };
            Ok(base.answer(&issue, None)?)
        }
        Who::User(signed_in) => base.for_user(signed_in),
    }
}

/// The id token of the authorize endpoint; `code` is the one beside it.
pub(crate) fn id_token(
    app: &App,
    asked: &Asked,
    user: LoadedUser,
    granted: Granted,
    basis: Basis,
    code: Option<&Secret>,
) -> Result<Secret, Stopped> {
    let resolved = asked.resolved()?;
    let first = resolved.first().context("nothing is asked for")?;
    let approved = Approved {
        tenant: Arc::clone(&asked.tenant),
        client: asked.client,
        client_proof: ClientProof::None,
        resource: first.resource.app_id,
        resource_as_asked: first.resource_as_asked.clone(),
        scope: asked.request.scope.clone(),
        claims: asked.request.claims.clone(),
        who: Who::Application { roles: Vec::new() },
    };
    let keys = app.keys();
    let issuer = app.issuer(&asked.call.origin);
    let base = Base {
        app,
        call: &asked.call,
        approved: &approved,
        keys: &keys,
        issuer: &issuer,
        client: asked.client()?,
        resource: first.resource,
    };
    let signed_in = SignedIn { user, granted, basis };
    let token = base.with_user(&signed_in, |issue, _, _| Ok(base.id_token(issue, code)?))?;
    token.ok_or_else(|| anyhow::anyhow!("a user without an id token").into())
}

/// What every token of one answer is made with.
struct Base<'a> {
    app: &'a App,
    call: &'a Call,
    approved: &'a Approved,
    keys: &'a Keys,
    issuer: &'a Issuer,
    client: &'a Application,
    resource: &'a Application,
}

impl Base<'_> {
    fn for_user(&self, signed_in: &SignedIn) -> Result<TokenAnswer, Stopped> {
        let Self { app, call, approved, client, .. } = *self;
        let scope = &approved.scope;
        let v1 = call.version == EndpointVersion::V1;
        self.with_user(signed_in, |issue, home, home_now| {
            let granted = &signed_in.granted.scopes;
            let echoed = if v1 { issue.scopes.join(" ") } else { echo(scope, granted, self.resource) };
            let mut answer = self.answer(issue, Some(echoed))?;
            if v1 || scope.asks(OidcScope::OfflineAccess) {
                let token = signed_in.basis.refresh_token(approved, home, home_now);
                answer.refresh_token = Some(token.seal(&self.keys.sealing, app.source.random()?).context("sealing")?);
                answer.foci = client.foci.then_some("1");
            }
            if scope.asks(OidcScope::Openid) {
                answer.id_token = self.id_token(issue, None)?;
            }
            if call.form.first("client_info") == Some("1") {
                answer.client_info = Some(client_info(home.user.id, home.tenant.id));
            }
            Ok(answer)
        })
    }

    /// Lends what the tokens of a user are made from, and the home tenant's time.
    fn with_user<T>(
        &self,
        signed_in: &SignedIn,
        make: impl FnOnce(&Issue<'_>, &LoadedHome, TenantTime) -> Result<T, Stopped>,
    ) -> Result<T, Stopped> {
        let Self { call, approved, resource, .. } = *self;
        let SignedIn { user: loaded, granted, basis } = signed_in;
        let (Some(user), Some(home)) = (&loaded.user, &loaded.home) else {
            return Err(anyhow::anyhow!("granted to nobody").into());
        };
        let home_now = call.moment.in_tenant(&home.tenant);
        let proofs = basis.proofs(home_now);
        let mut amr = Vec::new();
        amr.extend(proofs.password_at.map(|_| Amr::Pwd));
        amr.extend(proofs.mfa_at.map(|_| Amr::Mfa));
        let subject = Subject::User(UserSubject {
            user,
            home_tenant: home.tenant.id,
            home_object: home.user.id,
            groups: &loaded.groups,
            assigned_groups: &loaded.assigned_groups(),
            directory_roles: &loaded.roles,
            amr: &amr,
            auth_time: proofs
                .password_at
                .max(proofs.mfa_at)
                .map(|at| wall_time(at, home_now, approved.tenant.settings.stamps_at(call.moment.wall))),
            password_expires_in: password_expires_in(&approved.tenant, home, home_now),
        });
        let scope = &approved.scope;
        let scopes = scp(&granted.scopes, scope, resource);
        // v1.0 knows no scope but `openid`: names are always there, and a refresh token always comes.
        let v1 = call.version == EndpointVersion::V1;
        let issue = Issue {
            scopes: &scopes,
            openid_scopes: OpenIdScopes {
                profile: v1 || scope.asks(OidcScope::Profile),
                email: scope.asks(OidcScope::Email),
            },
            resource_roles: &granted.resource_roles,
            client_roles: &granted.client_roles,
            contexts: &granted.contexts,
            nonce: basis.nonce(),
            session: basis.session(),
            ..self.issue(subject)?
        };
        make(&issue, home, home_now)
    }

    /// The id token in the endpoint's version. One that comes beside a code names it (OpenID Connect Core §3.3.2.11).
    fn id_token(&self, issue: &Issue<'_>, code: Option<&Secret>) -> anyhow::Result<Option<Secret>> {
        let v1 = self.call.version == EndpointVersion::V1;
        let (version, header) = if v1 { (TokenVersion::V1, Header::V1) } else { (TokenVersion::V2, Header::V2) };
        let Some(mut claims) = issue.id_token(version) else { return Ok(None) };
        if let Some(code) = code {
            let hash = digest(&SHA256, code.expose().as_bytes());
            claims.add("c_hash", URL_SAFE_NO_PAD.encode(&hash.as_ref()[..16]));
        }
        Ok(Some(Secret::new(sign(&self.keys.signing, header, &claims).context("signing an id token")?)))
    }

    fn issue<'b>(&'b self, subject: Subject<'b>) -> anyhow::Result<Issue<'b>> {
        let Self { app, call, approved, .. } = *self;
        let lifetime_seconds = match subject {
            Subject::App => 3600,
            // Entra draws 60 to 90 minutes, so that not all tokens of a morning expire at one moment.
            Subject::User(_) => 3600 + u32::from(u16::from_be_bytes(app.source.random()?)) % 1801,
        };
        Ok(Issue {
            issuer: self.issuer,
            tenant: &approved.tenant,
            client: self.client,
            client_proof: approved.client_proof,
            claims_request: &approved.claims,
            resource: self.resource,
            resource_as_asked: &approved.resource_as_asked,
            subject,
            scopes: &[],
            openid_scopes: OpenIdScopes::default(),
            resource_roles: &[],
            client_roles: &[],
            contexts: &[],
            ip: call.moment.ip,
            nonce: None,
            now: approved.tenant.settings.stamps_at(call.moment.wall),
            lifetime_seconds,
            uti: app.source.random()?,
            session: None,
            pairwise_key: &self.keys.pairwise,
        })
    }

    /// The answer with its access token and nothing else yet.
    fn answer(&self, issue: &Issue<'_>, scope: Option<String>) -> anyhow::Result<TokenAnswer> {
        let version = self.call.version;
        let claims = issue.access_token();
        // Entra counts from the end of the second in which it answers (captured: 3599 for an hour).
        let expires_in = Number::new(i64::from(issue.lifetime_seconds) - 1, version);
        let time = |claim: &str| Number::new(claims.get(claim).and_then(Value::as_i64).unwrap_or_default(), version);
        let v1 = (version == EndpointVersion::V1).then(|| V1Members {
            expires_on: time("exp"),
            not_before: time("nbf"),
            resource: issue.resource_as_asked.to_owned(),
        });
        Ok(TokenAnswer {
            told: Told { token_type: "Bearer", scope, expires_in: expires_in.clone(), ext_expires_in: expires_in, v1 },
            access_token: Secret::new(self.signed(issue, &claims)?),
            refresh_token: None,
            foci: None,
            id_token: None,
            client_info: None,
        })
    }

    fn signed(&self, issue: &Issue<'_>, claims: &Claims) -> anyhow::Result<String> {
        let nonce;
        let header = match issue.access_token_version() {
            _ if self.resource.app_id == MICROSOFT_GRAPH => {
                nonce = self.app.source.id()?.simple().to_string();
                Header::Graph { nonce: &nonce }
            }
            TokenVersion::V1 => Header::V1,
            TokenVersion::V2 => Header::V2,
        };
        sign(&self.keys.signing, header, claims).context("signing an access token")
    }
}

/// When something was, on the clock that tokens are stamped with: as long ago as it is in the tenant's time.
fn wall_time(at: TenantTime, now: TenantTime, wall: WallTime) -> WallTime {
    WallTime(wall.0.saturating_sub(now.0.saturating_sub(at.0)))
}

/// Of a password that this tenant keeps.
fn password_expires_in(tenant: &Tenant, home: &LoadedHome, now: TenantTime) -> Option<i64> {
    let kept_here = tenant.id == home.tenant.id && home.has_password && !home.user.pass_through;
    kept_here.then(|| password_age::expires_soon(&home.tenant, &home.user, now)).flatten()
}

/// `scp`: everything granted for the resource; OpenID Connect's names appear in Microsoft Graph's tokens only (captured),
/// as far as they were asked for. v1.0 cannot ask for them: there they come as granted.
fn scp(granted: &[String], asked: &ScopeRequest, resource: &Application) -> Vec<String> {
    let oidc = [OidcScope::Openid, OidcScope::Profile, OidcScope::Email, OidcScope::OfflineAccess].map(OidcScope::name);
    if asked.by_resource {
        let offline_access = OidcScope::OfflineAccess.name();
        return granted.iter().filter(|scope| *scope != offline_access).cloned().collect();
    }
    let mut scopes: Vec<String> = granted.iter().filter(|scope| !oidc.contains(&scope.as_str())).cloned().collect();
    if resource.app_id == MICROSOFT_GRAPH {
        let asked =
            asked.oidc.iter().filter(|scope| **scope != OidcScope::OfflineAccess).map(|scope| scope.name().to_owned());
        scopes.extend(asked);
    }
    scopes
}

/// The answer's `scope`: every granted scope in the form in which its resource was asked for, `.default` literally when it
/// was asked for, OpenID Connect's names first and for Microsoft Graph only; never `offline_access` (captured).
fn echo(asked: &ScopeRequest, granted: &[String], resource: &Application) -> String {
    let mut scopes: Vec<String> = Vec::new();
    if resource.app_id == MICROSOFT_GRAPH {
        let names = asked.oidc.iter().filter(|scope| **scope != OidcScope::OfflineAccess);
        scopes.extend(names.map(|scope| scope.name().to_owned()));
    }
    let prefix = asked.scopes.first().and_then(|scope| scope.resource.as_deref());
    let in_form = |value: &str| prefix.map_or_else(|| value.to_owned(), |resource| format!("{resource}/{value}"));
    let oidc = ["openid", "profile", "email", "offline_access"];
    scopes.extend(granted.iter().filter(|value| !oidc.contains(&value.as_str())).map(|value| in_form(value)));
    if asked.scopes.iter().any(|scope| scope.value == DEFAULT_SCOPE) {
        scopes.push(in_form(DEFAULT_SCOPE));
    }
    // A client looks for the very strings it sent, whatever the spelling (MSAL for Go, JavaScript and Python).
    for scope in asked.scopes.iter().map(ToString::to_string) {
        if !scopes.contains(&scope) {
            scopes.retain(|echoed| !echoed.eq_ignore_ascii_case(&scope));
            scopes.push(scope);
        }
    }
    scopes.join(" ")
}
