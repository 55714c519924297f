//! How the control API reads a body, finds a tenant, and says no.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use ropeway_core::directory::Tenant;
use ropeway_core::directory::file::{Fault, Faults};
use ropeway_core::oauth::tenant_segment::TenantSegment;
use ropeway_core::secret::Secret;
use ropeway_store::{StoreError, Tx};
use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;

use crate::app::App;
use crate::outcome::{self, Stopped};

/// Why a request was not done.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
}

/// An error as Microsoft Graph writes it (<https://learn.microsoft.com/graph/errors>).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ErrorBody {
    error: ErrorDetail,
}

#[derive(Debug, Serialize, ToSchema)]
struct ErrorDetail {
    /// For programs.
    code: &'static str,
    /// For people: what is wrong, where, and what would be right.
    message: String,
}

/// A list, as Microsoft Graph wraps it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct List<T> {
    pub(crate) value: Vec<T>,
}

impl Refusal {
    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    pub(crate) fn code(&self) -> &'static str {
        self.code
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// 400: the body or a parameter is wrong.
    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code: "Request_BadRequest", message: message.into() }
    }

    /// 404: `what` is not here.
    pub(crate) fn not_found(what: impl Into<String>) -> Self {
        Self { status: StatusCode::NOT_FOUND, code: "Request_ResourceNotFound", message: what.into() }
    }

    /// 409: it does not go together with what is here.
    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        Self { status: StatusCode::CONFLICT, code: "Request_Conflict", message: message.into() }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = ErrorBody { error: ErrorDetail { code: self.code, message: self.message } };
        let mut response = (self.status, Json(body)).into_response();
        let headers = response.headers_mut();
        match self.status {
            StatusCode::UNAUTHORIZED => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"ropeway\""));
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            }
            _ => {}
        }
        response
    }
}

impl From<Faults> for Refusal {
    fn from(faults: Faults) -> Self {
        Self::bad_request(faults.0.iter().map(said).collect::<Vec<_>>().join("\n"))
    }
}

/// A fault without the name of a file; what was read from JSON has a place only where it is no JSON.
fn said(fault: &Fault) -> String {
    let place = match fault.place.line {
        0 => String::new(),
        line => format!("line {line}, column {}: ", fault.place.column),
    };
    let path = if fault.path.is_empty() { String::new() } else { format!("{}: ", fault.path) };
    format!("{place}{path}{}; {}", fault.found, fault.remedy)
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict(_) => Self::conflict("another object has this id or name already"),
            error => Stopped::from(error).into(),
        }
    }
}

impl From<anyhow::Error> for Refusal {
    fn from(error: anyhow::Error) -> Self {
        Stopped::from(error).into()
    }
}

impl From<Stopped> for Refusal {
    fn from(stopped: Stopped) -> Self {
        let (status, code, message) = match &stopped {
            Stopped::Unavailable(error) => {
                outcome::log_unavailable(error);
                (StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable", "Ropeway cannot answer for now; try again")
            }
            other => {
                tracing::error!("the control API failed: {other:?}");
                (StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError", "Ropeway failed; its log says why")
            }
        };
        Self { status, code, message: message.to_owned() }
    }
}

/// A request's body, at most 1 MiB.
#[derive(Debug)]
pub(crate) struct Body(Bytes);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        Bytes::from_request(request, state).await.map(Self).map_err(|rejection| match rejection.status() {
            status @ StatusCode::PAYLOAD_TOO_LARGE => {
                let message = "a body has at most 1 MiB".to_owned();
                Refusal { status, code: "Request_EntityTooLarge", message }
            }
            _ => Refusal::bad_request("the body did not arrive whole"),
        })
    }
}

impl Body {
    /// The body as it came.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// A body of a few members of the API's own. None at all is an empty object.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        let bytes: &[u8] = if self.0.is_empty() { b"{}" } else { &self.0 };
        serde_json::from_slice(bytes).map_err(|error| Refusal::bad_request(format!("the body cannot be used: {error}")))
    }
}

/// The tenant that a path names, by id or by domain.
pub(crate) fn find_tenant(app: &App, segment: &str) -> Result<Arc<Tenant>, Refusal> {
    let snapshot = app.snapshot()?;
    let found = TenantSegment::parse(segment).ok().and_then(|segment| snapshot.tenant_of_segment(&segment).cloned());
    found.ok_or_else(|| Refusal::not_found(format!("there is no tenant {segment}; GET tenants lists them")))
}

/// Changes something in one transaction. A refusal must come before the first write: what is written then stays.
pub(crate) async fn change<T: Send + 'static>(
    app: &App,
    change: impl FnOnce(&Tx<'_>) -> Result<Result<T, Refusal>, StoreError> + Send + 'static,
) -> Result<T, Refusal> {
    app.store.write(change).await?
}

/// Changes the compiled part of a tenant in one transaction.
pub(crate) async fn change_tenant<T: Send + 'static>(
    app: &App,
    tenant: &Tenant,
    edit: impl FnOnce(&Tx<'_>, &mut Tenant) -> Result<Result<T, Refusal>, StoreError> + Send + 'static,
) -> Result<T, Refusal> {
    let id = tenant.id;
    change(app, move |tx| {
        let Some(mut tenant) = tx.reads().tenant(id)? else {
            return Ok(Err(Refusal::not_found(format!("there is no tenant {id} any more"))));
        };
        let outcome = match edit(tx, &mut tenant)? {
            Ok(outcome) => outcome,
            Err(refusal) => return Ok(Err(refusal)),
        };
        tx.put_tenant(&tenant)?;
        Ok(Ok(outcome))
    })
    .await
}

/// Lets through who knows the control key.
pub(crate) async fn authorize(State(app): State<App>, request: Request, next: Next) -> Response {
    let presented = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let bearer = presented.and_then(|value| value.split_once(' '));
    let key =
        bearer.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, key)| Secret::new(key.trim()));
    if let (Some(known), Some(key)) = (&app.control_key, key)
        && known.matches(&key)
    {
        return next.run(request).await;
    }
    let message = "send Authorization: Bearer with the controlKey of the server's ready file".to_owned();
    Refusal { status: StatusCode::UNAUTHORIZED, code: "InvalidAuthenticationToken", message }.into_response()
}

/// Every path of the API that is nobody's.
pub(crate) async fn no_such_endpoint() -> Refusal {
    Refusal::not_found("there is no such endpoint; /_ropeway/api/openapi.json lists them")
}

/// An endpoint that has other methods.
pub(crate) async fn no_such_method() -> Refusal {
    Refusal {
        status: StatusCode::METHOD_NOT_ALLOWED,
        code: "Request_MethodNotAllowed",
        message: "this endpoint has no such method; /_ropeway/api/openapi.json lists them".to_owned(),
    }
}
