//! openidconnect, which knows nothing of Entra and holds it to the standards.

use openidconnect::core::{CoreClient, CoreErrorResponseType, CoreProviderMetadata, CoreTokenResponse};
use openidconnect::{
    AuthType, ClaimsVerificationError, ClientId, ClientSecret, EndpointMaybeSet, EndpointNotSet, EndpointSet,
    IssuerUrl, Nonce, OAuth2TokenResponse, RequestTokenError, ResourceOwnerPassword, ResourceOwnerUsername, Scope,
    StandardErrorResponse, TokenResponse,
};
use serde_json::json;

use crate::alpine::{
    DEFAULT, LEGACY_PORTAL, LEGACY_PORTAL_SECRET, LEGACY_TOOL, NIGHTLY_JOB, NIGHTLY_JOB_SECRET, PASSWORD,
};
use crate::server::server;
use crate::wire::{Wire, unverified};

type Client =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;
type Refused = RequestTokenError<reqwest::Error, StandardErrorResponse<CoreErrorResponseType>>;

/// A client that found the endpoints where the issuer's metadata says.
async fn discovered(wire: &Wire, client: &str, secret: Option<&str>) -> Client {
    let issuer = IssuerUrl::new(format!("{}/v2.0", server().authority())).unwrap();
    let metadata = CoreProviderMetadata::discover_async(issuer, &|request| wire.send(request)).await.unwrap();
    let secret = secret.map(|secret| ClientSecret::new(secret.to_owned()));
    CoreClient::from_provider_metadata(metadata, ClientId::new(client.to_owned()), secret)
}

async fn sign_in(wire: &Wire, client: &Client, user: &str, password: &str) -> Result<CoreTokenResponse, Refused> {
    let (user, password) =
        (ResourceOwnerUsername::new(user.to_owned()), ResourceOwnerPassword::new(password.to_owned()));
    let request = client.exchange_password(&user, &password).unwrap();
    let scopes = ["openid", "profile", DEFAULT].map(|scope| Scope::new(scope.to_owned()));
    request.add_scopes(scopes).request_async(&|request| wire.send(request)).await
}

/// The library's own word for the error, and what Entra said.
fn refusal(error: Refused) -> (String, String) {
    match error {
        RequestTokenError::ServerResponse(said) => {
            (said.error().as_ref().to_owned(), said.error_description().cloned().unwrap_or_default())
        }
        other => panic!("not a refusal: {other:?}"),
    }
}

fn is_refused_with(error: Refused, word: &str, code: u32) {
    let (error, description) = refusal(error);
    assert_eq!(error, word);
    assert!(description.starts_with(&format!("AADSTS{code}: ")), "{description}");
}

/// No nonce was sent, so none may come back.
fn no_nonce(nonce: Option<&Nonce>) -> Result<(), String> {
    nonce.map_or(Ok(()), |_| Err("a nonce that nobody sent".to_owned()))
}

#[tokio::test]
async fn the_right_password_gets_tokens_and_an_id_token_that_holds() {
    for (id, secret) in [(LEGACY_TOOL, None), (LEGACY_PORTAL, Some(LEGACY_PORTAL_SECRET))] {
        let wire = Wire::new();
        let client = discovered(&wire, id, secret).await;

        let tokens = sign_in(&wire, &client, "cloud@alpine.test", PASSWORD).await.unwrap();

        let id_token = tokens.id_token().unwrap();
        let claims = id_token.claims(&client.id_token_verifier(), no_nonce).unwrap();
        assert_eq!(claims.preferred_username().map(|name| name.as_str()), Some("cloud@alpine.test"));
        assert_eq!(unverified(tokens.access_token().secret())["scp"], "Employees.Read");
        assert!(tokens.expires_in().is_some());
        assert_eq!(wire.token_answers(), [200]);
    }
}

#[tokio::test]
async fn an_id_token_of_another_client_does_not_hold() {
    let wire = Wire::new();
    let portal = discovered(&wire, LEGACY_PORTAL, Some(LEGACY_PORTAL_SECRET)).await;
    let tool = discovered(&wire, LEGACY_TOOL, None).await;

    let tokens = sign_in(&wire, &portal, "cloud@alpine.test", PASSWORD).await.unwrap();

    let error = tokens.id_token().unwrap().claims(&tool.id_token_verifier(), no_nonce).unwrap_err();
    assert!(matches!(error, ClaimsVerificationError::InvalidAudience(_)), "{error:?}");
}

#[tokio::test]
async fn a_refusal_is_a_bad_grant_after_one_request() {
    for (user, password, code) in [("cloud@alpine.test", "Summit-2041", 50126), ("mfa@alpine.test", PASSWORD, 50076)] {
        let wire = Wire::new();
        let client = discovered(&wire, LEGACY_TOOL, None).await;

        let error = sign_in(&wire, &client, user, password).await.unwrap_err();

        is_refused_with(error, "invalid_grant", code);
        assert_eq!(wire.token_answers(), [400]);
    }
}

#[tokio::test]
async fn one_user_refused_and_another_right_with_one_client_is_one_request_each() {
    let wire = Wire::new();
    let client = discovered(&wire, LEGACY_TOOL, None).await;

    let error = sign_in(&wire, &client, "mfa@alpine.test", PASSWORD).await.unwrap_err();
    let right = sign_in(&wire, &client, "cloud@alpine.test", PASSWORD).await.unwrap();

    is_refused_with(error, "invalid_grant", 50076);
    assert_eq!(unverified(right.access_token().secret())["scp"], "Employees.Read");
    assert_eq!(wire.token_answers(), [400, 200]);
}

#[tokio::test]
async fn a_job_gets_a_token_of_its_own_and_a_wrong_secret_is_a_bad_client() {
    for how in [AuthType::BasicAuth, AuthType::RequestBody] {
        let wire = Wire::new();
        for secret in [NIGHTLY_JOB_SECRET, "guessed"] {
            let client = discovered(&wire, NIGHTLY_JOB, Some(secret)).await.set_auth_type(how.clone());
            let request = client.exchange_client_credentials().unwrap().add_scope(Scope::new(DEFAULT.to_owned()));

            let answer = request.request_async(&|request| wire.send(request)).await;

            match answer {
                Ok(tokens) if secret == NIGHTLY_JOB_SECRET => {
                    assert_eq!(unverified(tokens.access_token().secret())["roles"], json!(["Employees.Read.All"]));
                    assert!(tokens.id_token().is_none());
                }
                Ok(_) => panic!("a guessed secret got a token"),
                Err(error) => is_refused_with(error, "invalid_client", 7000215),
            }
        }
        assert_eq!(wire.token_answers(), [200, 401]);
    }
}
