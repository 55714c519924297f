//! Requests to the authorize endpoint (<https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow>).

use url::Url;
use url::form_urlencoded::Serializer;

use super::claims_request::ClaimsRequest;
use super::form::Form;
use super::pkce::Challenge;
use super::redirect_uri::{self, RedirectUri};
use super::scope::{OidcScope, ScopeRequest};
use crate::directory::Application;
use crate::error::Denial;
use crate::error::render::EndpointVersion;

/// Where and how the answer goes back. It is known before the rest is read, so that a fault of the rest can be told to the
/// application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplyTo {
    /// The redirect URI.
    pub redirect_uri: RedirectUri,
    /// How parameters are carried.
    pub mode: ResponseMode,
    /// Goes back as it came.
    pub state: Option<String>,
}

/// `response_mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponseMode {
    /// In the query string.
    Query,
    /// Behind `#`.
    Fragment,
    /// In a form that the browser posts.
    FormPost,
}

impl ReplyTo {
    /// Reads what decides where an answer goes. A fault here is shown on a page and never redirected.
    ///
    /// A `response_mode` that cannot be used falls back to the default of the response type; [`AuthorizeRequest::read`]
    /// then refuses it.
    pub fn read(form: &Form, client: &Application) -> Result<Self, Denial> {
        let redirect_uri = redirect_uri::find(client, form.optional("redirect_uri")?)?;
        let response_type = form.first("response_type").unwrap_or_default();
        let default = if asks_token(response_type) { ResponseMode::Fragment } else { ResponseMode::Query };
        let asked = form.first("response_mode").and_then(ResponseMode::from_name);
        let mode = asked.filter(|mode| *mode != ResponseMode::Query || default == ResponseMode::Query);
        Ok(Self {
            redirect_uri,
            mode: mode.unwrap_or(default),
            state: form.first("state").filter(|state| !state.is_empty()).map(str::to_owned),
        })
    }

    /// The address that carries these parameters, for the modes that use one. They are added to what the redirect URI has.
    pub fn url_with(&self, parameters: &[(&'static str, String)]) -> Url {
        let mut url = self.redirect_uri.url.clone();
        match self.mode {
            ResponseMode::Fragment => {
                let fragment = Serializer::new(String::new()).extend_pairs(parameters).finish();
                url.set_fragment(Some(&fragment));
            }
            ResponseMode::Query | ResponseMode::FormPost => {
                url.query_pairs_mut().extend_pairs(parameters);
            }
        }
        url
    }
}

impl ResponseMode {
    fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "query" => Self::Query,
            "fragment" => Self::Fragment,
            "form_post" => Self::FormPost,
            _ => return None,
        })
    }
}

/// What the application asks for, and how the person is to be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizeRequest {
    /// A code is wanted.
    pub code: bool,
    /// An id token is wanted with the answer itself.
    pub id_token: bool,
    /// What for. The first resource is the one that the sign-in is for; consent is asked for all.
    pub scope: ScopeRequest,
    /// Goes into the id token as it came.
    pub nonce: Option<String>,
    /// How the person is to be asked.
    pub prompt: Option<Prompt>,
    /// Who is probably signing in.
    pub login_hint: Option<String>,
    /// Where whoever signs in is probably at home: [`DomainHint`](super::domain_hint::DomainHint) says what it means.
    pub domain_hint: Option<String>,
    /// The session that is meant, by the `sid` of its tokens.
    pub sid: Option<String>,
    /// How many seconds ago the person may have proved who they are.
    pub max_age: Option<i64>,
    /// What the code is bound to.
    pub challenge: Option<Challenge>,
    /// `claims`.
    pub claims: ClaimsRequest,
}

/// `prompt`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prompt {
    /// Ask nothing: succeed silently or fail.
    None,
    /// Ask for the credentials, whatever the browser's session says.
    Login,
    /// Ask which account.
    SelectAccount,
    /// Ask for consent again.
    Consent,
}

impl AuthorizeRequest {
    /// What `/adminconsent` asks (<https://learn.microsoft.com/entra/identity-platform/v2-admin-consent>): no code and no
    /// token, but an administrator's consent for everybody. v2.0 names `scope`; v1.0 means all that the application declares.
    pub fn of_admin_consent(form: &Form, client: &Application, version: EndpointVersion) -> Result<Self, Denial> {
        let scope = match version {
            EndpointVersion::V2 => ScopeRequest::parse(form.required("scope")?)?,
            EndpointVersion::V1 => {
                let declared =
                    client.required_resource_access.iter().map(|access| format!("{}/.default", access.resource));
                let declared = declared.collect::<Vec<_>>().join(" ");
                ScopeRequest::parse(if declared.is_empty() { OidcScope::Openid.name() } else { &declared })?
            }
        };
        Ok(Self {
            code: false,
            id_token: false,
            scope,
            nonce: None,
            prompt: Some(Prompt::Consent),
            login_hint: form.optional("login_hint")?.map(|hint| hint.trim().to_owned()),
            domain_hint: None,
            sid: None,
            max_age: None,
            challenge: None,
            claims: ClaimsRequest::default(),
        })
    }

