//! Under which name a request came: the origin that its answer's URLs are built on.

use std::collections::HashSet;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use axum::body::{Body, HttpBody};
use axum::response::{IntoResponse, Response};
use http::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HOST};
use http::{HeaderMap, Method, Request, StatusCode, Uri};

use super::accept::Connection;
use super::listen::Listen;

/// The origin of one request, in its extensions: `https://` and a host of this server, without a slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestOrigin(pub String);

/// A host as URLs write it: a name in lower case, or an address.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Host {
    /// A DNS name.
    Name(String),
    /// An IPv4 or IPv6 address.
    Address(IpAddr),
}

impl Host {
    /// `localhost`.
    pub fn localhost() -> Self {
        Self::Name("localhost".to_owned())
    }

    /// Reads a host as a `Host` header writes it, strictly: no user info, no percent signs, no short forms of addresses.
    fn parse(text: &str) -> Option<Self> {
        if let Some(inner) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            return inner.parse::<Ipv6Addr>().ok().map(|address| Self::Address(address.into()));
        }
        if let Ok(address) = text.parse::<std::net::Ipv4Addr>() {
            return Some(Self::Address(address.into()));
        }
        let of_a_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
        (!text.is_empty() && text.len() <= 253 && text.chars().all(of_a_name))
            .then(|| Self::Name(text.to_ascii_lowercase()))
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Address(IpAddr::V4(address)) => address.fmt(f),
            Self::Address(IpAddr::V6(address)) => write!(f, "[{address}]"),
        }
    }
}

/// An `https` origin (RFC 6454): scheme, host and port, no slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    text: String,
    host: Host,
}

impl Origin {
    /// The origin of this host and port; 443 is not written.
    pub fn new(host: Host, port: u16) -> Self {
        let text = match port {
            443 => format!("https://{host}"),
            port => format!("https://{host}:{port}"),
        };
        Self { text, host }
    }

    /// What stands in when `--origin` is not given: `localhost` where it leads here, else the first address.
    pub(super) fn for_listener(listen: &Listen, addresses: &[SocketAddr]) -> Self {
        let leads_here =
            |ip: IpAddr| ip.is_unspecified() || ip == IpAddr::from([127, 0, 0, 1]) || ip == Ipv6Addr::LOCALHOST;
        let by_name = addresses.iter().find(|address| leads_here(address.ip()));
        match (by_name, addresses.first()) {
            // Other tests' servers may hold the same port under the other family's localhost.
            (_, Some(first)) if *listen == Listen::Private => Self::new(Host::Address(first.ip()), first.port()),
            (Some(address), _) => Self::new(Host::localhost(), address.port()),
            (None, Some(first)) => Self::new(Host::Address(first.ip()), first.port()),
            (None, None) => Self::new(Host::localhost(), 443),
        }
    }

    /// The origin's text, for instance `https://localhost:8443`.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Its host.
    pub fn host(&self) -> &Host {
        &self.host
    }
}

impl FromStr for Origin {
    type Err = NotAnOrigin;

    fn from_str(text: &str) -> Result<Self, NotAnOrigin> {
        let refuse = |reason| Err(NotAnOrigin { text: text.to_owned(), reason });
        let Ok(url) = url::Url::parse(text) else {
            return refuse("is no URL");
        };
        if url.scheme() != "https" {
            return refuse("does not begin with https://, and Microsoft's clients refuse anything else");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return refuse("holds a user name");
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return refuse("has something behind host and port");
        }
        match url.host_str().and_then(Host::parse) {
            Some(host) => Ok(Self::new(host, url.port().unwrap_or(443))),
            None => refuse("has no host that a certificate can name"),
        }
    }
}

/// The text given as an origin is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAnOrigin {
    text: String,
    reason: &'static str,
}

impl fmt::Display for NotAnOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}; an origin looks like https://localhost:8443", self.text, self.reason)
    }
}

impl std::error::Error for NotAnOrigin {}

/// The names this server answers to.
#[derive(Debug, Clone)]
pub struct Origins {
    main: Origin,
    hosts: HashSet<Host>,
    listens_on_all: bool,
    courtesy: bool,
}

