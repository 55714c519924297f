//! From where a sign-in stands to the page that shows it.

use base64::Engine as _;
use fast_qr::QRBuilder;
use fast_qr::convert::svg::SvgBuilder;
use http::StatusCode;
use ropeway_core::error::Denial;
use ropeway_core::error::render::{self, AnswerContext, EndpointVersion};
use ropeway_core::oauth::authorize::ReplyTo;
use ropeway_core::signin::{Next, Partner, Step};
use uuid::Uuid;

use super::consent;
use super::enrolment;
use super::progress::Opened;
use super::stand::Stand;
use crate::authorize::{Purpose, Reaction};
use crate::browser::SetCookies;
use crate::moment::Moment;
use crate::outcome::Stopped;
use crate::pages::{
    AccountTile, AdminConsentPage, AtPartnerPage, ChooseAccountPage, ConfirmDevicePage, ConsentPage, EnrolPage,
    NewPasswordPage, Page, PasswordPage, RefusalPage, SecondFactorPage, Shell, StaySignedInPage, UserNamePage, words,
};
use crate::token::Call;

/// The page at which a sign-in stands. Where it stands at its end there is none: `complete` has the answer.
pub(super) fn page(opened: &Opened, stand: &Stand) -> Result<Option<Page>, Stopped> {
    let shell = shell(opened, stand);
    let who = stand.user.as_ref();
    let page = match &stand.next {
        Next::Done(_) => return Ok(None),
        Next::UserName => {
            let hint = opened.visit.asked.request.login_hint.clone().unwrap_or_default();
            Page::of(&UserNamePage { shell, hint })?
        }
        Next::ChooseAccount => {
            let accounts = opened.visit.offered().map(|account| AccountTile {
                session: account.session.id.to_string(),
                name: account.display_name.clone(),
                sign_in_name: account.sign_in_name.clone(),
            });
            Page::of(&ChooseAccountPage { accounts: accounts.collect(), shell })?
        }
        Next::Step(Step::Password) => Page::of(&PasswordPage { shell })?,
        Next::Step(Step::NewPassword) => Page::of(&NewPasswordPage { shell })?,
        Next::Step(Step::SecondFactor { .. }) => Page::of(&SecondFactorPage { shell })?,
        Next::Step(Step::EnrolSecondFactor { .. }) => {
            let secret = opened.visit.progress.enrolling.clone().unwrap_or_default();
            let name = who.map_or("", |who| &who.sign_in_name);
            let url = enrolment::otpauth_url(&opened.visit.asked.tenant.display_name, name, &secret);
            let code = QRBuilder::new(url.as_str()).build();
            let code = code.map_err(|error| Stopped::Broken(anyhow::anyhow!("drawing a QR code: {error:?}")))?;
            let picture = base64::engine::general_purpose::STANDARD.encode(SvgBuilder::default().to_str(&code));
            Page::of(&EnrolPage { shell, secret, picture })?
        }
        Next::Step(Step::Consent { .. }) | Next::ConsentAgain => {
            let wishes = consent::wishes(&opened.visit)?;
            let choice = opened.visit.asked.purpose != Purpose::AdminConsent;
            let for_all = choice && who.is_some_and(|who| ropeway_core::policy::consent::is_administrator(&who.roles));
            let for_everybody = !choice;
            let reply = opened.visit.asked.reply.as_ref();
            let redirect_host = reply.and_then(|reply| reply.redirect_uri.url.host_str()).map(str::to_owned);
            Page::of(&ConsentPage { shell, wishes, for_all, for_everybody, redirect_host })?
        }
        Next::Step(Step::AdminConsent { .. }) => {
            Page::of(&AdminConsentPage { wishes: consent::wishes(&opened.visit)?, shell })?
        }
        Next::Step(Step::AtPartner(partner)) => {
            let provider = match partner {
                Partner::FederationService => words::FEDERATION_SERVICE,
                Partner::MicrosoftAccount => words::MICROSOFT_ACCOUNTS,
                Partner::Google => words::GOOGLE,
            };
            Page::of(&AtPartnerPage { shell, provider })?
        }
        Next::ConfirmDevice => {
            let ip = match opened.visit.asked.purpose {
                Purpose::Device { ip, .. } => ip.to_string(),
                Purpose::SignIn | Purpose::AdminConsent | Purpose::Account => String::new(),
            };
            Page::of(&ConfirmDevicePage { shell, ip })?
        }
        Next::StaySignedIn => Page::of(&StaySignedInPage { shell })?,
        Next::Refuse(denial) => {
            let call = &opened.visit.asked.call;
            let error = render::page_error(denial, &context(call));
            Page::of(&RefusalPage { shell: Some(shell), error })?
        }
    };
    Ok(Some(match &opened.visit.asked.reply {
        Some(reply) => page.sending_to(reply),
        None => page,
    }))
}

fn shell(opened: &Opened, stand: &Stand) -> Shell {
    let asked = &opened.visit.asked;
    Shell {
        tenant: asked.tenant.display_name.clone(),
        application: asked.application().map(|client| client.display_name.clone()).unwrap_or_default(),
        action: format!("/{}/login", asked.call.tenant_segment),
        ctx: opened.key.expose().to_owned(),
        flow_token: opened.version,
        notice: opened.visit.progress.notice.clone(),
        who: stand.user.as_ref().map(|user| user.sign_in_name.clone()),
    }
}

/// A refusal that only the person sees: nothing of the request can be trusted.
pub(crate) fn refusal(call: &Call, denial: &Denial, cookies: SetCookies) -> Reaction {
    said(denial, &context(call), cookies)
}

/// A refusal that the application is told.
pub(super) fn told(call: &Call, reply: ReplyTo, denial: &Denial, cookies: SetCookies) -> Reaction {
    let mut parameters = render::redirect_error(denial, &context(call));
    parameters.extend(reply.state.clone().map(|state| ("state", state)));
    Reaction::Reply(reply, parameters, cookies)
}

/// The sign-in is over, or another browser's.
pub(super) fn over(call: Option<&Call>, moment: &Moment, origin: &str) -> Reaction {
    let context = AnswerContext {
        version: EndpointVersion::V2,
        origin,
        trace_id: moment.trace_id,
        correlation_id: call.map_or(Uuid::nil(), |call| call.correlation_id),
        now: moment.wall,
    };
    said(&Denial::new(50089), &context, SetCookies::default())
}

fn said(denial: &Denial, context: &AnswerContext<'_>, cookies: SetCookies) -> Reaction {
    let row = denial.row();
    tracing::info!("refused on a page AADSTS{} {}; {}", row.code, row.name, row.remedy);
    let page = RefusalPage { shell: None, error: render::page_error(denial, context) };
    let page = Page::of(&page).unwrap_or_else(|_| Page::plain(denial.message()));
    Reaction::Last(Box::new(page.with_status(StatusCode::BAD_REQUEST)), cookies)
}

pub(super) fn context(call: &Call) -> AnswerContext<'_> {
    AnswerContext {
        version: call.version,
        origin: &call.origin,
        trace_id: call.moment.trace_id,
        correlation_id: call.correlation_id,
        now: call.moment.wall,
    }
}
