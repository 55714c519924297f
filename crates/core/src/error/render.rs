//! A [`Denial`] as the bytes that the asked endpoint answers with.

use serde_json::{Map, Value};
use uuid::Uuid;

use super::Denial;
use crate::time::WallTime;

/// Which generation of the endpoints was asked: `/oauth2/…` or `/oauth2/v2.0/…`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EndpointVersion {
    /// v1.0: `resource`, strings for numbers, `interaction_required`.
    V1,
    /// v2.0: `scope`, `invalid_grant` with a `suberror`.
    V2,
}

/// What an answer says about its request.
#[derive(Debug, Clone, Copy)]
pub struct AnswerContext<'a> {
    /// The endpoint's generation.
    pub version: EndpointVersion,
    /// The request's origin without a trailing slash, for `error_uri`.
    pub origin: &'a str,
    /// `trace_id`, equal to the response header `x-ms-request-id`.
    pub trace_id: Uuid,
    /// `correlation_id`: the client's `client-request-id` if it sent one.
    pub correlation_id: Uuid,
    /// `timestamp`.
    pub now: WallTime,
}

/// A refusal, ready to be sent as `application/json; charset=utf-8`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorAnswer {
    /// HTTP status.
    pub status: u16,
    /// JSON, in Entra's key order.
    pub body: String,
}

/// The answer of the token endpoint (RFC 6749 §5.2 with Entra's members).
pub fn token_error(denial: &Denial, context: &AnswerContext<'_>) -> ErrorAnswer {
    answer(denial, context, denial.error(context.version))
}

/// The answer of OpenID metadata, keys and instance discovery: the same shape, for some numbers another `error`.
pub fn metadata_error(denial: &Denial, context: &AnswerContext<'_>) -> ErrorAnswer {
    match denial.row().error_at_metadata {
        Some(error) => answer(denial, context, error),
        None => token_error(denial, context),
    }
}

/// The parameters that the authorize endpoint sends back to the application (RFC 6749 §4.1.2.1), without `state`. What the
/// token endpoint calls `invalid_grant` is `interaction_required` here: a page could have asked the person. There is no
/// `suberror` (captured 2020); that `claims` come along is inferred from what MSAL for JavaScript reads.
pub fn redirect_error(denial: &Denial, context: &AnswerContext<'_>) -> Vec<(&'static str, String)> {
    let row = denial.row();
    let error = if row.error == "invalid_grant" { "interaction_required" } else { row.error };
    let mut parameters = vec![
        ("error", error.to_owned()),
        ("error_description", description(denial, context, &context.now.to_entra_timestamp())),
    ];
    if row.error_uri {
        parameters.push(("error_uri", error_uri(denial, context)));
    }
    parameters.extend(denial.claims().map(|claims| ("claims", claims.to_owned())));
    parameters
}

/// What a page tells the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageError {
    /// The AADSTS number.
    pub code: u32,
    /// `AADSTSn: ` and the text.
    pub message: String,
    /// Why it happens, in plain words.
    pub cause: &'static str,
    /// What to do, in plain words.
    pub remedy: &'static str,
    /// The request's id.
    pub request_id: Uuid,
    /// The correlation id.
    pub correlation_id: Uuid,
    /// When, as Entra's pages write it.
    pub timestamp: String,
}

/// A refusal that only the person sees.
pub fn page_error(denial: &Denial, context: &AnswerContext<'_>) -> PageError {
    let row = denial.row();
    PageError {
        code: row.code,
        message: format!("AADSTS{}: {}", row.code, denial.message()),
        cause: row.cause,
        remedy: row.remedy,
        request_id: context.trace_id,
        correlation_id: context.correlation_id,
        timestamp: context.now.to_rfc3339(),
    }
}

fn error_uri(denial: &Denial, context: &AnswerContext<'_>) -> String {
    format!("{}/error?code={}", context.origin, denial.code())
}