impl Origins {
    /// Answers to the host of `main`, to `localhost` and to the listen addresses. `courtesy`: port 443 is open besides
    /// the main ports, for clients that drop the port.
    pub fn new(main: Origin, listen: impl IntoIterator<Item = IpAddr>, courtesy: bool) -> Self {
        let mut hosts = HashSet::from([Host::localhost(), main.host.clone()]);
        let mut listens_on_all = false;
        for ip in listen {
            if ip.is_unspecified() {
                listens_on_all = true;
                hosts.insert(Host::Address(IpAddr::from([127, 0, 0, 1])));
                hosts.insert(Host::Address(Ipv6Addr::LOCALHOST.into()));
            } else {
                hosts.insert(Host::Address(ip));
            }
        }
        Self { main, hosts, listens_on_all, courtesy }
    }

    /// The main origin.
    pub fn main(&self) -> &Origin {
        &self.main
    }

    /// The origin of a request with this `Host` (HTTP/2: `:authority`) on this connection.
    ///
    /// # Errors
    /// [`Misdirected`] when the host is none of this server's.
    pub fn resolve(&self, host: Option<&str>, connection: &Connection) -> Result<String, Misdirected> {
        let misdirected = || Misdirected { host: host.map(str::to_owned), main: self.main.text.clone() };
        let (name, port) = host.and_then(split_host).ok_or_else(misdirected)?;
        let local = connection.local.ip().to_canonical();
        let ours = self.hosts.contains(&name) || (self.listens_on_all && name == Host::Address(local));
        if !ours {
            return Err(misdirected());
        }
        let on_courtesy_port = self.courtesy && connection.local.port() == 443;
        if on_courtesy_port || !connection.tls {
            return Ok(self.main.text.clone());
        }
        Ok(Origin::new(name, port.unwrap_or(443)).text)
    }

    fn of_request<B>(&self, connection: &Connection, request: &Request<B>) -> Result<String, Box<Response>> {
        let path = request.uri().path();
        if !connection.tls && !may_be_plain(request.method(), path, connection) {
            let text = format!("This port speaks HTTPS: use {}{}", self.main.text, path);
            // What else the client has sent on this connection was meant for another protocol.
            let refusal = ([(CONNECTION, "close")], sentence(StatusCode::BAD_REQUEST, &text));
            return Err(Box::new(refusal.into_response()));
        }
        match self.resolve(requested_host(request.uri(), request.headers()), connection) {
            Ok(origin) => Ok(origin),
            Err(_) if is_health(path) => Ok(self.main.text.clone()),
            Err(misdirected) => Err(Box::new(misdirected.into_response())),
        }
    }
}

/// The request was meant for another server: 421 (RFC 9110 §15.5.20).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misdirected {
    host: Option<String>,
    main: String,
}

impl fmt::Display for Misdirected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Some(host) => {
                let host: String = host.chars().filter(char::is_ascii_graphic).take(100).collect();
                write!(f, "This server does not answer to the host `{host}`")?;
            }
            None => write!(f, "The request names no host")?,
        }
        write!(f, ": use {}, or start it with --origin and the URL you want.", self.main)
    }
}

impl IntoResponse for Misdirected {
    fn into_response(self) -> Response {
        sentence(StatusCode::MISDIRECTED_REQUEST, &self.to_string())
    }
}

/// Lets a request through that is meant for this server, with [`RequestOrigin`] in its extensions. Otherwise gives the
/// answer to it: 421 to a foreign host (on every path but health), 400 to plain HTTP (but for the few paths that loopback
/// peers may read).
pub(super) fn admit<B>(origins: &Origins, connection: &Connection, request: &mut Request<B>) -> Option<Response> {
    match origins.of_request(connection, request) {
        Ok(origin) => {
            request.extensions_mut().insert(RequestOrigin(origin));
            None
        }
        Err(refusal) if request.method() == Method::HEAD => Some(to_a_head(*refusal)),
        Err(refusal) => Some(*refusal),
    }
}

/// `:authority` or an absolute target wins over `Host` (RFC 9112 §3.2.2, RFC 9113 §8.3.1); two `Host` headers are none.
fn requested_host<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> Option<&'a str> {
    if let Some(authority) = uri.authority() {
        return Some(authority.as_str());
    }
    let mut hosts = headers.get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().ok(),
        _ => None,
    }
}

