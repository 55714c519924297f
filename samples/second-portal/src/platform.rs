//! The identity platform, spoken to by OpenID Connect: the crate `openidconnect` knows the protocol, this file what the
//! portal wants of it.

use std::error::Error;
use std::fs;
use std::mem;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, ensure};
use openidconnect::core::{
    CoreAuthPrompt, CoreClient, CoreErrorResponseType, CoreIdTokenClaims, CoreResponseType, CoreTokenResponse,
};
use openidconnect::{
    AccessTokenHash, AuthenticationFlow, AuthorizationCode, ClaimsVerificationError, ClientId, CsrfToken,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IssuerUrl, LogoutRequest, Nonce,
    OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, PostLogoutRedirectUrl, ProviderMetadataWithLogout,
    RedirectUrl, RequestTokenError, Scope, SignatureVerificationError, StandardErrorResponse, TokenResponse,
};
use reqwest::{Certificate, Client, Url, redirect};
use tokio::sync::Mutex;

use crate::settings::Settings;

pub(crate) struct Platform {
    http: Client,
    settings: Settings,
    redirect_uri: RedirectUrl,
    known: Mutex<Option<Arc<Known>>>,
}

/// A sign-in that was begun: what the answer is held against when the browser comes back.
pub(crate) struct SignInAttempt {
    state: CsrfToken,
    nonce: Nonce,
    pkce_verifier: PkceCodeVerifier,
    /// Whether the platform was to ask nothing.
    pub(crate) silent: bool,
}

/// Who signed in, and what for.
pub(crate) struct SignedIn {
    pub(crate) name: Option<String>,
    pub(crate) preferred_username: Option<String>,
    /// For the Employee API. The browser never sees it.
    pub(crate) access_token: String,
    pub(crate) expires_in: Duration,
}

/// Why there are no tokens.
pub(crate) enum TokenError {
    /// The platform refuses, and says why; only the user can go on, on its page.
    Refused(String),
    /// No answer, or one that must not be believed.
    Broken(anyhow::Error),
}

/// What the platform said about itself.
struct Known {
    client: OidcClient,
    metadata: ProviderMetadataWithLogout,
    read_at: Instant,
}

type OidcClient =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

impl Platform {
    pub(crate) fn new(settings: &Settings) -> anyhow::Result<Self> {
        let mut http = Client::builder()
            .timeout(PLATFORM_TIMEOUT)
            // A code or a secret must not travel on to wherever a redirect points.
            .redirect(redirect::Policy::none())
            .https_only(settings.issuer_url.starts_with("https:"));
        if let Some(file) = &settings.ca_file {
            let pem = fs::read(file).with_context(|| format!("reading the CA file {}", file.display()))?;
            let authorities =
                Certificate::from_pem_bundle(&pem).with_context(|| format!("{} is no PEM file", file.display()))?;
            http = http.tls_certs_merge(authorities);
        }
        let redirect_uri = RedirectUrl::new(settings.redirect_uri.clone());
        Ok(Self {
            http: http.build().context("setting up the HTTP client for the platform")?,
            redirect_uri: redirect_uri.with_context(|| format!("{} is no URI", settings.redirect_uri))?,
            settings: settings.clone(),
            known: Mutex::default(),
        })
    }