fn answer(denial: &Denial, context: &AnswerContext<'_>, error: &str) -> ErrorAnswer {
    let row = denial.row();
    let claims = denial.claims();
    let (suberror, claims, password_change_url) = match context.version {
        EndpointVersion::V1 => (row.suberror_v1, claims.filter(|_| row.claims_v1), row.password_change_url_v1),
        EndpointVersion::V2 => (row.suberror, claims, None),
    };
    let error_uri = row.error_uri.then(|| error_uri(denial, context));
    let timestamp = context.now.to_entra_timestamp();

    let mut body = Map::new();
    let mut set = |key: &str, value: Value| body.insert(key.to_owned(), value);
    set("error", error.into());
    set("error_description", description(denial, context, &timestamp).into());
    set("error_codes", vec![row.code].into());
    set("timestamp", timestamp.into());
    set("trace_id", context.trace_id.to_string().into());
    set("correlation_id", context.correlation_id.to_string().into());
    let optional = [
        ("error_uri", error_uri.as_deref()),
        ("suberror", suberror),
        ("claims", claims),
        ("password_change_url", password_change_url),
    ];
    for (key, value) in optional {
        if let Some(value) = value {
            set(key, value.into());
        }
    }
    ErrorAnswer { status: row.status, body: Value::Object(body).to_string() }
}

