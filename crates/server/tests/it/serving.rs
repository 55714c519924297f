//! Listening, TLS, plain HTTP, hosts, draining: through sockets, with a client that trusts nothing but the local CA.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::routing::{get, post};
use axum::{Extension, Router};
use ropeway_core::ids::CONSUMER_TENANT;
use ropeway_core::time::WallTime;
use ropeway_server::serving::listen::{Listen, ListenAddress, ListenError};
use ropeway_server::serving::origin::{Origin, RequestOrigin};
use ropeway_server::serving::ready::{self, Ready, ReadyTenant};
use ropeway_server::serving::{Bound, Connection, Limits, ListenOptions, Serving};
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

#[tokio::test]
async fn a_request_over_tls_finds_its_origin_and_connection() {
    let server = Server::start(Limits::default()).await;
    let port = server.address.port();

    let answer = server.get("localhost", &format!("localhost:{port}"), "/who").await;

    assert_eq!(answer, format!("200 https://localhost:{port} tls=true"));
}

#[tokio::test]
async fn the_certificate_names_localhost_and_every_listen_address_and_nothing_else() {
    let server = Server::start(Limits::default()).await;
    for name in ["localhost", "127.0.0.1"] {
        assert!(server.connect(name).await.is_ok(), "{name}");
    }
    for name in ["example.com", "127.0.0.2", "other.localhost"] {
        assert!(server.connect(name).await.is_err(), "{name}");
    }
}

#[tokio::test]
async fn the_authority_of_an_outside_origin_vouches_for_it_and_is_not_the_local_one() {
    let home = tempfile::tempdir().unwrap();
    let inside = Server::bind(home.path(), None, Limits::default()).await;
    let outside = Server::bind(home.path(), Some("https://login.example.com"), Limits::default()).await;

    assert!(outside.connect("login.example.com").await.is_ok());
    assert!(outside.connect("localhost").await.is_ok());
    assert_ne!(inside.ca_file, outside.ca_file);
    let roots = inside.roots.clone();
    assert!(connect(outside.address, "localhost", roots).await.is_err(), "the local CA did not sign this one");
}

#[tokio::test]
async fn two_starts_keep_the_same_authority() {
    let home = tempfile::tempdir().unwrap();
    let first = Server::bind(home.path(), None, Limits::default()).await;
    let second = Server::bind(home.path(), None, Limits::default()).await;

    assert!(connect(second.address, "localhost", first.roots.clone()).await.is_ok());
}

#[tokio::test]
async fn a_foreign_host_is_misdirected_but_on_health() {
    let server = Server::start(Limits::default()).await;
    let main = &server.origin;

    let answer = server.get("localhost", "example.com", "/who").await;
    assert_eq!(
        answer,
        format!(
            "421 This server does not answer to the host `example.com`: use {main}, or start it with --origin and the URL you want."
        )
    );
    let answer = server.get("localhost", "example.com", "/no-such-path").await;
    assert!(answer.starts_with("421 "), "{answer}");
    assert_eq!(server.get("localhost", "example.com", "/_ropeway/health/live").await, "200 alive");
}

#[tokio::test]
async fn over_http2_a_foreign_host_is_misdirected_too_and_a_head_gets_no_content() {
    let server = Server::start(Limits::default()).await;
    let client = reqwest::Client::builder().resolve("example.com", server.address);
    // The certificate does not name this host, as little as the server answers to it.
    let client = client.tls_danger_accept_invalid_certs(true).build().unwrap();
    let url = format!("https://example.com:{}/who", server.address.port());

    for (method, has_content) in [(reqwest::Method::GET, true), (reqwest::Method::HEAD, false)] {
        let answer = client.request(method.clone(), &url).send().await.unwrap();
        assert_eq!((answer.version(), answer.status().as_u16()), (reqwest::Version::HTTP_2, 421), "{method}");
        assert!(answer.headers()["content-length"].to_str().unwrap().parse::<usize>().unwrap() > 20, "{method}");
        assert_eq!(!answer.bytes().await.unwrap().is_empty(), has_content, "{method}");
    }
}

#[tokio::test]
async fn forwarding_headers_are_not_read() {
    let server = Server::start(Limits::default()).await;
    let request = "GET /who HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-Host: example.com\r\nX-Forwarded-Proto: http\r\n\
        Forwarded: host=example.com\r\nConnection: close\r\n\r\n";
    let answer = ask(server.connect("localhost").await.unwrap(), request).await;
    assert_eq!(answer, "200 https://localhost tls=true");
}

