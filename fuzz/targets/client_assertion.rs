//! A client assertion: nothing passes without the private key, which is nowhere.
#![no_main]

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use libfuzzer_sys::fuzz_target;
use ropeway_core::client_auth::{Authentication, Occasion, authenticate};
use ropeway_core::directory::{KeyCredential, sample};
use ropeway_core::oauth::client_credential::ClientCredential;
use ropeway_core::oauth::token::GrantType;
use ropeway_core::secret::Secret;
use ropeway_core::time::{TenantTime, WallTime};

fuzz_target!(|text: &str| {
    // A header and claims on two lines, or a whole assertion on one.
    let assertion = match text.split_once('\n') {
        Some((header, claims)) => {
            format!("{}.{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims), "A".repeat(342))
        }
        None => text.to_owned(),
    };
    let tenant = sample::directory().expect("the sample").tenants.swap_remove(0).tenant;
    let mut client = tenant.applications.iter().find(|app| app.display_name == "Nightly job").expect("a client").clone();
    let certificate_der = include_bytes!("client.der").to_vec();
    client.key_credentials = vec![KeyCredential { display_name: None, certificate_der, start: None, end: None }];
    let credential =
        ClientCredential { client_id: String::new(), secret: None, assertion: Some(Secret::new(assertion)) };
    let occasion = Occasion {
        tenant: &tenant,
        origins: &["https://localhost:8443"],
        now: TenantTime(1_800_000_000_000),
        wall: WallTime(1_800_000_000_000),
    };
    let found = authenticate(&client, &credential, GrantType::ClientCredentials, false, &occasion);
    assert!(!matches!(found, Ok(Authentication::Done(_))), "{text}");
});
