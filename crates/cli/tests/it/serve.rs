use insta::assert_snapshot;
use serde_json::Value;

use crate::ropeway::Surroundings;

#[test]
fn serve_says_ready_once_and_sigterm_ends_it_with_0() {
    let surroundings = Surroundings::new();
    let server = surroundings.serve(&[]);
    let origin = server.ready["origin"].as_str().unwrap().to_owned();
    let runtime_files = || std::fs::read_dir(surroundings.path().join("run/ropeway")).unwrap().count();

    let line = server.ready_line.clone();
    let milliseconds = line.strip_prefix(&format!("ready {origin} in ")).and_then(|rest| rest.strip_suffix(" ms\n"));
    assert!(milliseconds.is_some_and(|number| number.parse::<u32>().is_ok()), "{line}");
    assert_eq!(server.ready["tenants"][0]["tenantId"], "5e1f0a00-0000-4000-8000-000000000001");
    assert_eq!(server.ready["tenants"][0]["domains"][0], "alpine.test");
    assert_eq!(runtime_files(), 1);

    let (code, stdout, stderr) = server.stop("-TERM");
    assert_eq!(code, Some(0));
    assert_eq!(stdout, "", "the ready line is the only one");
    assert!(stderr.contains("Alpine alpine.test onprem.alpine.test"), "{stderr}");
    assert_eq!(runtime_files(), 0);
}

#[test]
fn ctrl_c_ends_it_with_0_too() {
    let surroundings = Surroundings::new();
    assert_eq!(surroundings.serve(&[]).stop("-INT").0, Some(0));
}

#[test]
fn the_end_of_standard_input_ends_it_if_that_was_asked_for() {
    let surroundings = Surroundings::new();
    let tokens = || surroundings.run(&["token", "--user", "cloud@alpine.test"]).starts_with("exit code 0\n");

    let mut server = surroundings.serve(&["--stop-at-eof"]);
    assert!(tokens(), "it serves while the other end is open");
    server.end_input();
    assert_eq!(server.end().0, Some(0));

    let mut server = surroundings.serve(&[]);
    server.end_input();
    assert!(tokens(), "nobody asked");
    assert_eq!(server.stop("-TERM").0, Some(0));
}

#[test]
fn token_gets_a_token_or_says_why_not() {
    let surroundings = Surroundings::new();
    let _server = surroundings.serve(&[]);

    let claims = json(&surroundings.run(&["token", "--user", "cloud@alpine.test", "--decode"]));
    assert_eq!(claims["preferred_username"], "cloud@alpine.test");
    assert_eq!(claims["scp"], "Employees.Read");
    let claims = json(&surroundings.run(&["token", "--flow", "client-credentials", "--decode"]));
    assert_eq!(claims["roles"], serde_json::json!(["Employees.Read.All"]));
    let response = json(&surroundings.run(&["token", "--user", "cloud@alpine.test", "--json"]));
    assert_eq!(response["token_type"], "Bearer");
    let token = surroundings.run(&["token", "--user", "guest@fjord.test"]);
    assert_eq!(token.strip_prefix("exit code 0\n--- stdout\n").unwrap().trim_end().split('.').count(), 3, "{token}");

    let refused = surroundings.run(&["token", "--user", "mfa@alpine.test"]);
    assert!(
        refused.starts_with("exit code 1\n--- stderr\nerror: AADSTS50076: Due to a configuration change"),
        "{refused}"
    );
    assert!(refused.ends_with("\n\nhint: ropeway explain 50076\n"), "{refused}");
}

#[test]
fn a_given_password_beats_the_known_one() {
    let surroundings = Surroundings::new();
    let _server = surroundings.serve(&[]);
    let user = ["token", "--user", "cloud@alpine.test"];

    let wrong = surroundings.run_with_stdin(&[&user[..], &["--password-stdin"]].concat(), "Winter-2042\n");
    assert!(wrong.contains("AADSTS50126"), "{wrong}");
    let right = surroundings.run_with_stdin(&[&user[..], &["--password-stdin"]].concat(), "Summit-2042\n");
    assert!(right.starts_with("exit code 0\n"), "{right}");
    let mut command = surroundings.command(&user);
    command.env("ROPEWAY_PASSWORD", "Winter-2042");
    let wrong = surroundings.shown(command, "");
    assert!(wrong.contains("AADSTS50126"), "{wrong}");
}