#[tokio::test]
async fn plain_http_serves_probes_metadata_and_keys_under_the_main_origin_and_refuses_the_rest() {
    let server = Server::start(Limits::default()).await;
    let plain = async |path: &str| {
        let request = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
        ask(TcpStream::connect(server.address).await.unwrap(), &request).await
    };

    assert_eq!(plain("/_ropeway/health/live").await, "200 alive");
    assert_eq!(plain("/common/discovery/instance").await, format!("200 {} tls=false", server.origin));
    assert_eq!(plain("/who?password=x").await, format!("400 This port speaks HTTPS: use {}/who", server.origin));
}

#[tokio::test]
async fn a_client_that_does_not_finish_its_handshake_delays_nobody() {
    let server = Server::start(Limits::default()).await;
    let mut stalled = Vec::new();
    for greeting in [&b""[..], b"\x16", b"\x16\x03\x01\x02\x00", b"GET / HT"] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(greeting).await.unwrap();
        stalled.push(stream);
    }
    assert!(server.get("localhost", "localhost", "/who").await.starts_with("200 "));
}

#[tokio::test]
async fn who_stalls_is_disconnected_at_every_step() {
    let soon = Duration::from_millis(50);
    let server = Server::start(Limits { handshake: soon, request_head: soon, ..Limits::default() }).await;
    let closes = async |greeting: &[u8]| {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(greeting).await.unwrap();
        let mut rest = Vec::new();
        // Closed or reset, both are an end.
        let _ = stream.read_to_end(&mut rest).await;
    };
    closes(b"").await;
    closes(b"\x16\x03\x01").await;
    closes(b"GET / HTTP/1.1\r\nHost: ").await;

    let server = Server::start(Limits { request_head: soon, ..Limits::default() }).await;
    let mut silent = server.connect("localhost").await.unwrap();
    let _ = silent.read_to_end(&mut Vec::new()).await;

    let mut silent_http2 = server.connect_with("localhost", &[b"h2"]).await.unwrap();
    assert_eq!(silent_http2.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let _ = silent_http2.read_to_end(&mut Vec::new()).await;
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let server = Server::start(Limits { request_body: Duration::from_millis(50), ..Limits::default() }).await;
    let post = |body: &str| format!("POST /length HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{body}");

    let whole = post("a=b&c=def").replace("Host", "Connection: close\r\nHost");
    assert_eq!(ask(server.connect("localhost").await.unwrap(), &whole).await, "200 9");
    let stalled = ask(server.connect("localhost").await.unwrap(), &post("a=b")).await;
    assert!(stalled.starts_with("400 "), "{stalled}");
}

#[tokio::test]
async fn draining_lets_a_running_request_finish_and_takes_no_new_one() {
    let mut server = Server::start(Limits::default()).await;
    let stream = server.connect("localhost").await.unwrap();
    let idle = server.connect("localhost").await.unwrap();
    let running = tokio::spawn(ask(stream, "GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    server.slow_started.notified().await;

    let drained = tokio::spawn(server.serving.take().unwrap().drain());
    let mut idle = idle;
    assert_eq!(idle.read_to_end(&mut Vec::new()).await.unwrap_or(0), 0, "an idle connection is closed");
    while TcpStream::connect(server.address).await.is_ok() {
        // The listener goes in its own task; a test that never leaves this loop has found that it does not.
        tokio::task::yield_now().await;
    }
    assert!(!drained.is_finished());
    server.slow_may_finish.notify_one();

    assert_eq!(running.await.unwrap(), "200 slow but sure");
    drained.await.unwrap();
}

#[tokio::test]
async fn draining_does_not_wait_for_ever() {
    let mut server = Server::start(Limits { drain: Duration::from_millis(50), ..Limits::default() }).await;
    let stream = server.connect("localhost").await.unwrap();
    let running = tokio::spawn(ask(stream, "GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    server.slow_started.notified().await;

    server.serving.take().unwrap().drain().await;

    assert_eq!(running.await.unwrap(), "");
}

#[tokio::test]
async fn dropping_the_server_stops_it() {
    let mut server = Server::start(Limits::default()).await;
    let mut idle = server.connect("localhost").await.unwrap();

    server.serving = None;

    let _ = idle.read_to_end(&mut Vec::new()).await;
}

#[tokio::test]
async fn a_free_port_is_the_same_for_both_families() {
    let home = tempfile::tempdir().unwrap();
    let bound = bind(home.path(), &["localhost:0"], None).await.unwrap();
    let ports: Vec<u16> = bound.addresses().iter().map(SocketAddr::port).collect();

    assert!(ports.iter().all(|port| *port == ports[0] && *port != 0), "{ports:?}");
    assert_eq!(bound.origin(), format!("https://localhost:{}", ports[0]));
}

#[tokio::test]
async fn all_addresses_cover_each_other_and_share_a_port() {
    let home = tempfile::tempdir().unwrap();
    let bound = bind(home.path(), &["127.0.0.1:0", "0.0.0.0:0", "[::]:0"], None).await.unwrap();
    let port = bound.addresses()[0].port();
    let serving = bound.serve(Router::new());

    assert!(TcpStream::connect(("127.0.0.1", port)).await.is_ok());
    serving.drain().await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_taken_port_says_who_holds_it_and_what_helps() {
    let home = tempfile::tempdir().unwrap();
    let holder = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = holder.local_addr().unwrap();

    let error = bind(home.path(), &[&address.to_string()], None).await.err().unwrap();

    let error = error.downcast_ref::<ListenError>().unwrap();
    let message = error.to_string();
    assert!(message.starts_with(&format!("cannot listen on {address}: ")), "{message}");
    assert!(message.ends_with(&format!("(pid {}) holds the port", std::process::id())), "{message}");
    assert!(error.hint().unwrap().contains("--listen 127.0.0.1:0"));
}

#[tokio::test]
async fn an_address_of_another_machine_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let error = bind(home.path(), &["192.0.2.1:0"], None).await.err().unwrap();
    assert!(matches!(error.downcast_ref(), Some(ListenError::NotHere { .. })), "{error}");
}

#[tokio::test]
async fn private_servers_get_an_address_or_a_port_each() {
    let home = tempfile::tempdir().unwrap();
    let options = |home: &Path| ListenOptions {
        listen: Listen::Private,
        origin: None,
        home: home.to_owned(),
        limits: Limits::default(),
    };
    let first = Bound::bind(options(home.path()), now()).await.unwrap();
    let second = Bound::bind(options(home.path()), now()).await.unwrap();

    assert_ne!(first.addresses(), second.addresses());
    assert!(first.origin().starts_with("https://127."), "{}", first.origin());
}

#[tokio::test]
async fn a_ready_server_is_found_through_its_runtime_file_until_it_is_gone() {
    let home = tempfile::tempdir().unwrap();
    let runtime_dir = home.path().join("run/ropeway");
    let ready_file = home.path().join("ready.json");
    let bound = bind(home.path(), &["127.0.0.1:0"], None).await.unwrap();
    let tenant = ReadyTenant {
        tenant_id: CONSUMER_TENANT,
        display_name: "Consumers".to_owned(),
        domains: vec!["live.test".to_owned()],
    };
    let ready = Ready::new(&bound, vec![tenant], ready::new_control_key().unwrap());
    let port = bound.addresses()[0].port();

    let announcement = ready.announce(&runtime_dir, Some(&ready_file)).unwrap();

    assert_eq!(announcement.path(), runtime_dir.join(format!("{port}.json")));
    let written: serde_json::Value = serde_json::from_slice(&std::fs::read(&ready_file).unwrap()).unwrap();
    let members: Vec<&str> = written.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(members, ["origin", "listen", "tenants", "caFile", "caBundleFile", "controlKey", "pid"]);
    assert_eq!(written["listen"], serde_json::json!([format!("127.0.0.1:{port}")]));
    assert_eq!(written["tenants"][0]["domains"], serde_json::json!(["live.test"]));
    assert_eq!(written["controlKey"].as_str().unwrap().len(), 64);
    let found = ready::running(&runtime_dir);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].origin, ready.origin);

    drop(bound);
    assert!(ready::running(&runtime_dir).is_empty(), "a server that does not answer is not running");
    let path = announcement.path().to_owned();
    drop(announcement);
    assert!(!path.exists());
}

#[cfg(unix)]
#[tokio::test]
async fn what_holds_the_control_key_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let home = tempfile::tempdir().unwrap();
    let ready_file = home.path().join("ready.json");
    let bound = bind(home.path(), &["127.0.0.1:0"], None).await.unwrap();
    let ready = Ready::new(&bound, Vec::new(), ready::new_control_key().unwrap());

    let announcement = ready.announce(&home.path().join("run"), Some(&ready_file)).unwrap();

    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&ready_file), 0o600);
    assert_eq!(mode(announcement.path()), 0o600);
    assert_eq!(mode(announcement.path().parent().unwrap()), 0o700);
    let key = ready.control_key.expose();
    assert!(!format!("{ready:?}").contains(key));
}

