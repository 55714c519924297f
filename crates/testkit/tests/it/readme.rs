//! What the README prints, compiled and run as it is printed. The fixtures' suites do so with the other languages.

use std::path::Path;

use employee_api::{Settings, serve};
use ropeway_testkit::sample::{ALPINE, PASSWORD};

#[tokio::test]
async fn employees_need_a_token() -> anyhow::Result<()> {
    let tenant = ropeway_testkit::TestTenant::start().await?; // in this process, on an address of its own
    let token = tenant.token("cloud@alpine.test").await?;
    let refused = tenant.password("mfa@alpine.test").send().await?;
    assert_eq!(refused.code(), Some(50076));
    call_my_api(tenant.authority(), tenant.ca_file(), &token).await
}

/// The reader's own API, which trusts the tenant of this authority: here the sample's.
async fn call_my_api(authority: String, ca_file: &Path, token: &str) -> anyhow::Result<()> {
    let (origin, tenant) = authority.rsplit_once('/').expect("an origin and a tenant");
    let mut settings = Settings::for_tenant(origin, tenant);
    settings.ca_file = Some(ca_file.to_owned());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/api/employees", listener.local_addr()?);
    let api = tokio::spawn(serve(listener, settings));
    let answer = reqwest::Client::new().get(url).bearer_auth(token).send().await?;
    api.abort();
    anyhow::ensure!(answer.status() == 200, "{}", answer.status());
    Ok(())
}

#[test]
fn the_test_above_is_the_one_that_the_readme_prints() {
    let printed = snippet("### Rust\n", "rust");
    assert!(include_str!("readme.rs").contains(&format!("\n{printed}")), "another text in the README:\n{printed}");
}

#[tokio::test]
async fn the_tenant_file_that_the_readme_prints_is_served() {
    let file = snippet("## Your own tenant\n", "yaml");
    let tenant = ropeway_testkit::TestTenant::builder().yaml(file).start().await.unwrap();
    assert_ne!(tenant.id(), ALPINE);
    let ask = |user: &str| {
        let request = tenant.password(user).set("client_id", "11111111-2222-4333-8444-666666666666");
        request.scope("openid api://mine.test/Read").password_is("correct horse")
    };
    let granted = ask("me@mine.test").send().await.unwrap().granted().unwrap();
    assert_eq!(granted.access_claims()["scp"], "Read");
    assert_eq!(ask("careful@mine.test").send().await.unwrap().code(), Some(50079));
    assert_eq!(ask("me@mine.test").password_is(PASSWORD).send().await.unwrap().code(), Some(50126));
}

/// The first block of this language below a heading.
fn snippet(heading: &str, language: &str) -> String {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md")).unwrap();
    let (_, below) = readme.split_once(heading).unwrap();
    let (_, block) = below.split_once(&format!("```{language}\n")).unwrap();
    block.split_once("```").unwrap().0.to_owned()
}
