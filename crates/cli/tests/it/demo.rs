use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

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
        "   tokens   cloud@alpine.test, guest@fjord.test, hashsync@alpine.test, ",
        "   50076    admin@alpine.test, mfa@alpine.test, camfa@alpine.test\n     why    UserStrongAuthClientAuthNRequired: ",
        "     do     Sign in once in a browser and register one.\n",
        "   50126    onprem@onprem.alpine.test, cloud@alpine.test with a wrong password\n",
        "\nNightly job (application) ",
        "\n✓ all 70 steps went as the sample's table says\n",
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

#[test]
fn it_stays_up_for_other_commands_when_told_to() {
    let surroundings = Surroundings::new();
    let mut command = surroundings.command(&[&FREE_PORTS[..], &["--stay"]].concat());
    let mut demo = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(demo.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.any(|line| line == "ctrl-c stops"), "it ended");

    let token = surroundings.run(&["token", "--user", "cloud@alpine.test"]);
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