/// A server on a free port of 127.0.0.1 with a home of its own.
struct Server {
    address: SocketAddr,
    origin: String,
    ca_file: std::path::PathBuf,
    roots: Arc<RootCertStore>,
    serving: Option<Serving>,
    slow_started: Arc<Notify>,
    slow_may_finish: Arc<Notify>,
}

impl Server {
    async fn start(limits: Limits) -> Self {
        let home = tempfile::tempdir().unwrap();
        Self::bind(home.path(), None, limits).await
    }

    async fn bind(home: &Path, origin: Option<&str>, limits: Limits) -> Self {
        let options = ListenOptions {
            listen: Listen::Addresses(vec!["127.0.0.1:0".parse().unwrap()]),
            origin: origin.map(|origin| origin.parse().unwrap()),
            home: home.to_owned(),
            limits,
        };
        let bound = Bound::bind(options, now()).await.unwrap();
        let (slow_started, slow_may_finish) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (started, may_finish) = (slow_started.clone(), slow_may_finish.clone());
        let slow = async move || {
            started.notify_one();
            may_finish.notified().await;
            "slow but sure"
        };
        let who = async |Extension(origin): Extension<RequestOrigin>, Extension(connection): Extension<Connection>| {
            format!("{} tls={}", origin.0, connection.tls)
        };
        let router = Router::new()
            .route("/who", get(who))
            .route("/common/discovery/instance", get(who))
            .route("/slow", get(slow))
            .route("/length", post(async |body: String| body.len().to_string()))
            .route("/_ropeway/health/live", get("alive"));
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(bound.ca_file()).unwrap()).unwrap();
        Self {
            address: bound.addresses()[0],
            origin: bound.origin().to_owned(),
            ca_file: bound.ca_file().to_owned(),
            roots: Arc::new(roots),
            serving: Some(bound.serve(router)),
            slow_started,
            slow_may_finish,
        }
    }

    async fn connect(&self, name: &str) -> std::io::Result<TlsStream<TcpStream>> {
        connect(self.address, name, self.roots.clone()).await
    }

    async fn connect_with(&self, name: &str, protocols: &[&[u8]]) -> std::io::Result<TlsStream<TcpStream>> {
        connect_with(self.address, name, self.roots.clone(), protocols).await
    }

    async fn get(&self, name: &str, host: &str, path: &str) -> String {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        ask(self.connect(name).await.unwrap(), &request).await
    }
}

