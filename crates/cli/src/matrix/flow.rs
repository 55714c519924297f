//! The flows, run over HTTPS as clients run them.

use anyhow::{anyhow, bail};
use ropeway_core::directory::IdentityIssuer;
use ropeway_core::error::catalogue;
use ropeway_core::ids::TenantId;
use ropeway_core::signin::{Partner, Step};

use super::cast::{Client, Person};
use super::private_copy::PrivateCopy;
use crate::https::{self, Answer};

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flow {
    /// The password grant, posted straight to the token endpoint.
    Password,
    /// The password grant as MSAL's public client does it: first it asks where the user's domain signs in.
    MsalPassword,
    /// The platform's own page, in a browser.
    Page,
    /// A second application, asked for silently in the same browser.
    SingleSignOn,
    /// A device's code, typed into the same browser afterwards.
    DeviceCode,
    /// A refresh token that the posted password grant gave, redeemed.
    RefreshToken,
    /// An application by itself.
    ClientCredentials,
}

impl Flow {
    pub(crate) const ALL: [Self; 7] = [
        Self::Password,
        Self::MsalPassword,
        Self::Page,
        Self::SingleSignOn,
        Self::DeviceCode,
        Self::RefreshToken,
        Self::ClientCredentials,
    ];

    /// Its name in JSON.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::MsalPassword => "msalPassword",
            Self::Page => "page",
            Self::SingleSignOn => "singleSignOn",
            Self::DeviceCode => "deviceCode",
            Self::RefreshToken => "refreshToken",
            Self::ClientCredentials => "clientCredentials",
        }
    }
}

/// How a flow ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It works.
    Tokens,
    /// AADSTS.
    Refused {
        code: u32,
        /// The one thing to do.
        remedy: &'static str,
    },
    /// It works on the page.
    OnPage {
        /// What the person had to do besides the password; empty for nothing.
        did: &'static str,
    },
    /// The page sends the person to the provider that has the account.
    AtPartner,
    /// The client turned to the domain's federation service, which answered with this status.
    FederationService { status: u16 },
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Tokens | Self::OnPage { .. } => f.write_str("tokens"),
            Self::AtPartner => f.write_str("another provider's page"),
            Self::Refused { code, .. } => write!(f, "AADSTS{code}"),
            Self::FederationService { status } => write!(f, "status {status} of the federation service"),
        }
    }
}

/// Runs flows against one tenant of a copy.
pub(crate) struct Runner<'c> {
    pub(crate) copy: &'c PrivateCopy,
    pub(crate) tenant: TenantId,
}

