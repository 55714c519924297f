//! Taking the ports: `--listen`, the defaults, the courtesy on port 443.

use std::fmt;
use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use tokio::net::TcpListener;

use super::port_holder;

/// Where to listen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listen {
    /// `127.0.0.1:8443` and `[::1]:8443`; port 443 of the same addresses too, as a courtesy to clients that drop the port.
    Default,
    /// These and no others.
    Addresses(Vec<ListenAddress>),
    /// A free `127.x.y.z:443` where that is allowed, else a free port of `127.0.0.1`: for tests, many at once.
    Private,
}

/// One `--listen`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListenAddress {
    /// `127.0.0.1:8443`, `[::1]:0`.
    Address(SocketAddr),
    /// `localhost:8443`: every address of the name.
    Name {
        /// The name, looked up when listening.
        host: String,
        /// The port; 0 picks a free one.
        port: u16,
    },
}

impl FromStr for ListenAddress {
    type Err = NotAnAddress;

    fn from_str(text: &str) -> Result<Self, NotAnAddress> {
        if let Ok(address) = text.parse() {
            return Ok(Self::Address(address));
        }
        let refuse = || NotAnAddress { text: text.to_owned() };
        let (host, port) = text.rsplit_once(':').ok_or_else(refuse)?;
        let of_a_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
        let numeric = host.chars().all(|c| c.is_ascii_digit() || c == '.');
        if numeric || !host.chars().all(of_a_name) || !port.chars().all(|c| c.is_ascii_digit()) {
            return Err(refuse());
        }
        let port = port.parse().map_err(|_| refuse())?;
        Ok(Self::Name { host: host.to_ascii_lowercase(), port })
    }
}

/// The text is no address to listen on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAnAddress {
    text: String,
}

impl fmt::Display for NotAnAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = &self.text;
        if text.parse::<Ipv6Addr>().is_ok() {
            return write!(f, "`{text}` has no port; write [{text}]:8443");
        }
        if text.parse::<Ipv4Addr>().is_ok() {
            return write!(f, "`{text}` has no port; write {text}:8443");
        }
        write!(f, "`{text}` is no address and port, such as 127.0.0.1:8443, [::1]:8443 or localhost:8443")
    }
}

impl std::error::Error for NotAnAddress {}

/// A port could not be had.
#[derive(Debug)]
pub enum ListenError {
    /// Somebody else listens there.
    Taken {
        /// The address asked for.
        address: SocketAddr,
        /// Who, where that can be found out.
        holder: Option<String>,
    },
    /// Ports below 1024 are for privileged users here.
    NotPermitted {
        /// The address asked for.
        address: SocketAddr,
    },
    /// The machine has no such address.
    NotHere {
        /// The address asked for.
        address: SocketAddr,
    },
    /// The name leads to no address.
    UnknownName {
        /// The name asked for.
        host: String,
        /// What the resolver says.
        source: io::Error,
    },
    /// None of the address families asked for exists on this machine.
    NoFamily,
    /// Anything else that the system says.
    Other {
        /// The address asked for.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
}

impl ListenError {
    /// What to type next, if that is known.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Taken { address, .. } => {
                let other = SocketAddr::new(address.ip(), 0);
                Some(format!("stop it, or choose another port: `--listen {other}` picks a free one"))
            }
            Self::NotPermitted { .. } => {
                Some(format!("allow it with `{ALLOW_PORT_443}`, or choose a port from 1024 on"))
            }
            Self::NotHere { address } => {
                Some(format!("`--listen 0.0.0.0:{}` listens on every address", address.port()))
            }
            Self::UnknownName { .. } => Some("give an address, such as `--listen 127.0.0.1:8443`".to_owned()),
            Self::NoFamily | Self::Other { .. } => None,
        }
    }

    fn from_io(address: SocketAddr, error: io::Error) -> Self {
        match error.kind() {
            ErrorKind::AddrInUse => Self::Taken { address, holder: port_holder::find(address) },
            ErrorKind::PermissionDenied => Self::NotPermitted { address },
            ErrorKind::AddrNotAvailable => Self::NotHere { address },
            _ => Self::Other { address, source: error },
        }
    }
}

impl fmt::Display for ListenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Taken { address, holder: Some(holder) } => {
                write!(f, "cannot listen on {address}: {holder} holds the port")
            }
            Self::Taken { address, holder: None } => {
                write!(f, "cannot listen on {address}: another process holds the port")
            }
            Self::NotPermitted { address } => write!(f, "cannot listen on {address}: not permitted to this user"),
            Self::NotHere { address } => write!(f, "cannot listen on {address}: this machine has no such address"),
            Self::UnknownName { host, .. } => write!(f, "cannot listen on {host}: the name leads to no address"),
            Self::NoFamily => f.write_str("cannot listen: this machine has none of the address families asked for"),
            Self::Other { address, .. } => write!(f, "cannot listen on {address}"),
        }
    }
}

