//! A device without a browser: its person types a code elsewhere, and says yes or no.

use std::time::Duration;

use ropeway_core::directory::TenantClock;
use ropeway_core::ids::AZURE_CLI;
use ropeway_testkit::sample::{
    ALPINE, ASSIGNED_TOOL, EMPLOYEE_API_URI, FJORD, NIGHTLY_JOB, NIGHTLY_JOB_SECRET, PASSWORD, TOTP_SECRET,
};
use ropeway_testkit::{Answer, Browser, Landed, TestTenant};

use crate::authorize::Ask;
use crate::lockout::futures_like::join_all;
use crate::sign_in_page::code;

/// What a device was given.
pub(crate) struct Device {
    pub(crate) device_code: String,
    user_code: String,
}

impl Device {
    pub(crate) async fn ask(tenant: &TestTenant) -> Self {
        Self::of(&tenant.device_code().send().await.unwrap().granted().unwrap())
    }

    pub(crate) fn of(answer: &Answer) -> Self {
        let text = |name: &str| answer.body[name].as_str().unwrap().to_owned();
        Self { device_code: text("device_code"), user_code: text("user_code") }
    }

    /// A person types the code.
    pub(crate) async fn type_code(&self, browser: &mut Browser<'_>) -> Landed {
        let page = browser.open("/devicelogin").await.unwrap().page().unwrap();
        assert_eq!(page.page.testid, "page-user-code");
        browser.submit(&page, &[("otc", &self.user_code)]).await.unwrap()
    }

    /// A person signs in, as far as the page that asks whether the device is theirs.
    pub(crate) async fn sign_in(&self, browser: &mut Browser<'_>, user: &str) -> Landed {
        let landed = self.type_code(browser).await;
        browser.sign_in(landed, user, PASSWORD).await.unwrap()
    }

    /// A person says yes.
    pub(crate) async fn approve(&self, browser: &mut Browser<'_>, user: &str) {
        let confirm = self.confirm(browser, user).await;
        assert!(confirm.contains("Legacy tool") && confirm.contains("127."), "{confirm}");
    }

    /// As [`Device::approve`], for whatever application; gives the page that asked.
    pub(crate) async fn confirm(&self, browser: &mut Browser<'_>, user: &str) -> String {
        let confirm = self.sign_in(browser, user).await.page().unwrap();
        assert_eq!(confirm.page.testid, "page-confirm-device", "{}", confirm.html);
        let done = browser.submit(&confirm, &[("action", "continue")]).await.unwrap();
        assert_eq!(done.testid(), "page-device-approved");
        confirm.html
    }
}

#[tokio::test]
async fn a_person_signs_in_elsewhere_and_the_device_gets_tokens_once() {
    let tenant = TestTenant::start().await.unwrap();
    let answer = tenant.device_code().send().await.unwrap().granted().unwrap();
    let members: Vec<_> = answer.body.as_object().unwrap().keys().map(String::as_str).collect();
    let captured = ["user_code", "device_code", "verification_uri", "expires_in", "interval", "message"];
    assert_eq!(members.len(), captured.len(), "{members:?}");
    assert!(captured.iter().all(|name| members.contains(name)), "{members:?}");
    assert_eq!((answer.body["expires_in"].as_i64(), answer.body["interval"].as_i64()), (Some(900), Some(5)));
    let device = Device::of(&answer);
    let message = answer.body["message"].as_str().unwrap();
    let page = format!("{}/devicelogin", tenant.origin());
    assert!(message.contains(&page) && message.contains(&device.user_code), "{message}");

    let poll = || tenant.poll(&device.device_code);
    let pending = poll().send().await.unwrap();
    assert_eq!((pending.status, pending.error(), pending.code()), (400, "authorization_pending", Some(70016)));
    device.approve(&mut tenant.browser(), "cloud@alpine.test").await;
    let granted = poll().send().await.unwrap().granted().unwrap();
    assert_eq!(granted.id_claims()["preferred_username"], "cloud@alpine.test");
    assert_eq!(granted.access_claims()["scp"], "Employees.Read");
    let refreshed = tenant.refresh(granted.refresh_token()).send().await.unwrap();
    assert_eq!(refreshed.status, 200, "{}", refreshed.text);

    let again = poll().send().await.unwrap();
    assert_eq!((again.status, again.error(), again.code()), (400, "invalid_grant", Some(54005)));
    let ended = tenant.refresh(granted.refresh_token()).send().await.unwrap();
    assert_eq!(ended.code(), Some(70000), "two devices with one code: neither keeps what it got: {}", ended.text);
}

