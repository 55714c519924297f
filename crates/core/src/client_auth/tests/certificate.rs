//! Assertions signed with a registered certificate. Every fault stands beside the assertion without it.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::super::*;
use super::done;
use crate::directory::KeyCredential;
use crate::secret::Secret;
use crate::signin::fixture;
use crate::token::{SigningKey, test_key};

const NOW: i64 = 1_795_000_000;
const ORIGIN: &str = "https://localhost:8443";

fn client() -> Application {
    Application { key_credentials: vec![registered(test_key::first())], ..fixture::application(1, "Nightly job") }
}

fn registered(key: &SigningKey) -> KeyCredential {
    let certificate_der = key.certificate_der().to_vec();
    KeyCredential { display_name: None, certificate_der: certificate_der.into(), start: None, end: None }
}

/// Other algorithms are named in the header and signed as RS256.
fn signature(key: &SigningKey, algorithm: &str, message: &[u8]) -> Vec<u8> {
    match algorithm {
        "PS256" => key.sign_ps256(message),
        _ => key.sign_rs256(message).unwrap(),
    }
}

fn signed(key: &SigningKey, header: &str, claims: &str) -> String {
    let algorithm = serde_json::from_str::<Value>(header).unwrap()["alg"].as_str().unwrap_or_default().to_owned();
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature(key, &algorithm, message.as_bytes())))
}

fn sha256(key: &SigningKey) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, key.certificate_der()))
}

fn right_header() -> Value {
    json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": sha256(test_key::first()) })
}

fn right_claims() -> Value {
    let id = client().app_id.to_string();
    json!({
        "aud": format!("{ORIGIN}/{}/oauth2/v2.0/token", fixture::tenant().id),
        "iss": id, "sub": id, "jti": "x", "nbf": NOW, "iat": NOW, "exp": NOW + 600,
    })
}

/// The right object with these members changed, or taken out where they are null.
fn with(right: Value, changes: Value) -> String {
    let (Value::Object(mut object), Value::Object(changes)) = (right, changes) else { panic!("two objects") };
    for (name, value) in changes {
        if value.is_null() {
            object.shift_remove(&name);
        } else {
            object.insert(name, value);
        }
    }
    Value::Object(object).to_string()
}

fn outcome(client: &Application, assertion: &str) -> Result<ClientProof, Denial> {
    let tenant = fixture::tenant();
    let occasion = Occasion {
        tenant: &tenant,
        origins: &[ORIGIN],
        now: TenantTime::from_unix_seconds(NOW),
        wall: WallTime::from_unix_seconds(NOW),
    };
    let credential =
        ClientCredential { client_id: String::new(), secret: None, assertion: Some(Secret::new(assertion)) };
    done(authenticate(client, &credential, GrantType::ClientCredentials, true, &occasion))
}

fn code(header: &str, claims: &str) -> Option<u32> {
    outcome(&client(), &signed(test_key::first(), header, claims)).err().map(|denial| denial.code())
}

#[test]
fn what_real_clients_send_is_taken() {
    let certificate = test_key::first().certificate_der();
    let (sha1, sha256) = (digest(&SHA1_FOR_LEGACY_USE_ONLY, certificate), digest(&SHA256, certificate));
    let id = client().app_id;
    let issuer = format!("{ORIGIN}/{}/v2.0", fixture::tenant().id);
    let endpoint = format!("{ORIGIN}/{}/oauth2/v2.0/token", fixture::tenant().id);
    let start = NOW as f64;
    let capitals = id.to_string().to_uppercase();
    let cases = [
        (
            "MSAL for Python with a thumbprint",
            json!({ "alg": "RS256", "typ": "JWT", "x5t": URL_SAFE.encode(sha1) }),
            json!({ "aud": endpoint, "iss": id, "sub": id, "exp": start + 600.01, "iat": start + 0.01, "jti": "x" }),
        ),
        (
            "MSAL for Python with a certificate",
            json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": URL_SAFE.encode(sha256), "x5c": ["TUlJ\nQw=="] }),
            json!({ "aud": endpoint, "iss": id, "sub": id, "exp": start + 599.5, "iat": NOW, "jti": "x" }),
        ),
        (
            "azure_identity for Rust",
            json!({ "alg": "RS256", "x5t": STANDARD.encode(sha1), "typ": "JWT" }),
            json!({ "aud": endpoint, "iss": id, "sub": id, "exp": NOW + 300, "nbf": NOW, "jti": "x" }),
        ),
        (
            "MSAL for Node, half a second ahead",
            json!({ "alg": "PS256", "x5t#S256": URL_SAFE_NO_PAD.encode(sha256) }),
            json!({ "aud": endpoint, "iss": id, "sub": id, "nbf": NOW + 1, "iat": NOW + 1, "exp": NOW + 601 }),
        ),
        (
            "openid-client, for the issuer",
            json!({ "alg": "RS256", "kid": URL_SAFE_NO_PAD.encode(sha1) }),
            json!({ "aud": issuer, "iss": id, "sub": id, "exp": NOW + 60, "iat": NOW, "jti": "x" }),
        ),
        (
            "a list of one audience, the appId in capitals",
            right_header(),
            json!({ "aud": [endpoint], "iss": capitals, "sub": capitals, "exp": NOW + 60 }),
        ),
    ];
    for (name, header, claims) in cases {
        let assertion = signed(test_key::first(), &header.to_string(), &claims.to_string());
        assert_eq!(outcome(&client(), &assertion), Ok(ClientProof::Certificate), "{name}");
        assert_eq!(outcome(&client(), &assertion), Ok(ClientProof::Certificate), "{name}, sent again");
    }
}

