//! Every refusal that the catalogue says a grant can raise, raised. A row that is listed and never raised fails here, and
//! so does one that is raised and not listed.

use std::collections::BTreeSet;

use ropeway_core::directory::{GrantControl, PolicyUsers, TenantClock};
use ropeway_core::error::catalogue::{self, RaisedBy};
use ropeway_core::time::TenantTime;
use ropeway_testkit::sample::{
    ALPINE, ASSIGNED_TOOL, EMPLOYEE_API_URI, LEGACY_PORTAL, LEGACY_TOOL, NIGHTLY_JOB, TIMESHEET_API_URI,
};
use ropeway_testkit::{Answer, TestTenant, TokenRequest};
use serde_json::json;

use crate::client_certificate::{ClientCertificate, WithAssertion, claims, merged};
use crate::federated_credential;

mod code;
mod device;
mod page;

type Raised = BTreeSet<(RaisedBy, u32)>;

/// Asks v2.0, and holds the refusal against the catalogue's row.
async fn raise(raised: &mut Raised, by: RaisedBy, request: TokenRequest<'_>, code: u32) {
    let answer = request.send().await.unwrap();
    note(raised, by, &answer, code);
}

/// Asks v1.0 likewise. The rows are the same, the words are not.
async fn raise_v1(raised: &mut Raised, by: RaisedBy, request: TokenRequest<'_>, code: u32) {
    let answer = request.send().await.unwrap();
    let row = catalogue::find(code).unwrap();
    hold(raised, by, &answer, code, (row.error_v1, row.suberror_v1));
}

fn note(raised: &mut Raised, by: RaisedBy, answer: &Answer, code: u32) {
    let row = catalogue::find(code).unwrap();
    let error = if by == RaisedBy::Metadata { row.error_at_metadata.unwrap_or(row.error) } else { row.error };
    hold(raised, by, answer, code, (error, row.suberror));
}

fn hold(raised: &mut Raised, by: RaisedBy, answer: &Answer, code: u32, words: (&str, Option<&str>)) {
    assert_eq!(answer.code(), Some(code), "{by:?}: {}", answer.text);
    let row = catalogue::find(code).unwrap();
    assert_eq!(answer.status, row.status, "{}", answer.text);
    assert_eq!(answer.body["error"], words.0, "{}", answer.text);
    assert_eq!(answer.body.get("error_uri").is_some(), row.error_uri, "{}", answer.text);
    assert_eq!(answer.body.get("suberror").and_then(|value| value.as_str()), words.1, "{}", answer.text);
    assert!(!answer.text.contains("\\n") && !answer.text.contains("\\u"), "{}", answer.text);
    raised.insert((by, code));
}

#[tokio::test]
async fn every_listed_refusal_is_raised_and_every_raised_one_is_listed() {
    let mut raised = Raised::new();
    before_the_grant(&mut raised).await;
    password(&mut raised).await;
    client_credentials(&mut raised).await;
    refresh_token(&mut raised).await;
    client_assertion(&mut raised).await;
    federated_credential(&mut raised).await;
    metadata(&mut raised).await;
    v1(&mut raised).await;
    code::authorization_code(&mut raised).await;
    device::device_authorization(&mut raised).await;
    device::device_code(&mut raised).await;
    page::authorize(&mut raised).await;

    let listed: Raised =
        catalogue::rows().iter().flat_map(|row| row.raised_by.iter().map(|by| (*by, row.code))).collect();
    let never_raised: Vec<_> = listed.difference(&raised).collect();
    let not_listed: Vec<_> = raised.difference(&listed).collect();
    assert!(
        never_raised.is_empty() && not_listed.is_empty(),
        "listed, never raised: {never_raised:?}\nraised, not listed: {not_listed:?}"
    );
}

async fn before_the_grant(raised: &mut Raised) {
    let by = RaisedBy::UnknownGrant;
    let tenant = TestTenant::start().await.unwrap();
    let password = || tenant.password("cloud@alpine.test");
    raise(raised, by, password().without("grant_type"), 900144).await;
    raise(raised, by, password().set("grant_type", "magic"), 70003).await;
    raise(raised, by, password().add("grant_type", "password"), 90100).await;
    raise(raised, by, password().at("gone.test"), 90002).await;
    raise(raised, by, password().at("5e1f0a00-0000-4000-8000-0000000000ff"), 90002).await;
    raise(raised, by, password().at("no%20tenant"), 900023).await;
    let url = format!("{}/oauth2/v2.0/token", tenant.authority());
    let got = Answer::read(tenant.http().get(&url).send().await.unwrap()).await.unwrap();
    note(raised, by, &got, 900561);
    let garbled =
        tenant.http().post(&url).header("content-type", "application/x-www-form-urlencoded").body("grant_type=%ff");
    note(raised, by, &Answer::read(garbled.send().await.unwrap()).await.unwrap(), 90013);
}

