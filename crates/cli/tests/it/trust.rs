use crate::ropeway::Surroundings;

#[test]
fn trust_makes_the_local_ca_and_says_how_to_trust_it() {
    let surroundings = Surroundings::new();
    let shown = surroundings.run(&["trust"]);
    assert!(shown.starts_with("exit code 0\n--- stdout\nThe local CA is [FOLDER]/home/ca/ropeway-ca.pem\n"), "{shown}");
    assert!(shown.contains("NODE_EXTRA_CA_CERTS='[FOLDER]/home/ca/ropeway-ca.pem'"), "{shown}");
    assert!(surroundings.path().join("home/ca/ropeway-ca.pem").exists());
    assert_eq!(surroundings.run(&["trust"]), shown, "the same CA again");
}

#[test]
fn an_outside_origin_has_a_ca_of_its_own() {
    let shown = Surroundings::new().run(&["trust", "--origin", "https://login.example.com"]);
    assert!(shown.contains("[FOLDER]/home/ca/ropeway-ca-login.example.com.pem"), "{shown}");
}
