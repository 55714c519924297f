//! Who speaks? Proof of the client, before anything is said about a user.

mod secret;

use crate::directory::{Application, Tenant};
use crate::error::Denial;
use crate::ids::AppId;
use crate::oauth::client_credential::ClientCredential;
use crate::oauth::token::GrantType;
use crate::time::TenantTime;

/// How a client proved itself: `appidacr` and `azpacr`
/// (<https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference>).
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum ClientProof {
    /// Not at all: a public client. 0.
    None,
    /// By a secret. 1.
    Secret,
    /// By an assertion signed with its certificate. 2.
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

/// Checks the proof that came with a request of this grant. `token_of_confidential_client` says of a refresh token that
/// a client which proved itself had it issued.
pub fn authenticate(
    client: &Application,
    credential: &ClientCredential,
    grant: GrantType,
    token_of_confidential_client: bool,
    now: TenantTime,
) -> Result<ClientProof, Denial> {
    if let Some(presented) = &credential.secret {
        if client.is_public() {
            return Err(Denial::new(700025));
        }
        return secret::check(client, presented, now).map(|()| ClientProof::Secret);
    }
    if credential.assertion.is_some() {
        if client.is_public() {
            return Err(Denial::new(700025));
        }
        return Err(Denial::new(700027).with("appId", client.app_id));
    }
    match grant {
        GrantType::ClientCredentials => Err(Denial::new(7000216)),
        GrantType::Password if client.is_fallback_public_client => Ok(ClientProof::None),
        GrantType::RefreshToken if !token_of_confidential_client => Ok(ClientProof::None),
        GrantType::Password | GrantType::RefreshToken => Err(Denial::new(7000218)),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::directory::PasswordCredential;
    use crate::secret::Secret;
    use crate::signin::fixture;

    const NOW: TenantTime = TenantTime(0);

    fn confidential() -> Application {
        let mut app = fixture::application(1, "Legacy portal");
        let credential = |text: &str, end: i64| PasswordCredential {
            display_name: None,
            secret_text: Secret::new(text),
            start: None,
            end: Some(TenantTime(end)),
        };
        app.password_credentials = vec![credential("old", -1), credential("right", 1)];
        app
    }

    fn public() -> Application {
        Application { is_fallback_public_client: true, ..fixture::application(2, "Legacy tool") }
    }

    fn neither() -> Application {
        fixture::application(3, "No public flows")
    }

    fn credential(secret: Option<&str>) -> ClientCredential {
        ClientCredential { client_id: String::new(), secret: secret.map(Secret::new), assertion: None }
    }

    #[test]
    fn clients_prove_themselves_as_their_registration_says() {
        use ClientProof::{None as NoProof, Secret as BySecret};
        use GrantType::{ClientCredentials, Password, RefreshToken};
        let both = || Application { is_fallback_public_client: true, ..confidential() };
        let cases = [
            ("right secret", confidential(), Some("right"), Password, Ok(BySecret)),
            ("wrong secret", confidential(), Some("wrong"), Password, Err(7000215)),
            ("expired secret", confidential(), Some("old"), Password, Err(7000222)),
            ("no secret", confidential(), None, Password, Err(7000218)),
            ("public client", public(), None, Password, Ok(NoProof)),
            ("public client with a secret", public(), Some("x"), Password, Err(700025)),
            ("public flows not allowed", neither(), None, Password, Err(7000218)),
            ("a secret where none is registered", neither(), Some("x"), Password, Err(7000215)),
            ("confidential, public flows allowed, no secret", both(), None, Password, Ok(NoProof)),
            ("confidential, public flows allowed, secret", both(), Some("right"), Password, Ok(BySecret)),
            ("application without proof", confidential(), None, ClientCredentials, Err(7000216)),
            ("application with its secret", confidential(), Some("right"), ClientCredentials, Ok(BySecret)),
            ("refresh by a confidential client without proof", confidential(), None, RefreshToken, Err(7000218)),
        ];
        for (name, client, secret, grant, expected) in cases {
            let found = authenticate(&client, &credential(secret), grant, true, NOW).map_err(|denial| denial.code());
            assert_eq!(found, expected, "{name}");
        }
        assert_eq!(authenticate(&public(), &credential(None), RefreshToken, false, NOW).ok(), Some(NoProof));
    }

    #[test]
    fn the_client_is_looked_up_in_the_tenant() {
        let mut tenant = fixture::tenant();
        let disabled = Application { account_enabled: false, ..fixture::application(9, "Off") };
        let known = tenant.applications[0].app_id.to_string();
        let off = disabled.app_id.to_string();
        tenant.applications.push(disabled);
        let cases: [(&str, Option<u32>); 5] = [
            (&known, None),
            (&off, Some(7000112)),
            ("00000000-0000-0000-0000-000000000000", Some(700038)),
            ("e0a91000-0000-4000-8000-0000000000ff", Some(700016)),
            ("legacy-tool", Some(700016)),
        ];
        for (client_id, expected) in cases {
            let found = find_client(&tenant, "alpine.test", client_id).map_err(|denial| denial.code()).err();
            assert_eq!(found, expected, "{client_id}");
        }
    }
}
