//! The body of a token request, as far as it is read before anybody is looked up.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ropeway_core::directory::sample;
use ropeway_core::error::render::EndpointVersion;
use ropeway_core::oauth::client_credential::ClientCredential;
use ropeway_core::oauth::form::Form;
use ropeway_core::oauth::token::{ClientCredentialsRequest, GrantType, PasswordRequest, RefreshTokenRequest};

fuzz_target!(|body: &[u8]| {
    let Ok(form) = Form::parse(body) else { return };
    let _ = ClientCredential::read(&form, form.first("authorization"));
    let Ok(grant) = GrantType::read(&form) else { return };
    let sample = sample::directory().expect("the sample");
    for version in [EndpointVersion::V1, EndpointVersion::V2] {
        let target = match grant {
            GrantType::Password => PasswordRequest::read(&form, version).map(|request| request.target),
            GrantType::ClientCredentials => ClientCredentialsRequest::read(&form, version).map(|request| request.target),
            GrantType::RefreshToken => RefreshTokenRequest::read(&form, version).map(|request| request.target),
            _ => return,
        };
        if let Ok(scope) = target.and_then(|target| target.parse(&["openid".to_owned()])) {
            let _ = scope.resolve(&sample.tenants[0].tenant, "https://localhost:8443");
        }
    }
});