async fn password(raised: &mut Raised) {
    let by = RaisedBy::Password;
    let tenant = TestTenant::start().await.unwrap();
    let cloud = || tenant.password("cloud@alpine.test");
    let portal = || cloud().set("client_id", LEGACY_PORTAL);
    for missing in ["client_id", "username", "password", "scope"] {
        raise(raised, by, cloud().without(missing), 900144).await;
        raise(raised, by, cloud().set(missing, ""), 900144).await;
    }
    raise(raised, by, cloud().add("username", "mfa@alpine.test"), 90100).await;
    raise(raised, by, cloud().set("claims", "{"), 90100).await;
    raise(raised, by, cloud().set("resource", "https://graph.microsoft.com"), 901002).await;
    for alias in ["common", "consumers", "9188040d-6c67-4c5b-b112-36a304b66dad"] {
        raise(raised, by, cloud().at(alias), 9001023).await;
    }
    raise(raised, by, tenant.password("cloud@elsewhere.test").at("organizations"), 50059).await;
    raise(raised, by, tenant.password("cloud").at("organizations"), 50059).await;
    raise(raised, by, cloud().set("client_id", "e0a91000-0000-4000-8000-0000000000ff"), 700016).await;
    raise(raised, by, cloud().set("client_id", "00000000-0000-0000-0000-000000000000"), 700038).await;
    raise(raised, by, portal(), 7000218).await;
    raise(raised, by, portal().set("client_secret", "wrong"), 7000215).await;
    raise(raised, by, cloud().set("client_secret", "x"), 700025).await;
    raise(raised, by, cloud().scope("openid api://employees.alpine.test"), 70011).await;
    raise(raised, by, cloud().scope("api://employees.alpine.test/Employees.Write"), 70011).await;
    raise(raised, by, cloud().scope("api://employees.alpine.test/Employees.Read User.Read"), 28000).await;
    raise(raised, by, cloud().scope("api://unknown.alpine.test/.default"), 500011).await;
    for (user, code) in [
        ("nobody@alpine.test", 50034),
        ("locked@alpine.test", 50053),
        ("onprem@onprem.alpine.test", 50126),
        ("nopassword@alpine.test", 50056),
        ("expired@alpine.test", 50055),
        ("disabled@alpine.test", 50057),
        ("blocked@alpine.test", 53003),
        ("mfa@alpine.test", 50076),
        ("newmfa@alpine.test", 50079),
        ("noconsent@alpine.test", 65001),
    ] {
        raise(raised, by, tenant.password(user), code).await;
    }
    raise(raised, by, tenant.password("unassigned@alpine.test").set("client_id", ASSIGNED_TOOL), 50105).await;
    raise(raised, by, tenant.password("native@fjord.test"), 50034).await;

    let app = tenant.app();
    app.change_tenant(ALPINE, |tenant| tenant.settings.pass_through_agent = ropeway_core::directory::AgentState::Down)
        .await
        .unwrap();
    raise(raised, by, tenant.password("passthrough@alpine.test"), 80002).await;
    app.change_tenant(ALPINE, |tenant| {
        for app in &mut tenant.applications {
            for secret in &mut app.password_credentials {
                secret.end = Some(TenantTime(0));
            }
        }
    })
    .await
    .unwrap();
    raise(raised, by, portal().set("client_secret", "legacy-portal-secret"), 7000222).await;
    app.delete_user(ALPINE, "guest@fjord.test").await.unwrap();
    raise(raised, by, tenant.password("guest@fjord.test"), 50020).await;
    app.change_tenant(ALPINE, |tenant| {
        tenant
            .applications
            .iter_mut()
            .filter(|app| app.app_id == LEGACY_TOOL)
            .for_each(|app| app.account_enabled = false);
    })
    .await
    .unwrap();
    raise(raised, by, cloud(), 7000112).await;
}