async fn connect(address: SocketAddr, name: &str, roots: Arc<RootCertStore>) -> std::io::Result<TlsStream<TcpStream>> {
    connect_with(address, name, roots, &[]).await
}

async fn connect_with(
    address: SocketAddr,
    name: &str,
    roots: Arc<RootCertStore>,
    protocols: &[&[u8]],
) -> std::io::Result<TlsStream<TcpStream>> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    let name = ServerName::try_from(name.to_owned()).unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, TcpStream::connect(address).await?).await
}

/// Sends a request and returns status and body, or nothing when the connection ends without an answer.
async fn ask(mut stream: impl AsyncReadExt + AsyncWriteExt + Unpin, request: &str) -> String {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8(answer).unwrap();
    let Some((head, body)) = answer.split_once("\r\n\r\n") else { return String::new() };
    format!("{} {}", head.split(' ').nth(1).unwrap(), body.trim_end())
}

async fn bind(home: &Path, listen: &[&str], origin: Option<Origin>) -> anyhow::Result<Bound> {
    let addresses: Vec<ListenAddress> = listen.iter().map(|address| address.parse().unwrap()).collect();
    let options = ListenOptions {
        listen: Listen::Addresses(addresses),
        origin,
        home: home.to_owned(),
        limits: Limits::default(),
    };
    Bound::bind(options, now()).await
}

#[expect(clippy::disallowed_methods, reason = "TLS clients check certificates against the real clock")]
fn now() -> WallTime {
    let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    WallTime::from_unix_seconds(since_epoch.as_secs().try_into().unwrap())
}
