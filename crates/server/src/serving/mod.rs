//! From sockets to a router: listening, TLS with a local CA, the request's origin, ready, draining.
//!
//! Two steps, so that an application can be built with the origin it will have:
//! [`Bound::bind`] takes the ports and makes the certificate, [`Bound::serve`] starts to answer with a router.
//! [`Serving::drain`] stops; dropping [`Serving`] stops without waiting.
//!
//! `listen` takes ports, `ca` holds the local certificate authority, `accept` is the accept loop, `origin` decides
//! under which name a request came, `ready` tells other processes. No endpoint of Entra lives here.

mod accept;
pub mod ca;
pub mod home;
pub mod listen;
pub mod origin;
mod port_holder;
pub mod ready;

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use ropeway_core::time::WallTime;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

pub use accept::Connection;
use ca::{CertificateAuthority, Scope};
use listen::Listen;
use origin::{Host, Origin, Origins};

/// What is to be served where.
#[derive(Debug, Clone)]
pub struct ListenOptions {
    /// The addresses.
    pub listen: Listen,
    /// `--origin`. Without it: `localhost` with the port of the first address, or that address where `localhost` does not lead to it.
    pub origin: Option<Origin>,
    /// The user's data directory, where the local CA lives ([`home::data_home`]).
    pub home: PathBuf,
    /// Time-outs and caps.
    pub limits: Limits,
}

/// How long a client may take, and how many there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For the first byte, and again for the TLS handshake.
    pub handshake: Duration,
    /// For the head of each request, counted from the handshake or from the previous response.
    pub request_head: Duration,
    /// For the whole body of a request, counted from its head.
    pub request_body: Duration,
    /// For running requests, once draining has begun.
    pub drain: Duration,
    /// Connections open at once; further ones wait in the system's queue.
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(10),
            request_head: Duration::from_secs(30),
            request_body: Duration::from_secs(30),
            drain: Duration::from_secs(5),
            connections: 4096,
        }
    }
}

/// Ports taken and a certificate made; nothing is answered yet.
pub struct Bound {
    main: Vec<TcpListener>,
    courtesy: Vec<TcpListener>,
    courtesy_note: Option<String>,
    addresses: Vec<SocketAddr>,
    origins: Arc<Origins>,
    authority: CertificateAuthority,
    acceptor: TlsAcceptor,
    limits: Limits,
}

impl Bound {
    /// Takes the ports, opens or makes the local CA, and makes the server's certificate. `now` is for their validity.
    ///
    /// # Errors
    /// [`listen::ListenError`] (downcast for its hint) when a port cannot be had; otherwise when the CA cannot be kept.
    pub async fn bind(options: ListenOptions, now: WallTime) -> anyhow::Result<Self> {
        let listeners = listen::bind(&options.listen).await?;
        let main_addresses = local_addresses(&listeners.main)?;
        let courtesy_addresses = local_addresses(&listeners.courtesy)?;
        let origin = match options.origin {
            Some(origin) => origin,
            None => Origin::for_listener(&options.listen, &main_addresses),
        };
        let addresses: Vec<SocketAddr> = main_addresses.iter().chain(&courtesy_addresses).copied().collect();
        let names = certificate_names(&origin, &addresses);
        let home = options.home;
        let (authority, config) = tokio::task::spawn_blocking(move || {
            let authority = CertificateAuthority::open(&home, &Scope::for_names(&names), now)?;
            let config = authority.server_config(&names, now)?;
            anyhow::Ok((authority, config))
        })
        .await
        .context("making the server's certificate")??;
        let courtesy = !courtesy_addresses.is_empty();
        let origins = Origins::new(origin, main_addresses.iter().map(SocketAddr::ip), courtesy);
        Ok(Self {
            main: listeners.main,
            courtesy: listeners.courtesy,
            courtesy_note: listeners.courtesy_note,
            addresses,
            origins: Arc::new(origins),
            authority,
            acceptor: TlsAcceptor::from(Arc::new(config)),
            limits: options.limits,
        })
    }

    /// The main origin, for instance `https://localhost:8443`.
    pub fn origin(&self) -> &str {
        self.origins.main().as_str()
    }

    /// Every address listened on: the main ones in the order asked for, then the courtesy ones.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Whether clients that drop the port from the URL reach this server: it has port 443.
    pub fn serves_port_443(&self) -> bool {
        self.addresses.iter().any(|address| address.port() == 443)
    }

    /// One line for people when the courtesy on port 443 could not be had: what it is for, why not, the remedy.
    pub fn courtesy_note(&self) -> Option<&str> {
        self.courtesy_note.as_deref()
    }

    /// The local CA's certificate alone, in PEM.
    pub fn ca_file(&self) -> &Path {
        self.authority.ca_file()
    }

    /// The system's roots and the local CA, in PEM.
    pub fn ca_bundle_file(&self) -> &Path {
        self.authority.ca_bundle_file()
    }

    /// Starts to answer with `router`, which finds [`Connection`] and [`origin::RequestOrigin`] in the request's extensions.
    /// Requests for a foreign host and requests over plain HTTP never reach it, but for the paths that may.
    pub fn serve(self, router: Router) -> Serving {
        let shutdown = CancellationToken::new();
        let connections = TaskTracker::new();
        let door = accept::Door::new(self.acceptor, self.origins, router, self.limits);
        for listener in self.main.into_iter().chain(self.courtesy) {
            connections.spawn(accept::accept(listener, door.clone(), shutdown.clone(), connections.clone()));
        }
        connections.close();
        Serving { shutdown: shutdown.drop_guard(), connections }
    }
}

/// A server that answers. Dropping it stops it: running requests keep their time to finish, nobody waits for them.
pub struct Serving {
    shutdown: DropGuard,
    connections: TaskTracker,
}

impl Serving {
    /// Takes no new connection, lets running requests finish (at most [`Limits::drain`]), and returns when all are closed.
    pub async fn drain(self) {
        drop(self.shutdown);
        self.connections.wait().await;
    }
}

fn local_addresses(listeners: &[TcpListener]) -> anyhow::Result<Vec<SocketAddr>> {
    listeners.iter().map(|listener| listener.local_addr().context("reading a listener's address")).collect()
}

fn certificate_names(origin: &Origin, addresses: &[SocketAddr]) -> Vec<Host> {
    let mut names = vec![origin.host().clone(), Host::localhost()];
    for address in addresses {
        match address.ip() {
            // Every address: a certificate can name the loopback ones only.
            ip if ip.is_unspecified() => {
                names.push(Host::Address(IpAddr::from([127, 0, 0, 1])));
                names.push(Host::Address(std::net::Ipv6Addr::LOCALHOST.into()));
            }
            ip => names.push(Host::Address(ip)),
        }
    }
    let mut seen = std::collections::HashSet::new();
    names.retain(|name| seen.insert(name.clone()));
    names
}
