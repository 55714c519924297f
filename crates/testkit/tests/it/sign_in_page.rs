//! The page: where every refused user succeeds, step by step, and no step can be skipped.

use std::time::Duration;

use ropeway_core::directory::{PerUserMfaState, User};
use ropeway_core::secret::Secret;
use ropeway_core::totp;
use ropeway_testkit::sample::{ALPINE, EMPLOYEE_API_URI, NIGHTLY_JOB, NIGHTLY_JOB_SECRET, PASSWORD, TOTP_SECRET};
use ropeway_testkit::{Browser, Landed, Shown, TestTenant};

use crate::authorize::Ask;

/// The code that an authenticator app with this secret shows, some steps from now.
pub(crate) fn code(tenant: &TestTenant, secret: &str, steps: i64) -> String {
    let at = tenant.app().source.wall().plus_seconds(30 * steps);
    totp::code(&Secret::new(secret), at).unwrap()
}

async fn signed_in(tenant: &TestTenant, user: &str) -> Landed {
    let mut browser = tenant.browser();
    let landed = browser.open(&Ask::modern_portal().url()).await.unwrap();
    browser.sign_in(landed, user, PASSWORD).await.unwrap()
}

async fn finished(tenant: &TestTenant, browser: &mut Browser<'_>, landed: Landed) {
    let landed = match landed.testid() {
        "page-stay-signed-in" => browser.submit(&landed.page().unwrap(), &[("action", "no")]).await.unwrap(),
        _ => landed,
    };
    let answer = Ask::modern_portal().redeem(tenant, &landed.reply().unwrap()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[tokio::test]
async fn name_and_password_bring_a_code_that_brings_tokens() {
    let tenant = TestTenant::start().await.unwrap();
    let reply = signed_in(&tenant, "cloud@alpine.test").await.reply().unwrap();
    assert_eq!((reply.get("state"), reply.get("code").len()), ("st&te", 43));
    let answer = Ask::modern_portal().redeem(&tenant, &reply).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let id = answer.id_claims();
    assert_eq!((id["nonce"].as_str(), id["preferred_username"].as_str()), (Some("n-1"), Some("cloud@alpine.test")));
    assert_eq!(answer.access_claims()["sid"].as_str(), Some(reply.get("session_state")));
    assert_eq!(answer.access_claims()["scp"], "Employees.Read");
    assert!(!answer.refresh_token().is_empty());
}

#[tokio::test]
async fn the_page_asks_each_refused_user_for_what_is_missing() {
    let tenant = TestTenant::start().await.unwrap();
    for (user, page, code) in [
        ("guest@fjord.test", "application", None),
        ("hashsync@alpine.test", "application", None),
        ("cloudpw@onprem.alpine.test", "application", None),
        ("passthrough@alpine.test", "application", None),
        ("mfa@alpine.test", "page-second-factor", None),
        ("camfa@alpine.test", "page-second-factor", None),
        ("newmfa@alpine.test", "page-enrol", None),
        ("noconsent@alpine.test", "page-consent", None),
        ("expired@alpine.test", "page-new-password", None),
        ("mustchange@alpine.test", "page-new-password", None),
        ("onprem@onprem.alpine.test", "page-at-partner", None),
        ("personal@live.test", "page-at-partner", None),
        ("blocked@alpine.test", "page-refusal", Some(53003)),
        ("disabled@alpine.test", "page-refusal", Some(50057)),
        ("locked@alpine.test", "page-refusal", Some(50053)),
        ("nopassword@alpine.test", "page-refusal", Some(50056)),
        ("nobody@alpine.test", "page-user-name", Some(50034)),
    ] {
        let landed = signed_in(&tenant, user).await;
        assert_eq!((landed.testid(), landed.code()), (page, code), "{user}");
    }
}

#[tokio::test]
async fn a_wrong_password_is_said_on_the_page_and_counted_with_those_of_the_password_grant() {
    let tenant = TestTenant::start().await.unwrap();
    let mut browser = tenant.browser();
    let mut landed = browser.open(&Ask::modern_portal().url()).await.unwrap();
    for number in 0..10 {
        landed = browser.sign_in(landed, "cloud@alpine.test", &format!("wrong-{number}")).await.unwrap();
        assert!(landed.testid().starts_with("page-"), "{number}");
    }
    let refused = tenant.password("cloud@alpine.test").send().await.unwrap();
    assert_eq!(refused.code(), Some(50053), "{}", refused.text);
    let landed = signed_in(&tenant, "cloud@alpine.test").await;
    assert_eq!(landed.code(), Some(50053));
    assert_eq!(signed_in(&tenant, "hashsync@alpine.test").await.testid(), "application");
}

#[tokio::test]
async fn a_code_of_the_authenticator_app_is_taken_once_whatever_the_browser() {
    let tenant = TestTenant::start().await.unwrap();
    let now = code(&tenant, TOTP_SECRET, 0);
    let mut first = tenant.browser();
    let landed = first.open(&Ask::modern_portal().url()).await.unwrap();
    let landed = first.sign_in(landed, "mfa@alpine.test", PASSWORD).await.unwrap();
    let landed = first.submit(&landed.page().unwrap(), &[("otc", &now)]).await.unwrap();
    finished(&tenant, &mut first, landed).await;

    let mut second = tenant.browser();
    let landed = second.open(&Ask::modern_portal().url()).await.unwrap();
    let landed = second.sign_in(landed, "mfa@alpine.test", PASSWORD).await.unwrap();
    let landed = second.submit(&landed.page().unwrap(), &[("otc", &now)]).await.unwrap();
    assert_eq!((landed.testid(), landed.code()), ("page-second-factor", Some(500121)), "used before");
    let landed = second.submit(&landed.page().unwrap(), &[("otc", &code(&tenant, TOTP_SECRET, 1))]).await.unwrap();
    finished(&tenant, &mut second, landed).await;
}

#[tokio::test]
async fn guesses_at_a_code_are_counted_per_user_and_not_per_browser() {
    let tenant = TestTenant::start().await.unwrap();
    let mut last = None;
    for guess in 0..12 {
        let mut browser = tenant.browser();
        let landed = browser.open(&Ask::modern_portal().url()).await.unwrap();
        let landed = browser.sign_in(landed, "mfa@alpine.test", PASSWORD).await.unwrap();
        let wrong = format!("{:06}", 111_111 * (guess % 9) + guess);
        let landed = browser.submit(&landed.page().unwrap(), &[("otc", &wrong)]).await.unwrap();
        last = landed.code();
    }
    assert_eq!(last, Some(50053), "a new browser gives no new guesses");
    let landed = signed_in(&tenant, "camfa@alpine.test").await;
    assert_eq!(landed.testid(), "page-second-factor");
}

#[tokio::test]
async fn who_has_no_second_factor_registers_one_and_uses_it_next_time() {
    let tenant = TestTenant::start().await.unwrap();
    let mut browser = tenant.browser();
    let landed = browser.open(&Ask::modern_portal().url()).await.unwrap();
    let enrol = browser.sign_in(landed, "newmfa@alpine.test", PASSWORD).await.unwrap().page().unwrap();
    let secret = enrol.page.secret.clone().unwrap();
    let wrong = browser.submit(&enrol, &[("otc", "000000")]).await.unwrap().page().unwrap();
    assert_eq!((wrong.page.code, wrong.page.secret.as_deref()), (Some(500121), Some(secret.as_str())));
    let landed = browser.submit(&wrong, &[("otc", &code(&tenant, &secret, 0))]).await.unwrap();
    finished(&tenant, &mut browser, landed).await;

    let refused = tenant.password("newmfa@alpine.test").send().await.unwrap();
    assert_eq!(refused.code(), Some(50076), "the password grant now knows of the factor");
    assert_eq!(signed_in(&tenant, "newmfa@alpine.test").await.testid(), "page-second-factor");
}

#[tokio::test]
async fn a_new_password_lets_the_password_grant_in_again() {
    let tenant = TestTenant::start().await.unwrap();
    for user in ["expired@alpine.test", "mustchange@alpine.test"] {
        let before = tenant.password(user).send().await.unwrap();
        assert_eq!(before.code(), Some(50055));
        let mut browser = tenant.browser();
        let landed = browser.open(&Ask::modern_portal().url()).await.unwrap();
        let page = browser.sign_in(landed, user, PASSWORD).await.unwrap().page().unwrap();
        let choose = |new: &'static str, again: &'static str| [("newpasswd", new), ("confirmpasswd", again)];
        for (new, again) in [(PASSWORD, PASSWORD), ("short1-A", "other1-A"), ("weakweakweak", "weakweakweak")] {
            let page = browser.submit(&page, &choose(new, again)).await.unwrap();
            assert_eq!(page.testid(), "page-new-password", "{new}");
        }
        let page = browser.open(&page_address(&page)).await.unwrap().page().unwrap();
        let landed = browser.submit(&page, &choose("Winter-2043", "Winter-2043")).await.unwrap();
        finished(&tenant, &mut browser, landed).await;
        assert_eq!(tenant.password(user).send().await.unwrap().code(), Some(50126));
        let after = tenant.password(user).password_is("Winter-2043").send().await.unwrap();
        assert_eq!(after.status, 200, "{}", after.text);
    }
}

fn page_address(shown: &Shown) -> String {
    let ctx = shown.page.hidden.iter().find(|(name, _)| name == "ctx").map_or("", |(_, value)| value);
    format!("{}?ctx={ctx}", shown.page.action)
}

#[tokio::test]
async fn consent_on_the_page_lets_the_password_grant_in_and_declining_is_told() {
    let tenant = TestTenant::start().await.unwrap();
    let mut browser = tenant.browser();
    let landed = browser.open(&Ask::modern_portal().url()).await.unwrap();
    let page = browser.sign_in(landed, "noconsent@alpine.test", PASSWORD).await.unwrap().page().unwrap();
    assert!(page.html.contains("Modern portal") && page.html.contains("Employees.Read"), "{}", page.html);
    let declined = browser.submit(&page, &[("action", "cancel")]).await.unwrap();
    let reply = declined.clone().reply().unwrap();
    assert_eq!((declined.code(), reply.get("error"), reply.get("state")), (Some(65004), "consent_required", "st&te"));

    let landed = browser.open(&Ask::modern_portal().url()).await.unwrap();
    let page = browser.sign_in(landed, "noconsent@alpine.test", PASSWORD).await.unwrap().page().unwrap();
    let landed = browser.submit(&page, &[("action", "accept")]).await.unwrap();
    finished(&tenant, &mut browser, landed).await;
    let ask = Ask::modern_portal();
    let modern = tenant.password("noconsent@alpine.test").client(ask.client, ask.secret).send().await.unwrap();
    assert_eq!(modern.status, 200, "{}", modern.text);
    let other = tenant.password("noconsent@alpine.test").send().await.unwrap();
    assert_eq!(other.code(), Some(65001), "consent is per client");
}

#[tokio::test]
async fn where_users_may_not_consent_an_administrator_must() {
    let tenant = TestTenant::start().await.unwrap();
    tenant.app().change_tenant(ALPINE, |tenant| tenant.users_may_consent = false).await.unwrap();
    let mut browser = tenant.browser();
    let landed = browser.open(&Ask::modern_portal().url()).await.unwrap();
    let page = browser.sign_in(landed, "noconsent@alpine.test", PASSWORD).await.unwrap().page().unwrap();
    assert_eq!(page.page.testid, "page-admin-consent");
    let left = browser.submit(&page, &[("action", "cancel")]).await.unwrap().reply().unwrap();
    assert_eq!((left.get("error"), left.get("error_description")), ("access_denied", ""));

    let mut admin = tenant.browser();
    let landed = admin.open(&Ask::modern_portal().set("prompt", "consent").url()).await.unwrap();
    let landed = admin.sign_in(landed, "admin@alpine.test", PASSWORD).await.unwrap();
    let landed = admin.submit(&landed.page().unwrap(), &[("otc", &code(&tenant, TOTP_SECRET, 0))]).await.unwrap();
    let landed = admin.submit(&landed.page().unwrap(), &[("action", "accept"), ("for_all", "1")]).await.unwrap();
    finished(&tenant, &mut admin, landed).await;
    assert_eq!(signed_in(&tenant, "noconsent@alpine.test").await.testid(), "application");
}

#[tokio::test]
async fn no_step_is_skipped_replayed_or_finished_in_another_browser() {
    let tenant = TestTenant::start().await.unwrap();
    let mut browser = tenant.browser();
    let name = browser.open(&Ask::modern_portal().url()).await.unwrap().page().unwrap();
    let skipped =
        browser.submit(&name, &[("passwd", PASSWORD), ("otc", "000000"), ("action", "accept")]).await.unwrap();
    assert_eq!(skipped.testid(), "page-user-name");

    let name = skipped.page().unwrap();
    let password = browser.submit(&name, &[("loginfmt", "mfa@alpine.test")]).await.unwrap().page().unwrap();
    let replayed = browser.submit(&name, &[("loginfmt", "cloud@alpine.test")]).await.unwrap();
    assert_eq!(replayed.testid(), "page-password", "an old page changes nothing");
    assert!(replayed.page().unwrap().html.contains("mfa@alpine.test"));

    let mut other = tenant.browser();
    let stolen = other.submit(&password, &[("passwd", PASSWORD)]).await.unwrap();
    assert_eq!((stolen.testid(), stolen.code()), ("page-refusal", Some(50089)));
    let seen = other.open(&page_address(&password)).await.unwrap();
    assert_eq!(seen.code(), Some(50089));

    let landed = browser.submit(&password, &[("passwd", PASSWORD)]).await.unwrap();
    assert_eq!(landed.testid(), "page-second-factor", "the browser it belongs to goes on");
    let factor = landed.page().unwrap();
    let landed = browser.submit(&factor, &[("otc", &code(&tenant, TOTP_SECRET, 0))]).await.unwrap();
    let stay = landed.page().unwrap();
    let reply = browser.submit(&stay, &[("action", "no")]).await.unwrap().reply().unwrap();
    assert_eq!(reply.get("code").len(), 43);
    let again = browser.submit(&stay, &[("action", "no")]).await.unwrap();
    assert_eq!(again.code(), Some(50089), "a finished sign-in is over");
}

#[tokio::test]
async fn a_page_that_is_left_open_too_long_is_over() {
    let tenant = TestTenant::start().await.unwrap();
    let mut browser = tenant.browser();
    let name = browser.open(&Ask::modern_portal().url()).await.unwrap().page().unwrap();
    tenant.advance(Duration::from_secs(1_801)).await.unwrap();
    let late = browser.submit(&name, &[("loginfmt", "cloud@alpine.test")]).await.unwrap();
    assert_eq!(late.code(), Some(50089));
}

#[tokio::test]
async fn who_leaves_is_told_to_the_application() {
    let tenant = TestTenant::start().await.unwrap();
    let mut browser = tenant.browser();
    let page = browser.open(&Ask::modern_portal().url()).await.unwrap().page().unwrap();
    let reply = browser.submit(&page, &[("action", "cancel")]).await.unwrap().reply().unwrap();
    assert_eq!((reply.get("error"), reply.get("error_subcode")), ("access_denied", "cancel"));
}

#[tokio::test]
async fn pages_run_nothing_and_are_framed_by_nobody() {
    let tenant = TestTenant::start().await.unwrap();
    let hostile = Ask::modern_portal().set("login_hint", "\"><script>alert(1)</script>").set("state", "</form>\"<");
    let shown = tenant.browser().open(&hostile.url()).await.unwrap().page().unwrap();
    assert!(!shown.html.contains("<script>"), "{}", shown.html);
    for part in [
        "default-src 'none'",
        "script-src 'none'",
        "frame-ancestors 'none'",
        "form-action 'self' http://localhost:5003",
    ] {
        assert!(shown.policy.contains(part), "{part}: {}", shown.policy);
    }
}

#[tokio::test]
async fn a_form_of_another_site_is_not_looked_at() {
    let tenant = TestTenant::start().await.unwrap();
    let mut browser = tenant.browser();
    let page = browser.open(&Ask::modern_portal().url()).await.unwrap().page().unwrap();
    let cookies: Vec<_> = browser.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect();
    for (origin, status) in [("https://evil.test", 403), ("null", 403), (tenant.origin(), 302)] {
        let mut fields = page.page.hidden.clone();
        fields.push(("loginfmt".to_owned(), "cloud@alpine.test".to_owned()));
        let url = format!("{}{}", tenant.origin(), page.page.action);
        let request = tenant.http().post(url).header("origin", origin).header("cookie", cookies.join("; "));
        assert_eq!(request.form(&fields).send().await.unwrap().status(), status, "{origin}");
    }
}

#[tokio::test]
async fn at_adminconsent_an_administrator_consents_for_everybody_and_nobody_else_can() {
    let tenant = TestTenant::start().await.unwrap();
    let query = Ask::modern_portal().url();
    let (_, query) = query.split_once('?').unwrap();
    for (path, scope) in [("v2.0/adminconsent", true), ("adminconsent", false)] {
        let url = format!("/{ALPINE}/{path}?{query}");
        let mut user = tenant.browser();
        let landed = user.open(&url).await.unwrap();
        let page = user.sign_in(landed, "cloud@alpine.test", PASSWORD).await.unwrap().page().unwrap();
        assert_eq!(page.page.testid, "page-admin-consent");
        let mut admin = tenant.browser();
        let landed = admin.open(&url).await.unwrap();
        let landed = admin.sign_in(landed, "admin@alpine.test", PASSWORD).await.unwrap();
        let typed = code(&tenant, TOTP_SECRET, if scope { 0 } else { 1 });
        let page = admin.submit(&landed.page().unwrap(), &[("otc", &typed)]).await.unwrap().page().unwrap();
        assert!(page.html.contains("for everybody in Alpine"), "{}", page.html);
        let landed = admin.submit(&page, &[("action", "accept")]).await.unwrap();
        let reply = admin.submit(&landed.page().unwrap(), &[("action", "no")]).await.unwrap().reply().unwrap();
        assert_eq!((reply.get("admin_consent"), reply.get("state"), reply.get("code")), ("True", "st&te", ""));
        assert_eq!((reply.get("tenant"), !reply.get("scope").is_empty()), (ALPINE.to_string().as_str(), scope));
    }
    assert_eq!(signed_in(&tenant, "noconsent@alpine.test").await.testid(), "application");
}

#[tokio::test]
async fn at_adminconsent_application_permissions_are_asked_for_by_default_and_said() {
    let tenant = TestTenant::builder()
        .with(|directory| {
            let job = directory.tenants[0].tenant.application(NIGHTLY_JOB).unwrap().service_principal_id;
            directory.tenants[0].app_role_assignments.retain(|assignment| assignment.principal != job);
        })
        .start()
        .await
        .unwrap();
    let roles = async || {
        let answer = tenant.client_credentials().send().await.unwrap().granted().unwrap();
        answer.access_claims()["roles"].clone()
    };
    assert!(roles().await.is_null());
    let mut admin = tenant.browser();
    for (number, scope, given) in [(0, "Employees.Read", false), (1, ".default", true)] {
        let ask = Ask::of(NIGHTLY_JOB, NIGHTLY_JOB_SECRET, "http://localhost:7/authorised");
        let url = ask.set("scope", &format!("{EMPLOYEE_API_URI}/{scope}")).url();
        let mut landed = admin.open(&url.replace("/oauth2/v2.0/authorize", "/v2.0/adminconsent")).await.unwrap();
        if number == 0 {
            landed = admin.sign_in(landed, "admin@alpine.test", PASSWORD).await.unwrap();
            let typed = code(&tenant, TOTP_SECRET, 0);
            landed = admin.submit(&landed.page().unwrap(), &[("otc", &typed)]).await.unwrap();
        }
        let page = landed.page().unwrap();
        assert_eq!(page.page.testid, "page-consent");
        assert!(page.html.contains(r#"data-scope="Employees.Read"><strong>Read employees</strong>"#), "{}", page.html);
        assert_eq!(page.html.contains("Employees.Read.All, without a person"), given, "{}", page.html);
        let mut landed = admin.submit(&page, &[("action", "accept")]).await.unwrap();
        if landed.testid() == "page-stay-signed-in" {
            landed = admin.submit(&landed.page().unwrap(), &[("action", "no")]).await.unwrap();
        }
        assert_eq!(landed.reply().unwrap().get("admin_consent"), "True");
        assert_eq!(roles().await == serde_json::json!(["Employees.Read.All"]), given, "{scope}");
    }
}

#[tokio::test]
async fn every_refusal_is_one_row_of_the_sign_in_log_with_whose_it_was() {
    let tenant = TestTenant::start().await.unwrap();
    let rows = || {
        let rows = tenant.app().sign_ins(ALPINE).unwrap();
        rows.into_iter().map(|row| (row.user_principal_name, row.error_code)).collect::<Vec<_>>()
    };
    let row = |user: &str, code| (user.to_owned(), code);

    let mut browser = tenant.browser();
    let landed = browser.open(&Ask::modern_portal().url()).await.unwrap();
    let landed = browser.sign_in(landed, "blocked@alpine.test", "wrong").await.unwrap();
    assert_eq!(landed.code(), Some(50126));
    let refused = browser.submit(&landed.page().unwrap(), &[("passwd", PASSWORD)]).await.unwrap();
    assert_eq!(refused.code(), Some(53003));
    browser.submit(&refused.page().unwrap(), &[]).await.unwrap();
    let blocked = [row("blocked@alpine.test", 50126), row("blocked@alpine.test", 53003)];
    assert_eq!(rows(), blocked, "a page that is looked at again is no new attempt");

    let named = Ask::modern_portal().set("login_hint", "locked@alpine.test");
    assert_eq!(tenant.browser().open(&named.url()).await.unwrap().code(), Some(50053));
    assert_eq!(signed_in(&tenant, "nobody@alpine.test").await.code(), Some(50034));
    assert_eq!(rows()[2..], [row("locked@alpine.test", 50053), row("nobody@alpine.test", 50034)]);

    let mut browser = tenant.browser();
    let landed = browser.open(&Ask::modern_portal().url()).await.unwrap();
    let landed = browser.sign_in(landed, "cloud@alpine.test", PASSWORD).await.unwrap();
    finished(&tenant, &mut browser, landed).await;
    tenant
        .app()
        .change_user(ALPINE, "cloud@alpine.test", |user| user.per_user_mfa_state = PerUserMfaState::Enforced)
        .await
        .unwrap();
    let silent = Ask::modern_portal().set("prompt", "none").url();
    assert_eq!(browser.open(&silent).await.unwrap().code(), Some(50079));
    let of_cloud: Vec<_> = rows().into_iter().skip(4).collect();
    assert_eq!(of_cloud.last(), Some(&row("cloud@alpine.test", 50079)), "{of_cloud:?}");
    assert!(of_cloud.contains(&row("cloud@alpine.test", 0)), "{of_cloud:?}");
}

#[tokio::test]
async fn a_used_code_leaves_the_secret_that_is_being_registered() {
    let tenant = TestTenant::start().await.unwrap();
    let enrolling = async |browser: &mut Browser<'_>| {
        let landed = browser.open(&Ask::modern_portal().url()).await.unwrap();
        browser.sign_in(landed, "newmfa@alpine.test", PASSWORD).await.unwrap().page().unwrap()
    };
    let (mut first, mut second) = (tenant.browser(), tenant.browser());
    let (one, other) = (enrolling(&mut first).await, enrolling(&mut second).await);
    let (one_secret, other_secret) = (one.page.secret.clone().unwrap(), other.page.secret.clone().unwrap());
    assert_ne!(one_secret, other_secret);
    let other_code = code(&tenant, &other_secret, 0);
    let landed = first.submit(&one, &[("otc", &code(&tenant, &one_secret, 0))]).await.unwrap();
    finished(&tenant, &mut first, landed).await;
    let forget = |user: &mut User| user.authentication_methods.clear();
    tenant.app().change_user(ALPINE, "newmfa@alpine.test", forget).await.unwrap();
    let again = second.submit(&other, &[("otc", &other_code)]).await.unwrap().page().unwrap();
    assert_eq!((again.page.testid.as_str(), again.page.code), ("page-enrol", Some(500121)), "the step was used");
    assert_eq!(again.page.secret, Some(other_secret));
}