#[tokio::test]
async fn both_spellings_of_the_grant_and_both_generations_of_the_endpoint_are_served() {
    let tenant = TestTenant::start().await.unwrap();
    let device = Device::ask(&tenant).await;
    device.approve(&mut tenant.browser(), "cloud@alpine.test").await;
    let bare = tenant.poll(&device.device_code).set("grant_type", "device_code").send().await.unwrap();
    assert_eq!(bare.status, 200, "{}", bare.text);

    let answer = tenant.device_code().v1(EMPLOYEE_API_URI).send().await.unwrap().granted().unwrap();
    assert_eq!((answer.body["expires_in"].as_str(), answer.body["interval"].as_str()), (Some("900"), Some("5")));
    assert!(answer.body["verification_url"].as_str().unwrap().ends_with("/devicelogin"));
    let device = Device::of(&answer);
    device.approve(&mut tenant.browser(), "cloud@alpine.test").await;
    let poll = tenant.poll("").without("device_code").v1(EMPLOYEE_API_URI).set("code", &device.device_code);
    let v1 = poll.send().await.unwrap().granted().unwrap();
    assert_eq!(v1.body["resource"], EMPLOYEE_API_URI);
}

#[tokio::test]
async fn a_confidential_client_sends_its_secret_when_it_polls() {
    let tenant = TestTenant::start().await.unwrap();
    let ask = tenant.device_code().set("client_id", NIGHTLY_JOB);
    let device = Device::of(&ask.send().await.unwrap().granted().unwrap());
    let mut browser = tenant.browser();
    let confirm = device.sign_in(&mut browser, "cloud@alpine.test").await.page().unwrap();
    browser.submit(&confirm, &[("action", "continue")]).await.unwrap();
    let poll = tenant.poll(&device.device_code).set("client_id", NIGHTLY_JOB);
    assert_eq!(poll.send().await.unwrap().code(), Some(7000218));
    let wrong = poll.clone().set("client_secret", "wrong").send().await.unwrap();
    assert_eq!(wrong.code(), Some(7000215));
    let granted = poll.set("client_secret", NIGHTLY_JOB_SECRET).send().await.unwrap();
    assert_eq!(granted.status, 200, "{}", granted.text);
}

#[tokio::test]
async fn a_device_waits_is_slowed_down_and_is_told_no_or_too_late() {
    let tenant = TestTenant::start().await.unwrap();
    let error = async |device: &Device| {
        let answer = tenant.poll(&device.device_code).send().await.unwrap();
        assert_eq!(answer.status, 400);
        (answer.error().to_owned(), answer.code().unwrap())
    };
    let told = |error: &str, code| (error.to_owned(), code);
    let device = Device::ask(&tenant).await;
    assert_eq!(error(&device).await, told("authorization_pending", 70016));
    assert_eq!(error(&device).await, told("slow_down", 70016), "at once again");
    tenant.advance(Duration::from_secs(5)).await.unwrap();
    assert_eq!(error(&device).await, told("authorization_pending", 70016));

    let mut browser = tenant.browser();
    let confirm = device.sign_in(&mut browser, "cloud@alpine.test").await.page().unwrap();
    let left = browser.submit(&confirm, &[("action", "cancel")]).await.unwrap();
    assert_eq!(left.testid(), "page-device-declined");
    assert_eq!(error(&device).await, told("authorization_declined", 70018));
    let again = device.type_code(&mut browser).await;
    assert_eq!((again.testid(), again.code()), ("page-user-code", Some(90120)));

    let late = Device::ask(&tenant).await;
    let mut browser = tenant.browser();
    let confirm = late.sign_in(&mut browser, "cloud@alpine.test").await.page().unwrap();
    tenant.advance(Duration::from_secs(900)).await.unwrap();
    assert_eq!(error(&late).await, told("expired_token", 70020));
    let refused = browser.submit(&confirm, &[("action", "continue")]).await.unwrap();
    assert_eq!((refused.testid(), refused.code()), ("page-refusal", Some(90120)));
    let gone = late.type_code(&mut tenant.browser()).await;
    assert_eq!((gone.testid(), gone.code()), ("page-user-code", Some(70018)));

    let unknown = tenant.poll("garbage").send().await.unwrap();
    assert_eq!((unknown.error(), unknown.code()), ("bad_verification_code", Some(70018)));
}

#[tokio::test]
async fn one_poll_wins_and_one_answer_counts() {
    let tenant = TestTenant::start().await.unwrap();
    let device = Device::ask(&tenant).await;
    let (mut one, mut other) = (tenant.browser(), tenant.browser());
    let first = device.sign_in(&mut one, "cloud@alpine.test").await.page().unwrap();
    let second = device.sign_in(&mut other, "hashsync@alpine.test").await.page().unwrap();
    let done = one.submit(&first, &[("action", "continue")]).await.unwrap();
    assert_eq!(done.testid(), "page-device-approved");
    let late = other.submit(&second, &[("action", "continue")]).await.unwrap();
    assert_eq!((late.testid(), late.code()), ("page-refusal", Some(90120)));

    let polls = (0..20).map(|_| async { tenant.poll(&device.device_code).send().await.unwrap() });
    let answers = join_all(polls).await;
    let granted: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
    assert_eq!(granted.len(), 1);
    assert_eq!(granted[0].id_claims()["preferred_username"], "cloud@alpine.test");
    assert!(answers.iter().all(|answer| answer.status == 200 || answer.code() == Some(54005)));
}

