//! What ends which sign-in, at once: Microsoft's table of revocations
//! (<https://learn.microsoft.com/entra/identity-platform/refresh-tokens#token-revocation>) and every other cause, for all that
//! a person can have. Credentials without a password come with a later issue, and their columns with them.

use std::time::Duration;

use ropeway_core::directory::{Application, AuthenticationMethod, PolicyUsers, Tenant, User};
use ropeway_core::ids::{AZURE_CLI, AppId};
use ropeway_core::secret::Secret;
use ropeway_core::time::TenantTime;
use ropeway_testkit::sample::{ALPINE, LEGACY_TOOL, MODERN_PORTAL, MODERN_PORTAL_SECRET, PASSWORD, TOTP_SECRET};
use ropeway_testkit::{Browser, TestTenant};
use serde_json::json;

use crate::authorize::Ask;
use crate::device_code::Device;

const USER: &str = "cloud@alpine.test";
const SCOPE: &str = "openid profile offline_access api://employees.alpine.test/.default";
const NEW_PASSWORD: &str = "Valley-2043";

/// What a person has before something happens.
struct Held<'t> {
    tenant: &'t TestTenant,
    /// A browser that is signed in by password.
    browser: Browser<'t>,
    /// A refresh token of a public client, had by the password grant.
    by_password: String,
    /// One of a public client, had by a device code.
    by_device: String,
    /// One of a confidential client, had on the page.
    confidential: String,
}

/// The refusal of each, in the order of [`Held`]; `None`: it lives.
type Refusals = [Option<u32>; 4];

impl<'t> Held<'t> {
    async fn by(tenant: &'t TestTenant) -> Self {
        let mut browser = tenant.browser();
        let ask = Ask::modern_portal();
        let landed = browser.open(&ask.url()).await.unwrap();
        let reply = browser.sign_in(landed, USER, PASSWORD).await.unwrap().reply().unwrap();
        let confidential = ask.redeem(tenant, &reply).await.granted().unwrap();
        let device = Device::ask(tenant).await;
        device.approve(&mut tenant.browser(), USER).await;
        let by_device = tenant.poll(&device.device_code).send().await.unwrap().granted().unwrap();
        let by_password = tenant.password(USER).scope(SCOPE).send().await.unwrap().granted().unwrap();
        Self {
            tenant,
            browser,
            by_password: by_password.refresh_token().to_owned(),
            by_device: by_device.refresh_token().to_owned(),
            confidential: confidential.refresh_token().to_owned(),
        }
    }

    async fn refusals(&mut self) -> Refusals {
        let silent = Ask::modern_portal().set("prompt", "none");
        let cookie = self.browser.open(&silent.url()).await.unwrap().code();
        let code = async |request: ropeway_testkit::TokenRequest<'_>| request.send().await.unwrap().code();
        let tenant = self.tenant;
        [
            cookie,
            code(tenant.refresh(&self.by_password)).await,
            code(tenant.refresh(&self.by_device)).await,
            code(tenant.refresh(&self.confidential).client(MODERN_PORTAL, MODERN_PORTAL_SECRET)).await,
        ]
    }
}

/// A token with which the person, through Azure CLI, does something in Graph.
async fn in_graph(tenant: &TestTenant, path: &str, body: serde_json::Value) {
    let request = tenant.password(USER).set("client_id", AZURE_CLI).scope("https://graph.microsoft.com/.default");
    let token = request.send().await.unwrap().granted().unwrap();
    let url = format!("{}/v1.0{path}", tenant.origin());
    let sent = tenant.http().post(url).bearer_auth(token.access_token()).json(&body).send().await.unwrap();
    assert!(sent.status().is_success(), "{path}: {}", sent.text().await.unwrap());
}