    /// Where to send the browser, and what to remember meanwhile.
    pub(crate) async fn begin_sign_in(&self, prompt: Option<CoreAuthPrompt>) -> anyhow::Result<(Url, SignInAttempt)> {
        let known = self.known().await?;
        let silent = prompt == Some(CoreAuthPrompt::None);
        let (pkce_challenge, pkce_verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = AuthenticationFlow::<CoreResponseType>::AuthorizationCode;
        let mut request = known
            .client
            .authorize_url(flow, CsrfToken::new_random, Nonce::new_random)
            .set_pkce_challenge(pkce_challenge)
            .add_scope(Scope::new("profile".to_owned()))
            .add_scope(Scope::new(format!("{}/Employees.Read", self.settings.api_uri)));
        if let Some(prompt) = prompt {
            request = request.add_prompt(prompt);
        }
        let (url, state, nonce) = request.url();
        Ok((url, SignInAttempt { state, nonce, pkce_verifier, silent }))
    }

    /// Redeems the code that the browser brought. The id token is checked as OpenID Connect Core 1.0 §3.1.3.7 says, and
    /// must carry the nonce of this very sign-in.
    pub(crate) async fn finish_sign_in(&self, code: String, attempt: SignInAttempt) -> Result<SignedIn, TokenError> {
        let known = self.known().await.map_err(TokenError::Broken)?;
        let request = known.client.exchange_code(AuthorizationCode::new(code));
        let request = request.context("the platform has no token endpoint").map_err(TokenError::Broken)?;
        let request = request.set_pkce_verifier(attempt.pkce_verifier);
        let answer = request.request_async(&|request| send(self.http.clone(), request)).await?;
        let claims = self.verify(&known, &answer, &attempt.nonce).await.map_err(TokenError::Broken)?;
        let name = claims.name().and_then(|names| names.get(None)).map(|name| name.to_string());
        let preferred_username = claims.preferred_username().map(|name| name.to_string());
        let access_token = answer.access_token().secret().clone();
        Ok(SignedIn { name, preferred_username, access_token, expires_in: answer.expires_in().unwrap_or_default() })
    }

    async fn verify(
        &self,
        known: &Known,
        answer: &CoreTokenResponse,
        nonce: &Nonce,
    ) -> anyhow::Result<CoreIdTokenClaims> {
        let id_token = answer.id_token().context("the platform's answer has no id token")?;
        let verifier = known.client.id_token_verifier();
        let claims = match id_token.claims(&verifier, nonce) {
            // The platform signs with a key that is newer than what we know of it.
            Err(ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey)) => {
                let known = self.read_metadata().await?;
                id_token.claims(&known.client.id_token_verifier(), nonce).cloned()
            }
            claims => claims.cloned(),
        };
        let claims = claims.context("the id token cannot be accepted")?;
        if let Some(hash) = claims.access_token_hash() {
            let algorithm = id_token.signing_alg().context("reading the id token")?;
            let key = id_token.signing_key(&verifier).context("reading the id token")?;
            let of_this_token = AccessTokenHash::from_token(answer.access_token(), algorithm, key);
            ensure!(of_this_token.context("hashing the access token")? == *hash, "the access token is another one's");
        }
        Ok(claims)
    }

    /// The platform's sign-out page, which ends its session too (OpenID Connect RP-Initiated Logout 1.0 §2).
    pub(crate) async fn sign_out_url(&self) -> anyhow::Result<Url> {
        let known = self.known().await?;
        let endpoint = known.metadata.additional_metadata().end_session_endpoint.clone();
        // Back to the one address that is registered.
        let back = PostLogoutRedirectUrl::from_url(self.redirect_uri.url().clone());
        Ok(LogoutRequest::from(endpoint.context("the platform has no sign-out page")?)
            .set_client_id(ClientId::new(self.settings.client_id.clone()))
            .set_post_logout_redirect_uri(back)
            .http_get_url())
    }

    async fn known(&self) -> anyhow::Result<Arc<Known>> {
        let known = self.known.lock().await.clone();
        match known.filter(|known| known.read_at.elapsed() < MAX_AGE) {
            Some(known) => Ok(known),
            None => self.read_metadata().await,
        }
    }

    /// Reads metadata and keys. `openidconnect` refuses metadata of another issuer than asked for.
    async fn read_metadata(&self) -> anyhow::Result<Arc<Known>> {
        let issuer = IssuerUrl::new(self.settings.issuer_url.clone()).context("the issuer is no URL")?;
        let http = |request| send(self.http.clone(), request);
        let metadata = ProviderMetadataWithLogout::discover_async(issuer, &http).await;
        let metadata = metadata.with_context(|| format!("asking {} about itself", self.settings.issuer_url))?;
        let client_id = ClientId::new(self.settings.client_id.clone());
        let secret = Some(self.settings.client_secret.clone());
        let client = CoreClient::from_provider_metadata(metadata.clone(), client_id, secret);
        let client = client.set_redirect_uri(self.redirect_uri.clone());
        let known = Arc::new(Known { client, metadata, read_at: Instant::now() });
        *self.known.lock().await = Some(known.clone());
        Ok(known)
    }
}

impl SignInAttempt {
    /// Whether an answer with this `state` belongs to the sign-in that this browser began.
    pub(crate) fn is_answered_by(&self, state: &str) -> bool {
        self.state.secret() == state
    }
}

impl<E: Error + Send + Sync + 'static> From<RequestTokenError<E, StandardErrorResponse<CoreErrorResponseType>>>
    for TokenError
{
    fn from(error: RequestTokenError<E, StandardErrorResponse<CoreErrorResponseType>>) -> Self {
        match error {
            RequestTokenError::ServerResponse(answer) => Self::Refused(answer.to_string()),
            other => Self::Broken(anyhow!(other).context("asking the platform's token endpoint")),
        }
    }
}

async fn send(http: Client, request: HttpRequest) -> Result<HttpResponse, reqwest::Error> {
    let mut answer = http.execute(request.try_into()?).await?;
    let (status, headers) = (answer.status(), mem::take(answer.headers_mut()));
    let mut response = HttpResponse::new(answer.bytes().await?.to_vec());
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}

const PLATFORM_TIMEOUT: Duration = Duration::from_secs(20);
const MAX_AGE: Duration = Duration::from_hours(6);
