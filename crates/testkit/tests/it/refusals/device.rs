//! What a device can be refused with, when it asks and when it polls.

use std::time::Duration;

use ropeway_core::directory::{GrantControl, PerUserMfaState, PolicyUsers};
use ropeway_core::error::catalogue::RaisedBy;
use ropeway_core::time::TenantTime;
use ropeway_testkit::sample::{
    ALPINE, ASSIGNED_TOOL, FJORD, LEGACY_PORTAL, LEGACY_TOOL, NIGHTLY_JOB, NIGHTLY_JOB_SECRET, TIMESHEET_API_URI,
};
use ropeway_testkit::{Answer, TestTenant, TokenRequest};

use super::{Raised, note, raise, raise_v1};
use crate::device_code::Device;

/// A poll by the nightly job, which can prove itself in every way, for an approved code.
pub(super) async fn of_nightly_job(tenant: &TestTenant) -> TokenRequest<'_> {
    let ask = tenant.device_code().set("client_id", NIGHTLY_JOB);
    let device = Device::of(&ask.send().await.unwrap().granted().unwrap());
    device.confirm(&mut tenant.browser(), "cloud@alpine.test").await;
    tenant.poll(&device.device_code).set("client_id", NIGHTLY_JOB)
}

async fn approved(tenant: &TestTenant, user: &str) -> Device {
    let device = Device::ask(tenant).await;
    device.approve(&mut tenant.browser(), user).await;
    device
}

pub(super) async fn device_authorization(raised: &mut Raised) {
    let by = RaisedBy::DeviceAuthorization;
    let tenant = TestTenant::start().await.unwrap();
    let ask = || tenant.device_code();
    for (request, code) in [
        (ask().without("client_id"), 900144),
        (ask().without("scope"), 900144),
        (ask().add("scope", "x"), 90100),
        (ask().set("claims", "{"), 90100),
        (ask().set("resource", "https://graph.microsoft.com"), 901002),
        (ask().at("gone.test"), 90002),
        (ask().at("no%20tenant"), 900023),
        (ask().set("client_id", "e0a91000-0000-4000-8000-0000000000ff"), 700016),
        (ask().set("client_id", "e0a91000-0000-4000-8000-0000000000ff").at("common"), 700016),
        (ask().set("client_id", "00000000-0000-0000-0000-000000000000"), 700038),
        (ask().scope("employees/Read"), 70011),
        (ask().scope("api://employees.alpine.test/Employees.Write"), 70011),
        (ask().scope("api://unknown.alpine.test/.default"), 500011),
    ] {
        raise(raised, by, request, code).await;
    }
    raise_v1(raised, by, ask().v1("api://unknown.alpine.test"), 500011).await;
    raise_v1(raised, by, ask().v1(TIMESHEET_API_URI).at("consumers"), 90027).await;
    let url = format!("{}/oauth2/v2.0/devicecode", tenant.authority());
    note(raised, by, &Answer::read(tenant.http().get(&url).send().await.unwrap()).await.unwrap(), 900561);
    let garbled =
        tenant.http().post(&url).header("content-type", "application/x-www-form-urlencoded").body("client_id=%ff");
    note(raised, by, &Answer::read(garbled.send().await.unwrap()).await.unwrap(), 90013);
    disable_all(&tenant).await;
    raise(raised, by, ask(), 7000112).await;
}