async fn change_clients(tenant: &TestTenant, change: fn(&mut Application)) {
    let changed = move |tenant: &mut Tenant| {
        let of_person = |app: &&mut Application| [LEGACY_TOOL, MODERN_PORTAL].contains(&app.app_id);
        tenant.applications.iter_mut().filter(of_person).for_each(change);
    };
    tenant.app().change_tenant(ALPINE, changed).await.unwrap();
}

async fn withdraw(tenant: &TestTenant, client: AppId) {
    let url = format!("tenants/{ALPINE}/oauth2PermissionGrants");
    let list = tenant.control(reqwest::Method::GET, &url).send().await.unwrap();
    let list: serde_json::Value = list.json().await.unwrap();
    let user = tenant.app().user_id(ALPINE, USER).unwrap().to_string();
    let own = list["value"].as_array().unwrap().iter();
    for grant in own.filter(|grant| grant["principalId"] == user && grant["clientId"] == client.to_string()) {
        let url = format!("{url}/{}", grant["id"].as_str().unwrap());
        assert_eq!(tenant.control(reqwest::Method::DELETE, &url).send().await.unwrap().status(), 204);
    }
}

async fn require_second_factor(tenant: &TestTenant) {
    let for_everybody = |tenant: &mut Tenant| {
        let policies = &mut tenant.conditional_access_policies;
        let policy = policies.iter_mut().find(|policy| policy.display_name == "Require MFA").unwrap();
        policy.users = PolicyUsers { include_all: true, ..PolicyUsers::default() };
    };
    tenant.app().change_tenant(ALPINE, for_everybody).await.unwrap();
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    Nothing,
    PasswordExpires,
    OwnPasswordChange,
    AdministratorsReset,
    RevokedByThePerson,
    RevokedByAnAdministrator,
    SignOut,
    UserDisabled,
    UserDeleted,
    ConsentWithdrawn,
    ApplicationDisabled,
    SecretRemoved,
    SecondFactorRequired,
    SecondFactorRequiredAndRegistered,
    Unused89Days,
    Unused91Days,
}

async fn happens(cause: Cause, held: &mut Held<'_>) {
    let (tenant, app) = (held.tenant, held.tenant.app());
    let days = |days: u64| Duration::from_secs(days * 86_400);
    match cause {
        Cause::Nothing => {}
        Cause::PasswordExpires => {
            let expire = |user: &mut User| {
                user.disable_password_expiration = false;
                user.last_password_change = Some(TenantTime(0));
            };
            app.change_user(ALPINE, USER, expire).await.unwrap();
            assert_eq!(tenant.password(USER).send().await.unwrap().code(), Some(50055));
        }
        Cause::OwnPasswordChange => {
            let body = json!({ "currentPassword": PASSWORD, "newPassword": NEW_PASSWORD });
            in_graph(tenant, "/me/changePassword", body).await;
        }
        Cause::AdministratorsReset => {
            app.reset_password(ALPINE, USER, &Secret::new(NEW_PASSWORD), false).await.unwrap();
        }
        Cause::RevokedByThePerson => in_graph(tenant, "/me/revokeSignInSessions", json!({})).await,
        Cause::RevokedByAnAdministrator => app.revoke_sign_in_sessions(ALPINE, USER).await.unwrap(),
        Cause::SignOut => {
            held.browser.open(&format!("/{ALPINE}/oauth2/v2.0/logout")).await.unwrap();
        }
        Cause::UserDisabled => {
            app.change_user(ALPINE, USER, |user| user.account_enabled = false).await.unwrap();
        }
        Cause::UserDeleted => app.delete_user(ALPINE, USER).await.unwrap(),
        Cause::ConsentWithdrawn => {
            withdraw(tenant, LEGACY_TOOL).await;
            withdraw(tenant, MODERN_PORTAL).await;
        }
        Cause::ApplicationDisabled => change_clients(tenant, |client| client.account_enabled = false).await,
        Cause::SecretRemoved => change_clients(tenant, |client| client.password_credentials.clear()).await,
        Cause::SecondFactorRequired => require_second_factor(tenant).await,
        Cause::SecondFactorRequiredAndRegistered => {
            let register = |user: &mut User| {
                let secret_key = Secret::new(TOTP_SECRET);
                user.authentication_methods.push(AuthenticationMethod::SoftwareOath { secret_key });
            };
            app.change_user(ALPINE, USER, register).await.unwrap();
            require_second_factor(tenant).await;
        }
        Cause::Unused89Days => tenant.advance(days(88)).await.unwrap(),
        Cause::Unused91Days => tenant.advance(days(90)).await.unwrap(),
    }
}

