//! Throttling, and the service's own failures.

use super::Confidence::{Captured, Documented, Inferred};
use super::{INVALID_GRANT, LEARN, Row, answering};

/// What an error of our own looks like.
pub const TOKEN_ISSUANCE_ERROR: Row = Row {
    code: 50000,
    name: "TokenIssuanceError",
    template: "There was an error issuing a token or an issue with our sign-in service.",
    cause: "The service itself failed. From Ropeway: a fault of Ropeway.",
    remedy: "Look at the server's log for the trace id, and report it.",
    confidence: Documented,
    source: LEARN,
    ..SERVER_ERROR
};

pub(super) const ROWS: &[Row] = &[
    TOKEN_ISSUANCE_ERROR,
    Row {
        code: 50033,
        name: "RetryableError",
        template: "CCS could not serve the request that had failed at ESTS due to server error.",
        cause: "A passing fault of Entra, and its backup did not answer either.",
        remedy: "Try again after a while.",
        confidence: Captured,
        source: "public reports (text and error); status inferred",
        ..UNAVAILABLE
    },
    Row {
        code: 50196,
        name: "LoopDetected",
        template: "The server terminated an operation because it encountered a client request loop. Please contact \
                   your app vendor.",
        cause: "The client sent the same request again and again in a short time, usually because it keeps no token \
                cache.",
        remedy: "Cache the token and ask silently first; look for a retry without an end.",
        confidence: Inferred,
        source: "azure-sdk-for-net#23324, msal-dotnet#2353 (text); error from MSAL .NET tests",
        ..INVALID_GRANT
    },
    Row {
        code: 70012,
        name: "MsaServerError",
        template: "A server error occurred while authenticating an MSA (consumer) user",
        cause: "The service for personal accounts failed.",
        remedy: "Try again.",
        confidence: Inferred,
        source: LEARN,
        ..SERVER_ERROR
    },
    Row {
        code: 90006,
        name: "ExternalServerRetryableError",
        template: "The service is temporarily unavailable. Please retry later.",
        cause: "A service that Entra depends on failed.",
        remedy: "Try again after a while.",
        confidence: Inferred,
        source: LEARN,
        ..UNAVAILABLE
    },
    Row {
        code: 90012,
        name: "RequestTimeout",
        template: "The request has timed out.",
        cause: "Entra took too long.",
        remedy: "Try again after a while.",
        confidence: Inferred,
        source: LEARN,
        ..answering("temporarily_unavailable", 504)
    },
    Row {
        code: 90024,
        name: "RequestBudgetExceededError",
        template: "A transient error has occurred. Please try again.",
        cause: "The request used up its time inside Entra.",
        remedy: "Try again after a while.",
        confidence: Inferred,
        source: LEARN,
        ..UNAVAILABLE
    },
    Row {
        code: 90033,
        name: "MsodsServiceUnavailable",
        error_uri: false,
        template: "A transient error has occurred. Please try again.",
        cause: "The directory service did not answer.",
        remedy: "Try again after a while.",
        confidence: Captured,
        source: "azure-sdk-for-python#14241",
        ..UNAVAILABLE
    },
    Row {
        code: 90036,
        name: "MsodsServiceUnretryableFailure",
        template: "An unexpected, non-retryable error stemming from the directory service has occurred.",
        cause: "The directory service failed on this request.",
        remedy: "Look at the user and tenant for something unusual; report it with the trace id.",
        confidence: Captured,
        source: "msal-js#5282 (text and error); status inferred",
        ..SERVER_ERROR
    },
    Row {
        code: 90055,
        name: "TenantThrottlingError",
        template: "There are too many incoming requests.",
        cause: "The tenant sends more requests than it may.",
        remedy: "Wait as long as Retry-After says, and cache tokens.",
        confidence: Inferred,
        source: LEARN,
        ..answering("temporarily_unavailable", 429)
    },
    Row {
        code: 90090,
        name: "GraphRetryableError",
        template: "The service is temporarily unavailable. Please retry later.",
        cause: "The directory did not answer Entra in time.",
        remedy: "Try again after a while.",
        confidence: Inferred,
        source: LEARN,
        ..UNAVAILABLE
    },
    Row {
        code: 90092,
        name: "GraphNonRetryableError",
        template: "Non-retryable error has occurred.",
        cause: "The directory refused a request of Entra itself.",
        remedy: "Report it with the trace id.",
        confidence: Inferred,
        source: LEARN,
        ..SERVER_ERROR
    },
];

const SERVER_ERROR: Row = answering("server_error", 500);
const UNAVAILABLE: Row = answering("temporarily_unavailable", 503);