async fn client_credentials(raised: &mut Raised) {
    let by = RaisedBy::ClientCredentials;
    let tenant = TestTenant::start().await.unwrap();
    let job = || tenant.client_credentials();
    raise(raised, by, job().without("client_id"), 900144).await;
    raise(raised, by, job().without("scope"), 900144).await;
    raise(raised, by, job().add("scope", "x"), 90100).await;
    raise(raised, by, job().set("claims", "[]"), 90100).await;
    raise(raised, by, job().set("resource", "https://graph.microsoft.com"), 901002).await;
    raise(raised, by, job().without("client_secret"), 7000216).await;
    raise(raised, by, job().set("client_secret", "wrong"), 7000215).await;
    raise(raised, by, job().set("client_id", LEGACY_TOOL), 700025).await;
    raise(raised, by, job().set("client_id", "e0a91000-0000-4000-8000-0000000000ff"), 700016).await;
    raise(raised, by, job().set("client_id", "00000000-0000-0000-0000-000000000000"), 700038).await;
    raise(raised, by, job().scope("employees/.default"), 70011).await;
    raise(raised, by, job().scope("api://employees.alpine.test/Employees.Read"), 1002012).await;
    raise(raised, by, job().scope("openid"), 1002012).await;
    raise(raised, by, job().scope("api://employees.alpine.test/.default https://graph.microsoft.com/.default"), 28000)
        .await;
    raise(raised, by, job().scope("api://unknown.alpine.test/.default"), 500011).await;
    for alias in ["common", "organizations", "consumers"] {
        raise(raised, by, job().at(alias), 50059).await;
    }
    let require_assignment = |tenant: &mut ropeway_core::directory::Tenant| {
        let api = tenant.applications.iter_mut().find(|app| app.display_name == "Timesheet API").unwrap();
        api.app_role_assignment_required = true;
    };
    tenant.app().change_tenant(ALPINE, require_assignment).await.unwrap();
    raise(raised, by, job().scope("api://timesheets.alpine.test/.default"), 501051).await;
    let expire_and_disable = |tenant: &mut ropeway_core::directory::Tenant, disable: bool| {
        let job = tenant.applications.iter_mut().find(|app| app.app_id == NIGHTLY_JOB).unwrap();
        job.password_credentials.iter_mut().for_each(|secret| secret.end = Some(TenantTime(0)));
        job.account_enabled = !disable;
    };
    tenant.app().change_tenant(ALPINE, move |tenant| expire_and_disable(tenant, false)).await.unwrap();
    raise(raised, by, job(), 7000222).await;
    tenant.app().change_tenant(ALPINE, move |tenant| expire_and_disable(tenant, true)).await.unwrap();
    raise(raised, by, job(), 7000112).await;
}

/// A refresh token of the public client, or of the confidential one.
async fn refresh_token_of(tenant: &TestTenant, user: &str, confidential: bool) -> String {
    let request = tenant.password(user).scope("openid offline_access api://employees.alpine.test/.default");
    let request = if confidential { request.client(LEGACY_PORTAL, "legacy-portal-secret") } else { request };
    request.send().await.unwrap().granted().unwrap().refresh_token().to_owned()
}

