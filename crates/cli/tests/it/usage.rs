use insta::assert_snapshot;

use crate::ropeway::Surroundings;

#[test]
fn wrong_usage_is_exit_code_2() {
    let surroundings = Surroundings::new();
    for arguments in [
        &["frobnicate"][..],
        &["explain"],
        &["explain", "50126", "50127"],
        &["serve", "--listen", "127.0.0.1"],
        &["serve", "--origin", "http://localhost:8443"],
        &["serve", "--port", "8443"],
        &["env", "--format", "xml"],
        &["trust", "--install", "--remove"],
        &["token", "--user", "a", "--client", "not-a-guid"],
        &["token", "--user", "a", "--json", "--decode"],
        &["token"],
        &["tenant"],
    ] {
        let shown = surroundings.run(arguments);
        assert!(shown.starts_with("exit code 2\n"), "{arguments:?}: {shown}");
        assert!(!shown.contains("--- stdout"), "{arguments:?}: {shown}");
    }
}

#[test]
fn a_wrong_value_says_what_would_be_right() {
    let surroundings = Surroundings::new();
    assert_snapshot!(surroundings.run(&["serve", "--listen", "::1"]), @r"
    exit code 2
    --- stderr
    error: invalid value '::1' for '--listen <ADDR>': `::1` has no port; write [::1]:8443

    For more information, try '--help'.
    ");
    assert_snapshot!(surroundings.run(&["serve", "--origin", "http://localhost:8443"]), @r"
    exit code 2
    --- stderr
    error: invalid value 'http://localhost:8443' for '--origin <URL>': `http://localhost:8443` does not begin with https://, and Microsoft's clients refuse anything else; an origin looks like https://localhost:8443

    For more information, try '--help'.
    ");
}

#[test]
fn commands_that_need_a_server_say_how_to_start_one() {
    let surroundings = Surroundings::new();
    let shown =
        "exit code 1\n--- stderr\nerror: no server of yours is running\n\nhint: start one with `ropeway serve`\n";
    assert_eq!(surroundings.run(&["env"]), shown);
    assert_eq!(surroundings.run(&["token", "--user", "cloud@alpine.test"]), shown);
}

#[test]
fn an_argument_is_never_a_secret() {
    for command in ["token", "serve"] {
        let help = Surroundings::new().run(&[command, "--help"]);
        for option in ["--password ", "--password=", "--secret", "--client-secret"] {
            assert!(!help.contains(option), "{command} {option}");
        }
    }
}
