//! `domain_hint`: an application says where the person is at home.

use ropeway_core::directory::Directory;
use ropeway_testkit::sample::{ALPINE, FJORD, PASSWORD};
use ropeway_testkit::{Browser, TestTenant};

use crate::authorize::Ask;

fn hinted(segment: &str, hint: &str) -> Ask {
    Ask::modern_portal().at(segment).set("domain_hint", hint)
}

async fn page(browser: &mut Browser<'_>, url: &str) -> String {
    browser.open(url).await.unwrap().testid().to_owned()
}

#[tokio::test]
async fn a_federated_domain_is_gone_to_without_asking_for_a_name() {
    let tenant = TestTenant::start().await.unwrap();
    let alpine = ALPINE.to_string();
    for (segment, hint, expected) in [
        (alpine.as_str(), "onprem.alpine.test", "page-at-partner"),
        ("organizations", "OnPrem.Alpine.Test", "page-at-partner"),
        ("common", "consumers", "page-at-partner"),
        (&alpine, "live.com", "page-at-partner"),
        (&alpine, "alpine.test", "page-user-name"),
        (&alpine, "unknown.test", "page-user-name"),
        (&alpine, "organizations", "page-user-name"),
        ("organizations", "consumers", "page-user-name"),
        (&alpine, "", "page-user-name"),
    ] {
        let ask = hinted(segment, hint);
        for url in [ask.url(), ask.v1_url()] {
            assert_eq!(page(&mut tenant.browser(), &url).await, expected, "{url}");
        }
    }
}

#[tokio::test]
async fn the_page_of_a_federated_domain_says_whose_it_is_and_lets_others_sign_in() {
    let tenant = TestTenant::start().await.unwrap();
    let mut browser = tenant.browser();
    let ask = hinted(&ALPINE.to_string(), "onprem.alpine.test");
    let service = browser.open(&ask.url()).await.unwrap().page().unwrap();
    assert!(service.html.contains("federation service"), "{}", service.html);
    let consumers = tenant.browser().open(&hinted("common", "consumers").url()).await.unwrap().page().unwrap();
    assert!(consumers.html.contains("personal accounts"), "{}", consumers.html);

    let landed = browser.submit(&service, &[("action", "another")]).await.unwrap();
    assert_eq!(landed.testid(), "page-user-name");
    let reply = browser.sign_in(landed, "cloud@alpine.test", PASSWORD).await.unwrap().reply().unwrap();
    assert_eq!(ask.redeem(&tenant, &reply).await.status, 200);
    let mut browser = tenant.browser();
    let service = browser.open(&ask.url()).await.unwrap().page().unwrap();
    let left = browser.submit(&service, &[("action", "cancel")]).await.unwrap().reply().unwrap();
    assert_eq!((left.get("error"), left.get("error_subcode")), ("access_denied", "cancel"));
}

/// The portal is registered in Fjord as well.
fn in_both(directory: &mut Directory) {
    let of = |directory: &Directory, id| directory.tenants.iter().position(|tenant| tenant.tenant.id == id).unwrap();
    let (alpine, fjord) = (of(directory, ALPINE), of(directory, FJORD));
    let applications = directory.tenants[alpine].tenant.applications.iter().filter(|app| !app.built_in).cloned();
    let applications: Vec<_> = applications.collect();
    directory.tenants[fjord].tenant.applications.splice(0..0, applications);
}

#[tokio::test]
async fn where_the_path_names_no_tenant_a_managed_domain_says_whose_page_it_is() {
    let tenant = TestTenant::builder().with(in_both).start().await.unwrap();
    for (hint, expected) in [("fjord.test", "in Fjord"), ("alpine.test", "in Alpine"), ("unknown.test", "in Alpine")] {
        let shown = tenant.browser().open(&hinted("common", hint).url()).await.unwrap().page().unwrap();
        assert_eq!(shown.page.testid, "page-user-name");
        assert!(shown.html.contains(expected), "{hint}: {}", shown.html);
    }
    let mut browser = tenant.browser();
    let landed = browser.open(&hinted("common", "fjord.test").url()).await.unwrap();
    let landed = browser.sign_in(landed, "cloud@alpine.test", PASSWORD).await.unwrap();
    assert_eq!(landed.testid(), "application", "a hint is no more than that: {:?}", landed.code());
}

#[tokio::test]
async fn a_hint_leaves_out_the_accounts_of_other_tenants() {
    let tenant = TestTenant::start().await.unwrap();
    let mut browser = tenant.browser();
    for user in ["cloud@alpine.test", "guest@fjord.test"] {
        let landed = browser.open(&Ask::modern_portal().set("prompt", "login").url()).await.unwrap();
        let landed = browser.sign_in(landed, user, PASSWORD).await.unwrap();
        assert_eq!(landed.testid(), "application", "{user}");
    }
    let silent = |ask: Ask| ask.set("prompt", "none").url();
    let both = browser.open(&silent(Ask::modern_portal())).await.unwrap();
    assert_eq!(both.code(), Some(16000), "the control: there are two");
    let both = browser.open(&silent(hinted("common", "organizations"))).await.unwrap();
    assert_eq!(both.code(), Some(16000), "each of an organisation");
    for (hint, expected) in [("alpine.test", "cloud@alpine.test"), ("onprem.alpine.test", "cloud@alpine.test")] {
        let ask = hinted("organizations", hint);
        let reply = browser.open(&silent(ask.clone())).await.unwrap().reply().unwrap();
        let tokens = ask.redeem(&tenant, &reply).await.granted().unwrap();
        assert_eq!(tokens.id_claims()["preferred_username"], expected, "{hint}");
    }
    let nobody = browser.open(&silent(hinted("common", "consumers"))).await.unwrap();
    assert_eq!(nobody.code(), Some(50058), "nobody is signed in with a personal account");
    let named = hinted("common", "consumers").set("login_hint", "guest@fjord.test");
    assert_eq!(browser.open(&silent(named)).await.unwrap().code(), None, "who is named is meant");

    let picker = hinted("common", "fjord.test").set("prompt", "select_account");
    let shown = browser.open(&picker.url()).await.unwrap().page().unwrap();
    assert_eq!(shown.page.testid, "page-choose-account");
    assert!(shown.html.contains("guest@fjord.test") && !shown.html.contains("cloud@alpine.test"), "{}", shown.html);
}
