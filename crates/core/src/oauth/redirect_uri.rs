//! Redirect URIs: where an authorization answer may be sent.

use std::net::Ipv4Addr;

use url::{Host, Url};

use crate::directory::{Application, ClientPlatform};
use crate::error::Denial;

/// A redirect URI that the application registered, as the request named it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedirectUri {
    /// The text of the request: what a code is bound to.
    pub text: String,
    /// The request named it. One that did not need not name it when it redeems its code (RFC 6749 §4.1.3).
    pub explicit: bool,
    /// What it is registered for; decides how a code is redeemed.
    pub platform: ClientPlatform,
    /// Where to send the person.
    pub url: Url,
}

/// Finds the redirect URI that a request asks for; without one, the first that is registered.
///
/// Letter by letter, but for `http://localhost` and `http://127.0.0.1`, where the port is not looked at
/// (<https://learn.microsoft.com/entra/identity-platform/reply-url#localhost-exceptions>), and for an empty path, which is
/// the path `/`. None registered is AADSTS500113, another one AADSTS50011: neither is ever redirected to.
pub fn find(client: &Application, asked: Option<&str>) -> Result<RedirectUri, Denial> {
    if client.redirect_uris.is_empty() {
        return Err(Denial::new(500113));
    }
    let mismatch = |text: &str| Denial::new(50011).with("redirectUri", text).with("appId", client.app_id);
    let found = match asked {
        Some(asked) => client.redirect_uris.iter().find(|(_, registered)| same(registered, asked)),
        None => client.redirect_uris.first(),
    };
    let Some((platform, registered)) = found else { return Err(mismatch(asked.unwrap_or_default())) };
    let text = asked.unwrap_or(registered);
    match Url::parse(text) {
        Ok(url) if may_be_registered(&url) => {
            Ok(RedirectUri { text: text.to_owned(), explicit: asked.is_some(), platform: *platform, url })
        }
        _ => Err(mismatch(text)),
    }
}

/// Whether an application may register this address: over plain HTTP only the person's own machine, which answers never
/// leave (<https://learn.microsoft.com/entra/identity-platform/reply-url#supported-schemes>), and never a scheme that
/// would run or show what the request brings along. The loopback address of IPv6 is not among those, as in Entra.
pub fn may_be_registered(url: &Url) -> bool {
    match url.scheme() {
        "http" => match url.host() {
            Some(Host::Domain(domain)) => domain == "localhost",
            Some(Host::Ipv4(address)) => address == Ipv4Addr::LOCALHOST,
            Some(Host::Ipv6(_)) | None => false,
        },
        "javascript" | "data" | "vbscript" | "file" | "blob" | "about" => false,
        _ => true,
    }
}

/// Whether two redirect URIs count as one: at registration, at redemption of a code, at sign-out.
pub fn same(registered: &str, asked: &str) -> bool {
    if registered == asked || with_path(registered) == with_path(asked) {
        return true;
    }
    match (loopback(registered), loopback(asked)) {
        (Some(registered), Some(asked)) => registered == asked,
        _ => false,
    }
}

/// `http://localhost` and `http://localhost/` are one address, however a library spells it.
fn with_path(text: &str) -> String {
    let has_path = text.split_once("://").is_none_or(|(_, rest)| rest.contains(['/', '?', '#']));
    if has_path { text.to_owned() } else { format!("{text}/") }
}