#[test]
fn env_leads_clients_to_the_running_server() {
    let surroundings = Surroundings::new();
    let server = surroundings.serve(&[]);
    let origin = server.ready["origin"].as_str().unwrap();

    assert_snapshot!(surroundings.run(&["env"]).replace(origin, "[ORIGIN]"), @r#"
    exit code 0
    --- stdout
    export AZURE_AUTHORITY_HOST='[ORIGIN]'
    export AZURE_TENANT_ID='5e1f0a00-0000-4000-8000-000000000001'
    export AZURE_CLIENT_ID='e0a91000-0000-4000-8000-00000000000f'
    export AZURE_CLIENT_SECRET='nightly-job-secret'
    export REQUESTS_CA_BUNDLE='[FOLDER]/home/ca/ropeway-ca-bundle.pem'
    export NODE_EXTRA_CA_CERTS='[FOLDER]/home/ca/ropeway-ca.pem'
    export CURL_CA_BUNDLE='[FOLDER]/home/ca/ropeway-ca-bundle.pem'
    export SSL_CERT_FILE='[FOLDER]/home/ca/ropeway-ca-bundle.pem'
    # Microsoft's libraries ask login.microsoftonline.com whether an authority exists; turn that off in code:
    # MSAL Python: instance_discovery=False; azure-identity for Python: disable_instance_discovery=True
    # MSAL Node and MSAL Browser: auth.knownAuthorities with host and port; @azure/identity: disableInstanceDiscovery: true
    # MSAL.NET: WithInstanceDiscovery(false); Azure.Identity for .NET: DisableInstanceDiscovery = true
    # MSAL Go: WithInstanceDiscovery(false); azidentity for Go: DisableInstanceDiscovery: true
    # MSAL Java: instanceDiscovery(false); azure-identity for Java: disableInstanceDiscovery(); its CA: -Djavax.net.ssl.trustStore
    # az: export AZURE_CORE_INSTANCE_DISCOVERY=false; azure_identity for Rust asks nobody
    # Node reads NODE_EXTRA_CA_CERTS when it starts; aiohttp and httpx want the CA in code, from SSL_CERT_FILE
    "#);
    let variables = json(&surroundings.run(&["env", "--format", "json"]));
    assert_eq!(variables["AZURE_AUTHORITY_HOST"], origin);
    let pwsh = surroundings.run(&["env", "--format", "pwsh"]);
    assert!(pwsh.contains(&format!("$env:AZURE_AUTHORITY_HOST = '{origin}'\n")), "{pwsh}");
    let dotenv = surroundings.run(&["env", "--format", "dotenv"]);
    assert!(dotenv.contains(&format!("AZURE_AUTHORITY_HOST=\"{origin}\"\n")), "{dotenv}");
}

#[test]
fn with_two_servers_one_must_be_chosen() {
    let surroundings = Surroundings::new();
    let (first, second) = (surroundings.serve(&[]), surroundings.serve(&[]));
    let origin = second.ready["origin"].as_str().unwrap();

    let shown = surroundings.run(&["env"]);
    assert!(shown.starts_with("exit code 2\n--- stderr\nerror: 2 servers are running: "), "{shown}");
    let variables = json(&surroundings.run(&["env", "--format", "json", "--origin", origin]));
    assert_eq!(variables["AZURE_AUTHORITY_HOST"], origin);
    drop(first);
    let shown = surroundings.run(&["env", "--format", "json"]);
    assert!(shown.starts_with("exit code 0\n"), "a killed server is not running: {shown}");
}

#[test]
fn known_secrets_are_served_beyond_this_machine_only_when_allowed() {
    let surroundings = Surroundings::new();
    assert_snapshot!(surroundings.run(&["serve", "--listen", "0.0.0.0:0"]), @r"
    exit code 2
    --- stderr
    error: will not listen beyond this machine: passwords or secrets are the sample's, which everybody knows

    hint: write others into the tenant file, or add `--allow-known-secrets`
    ");
    let server = surroundings.serve(&["--listen", "0.0.0.0:0", "--allow-known-secrets"]);
    assert_eq!(server.stop("-TERM").0, Some(0));

    let own = "tenants:\n  - { id: 5e1f0a00-0000-4000-8000-000000000003, displayName: Own, \
        verifiedDomains: [{ name: own.test, isDefault: true }] }\n";
    std::fs::write(surroundings.path().join("own.yaml"), own).unwrap();
    let server = surroundings.serve(&["--listen", "0.0.0.0:0", "--tenant", "own.yaml"]);
    assert_eq!(server.ready["tenants"][0]["displayName"], "Own");
}

#[test]
fn a_taken_port_is_told_with_its_holder_and_a_hint() {
    let surroundings = Surroundings::new();
    let server = surroundings.serve(&[]);
    let address = server.ready["listen"][0].as_str().unwrap();

    let shown = surroundings.run(&["serve", "--listen", address]).replace(address, "[ADDRESS]");
    let expected =
        format!("exit code 1\n--- stderr\nerror: cannot listen on [ADDRESS]: ropeway (pid {})", server.ready["pid"]);
    assert!(shown.starts_with(&expected), "{shown}");
    assert!(
        shown.contains("\n\nhint: stop it, or choose another port: `--listen 127.0.0.1:0` picks a free one"),
        "{shown}"
    );
}

fn json(shown: &str) -> Value {
    serde_json::from_str(shown.strip_prefix("exit code 0\n--- stdout\n").unwrap_or_else(|| panic!("{shown}"))).unwrap()
}
