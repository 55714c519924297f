//! A client as lean as one can be that still speaks TLS: it shares the cores with the server that is measured.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use ropeway_server::serving::ready::Ready;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::Url;

/// Makes connections to one server.
pub(crate) struct Client {
    address: SocketAddr,
    host: String,
    name: ServerName<'static>,
    connector: TlsConnector,
}

/// A connection that is kept alive from request to request.
pub(crate) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    host: String,
}

/// What is asked.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) content_type: &'static str,
    pub(crate) bearer: Option<String>,
    pub(crate) body: Bytes,
}

/// What came back, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Bytes,
}

impl Client {
    /// A client that trusts this server's CA and nothing else.
    ///
    /// # Errors
    /// What the server told of itself cannot be used.
    pub(crate) fn of(ready: &Ready) -> anyhow::Result<Self> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(&ready.ca_file).context("reading the CA")?)?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        let config = config.with_root_certificates(roots).with_no_client_auth();
        let origin: Url = ready.origin.parse().context("reading the origin")?;
        let host = origin.host_str().context("an origin without a host")?.to_owned();
        let address = *ready.listen.first().context("the server listens nowhere")?;
        Ok(Self {
            address,
            host: format!("{host}:{}", address.port()),
            name: ServerName::try_from(host)?,
            connector: TlsConnector::from(Arc::new(config)),
        })
    }

    /// Connects and shakes hands.
    ///
    /// # Errors
    /// The server does not answer.
    pub(crate) async fn connect(&self) -> anyhow::Result<Connection> {
        let stream = TcpStream::connect(self.address).await.context("connecting")?;
        stream.set_nodelay(true)?;
        let stream = self.connector.connect(self.name.clone(), stream).await.context("shaking hands")?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        // It ends with its sender; what went wrong shows in the request.
        tokio::spawn(connection);
        Ok(Connection { sender, host: self.host.clone() })
    }
}

impl Connection {
    /// Asks, and reads the whole answer.
    ///
    /// # Errors
    /// The connection broke.
    pub(crate) async fn send(&mut self, call: &Call) -> anyhow::Result<Answer> {
        let mut request = Request::builder()
            .method(call.method.clone())
            .uri(&call.path)
            .header(HOST, &self.host)
            .header(CONTENT_TYPE, call.content_type);
        if let Some(bearer) = &call.bearer {
            request = request.header(AUTHORIZATION, format!("Bearer {bearer}"));
        }
        let request = request.body(Full::new(call.body.clone()))?;
        self.sender.ready().await.context("the server closed the connection")?;
        let response = self.sender.send_request(request).await.context("sending a request")?;
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.context("reading an answer")?.to_bytes();
        Ok(Answer { status, body })
    }
}

impl Answer {
    /// A text member of the JSON object that the body is.
    ///
    /// # Errors
    /// There is none.
    pub(crate) fn member(&self, name: &str) -> anyhow::Result<String> {
        let json: serde_json::Value = serde_json::from_slice(&self.body).context("an answer that is no JSON")?;
        let member = json.get(name).and_then(|value| value.as_str());
        Ok(member.with_context(|| format!("no `{name}` in {json}"))?.to_owned())
    }

    /// How many tokens of it the server had to sign.
    pub(crate) fn signed_tokens(&self) -> u32 {
        ["access_token", "id_token"].iter().map(|name| u32::from(self.member(name).is_ok())).sum()
    }
}
