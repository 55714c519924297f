//! Which proof a registration asks for, secrets, and the client's place in the tenant.

use super::super::*;
use super::done;
use crate::directory::PasswordCredential;
use crate::secret::Secret;
use crate::signin::fixture;

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

fn now(tenant: &Tenant) -> Occasion<'_> {
    Occasion { tenant, origins: &[], now: TenantTime(0), wall: WallTime(0) }
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
    let tenant = fixture::tenant();
    for (name, client, secret, grant, expected) in cases {
        let found = done(authenticate(&client, &credential(secret), grant, true, &now(&tenant)))
            .map_err(|denial| denial.code());
        assert_eq!(found, expected, "{name}");
    }
    let public_refresh = done(authenticate(&public(), &credential(None), RefreshToken, false, &now(&tenant)));
    assert_eq!(public_refresh.ok(), Some(NoProof));
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
