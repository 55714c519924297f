//! No secret, password or token in any log line at any level.

use std::io::Write;
use std::sync::{Arc, Mutex};

use ropeway_testkit::TestTenant;
use ropeway_testkit::sample::{LEGACY_PORTAL, LEGACY_PORTAL_SECRET, PASSWORD};
use tracing_subscriber::fmt::MakeWriter;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[test]
fn no_log_line_at_any_level_holds_a_secret() {
    let log = Log::default();
    // The one subscriber of this process: other tests' lines land here too, and must be as clean.
    tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone()).with_ansi(false).init();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let mut secrets = vec![
        PASSWORD.to_owned(),
        LEGACY_PORTAL_SECRET.to_owned(),
        "wrong-Winter-2042".to_owned(),
        "not-the-portal-secret".to_owned(),
    ];
    runtime.block_on(async {
        let tenant = TestTenant::start().await.unwrap();
        let portal = || tenant.password("cloud@alpine.test").client(LEGACY_PORTAL, LEGACY_PORTAL_SECRET);
        let scope = "openid offline_access api://employees.alpine.test/.default";
        let granted = portal().scope(scope).send().await.unwrap().granted().unwrap();
        for member in ["access_token", "id_token", "refresh_token"] {
            let token = granted.body[member].as_str().unwrap();
            secrets.push(token.rsplit('.').next().unwrap().to_owned());
        }
        let refused = tenant.password("mfa@alpine.test").send().await.unwrap();
        assert_eq!(refused.code(), Some(50076));
        tenant.password("cloud@alpine.test").password_is("wrong-Winter-2042").send().await.unwrap();
        portal().set("client_secret", "not-the-portal-secret").send().await.unwrap();
        tenant.refresh(granted.refresh_token()).client(LEGACY_PORTAL, LEGACY_PORTAL_SECRET).send().await.unwrap();
    });
    let text = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    assert!(text.contains("mfa@alpine.test AADSTS50076"), "the refusal is logged: {text}");
    for secret in secrets {
        assert!(!text.contains(&secret), "a log line holds {}…", &secret[..4]);
    }
}
