//! Who speaks? Proof of the client, before anything is said about a user.

mod assertion;
mod audience;
mod certificate;
mod federated;
mod secret;
#[cfg(test)]
mod tests;

use assertion::Assertion;
pub(crate) use certificate::RegisteredCertificate;
pub use federated::FederatedAssertion;

use crate::directory::{Application, Tenant};
use crate::error::Denial;
use crate::ids::AppId;
use crate::oauth::client_credential::ClientCredential;
use crate::oauth::token::GrantType;
use crate::time::{TenantTime, WallTime};

/// How a client proved itself: `appidacr` and `azpacr`
/// (<https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference>).
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum ClientProof {
    /// Not at all: a public client. 0.
    None,
    /// By a secret. 1.
    Secret,
    /// By an assertion, signed with its certificate or by an outside issuer. 2.
    Certificate,
}

/// Finds the client in the tenant: AADSTS700038 for the all-zero id, 700016 for one that is not here, 7000112 for a
/// disabled one. `tenant_as_asked` is how the path named the tenant.
pub fn find_client<'t>(tenant: &'t Tenant, tenant_as_asked: &str, client_id: &str) -> Result<&'t Application, Denial> {
    let app_id = client_id.trim().to_ascii_lowercase().parse::<AppId>().ok();
    if app_id.is_some_and(|id| id.0.is_nil()) {
        return Err(Denial::new(700038).with("appId", client_id));
    }
    let Some(client) = app_id.and_then(|id| tenant.application(id)) else {
        return Err(Denial::new(700016).with("appId", client_id).with("tenant", tenant_as_asked));
    };
    if !client.account_enabled {
        return Err(Denial::new(7000112).with("appId", client.app_id).with("appName", &client.display_name));
    }
    Ok(client)
}

/// Where and when a proof is presented.
#[derive(Debug, Clone, Copy)]
pub struct Occasion<'a> {
    /// The tenant that is asked.
    pub tenant: &'a Tenant,
    /// The origins at which clients may know this server, without a slash at the end.
    pub origins: &'a [&'a str],
    /// What time it is in the tenant: secrets and certificates end in it.
    pub now: TenantTime,
    /// What time it is for everybody: assertions are stamped with it.
    pub wall: WallTime,
}

/// How far the proof of a client can be judged by what is here.
#[derive(Debug, Clone)]
pub enum Authentication {
    /// To its end.
    Done(ClientProof),
    /// An outside issuer's keys must tell: [`FederatedAssertion::check`].
    Federated(Box<FederatedAssertion>),
}

/// Checks the proof that came with a request of this grant. `token_of_confidential_client` says of a refresh token that
/// a client which proved itself had it issued, and of a code that it was sent to a redirect URI of the platform `web`.
pub fn authenticate(
    client: &Application,
    credential: &ClientCredential,
    grant: GrantType,
    token_of_confidential_client: bool,
    occasion: &Occasion<'_>,
) -> Result<Authentication, Denial> {
    if client.is_public() && (credential.secret.is_some() || credential.assertion.is_some()) {
        return Err(Denial::new(700025));
    }
    let proof = if let Some(presented) = &credential.secret {
        secret::check(client, presented, occasion.now)?;
        ClientProof::Secret
    } else if let Some(presented) = &credential.assertion {
        let assertion = Assertion::parse(presented.expose())?;
        if FederatedAssertion::is_one(&assertion) {
            return FederatedAssertion::find(assertion, client).map(|found| Authentication::Federated(Box::new(found)));
        }
        assertion.check_own(client, occasion)?;
        ClientProof::Certificate
    } else {
        match grant {
            GrantType::ClientCredentials => return Err(Denial::new(7000216)),
            GrantType::Password | GrantType::DeviceCode if client.is_fallback_public_client => ClientProof::None,
            GrantType::RefreshToken | GrantType::AuthorizationCode if !token_of_confidential_client => {
                ClientProof::None
            }
            GrantType::Password | GrantType::RefreshToken | GrantType::AuthorizationCode | GrantType::DeviceCode => {
                return Err(Denial::new(7000218));
            }
        }
    };
    Ok(Authentication::Done(proof))
}
