//! Signing out: the browser's sessions end, here and in the browser. Tokens of applications live on, as in Entra
//! (<https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc#send-a-sign-out-request>).

use ropeway_core::oauth::form::Form;
use ropeway_core::oauth::redirect_uri;
use ropeway_core::oauth::tenant_segment::TenantSegment;
use url::Url;

use crate::app::App;
use crate::browser::{Browser, SetCookies};
use crate::outcome::Stopped;
use crate::pages::{Page, SignedOutPage};

/// Where a sign-out leads.
#[derive(Debug)]
pub(crate) enum SignedOut {
    /// Back to the application.
    Go(Url),
    /// The page that says so, and tells the applications that have a `logoutUrl`.
    Show(Box<Page>),
}

/// Ends the browser's sessions. Only a registered redirect URI is gone back to; it need not be the one that signed in.
pub(crate) async fn sign_out(
    app: &App,
    segment: &str,
    form: &Form,
    browser: &Browser,
) -> Result<(SignedOut, SetCookies), Stopped> {
    let segment = TenantSegment::parse(segment)?;
    let snapshot = app.snapshot()?;
    let mut cookies = SetCookies::default();
    let mut frames = Vec::new();
    if let Some(hash) = browser.sessions_hash() {
        let told = app.store.read(|reads| {
            let mut told = Vec::new();
            for session in reads.sessions(&hash)? {
                told.extend(reads.apps_of_session(session.id)?.into_iter().map(|app| (session.id, app)));
            }
            Ok(told)
        })?;
        for (session, (tenant, client)) in told {
            let application = snapshot.tenant(tenant).and_then(|tenant| tenant.application(client));
            let Some(address) = application.and_then(|application| application.logout_url.as_deref()) else { continue };
            // A frame runs what it loads: nothing but a page of the web belongs there.
            let address = Url::parse(address).ok().filter(|address| matches!(address.scheme(), "https" | "http"));
            if let Some(mut address) = address {
                address.query_pairs_mut().append_pair("sid", &session.to_string());
                frames.push(address);
            }
        }
        app.store.write(move |tx| tx.end_sessions(&hash)).await?;
        cookies.end_sessions();
    }
    let next = form.first("post_logout_redirect_uri").and_then(|asked| {
        let alias = !matches!(segment, TenantSegment::Id(_) | TenantSegment::Domain(_));
        let one = snapshot.tenant_of_segment(&segment).map(|tenant| tenant.id);
        let mut uris = snapshot
            .tenants()
            .filter(|tenant| alias || Some(tenant.id) == one)
            .flat_map(|tenant| &tenant.applications)
            .flat_map(|application| &application.redirect_uris);
        let known = uris.any(|(_, registered)| redirect_uri::same(registered, asked));
        let mut url = Url::parse(asked).ok().filter(|_| known)?;
        if let Some(state) = form.first("state").filter(|state| !state.is_empty()) {
            url.query_pairs_mut().append_pair("state", state);
        }
        Some(url)
    });
    match next {
        Some(next) if frames.is_empty() => Ok((SignedOut::Go(next), cookies)),
        next => {
            let sources = frames.iter().map(|frame| frame.origin().ascii_serialization()).collect();
            let page =
                SignedOutPage { frames: frames.iter().map(Url::to_string).collect(), next: next.map(String::from) };
            Ok((SignedOut::Show(Box::new(Page::of(&page)?.with_frames(sources))), cookies))
        }
    }
}
