//! `grant_type=urn:ietf:params:oauth:grant-type:device_code` (RFC 8628 §3.4): a device asks whether its person has answered.

use ropeway_core::client_auth::ClientProof;
use ropeway_core::error::Denial;
use ropeway_core::oauth::tenant_segment::TenantSegment;
use ropeway_core::oauth::token::DeviceCodeRequest;
use ropeway_core::token::DeviceAnswer;

use crate::app::App;
use crate::browser;
use crate::grants::redemption::{Asker, Redeemed};
use crate::issue::Approved;
use crate::outcome::Stopped;
use crate::record::{Draft, Redemption};
use crate::token::{Call, Request};

/// Takes the request to its decision. That the code is redeemed once is the database's verdict, when the redemption is
/// recorded; a second redemption is AADSTS54005 as an authorization code's is (inferred).
pub(crate) async fn decide(app: &App, call: &Call, request: Request, draft: &mut Draft) -> Result<Approved, Stopped> {
    let credential = call.credential()?;
    let DeviceCodeRequest { device_code, target } = DeviceCodeRequest::read(&call.form, call.version)?;
    let hash = browser::hash(device_code.expose());
    let found = app.store.read(|reads| reads.device(&hash))?;

    let tenant = match (&request.segment, found.as_ref().map(|found| (&found.answer, &found.code))) {
        (TenantSegment::Id(_) | TenantSegment::Domain(_), _) => request.tenant(None)?,
        (_, Some((DeviceAnswer::Approved(authorization), _))) => {
            request.snapshot.tenant(authorization.tenant).cloned().ok_or_else(|| Denial::new(50059))?
        }
        (_, Some((_, code))) => request.snapshot.tenant(code.tenant).cloned().ok_or_else(|| Denial::new(50059))?,
        (_, None) => return Err(Denial::new(70018).into()),
    };
    draft.tenant = Some(tenant.clone());
    let (client, client_proof) = request.client(app, call, &tenant, &credential, false, draft).await?;
    let waiting = found.ok_or_else(|| Denial::new(70018))?;
    if waiting.code.client != client.app_id {
        return Err(Denial::new(700007).into());
    }
    let signed_in_to = match &waiting.answer {
        DeviceAnswer::Approved(authorization) => authorization.tenant,
        DeviceAnswer::Pending | DeviceAnswer::Declined => waiting.code.tenant,
    };
    request.redeems_where_asked(&waiting.code.segment, signed_in_to)?;
    // It expires in the time of the tenant that it was asked in, which an alias leaves open.
    let asked_in = request.snapshot.tenant(waiting.code.tenant).unwrap_or(&tenant);
    if call.moment.in_tenant(asked_in) >= waiting.expires {
        return Err(Denial::new(70020).into());
    }
    let authorization = match waiting.answer {
        DeviceAnswer::Approved(authorization) => authorization,
        // Which number Entra says here is not published (inferred).
        DeviceAnswer::Declined => return Err(Denial::new(70018).with_error("authorization_declined").into()),
        DeviceAnswer::Pending if app.device_pace.polls_too_fast(hash, call.moment.in_tenant(asked_in)) => {
            return Err(Denial::new(70016).with_error("slow_down").into());
        }
        DeviceAnswer::Pending => return Err(Denial::new(70016).into()),
    };

    let redeemed = Redeemed {
        redemption: Redemption {
            hash,
            ends_in: asked_in.id,
            now: call.moment.in_tenant(asked_in),
            expires: waiting.expires,
            authorization: authorization.id,
        },
        authorization,
        confidential: client_proof != ClientProof::None,
        single_page: false,
    };
    redeemed.conclude(app, call, &request, Asker { tenant: &tenant, client, client_proof }, &target, draft)
}