impl std::error::Error for ListenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::UnknownName { source, .. } | Self::Other { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// The listeners, main ones and courtesy ones, and why the courtesy is not complete.
pub(super) struct Listeners {
    pub(super) main: Vec<TcpListener>,
    pub(super) courtesy: Vec<TcpListener>,
    pub(super) courtesy_note: Option<String>,
}

pub(super) async fn bind(listen: &Listen) -> Result<Listeners, ListenError> {
    match listen {
        Listen::Default => {
            let main = bind_all(&[loopback_v4(8443), loopback_v6(8443)]).await?;
            let (courtesy, courtesy_note) = bind_courtesy(&main).await;
            Ok(Listeners { main, courtesy, courtesy_note })
        }
        Listen::Addresses(addresses) => {
            let main = bind_all(&resolve(addresses).await?).await?;
            Ok(Listeners { main, courtesy: Vec::new(), courtesy_note: None })
        }
        Listen::Private => {
            let main = bind_private().await?;
            Ok(Listeners { main, courtesy: Vec::new(), courtesy_note: None })
        }
    }
}

async fn resolve(addresses: &[ListenAddress]) -> Result<Vec<SocketAddr>, ListenError> {
    let mut resolved = Vec::new();
    for address in addresses {
        match address {
            ListenAddress::Address(address) => resolved.push(*address),
            // RFC 6761 §6.3: localhost is loopback, whatever a resolver says; some know only one family.
            ListenAddress::Name { host, port } if host == "localhost" => {
                resolved.extend([loopback_v4(*port), loopback_v6(*port)]);
            }
            ListenAddress::Name { host, port } => {
                let unknown = |source| ListenError::UnknownName { host: host.clone(), source };
                resolved.extend(tokio::net::lookup_host((host.as_str(), *port)).await.map_err(unknown)?);
            }
        }
    }
    let mut seen = std::collections::HashSet::new();
    resolved.retain(|address| seen.insert(*address));
    Ok(resolved)
}

/// All addresses or none. Those with port 0 get one free port together, so that a name leads to us over both families.
async fn bind_all(addresses: &[SocketAddr]) -> Result<Vec<TcpListener>, ListenError> {
    let mut tries_left = FREE_PORT_TRIES;
    loop {
        match bind_once(addresses).await {
            Err((_, Port::Picked)) if tries_left > 0 => tries_left -= 1,
            Err((error, _)) => return Err(error),
            Ok(listeners) if listeners.is_empty() => return Err(ListenError::NoFamily),
            Ok(listeners) => return Ok(listeners),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Port {
    Given,
    Picked,
}

async fn bind_once(addresses: &[SocketAddr]) -> Result<Vec<TcpListener>, (ListenError, Port)> {
    let mut bound: Vec<(usize, TcpListener)> = Vec::new();
    let mut free_port = 0;
    // All addresses of a family at once go first (and before those of IPv4 alone `[::]`, which on most systems takes IPv4
    // along): what they cover may then fail.
    let mut covering: Vec<SocketAddr> = Vec::new();
    let mut order: Vec<(usize, SocketAddr)> = addresses.iter().copied().enumerate().collect();
    order.sort_by_key(|(_, address)| match address.ip().is_unspecified() {
        true if address.is_ipv6() => 0,
        true => 1,
        false => 2,
    });
    for (position, mut address) in order {
        let port = if address.port() == 0 && free_port != 0 { Port::Picked } else { Port::Given };
        if port == Port::Picked {
            address.set_port(free_port);
        }
        let listener = match TcpListener::bind(address).await {
            Ok(listener) => listener,
            Err(error) if family_is_missing(address, &error) => continue,
            Err(error) if error.kind() == ErrorKind::AddrInUse && covering.iter().any(|by| covers(*by, address)) => {
                continue;
            }
            Err(error) => return Err((ListenError::from_io(address, error), port)),
        };
        let local = listener.local_addr().map_err(|source| (ListenError::Other { address, source }, port))?;
        if address.port() == 0 {
            free_port = local.port();
        }
        if local.ip().is_unspecified() {
            covering.push(local);
        }
        bound.push((position, listener));
    }
    bound.sort_by_key(|(position, _)| *position);
    Ok(bound.into_iter().map(|(_, listener)| listener).collect())
}

fn covers(all: SocketAddr, address: SocketAddr) -> bool {
    all.port() == address.port() && (all.is_ipv6() || address.is_ipv4())
}

async fn bind_courtesy(main: &[TcpListener]) -> (Vec<TcpListener>, Option<String>) {
    let mut courtesy = Vec::new();
    let mut failure = None;
    for address in main.iter().filter_map(|listener| listener.local_addr().ok()) {
        let address = SocketAddr::new(address.ip(), 443);
        match TcpListener::bind(address).await {
            Ok(listener) => courtesy.push(listener),
            Err(error) => failure = failure.or(Some(ListenError::from_io(address, error))),
        }
    }
    let note = failure.map(|error| {
        let remedy = match &error {
            ListenError::NotPermitted { .. } => {
                format!("; remedy: `{ALLOW_PORT_443}`, or `sudo setcap cap_net_bind_service=+ep` on this program")
            }
            ListenError::Taken { .. } => {
                "; remedy: stop it, or `--listen 127.0.0.2:443 --origin https://127.0.0.2`".to_owned()
            }
            _ => String::new(),
        };
        format!(
            "MSAL Python, azure-identity and az cannot use the password grant, because they ask for the user realm on \
             port 443: {error}{remedy}"
        )
    });
    (courtesy, note)
}

async fn bind_private() -> Result<Vec<TcpListener>, ListenError> {
    for _ in 0..FREE_PORT_TRIES {
        let mut random = [0u8; 3];
        #[expect(clippy::disallowed_methods, reason = "processes that start at once must not try the same addresses")]
        let drawn = aws_lc_rs::rand::fill(&mut random);
        if drawn.is_err() {
            break;
        }
        let [a, b, c] = random;
        // Neither 127.0.*, where people put their own, nor an address that ends in 0 or 255.
        let ip = Ipv4Addr::new(127, a.max(1), b, c.clamp(1, 254));
        match TcpListener::bind((ip, 443)).await {
            Ok(listener) => return Ok(vec![listener]),
            Err(error) if error.kind() == ErrorKind::AddrInUse => {}
            Err(_) => break,
        }
    }
    bind_all(&[loopback_v4(0)]).await
}

/// No IPv6 (or IPv4) at all: the socket cannot be made, or not even the loopback address exists.
fn family_is_missing(address: SocketAddr, error: &io::Error) -> bool {
    let unsupported =
        error.kind() == ErrorKind::Unsupported || error.raw_os_error() == Some(ADDRESS_FAMILY_NOT_SUPPORTED);
    let local = address.ip().is_loopback() || address.ip().is_unspecified();
    unsupported || (address.is_ipv6() && local && error.kind() == ErrorKind::AddrNotAvailable)
}

fn loopback_v4(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

fn loopback_v6(port: u16) -> SocketAddr {
    (Ipv6Addr::LOCALHOST, port).into()
}

/// EAFNOSUPPORT, which the standard library gives no kind.
const ADDRESS_FAMILY_NOT_SUPPORTED: i32 = if cfg!(windows) {
    10047
} else if cfg!(target_os = "linux") {
    97
} else {
    47
};
const FREE_PORT_TRIES: u32 = 20;
const ALLOW_PORT_443: &str = "sudo sysctl -w net.ipv4.ip_unprivileged_port_start=443";

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_address_or_a_name_with_a_port_is_one_to_listen_on() {
        let address = |text: &str| ListenAddress::Address(text.parse().unwrap());
        let name = |host: &str, port| ListenAddress::Name { host: host.to_owned(), port };
        for (text, listen) in [
            ("127.0.0.1:8443", address("127.0.0.1:8443")),
            ("[::1]:0", address("[::1]:0")),
            ("localhost:8443", name("localhost", 8443)),
            ("My-Host.test:1", name("my-host.test", 1)),
        ] {
            assert_eq!(text.parse(), Ok(listen));
        }
    }

    #[test]
    fn anything_else_is_refused_with_what_would_be_right() {
        for (text, message) in [
            ("127.0.0.1", "`127.0.0.1` has no port; write 127.0.0.1:8443"),
            ("::1", "`::1` has no port; write [::1]:8443"),
            ("8443", "`8443` is no address and port, such as 127.0.0.1:8443, [::1]:8443 or localhost:8443"),
        ] {
            assert_eq!(text.parse::<ListenAddress>().unwrap_err().to_string(), message);
        }
        for text in [
            "",
            ":",
            ":8443",
            "localhost",
            "localhost:",
            "localhost:+1",
            "localhost:65536",
            "256.0.0.1:1",
            "::1:8443",
            "a b:1",
        ] {
            assert!(text.parse::<ListenAddress>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_can_be_given_as_an_address(text in "[a-z0-9.:\\[\\]-]{0,20}|.*") {
            if let Err(error) = text.parse::<ListenAddress>() {
                let begins_with_it = error.to_string().starts_with(&format!("`{text}`"));
                prop_assert!(begins_with_it);
            }
        }
    }
}
