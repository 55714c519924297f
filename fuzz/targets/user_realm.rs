//! The name in the path of a user realm request.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ropeway_core::directory::sample;
use ropeway_core::oauth::user_realm::{Realm, document};

fuzz_target!(|name: &str| {
    let sample = sample::directory().expect("the sample");
    let realm = Realm::of(name, |domain| {
        sample.tenants.iter().map(|known| &known.tenant).find(|tenant| tenant.verified_domain(domain).is_some())
    });
    assert!(name.contains('@') || realm == Realm::Unknown, "{name}");
    assert!(document(&realm, "https://localhost:8443")["account_type"].is_string());
});
