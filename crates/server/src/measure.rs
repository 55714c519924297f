//! For `benches/`: the database's part of a sign-in by itself, which nobody can tell apart from outside.

use std::net::IpAddr;
use std::sync::Arc;

use anyhow::Context;
use ropeway_core::directory::Tenant;
use ropeway_core::error::render::EndpointVersion;
use ropeway_core::ids::{AppId, TenantId};
use ropeway_core::oauth::form::Form;
use ropeway_core::oauth::token::GrantType;

use crate::app::App;
use crate::facts::{self, Whose};
use crate::outcome::Stopped;
use crate::record::Draft;
use crate::token::Call;

/// What a password sign-in reads: the directory's version when the request comes in, and the user's facts. `false`: there
/// is no such user.
///
/// # Errors
/// There is no such tenant or client, or the store failed.
pub fn read(app: &App, tenant: TenantId, client: AppId, sign_in_name: &str) -> anyhow::Result<bool> {
    let snapshot = app.snapshot().map_err(failed)?;
    let tenant = snapshot.tenant(tenant).context("no such tenant")?;
    let client = tenant.application(client).context("no such client")?;
    let loaded = app.store.read(|reads| {
        reads.directory_version()?;
        let unhashed = |tenant, user| app.passwords.knows_plain(tenant, user);
        facts::load_user(reads, &snapshot, tenant, client, Whose::SignInName(sign_in_name), unhashed)
    })?;
    Ok(loaded.user.is_some())
}

/// What a granted password sign-in writes: its row of the sign-in log.
///
/// # Errors
/// The store failed.
pub async fn write(app: &App, tenant: &Arc<Tenant>, client: AppId, sign_in_name: &str) -> anyhow::Result<()> {
    let call = Call {
        moment: app.source.moment(IpAddr::from([127, 0, 0, 1]))?,
        correlation_id: app.source.id()?,
        origin: String::new(),
        version: EndpointVersion::V2,
        tenant_segment: String::new(),
        authorization: None,
        page_origin: None,
        form: Form::default(),
    };
    let mut draft = Draft::new(&call);
    draft.tenant = Some(Arc::clone(tenant));
    draft.asked_by = GrantType::Password.name();
    draft.client = Some(client);
    draft.user_principal_name = sign_in_name.to_owned();
    draft.record(app).await.map_err(failed)
}

fn failed(stopped: Stopped) -> anyhow::Error {
    anyhow::anyhow!("{stopped:?}")
}
