//! Consent, as far as the password grant sees it.

use ropeway_core::directory::{ConsentType, OAuth2PermissionGrant, PreAuthorizedApplication};
use ropeway_core::ids::{AZURE_CLI, AppId};
use ropeway_testkit::TestTenant;
use ropeway_testkit::sample::{ALPINE, EMPLOYEE_API, LEGACY_TOOL};

const USER: &str = "noconsent@alpine.test";

fn grant(client: AppId, consent: ConsentType, scope: &str) -> OAuth2PermissionGrant {
    OAuth2PermissionGrant { client, consent, resource: EMPLOYEE_API, scopes: vec![scope.to_owned()] }
}

#[tokio::test]
async fn a_users_own_consent_and_an_administrators_for_all_both_count() {
    let tenant = TestTenant::start().await.unwrap();
    let ask = || async { tenant.password(USER).send().await.unwrap().code() };
    assert_eq!(ask().await, Some(65001));
    let other = tenant.app().user_id(ALPINE, "cloud@alpine.test").unwrap();
    tenant.app().grant(ALPINE, grant(LEGACY_TOOL, ConsentType::Principal(other), "Employees.Read")).await.unwrap();
    assert_eq!(ask().await, Some(65001), "somebody else's consent");
    let own = tenant.app().user_id(ALPINE, USER).unwrap();
    tenant.app().grant(ALPINE, grant(LEGACY_TOOL, ConsentType::Principal(own), "Employees.Read")).await.unwrap();
    assert_eq!(ask().await, None);

    let tenant = TestTenant::start().await.unwrap();
    tenant.app().grant(ALPINE, grant(LEGACY_TOOL, ConsentType::AllPrincipals, "Employees.Read")).await.unwrap();
    assert_eq!(tenant.password(USER).send().await.unwrap().code(), None);
}

#[tokio::test]
async fn a_pre_authorised_client_needs_none() {
    let tenant = TestTenant::start().await.unwrap();
    let by_azure_cli = tenant.password(USER).set("client_id", AZURE_CLI).send().await.unwrap();
    assert_eq!(by_azure_cli.status, 200, "{}", by_azure_cli.text);
    assert_eq!(tenant.password(USER).send().await.unwrap().code(), Some(65001), "the public client is not");
    tenant
        .app()
        .change_tenant(ALPINE, |tenant| {
            let api = tenant.applications.iter_mut().find(|app| app.app_id == EMPLOYEE_API).unwrap();
            let read = api.oauth2_permission_scopes.iter().find(|scope| scope.value == "Employees.Read").unwrap().id;
            let pre_authorized = PreAuthorizedApplication { app_id: LEGACY_TOOL, delegated_permission_ids: vec![read] };
            api.pre_authorized_applications.push(pre_authorized);
        })
        .await
        .unwrap();
    assert_eq!(tenant.password(USER).send().await.unwrap().code(), None);
}

#[tokio::test]
async fn azure_cli_has_graph_and_asks_in_vain_for_an_api_that_does_not_know_it() {
    let yaml = r"
tenants:
  - id: 5e1f0a00-0000-4000-8000-0000000000aa
    displayName: Small
    verifiedDomains: [{ name: small.test, isDefault: true }]
    users: [{ userPrincipalName: me@small.test, passwordProfile: { password: 'Summit-2042' } }]
    applications:
      - displayName: Own API
        identifierUris: ['api://own.small.test']
        api: { oauth2PermissionScopes: [{ value: Read, type: User }] }
";
    let tenant = TestTenant::builder().yaml(yaml).start().await.unwrap();
    let ask = |scope: &str| tenant.password("me@small.test").set("client_id", AZURE_CLI).scope(scope);
    let graph = ask("https://graph.microsoft.com/.default offline_access").send().await.unwrap();
    assert_eq!(graph.status, 200, "{}", graph.text);
    assert_eq!(graph.body["foci"], "1");
    assert_eq!(ask("https://management.core.windows.net//.default").send().await.unwrap().status, 200);
    assert_eq!(ask("api://own.small.test/.default").send().await.unwrap().code(), Some(65001));
}
