//! The sample API, as a stranger, accepts our tokens.

use employee_api::{Settings, serve};
use ropeway_testkit::{Answer, TestTenant};
use tokio::net::TcpListener;

async fn api(tenant: &TestTenant) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let settings = Settings {
        ca_file: Some(tenant.ca_file().to_owned()),
        ..Settings::for_tenant(tenant.origin(), &tenant.id().to_string())
    };
    tokio::spawn(serve(listener, settings));
    base
}

async fn call(base: &str, path: &str, token: &str) -> Answer {
    let request = reqwest::Client::new().get(format!("{base}{path}")).bearer_auth(token);
    Answer::read(request.send().await.unwrap()).await.unwrap()
}

#[tokio::test]
async fn the_employee_api_takes_a_users_token_and_the_jobs() {
    let tenant = TestTenant::start().await.unwrap();
    let base = api(&tenant).await;
    let user = tenant.token("cloud@alpine.test").await.unwrap();
    let job = tenant.client_credentials().send().await.unwrap();
    for token in [user.as_str(), job.access_token()] {
        let answer = call(&base, "/api/employees", token).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    let tampered = format!("{}x", &user[..user.len() - 2]);
    assert_eq!(call(&base, "/api/employees", &tampered).await.status, 401);
}

#[tokio::test]
async fn the_timesheet_api_takes_a_users_token_and_refuses_the_jobs() {
    use ropeway_testkit::sample::{NIGHTLY_JOB, NIGHTLY_JOB_SECRET};
    let tenant = TestTenant::start().await.unwrap();
    let base = api(&tenant).await;
    let scope = "api://timesheets.alpine.test/.default";
    let user =
        tenant.password("cloud@alpine.test").client(NIGHTLY_JOB, NIGHTLY_JOB_SECRET).scope(scope).send().await.unwrap();
    let answer = call(&base, "/api/timesheets", user.access_token()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let job = tenant.client_credentials().scope(scope).send().await.unwrap();
    let answer = call(&base, "/api/timesheets", job.access_token()).await;
    assert_eq!(answer.status, 403, "{}", answer.text);
    let for_the_other_api = tenant.token("cloud@alpine.test").await.unwrap();
    assert_eq!(call(&base, "/api/timesheets", &for_the_other_api).await.status, 401);
}