#[tokio::test]
async fn every_cause_ends_what_it_ends_with_its_own_code_and_nothing_else() {
    const LIVES: Option<u32> = None;
    let all = |code: u32| [Some(code); 4];
    for (cause, expected) in [
        (Cause::Nothing, [LIVES; 4]),
        (Cause::PasswordExpires, [LIVES; 4]),
        (Cause::OwnPasswordChange, [Some(50133), Some(50173), Some(50173), LIVES]),
        (Cause::AdministratorsReset, [Some(50133), Some(50173), Some(50173), Some(50173)]),
        (Cause::RevokedByThePerson, [Some(50133), Some(50173), Some(50173), Some(50173)]),
        (Cause::RevokedByAnAdministrator, [Some(50133), Some(50173), Some(50173), Some(50173)]),
        (Cause::SignOut, [Some(50058), LIVES, LIVES, LIVES]),
        (Cause::UserDisabled, all(50057)),
        (Cause::UserDeleted, [Some(50058), Some(50034), Some(50034), Some(50034)]),
        (Cause::ConsentWithdrawn, all(65001)),
        (Cause::ApplicationDisabled, all(7000112)),
        (Cause::SecretRemoved, [LIVES, LIVES, LIVES, Some(7000215)]),
        (Cause::SecondFactorRequired, all(50079)),
        (Cause::SecondFactorRequiredAndRegistered, all(50076)),
        (Cause::Unused89Days, [Some(50058), LIVES, LIVES, LIVES]),
        (Cause::Unused91Days, [Some(50058), Some(700082), Some(700082), Some(700082)]),
    ] {
        let tenant = TestTenant::start().await.unwrap();
        let mut held = Held::by(&tenant).await;
        // What happens in the very millisecond of a sign-in does not end it. A browser's session lives a day unused.
        let a_while = if matches!(cause, Cause::Unused89Days | Cause::Unused91Days) { 86_400 } else { 3_600 };
        tenant.advance(Duration::from_secs(a_while)).await.unwrap();
        happens(cause, &mut held).await;
        assert_eq!(held.refusals().await, expected, "{cause:?}");
    }
}

#[tokio::test]
async fn what_begins_after_the_end_lives() {
    for (cause, password) in [
        (Cause::OwnPasswordChange, NEW_PASSWORD),
        (Cause::AdministratorsReset, NEW_PASSWORD),
        (Cause::RevokedByAnAdministrator, PASSWORD),
        (Cause::Unused91Days, PASSWORD),
    ] {
        let tenant = TestTenant::start().await.unwrap();
        let mut held = Held::by(&tenant).await;
        tenant.advance(Duration::from_secs(3_600)).await.unwrap();
        happens(cause, &mut held).await;
        tenant.advance(Duration::from_secs(1)).await.unwrap();
        let anew = tenant.password(USER).password_is(password).scope(SCOPE).send().await.unwrap();
        assert_eq!(tenant.refresh(anew.refresh_token()).send().await.unwrap().status, 200, "{cause:?}");
        let landed = held.browser.open(&Ask::modern_portal().url()).await.unwrap();
        let signed_in = held.browser.sign_in(landed, USER, password).await.unwrap();
        assert_eq!(signed_in.testid(), "application", "{cause:?}");
        assert_eq!(held.refusals().await[0], None, "{cause:?}");
    }
}
