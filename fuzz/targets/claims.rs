//! The `claims` parameter of a request.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ropeway_core::oauth::claims_request::ClaimsRequest;
use ropeway_core::oauth::form::Form;
use url::form_urlencoded::Serializer;

fuzz_target!(|claims: &str| {
    let body = Serializer::new(String::new()).append_pair("claims", claims).finish();
    let Ok(form) = Form::parse(body.as_bytes()) else { panic!("what is encoded is read: {claims}") };
    if let Ok(request) = ClaimsRequest::read(&form) {
        assert!(request.client_capabilities.iter().all(|spelt| ["cp1", "protapp"].contains(&&*spelt.to_lowercase())));
    }
});