    /// What is asked for where no application sent the browser, and none gets an answer in it: by a device (RFC 8628 §3.1),
    /// or by a page of the platform.
    pub fn without_answer(form: &Form, version: EndpointVersion) -> Result<Self, Denial> {
        Ok(Self {
            code: false,
            id_token: false,
            scope: match version {
                EndpointVersion::V1 => ScopeRequest::of_resource(form.required("resource")?, true),
                EndpointVersion::V2 => scope(form, version)?,
            },
            nonce: None,
            prompt: None,
            login_hint: None,
            domain_hint: None,
            sid: form.optional("sid")?.map(str::to_owned),
            max_age: None,
            challenge: None,
            claims: ClaimsRequest::read(form)?,
        })
    }

    /// Reads the rest of the request. Its faults go back to the application by redirect: missing parameters are
    /// AADSTS900144, an unusable `response_type` AADSTS70005, 700051 or 700054, `response_mode` AADSTS70007, `prompt`
    /// AADSTS90023.
    pub fn read(form: &Form, client: &Application, version: EndpointVersion) -> Result<Self, Denial> {
        let response_type = form.required("response_type")?;
        let (code, id_token) = response_types(response_type, client)?;
        match form.optional("response_mode")? {
            None | Some("fragment" | "form_post") => {}
            Some("query") if !id_token => {}
            Some(mode) => return Err(Denial::new(70007).with("responseMode", mode)),
        }
        let prompt = match form.optional("prompt")? {
            None => None,
            Some("none") => Some(Prompt::None),
            Some("login") => Some(Prompt::Login),
            Some("select_account") => Some(Prompt::SelectAccount),
            Some("consent") => Some(Prompt::Consent),
            // v1.0 alone asks for an administrator's consent so; here the page offers it to administrators anyway.
            Some("admin_consent") if version == EndpointVersion::V1 => Some(Prompt::Consent),
            Some(_) => return Err(Denial::new(90023)),
        };
        let max_age = match form.optional("max_age")? {
            None => None,
            Some(text) => match text.parse::<u32>() {
                Ok(seconds) => Some(i64::from(seconds)),
                Err(_) => return Err(Denial::new(90100).with("param", "max_age")),
            },
        };
        let scope = scope(form, version)?;
        let nonce = form.optional("nonce")?.map(str::to_owned);
        if id_token && !scope.asks(OidcScope::Openid) {
            return Err(Denial::new(70005).with("responseType", response_type));
        }
        if id_token && nonce.is_none() {
            return Err(Denial::new(900144).with("name", "nonce"));
        }
        let challenge = Challenge::read(form)?;
        let mut claims = ClaimsRequest::read(form)?;
        if max_age.is_some() {
            // Whoever asks how long ago it may be is told when it was (OpenID Connect Core §3.1.2.1).
            claims.id_token.push("auth_time".to_owned());
        }
        Ok(Self {
            code,
            id_token,
            scope,
            nonce,
            prompt,
            login_hint: form.optional("login_hint")?.map(|hint| hint.trim().to_owned()),
            domain_hint: form.optional("domain_hint")?.map(str::to_owned),
            sid: form.optional("sid")?.map(str::to_owned),
            max_age,
            challenge,
            claims,
        })
    }
}

/// v1.0 asks for a resource, and names it again or only when it redeems the code; without one it is about the person
/// alone, which is Microsoft Graph's.
fn scope(form: &Form, version: EndpointVersion) -> Result<ScopeRequest, Denial> {
    match version {
        EndpointVersion::V2 if form.has("resource") => Err(Denial::new(901002)),
        EndpointVersion::V2 => ScopeRequest::parse(form.required("scope")?),
        EndpointVersion::V1 => match form.optional("resource")? {
            Some(resource) => Ok(ScopeRequest::of_resource(resource, true)),
            None => ScopeRequest::parse(OidcScope::Openid.name()),
        },
    }
}

fn response_types(text: &str, client: &Application) -> Result<(bool, bool), Denial> {
    let unknown = || Denial::new(70005).with("responseType", text);
    let (mut code, mut id_token) = (false, false);
    for word in text.split_ascii_whitespace() {
        match word {
            "code" => code = true,
            "id_token" if !client.id_token_issuance => return Err(Denial::new(700054)),
            "id_token" => id_token = true,
            "token" => return Err(Denial::new(700051)),
            _ => return Err(unknown()),
        }
    }
    if code || id_token { Ok((code, id_token)) } else { Err(unknown()) }
}

