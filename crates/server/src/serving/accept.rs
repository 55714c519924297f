//! The accept loop: every connection gets a task, so that a slow one delays nobody, and a time-out for each of its steps.

use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::Request;
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::rt::{Read, Write};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{Sleep, sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Service;

use super::Limits;
use super::origin::{self, Origins};

/// Whence and how a request came: in the extensions of each request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connection {
    /// The client's address.
    pub peer: SocketAddr,
    /// The address it connected to.
    pub local: SocketAddr,
    /// Whether it speaks TLS; plain HTTP shares the port.
    pub tls: bool,
}

/// What every connection is served with.
#[derive(Clone)]
pub(super) struct Door {
    acceptor: TlsAcceptor,
    origins: Arc<Origins>,
    router: Router,
    limits: Limits,
    permits: Arc<Semaphore>,
}

impl Door {
    pub(super) fn new(acceptor: TlsAcceptor, origins: Arc<Origins>, router: Router, limits: Limits) -> Self {
        Self { acceptor, origins, router, limits, permits: Arc::new(Semaphore::new(limits.connections)) }
    }
}

/// Accepts until `shutdown`; each connection becomes a task of `connections`.
pub(super) async fn accept(listener: TcpListener, door: Door, shutdown: CancellationToken, connections: TaskTracker) {
    let accept_all = async {
        let mut failing = false;
        loop {
            // Taken before accepting: whoever comes when all are in use waits in the system's queue.
            let Ok(permit) = door.permits.clone().acquire_owned().await else { return };
            match listener.accept().await {
                Ok((stream, peer)) => {
                    failing = false;
                    let (door, shutdown) = (door.clone(), shutdown.clone());
                    connections.spawn(async move {
                        serve_connection(stream, peer, &door, &shutdown).await;
                        drop(permit);
                    });
                }
                // A client that is gone already, or no file descriptor left: the next try may go better.
                Err(error) => {
                    if !failing {
                        tracing::warn!(%error, "a connection could not be accepted");
                    }
                    failing = true;
                    sleep(ACCEPT_AGAIN_AFTER).await;
                }
            }
        }
    };
    shutdown.run_until_cancelled(accept_all).await;
}

async fn serve_connection(stream: TcpStream, peer: SocketAddr, door: &Door, shutdown: &CancellationToken) {
    let Ok(local) = stream.local_addr() else { return };
    // Small answers leave at once; should the option fail, they are merely late.
    let _ = stream.set_nodelay(true);
    let connection = Connection { peer, local, tls: true };
    let mut first = [0u8; 1];
    let greeting = shutdown.run_until_cancelled(timeout(door.limits.handshake, stream.peek(&mut first)));
    let Some(Ok(Ok(1))) = greeting.await else { return };
    if first[0] != TLS_HANDSHAKE {
        return serve_http(
            TokioIo::new(stream),
            Protocol::Http1,
            Connection { tls: false, ..connection },
            door,
            shutdown,
        )
        .await;
    }
    let handshake = timeout(door.limits.handshake, door.acceptor.accept(stream));
    match shutdown.run_until_cancelled(handshake).await {
        Some(Ok(Ok(stream))) => {
            let protocol = match stream.get_ref().1.alpn_protocol() {
                Some(b"h2") => Protocol::Http2,
                _ => Protocol::Http1,
            };
            serve_http(TokioIo::new(stream), protocol, connection, door, shutdown).await;
        }
        // Most often a client that does not trust the local CA.
        Some(Ok(Err(error))) => tracing::debug!(%peer, %error, "the TLS handshake failed"),
        Some(Err(_)) => tracing::debug!(%peer, "the TLS handshake took too long"),
        None => {}
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Protocol {
    Http1,
    Http2,
}

async fn serve_http<S>(io: S, protocol: Protocol, connection: Connection, door: &Door, shutdown: &CancellationToken)
where
    S: Read + Write + Send + Unpin + 'static,
{
    let asked = Arc::new(AtomicBool::new(false));
    let has_asked = asked.clone();
    let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
        has_asked.store(true, Ordering::Relaxed);
        let answer = match origin::admit(&door.origins, &connection, &mut request) {
            Some(refusal) => Err(refusal),
            None => {
                let due = |body| Body::new(DueBody { body, due: Box::pin(sleep(door.limits.request_body)) });
                let mut request = request.map(due);
                request.extensions_mut().insert(connection);
                // A router is always ready.
                Ok(door.router.clone().call(request))
            }
        };
        async move {
            match answer {
                Ok(answering) => answering.await,
                Err(refusal) => Ok(refusal),
            }
        }
    });
    // The version is known from ALPN: guessing it from the first bytes would wait for them without a time-out.
    let builder = builder(protocol, door.limits);
    let mut http = pin!(builder.serve_connection(io, service));
    let mut first_request = pin!(sleep(door.limits.request_head));
    let mut first_request_is_due = true;
    let outcome = loop {
        tokio::select! {
            outcome = http.as_mut() => break outcome,
            () = shutdown.cancelled() => {
                http.as_mut().graceful_shutdown();
                match timeout(door.limits.drain, http).await {
                    Ok(outcome) => break outcome,
                    Err(_) => return tracing::debug!(peer = %connection.peer, "a request did not finish in time"),
                }
            }
            // HTTP/1 has its own time-out for every head; HTTP/2 has none for a client that never asks.
            () = first_request.as_mut(), if first_request_is_due => {
                if !asked.load(Ordering::Relaxed) {
                    return tracing::debug!(peer = %connection.peer, "a client connected and asked nothing");
                }
                first_request_is_due = false;
            }
        }
    };
    if let Err(error) = outcome {
        tracing::debug!(peer = %connection.peer, %error, "the connection ended early");
    }
}

/// A request's body, which fails when it is not all there in time: a client that stalls within it would be waited for
/// without end.
struct DueBody {
    body: Incoming,
    due: Pin<Box<Sleep>>,
}

impl hyper::body::Body for DueBody {
    type Data = <Incoming as hyper::body::Body>::Data;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        ready!(self.due.as_mut().poll(context));
        Poll::Ready(Some(Err("the request's body did not come in time".into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

fn builder(protocol: Protocol, limits: Limits) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(limits.request_head).max_buf_size(LONGEST_HEAD);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS_PER_CONNECTION)
        .max_header_list_size(LONGEST_HEAD as u32)
        .keep_alive_interval(Some(KEEP_ALIVE))
        .keep_alive_timeout(KEEP_ALIVE);
    match protocol {
        Protocol::Http1 => builder.http1_only(),
        Protocol::Http2 => builder.http2_only(),
    }
}

/// The content type of a TLS record that holds a ClientHello (RFC 8446 §5.1); no HTTP method begins with it.
const TLS_HANDSHAKE: u8 = 0x16;
const LONGEST_HEAD: usize = 64 * 1024;
const STREAMS_PER_CONNECTION: u32 = 128;
const KEEP_ALIVE: Duration = Duration::from_secs(20);
const ACCEPT_AGAIN_AFTER: Duration = Duration::from_millis(100);