#[test]
fn every_fault_has_its_code() {
    let changed_claims = |changes: Value| (right_header().to_string(), with(right_claims(), changes));
    let changed_header = |changes: Value| (with(right_header(), changes), right_claims().to_string());
    let cases = [
        ("none", changed_claims(json!({})), None),
        ("algorithm none", changed_header(json!({ "alg": "none" })), Some(5002738)),
        ("algorithm nOnE", changed_header(json!({ "alg": "nOnE" })), Some(5002738)),
        ("algorithm HS256", changed_header(json!({ "alg": "HS256" })), Some(5002738)),
        ("algorithm ES256", changed_header(json!({ "alg": "ES256" })), Some(5002738)),
        ("no algorithm", changed_header(json!({ "alg": null })), Some(5002738)),
        ("another typ", changed_header(json!({ "typ": "at+jwt" })), Some(5002727)),
        ("a typ that is no text", changed_header(json!({ "typ": 1 })), Some(5002727)),
        ("no thumbprint", changed_header(json!({ "x5t#S256": null })), Some(5002723)),
        (
            "an embedded key and no thumbprint",
            changed_header(json!({ "x5t#S256": null, "jwk": {}, "x5c": ["MII"] })),
            Some(5002723),
        ),
        ("an unknown thumbprint", changed_header(json!({ "x5t#S256": "AAAA" })), Some(700027)),
        ("a critical extension", changed_header(json!({ "crit": ["exp"] })), Some(50027)),
        ("no issuer", changed_claims(json!({ "iss": null })), Some(90014)),
        ("no subject", changed_claims(json!({ "sub": null })), Some(90014)),
        ("no audience", changed_claims(json!({ "aud": null })), Some(90014)),
        ("an empty list of audiences", changed_claims(json!({ "aud": [] })), Some(90014)),
        ("two audiences", changed_claims(json!({ "aud": ["a", "b"] })), Some(5002741)),
        ("an issuer that is no text", changed_claims(json!({ "iss": 1 })), Some(50027)),
        ("another subject", changed_claims(json!({ "sub": "x" })), Some(50048)),
        ("another client", changed_claims(json!({ "iss": "x", "sub": "x" })), Some(700021)),
        ("another audience", changed_claims(json!({ "aud": "https://example.com/" })), Some(700023)),
        ("expired within the skew", changed_claims(json!({ "exp": NOW - 299 })), None),
        ("expired", changed_claims(json!({ "exp": NOW - 300 })), Some(700024)),
        ("no expiry", changed_claims(json!({ "exp": null })), Some(700024)),
        ("an expiry as text", changed_claims(json!({ "exp": "1795000600" })), Some(50027)),
        ("an expiry at the end of time", changed_claims(json!({ "exp": 1e300 })), None),
        ("ahead within the skew", changed_claims(json!({ "nbf": NOW + 300 })), None),
        ("ahead beyond the skew", changed_claims(json!({ "nbf": NOW + 301 })), Some(700024)),
        ("no beginning", changed_claims(json!({ "nbf": null })), None),
    ];
    for (name, (header, claims), expected) in cases {
        assert_eq!(code(&header, &claims), expected, "{name}");
    }
    let header = right_header().to_string();
    assert_eq!(code(&header, &right_claims().to_string().replacen("\"aud\"", "\"exp\":1,\"aud\"", 1)), Some(50027));
    for text in ["", "x", "a.b", "a.b.c", &"a".repeat(70_000)] {
        assert_eq!(outcome(&client(), text).err().map(|denial| denial.code()), Some(50027), "{text:.10}");
    }
}

