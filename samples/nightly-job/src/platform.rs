//! The identity platform, spoken to by OAuth and OpenID Connect: the crate `openidconnect` knows the protocol, this file
//! what the job wants of it.

use std::error::Error;
use std::fs;
use std::mem;
use std::time::Duration;

use anyhow::{Context, anyhow};
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreClaimName, CoreClaimType, CoreClientAuthMethod,
    CoreDeviceAuthorizationResponse, CoreGenderClaim, CoreGrantType, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm, CoreResponseMode, CoreResponseType, CoreRevocableToken, CoreRevocationErrorResponse,
    CoreSubjectIdentifierType, CoreTokenIntrospectionResponse, CoreTokenResponse,
};
use openidconnect::{
    AccessToken, AdditionalProviderMetadata, AuthType, AuthenticationFlow, AuthorizationCode, ClientId, CsrfToken,
    DeviceAuthorizationUrl, EmptyAdditionalClaims, EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest,
    HttpResponse, IssuerUrl, Nonce, NonceVerifier, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier,
    ProviderMetadata, RedirectUrl, RefreshToken, RequestTokenError, ResourceOwnerUsername, Scope, TokenResponse,
};
use reqwest::{Certificate, Client, StatusCode, Url, redirect};
use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::refusal::PlatformRefusal;
use crate::settings::Settings;

pub(crate) struct Platform<'s> {
    http: Client,
    settings: &'s Settings,
    client: JobClient,
    device_endpoint: Option<DeviceAuthorizationUrl>,
}

pub(crate) struct Tokens {
    pub(crate) access_token: AccessToken,
    pub(crate) refresh_token: Option<RefreshToken>,
}

/// An authorisation that was begun in a browser: what the answer is held against.
pub(crate) struct Attempt {
    pub(crate) state: CsrfToken,
    nonce: Nonce,
    pkce_verifier: PkceCodeVerifier,
    redirect_uri: RedirectUrl,
}

/// What came of an authorisation.
pub(crate) struct Authorised {
    pub(crate) user: String,
    pub(crate) refresh_token: RefreshToken,
}

type JobClient = openidconnect::Client<
    EmptyAdditionalClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    PlatformRefusal,
    CoreTokenResponse,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

type Metadata = ProviderMetadata<
    DeviceEndpoint,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// RFC 8628 §4.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct DeviceEndpoint {
    device_authorization_endpoint: Option<DeviceAuthorizationUrl>,
}

impl AdditionalProviderMetadata for DeviceEndpoint {}

#[derive(Debug, thiserror::Error)]
enum HttpError {
    #[error("no answer")]
    Http(#[from] reqwest::Error),
    /// Whatever it says besides, it is not a refusal.
    #[error("the platform answered {0}")]
    Broken(StatusCode),
}

impl<'s> Platform<'s> {
    /// Reads metadata and keys. `openidconnect` refuses metadata of another issuer than asked for.
    pub(crate) async fn connect(settings: &'s Settings) -> Result<Self, Failure> {
        let http = http(settings).map_err(Failure::settings)?;
        let issuer = IssuerUrl::new(settings.issuer_url.clone()).context("the issuer is no URL");
        let issuer = issuer.map_err(Failure::settings)?;
        let metadata = Metadata::discover_async(issuer, &|request| send(http.clone(), request)).await;
        let metadata = metadata.with_context(|| format!("asking {} about itself", settings.issuer_url));
        let metadata = metadata.map_err(Failure::platform)?;
        let device_endpoint = metadata.additional_metadata().device_authorization_endpoint.clone();
        let client_id = ClientId::new(settings.client_id.clone());
        let client = JobClient::from_provider_metadata(metadata, client_id, Some(settings.client_secret.clone()))
            // Entra wants the client id in the body when it is asked for a device code.
            .set_auth_type(AuthType::RequestBody);
        Ok(Self { http, settings, client, device_endpoint })
    }