fn split_host(text: &str) -> Option<(Host, Option<u16>)> {
    let behind_host = match text.rfind(']') {
        Some(bracket) => bracket + 1,
        None => text.find(':').unwrap_or(text.len()),
    };
    let (host, port) = (text.get(..behind_host)?, text.get(behind_host..)?);
    let port = match port.strip_prefix(':') {
        None if port.is_empty() => None,
        Some(digits) if digits.chars().all(|c| c.is_ascii_digit()) => Some(digits.parse().ok()?),
        _ => return None,
    };
    Some((Host::parse(host)?, port))
}

fn is_health(path: &str) -> bool {
    matches!(path, "/_ropeway/health/live" | "/_ropeway/health/ready")
}

/// Health, metadata and keys: what a container's probe or an API on the same machine may read without TLS.
fn may_be_plain(method: &Method, path: &str, connection: &Connection) -> bool {
    if !connection.peer.ip().to_canonical().is_loopback() || !matches!(*method, Method::GET | Method::HEAD) {
        return false;
    }
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    is_health(path)
        || matches!(
            segments.as_slice(),
            ["common", "discovery", "instance"]
                | [_, ".well-known", "openid-configuration"]
                | [_, "v2.0", ".well-known", "openid-configuration"]
                | [_, "discovery", "keys"]
                | [_, "discovery", "v2.0", "keys"]
        )
}

/// As to a GET, without the content (RFC 9110 §9.3.2), which HTTP/2 does not leave out by itself.
fn to_a_head(mut answer: Response) -> Response {
    if let Some(length) = answer.body().size_hint().exact() {
        answer.headers_mut().insert(CONTENT_LENGTH, length.into());
    }
    *answer.body_mut() = Body::empty();
    answer
}

