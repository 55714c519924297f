use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde_json::json;

use crate::alpine::Alpine;
use crate::ropeway::Surroundings;

const NIGHTLY_JOB: &str = "e0a91000-0000-4000-8000-00000000000f";
const WITH_CERTIFICATE: [&str; 6] =
    ["token", "--flow", "client-credentials", "--decode", "--client-certificate", "client.pem"];

/// Writes `client.pem`, as `openssl req -x509 -noenc` makes it; the certificate in DER.
fn write_certificate(surroundings: &Surroundings) -> Vec<u8> {
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap();
    let certificate = rcgen::CertificateParams::default().self_signed(&key).unwrap();
    fs::write(surroundings.path().join("client.pem"), key.serialize_pem() + &certificate.pem()).unwrap();
    certificate.der().to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_stands_for_a_secret() {
    let surroundings = Surroundings::new();
    let certificate = write_certificate(&surroundings);
    let server = surroundings.serve(&[]);

    let stranger = surroundings.run(&WITH_CERTIFICATE);
    let credential = json!({ "type": "AsymmetricX509Cert", "usage": "Verify", "key": STANDARD.encode(certificate) });
    let change = json!({ "keyCredentials": [credential] });
    let path = format!("applications/{NIGHTLY_JOB}");
    assert_eq!(Alpine::on(&server).control(Method::PATCH, &path, &change).await.unwrap().status, 200);
    let known = surroundings.run(&WITH_CERTIFICATE);

    assert!(stranger.starts_with("exit code 1\n--- stderr\nerror: AADSTS700027: "), "{stranger}");
    let claims = known.strip_prefix("exit code 0\n--- stdout\n").unwrap_or_else(|| panic!("{known}"));
    let claims: serde_json::Value = serde_json::from_str(claims).unwrap();
    assert_eq!((&claims["azpacr"], &claims["roles"]), (&json!("2"), &json!(["Employees.Read.All"])));
}

#[test]
fn a_file_that_is_no_certificate_and_key_is_bad_input() {
    let surroundings = Surroundings::new();
    let _server = surroundings.serve(&[]);
    write_certificate(&surroundings);
    let whole = fs::read_to_string(surroundings.path().join("client.pem")).unwrap();
    let certificate_at = whole.find("-----BEGIN CERTIFICATE").unwrap();
    for (text, caused_by) in [
        (None, "No such file or directory"),
        (Some(&whole[..certificate_at]), "no certificate was found"),
        (Some(&whole[certificate_at..]), "no RSA key without a password was found"),
        (Some(""), "no certificate was found"),
    ] {
        match text {
            Some(text) => fs::write(surroundings.path().join("client.pem"), text).unwrap(),
            None => fs::remove_file(surroundings.path().join("client.pem")).unwrap(),
        }
        let shown = surroundings.run(&WITH_CERTIFICATE);
        assert!(shown.starts_with("exit code 2\n--- stderr\nerror: "), "{shown}");
        assert!(shown.contains(caused_by) && shown.contains("hint: make one with `openssl req "), "{shown}");
    }
}