    /// RFC 6749 §4.3.
    pub(crate) async fn password(&self, scope: String) -> Result<AccessToken, Failure> {
        let user = ResourceOwnerUsername::new(self.settings.user.clone());
        let request = self.client.exchange_password(&user, &self.settings.password).map_err(no_token_endpoint)?;
        let request = request.add_scope(Scope::new(scope));
        let answer = request.request_async(&|request| send(self.http.clone(), request)).await;
        Ok(tokens(answer, false)?.access_token)
    }

    /// RFC 6749 §6.
    pub(crate) async fn refresh(&self, refresh_token: &RefreshToken, scope: String) -> Result<Tokens, Failure> {
        let request = self.client.exchange_refresh_token(refresh_token).map_err(no_token_endpoint)?;
        let request = request.add_scope(Scope::new(OFFLINE_ACCESS.to_owned())).add_scope(Scope::new(scope));
        tokens(request.request_async(&|request| send(self.http.clone(), request)).await, true)
    }

    /// RFC 6749 §4.4.
    pub(crate) async fn client_credentials(&self, scope: String) -> Result<AccessToken, Failure> {
        let request = self.client.exchange_client_credentials().map_err(no_token_endpoint)?;
        let request = request.add_scope(Scope::new(scope));
        let answer = request.request_async(&|request| send(self.http.clone(), request)).await;
        Ok(tokens(answer, true)?.access_token)
    }

