//! Step *record*: one transaction that settles what the request opened and writes its row of the sign-in log.

use std::sync::Arc;

use ropeway_core::directory::{SmartLockout, Tenant};
use ropeway_core::error::Denial;
use ropeway_core::ids::{AppId, ObjectId, TenantId};
use ropeway_core::policy::conditional_access::AppliedPolicy;
use ropeway_core::policy::refresh_lifetime;
use ropeway_core::signin::{Ruling, Trace};
use ropeway_core::time::TenantTime;
use ropeway_store::{AttemptId, Detail, Outcome, SignIn, StoreError, Tx};
use serde::Serialize;
use uuid::Uuid;

use crate::app::App;
use crate::facts::LoadedUser;
use crate::moment::Moment;
use crate::outcome::Stopped;
use crate::token::Call;

/// What a request has come to so far. It is filled step by step, so that a refusal at any step is recorded with what was
/// known then.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) tenant: Option<Arc<Tenant>>,
    /// The grant, or the endpoint that has none.
    pub(crate) asked_by: &'static str,
    pub(crate) client: Option<AppId>,
    pub(crate) resource: Option<AppId>,
    pub(crate) user: Option<ObjectId>,
    pub(crate) user_principal_name: String,
    pub(crate) attempt: Option<OpenAttempt>,
    /// What the request uses up if it is granted.
    pub(crate) redeems: Option<Redemption>,
    /// What the person could do about a refusal, on the platform's page.
    pub(crate) remedy: Option<&'static str>,
    moment: Moment,
    correlation_id: Uuid,
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

/// A code that a request would redeem.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Redemption {
    pub(crate) hash: [u8; 32],
    /// The tenant in whose time it ends, which need not be the one that gives the tokens.
    pub(crate) ends_in: TenantId,
    /// What time it is there.
    pub(crate) now: TenantTime,
    pub(crate) expires: TenantTime,
    pub(crate) authorization: Uuid,
}

/// What explains the outcome in the log.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Explanation<'a> {
    correlation_id: Uuid,
    trace: &'a Trace,
    applied_conditional_access_policies: &'a [AppliedPolicy],
}

impl Draft {
    pub(crate) fn new(call: &Call) -> Self {
        Self {
            tenant: None,
            asked_by: "",
            client: None,
            resource: None,
            user: None,
            user_principal_name: String::new(),
            attempt: None,
            redeems: None,
            remedy: None,
            moment: call.moment,
            correlation_id: call.correlation_id,
            error_code: 0,
            trace: Trace::default(),
            policies: Vec::new(),
        }
    }

    /// Keeps whose sign-in it is.
    pub(crate) fn is_of(&mut self, user: &LoadedUser) {
        self.user = user.user.as_ref().map(|user| user.id);
        self.user_principal_name.clone_from(&user.sign_in_name);
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
            self.asked_by,
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
    ///
    /// A code that another request redeemed first turns the grant into AADSTS54005, and ends what came of the first
    /// redemption (RFC 6749 §4.1.2).
    pub(crate) async fn record(&mut self, app: &App) -> Result<(), Stopped> {
        let row = self.tenant.as_ref().map(|tenant| self.row(tenant)).transpose()?;
        let attempt = self.attempt.take();
        let redeems = self.redeems.take().filter(|_| self.error_code == 0);
        if row.is_none() && attempt.is_none() {
            return Ok(());
        }
        let row = match row {
            Some(row) if attempt.is_none() && redeems.is_none() => {
                let row = Arc::new(row);
                app.store.record_sign_in(Arc::clone(&row)).await?;
                // Nobody listens, most of the time.
                drop(app.sign_ins_now.send(row));
                return Ok(());
            }
            row => row,
        };
        let of_tenant = self.tenant.as_ref().map(|tenant| (tenant.id, self.moment.in_tenant(tenant)));
        let written = app
            .store
            .write(move |tx| {
                if let Some(attempt) = attempt {
                    tx.settle_attempt(attempt.id, attempt.outcome, attempt.now, attempt.settings)?;
                }
                let first = match (redeems, of_tenant) {
                    (Some(code), Some((tenant, now))) => code.redeem(tx, tenant, now)?,
                    _ => true,
                };
                let Some(mut row) = row else { return Ok((first, None)) };
                if !first {
                    row.error_code = ALREADY_REDEEMED;
                }
                tx.record_sign_in(&row)?;
                Ok((first, Some(row)))
            })
            .await;
        app.waiting.settle();
        let (first, row) = match written {
            Ok(written) => written,
            Err(error) => {
                // What was found out about the password is not recorded, so it does not count.
                self.attempt = attempt;
                self.abandon(app).await;
                return Err(error.into());
            }
        };
        if let Some(row) = row {
            // Nobody listens, most of the time.
            drop(app.sign_ins_now.send(Arc::new(row)));
        }
        if first {
            return Ok(());
        }
        let denial = Denial::new(54005);
        self.refused(&denial);
        Err(denial.into())
    }

    /// Settles the attempt alone: a page goes on, and its row of the log comes with its end.
    pub(crate) async fn settle(&mut self, app: &App) -> Result<(), Stopped> {
        match self.attempt.take() {
            Some(attempt) => attempt.settle(app).await,
            None => Ok(()),
        }
    }

    /// Gives back what the request opened: it was not judged, because we broke.
    pub(crate) async fn abandon(&mut self, app: &App) {
        let Some(attempt) = self.attempt.take() else { return };
        let given_back = app.store.write(move |tx| attempt.give_back(tx)).await;
        if let Err(error) = given_back {
            // It counts as one failure after 30 seconds, the safe side.
            tracing::warn!("an open password attempt could not be given back: {error}");
        }
        app.waiting.settle();
    }

    pub(crate) fn row(&self, tenant: &Tenant) -> Result<SignIn, StoreError> {
        Ok(SignIn {
            id: self.moment.trace_id,
            tenant: tenant.id,
            at: self.moment.in_tenant(tenant),
            user: self.user,
            user_principal_name: self.user_principal_name.clone(),
            app: self.client,
            resource: self.resource,
            ip: Some(self.moment.ip),
            grant: self.asked_by.to_owned(),
            error_code: self.error_code,
            detail: Detail::of(&Explanation {
                correlation_id: self.correlation_id,
                trace: &self.trace,
                applied_conditional_access_policies: &self.policies,
            })?,
        })
    }
}

impl OpenAttempt {
    /// Settles it as it came out.
    pub(crate) async fn settle(self, app: &App) -> Result<(), Stopped> {
        let settled =
            app.store.write(move |tx| tx.settle_attempt(self.id, self.outcome, self.now, self.settings)).await;
        app.waiting.settle();
        settled?;
        Ok(())
    }

    /// Closes the attempt without counting it: it was not judged.
    pub(crate) fn give_back(&self, tx: &Tx<'_>) -> Result<(), StoreError> {
        tx.settle_attempt(self.id, Outcome::Abandoned, self.now, self.settings)?;
        Ok(())
    }
}

impl Redemption {
    /// `true` for exactly one request. The tokens are those of `tenant`, where it is `now`.
    fn redeem(&self, tx: &Tx<'_>, tenant: TenantId, now: TenantTime) -> Result<bool, StoreError> {
        let first = tx.consume(self.ends_in, "code", &self.hash, self.expires, self.now)?;
        if !first {
            // As long as the last refresh token that could have come of it.
            let days = refresh_lifetime::INACTIVE_DAYS * 86_400;
            tx.end_authorization(tenant, self.authorization, now.plus_seconds(days))?;
        }
        Ok(first)
    }
}

const ALREADY_REDEEMED: u32 = 54005;