#[tokio::test]
async fn a_code_asked_for_at_an_alias_is_redeemed_whatever_the_tenants_clocks_say() {
    const DAY: i64 = 86_400;
    for (alpine, fjord) in [(0, 0), (0, DAY), (DAY, 0)] {
        let tenant = TestTenant::start().await.unwrap();
        for (id, seconds) in [(ALPINE, alpine), (FJORD, fjord)] {
            let clock = TenantClock::Offset { seconds };
            tenant.app().change_tenant(id, move |tenant| tenant.settings.clock = clock).await.unwrap();
        }
        let ask = tenant
            .device_code()
            .at("organizations")
            .set("client_id", AZURE_CLI)
            .set("scope", "openid offline_access User.Read");
        let device = Device::of(&ask.send().await.unwrap().granted().unwrap());
        device.confirm(&mut tenant.browser(), "guest@fjord.test").await;
        let poll = || tenant.poll(&device.device_code).at("organizations").set("client_id", AZURE_CLI);
        let granted = poll().send().await.unwrap();
        assert_eq!(granted.status, 200, "{alpine} {fjord}: {}", granted.text);
        assert_eq!(granted.id_claims()["tid"], FJORD.to_string());
        assert_eq!(poll().send().await.unwrap().code(), Some(54005), "{alpine} {fjord}");
        tenant.app().upkeep_once(None).await.unwrap();
        assert_eq!(poll().send().await.unwrap().code(), Some(54005), "{alpine} {fjord}, after a sweep");
        let refresh = tenant.refresh(granted.refresh_token()).at("organizations").set("client_id", AZURE_CLI);
        assert_eq!(refresh.send().await.unwrap().code(), Some(70000), "{alpine} {fjord}");
    }
}

#[tokio::test]
async fn the_same_decision_rules_a_device() {
    let tenant = TestTenant::start().await.unwrap();
    for (user, page, number) in [
        ("mfa@alpine.test", "page-second-factor", None),
        ("expired@alpine.test", "page-new-password", None),
        ("noconsent@alpine.test", "page-consent", None),
        ("blocked@alpine.test", "page-refusal", Some(53003)),
        ("disabled@alpine.test", "page-refusal", Some(50057)),
    ] {
        let device = Device::ask(&tenant).await;
        let landed = device.sign_in(&mut tenant.browser(), user).await;
        assert_eq!((landed.testid(), landed.code()), (page, number), "{user}");
        let pending = tenant.poll(&device.device_code).send().await.unwrap();
        assert_eq!(pending.code(), Some(70016), "{user}");
    }
    let ask = tenant.device_code().set("client_id", ASSIGNED_TOOL);
    let device = Device::of(&ask.send().await.unwrap().granted().unwrap());
    let landed = device.sign_in(&mut tenant.browser(), "unassigned@alpine.test").await;
    assert_eq!(landed.code(), Some(50105));

    let device = Device::ask(&tenant).await;
    let mut browser = tenant.browser();
    let factor = device.sign_in(&mut browser, "mfa@alpine.test").await.page().unwrap();
    let confirm = browser.submit(&factor, &[("otc", &code(&tenant, TOTP_SECRET, 0))]).await.unwrap().page().unwrap();
    browser.submit(&confirm, &[("action", "continue")]).await.unwrap();
    let granted = tenant.poll(&device.device_code).send().await.unwrap();
    assert_eq!(granted.status, 200, "whom the password grant refuses: {}", granted.text);
    let rows = tenant.app().sign_ins(ALPINE).unwrap();
    assert!(rows.iter().any(|row| row.grant == "device_code" && row.error_code == 0), "{rows:?}");
}

#[tokio::test]
async fn who_is_signed_in_already_confirms_and_nothing_else() {
    let tenant = TestTenant::start().await.unwrap();
    let mut browser = tenant.browser();
    let landed = browser.open(&Ask::modern_portal().url()).await.unwrap();
    browser.sign_in(landed, "cloud@alpine.test", PASSWORD).await.unwrap().reply().unwrap();
    let device = Device::ask(&tenant).await;
    let confirm = device.type_code(&mut browser).await;
    assert_eq!(confirm.testid(), "page-confirm-device", "a look at the page approves nothing");
    assert_eq!(tenant.poll(&device.device_code).send().await.unwrap().code(), Some(70016));
}

#[tokio::test]
async fn guessing_codes_is_bounded_and_forms_of_other_sites_are_not_looked_at() {
    let tenant = TestTenant::start().await.unwrap();
    let device = Device::ask(&tenant).await;
    let wrong = Device { user_code: "AAAAAAAAA".to_owned(), device_code: String::new() };
    let url = format!("{}/common/oauth2/deviceauth", tenant.origin());
    let forged = tenant.http().post(&url).header("origin", "https://evil.test").form(&[("otc", &device.user_code)]);
    assert_eq!(forged.send().await.unwrap().status(), 403);
    for _ in 0..20 {
        assert_eq!(wrong.type_code(&mut tenant.browser()).await.code(), Some(70018));
    }
    let mut browser = tenant.browser();
    assert_eq!(device.type_code(&mut browser).await.testid(), "page-user-code", "even the right one, for a while");
    tenant.set_wall_clock(ropeway_server::moment::WallClock::Running { offset: 300_000 });
    assert_eq!(device.type_code(&mut browser).await.testid(), "page-user-name");
}