pub(super) async fn device_code(raised: &mut Raised) {
    let by = RaisedBy::DeviceCode;
    let tenant = TestTenant::start().await.unwrap();
    let cloud = approved(&tenant, "cloud@alpine.test").await;
    let poll = || tenant.poll(&cloud.device_code);
    let portal = |secret: &str| poll().client(LEGACY_PORTAL, secret);
    for (request, code) in [
        (poll().without("device_code"), 900144),
        (poll().without("client_id"), 900144),
        (poll().add("device_code", "x"), 90100),
        (poll().set("claims", "{"), 90100),
        (poll().set("resource", "https://graph.microsoft.com"), 901002),
        (poll().set("device_code", "garbage"), 70018),
        (poll().set("device_code", "garbage").at("common"), 70018),
        (poll().set("client_id", "e0a91000-0000-4000-8000-0000000000ff"), 700016),
        (poll().set("client_id", "00000000-0000-0000-0000-000000000000"), 700038),
        (poll().set("client_secret", "x"), 700025),
        (poll().set("client_id", LEGACY_PORTAL), 7000218),
        (portal("wrong"), 7000215),
        (portal("legacy-portal-secret"), 700007),
        (poll().set("client_id", ASSIGNED_TOOL), 700007),
        (poll().at("organizations"), 700005),
        (poll().at(FJORD), 700016),
        (poll().scope("employees/Read"), 70011),
        (poll().scope("api://unknown.alpine.test/.default"), 500011),
        (poll().scope(&format!("{TIMESHEET_API_URI}/.default")), 65001),
    ] {
        raise(raised, by, request, code).await;
    }
    raise_v1(raised, by, poll().v1(TIMESHEET_API_URI), 650057).await;
    raise_v1(raised, by, poll().v1(TIMESHEET_API_URI).at("consumers"), 90027).await;

    of_the_user(raised, &tenant).await;

    assert_eq!(poll().send().await.unwrap().status, 200, "nothing of all that used the code up");
    raise(raised, by, poll(), 54005).await;
    let waiting = Device::ask(&tenant).await;
    raise(raised, by, tenant.poll(&waiting.device_code), 70016).await;
    tenant.advance(Duration::from_secs(900)).await.unwrap();
    raise(raised, by, tenant.poll(&waiting.device_code), 70020).await;

    let job = of_nightly_job(&tenant).await.client(NIGHTLY_JOB, NIGHTLY_JOB_SECRET);
    tenant
        .app()
        .change_tenant(ALPINE, |tenant| {
            let secrets = tenant.applications.iter_mut().flat_map(|app| &mut app.password_credentials);
            secrets.for_each(|secret| secret.end = Some(TenantTime(0)));
        })
        .await
        .unwrap();
    raise(raised, by, job, 7000222).await;
    disable_all(&tenant).await;
    raise(raised, by, poll(), 7000112).await;
}

/// What happens to an account between the page and the poll.
async fn of_the_user(raised: &mut Raised, tenant: &TestTenant) {
    let by = RaisedBy::DeviceCode;
    let (app, user) = (tenant.app(), "hashsync@alpine.test");
    let synced = approved(tenant, user).await;
    let poll = || tenant.poll(&synced.device_code);
    app.change_user(ALPINE, user, |user| user.per_user_mfa_state = PerUserMfaState::Enforced).await.unwrap();
    raise(raised, by, poll(), 50079).await;
    app.change_user(ALPINE, user, |user| {
        let secret_key = ropeway_core::secret::Secret::new(ropeway_testkit::sample::TOTP_SECRET);
        user.authentication_methods.push(ropeway_core::directory::AuthenticationMethod::SoftwareOath { secret_key });
    })
    .await
    .unwrap();
    raise(raised, by, poll(), 50076).await;
    app.change_user(ALPINE, user, |user| user.per_user_mfa_state = PerUserMfaState::Disabled).await.unwrap();
    let before = app.tenant(ALPINE).unwrap().conditional_access_policies.clone();
    app.change_tenant(ALPINE, |tenant| {
        let policies = &mut tenant.conditional_access_policies;
        policies.retain(|policy| policy.built_in_controls == [GrantControl::Block]);
        policies
            .iter_mut()
            .for_each(|policy| policy.users = PolicyUsers { include_all: true, ..PolicyUsers::default() });
    })
    .await
    .unwrap();
    raise(raised, by, poll(), 53003).await;
    let require_assignment = |required: bool| {
        let before = before.clone();
        app.change_tenant(ALPINE, move |tenant| {
            tenant.conditional_access_policies = before;
            let tool = tenant.applications.iter_mut().filter(|app| app.app_id == LEGACY_TOOL);
            tool.for_each(|app| app.app_role_assignment_required = required);
        })
    };
    require_assignment(true).await.unwrap();
    raise(raised, by, poll(), 50105).await;
    require_assignment(false).await.unwrap();
    let locked = Some(TenantTime(i64::MAX / 2));
    app.change_user(ALPINE, user, move |user| user.locked_until = locked).await.unwrap();
    let answer = poll().send().await.unwrap();
    assert_eq!(answer.status, 200, "a lock keeps guessers out, and a sign-in that was given stands: {}", answer.text);

    let disabled = approved(tenant, "cloudpw@onprem.alpine.test").await;
    let poll = || tenant.poll(&disabled.device_code);
    let user = "cloudpw@onprem.alpine.test";
    app.change_user(ALPINE, user, |user| user.account_enabled = false).await.unwrap();
    raise(raised, by, poll(), 50057).await;
    app.delete_user(ALPINE, user).await.unwrap();
    raise(raised, by, poll(), 50034).await;
}

async fn disable_all(tenant: &TestTenant) {
    let disable = |tenant: &mut ropeway_core::directory::Tenant| {
        tenant.applications.iter_mut().for_each(|app| app.account_enabled = false);
    };
    tenant.app().change_tenant(ALPINE, disable).await.unwrap();
}