/// Host, path and query of a loopback address over plain HTTP, if the text is spelt as one.
fn loopback(text: &str) -> Option<(String, String)> {
    let rest = text.strip_prefix("http://")?;
    let url = Url::parse(text).ok()?;
    let host = match url.host()? {
        Host::Domain("localhost") => "localhost",
        Host::Ipv4(address) if address == Ipv4Addr::LOCALHOST => "127.0.0.1",
        _ => return None,
    };
    // The text after host and port must stand as it was written: dots and escapes are not resolved.
    let tail = rest.strip_prefix(host)?;
    let tail = match tail.strip_prefix(':') {
        Some(tail) => tail.trim_start_matches(|c: char| c.is_ascii_digit()),
        None => tail,
    };
    let tail = if tail.is_empty() { "/" } else { tail };
    (tail.starts_with(['/', '?']) && url.fragment().is_none()).then(|| (host.to_owned(), tail.to_owned()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use proptest::prelude::*;

    use super::*;
    use crate::signin::fixture;

    fn client(uris: &[&str]) -> Application {
        let mut client = fixture::application(1, "Client");
        client.redirect_uris = uris.iter().map(|uri| (ClientPlatform::Web, (*uri).to_owned())).collect();
        client
    }

    #[test]
    fn only_what_is_registered_is_sent_to() {
        let cases = [
            ("https://app.test/cb", "https://app.test/cb", true),
            ("https://app.test/cb", "https://app.test/cb/", false),
            ("https://app.test/cb", "https://app.test/CB", false),
            ("https://app.test/cb", "https://app.test/cb?x=1", false),
            ("https://app.test/cb", "https://app.test/cb#f", false),
            ("https://app.test/cb", "https://app.test/cb/../x", false),
            ("https://app.test/cb", "https://app.test:443/cb", false),
            ("https://app.test/cb", "https://app.test.evil.test/cb", false),
            ("https://app.test/cb", "https://user@app.test/cb", false),
            ("https://app.test/cb", "https://app.test\\cb", false),
            ("https://app.test", "https://app.test/", true),
            ("https://app.test/cb", "http://app.test/cb", false),
            ("http://localhost", "http://localhost:53211", true),
            ("http://localhost", "http://localhost:53211/", true),
            ("http://localhost:5003/cb", "http://localhost:5999/cb", true),
            ("http://localhost/cb", "http://localhost:1/cb?x=1", false),
            ("http://localhost/cb", "http://localhost/other", false),
            ("http://localhost/cb", "http://localhost.evil.test/cb", false),
            ("http://localhost/cb", "http://127.0.0.1/cb", false),
            ("http://localhost/cb", "http://localhost:1@evil.test/cb", false),
            ("http://localhost/cb", "https://localhost:1/cb", false),
            ("http://127.0.0.1/cb", "http://127.0.0.1:9/cb", true),
            ("http://[::1]/cb", "http://[::1]:9/cb", false),
            ("http://app.test/cb", "http://app.test/cb", false),
            ("msal-tool://auth", "msal-tool://auth", true),
            ("javascript:alert(1)", "javascript:alert(1)", false),
        ];
        for (registered, asked, allowed) in cases {
            let found = find(&client(&[registered]), Some(asked));
            assert_eq!(found.is_ok(), allowed, "{registered} against {asked}");
            if !allowed {
                assert_eq!(found.unwrap_err().code(), 50011);
            }
        }
    }

    #[test]
    fn over_plain_http_only_the_own_machine_is_registered() {
        let cases = [
            ("https://app.test/cb", true),
            ("https://localhost/cb", true),
            ("http://localhost", true),
            ("http://LOCALHOST:5003/cb", true),
            ("http://127.0.0.1:9/cb", true),
            ("msal-tool://auth", true),
            ("urn:ietf:wg:oauth:2.0:oob", true),
            ("http://app.test/cb", false),
            ("HTTP://app.test/cb", false),
            ("http://localhost.evil.test/cb", false),
            ("http://app.localhost/cb", false),
            ("http://localhost@evil.test/cb", false),
            ("http://127.0.0.2/cb", false),
            ("http://[::1]/cb", false),
            ("JavaScript:alert(1)", false),
            ("data:text/html,x", false),
        ];
        for (text, allowed) in cases {
            assert_eq!(may_be_registered(&Url::parse(text).unwrap()), allowed, "{text}");
        }
    }

    #[test]
    fn without_one_the_first_is_taken_and_without_any_there_is_no_way_back() {
        let two = client(&["https://app.test/a", "https://app.test/b"]);
        let found = find(&two, None).unwrap();
        assert_eq!((found.text.as_str(), found.explicit), ("https://app.test/a", false));
        assert_eq!(find(&client(&[]), None).unwrap_err().code(), 500113);
    }

    proptest! {
        #[test]
        fn no_other_text_is_let_through(asked in ".{0,60}") {
            let registered = client(&["https://app.test/cb", "http://localhost/cb"]);
            if let Ok(found) = find(&registered, Some(&asked)) {
                prop_assert!(found.url.host_str() == Some("app.test") || found.url.host_str() == Some("localhost"));
                prop_assert_eq!(found.url.path(), "/cb");
            }
        }
    }
}
