//! `ropeway token --flow device-code`: the terminal shows a code, a person signs in elsewhere, and the token is printed.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::Stdio;

use crate::browser::Browser;
use crate::ropeway::Surroundings;

#[tokio::test(flavor = "multi_thread")]
async fn whom_the_password_grant_refuses_gets_a_token_by_a_code() {
    let surroundings = Surroundings::new();
    let server = surroundings.serve(&["--listen", "127.0.0.1:0"]);
    let arguments = ["token", "--flow", "device-code", "--decode"];
    let mut token = surroundings.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut told = String::new();
    BufReader::new(token.stderr.take().unwrap()).read_line(&mut told).unwrap();
    let after = |words: &str| told.split_once(words).unwrap().1.split_whitespace().next().unwrap().to_owned();
    let (page, code) = (after("open the page "), after("enter the code "));

    let mut browser = Browser::trusting(&PathBuf::from(server.ready["caFile"].as_str().unwrap()));
    browser.open(&page).await;
    browser.press("next", &[("otc", &code)]).await;
    browser.press("next", &[("loginfmt", "noconsent@alpine.test")]).await;
    browser.press("sign-in", &[("passwd", "Summit-2042")]).await;
    browser.press("accept", &[]).await;
    browser.press("continue", &[]).await;
    assert!(browser.html.contains("page-device-approved"), "{}", browser.html);

    let mut claims = String::new();
    token.stdout.take().unwrap().read_to_string(&mut claims).unwrap();
    assert!(token.wait().unwrap().success());
    assert!(claims.contains("noconsent@alpine.test") && claims.contains("Employees.Read"), "{claims}");
}