impl Runner<'_> {
    /// [`Flow::Password`]. With `offline_access` the answer holds a refresh token.
    async fn post_password(&self, person: &Person, client: &Client, scope: String) -> anyhow::Result<Answer> {
        let mut form = vec![("grant_type", "password".to_owned())];
        form.extend(client_part(client));
        form.push(("scope", scope));
        form.push(("username", person.name.clone()));
        form.push(("password", person.password.expose().to_owned()));
        self.post(&form).await
    }

    /// [`Flow::Password`].
    pub(crate) async fn password(&self, person: &Person, client: &Client) -> anyhow::Result<Outcome> {
        let answer = self.post_password(person, client, format!("openid profile {}", client.scope)).await?;
        self.outcome(&answer, Some(person)).await
    }

    /// [`Flow::MsalPassword`].
    pub(crate) async fn msal_password(&self, person: &Person, client: &Client) -> anyhow::Result<Outcome> {
        let realm = self.realm(&person.name).await?;
        if realm.member("account_type") == "Federated" {
            let metadata = https::get(&self.copy.http, realm.member("federation_metadata_url"), None).await?;
            return Ok(Outcome::FederationService { status: metadata.status });
        }
        let answer =
            self.post_password(person, client, format!("{} openid profile offline_access", client.scope)).await?;
        self.outcome(&answer, Some(person)).await
    }

    /// [`Flow::RefreshToken`]; none where the person gets no refresh token to redeem.
    pub(crate) async fn refresh_token(&self, person: &Person, client: &Client) -> anyhow::Result<Option<Outcome>> {
        let scope = format!("openid profile offline_access {}", client.scope);
        let granted = self.post_password(person, client, scope.clone()).await?;
        let refresh_token = granted.member("refresh_token");
        if refresh_token.is_empty() {
            return Ok(None);
        }
        let mut form = vec![("grant_type", "refresh_token".to_owned())];
        form.extend(client_part(client));
        form.extend([("refresh_token", refresh_token.to_owned()), ("scope", scope)]);
        let answer = self.post(&form).await?;
        Ok(Some(self.outcome(&answer, Some(person)).await?))
    }

    /// The end of [`Flow::Page`]: a code becomes tokens.
    pub(crate) async fn authorization_code(&self, code: &str, client: &Client) -> anyhow::Result<Outcome> {
        let mut form = vec![("grant_type", "authorization_code".to_owned()), ("code", code.to_owned())];
        form.extend(client_part(client));
        form.extend(client.redirect_uri.clone().map(|uri| ("redirect_uri", uri)));
        let answer = self.post(&form).await?;
        self.outcome(&answer, None).await
    }

    /// The begin of [`Flow::DeviceCode`]: the device asks for its codes.
    pub(crate) async fn device(&self, client: &Client) -> anyhow::Result<Answer> {
        let form =
            vec![("client_id", client.app_id.to_string()), ("scope", format!("openid profile {}", client.scope))];
        let url = format!("{}/{}/oauth2/v2.0/devicecode", self.copy.origin, self.tenant);
        let answer = https::post(&self.copy.http, &url, &form).await?;
        match answer.status {
            200 => Ok(answer),
            status => bail!("the device code endpoint answered {status}: {}", answer.body),
        }
    }

    /// The end of [`Flow::DeviceCode`]: the device asks for its tokens.
    pub(crate) async fn poll(&self, device_code: &str, client: &Client) -> anyhow::Result<Outcome> {
        let mut form = vec![
            ("grant_type", "urn:ietf:params:oauth:grant-type:device_code".to_owned()),
            ("device_code", device_code.to_owned()),
        ];
        form.extend(client_part(client));
        let answer = self.post(&form).await?;
        self.outcome(&answer, None).await
    }

    /// [`Flow::ClientCredentials`].
    pub(crate) async fn client_credentials(&self, client: &Client) -> anyhow::Result<Outcome> {
        let mut form = vec![("grant_type", "client_credentials".to_owned())];
        form.extend(client_part(client));
        form.push(("scope", client.scope.clone()));
        let answer = self.post(&form).await?;
        self.outcome(&answer, None).await
    }

    async fn post(&self, form: &https::Form) -> anyhow::Result<Answer> {
        let url = format!("{}/{}/oauth2/v2.0/token", self.copy.origin, self.tenant);
        https::post(&self.copy.http, &url, form).await
    }

    async fn realm(&self, name: &str) -> anyhow::Result<Answer> {
        let mut url: url::Url = self.copy.origin.parse()?;
        url.path_segments_mut().map_err(|()| anyhow!("no path fits {}", self.copy.origin))?.extend([
            "common",
            "userrealm",
            name,
        ]);
        url.set_query(Some("api-version=1.0"));
        let realm = https::get(&self.copy.http, url.as_str(), None).await?;
        match realm.status {
            200 => Ok(realm),
            status => bail!("the user realm of {name} was answered with status {status}"),
        }
    }

    async fn outcome(&self, answer: &Answer, person: Option<&Person>) -> anyhow::Result<Outcome> {
        if answer.status == 200 {
            return answer.access_token().map(|_| Outcome::Tokens);
        }
        let Some(code) = answer.code() else {
            bail!("the token endpoint answered {} and no AADSTS code: {}", answer.status, answer.body)
        };
        let partner = match person {
            Some(person) => self.partner(person, code).await?,
            None => None,
        };
        let remedy = match partner {
            Some(partner) => Step::AtPartner(partner).remedy(),
            None => catalogue::find(code).map_or("", |row| row.in_short),
        };
        Ok(Outcome::Refused { code, remedy })
    }

    /// The provider that has the account, where the code alone would not tell: to Entra such a user has a wrong password,
    /// or does not exist.
    async fn partner(&self, person: &Person, code: u32) -> anyhow::Result<Option<Partner>> {
        Ok(match (code, &person.issuer) {
            (50034, Some(IdentityIssuer::MicrosoftAccount)) => Some(Partner::MicrosoftAccount),
            (50034, Some(IdentityIssuer::Google)) => Some(Partner::Google),
            (50126, _) if self.realm(&person.name).await?.member("account_type") == "Federated" => {
                Some(Partner::FederationService)
            }
            _ => None,
        })
    }
}

fn client_part(client: &Client) -> Vec<(&'static str, String)> {
    let mut form = vec![("client_id", client.app_id.to_string())];
    if let Some(secret) = &client.secret {
        form.push(("client_secret", secret.expose().to_owned()));
    }
    form
}
