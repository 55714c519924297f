//! Tokens of outside issuers.

use serde_json::{Map, Value, json};

use super::super::*;
use crate::directory::FederatedIdentityCredential;
use crate::secret::Secret;
use crate::signin::fixture;
use crate::token::{Header, SigningKey, VerifyingKey, sign, test_key};

const NOW: i64 = 1_795_000_000;
const ISSUER: &str = "https://token.issuer.test";
const AUDIENCE: &str = "api://AzureADTokenExchange";
const SUBJECT: &str = "repo:alpine/jobs:ref:refs/heads/main";

fn credential(issuer: &str, subject: &str, audiences: &[&str]) -> FederatedIdentityCredential {
    FederatedIdentityCredential {
        name: subject.to_owned(),
        issuer: issuer.to_owned(),
        subject: subject.to_owned(),
        audiences: audiences.iter().map(ToString::to_string).collect(),
    }
}

fn client() -> Application {
    let federated_identity_credentials =
        vec![credential(ISSUER, SUBJECT, &[AUDIENCE]), credential("https://other.test/", "other", &["a", "b"])];
    Application { federated_identity_credentials, ..fixture::application(1, "Nightly job") }
}

fn right_claims() -> Map<String, Value> {
    let claims = json!({ "iss": ISSUER, "sub": SUBJECT, "aud": AUDIENCE, "nbf": NOW, "exp": NOW + 300, "iat": NOW });
    claims.as_object().unwrap().clone()
}

fn with(changes: Value) -> Map<String, Value> {
    let mut claims = right_claims();
    claims.extend(changes.as_object().unwrap().clone());
    claims
}

fn token(key: &SigningKey, claims: &Map<String, Value>) -> String {
    sign(key, Header::V2, claims).unwrap()
}

fn outcome(client: &Application, assertion: &str) -> Result<ClientProof, Denial> {
    let tenant = fixture::tenant();
    let wall = WallTime::from_unix_seconds(NOW);
    let occasion = Occasion { tenant: &tenant, origins: &[], now: TenantTime(0), wall };
    let credential =
        ClientCredential { client_id: String::new(), secret: None, assertion: Some(Secret::new(assertion)) };
    match authenticate(client, &credential, GrantType::ClientCredentials, true, &occasion)? {
        Authentication::Done(proof) => panic!("{proof:?} without the issuer's keys"),
        Authentication::Federated(assertion) => {
            assert_eq!(assertion.key_id(), test_key::first().key_id());
            assertion.check(&[VerifyingKey::from(test_key::first())], wall)
        }
    }
}

fn code(client: &Application, claims: &Map<String, Value>) -> Option<u32> {
    outcome(client, &token(test_key::first(), claims)).err().map(|denial| denial.code())
}

#[test]
fn issuer_audience_and_subject_must_be_a_credentials_letter_by_letter() {
    let none = Application { federated_identity_credentials: Vec::new(), ..client() };
    let cases = [
        ("as registered", client(), json!({}), None),
        (
            "as the other is registered",
            client(),
            json!({ "iss": "https://other.test/", "sub": "other", "aud": "b" }),
            None,
        ),
        ("a list of one audience", client(), json!({ "aud": [AUDIENCE] }), None),
        ("nothing is registered", none, json!({}), Some(70021)),
        ("another issuer", client(), json!({ "iss": "https://issuer.test" }), Some(700211)),
        ("the issuer with a slash", client(), json!({ "iss": format!("{ISSUER}/") }), Some(700211)),
        ("another audience", client(), json!({ "aud": "api://other" }), Some(700212)),
        ("the audience of the other", client(), json!({ "aud": "a" }), Some(700212)),
        ("two audiences", client(), json!({ "aud": [AUDIENCE, "b"] }), Some(5002741)),
        ("another subject", client(), json!({ "sub": "repo:alpine/jobs" }), Some(700213)),
        ("the subject of the other", client(), json!({ "sub": "other" }), Some(700213)),
        ("the subject in another case", client(), json!({ "sub": SUBJECT.to_uppercase() }), Some(7002138)),
        ("expired", client(), json!({ "exp": NOW - 300 }), Some(700024)),
        ("not yet valid", client(), json!({ "nbf": NOW + 301 }), Some(700024)),
    ];
    for (name, client, changes, expected) in cases {
        assert_eq!(code(&client, &with(changes)), expected, "{name}");
    }
}

#[test]
fn only_the_issuers_key_signs() {
    let message = |token: &str| outcome(&client(), token).map_err(|denial| (denial.code(), denial.message()));
    let right = token(test_key::first(), &right_claims());
    let (message_part, _) = right.rsplit_once('.').unwrap();
    let (_, foreign) =
        token(test_key::second(), &right_claims()).rsplit_once('.').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();

    assert_eq!(message(&right), Ok(ClientProof::Certificate));
    let (code, text) = message(&format!("{message_part}.{foreign}")).unwrap_err();
    assert_eq!(code, 700027);
    assert!(text.contains("did not match the expected signature value."), "{text}");
}

#[test]
fn a_key_that_the_issuer_does_not_publish_is_not_found() {
    let tenant = fixture::tenant();
    let wall = WallTime::from_unix_seconds(NOW);
    let occasion = Occasion { tenant: &tenant, origins: &[], now: TenantTime(0), wall };
    let assertion = Some(Secret::new(token(test_key::second(), &right_claims())));
    let credential = ClientCredential { client_id: String::new(), secret: None, assertion };
    let read = authenticate(&client(), &credential, GrantType::ClientCredentials, true, &occasion).unwrap();
    let Authentication::Federated(assertion) = read else { panic!("an outside issuer's") };
    let (first, second) = (VerifyingKey::from(test_key::first()), VerifyingKey::from(test_key::second()));

    assert_eq!(assertion.issuer(), ISSUER);
    assert_eq!(assertion.check(&[first.clone(), second], wall), Ok(ClientProof::Certificate));
    assert_eq!(assertion.check(&[first], wall).map_err(|denial| denial.code()), Err(700027));
}

#[test]
fn of_another_entra_tenant_an_applications_own_token_is_taken_and_a_users_is_not() {
    let tenant = "5e1f0a00-0000-4000-8000-000000000002";
    let issuer = format!("https://localhost:8443/{tenant}/v2.0");
    let mut client = client();
    client.federated_identity_credentials.push(credential(&issuer, "principal", &[AUDIENCE]));
    let with_claims = |changes: Value| {
        let mut claims = with(json!({ "iss": issuer, "sub": "principal", "tid": tenant, "oid": "principal" }));
        claims.extend(changes.as_object().unwrap().clone());
        claims
    };

    assert_eq!(code(&client, &with_claims(json!({}))), None);
    assert_eq!(code(&client, &with_claims(json!({ "oid": "user" }))), Some(700229));
    assert_eq!(code(&client, &with_claims(json!({ "scp": "Employees.Read" }))), Some(700229));
    assert_eq!(code(&client, &with_claims(json!({ "tid": "elsewhere", "oid": "user" }))), None, "not Entra's");
}
