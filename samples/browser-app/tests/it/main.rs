//! The files through their door.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::fs;
use std::path::PathBuf;

use browser_app::Settings;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;

async fn start(library: PathBuf) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let settings = Settings { library, ..Settings::for_tenant("https://localhost:8443", "alpine") };
    tokio::spawn(browser_app::serve(listener, settings));
    origin
}

async fn get(origin: &str, path: &str) -> Response {
    reqwest::get(format!("{origin}{path}")).await.unwrap()
}

/// A folder that looks like the library's.
fn library() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("msal-browser-lib");
    fs::create_dir_all(folder.join("redirect-bridge")).unwrap();
    fs::write(folder.join("msal-browser.min.js"), "var msal;").unwrap();
    fs::write(folder.join("redirect-bridge/msal-redirect-bridge.min.js"), "var msalRedirectBridge;").unwrap();
    folder
}

#[tokio::test]
async fn the_page_its_scripts_and_its_configuration_are_served() {
    let origin = start(library()).await;

    let page = get(&origin, "/").await;
    assert_eq!(page.status(), StatusCode::OK);
    let policy = page.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' "));
    assert!(policy.contains("connect-src 'self' https://localhost:8443 http://localhost:5001;"), "{policy}");
    let html = page.text().await.unwrap();
    let scripts = html.split("<script src=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    let mut served = 0;
    for path in scripts {
        let script = get(&origin, path).await;
        assert_eq!(script.status(), StatusCode::OK, "{path}");
        assert_eq!(script.headers()["content-type"], "text/javascript", "{path}");
        served += 1;
    }
    assert_eq!(served, 3);
    let config: Value = get(&origin, "/config.json").await.json().await.unwrap();
    let expected = json!({
        "authority": "https://localhost:8443/alpine", "clientId": "e0a91000-0000-4000-8000-00000000000e",
        "scope": "api://employees.alpine.test/Employees.Read", "employeesUrl": "http://localhost:5001/api/employees"
    });
    assert_eq!(config, expected);
}

#[tokio::test]
async fn without_the_library_the_page_says_how_to_get_it() {
    let origin = start(PathBuf::from("/nonexistent")).await;

    let page = get(&origin, "/").await;

    assert_eq!(page.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.text().await.unwrap().contains("npm ci --ignore-scripts --prefix target/tools/browser-app"));
    assert_eq!(get(&origin, "/msal-browser.js").await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn nothing_else_of_the_folder_is_served() {
    let origin = start(library()).await;
    for path in ["/msal-browser.min.js", "/../Cargo.toml", "/%2e%2e/Cargo.toml", "/redirect-bridge/"] {
        assert_eq!(get(&origin, path).await.status(), StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(get(&origin, "/app.js").await.status(), StatusCode::OK, "what is meant to be served is");
}
