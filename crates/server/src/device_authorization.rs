//! The device code endpoint (RFC 8628 §3.1): a device without a browser asks for a code that a person types elsewhere.

use anyhow::anyhow;
use ropeway_core::error::render::EndpointVersion;
use ropeway_core::secret::Secret;
use ropeway_core::token::{DEVICE_CODE_LIFETIME_SECONDS, DEVICE_POLL_SECONDS, DeviceCode, UserCode};
use ropeway_store::Kept;
use serde_json::{Value, json};
use url::form_urlencoded::Serializer;

use crate::app::App;
use crate::authorize::{Asked, NotAsked, Purpose};
use crate::browser;
use crate::outcome::Stopped;
use crate::record::Draft;
use crate::token::Call;

/// Answers a device: with a code to poll with and one to show. Who the client is, is proved when it polls.
pub(crate) async fn begin(app: &App, call: &Call) -> Result<Value, Stopped> {
    let key = browser::new_key(&app.source)?;
    let hash = browser::hash(key.expose());
    let asked = match Asked::read(app, call.clone(), Purpose::Device { hash, ip: call.moment.ip, asked_in: None }) {
        Ok(asked) => asked,
        Err(NotAsked::OnPage(denial) | NotAsked::Reply(_, denial)) => {
            Draft::new(call).tell_of(&denial);
            return Err(denial.into());
        }
        Err(NotAsked::Stopped(stopped)) => return Err(stopped),
    };
    let code = DeviceCode {
        client: asked.client,
        tenant: asked.tenant.id,
        segment: call.tenant_segment.clone(),
        v1: call.version == EndpointVersion::V1,
        parameters: parameters(call),
        ip: call.moment.ip,
    };
    let expires = call.moment.in_tenant(&asked.tenant).plus_seconds(DEVICE_CODE_LIFETIME_SECONDS);
    loop {
        let user_code = UserCode::of(app.source.random()?);
        let (shown, code) = (user_code.clone(), code.clone());
        match app.store.write(move |tx| tx.put_device(&hash, &user_code, &code, expires)).await? {
            Kept::Yes => return Ok(answer(call, &key, &shown)),
            Kept::Taken => {}
            Kept::Full => return Err(Stopped::Unavailable(anyhow!("too many devices wait for a person"))),
        }
    }
}

/// What the sign-in will be asked for.
fn parameters(call: &Call) -> String {
    let mut kept = Serializer::new(String::new());
    for name in ["client_id", "scope", "resource", "claims"] {
        if let Some(value) = call.form.first(name) {
            kept.append_pair(name, value);
        }
    }
    kept.finish()
}

/// The members in the captured order. v1.0 has `verification_url`, and strings for numbers (inferred).
fn answer(call: &Call, device_code: &Secret, user_code: &UserCode) -> Value {
    let page = format!("{}/devicelogin", call.origin);
    let message = format!(
        "To sign in, use a web browser to open the page {page} and enter the code {user_code} to authenticate."
    );
    let (device_code, user_code) = (device_code.expose(), user_code.as_str());
    match call.version {
        EndpointVersion::V2 => json!({
            "user_code": user_code,
            "device_code": device_code,
            "verification_uri": page,
            "expires_in": DEVICE_CODE_LIFETIME_SECONDS,
            "interval": DEVICE_POLL_SECONDS,
            "message": message,
        }),
        EndpointVersion::V1 => json!({
            "user_code": user_code,
            "device_code": device_code,
            "verification_url": page,
            "expires_in": DEVICE_CODE_LIFETIME_SECONDS.to_string(),
            "interval": DEVICE_POLL_SECONDS.to_string(),
            "message": message,
        }),
    }
}
