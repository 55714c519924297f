//! `ropeway token --flow device-code`: a person signs in elsewhere, and this waits (RFC 8628).

use std::time::Duration;

use anyhow::{Context, anyhow};
use ropeway_server::serving::ready::Ready;
use serde_json::Value;

use super::token::ask;
use crate::failure::Failure;
use crate::output;

/// As Entra and RFC 8628 spell it.
pub(super) const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// Shows the code on stderr and polls, at the pace that the server asks for, until the person has answered. `form` is the
/// request for the token but for the device's code.
pub(super) async fn run(
    server: &Ready,
    tenant: &str,
    mut form: Vec<(&'static str, String)>,
) -> Result<(u16, String), Failure> {
    let url = format!("{}/{tenant}/oauth2/v2.0", server.origin);
    let asked: Vec<_> = form.iter().filter(|(name, _)| ["client_id", "scope"].contains(name)).cloned().collect();
    let (status, body) = ask(server, &format!("{url}/devicecode"), &asked).await?;
    if status != 200 {
        return Ok((status, body));
    }
    let answer: Value = serde_json::from_str(&body).context("the device code endpoint answered no JSON")?;
    let (Some(message), Some(device_code)) = (answer["message"].as_str(), answer["device_code"].as_str()) else {
        return Err(Failure::refusal(anyhow!("the device code endpoint gave no code: {body}")));
    };
    output::tell(&format!("{message}\n"));
    let mut pause = Duration::from_secs(answer["interval"].as_u64().unwrap_or(5));
    form.push(("device_code", device_code.to_owned()));
    loop {
        tokio::time::sleep(pause).await;
        let (status, body) = ask(server, &format!("{url}/token"), &form).await?;
        let error =
            serde_json::from_str::<Value>(&body).ok().and_then(|body| body["error"].as_str().map(str::to_owned));
        match error.as_deref() {
            Some("authorization_pending") => {}
            // RFC 8628 §3.5.
            Some("slow_down") => pause += Duration::from_secs(5),
            _ => return Ok((status, body)),
        }
    }
}
