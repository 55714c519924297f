//! A refresh token: nothing that we did not seal opens, and what we sealed by mistake is no token.
#![no_main]

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use libfuzzer_sys::fuzz_target;
use ropeway_core::token::{KeyRing, RefreshToken, SealingKey};

fuzz_target!(|bytes: &[u8]| {
    let keys = KeyRing::new(SealingKey::new(2, &[2; 32]).expect("a key"), Vec::new());
    let headed = [&[1, 0, 0, 0, 2], bytes].concat();
    for text in [String::from_utf8_lossy(bytes).into_owned(), format!("1.{}", URL_SAFE_NO_PAD.encode(headed))] {
        assert!(RefreshToken::open(&keys, &text).is_none(), "{text}");
    }
    let sealed = keys.newest().seal([0; 12], "refresh_token", bytes).expect("sealed");
    if let Some(token) = RefreshToken::open(&keys, &format!("1.{sealed}")) {
        let again = token.seal(&keys, [1; 12]).expect("sealed");
        assert_eq!(RefreshToken::open(&keys, again.expose()), Some(token));
    }
});