    /// The page to open in a browser (RFC 6749 §4.1, RFC 7636), and what to remember meanwhile.
    pub(crate) fn begin(&self, redirect_uri: RedirectUrl, scope: String) -> (Url, Attempt) {
        let (pkce_challenge, pkce_verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = AuthenticationFlow::<CoreResponseType>::AuthorizationCode;
        let client = self.client.clone().set_redirect_uri(redirect_uri.clone());
        let request = client
            .authorize_url(flow, CsrfToken::new_random, Nonce::new_random)
            .set_pkce_challenge(pkce_challenge)
            // Whoever is signed in at this browser need not be the one whom the job is to act for.
            .add_prompt(CoreAuthPrompt::SelectAccount)
            .add_scopes(authorisation_scopes(scope));
        let (url, state, nonce) = request.url();
        (url, Attempt { state, nonce, pkce_verifier, redirect_uri })
    }

    /// Redeems the code that the browser brought.
    pub(crate) async fn finish(&self, code: String, attempt: Attempt) -> Result<Authorised, Failure> {
        let client = self.client.clone().set_redirect_uri(attempt.redirect_uri);
        let request = client.exchange_code(AuthorizationCode::new(code)).map_err(no_token_endpoint)?;
        let request = request.set_pkce_verifier(attempt.pkce_verifier);
        let answer = request.request_async(&|request| send(self.http.clone(), request)).await;
        self.authorised(&answer.map_err(|error| request_failure(error, true))?, &attempt.nonce)
    }

    /// Asks for a code that a person types in on another device (RFC 8628 §3.1).
    pub(crate) async fn begin_on_device(&self, scope: String) -> Result<CoreDeviceAuthorizationResponse, Failure> {
        let endpoint = self.device_endpoint.clone().context("the platform has no device code");
        let client = self.client.clone().set_device_authorization_url(endpoint.map_err(Failure::settings)?);
        let request = client.exchange_device_code().add_scopes(authorisation_scopes(scope));
        let answer = request.request_async(&|request| send(self.http.clone(), request)).await;
        answer.map_err(|error| request_failure(error, true))
    }

    /// Asks again and again, as often as the platform allows, until the person is done (RFC 8628 §3.4).
    pub(crate) async fn finish_on_device(&self, code: &CoreDeviceAuthorizationResponse) -> Result<Authorised, Failure> {
        let request = self.client.exchange_device_access_token(code).map_err(no_token_endpoint)?;
        let http = |request| send(self.http.clone(), request);
        let answer = request.request_async(&http, tokio::time::sleep, None).await;
        let answer = answer.map_err(|error| match error {
            RequestTokenError::ServerResponse(answer) => PlatformRefusal {
                error: answer.error().as_ref().to_owned(),
                error_description: answer.error_description().cloned().unwrap_or_default(),
                error_codes: Vec::new(),
            }
            .into_failure(true),
            other => Failure::platform(anyhow!(other).context("asking the platform's token endpoint")),
        })?;
        // There was no request that a nonce could belong to.
        self.authorised(&answer, |_: Option<&Nonce>| Ok(()))
    }

    /// Who authorised is in the id token, which is checked as OpenID Connect Core 1.0 §3.1.3.7 says.
    fn authorised(&self, answer: &CoreTokenResponse, nonce: impl NonceVerifier) -> Result<Authorised, Failure> {
        let id_token = answer.id_token().context("the platform's answer has no id token").map_err(Failure::platform)?;
        let claims = id_token.claims(&self.client.id_token_verifier(), nonce);
        let claims = claims.context("the id token cannot be accepted").map_err(Failure::platform)?;
        let user = claims.preferred_username().map_or_else(|| claims.subject().to_string(), |name| name.to_string());
        let refresh_token = answer.refresh_token().cloned().context("the platform gave no refresh token");
        Ok(Authorised { user, refresh_token: refresh_token.map_err(Failure::platform)? })
    }
}

/// Who it is, a refresh token, and the one permission; `openid` is there already.
fn authorisation_scopes(scope: String) -> [Scope; 3] {
    [Scope::new("profile".to_owned()), Scope::new(OFFLINE_ACCESS.to_owned()), Scope::new(scope)]
}

type Answered = Result<CoreTokenResponse, RequestTokenError<HttpError, PlatformRefusal>>;

fn tokens(answer: Answered, page_helps: bool) -> Result<Tokens, Failure> {
    let answer = answer.map_err(|error| request_failure(error, page_helps))?;
    Ok(Tokens { access_token: answer.access_token().clone(), refresh_token: answer.refresh_token().cloned() })
}

fn request_failure<E: Error + Send + Sync + 'static>(
    error: RequestTokenError<E, PlatformRefusal>,
    page_helps: bool,
) -> Failure {
    match error {
        RequestTokenError::ServerResponse(refusal) => refusal.into_failure(page_helps),
        // The answer that cannot be read may have tokens in it.
        RequestTokenError::Parse(error, _) => {
            Failure::platform(anyhow!("the platform's answer makes no sense: {error}"))
        }
        other => Failure::platform(anyhow!(other).context("asking the platform")),
    }
}

fn no_token_endpoint(error: impl Error + Send + Sync + 'static) -> Failure {
    Failure::platform(anyhow!(error).context("the platform has no token endpoint"))
}

fn http(settings: &Settings) -> anyhow::Result<Client> {
    let mut http = Client::builder()
        .timeout(PLATFORM_TIMEOUT)
        // A password or a secret must not travel on to wherever a redirect points.
        .redirect(redirect::Policy::none())
        .https_only(settings.issuer_url.starts_with("https:"));
    if let Some(file) = &settings.ca_file {
        let pem = fs::read(file).with_context(|| format!("reading the CA file {}", file.display()))?;
        let authorities =
            Certificate::from_pem_bundle(&pem).with_context(|| format!("{} is no PEM file", file.display()))?;
        http = http.tls_certs_merge(authorities);
    }
    http.build().context("setting up the HTTP client for the platform")
}

async fn send(http: Client, request: HttpRequest) -> Result<HttpResponse, HttpError> {
    let mut answer = http.execute(request.try_into()?).await?;
    let (status, headers) = (answer.status(), mem::take(answer.headers_mut()));
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        return Err(HttpError::Broken(status));
    }
    let mut response = HttpResponse::new(answer.bytes().await?.to_vec());
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}

const OFFLINE_ACCESS: &str = "offline_access";
const PLATFORM_TIMEOUT: Duration = Duration::from_secs(20);
