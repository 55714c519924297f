//! What every endpoint reads of a request and writes on an answer, headers as captured from Entra.

use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::request::Parts;
use http::{StatusCode, Uri};
use ropeway_core::error::Denial;
use ropeway_core::error::render::{AnswerContext, EndpointVersion, ErrorAnswer};
use ropeway_core::oauth::form::Form;
use ropeway_core::time::WallTime;
use time::OffsetDateTime;
use time::macros::format_description;
use uuid::Uuid;

use crate::app::App;
use crate::moment::Moment;
use crate::outcome::{self, Stopped};
use crate::serving::Connection;
use crate::serving::origin::RequestOrigin;

/// A request stamped with its moment. It takes the headers along: what reads them is extracted before it.
#[derive(Debug, Clone)]
pub(crate) struct Exchange {
    pub(crate) moment: Moment,
    pub(crate) origin: String,
    pub(crate) headers: HeaderMap,
    /// Without the query.
    pub(crate) path: String,
    query: Form,
    correlation_id: Uuid,
}

impl FromRequestParts<App> for Exchange {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let peer = parts.extensions.get::<Connection>().map(|connection| connection.peer.ip());
        let origin = parts.extensions.get::<RequestOrigin>().map(|origin| origin.0.clone());
        let stamped =
            app.source.moment(peer.unwrap_or([127, 0, 0, 1].into())).and_then(|moment| Ok((moment, app.source.id()?)));
        let (moment, fresh_id) = stamped.map_err(|error| broken(&error))?;
        let query = query_of(&parts.uri);
        let correlation_id = client_request_id(&parts.headers, &query).unwrap_or(fresh_id);
        Ok(Self {
            moment,
            origin: origin.unwrap_or_else(|| app.main_origin().to_owned()),
            headers: std::mem::take(&mut parts.headers),
            path: parts.uri.path().to_owned(),
            query,
            correlation_id,
        })
    }
}

impl Exchange {
    /// A query parameter that nothing depends on being there once.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.first(name)
    }

    /// Likewise, where the name may be written in any case.
    pub(crate) fn query_in_any_case(&self, name: &str) -> Option<&str> {
        self.query.first_in_any_case(name)
    }

    /// A header as text.
    pub(crate) fn header(&self, name: impl header::AsHeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The client's `client-request-id` (header, form or query), else one of ours.
    pub(crate) fn correlation_id(&self, form: &Form) -> Uuid {
        form.first(CLIENT_REQUEST_ID).and_then(|id| Uuid::try_parse(id).ok()).unwrap_or(self.correlation_id)
    }

    /// What an error body is written with.
    pub(crate) fn context(&self, version: EndpointVersion, correlation_id: Uuid) -> AnswerContext<'_> {
        AnswerContext {
            version,
            origin: &self.origin,
            trace_id: self.moment.trace_id,
            correlation_id,
            now: self.moment.wall,
        }
    }

    /// Sends JSON with the headers of the token endpoint, success and error alike.
    pub(crate) fn token_endpoint(&self, status: StatusCode, body: impl Into<Body>, correlation_id: Uuid) -> Response {
        let mut response = self.json(status, body.into(), "no-store, no-cache", correlation_id);
        let headers = response.headers_mut();
        headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
        headers.insert(header::EXPIRES, HeaderValue::from_static("-1"));
        response
    }

    /// Sends JSON with the headers of discovery documents, which any page may read.
    pub(crate) fn discovery(&self, status: StatusCode, body: String) -> Response {
        let mut response = self.json(status, body.into(), "max-age=86400, private", self.correlation_id);
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, OPTIONS"));
        response
    }

    /// Sends a refusal of a discovery document; both versions refuse alike.
    pub(crate) fn discovery_error(&self, denial: &Denial) -> Response {
        let context = self.context(EndpointVersion::V2, self.correlation_id);
        let answer = ropeway_core::error::render::metadata_error(denial, &context);
        self.discovery(status_of(&answer), answer.body)
    }

    fn json(&self, status: StatusCode, body: Body, cache_control: &'static str, correlation_id: Uuid) -> Response {
        let mut headers = HeaderMap::with_capacity(MOST_HEADERS);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache_control));
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
        for (name, value) in &FIXED {
            headers.insert(name, value.clone());
        }
        let mut text = |name: &HeaderName, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.append(name, value);
            }
        };
        text(&REQUEST_ID, &self.moment.trace_id.to_string());
        let expires = http_date(self.moment.wall.plus_seconds(30 * 86_400));
        let fpc = self.moment.trace_id.simple();
        text(&header::SET_COOKIE, &format!("fpc={fpc}; expires={expires}; path=/; secure; HttpOnly; SameSite=None"));
        for cookie in COOKIES {
            text(&header::SET_COOKIE, cookie);
        }
        if self.header("return-client-request-id").is_some_and(|wanted| wanted.eq_ignore_ascii_case("true")) {
            text(&CLIENT_REQUEST_ID_ECHOED, &correlation_id.to_string());
        }
        let mut response = Response::new(body);
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        response
    }
}