fn sentence(status: StatusCode, text: &str) -> Response {
    (status, [(CONTENT_TYPE, "text/plain; charset=utf-8")], format!("{text}\n")).into_response()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whatever_the_host_header_says_the_origin_is_one_of_ours(host in ".*|(localhost|127\\.0\\.0\\.1|\\[::1\\])[:0-9a-z]*") {
            if let Ok(origin) = origins().resolve(Some(&host), &connection("127.0.0.1:8443", true)) {
                let parsed: Origin = origin.parse().unwrap();
                prop_assert_eq!(parsed.as_str(), &origin);
                prop_assert!(origins().hosts.contains(parsed.host()), "{}", origin);
            }
        }

        #[test]
        fn an_origin_that_was_read_reads_the_same_again(text in "https://[a-z0-9.:\\[\\]@/-]{0,20}|.*") {
            if let Ok(origin) = text.parse::<Origin>() {
                prop_assert_eq!(origin.as_str().parse::<Origin>(), Ok(origin.clone()));
            }
        }
    }

    fn origins() -> Origins {
        let listen = [IpAddr::from([127, 0, 0, 1]), Ipv6Addr::LOCALHOST.into()];
        Origins::new("https://login.alpine.test:8443".parse().unwrap(), listen, true)
    }

    fn connection(local: &str, tls: bool) -> Connection {
        Connection { peer: "127.0.0.1:50000".parse().unwrap(), local: local.parse().unwrap(), tls }
    }

    #[test]
    fn an_own_host_is_the_origin_as_the_client_wrote_it() {
        for (host, origin) in [
            ("localhost:8443", "https://localhost:8443"),
            ("LOCALHOST:8443", "https://localhost:8443"),
            ("localhost", "https://localhost"),
            ("localhost:443", "https://localhost"),
            ("localhost:9999", "https://localhost:9999"),
            ("127.0.0.1:8443", "https://127.0.0.1:8443"),
            ("[::1]:8443", "https://[::1]:8443"),
            ("[0:0::1]", "https://[::1]"),
            ("login.alpine.test:8443", "https://login.alpine.test:8443"),
        ] {
            assert_eq!(
                origins().resolve(Some(host), &connection("127.0.0.1:8443", true)).as_deref(),
                Ok(origin),
                "{host}"
            );
        }
    }

    #[test]
    fn a_foreign_or_malformed_host_is_misdirected() {
        let foreign = [
            "example.com",
            "localhost.example.com:8443",
            "127.0.0.2:8443",
            "[::2]:8443",
            "127.1",
            "2130706433",
            "",
            ":8443",
            "localhost:",
            "localhost:http",
            "localhost:99999",
            "localhost:8443:1",
            "user@localhost:8443",
            "localhost.",
            "[::1",
            "::1",
            "[::1]8443",
            "localhost/",
            "localhost\u{e9}",
            "[localhost]:8443",
        ];
        for host in foreign.map(Some).into_iter().chain([None]) {
            assert!(origins().resolve(host, &connection("127.0.0.1:8443", true)).is_err(), "{host:?}");
        }
    }

    #[test]
    fn the_courtesy_port_and_plain_http_answer_with_the_main_origin() {
        let main = Ok("https://login.alpine.test:8443");
        assert_eq!(origins().resolve(Some("localhost"), &connection("127.0.0.1:443", true)).as_deref(), main);
        assert_eq!(origins().resolve(Some("127.0.0.1:8443"), &connection("127.0.0.1:8443", false)).as_deref(), main);
        assert!(origins().resolve(Some("example.com"), &connection("127.0.0.1:443", true)).is_err());

        let own_443 = Origins::new("https://127.0.0.2".parse().unwrap(), [IpAddr::from([127, 0, 0, 2])], false);
        let answer = own_443.resolve(Some("localhost"), &connection("127.0.0.2:443", true));
        assert_eq!(answer.as_deref(), Ok("https://localhost"), "a main port 443 is no courtesy");
    }

    #[test]
    fn listening_on_all_addresses_answers_to_the_one_that_was_reached() {
        let all = Origins::new("https://localhost:8443".parse().unwrap(), [IpAddr::from([0, 0, 0, 0])], false);
        let reached = connection("[::ffff:192.0.2.7]:8443", true);

        assert_eq!(all.resolve(Some("192.0.2.7:8443"), &reached).as_deref(), Ok("https://192.0.2.7:8443"));
        assert!(all.resolve(Some("192.0.2.8:8443"), &reached).is_err());
        assert!(origins().resolve(Some("192.0.2.7:8443"), &reached).is_err());
    }

    #[test]
    fn an_origin_is_https_host_and_port_and_nothing_else() {
        for (text, origin) in [
            ("https://localhost:8443", "https://localhost:8443"),
            ("https://LOGIN.alpine.test/", "https://login.alpine.test"),
            ("https://127.0.0.2:443", "https://127.0.0.2"),
            ("https://[::1]:9", "https://[::1]:9"),
        ] {
            assert_eq!(text.parse::<Origin>().unwrap().as_str(), origin);
        }
        for wrong in [
            "",
            "localhost:8443",
            "http://localhost:8443",
            "https://a@localhost",
            "https://localhost/x",
            "https://localhost?x",
        ] {
            assert!(wrong.parse::<Origin>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_probes_metadata_and_keys_may_be_plain_and_only_from_this_machine() {
        let here = connection("127.0.0.1:8443", false);
        let there = Connection { peer: "192.0.2.1:50000".parse().unwrap(), ..here };
        for path in [
            "/_ropeway/health/live",
            "/_ropeway/health/ready",
            "/t/v2.0/.well-known/openid-configuration",
            "/t/.well-known/openid-configuration",
            "/t/discovery/v2.0/keys",
            "/t/discovery/keys",
            "/common/discovery/instance",
        ] {
            assert!(may_be_plain(&Method::GET, path, &here), "{path}");
            assert!(!may_be_plain(&Method::POST, path, &here), "{path}");
            assert!(!may_be_plain(&Method::GET, path, &there), "{path}");
        }
        for path in [
            "/",
            "/t/oauth2/v2.0/token",
            "/_ropeway/api/v1/tenants",
            "/a/b/discovery/keys",
            "/t/discovery/keys/x",
            "//discovery/instance",
        ] {
            assert!(!may_be_plain(&Method::GET, path, &here), "{path}");
        }
    }
}
