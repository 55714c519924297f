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

use super::template;

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
    /// Whether the body on the v1.0 endpoints shows a claims challenge, where there is one.
    pub claims_v1: bool,
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
    /// The one thing to do, in a few words, for a table; empty where no grant raises the row.
    pub in_short: &'static str,
    /// How sure we are of the row: of its weakest part among text, `error` and status.
    pub confidence: Confidence,
    /// Where Entra shows it.
    pub source: &'static str,
    /// The requests that can raise it here; none means that `ropeway explain` knows it and nothing raises it.
    pub raised_by: &'static [RaisedBy],
}

impl Row {
    /// The names that [`Denial::with`](super::Denial::with) fills, in the template's order.
    pub fn placeholders(&self) -> impl Iterator<Item = &'static str> {
        template::placeholders(self.template)
    }
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
    /// `grant_type=authorization_code`.
    AuthorizationCode,
    /// `grant_type=device_code`.
    DeviceCode,
    /// The device code endpoint.
    DeviceAuthorization,
    /// The authorize endpoint and its pages.
    Authorize,
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
const EVERY_GRANT: &[RaisedBy] = &[
    RaisedBy::Password,
    RaisedBy::ClientCredentials,
    RaisedBy::RefreshToken,
    RaisedBy::AuthorizationCode,
    RaisedBy::DeviceCode,
];