#[test]
fn only_the_registered_key_signs_and_only_while_it_holds() {
    let claims = right_claims().to_string();
    let of_second = with(right_header(), json!({ "x5t#S256": sha256(test_key::second()) }));
    let message = |client: &Application, key: &SigningKey, header: &str| {
        outcome(client, &signed(key, header, &claims)).map_or_else(
            |denial| denial.message().split(", Please visit").next().unwrap().to_owned(),
            |_| "ok".to_owned(),
        )
    };
    let thumbprint: String = digest(&SHA256, test_key::second().certificate_der())
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02X}"))
        .collect();
    let both = || {
        let keys = vec![registered(test_key::first()), registered(test_key::second())];
        Application { key_credentials: keys, ..client() }
    };
    let dated = |start, end| {
        let key = KeyCredential { start, end, ..registered(test_key::second()) };
        Application { key_credentials: vec![key], ..client() }
    };
    let at = |seconds: i64| Some(TenantTime::from_unix_seconds(NOW + seconds));

    assert_eq!(message(&both(), test_key::second(), &of_second), "ok");
    assert_eq!(message(&dated(at(0), at(1)), test_key::second(), &of_second), "ok");
    assert_eq!(
        message(&client(), test_key::second(), &of_second),
        format!(
            "The certificate with identifier used to sign the client assertion is not registered on application. [Reason - The key was not found., Thumbprint of key used by client: '{thumbprint}'"
        )
    );
    assert_eq!(
        message(&dated(at(-1), at(0)), test_key::second(), &of_second),
        format!(
            "Client assertion contains an invalid signature. [Reason - The key used is expired., Thumbprint of key used by client: '{thumbprint}', Found key 'Start=11/18/2026 11:06:39, End=11/18/2026 11:06:40'"
        )
    );
    assert!(message(&dated(at(1), None), test_key::second(), &of_second).contains("The key used is not yet valid."));
    assert!(message(&both(), test_key::first(), &of_second).contains("did not match the expected signature value."));
    let renewed = Application {
        key_credentials: [dated(at(-9), at(-1)).key_credentials, dated(at(-1), at(9)).key_credentials].concat(),
        ..client()
    };
    assert_eq!(message(&renewed, test_key::second(), &of_second), "ok");
}

#[test]
fn the_header_does_not_choose_what_the_key_is_for() {
    let (header, claims) = (right_header().to_string(), right_claims().to_string());
    let right = signed(test_key::first(), &header, &claims);
    let (message, signature) = right.rsplit_once('.').unwrap();
    let rs256 = test_key::first().sign_rs256(message.as_bytes()).unwrap();
    let swapped = format!("{message}.{}", URL_SAFE_NO_PAD.encode(rs256));
    let unsigned = format!("{message}.");
    let code = |assertion: &str| outcome(&client(), assertion).err().map(|denial| denial.code());

    assert_eq!(code(&right), None);
    assert_eq!(code(&swapped), Some(700027), "PKCS #1 under PS256");
    assert_eq!(code(&unsigned), Some(700027));
    assert_eq!(code(&format!("{message}x.{signature}")), Some(50027));
}

#[test]
fn a_certificate_of_another_kind_of_key_is_no_use() {
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::default().self_signed(&key).unwrap();
    let credential =
        KeyCredential { certificate_der: certificate.der().to_vec().into(), ..registered(test_key::first()) };
    let header = with(
        right_header(),
        json!({ "x5t#S256": URL_SAFE_NO_PAD.encode(digest(&SHA256, &credential.certificate_der)) }),
    );
    let client = Application { key_credentials: vec![credential], ..client() };

    let denial = outcome(&client, &signed(test_key::first(), &header, &right_claims().to_string())).unwrap_err();

    assert_eq!(denial.code(), 5002730);
}

#[test]
fn the_times_of_an_assertion_are_shown_as_entra_does() {
    let claims = with(right_claims(), json!({ "exp": NOW as f64 - 600.25, "nbf": null }));

    let denial = outcome(&client(), &signed(test_key::first(), &right_header().to_string(), &claims)).unwrap_err();

    insta::assert_snapshot!(denial.message(), @"Client assertion is not within its valid time range. Current time: 2026-11-18T11:06:40.0000000Z, assertion valid from 1970-01-01T00:00:00.0000000Z, expiry time of assertion 2026-11-18T10:56:39.7500000Z. Review the documentation at https://learn.microsoft.com/entra/identity-platform/certificate-credentials .");
}

#[test]
fn a_public_client_has_no_use_for_one() {
    let public = Application { is_fallback_public_client: true, key_credentials: Vec::new(), ..client() };

    assert_eq!(outcome(&public, "a.b.c").err().map(|denial| denial.code()), Some(700025));
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 8, 4, |inner| prop::collection::vec(inner, 0..4).prop_map(Value::from))
}

proptest! {
    #[test]
    fn no_assertion_makes_it_panic_and_none_without_our_key_passes(
        header in prop::collection::btree_map("alg|typ|x5t|x5t#S256|kid|x5c|crit", any_json(), 0..4),
        claims in prop::collection::btree_map("iss|sub|aud|exp|nbf|iat|jti", any_json(), 0..7),
        right_key in any::<bool>(),
        text in "[ -~]{0,80}",
    ) {
        let object = |right: Value, map: std::collections::BTreeMap<String, Value>| {
            let Value::Object(mut object) = right else { return Map::new() };
            object.extend(map);
            object
        };
        let header = Value::Object(object(right_header(), header)).to_string();
        let claims = Value::Object(object(right_claims(), claims)).to_string();
        let assertion = signed(if right_key { test_key::first() } else { test_key::second() }, &header, &claims);

        let found = outcome(&client(), &assertion);

        prop_assert!(right_key || found.is_err());
        prop_assert!(outcome(&client(), &text).is_err());
    }
}