async fn refresh_token(raised: &mut Raised) {
    let by = RaisedBy::RefreshToken;
    let tenant = TestTenant::start().await.unwrap();
    let app = tenant.app();
    let cloud = refresh_token_of(&tenant, "cloud@alpine.test", false).await;
    let redeem = || tenant.refresh(&cloud);
    raise(raised, by, redeem().without("refresh_token"), 900144).await;
    raise(raised, by, redeem().without("client_id"), 900144).await;
    raise(raised, by, redeem().add("refresh_token", "x"), 90100).await;
    raise(raised, by, redeem().set("claims", "null"), 90100).await;
    raise(raised, by, redeem().set("resource", "https://graph.microsoft.com"), 901002).await;
    raise(raised, by, tenant.refresh("1.Agarbage"), 9002313).await;
    raise(raised, by, tenant.refresh("1.Agarbage").at("organizations"), 9002313).await;
    raise(raised, by, redeem().set("client_id", "e0a91000-0000-4000-8000-0000000000ff"), 700016).await;
    raise(raised, by, redeem().set("client_id", "00000000-0000-0000-0000-000000000000"), 700038).await;
    raise(raised, by, redeem().set("client_secret", "x"), 700025).await;
    raise(raised, by, redeem().set("client_id", ASSIGNED_TOOL), 700007).await;
    raise(raised, by, redeem().scope("employees/Read"), 70011).await;
    raise(raised, by, redeem().scope("api://unknown.alpine.test/.default"), 500011).await;
    raise(raised, by, redeem().scope("api://timesheets.alpine.test/.default"), 65001).await;

    let of_portal = refresh_token_of(&tenant, "cloud@alpine.test", true).await;
    let portal = || tenant.refresh(&of_portal).set("client_id", LEGACY_PORTAL);
    raise(raised, by, portal(), 7000218).await;
    raise(raised, by, portal().set("client_secret", "wrong"), 7000215).await;

    let synced = refresh_token_of(&tenant, "hashsync@alpine.test", false).await;
    let redeem_synced = || tenant.refresh(&synced);
    let user = "hashsync@alpine.test";
    app.change_user(ALPINE, user, |user| user.per_user_mfa_state = ropeway_core::directory::PerUserMfaState::Enforced)
        .await
        .unwrap();
    raise(raised, by, redeem_synced(), 50079).await;
    app.change_user(ALPINE, user, |user| {
        let secret_key = ropeway_core::secret::Secret::new("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP");
        user.authentication_methods.push(ropeway_core::directory::AuthenticationMethod::SoftwareOath { secret_key });
    })
    .await
    .unwrap();
    raise(raised, by, redeem_synced(), 50076).await;
    app.change_tenant(ALPINE, |tenant| {
        let mut block = tenant
            .conditional_access_policies
            .iter()
            .find(|policy| policy.built_in_controls == [GrantControl::Block])
            .unwrap()
            .clone();
        block.users = PolicyUsers { include_all: true, ..PolicyUsers::default() };
        tenant.conditional_access_policies = vec![block];
    })
    .await
    .unwrap();
    raise(raised, by, redeem_synced(), 53003).await;
    app.change_tenant(ALPINE, |tenant| {
        tenant.conditional_access_policies.clear();
        tenant
            .applications
            .iter_mut()
            .filter(|app| app.app_id == LEGACY_TOOL)
            .for_each(|app| app.app_role_assignment_required = true);
    })
    .await
    .unwrap();
    raise(raised, by, redeem_synced(), 50105).await;
    app.change_user(ALPINE, user, |user| user.account_enabled = false).await.unwrap();
    raise(raised, by, redeem_synced(), 50057).await;
    app.delete_user(ALPINE, user).await.unwrap();
    raise(raised, by, redeem_synced(), 50034).await;

    let guest = refresh_token_of_guest(&tenant).await;
    app.delete_user(ALPINE, "guest@fjord.test").await.unwrap();
    raise(
        raised,
        by,
        tenant.refresh(&guest).set("client_id", LEGACY_PORTAL).set("client_secret", "legacy-portal-secret"),
        50020,
    )
    .await;

    let now = app.tenant_now(ALPINE).unwrap();
    app.set_tenant_clock(ALPINE, TenantClock::Frozen { at: now.plus_seconds(91 * 86_400) }).await.unwrap();
    raise(raised, by, redeem(), 700082).await;
    app.change_user(ALPINE, "cloud@alpine.test", move |user| {
        user.sign_in_sessions_valid_from = Some(now.plus_seconds(10))
    })
    .await
    .unwrap();
    raise(raised, by, redeem(), 50173).await;
    app.change_tenant(ALPINE, |tenant| {
        let portal = tenant.applications.iter_mut().find(|app| app.app_id == LEGACY_PORTAL).unwrap();
        portal.password_credentials.iter_mut().for_each(|secret| secret.end = Some(TenantTime(0)));
    })
    .await
    .unwrap();
    raise(raised, by, portal().set("client_secret", "legacy-portal-secret"), 7000222).await;
    app.change_tenant(ALPINE, |tenant| tenant.applications.iter_mut().for_each(|app| app.account_enabled = false))
        .await
        .unwrap();
    raise(raised, by, redeem(), 7000112).await;
}

async fn refresh_token_of_guest(tenant: &TestTenant) -> String {
    refresh_token_of(tenant, "guest@fjord.test", true).await
}

