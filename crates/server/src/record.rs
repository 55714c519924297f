//! Step *record*: one transaction that settles what the request opened and writes its row of the sign-in log.

use std::sync::Arc;

use ropeway_core::directory::{SmartLockout, Tenant};
use ropeway_core::error::Denial;
use ropeway_core::ids::{AppId, ObjectId};
use ropeway_core::oauth::token::GrantType;
use ropeway_core::policy::conditional_access::AppliedPolicy;
use ropeway_core::signin::{Ruling, Trace};
use ropeway_core::time::TenantTime;
use ropeway_store::{AttemptId, Outcome, SignIn};
use serde_json::json;

use crate::app::App;
use crate::moment::Moment;
use crate::outcome::Stopped;
use crate::token::Call;

/// What a request has come to so far. It is filled step by step, so that a refusal at any step is recorded with what was
/// known then.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) tenant: Option<Arc<Tenant>>,
    pub(crate) grant: Option<GrantType>,
    pub(crate) client: Option<AppId>,
    pub(crate) resource: Option<AppId>,
    pub(crate) user: Option<ObjectId>,
    pub(crate) user_principal_name: String,
    pub(crate) attempt: Option<OpenAttempt>,
    /// What the person could do about a refusal, on the platform's page.
    pub(crate) remedy: Option<&'static str>,
    moment: Moment,
    correlation_id: uuid::Uuid,
    error_code: u32,
    trace: Trace,
    policies: Vec<AppliedPolicy>,
}

/// A password attempt that was taken and is to be settled.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OpenAttempt {
    pub(crate) id: AttemptId,
    pub(crate) outcome: Outcome,
    /// The home tenant's time.
    pub(crate) now: TenantTime,
    pub(crate) settings: SmartLockout,
}

impl Draft {
    pub(crate) fn new(call: &Call) -> Self {
        Self {
            tenant: None,
            grant: None,
            client: None,
            resource: None,
            user: None,
            user_principal_name: String::new(),
            attempt: None,
            remedy: None,
            moment: call.moment,
            correlation_id: call.correlation_id,
            error_code: 0,
            trace: Trace::default(),
            policies: Vec::new(),
        }
    }

    /// Keeps how the decision came about.
    pub(crate) fn ruled(&mut self, ruling: &Ruling) {
        self.trace = ruling.trace.clone();
        self.policies = ruling.policies.clone();
    }

    /// The request was granted.
    pub(crate) fn granted(&self) {
        tracing::debug!(
            signin.id = %self.moment.trace_id,
            "granted {} to {}",
            self.grant.map_or("a token", GrantType::name),
            self.user_principal_name
        );
    }

    /// The request is refused.
    pub(crate) fn refused(&mut self, denial: &Denial) {
        self.error_code = denial.code();
    }

    /// Says once why, in one line that can be read alone.
    pub(crate) fn tell_of(&self, denial: &Denial) {
        let row = denial.row();
        let rule =
            self.trace.stopped_by().map_or_else(String::new, |entry| format!(" ({}: {})", entry.rule, entry.saw));
        let who =
            if self.user_principal_name.is_empty() { String::new() } else { format!(" {}", self.user_principal_name) };
        tracing::info!(
            signin.id = %self.moment.trace_id,
            app.id = self.client.map(tracing::field::display),
            "refused{who} AADSTS{} {}{rule}; {}",
            row.code,
            row.name,
            self.remedy.unwrap_or(row.remedy),
        );
    }

    /// Settles and writes, in one transaction; returns when it is committed. A request that named no tenant leaves no row.
    pub(crate) async fn record(&mut self, app: &App) -> Result<(), Stopped> {
        let row = self.tenant.as_ref().map(|tenant| Arc::new(self.row(tenant)));
        let to_tell = row.clone();
        let attempt = self.attempt.take();
        if row.is_none() && attempt.is_none() {
            return Ok(());
        }
        let written = app
            .store
            .write(move |tx| {
                if let Some(attempt) = attempt {
                    tx.settle_attempt(attempt.id, attempt.outcome, attempt.now, attempt.settings)?;
                }
                row.map_or(Ok(()), |row| tx.record_sign_in(&row))
            })
            .await;
        app.waiting.settle();
        if let Err(error) = written {
            // What was found out about the password is not recorded, so it does not count.
            self.attempt = attempt;
            self.abandon(app).await;
            return Err(error.into());
        }
        if let Some(row) = to_tell {
            // Nobody listens, most of the time.
            drop(app.sign_ins_now.send(row));
        }
        Ok(())
    }

    /// Gives back what the request opened: it was not judged, because we broke.
    pub(crate) async fn abandon(&mut self, app: &App) {
        let Some(attempt) = self.attempt.take() else { return };
        let given_back = app
            .store
            .write(move |tx| tx.settle_attempt(attempt.id, Outcome::Abandoned, attempt.now, attempt.settings))
            .await;
        if let Err(error) = given_back {
            // It counts as one failure after 30 seconds, the safe side.
            tracing::warn!("an open password attempt could not be given back: {error}");
        }
        app.waiting.settle();
    }

    fn row(&self, tenant: &Tenant) -> SignIn {
        SignIn {
            id: self.moment.trace_id,
            tenant: tenant.id,
            at: self.moment.in_tenant(tenant),
            user: self.user,
            user_principal_name: self.user_principal_name.clone(),
            app: self.client,
            resource: self.resource,
            ip: Some(self.moment.ip),
            grant: self.grant.map_or("", GrantType::name).to_owned(),
            error_code: self.error_code,
            detail: json!({
                "correlationId": self.correlation_id,
                "trace": self.trace,
                "appliedConditionalAccessPolicies": self.policies,
            }),
        }
    }
}