fn asks_token(response_type: &str) -> bool {
    response_type.split_ascii_whitespace().any(|word| matches!(word, "id_token" | "token"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use proptest::prelude::*;

    use super::*;
    use crate::directory::ClientPlatform;
    use crate::signin::fixture;

    fn client() -> Application {
        let mut client = fixture::application(1, "Client");
        client.redirect_uris = vec![(ClientPlatform::Web, "https://app.test/cb".to_owned())];
        client.id_token_issuance = true;
        client
    }

    fn form(query: &str) -> Form {
        Form::parse(query.as_bytes()).unwrap()
    }

    fn read(query: &str) -> Result<AuthorizeRequest, u32> {
        AuthorizeRequest::read(&form(query), &client(), EndpointVersion::V2).map_err(|denial| denial.code())
    }

    #[test]
    fn what_a_request_gets_wrong_is_told_to_the_application() {
        let cases = [
            ("scope=openid", 900144),
            ("response_type=code", 900144),
            ("response_type=magic&scope=openid", 70005),
            ("response_type=token&scope=openid", 700051),
            ("response_type=id_token&scope=User.Read&nonce=n", 70005),
            ("response_type=id_token&scope=openid", 900144),
            ("response_type=id_token&scope=openid&nonce=n&response_mode=query", 70007),
            ("response_type=code&scope=openid&response_mode=pigeon", 70007),
            ("response_type=code&scope=openid&prompt=maybe", 90023),
            ("response_type=code&scope=openid&max_age=soon", 90100),
            ("response_type=code&scope=openid&resource=x", 901002),
            ("response_type=code&scope=openid&state=1&claims={", 90100),
            ("response_type=code&scope=openid&code_challenge=x", 50147),
            ("response_type=code&response_type=code&scope=openid", 90100),
        ];
        for (query, code) in cases {
            assert_eq!(read(query).map(|_| ()), Err(code), "{query}");
        }
        let closed = fixture::application(1, "Client");
        let refused =
            AuthorizeRequest::read(&form("response_type=id_token&scope=openid&nonce=n"), &closed, EndpointVersion::V2);
        assert_eq!(refused.unwrap_err().code(), 700054);
    }

    #[test]
    fn a_complete_request_is_read() {
        let request = read("response_type=id_token+code&scope=openid&nonce=n&prompt=login&max_age=0").unwrap();
        assert!(request.code && request.id_token);
        assert_eq!((request.prompt, request.max_age), (Some(Prompt::Login), Some(0)));
        let v1 = AuthorizeRequest::read(
            &form("response_type=code&resource=https://graph.microsoft.com"),
            &client(),
            EndpointVersion::V1,
        );
        assert!(v1.unwrap().scope.by_resource);
        for (version, expected) in [(EndpointVersion::V1, Ok(Some(Prompt::Consent))), (EndpointVersion::V2, Err(90023))]
        {
            let asked = form("response_type=code&scope=openid&prompt=admin_consent");
            let read = AuthorizeRequest::read(&asked, &client(), version);
            assert_eq!(read.map(|read| read.prompt).map_err(|denial| denial.code()), expected);
        }
    }

    #[test]
    fn the_answer_is_carried_as_asked_or_as_the_response_type_allows() {
        use ResponseMode::{FormPost, Fragment, Query};
        let cases = [
            ("response_type=code", Query),
            ("response_type=id_token", Fragment),
            ("response_type=code+id_token&response_mode=query", Fragment),
            ("response_type=code&response_mode=fragment", Fragment),
            ("response_type=id_token&response_mode=form_post", FormPost),
            ("response_type=code&response_mode=pigeon", Query),
        ];
        for (query, expected) in cases {
            assert_eq!(ReplyTo::read(&form(query), &client()).unwrap().mode, expected, "{query}");
        }
    }

    #[test]
    fn parameters_are_added_to_the_address() {
        let parameters = [("code", "a b&c".to_owned()), ("state", "#".to_owned())];
        for (mode, expected) in [
            ("query", "https://app.test/cb?code=a+b%26c&state=%23"),
            ("fragment", "https://app.test/cb#code=a+b%26c&state=%23"),
        ] {
            let query = format!("response_type=code&response_mode={mode}");
            let reply = ReplyTo::read(&form(&query), &client()).unwrap();
            assert_eq!(reply.url_with(&parameters).as_str(), expected);
        }
    }

    proptest! {
        #[test]
        fn no_query_breaks_the_reader(query in ".{0,200}") {
            if let Ok(form) = Form::parse(query.as_bytes()) {
                let _read = ReplyTo::read(&form, &client());
                let _read = AuthorizeRequest::read(&form, &client(), EndpointVersion::V2);
                let _read = AuthorizeRequest::read(&form, &client(), EndpointVersion::V1);
            }
        }
    }
}