/// A client assertion is judged alike whatever the grant.
async fn client_assertion(raised: &mut Raised) {
    let certificate = ClientCertificate::generate();
    let elliptic = ClientCertificate::of_elliptic_curve();
    let builder = TestTenant::builder().with(certificate.register()).with(elliptic.register());
    let tenant = builder.start().await.unwrap();
    let endpoint = format!("{}/oauth2/v2.0/token", tenant.authority());
    let right = |client| certificate.assertion(client, &endpoint);
    let sign_in = tenant.password("cloud@alpine.test").set("client_id", LEGACY_PORTAL).scope("openid offline_access");
    let signed_in = sign_in.clone().assertion(&right(LEGACY_PORTAL)).send().await.unwrap().granted().unwrap();
    for (by, client, request) in [
        (RaisedBy::Password, LEGACY_PORTAL, sign_in),
        (RaisedBy::ClientCredentials, NIGHTLY_JOB, tenant.client_credentials()),
        (
            RaisedBy::RefreshToken,
            LEGACY_PORTAL,
            tenant.refresh(signed_in.refresh_token()).set("client_id", LEGACY_PORTAL),
        ),
        (RaisedBy::AuthorizationCode, NIGHTLY_JOB, code::of_nightly_job(&tenant).await),
        (RaisedBy::DeviceCode, NIGHTLY_JOB, device::of_nightly_job(&tenant).await),
    ] {
        let with = |assertion: &str| request.clone().assertion(assertion);
        let granted = with(&right(client)).send().await.unwrap();
        assert_eq!(granted.status, 200, "{by:?}: {}", granted.text);
        raise(raised, by, with(&right(client)).without("client_assertion_type"), 900144).await;
        raise(raised, by, with(&right(client)).set("client_assertion_type", "saml2-bearer"), 90011).await;
        raise(raised, by, with("a.b.c"), 50027).await;
        let claims = claims(client, &endpoint);
        for (changes, code) in [
            (json!({ "iss": null }), 90014),
            (json!({ "aud": [endpoint, "b"] }), 5002741),
            (json!({ "sub": "x" }), 50048),
            (json!({ "iss": "x", "sub": "x" }), 700021),
            (json!({ "aud": "https://example.com/" }), 700023),
            (json!({ "exp": 1 }), 700024),
        ] {
            raise(raised, by, with(&certificate.sign(&certificate.header(), &merged(&claims, &changes))), code).await;
        }
        for (changes, code) in [
            (json!({ "typ": "at+jwt" }), 5002727),
            (json!({ "x5t#S256": null }), 5002723),
            (json!({ "alg": "none" }), 5002738),
            (json!({ "x5t#S256": "AAAA" }), 700027),
            (json!({ "x5t#S256": elliptic.header()["x5t#S256"] }), 5002730),
        ] {
            raise(raised, by, with(&certificate.sign(&merged(&certificate.header(), &changes), &claims)), code).await;
        }
    }
}

/// So is a token of an outside issuer.
async fn federated_credential(raised: &mut Raised) {
    let tenant = TestTenant::start().await.unwrap();
    let own = tenant.client_credentials().send().await.unwrap();
    let token = own.access_token();
    let claims = own.access_claims();
    let text = |name: &str| claims[name].as_str().unwrap().to_owned();
    let (issuer, subject, audience) = (text("iss"), text("sub"), text("aud"));
    let of_user = tenant.token("cloud@alpine.test").await.unwrap();
    let user = federated_credential::claims_of(&of_user)["sub"].as_str().unwrap().to_owned();
    let scope = "openid offline_access api://employees.alpine.test/.default";
    let sign_in = tenant.password("cloud@alpine.test").client(NIGHTLY_JOB, "nightly-job-secret").scope(scope);
    let signed_in = sign_in.send().await.unwrap().granted().unwrap();
    let refresh = tenant.refresh(signed_in.refresh_token()).set("client_id", NIGHTLY_JOB);
    for (by, request) in [
        (RaisedBy::Password, sign_in),
        (RaisedBy::ClientCredentials, tenant.client_credentials()),
        (RaisedBy::RefreshToken, refresh),
        (RaisedBy::AuthorizationCode, code::of_nightly_job(&tenant).await),
        (RaisedBy::DeviceCode, device::of_nightly_job(&tenant).await),
    ] {
        let with = |token: &str| request.clone().assertion(token);
        let register = federated_credential::register;
        register(&tenant, &issuer, &subject, &audience).await;
        let granted = with(token).send().await.unwrap();
        assert_eq!(granted.status, 200, "{by:?}: {}", granted.text);
        register(&tenant, "https://other.test", &subject, &audience).await;
        raise(raised, by, with(token), 700211).await;
        register(&tenant, &issuer, &subject, "other").await;
        raise(raised, by, with(token), 700212).await;
        register(&tenant, &issuer, "other", &audience).await;
        raise(raised, by, with(token), 700213).await;
        register(&tenant, &issuer, &subject.to_uppercase(), &audience).await;
        raise(raised, by, with(token), 7002138).await;
        register(&tenant, &issuer, &user, &audience).await;
        raise(raised, by, with(&of_user), 700229).await;
        let nowhere = "https://nowhere.invalid";
        register(&tenant, nowhere, &subject, &audience).await;
        raise(raised, by, with(&federated_credential::renamed(token, nowhere)), 50166).await;
        federated_credential::forget(&tenant).await;
        raise(raised, by, with(token), 70021).await;
    }
}