/// RFC 9110 §5.6.7, with the hyphens that cookies of Entra's have (captured).
fn http_date(at: WallTime) -> String {
    let format =
        format_description!("[weekday repr:short], [day]-[month repr:short]-[year] [hour]:[minute]:[second] GMT");
    let moment = OffsetDateTime::from_unix_timestamp(at.unix_seconds()).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    moment.format(format).unwrap_or_default()
}

/// The HTTP status of an error body.
pub(crate) fn status_of(answer: &ErrorAnswer) -> StatusCode {
    StatusCode::from_u16(answer.status).unwrap_or(StatusCode::BAD_REQUEST)
}

/// A short text answer for what is no part of Entra's protocol.
pub(crate) fn sentence(status: StatusCode, text: &'static str) -> Response {
    (status, [(header::CACHE_CONTROL, "no-store")], text).into_response()
}

/// We failed: said once in the log, and without a cause to the client.
pub(crate) fn broken(error: &anyhow::Error) -> Response {
    tracing::error!("{error:#}");
    sentence(StatusCode::INTERNAL_SERVER_ERROR, "Ropeway failed; its log says why.\n")
}

/// What is not a refusal: we failed, or cannot answer for now.
pub(crate) fn stopped(stopped: &Stopped) -> Response {
    match stopped {
        Stopped::Unavailable(error) => {
            outcome::log_unavailable(error);
            let mut response = sentence(StatusCode::SERVICE_UNAVAILABLE, "Ropeway cannot answer for now; try again.\n");
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            response
        }
        Stopped::Broken(error) => broken(error),
        Stopped::Denied(denial) => {
            broken(&anyhow::anyhow!("AADSTS{} reached an endpoint that cannot show it", denial.code()))
        }
        Stopped::DirectoryChanged => broken(&anyhow::anyhow!("the directory changes faster than requests are judged")),
    }
}

fn query_of(uri: &Uri) -> Form {
    Form::parse(uri.query().unwrap_or_default().as_bytes()).unwrap_or_default()
}

fn client_request_id(headers: &HeaderMap, query: &Form) -> Option<Uuid> {
    let in_header = headers.get(CLIENT_REQUEST_ID).and_then(|value| value.to_str().ok());
    in_header.or(query.first(CLIENT_REQUEST_ID)).and_then(|id| Uuid::try_parse(id).ok())
}

const CLIENT_REQUEST_ID: &str = "client-request-id";

/// Captured on every answer of Entra's; the server's name is our own.
static FIXED: [(HeaderName, HeaderValue); 6] = [
    (header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000; includeSubDomains")),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (HeaderName::from_static("p3p"), HeaderValue::from_static("CP=\"DSP CUR OTPi IND OTRi ONL FIN\"")),
    (
        HeaderName::from_static("x-ms-ests-server"),
        HeaderValue::from_static(concat!("2.1.", env!("CARGO_PKG_VERSION"), " - ROPEWAY ProdSlices")),
    ),
    (HeaderName::from_static("x-ms-srs"), HeaderValue::from_static("1.P")),
    (header::X_XSS_PROTECTION, HeaderValue::from_static("0")),
];
/// Beside `fpc`, which is another one each time.
const COOKIES: [&str; 2] = [
    "x-ms-gateway-slice=estsfd; path=/; secure; samesite=none; httponly",
    "stsservicecookie=estsfd; path=/; secure; samesite=none; httponly",
];
static REQUEST_ID: HeaderName = HeaderName::from_static("x-ms-request-id");
static CLIENT_REQUEST_ID_ECHOED: HeaderName = HeaderName::from_static(CLIENT_REQUEST_ID);
/// Room for all headers of an answer.
const MOST_HEADERS: usize = 24;
