use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::browser::Browser;
use crate::ropeway::Surroundings;

const FREE_PORTS: [&str; 5] = ["demo", "--listen", "127.0.0.1:0", "--api-listen", "127.0.0.1:0"];

#[test]
fn the_story_is_told_to_its_end_without_a_terminal() {
    let shown = Surroundings::new().run(&FREE_PORTS);

    assert!(shown.starts_with("exit code 0\n--- stdout\nRopeway: "), "{shown}");
    assert!(!shown.contains("--- stderr"), "nothing is logged: {shown}");
    assert!(!shown.contains('✗') && !shown.contains('\u{1b}'), "{shown}");
    let lines = [
        "        grant_type     password\n",
        "        client_secret  legacy-portal-secret\n",
        "   scp                Employees.Read ",
        "   200  {\"id\":1,\"displayName\":\"Ada Alder\",\"department\":\"Lifts\"}\n",
        "   roles              [\"Employees.Read.All\"] ",
        "   403  a time sheet belongs to a person: ",
        "   $ nightly-job run --way password\n     submitted time sheets for cloud@alpine.test: 1\n     exit code 0\n",
        "   $ nightly-job run --way client-credentials\n     read employees for ",
        "   $ nightly-job authorise\n     authorised for cloud@alpine.test",
        "   $ nightly-job run --way refresh-token\n     submitted time sheets for cloud@alpine.test: 1\n",
        "   $ nightly-job run --way refresh-token\n     error: the authorisation was revoked: ",
        "     hint: a person runs `nightly-job authorise` once",
        "     exit code 10\n",
        "   $ nightly-job run --way refresh-token\n     submitted time sheets for cloud@alpine.test: 1\n",
        "   tokens   cloud@alpine.test, guest@fjord.test, hashsync@alpine.test, ",
        "   50076    admin@alpine.test, mfa@alpine.test, camfa@alpine.test\n     why    UserStrongAuthClientAuthNRequired: ",
        "     do     Sign in once in a browser and register one.\n",
        "   50126    onprem@onprem.alpine.test, cloud@alpine.test with a wrong password\n",
        "\nNightly job (application) ",
        "\n✓ all 77 steps went as the sample's table says\n",
    ];
    let mut rest = &shown[..];
    for line in lines {
        rest = rest.split_once(line).unwrap_or_else(|| panic!("not there, or not in this order: {line}\n{shown}")).1;
    }
    let (story, _) = shown.split_once("\nAlpine ").unwrap();
    for line in story.lines() {
        assert!(line.chars().count() <= 100, "{line}");
    }
}

#[test]
fn once_ends_after_the_story_and_does_not_go_with_stay() {
    let surroundings = Surroundings::new();
    let shown = surroundings.run(&[&FREE_PORTS[..], &["--once"]].concat());
    assert!(shown.starts_with("exit code 0\n") && !shown.contains("It stays up"), "{shown}");
    assert!(surroundings.run(&["demo", "--once", "--stay"]).starts_with("exit code 2\n"));
}

#[tokio::test]
async fn it_stays_up_for_other_commands_and_for_clicks_when_told_to() {
    let surroundings = Surroundings::new();
    let mut command = surroundings.command(&[&FREE_PORTS[..], &["--stay", "--free-ports"]].concat());
    let mut demo = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let lines = BufReader::new(demo.stdout.take().unwrap()).lines().map(Result::unwrap);
    let told: Vec<_> = lines.take_while(|line| line != "ctrl-c stops").collect();

    let token = surroundings.run(&["token", "--user", "cloud@alpine.test"]);
    let mut browser = Browser::trusting(&surroundings.path().join("home/ca/ropeway-ca.pem"));
    let url = |name: &str| {
        let line = told.iter().find(|line| line.contains(name)).unwrap_or_else(|| panic!("no {name}: {told:#?}"));
        line.split_whitespace().next().unwrap().to_owned()
    };
    browser.open(&url("legacy portal: ")).await;
    browser.press("sign-in", &[("username", "cloud@alpine.test"), ("password", "Summit-2042")]).await;
    assert!(browser.html.contains("Ada Alder"), "{}", browser.html);
    browser.open(&url("second portal: ")).await;
    assert_eq!(browser.text("error"), "login_required");
    browser.open(&url("modern portal: ")).await;
    browser.follow("sign-in").await;
    assert!(browser.shows("page-user-name"), "{}", browser.html);
    browser.open(&url("browser app: ")).await;
    assert!(browser.html.contains("<title>Browser app</title>"), "{}", browser.html);
    let sent = Command::new("kill").args(["-INT", &demo.id().to_string()]).status().unwrap();

    assert!(token.starts_with("exit code 0\n"), "{token}");
    assert!(sent.success());
    assert_eq!(demo.wait().unwrap().code(), Some(0));
}

#[test]
fn a_taken_port_of_the_apis_is_told_with_a_hint() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();

    let shown = Surroundings::new().run(&["demo", "--once", "--listen", "127.0.0.1:0", "--api-listen", &address]);

    let expected = format!("exit code 1\n--- stderr\nerror: the sample APIs cannot listen on {address}\ncaused by: ");
    assert!(shown.starts_with(&expected), "{shown}");
    assert!(shown.ends_with("\n\nhint: `--api-listen 127.0.0.1:0` picks a free port\n"), "{shown}");
}