async fn metadata(raised: &mut Raised) {
    let by = RaisedBy::Metadata;
    let tenant = TestTenant::start().await.unwrap();
    let get = |path: &str| {
        let request = tenant.http().get(format!("{}{path}", tenant.origin()));
        async move { Answer::read(request.send().await.unwrap()).await.unwrap() }
    };
    for path in [
        "v2.0/.well-known/openid-configuration",
        ".well-known/openid-configuration",
        "discovery/v2.0/keys",
        "discovery/keys",
    ] {
        note(raised, by, &get(&format!("/gone.test/{path}")).await, 90002);
        note(raised, by, &get(&format!("/gone/{path}")).await, 900023);
    }
    for query in ["", "?authorization_endpoint=https://example.com/common/oauth2/v2.0/authorize"] {
        note(raised, by, &get(&format!("/common/discovery/instance{query}")).await, 50049);
    }
}

/// What only v1.0 raises, and some of what it says in other words.
async fn v1(raised: &mut Raised) {
    let tenant = TestTenant::start().await.unwrap();
    let user = |name: &str| tenant.password(name).v1(EMPLOYEE_API_URI);
    let job = || tenant.client_credentials().v1(EMPLOYEE_API_URI);
    let refresh_token = user("cloud@alpine.test").send().await.unwrap().granted().unwrap().refresh_token().to_owned();
    let redeem = || tenant.refresh(&refresh_token).v1(EMPLOYEE_API_URI);
    for consumers in ["consumers", "9188040d-6c67-4c5b-b112-36a304b66dad"] {
        raise_v1(raised, RaisedBy::Password, user("personal@live.test").at(consumers), 90027).await;
        raise_v1(raised, RaisedBy::ClientCredentials, job().at(consumers), 90027).await;
        raise_v1(raised, RaisedBy::RefreshToken, redeem().at(consumers), 90027).await;
    }
    for alias in ["common", "organizations", "live.test"] {
        raise_v1(raised, RaisedBy::Password, user("personal@live.test").at(alias), 500201).await;
    }
    let undeclared = TIMESHEET_API_URI;
    raise_v1(raised, RaisedBy::Password, user("cloud@alpine.test").v1(undeclared), 650057).await;
    raise_v1(raised, RaisedBy::RefreshToken, redeem().v1(undeclared), 650057).await;

    raise_v1(raised, RaisedBy::Password, user("cloud@alpine.test").without("resource"), 900144).await;
    raise_v1(raised, RaisedBy::ClientCredentials, job().without("resource"), 900144).await;
    raise_v1(raised, RaisedBy::Password, user("cloud@alpine.test").v1("api://unknown.alpine.test"), 500011).await;
    raise_v1(raised, RaisedBy::Password, user("cloud@elsewhere.test").at("common"), 50059).await;
    raise_v1(raised, RaisedBy::ClientCredentials, job().at("common"), 50059).await;
    raise_v1(raised, RaisedBy::Password, user("mfa@alpine.test"), 50076).await;
    raise_v1(raised, RaisedBy::Password, user("locked@alpine.test"), 50053).await;
    raise_v1(raised, RaisedBy::UnknownGrant, job().without("grant_type"), 900144).await;
    raise_v1(raised, RaisedBy::UnknownGrant, job().at("gone.test"), 90002).await;
}
