//! `grant_type=authorization_code` (RFC 6749 §4.1.3): what a sign-in on the page was answered with.

use ropeway_core::directory::ClientPlatform;
use ropeway_core::error::Denial;
use ropeway_core::ids::AppId;
use ropeway_core::oauth::pkce;
use ropeway_core::oauth::redirect_uri;
use ropeway_core::oauth::tenant_segment::TenantSegment;
use ropeway_core::oauth::token::AuthorizationCodeRequest;
use ropeway_core::token::AuthorizationCode;

use crate::app::App;
use crate::browser;
use crate::grants::redemption::{Asker, Redeemed};
use crate::issue::Approved;
use crate::outcome::Stopped;
use crate::record::{Draft, Redemption};
use crate::token::{Call, Request};

/// Takes the request to its decision. Everything that the authorization request said binds: client, tenant, redirect URI,
/// challenge. That the code is redeemed once is the database's verdict, when the redemption is recorded; until then the
/// code was not used, whatever was wrong with the request.
pub(crate) async fn decide(app: &App, call: &Call, request: Request, draft: &mut Draft) -> Result<Approved, Stopped> {
    let credential = call.credential()?;
    let AuthorizationCodeRequest { code, redirect_uri, code_verifier, target } =
        AuthorizationCodeRequest::read(&call.form, call.version)?;
    let hash = browser::hash(code.expose());
    let found = app.store.read(|reads| reads.authorization_code(&hash))?;

    let tenant = match (&request.segment, &found) {
        (TenantSegment::Id(_) | TenantSegment::Domain(_), _) => request.tenant(None)?,
        (_, Some((code, _))) => {
            request.snapshot.tenant(code.authorization.tenant).cloned().ok_or_else(|| Denial::new(50059))?
        }
        (_, None) => return Err(Denial::new(9002313).into()),
    };
    draft.tenant = Some(tenant.clone());
    let on_the_web = found.as_ref().is_some_and(|(code, _)| code.platform == ClientPlatform::Web);
    let (client, client_proof) = request.client(app, call, &tenant, &credential, on_the_web, draft).await?;
    let (code, expires) = found.ok_or_else(|| Denial::new(9002313))?;
    bound(&request, client.app_id, &code, redirect_uri.as_deref())?;
    if call.moment.in_tenant(&tenant) >= expires {
        return Err(Denial::new(70008).into());
    }
    call.redeemed_by(code.platform == ClientPlatform::Spa)?;
    if code.platform == ClientPlatform::Spa && code.challenge.is_none() {
        return Err(Denial::new(9002325).into());
    }
    pkce::verify(code.challenge.as_ref(), code_verifier.as_deref())?;

    let authorization = Box::new(code.authorization);
    let redeemed = Redeemed {
        redemption: Redemption {
            hash,
            ends_in: tenant.id,
            now: call.moment.in_tenant(&tenant),
            expires,
            authorization: authorization.id,
        },
        authorization,
        confidential: on_the_web,
        single_page: code.platform == ClientPlatform::Spa,
    };
    redeemed.conclude(app, call, &request, Asker { tenant: &tenant, client, client_proof }, &target, draft)
}

/// Another client's code is AADSTS700007 as another client's refresh token is (inferred); another redirect URI AADSTS500112, a missing one AADSTS700009.
fn bound(request: &Request, client: AppId, code: &AuthorizationCode, redirect_uri: Option<&str>) -> Result<(), Denial> {
    if code.authorization.client != client {
        return Err(Denial::new(700007));
    }
    request.redeems_where_asked(&code.segment, code.authorization.tenant)?;
    match redirect_uri {
        None if code.redirect_uri_explicit => Err(Denial::new(700009)),
        Some(uri) if uri != code.redirect_uri && !same_address(&code.redirect_uri, uri) => {
            Err(Denial::new(500112).with("redirectUri", uri).with("requestedRedirectUri", &code.redirect_uri))
        }
        _ => Ok(()),
    }
}

/// A library may add the slash of an empty path (openid-client); the port is the request's own and must be the same.
fn same_address(asked: &str, presented: &str) -> bool {
    let port = |uri: &str| url::Url::parse(uri).ok().and_then(|url| url.port_or_known_default());
    redirect_uri::same(asked, presented) && port(asked) == port(presented)
}
