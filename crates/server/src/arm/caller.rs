//! Who calls Azure Resource Manager?

use http::StatusCode;
use ropeway_core::ids::AZURE_SERVICE_MANAGEMENT;
use ropeway_core::time::WallTime;
use ropeway_core::token::verify;
use time::OffsetDateTime;
use time::macros::format_description;

use super::answer::{ArmError, NoAnswer};
use crate::app::App;
use crate::bearer::{Bearer, NotABearer};
use crate::http::exchange::Exchange;

/// The bearer of an access token for Azure Service Management.
pub(super) fn caller(app: &App, exchange: &Exchange) -> Result<Bearer, NoAnswer> {
    let bearer = Bearer::of(app, exchange, AZURE_SERVICE_MANAGEMENT, verify)?;
    bearer.map_err(|reason| refusal(&reason, &exchange.origin).into())
}

/// In Azure Resource Manager's words, as far as they are on record; a token that is none of ours has one message for
/// every fault (inferred).
fn refusal(reason: &NotABearer, origin: &str) -> ArmError {
    let (code, message) = match reason {
        NotABearer::Missing => {
            return ArmError::new(
                StatusCode::UNAUTHORIZED,
                "AuthenticationFailed",
                "Authentication failed. The 'Authorization' header is missing.",
            )
            .challenged(&invalid_token(
                origin,
                "The authentication failed because of missing 'Authorization' header.",
            ));
        }
        NotABearer::Unsigned(_) | NotABearer::UnknownTenant | NotABearer::WrongIssuer => {
            ("InvalidAuthenticationToken", "The access token is invalid.".to_owned())
        }
        NotABearer::WrongAudience(audience) => (
            "InvalidAuthenticationTokenAudience",
            format!(
                "The access token has been obtained for wrong audience or resource '{audience}'. It should exactly \
                 match with one of the allowed audiences 'https://management.core.windows.net/',\
                 'https://management.core.windows.net','https://management.azure.com/','https://management.azure.com'."
            ),
        ),
        NotABearer::OutsideLifetime { exp, now } => (
            "ExpiredAuthenticationToken",
            format!(
                "The access token expiry UTC time '{}' is earlier than current UTC time '{}'.",
                american(*exp),
                american(*now)
            ),
        ),
    };
    let challenge = invalid_token(origin, &message);
    ArmError::new(StatusCode::UNAUTHORIZED, code, message).challenged(&challenge)
}

fn invalid_token(origin: &str, description: &str) -> String {
    format!(r#"Bearer authorization_uri="{origin}/", error="invalid_token", error_description="{description}""#)
}

/// As in `8/21/2018 3:22:00 PM`.
fn american(at: WallTime) -> String {
    let format = format_description!(
        "[month padding:none]/[day padding:none]/[year] [hour repr:12 padding:none]:[minute]:[second] [period]"
    );
    let moment = OffsetDateTime::from_unix_timestamp(at.unix_seconds()).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    moment.format(format).unwrap_or_default()
}