/// The grants that act for a user.
const USER_GRANTS: &[RaisedBy] =
    &[RaisedBy::Password, RaisedBy::RefreshToken, RaisedBy::AuthorizationCode, RaisedBy::DeviceCode];

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
    claims_v1: true,
    status: 400,
    error_uri: true,
    password_change_url_v1: None,
    template: "",
    cause: "",
    remedy: "",
    in_short: "",
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn rows_are_sorted_and_each_number_is_there_once() {
        for pair in rows().windows(2) {
            assert!(pair[0].code < pair[1].code, "AADSTS{} twice", pair[1].code);
        }
    }

    #[test]
    fn a_listed_number_is_found_and_another_is_not() {
        for row in rows() {
            assert_eq!(find(row.code), Some(row));
        }
        assert_eq!(find(50035), None);
    }

    #[test]
    fn every_row_says_why_what_to_do_and_where_it_is_from() {
        for row in rows() {
            for (part, text) in [("template", row.template), ("cause", row.cause), ("remedy", row.remedy)] {
                assert!(text.len() > 5 && text.trim() == text, "AADSTS{}: {part} {text:?}", row.code);
                assert!(!text.contains("  "), "AADSTS{}: two spaces in {part}", row.code);
            }
            assert!(row.cause.ends_with(['.', ')']) && row.remedy.ends_with('.'), "AADSTS{}", row.code);
            assert!(!row.source.is_empty(), "AADSTS{} has no source", row.code);
            assert!(row.name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'), "AADSTS{}", row.code);
        }
    }

    #[test]
    fn what_a_grant_raises_has_a_remedy_that_fits_into_a_cell() {
        for row in rows() {
            let by_a_grant = row.raised_by.iter().any(|request| *request != RaisedBy::Metadata);
            assert_eq!(by_a_grant, !row.in_short.is_empty(), "AADSTS{}", row.code);
            assert!(row.in_short.len() <= 30 && !row.in_short.ends_with('.'), "AADSTS{}: {}", row.code, row.in_short);
        }
    }

    #[test]
    fn error_and_status_belong_together() {
        let usual = |error: &str| match error {
            "invalid_client" => 401,
            "server_error" => 500,
            _ => 400,
        };
        let exceptions = [
            (50033, 503),
            (50097, 401), // device challenge, captured
            (51000, 412), // feature off, from MSAL .NET's tests
            (90006, 503),
            (90012, 504),
            (90024, 503),
            (90033, 503), // captured
            (90055, 429),
            (90090, 503),
        ];
        for row in rows().iter().filter(|row| row.delivery == Delivery::Json) {
            assert!(
                row.status == usual(row.error) || exceptions.contains(&(row.code, row.status)),
                "AADSTS{}: {} {}",
                row.code,
                row.error,
                row.status
            );
        }
    }

    #[test]
    fn error_and_suberror_are_words_that_clients_know() {
        let errors = BTreeSet::from([
            "access_denied",
            "authorization_pending",
            "bad_verification_code",
            "expired_token",
            "consent_required",
            "interaction_required",
            "invalid_client",
            "invalid_grant",
            "invalid_instance",
            "invalid_request",
            "invalid_resource",
            "invalid_scope",
            "invalid_target",
            "invalid_tenant",
            "login_required",
            "server_error",
            "temporarily_unavailable",
            "unauthorized_client",
            "unsupported_grant_type",
            "unsupported_response_type",
            "user_password_expired",
        ]);
        let suberrors = BTreeSet::from([
            "additional_action",
            "bad_token",
            "basic_action",
            "client_mismatch",
            "consent_required",
            "device_authentication_failed",
            "message_only",
            "protection_policy_required",
            "token_expired",
            "user_password_expired",
        ]);
        for row in rows() {
            for error in [row.error, row.error_v1].into_iter().chain(row.error_at_metadata) {
                assert!(errors.contains(error), "AADSTS{}: {error}", row.code);
            }
            for suberror in row.suberror.into_iter().chain(row.suberror_v1) {
                assert!(suberrors.contains(suberror), "AADSTS{}: {suberror}", row.code);
            }
        }
    }

    #[test]
    fn error_uri_is_there_and_missing_where_it_was_captured() {
        let present = [
            50034, 50056, 50057, 50076, 50097, 50126, 50173, 53003, 500011, 500133, 70016, 70021, 700016, 700024,
            700082, 7000215, 7000218, 7000222, 90002, 900144, 9002313, 9002326,
        ];
        let missing = [50059, 50078, 65001, 70003, 70011, 70043, 700038, 90023, 90033];
        for (codes, expected) in [(&present[..], true), (&missing[..], false)] {
            for code in codes {
                assert_eq!(find(*code).map(|row| row.error_uri), Some(expected), "AADSTS{code}");
            }
        }
    }

    #[test]
    fn v1_says_interaction_required_where_it_was_captured() {
        for code in [50076, 50079, 53003, 50158, 70043] {
            let errors = find(code).map(|row| (row.error, row.error_v1));
            assert_eq!(errors, Some(("invalid_grant", "interaction_required")), "AADSTS{code}");
        }
    }

    #[test]
    fn templates_hold_nothing_that_json_escapes_or_msal_js_classifies_by() {
        let classified = [
            "interaction_required",
            "consent_required",
            "login_required",
            "bad_token",
            "ui_not_allowed",
            "interrupted_user",
        ];
        for row in rows() {
            assert!(!row.template.contains(|c: char| c == '"' || c == '\\' || c.is_control()), "AADSTS{}", row.code);
            for word in classified {
                assert!(!row.template.contains(word), "AADSTS{}: {word}", row.code);
            }
        }
    }

    #[test]
    fn braces_are_placeholders_or_known_literals() {
        for row in rows() {
            let without = template::fill(row.template, |_| Some(String::new()));
            let rest = without.replace("{EmailHidden}", "").replace("{tenant-ID}", "");
            assert!(!rest.contains(['{', '}']), "AADSTS{}: {rest}", row.code);
            let names: Vec<_> = row.placeholders().collect();
            assert_eq!(names.len(), BTreeSet::from_iter(&names).len(), "AADSTS{} names one twice", row.code);
        }
    }

    #[test]
    fn who_raises_a_row_is_listed_once_and_in_order() {
        for row in rows() {
            assert!(row.raised_by.is_sorted_by(|a, b| a < b), "AADSTS{}", row.code);
            let json = row.delivery == Delivery::Json;
            let by_pages = row.raised_by.iter().all(|request| *request == RaisedBy::Authorize);
            assert!(json || by_pages, "AADSTS{} is not JSON", row.code);
        }
    }

    #[test]
    fn the_error_of_our_own_is_a_row() {
        assert_eq!(find(TOKEN_ISSUANCE_ERROR.code), Some(&TOKEN_ISSUANCE_ERROR));
    }
}
