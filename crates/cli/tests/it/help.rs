use insta::assert_snapshot;

use crate::ropeway::Surroundings;

#[test]
fn the_commands() {
    assert_snapshot!(Surroundings::new().run(&["--help"]), @r"
    exit code 0
    --- stdout
    A Microsoft Entra ID test tenant in one binary

    Usage: ropeway [OPTIONS] <COMMAND>

    Commands:
      serve    Serve the tenants of a file, or the built-in sample
      demo     Tell and do the main job: tokens, an API, every refusal
      token    Get a token as a client would
      matrix   Try every test user with every flow, against a private copy
      scan     Find the password grant in code
      tenant   Write, check or show a tenant file
      explain  Say what an AADSTS code means, why it happens and what to do
      env      Print the variables that lead clients to the running server
      trust    Print how to trust the local CA, or install it
      help     Print this message or the help of the given subcommand(s)

    Options:
          --log <FILTER>  What to log on stderr, as RUST_LOG takes it: `warn`, `debug`,
                          `ropeway_server=trace` [default: RUST_LOG, else by command]
      -h, --help          Print help
      -V, --version       Print version

    Start with `ropeway serve`, then `ropeway token --user cloud@alpine.test` in another terminal.
    ");
}

#[test]
fn serve() {
    assert_snapshot!(Surroundings::new().run(&["serve", "--help"]), @r"
    exit code 0
    --- stdout
    Serve the tenants of a file, or the built-in sample

    Usage: ropeway serve [OPTIONS]

    Options:
          --log <FILTER>         What to log on stderr, as RUST_LOG takes it: `warn`, `debug`,
                                 `ropeway_server=trace` [default: RUST_LOG, else by command]
          --tenant <FILE>        A tenant file; may be repeated [default: the built-in sample]
          --listen <ADDR>        An address and port to listen on; may be repeated, port 0 picks a free
                                 one
          --data <DIR>           Keep the directory in this folder instead of in memory
          --origin <URL>         The URL that clients use, without a path [default: https://localhost
                                 with the port]
          --issuer <NAMES>       Whose host names issuers have: this server's, or Entra's for validators
                                 that hard-code them [default: own] [possible values: own, entra]
          --ready-file <FILE>    Write a file with origin, CA and control key once requests are answered
          --allow-known-secrets  Listen beyond this machine although passwords and secrets are the
                                 sample's, which everybody knows
          --stop-at-eof          Stop when standard input ends, as a pipe does when the program at its
                                 other end dies
      -h, --help                 Print help

    Without --listen it listens on 127.0.0.1:8443 and [::1]:8443, and on port 443 of both if it may, for
    clients that drop the port.
    Several at once: --listen 127.0.0.2:443 --origin https://127.0.0.2
    ");
}

#[test]
fn token() {
    assert_snapshot!(Surroundings::new().run(&["token", "--help"]), @r"
    exit code 0
    --- stdout
    Get a token as a client would

    Usage: ropeway token [OPTIONS]

    Options:
          --log <FILTER>               What to log on stderr, as RUST_LOG takes it: `warn`, `debug`,
                                       `ropeway_server=trace` [default: RUST_LOG, else by command]
          --user <UPN>                 The user who signs in
          --client <APPID>             The client application [default: the sample's Legacy tool; for
                                       client credentials Nightly job]
          --scope <S>                  A scope; may be repeated [default: the sample's Employee API]
          --flow <FLOW>                The grant: RFC 6749 §4.3 or §4.4, or RFC 8628 [default: password]
                                       [possible values: password, client-credentials, device-code]
          --tenant <TENANT>            The tenant, by id or domain [default: the server's first]
          --origin <URL>               The server, when several are running
          --json                       Print the whole response
          --decode                     Print the claims of the access token
          --password-stdin             Read the password from stdin
          --client-certificate <FILE>  Prove the client by the private key and the certificate in this
                                       PEM file instead of a secret
      -h, --help                       Print help

    Secrets come from ROPEWAY_PASSWORD, ROPEWAY_CLIENT_SECRET, --password-stdin or a prompt; those of
    the sample are known. A certificate is registered under the application's keyCredentials.
    ");
}
