//! Is it a good access token for this API? Authentication only: what the token *allows* is asked in `access`.

use axum::http::{HeaderMap, header};
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::{Algorithm, Validation, decode, decode_header};
use serde::Deserialize;

use crate::keys::{KeyError, SigningKeys};
use crate::refusal::Refusal;
use crate::settings::ApiRegistration;

/// The claims of a v2.0 access token that these APIs use.
#[derive(Deserialize)]
pub(crate) struct Claims {
    // Text, not a list: JWT allows a list of audiences, Entra never sends one.
    #[serde(rename = "aud")]
    _audience: String,
    #[serde(rename = "iss")]
    _issuer: String,
    #[serde(rename = "ver")]
    version: String,
    /// The client that asked for the token. An ID token, which is for a client and not for an API, has none.
    azp: Option<String>,
    /// Delegated permissions, space separated. Absent from an application's own token.
    pub(crate) scp: Option<String>,
    /// Application permissions; in a user's token the *user's* app roles, which are another thing.
    #[serde(default)]
    pub(crate) roles: Vec<String>,
    /// The user, or the client's service principal: the same for every API and client of the tenant, and never reused.
    pub(crate) oid: String,
    pub(crate) name: Option<String>,
}

/// Reads the token of the request and checks everything about it that does not depend on the operation.
pub(crate) async fn authenticate(
    headers: &HeaderMap,
    keys: &SigningKeys,
    api: &ApiRegistration,
) -> Result<Claims, Refusal> {
    let token = bearer_token(headers)?;
    // The header is not trusted yet; all it does is choose among keys that the provider published.
    let header = decode_header(token).map_err(|error| Refusal::InvalidToken(describe(&error)))?;
    if header.alg != Algorithm::RS256 {
        return Err(Refusal::InvalidToken("the token is not signed with RS256"));
    }
    if header.crit.is_some() {
        return Err(Refusal::InvalidToken("the token demands an extension that this API does not know"));
    }
    let key_id = header.kid.ok_or(Refusal::InvalidToken("the token does not name its key"))?;
    let known = keys.with_key(&key_id).await.map_err(|error| match error {
        KeyError::Unknown => Refusal::InvalidToken("the token is signed with a key that the issuer does not publish"),
        KeyError::Unreachable => Refusal::ProviderUnreachable,
    })?;
    let key = known.key(&key_id).ok_or(Refusal::ProviderUnreachable)?;

    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud"]);
    validation.set_issuer(&[&known.issuer]);
    validation.set_audience(&[&api.app_id]);
    validation.validate_nbf = true;
    validation.leeway = CLOCK_SKEW_SECONDS;
    let claims =
        decode::<Claims>(token, key, &validation).map_err(|error| Refusal::InvalidToken(describe(&error)))?.claims;

    if claims.version != "2.0" {
        return Err(Refusal::InvalidToken("the token is not a v2.0 token"));
    }
    if claims.azp.is_none() {
        return Err(Refusal::InvalidToken("the token is not an access token"));
    }
    Ok(claims)
}

/// RFC 6750 §2.1, the one way in. The form (§2.2) and the query (§2.3) end up in logs and histories and are not read.
fn bearer_token(headers: &HeaderMap) -> Result<&str, Refusal> {
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    let credentials = all.next().ok_or(Refusal::NoToken)?;
    if all.next().is_some() {
        return Err(Refusal::InvalidRequest("the request has more than one Authorization header"));
    }
    let malformed = Refusal::InvalidRequest("the Authorization header is not of the form Bearer TOKEN");
    let Ok(credentials) = credentials.to_str() else { return Err(malformed) };
    let (scheme, token) = credentials.split_once(' ').unwrap_or((credentials, ""));
    if !scheme.eq_ignore_ascii_case("Bearer") {
        // RFC 6750 §3.1: a client that tried another scheme is told which one to use, not that it made an error.
        return Err(Refusal::NoToken);
    }
    let token = token.trim_start_matches(' ');
    if token.is_empty() || token.contains([' ', ',', '\t']) { Err(malformed) } else { Ok(token) }
}

fn describe(error: &Error) -> &'static str {
    match error.kind() {
        ErrorKind::ExpiredSignature => "the token has expired",
        ErrorKind::ImmatureSignature => "the token is not valid yet",
        ErrorKind::InvalidAudience => "the token is for another API",
        ErrorKind::InvalidIssuer => "the token is from another issuer",
        ErrorKind::InvalidSignature => "the signature does not fit the token",
        ErrorKind::MissingRequiredClaim(_) => "the token lacks one of the claims exp, nbf, iss, aud",
        _ => "the token cannot be read as a v2.0 access token",
    }
}

/// Clocks of two machines may differ by this much.
const CLOCK_SKEW_SECONDS: u64 = 60;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot build its input should stop")]

    use axum::http::{HeaderMap, HeaderValue, header};

    use super::bearer_token;
    use crate::refusal::Refusal;

    #[test]
    fn the_header_is_read_as_rfc_6750_says() {
        let table: &[(&[&str], Result<&str, &str>)] = &[
            (&["Bearer a.b.c"], Ok("a.b.c")),
            (&["bearer a.b.c"], Ok("a.b.c")),
            (&["Bearer   a.b.c"], Ok("a.b.c")),
            (&[], Err("none")),
            (&["Basic YTpi"], Err("none")),
            (&["a.b.c"], Err("none")),
            (&["Bearera.b.c"], Err("none")),
            (&["Bearer"], Err("malformed")),
            (&["Bearer "], Err("malformed")),
            (&["Bearer a.b.c d"], Err("malformed")),
            (&["Bearer a.b.c, Bearer d.e.f"], Err("malformed")),
            (&["Bearer a.b.c", "Bearer a.b.c"], Err("malformed")),
            (&["Bearer a.b.c", "Basic YTpi"], Err("malformed")),
            (&["Bearer \u{e9}"], Err("malformed")),
        ];
        for (values, expected) in table {
            let mut headers = HeaderMap::new();
            for value in *values {
                headers.append(header::AUTHORIZATION, HeaderValue::from_bytes(value.as_bytes()).unwrap());
            }
            let read = bearer_token(&headers).map_err(|refusal| match refusal {
                Refusal::NoToken => "none",
                Refusal::InvalidRequest(_) => "malformed",
                _ => "something else",
            });
            assert_eq!(&read, expected, "{values:?}");
        }
    }
}
