//! Signing in for a device: the page where its code is typed, the person's word, and the last page.

use ropeway_core::oauth::form::Form;
use ropeway_core::time::TenantTime;
use ropeway_core::token::{DeviceAnswer, UserCode};
use ropeway_store::WaitingDevice;
use uuid::Uuid;

use super::progress::Notice;
use super::{begin, view};
use crate::app::App;
use crate::authorize::{Asked, Purpose, Reaction};
use crate::browser::{Browser, SetCookies};
use crate::moment::Moment;
use crate::outcome::Stopped;
use crate::pages::{DeviceAnsweredPage, Page, UserCodePage, words};
use crate::token::Call;

/// The page that asks for the code.
pub(crate) fn ask_for_user_code(notice: Option<Notice>) -> Result<Reaction, Stopped> {
    Ok(Reaction::Show(Box::new(Page::of(&UserCodePage { notice })?), SetCookies::default()))
}

/// Begins the sign-in that the code stands for. It is the application's own request, sent by the device.
pub(crate) async fn user_code_typed(
    app: &App,
    moment: &Moment,
    origin: &str,
    correlation_id: Uuid,
    browser: &Browser,
    typed: &str,
) -> Result<Reaction, Stopped> {
    if typed.trim().is_empty() {
        return again(90119, words::USER_CODE_WANTED);
    }
    if !app.device_pace.may_guess(moment.ip, moment.wall) {
        return again(70018, words::TOO_MANY_USER_CODES);
    }
    let Some(device) = find(app, moment, typed)? else {
        app.device_pace.guessed_wrong(moment.ip, moment.wall);
        return again(70018, words::WRONG_USER_CODE);
    };
    if device.answer != DeviceAnswer::Pending {
        return again(90120, words::ANSWERED_USER_CODE);
    }
    let call = Call {
        moment: *moment,
        correlation_id,
        origin: origin.to_owned(),
        version: device.code.version(),
        tenant_segment: device.code.segment.clone(),
        authorization: None,
        page_origin: None,
        form: Form::parse(device.code.parameters.as_bytes())?,
    };
    let purpose = Purpose::Device { hash: device.hash, ip: device.code.ip, asked_in: Some(device.code.tenant) };
    match begin(app, &call, purpose, &device.code.parameters, browser).await {
        Err(Stopped::Denied(denial)) => Ok(view::refusal(&call, &denial, SetCookies::default())),
        begun => begun,
    }
}

/// What time it is where the device's code ends.
pub(super) fn now(asked: &Asked) -> TenantTime {
    let asked_in = match asked.purpose {
        Purpose::Device { asked_in, .. } => asked_in.and_then(|tenant| asked.snapshot.tenant(tenant)),
        Purpose::SignIn | Purpose::AdminConsent | Purpose::Account => None,
    };
    asked.call.moment.in_tenant(asked_in.unwrap_or(&asked.tenant))
}

/// The last page: the device goes on by itself, or does not.
pub(super) fn answered(asked: &Asked, approved: bool, cookies: SetCookies) -> Result<Reaction, Stopped> {
    let application = asked.application().map(|client| client.display_name.clone()).unwrap_or_default();
    Ok(Reaction::Last(Box::new(Page::of(&DeviceAnsweredPage { application, approved })?), cookies))
}

fn find(app: &App, moment: &Moment, typed: &str) -> Result<Option<WaitingDevice>, Stopped> {
    let Some(code) = UserCode::parse(typed) else { return Ok(None) };
    let Some(device) = app.store.read(|reads| reads.device_of(&code))? else { return Ok(None) };
    let snapshot = app.snapshot()?;
    let alive = snapshot.tenant(device.code.tenant).is_some_and(|tenant| moment.in_tenant(tenant) < device.expires);
    Ok(Some(device).filter(|_| alive))
}

fn again(code: u32, text: &str) -> Result<Reaction, Stopped> {
    ask_for_user_code(Some(Notice { code, text: text.to_owned() }))
}
