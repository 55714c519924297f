//! THE table of AADSTS errors.
//!
//! The rows live in one file per theme, in any order; [`rows`] gives them sorted by number. A row says what Entra
//! answers and how sure we are of it; a row without `raised_by` is known to `ropeway explain` and to nothing else.
//! To add one: copy a neighbour, start from the base it shares most with, and name the source.

mod client;
mod grant;
mod page;
mod policy;
mod request;
mod resource;
mod service;
mod user;

use std::sync::LazyLock;

pub use service::TOKEN_ISSUANCE_ERROR;

/// One error of Entra.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// The AADSTS number.
    pub code: u32,
    /// Microsoft's short name, for instance `InvalidUserNameOrPassword`; empty where none is published.
    pub name: &'static str,
    /// Where Entra shows the error. For a page, the members up to `error_uri` say what JSON would hold.
    pub delivery: Delivery,
    /// `error` on the v2.0 endpoints.
    pub error: &'static str,
    /// `error` on the v1.0 endpoints.
    pub error_v1: &'static str,
    /// `error` where OpenID metadata or instance discovery answer, if it differs from the token endpoint's.
    pub error_at_metadata: Option<&'static str>,
    /// `suberror` on the v2.0 endpoints, if the body has one.
    pub suberror: Option<&'static str>,
    /// `suberror` on the v1.0 endpoints, if the body has one.
    pub suberror_v1: Option<&'static str>,
    /// HTTP status of the JSON answer.
    pub status: u16,
    /// Whether the body has `error_uri`.
    pub error_uri: bool,
    /// `password_change_url` of the v1.0 endpoints, if the body has one.
    pub password_change_url_v1: Option<&'static str>,
    /// The text behind `AADSTSn: `. A brace and a small letter open a placeholder (`{appId}`); anything else in braces
    /// is Entra's own literal text (`{EmailHidden}`).
    pub template: &'static str,
    /// Why it happens, in plain words.
    pub cause: &'static str,
    /// What to do, in plain words.
    pub remedy: &'static str,
    /// How sure we are of the row: of its weakest part among text, `error` and status.
    pub confidence: Confidence,
    /// Where Entra shows it.
    pub source: &'static str,
    /// The requests that can raise it here; none means that `ropeway explain` knows it and nothing raises it.
    pub raised_by: &'static [RaisedBy],
}

/// Where Entra shows an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// As JSON, by the token endpoint, the device code endpoint or metadata.
    Json,
    /// In the redirect back to the application, by the authorize endpoint.
    Redirect,
    /// On a page of the platform; the application never sees it.
    Page,
    /// As a SOAP fault of a WS-Trust endpoint.
    WsTrustFault,
}

/// How sure we are that Entra behaves as the row says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confidence {
    /// A real body, header or message is on record.
    Captured,
    /// Microsoft documents it.
    Documented,
    /// Neither; weaker signals.
    Inferred,
}

/// A request that raises a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RaisedBy {
    /// A request to the token endpoint before its grant is known: method, path, form, an unknown grant.
    UnknownGrant,
    /// `grant_type=password`.
    Password,
    /// `grant_type=client_credentials`.
    ClientCredentials,
    /// `grant_type=refresh_token`.
    RefreshToken,
    /// OpenID metadata, keys, instance discovery.
    Metadata,
}

/// The row of this number.
pub fn find(code: u32) -> Option<&'static Row> {
    ROWS.binary_search_by_key(&code, |row| row.code).ok().map(|index| &ROWS[index])
}

/// All rows, sorted by number.
pub fn rows() -> &'static [Row] {
    &ROWS
}

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let mut rows =
        [request::ROWS, client::ROWS, resource::ROWS, user::ROWS, policy::ROWS, grant::ROWS, page::ROWS, service::ROWS]
            .concat();
    rows.sort_by_key(|row| row.code);
    rows
});

/// Microsoft's public list of codes.
const LEARN: &str = "Microsoft Learn, identity-platform/reference-error-codes";

/// Every grant that exists here.
const EVERY_GRANT: &[RaisedBy] = &[RaisedBy::Password, RaisedBy::ClientCredentials, RaisedBy::RefreshToken];

/// The grants that act for a user.
const USER_GRANTS: &[RaisedBy] = &[RaisedBy::Password, RaisedBy::RefreshToken];

/// What most rows share.
const INVALID_GRANT: Row = Row {
    code: 0,
    name: "",
    delivery: Delivery::Json,
    error: "invalid_grant",
    error_v1: "invalid_grant",
    error_at_metadata: None,
    suberror: None,
    suberror_v1: None,
    status: 400,
    error_uri: true,
    password_change_url_v1: None,
    template: "",
    cause: "",
    remedy: "",
    confidence: Confidence::Inferred,
    source: "",
    raised_by: &[],
};

/// A policy wants something of the person: v1.0 says so in `error`, v2.0 only in `suberror`.
const fn interaction(suberror: &'static str) -> Row {
    Row { error_v1: "interaction_required", suberror: Some(suberror), suberror_v1: Some(suberror), ..INVALID_GRANT }
}

/// A token that will not work again: v2.0 tells the client to forget it, v1.0 bodies have no `suberror`.
const BAD_TOKEN: Row = Row { suberror: Some("bad_token"), ..INVALID_GRANT };

const fn answering(error: &'static str, status: u16) -> Row {
    Row { error, error_v1: error, status, ..INVALID_GRANT }
}

const INVALID_REQUEST: Row = answering("invalid_request", 400);
const INVALID_CLIENT: Row = answering("invalid_client", 401);
const UNAUTHORIZED_CLIENT: Row = answering("unauthorized_client", 400);
const INVALID_SCOPE: Row = answering("invalid_scope", 400);
const INVALID_RESOURCE: Row = answering("invalid_resource", 400);

/// Shown on the platform's page; the application never sees it.
const PAGE: Row = Row { delivery: Delivery::Page, ..INVALID_REQUEST };

/// Sent back to the application by the authorize endpoint.
const fn redirect(error: &'static str) -> Row {
    Row { delivery: Delivery::Redirect, ..answering(error, 400) }
}
