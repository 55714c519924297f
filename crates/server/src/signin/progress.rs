//! Where a sign-in on the page stands: a row that one browser holds the key to.

use ropeway_core::error::Denial;
use ropeway_core::error::render::EndpointVersion;
use ropeway_core::ids::{ObjectId, TenantId};
use ropeway_core::oauth::form::Form;
use ropeway_core::secret::Secret;
use ropeway_core::time::TenantTime;
use ropeway_store::Transaction;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::accounts;
use super::stand::Visit;
use super::view;
use crate::app::App;
use crate::authorize::{Asked, NotAsked, Purpose, Reaction};
use crate::browser::{self, Browser, SetCookies};
use crate::moment::Moment;
use crate::outcome::Stopped;
use crate::token::Call;

/// What the sign-in has come to.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Progress {
    /// The authorization request as it was sent.
    parameters: String,
    segment: String,
    v1: bool,
    #[serde(default)]
    purpose: Purpose,
    correlation_id: Uuid,
    /// The name that was typed.
    pub(super) name: Option<String>,
    /// The account of this browser that was chosen.
    pub(super) session: Option<Uuid>,
    /// The person wants none of the browser's accounts.
    pub(super) another: bool,
    /// Whose credentials were proved here.
    pub(super) proved: Option<(TenantId, ObjectId)>,
    pub(super) password_at: Option<TenantTime>,
    pub(super) second_factor_at: Option<TenantTime>,
    /// The secret that the person is enrolling, in base32.
    pub(super) enrolling: Option<String>,
    pub(super) consented: bool,
    /// The person knows the device that they sign in for.
    #[serde(default)]
    pub(super) confirmed: bool,
    pub(super) stay: Option<bool>,
    /// What the next page says above its fields.
    pub(super) notice: Option<Notice>,
}

/// Something that went wrong and can be tried again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Notice {
    /// The AADSTS number; 0 where Entra has none.
    pub(crate) code: u32,
    /// In words for a person.
    pub(crate) text: String,
}

impl Progress {
    pub(super) fn of(call: &Call, purpose: Purpose, parameters: &str) -> Self {
        Self {
            parameters: parameters.to_owned(),
            segment: call.tenant_segment.clone(),
            v1: call.version == EndpointVersion::V1,
            purpose,
            correlation_id: call.correlation_id,
            ..Self::default()
        }
    }

    /// Somebody else is to sign in.
    pub(super) fn restart(&mut self) {
        *self = Self {
            parameters: std::mem::take(&mut self.parameters),
            segment: std::mem::take(&mut self.segment),
            v1: self.v1,
            purpose: self.purpose,
            correlation_id: self.correlation_id,
            another: true,
            ..Self::default()
        };
    }

    pub(super) fn transaction(&self, asked: &Asked, browser_hash: [u8; 32]) -> Result<Transaction, Stopped> {
        let expires = asked.call.moment.in_tenant(&asked.tenant).plus_seconds(LIFETIME_SECONDS);
        Ok(Transaction { tenant: asked.tenant.id, browser_hash, version: 0, expires, document: self.document()? })
    }

    pub(super) fn document(&self) -> Result<String, Stopped> {
        serde_json::to_string(self).map_err(|error| Stopped::Broken(error.into()))
    }

    /// The authorization request as if it came now.
    fn call(&self, moment: &Moment, origin: &str) -> Result<Call, Denial> {
        Ok(Call {
            moment: *moment,
            correlation_id: self.correlation_id,
            origin: origin.to_owned(),
            version: if self.v1 { EndpointVersion::V1 } else { EndpointVersion::V2 },
            tenant_segment: self.segment.clone(),
            authorization: None,
            page_origin: None,
            form: Form::parse(self.parameters.as_bytes())?,
        })
    }
}

/// A transaction that this browser may go on with.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) key: Secret,
    pub(super) version: u32,
    pub(super) visit: Visit,
}

impl Opened {
    /// Finds it. One that is over, or another browser's, is a page that says so (AADSTS50089).
    pub(super) fn find(
        app: &App,
        moment: &Moment,
        origin: &str,
        browser: &Browser,
        key: &str,
    ) -> Result<Result<Self, Box<Reaction>>, Stopped> {
        let hash = browser::hash(key);
        let over = |call: Option<&Call>| Ok(Err(Box::new(view::over(call, moment, origin))));
        let Some(found) = app.store.read(|reads| reads.transaction(&hash))? else { return over(None) };
        let progress: Progress =
            serde_json::from_str(&found.document).map_err(|error| Stopped::Broken(error.into()))?;
        let call = progress.call(moment, origin)?;
        let expired =
            app.snapshot()?.tenant(found.tenant).is_none_or(|tenant| moment.in_tenant(tenant) >= found.expires);
        if expired || browser.context_hash() != Some(found.browser_hash) {
            return over(Some(&call));
        }
        let asked = match Asked::read(app, call.clone(), progress.purpose) {
            Ok(asked) => asked,
            Err(NotAsked::OnPage(denial)) => {
                return Ok(Err(Box::new(view::refusal(&call, &denial, SetCookies::default()))));
            }
            Err(NotAsked::Reply(reply, denial)) => {
                return Ok(Err(Box::new(view::told(&call, *reply, &denial, SetCookies::default()))));
            }
            Err(NotAsked::Stopped(stopped)) => return Err(stopped),
        };
        let accounts = accounts::signed_in(app, moment, browser)?;
        let visit = Visit { asked, progress, accounts }.placed();
        Ok(Ok(Self { key: Secret::new(key), version: found.version, visit }))
    }

    pub(super) fn hash(&self) -> [u8; 32] {
        browser::hash(self.key.expose())
    }
}

/// A page that is left open longer is started again.
const LIFETIME_SECONDS: i64 = 1_800;
