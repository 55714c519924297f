//! The one door by which the server asks others: for the keys of issuers that the tenant file names.
//!
//! Over https, without redirects and proxies, 3 seconds and 256 KiB at most. A URL on an origin of our own is answered in
//! process by the same router.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use axum::body::{Body, to_bytes};
use http::{Request, StatusCode};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tokio::sync::OnceCell;
use tower::ServiceExt;
use url::{Host, Url};

use crate::app::App;
use crate::routes;
use crate::serving::origin::RequestOrigin;

/// The door. What it trusts is read when it is first used.
#[derive(Debug)]
pub(crate) struct Outbound {
    trusted_ca_files: Vec<PathBuf>,
    clients: OnceCell<Clients>,
}

#[derive(Debug)]
struct Clients {
    to_named: reqwest::Client,
    to_linked: reqwest::Client,
}

/// Who says where to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Named {
    /// The tenant file does: its owner may name a host of a private network, or this machine.
    ByTenantFile,
    /// Somebody outside does: only public addresses may be reached, so that nobody sends us to look at what only we can.
    ByOthers,
}

impl Outbound {
    /// A door that trusts the system's roots and these files of certificates in PEM.
    pub(crate) fn new(trusted_ca_files: Vec<PathBuf>) -> Self {
        Self { trusted_ca_files, clients: OnceCell::new() }
    }

    /// The body that `url` answers with. `own_origins` are those that we answer ourselves.
    ///
    /// # Errors
    /// It may not be asked, did not answer in time, or answered with something else than 200 and at most 256 KiB.
    pub(crate) async fn get(
        &self,
        app: &App,
        url: &Url,
        named: Named,
        own_origins: &[&str],
    ) -> anyhow::Result<Vec<u8>> {
        ensure!(url.scheme() == "https", "{url} is not https");
        let origin = url.origin().ascii_serialization();
        if own_origins.contains(&origin.as_str()) {
            return ask_ourselves(app, url, origin).await.with_context(|| format!("asking {url} in process"));
        }
        self.ask(url, named).await.with_context(|| format!("asking {url}"))
    }

    async fn ask(&self, url: &Url, named: Named) -> anyhow::Result<Vec<u8>> {
        let literal = match url.host() {
            Some(Host::Ipv4(ip)) => Some(IpAddr::V4(ip)),
            Some(Host::Ipv6(ip)) => Some(IpAddr::V6(ip)),
            Some(Host::Domain(_)) => None,
            None => bail!("it names no host"),
        };
        ensure!(literal.is_none_or(|ip| may_be_asked(ip, named)), NOT_TO_BE_ASKED);
        let clients = self.clients.get_or_try_init(|| self.clients()).await?;
        let client = match named {
            Named::ByTenantFile => &clients.to_named,
            Named::ByOthers => &clients.to_linked,
        };
        let mut response = client.get(url.clone()).send().await?;
        ensure!(response.status() == StatusCode::OK, "it answered {}", response.status());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            ensure!(body.len() + chunk.len() <= LARGEST_ANSWER, TOO_LARGE);
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    async fn clients(&self) -> anyhow::Result<Clients> {
        let files = self.trusted_ca_files.clone();
        let roots = tokio::task::spawn_blocking(move || roots(&files)).await.context("reading certificates")??;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let client = |named| {
            reqwest::Client::builder()
                .tls_backend_preconfigured(tls.clone())
                .dns_resolver(GuardedResolver(named))
                .https_only(true)
                .no_proxy()
                .redirect(reqwest::redirect::Policy::none())
                .timeout(LONGEST_WAIT)
                .user_agent(concat!("ropeway/", env!("CARGO_PKG_VERSION")))
                .build()
        };
        Ok(Clients { to_named: client(Named::ByTenantFile)?, to_linked: client(Named::ByOthers)? })
    }
}

async fn ask_ourselves(app: &App, url: &Url, origin: String) -> anyhow::Result<Vec<u8>> {
    let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
    let request = Request::get(path).extension(RequestOrigin(origin)).body(Body::empty())?;
    let response = routes::router(app.clone()).oneshot(request).await?;
    ensure!(response.status() == StatusCode::OK, "it answered {}", response.status());
    Ok(to_bytes(response.into_body(), LARGEST_ANSWER).await.context(TOO_LARGE)?.to_vec())
}

fn roots(files: &[PathBuf]) -> anyhow::Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    for file in files {
        let certificates = CertificateDer::pem_file_iter(file).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        roots.add_parsable_certificates(certificates.with_context(|| format!("reading {}", file.display()))?);
    }
    Ok(roots)
}

/// Looks at the very addresses that are then connected to, so that a name cannot change its mind in between.
struct GuardedResolver(Named);

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let named = self.0;
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let allowed: Vec<_> = found.into_iter().filter(|address| may_be_asked(address.ip(), named)).collect();
            if allowed.is_empty() {
                return Err(NOT_TO_BE_ASKED.into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

/// Link-local addresses are nobody's to name: machines in a cloud get their own credentials there.
fn may_be_asked(ip: IpAddr, named: Named) -> bool {
    let ip = ip.to_canonical();
    let (nowhere, private) = match ip {
        IpAddr::V4(ip) => {
            let [a, b, ..] = ip.octets();
            let shared = a == 100 && b & 0xc0 == 64;
            let benchmark = a == 198 && b & 0xfe == 18;
            (
                a == 0 || ip.is_link_local() || ip.is_multicast() || a >= 240,
                ip.is_private() || ip.is_loopback() || ip.is_documentation() || shared || benchmark,
            )
        }
        IpAddr::V6(ip) => (
            ip.is_unspecified() || ip.is_unicast_link_local() || ip.is_multicast(),
            ip.is_loopback() || ip.is_unique_local(),
        ),
    };
    !nowhere && (named == Named::ByTenantFile || !private)
}

const LONGEST_WAIT: Duration = Duration::from_secs(3);
const LARGEST_ANSWER: usize = 256 * 1024;
const TOO_LARGE: &str = "the answer is longer than 256 KiB";
const NOT_TO_BE_ASKED: &str = "its address is none that may be asked";

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn the_tenant_file_may_name_private_hosts_and_others_may_not() {
        let cases = [
            ("20.190.128.1", true, true),
            ("2603:1006:2000::1", true, true),
            ("127.0.0.1", true, false),
            ("10.1.2.3", true, false),
            ("172.16.0.1", true, false),
            ("192.168.1.1", true, false),
            ("100.64.0.1", true, false),
            ("198.18.0.1", true, false),
            ("::1", true, false),
            ("fd00::1", true, false),
            ("::ffff:10.0.0.1", true, false),
            ("169.254.169.254", false, false),
            ("::ffff:169.254.169.254", false, false),
            ("fe80::1", false, false),
            ("0.0.0.0", false, false),
            ("::", false, false),
            ("224.0.0.1", false, false),
            ("255.255.255.255", false, false),
            ("ff02::1", false, false),
        ];
        for (ip, by_file, by_others) in cases {
            let ip: IpAddr = ip.parse().unwrap();
            let found = (may_be_asked(ip, Named::ByTenantFile), may_be_asked(ip, Named::ByOthers));
            assert_eq!(found, (by_file, by_others), "{ip}");
        }
    }
}