/// Single spaces, as Entra sends since the end of 2023; before it was CRLF.
fn description(denial: &Denial, context: &AnswerContext<'_>, timestamp: &str) -> String {
    format!(
        "AADSTS{}: {} Trace ID: {} Correlation ID: {} Timestamp: {timestamp}",
        denial.code(),
        denial.message(),
        context.trace_id,
        context.correlation_id
    )
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    fn asked(version: EndpointVersion) -> AnswerContext<'static> {
        AnswerContext {
            version,
            origin: "https://localhost:8443",
            trace_id: Uuid::from_u128(0x1111),
            correlation_id: Uuid::from_u128(0x2222),
            now: WallTime::from_unix_seconds(1_795_593_600),
        }
    }

    fn token(denial: &Denial, version: EndpointVersion) -> String {
        let answer = token_error(denial, &asked(version));
        format!("{} {}", answer.status, answer.body)
    }

    fn metadata(denial: &Denial) -> String {
        let answer = metadata_error(denial, &asked(EndpointVersion::V2));
        format!("{} {}", answer.status, answer.body)
    }

    #[test]
    fn a_wrong_password() {
        assert_snapshot!(token(&Denial::new(50126), EndpointVersion::V2), @r#"400 {"error":"invalid_grant","error_description":"AADSTS50126: Error validating credentials due to invalid username or password. Trace ID: 00000000-0000-0000-0000-000000001111 Correlation ID: 00000000-0000-0000-0000-000000002222 Timestamp: 2026-11-25 08:00:00Z","error_codes":[50126],"timestamp":"2026-11-25 08:00:00Z","trace_id":"00000000-0000-0000-0000-000000001111","correlation_id":"00000000-0000-0000-0000-000000002222","error_uri":"https://localhost:8443/error?code=50126"}"#);
    }

    #[test]
    fn a_second_factor_that_a_policy_asks_for() {
        let denial = Denial::new(50076)
            .with("resource", "00000003-0000-0000-c000-000000000000")
            .with_claims(r#"{"access_token":{"capolids":{"essential":true,"values":["p"]}}}"#.to_owned());

        assert_snapshot!(token(&denial, EndpointVersion::V2), @r#"400 {"error":"invalid_grant","error_description":"AADSTS50076: Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access '00000003-0000-0000-c000-000000000000'. Trace ID: 00000000-0000-0000-0000-000000001111 Correlation ID: 00000000-0000-0000-0000-000000002222 Timestamp: 2026-11-25 08:00:00Z","error_codes":[50076],"timestamp":"2026-11-25 08:00:00Z","trace_id":"00000000-0000-0000-0000-000000001111","correlation_id":"00000000-0000-0000-0000-000000002222","error_uri":"https://localhost:8443/error?code=50076","suberror":"basic_action","claims":"{\"access_token\":{\"capolids\":{\"essential\":true,\"values\":[\"p\"]}}}"}"#);
        assert_snapshot!(token(&denial, EndpointVersion::V1), @r#"400 {"error":"interaction_required","error_description":"AADSTS50076: Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access '00000003-0000-0000-c000-000000000000'. Trace ID: 00000000-0000-0000-0000-000000001111 Correlation ID: 00000000-0000-0000-0000-000000002222 Timestamp: 2026-11-25 08:00:00Z","error_codes":[50076],"timestamp":"2026-11-25 08:00:00Z","trace_id":"00000000-0000-0000-0000-000000001111","correlation_id":"00000000-0000-0000-0000-000000002222","error_uri":"https://localhost:8443/error?code=50076","suberror":"basic_action","claims":"{\"access_token\":{\"capolids\":{\"essential\":true,\"values\":[\"p\"]}}}"}"#);
    }

    #[test]
    fn an_unknown_user() {
        let denial = Denial::new(50034).with("tenant", "alpine.test");

        assert_snapshot!(token(&denial, EndpointVersion::V2), @r#"400 {"error":"invalid_grant","error_description":"AADSTS50034: The user account {EmailHidden} does not exist in the alpine.test directory. To sign into this application, the account must be added to the directory. Trace ID: 00000000-0000-0000-0000-000000001111 Correlation ID: 00000000-0000-0000-0000-000000002222 Timestamp: 2026-11-25 08:00:00Z","error_codes":[50034],"timestamp":"2026-11-25 08:00:00Z","trace_id":"00000000-0000-0000-0000-000000001111","correlation_id":"00000000-0000-0000-0000-000000002222","error_uri":"https://localhost:8443/error?code=50034","suberror":"bad_token"}"#);
        assert_snapshot!(token(&denial, EndpointVersion::V1), @r#"400 {"error":"invalid_grant","error_description":"AADSTS50034: The user account {EmailHidden} does not exist in the alpine.test directory. To sign into this application, the account must be added to the directory. Trace ID: 00000000-0000-0000-0000-000000001111 Correlation ID: 00000000-0000-0000-0000-000000002222 Timestamp: 2026-11-25 08:00:00Z","error_codes":[50034],"timestamp":"2026-11-25 08:00:00Z","trace_id":"00000000-0000-0000-0000-000000001111","correlation_id":"00000000-0000-0000-0000-000000002222","error_uri":"https://localhost:8443/error?code=50034"}"#);
    }

    #[test]
    fn missing_consent_has_no_error_uri() {
        let denial = Denial::new(65001).with("appId", "e0a9").with("appName", "Legacy tool");

        assert_snapshot!(token(&denial, EndpointVersion::V2), @r#"400 {"error":"invalid_grant","error_description":"AADSTS65001: The user or administrator has not consented to use the application with ID 'e0a9' named 'Legacy tool'. Send an interactive authorization request for this user and resource. Trace ID: 00000000-0000-0000-0000-000000001111 Correlation ID: 00000000-0000-0000-0000-000000002222 Timestamp: 2026-11-25 08:00:00Z","error_codes":[65001],"timestamp":"2026-11-25 08:00:00Z","trace_id":"00000000-0000-0000-0000-000000001111","correlation_id":"00000000-0000-0000-0000-000000002222","suberror":"consent_required"}"#);
    }

    #[test]
    fn an_unknown_tenant_is_another_error_at_metadata() {
        let denial = Denial::new(90002).with("tenant", "nowhere.test");

        assert_snapshot!(token(&denial, EndpointVersion::V2), @r#"400 {"error":"invalid_request","error_description":"AADSTS90002: Tenant 'nowhere.test' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant. Trace ID: 00000000-0000-0000-0000-000000001111 Correlation ID: 00000000-0000-0000-0000-000000002222 Timestamp: 2026-11-25 08:00:00Z","error_codes":[90002],"timestamp":"2026-11-25 08:00:00Z","trace_id":"00000000-0000-0000-0000-000000001111","correlation_id":"00000000-0000-0000-0000-000000002222","error_uri":"https://localhost:8443/error?code=90002"}"#);
        assert_snapshot!(metadata(&denial), @r#"400 {"error":"invalid_tenant","error_description":"AADSTS90002: Tenant 'nowhere.test' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant. Trace ID: 00000000-0000-0000-0000-000000001111 Correlation ID: 00000000-0000-0000-0000-000000002222 Timestamp: 2026-11-25 08:00:00Z","error_codes":[90002],"timestamp":"2026-11-25 08:00:00Z","trace_id":"00000000-0000-0000-0000-000000001111","correlation_id":"00000000-0000-0000-0000-000000002222","error_uri":"https://localhost:8443/error?code=90002"}"#);
    }

    #[test]
    fn an_unknown_instance_is_the_same_error_everywhere() {
        assert_snapshot!(metadata(&Denial::new(50049)), @r#"400 {"error":"invalid_instance","error_description":"AADSTS50049: Unknown or invalid instance. Trace ID: 00000000-0000-0000-0000-000000001111 Correlation ID: 00000000-0000-0000-0000-000000002222 Timestamp: 2026-11-25 08:00:00Z","error_codes":[50049],"timestamp":"2026-11-25 08:00:00Z","trace_id":"00000000-0000-0000-0000-000000001111","correlation_id":"00000000-0000-0000-0000-000000002222","error_uri":"https://localhost:8443/error?code=50049"}"#);
    }

    #[test]
    fn an_expired_password_has_the_address_of_the_page_on_v1_only() {
        assert_snapshot!(token(&Denial::new(50055), EndpointVersion::V1), @r#"400 {"error":"user_password_expired","error_description":"AADSTS50055: Password is expired. Trace ID: 00000000-0000-0000-0000-000000001111 Correlation ID: 00000000-0000-0000-0000-000000002222 Timestamp: 2026-11-25 08:00:00Z","error_codes":[50055],"timestamp":"2026-11-25 08:00:00Z","trace_id":"00000000-0000-0000-0000-000000001111","correlation_id":"00000000-0000-0000-0000-000000002222","error_uri":"https://localhost:8443/error?code=50055","suberror":"user_password_expired","password_change_url":"https://portal.microsoftonline.com/ChangePassword.aspx"}"#);
        assert_snapshot!(token(&Denial::new(50055), EndpointVersion::V2), @r#"400 {"error":"invalid_grant","error_description":"AADSTS50055: Password is expired. Trace ID: 00000000-0000-0000-0000-000000001111 Correlation ID: 00000000-0000-0000-0000-000000002222 Timestamp: 2026-11-25 08:00:00Z","error_codes":[50055],"timestamp":"2026-11-25 08:00:00Z","trace_id":"00000000-0000-0000-0000-000000001111","correlation_id":"00000000-0000-0000-0000-000000002222","error_uri":"https://localhost:8443/error?code=50055","suberror":"user_password_expired"}"#);
    }

    #[test]
    fn a_wrong_secret_is_401() {
        let denial = Denial::new(7000215).with("appId", "e0a9");

        assert_snapshot!(token(&denial, EndpointVersion::V2), @r#"401 {"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app 'e0a9'. Trace ID: 00000000-0000-0000-0000-000000001111 Correlation ID: 00000000-0000-0000-0000-000000002222 Timestamp: 2026-11-25 08:00:00Z","error_codes":[7000215],"timestamp":"2026-11-25 08:00:00Z","trace_id":"00000000-0000-0000-0000-000000001111","correlation_id":"00000000-0000-0000-0000-000000002222","error_uri":"https://localhost:8443/error?code=7000215"}"#);
    }
}
