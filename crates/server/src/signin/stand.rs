//! The question a sign-in on the page asks, again and again: what comes next?

use ropeway_core::directory::ClientAppType;
use ropeway_core::error::Denial;
use ropeway_core::oauth::domain_hint::DomainHint;
use ropeway_core::oauth::scope::ResolvedScopes;
use ropeway_core::policy::consent::{self, Consent, Consenter};
use ropeway_core::signin::{
    self, Decision, Facts, Next, PageProofs, Partner, PasswordProof, Place, Proofs, Ruling, Standing, Step, next,
};

use super::accounts::Account;
use super::progress::Progress;
use crate::app::App;
use crate::authorize::{Asked as Request, Purpose};
use crate::facts::{Asked, LoadedUser, Whose};
use crate::outcome::Stopped;
use crate::sign_in;

/// A sign-in on the page with everything that is known of it.
#[derive(Debug)]
pub(crate) struct Visit {
    pub(super) asked: Request,
    pub(super) progress: Progress,
    pub(super) accounts: Vec<Account>,
}

/// What comes next, and whose sign-in it is by now.
#[derive(Debug)]
pub(super) struct Stand {
    pub(super) next: Next,
    pub(super) user: Option<LoadedUser>,
    pub(super) ruling: Option<Ruling>,
}

impl Visit {
    /// The same sign-in in the tenant of whoever is signing in, where the path named none.
    pub(super) fn placed(mut self) -> Self {
        let name = self.chosen().map(|account| account.sign_in_name.clone()).or_else(|| self.progress.name.clone());
        if let Some(name) = name {
            self.asked = self.asked.in_tenant_of(&name);
        }
        self
    }

    /// Steps *load* and *decide*, and what follows from them for the page.
    pub(super) fn stand(&self, app: &App) -> Result<Stand, Stopped> {
        let user = self.load(app)?;
        let mut ruling = None;
        let standing = Standing {
            prompt: self.asked.request.prompt,
            named: user.is_some(),
            accounts: if self.progress.another { 0 } else { self.offered().count() },
            at_partner: self.at_partner(),
            typed: self.progress.proved.is_some(),
            consented: self.progress.consented,
            stay_answered: self.progress.stay.is_some() || self.is_for_a_device(),
            unconfirmed: self.is_for_a_device() && !self.progress.confirmed,
        };
        let decided = match &user {
            Some(user) => {
                let ruled = self.with_facts(user, signin::decide)?;
                let decision = self.consent_to_the_rest(user, ruled.decision.clone())?;
                let decision = self.by_an_administrator(user, decision);
                ruling = Some(ruled);
                Some(decision)
            }
            None => None,
        };
        let next = next(&standing, || decided.unwrap_or_else(|| Decision::Deny(Denial::new(50058))));
        Ok(Stand { next, user, ruling })
    }

    fn is_for_a_device(&self) -> bool {
        matches!(self.asked.purpose, Purpose::Device { .. })
    }

    fn load(&self, app: &App) -> Result<Option<LoadedUser>, Stopped> {
        let whose = match (self.chosen(), &self.progress.name) {
            (Some(account), _) => Whose::HomeObject(account.session.home_tenant, account.session.user),
            (None, Some(name)) => Whose::SignInName(name),
            (None, None) => return Ok(None),
        };
        let mut draft = super::draft(&self.asked);
        sign_in::load(app, &self.asked.snapshot, &self.asked.tenant, self.asked.client()?, whose, &mut draft).map(Some)
    }

    /// The account of this browser that was chosen.
    pub(super) fn chosen(&self) -> Option<&Account> {
        let session = self.progress.session?;
        self.accounts.iter().find(|account| account.session.id == session)
    }

    /// The accounts of this browser that the application may mean.
    pub(super) fn offered(&self) -> impl Iterator<Item = &Account> {
        self.accounts.iter().filter(|account| self.asked.may_mean(account.session.home_tenant))
    }

    /// Where the application's hint sends a person whom nobody named yet. In Entra nothing leads back from there; here,
    /// where that service is not reached, whoever wants another account is asked for its name.
    fn at_partner(&self) -> Option<Partner> {
        match self.asked.hint {
            _ if self.progress.another => None,
            Some(DomainHint::Consumers) => Some(Partner::MicrosoftAccount),
            Some(DomainHint::Tenant { federated: true, .. }) => Some(Partner::FederationService),
            Some(DomainHint::Tenant { federated: false, .. } | DomainHint::Organizations) | None => None,
        }
    }

    /// Lends the facts, with what this sign-in has proved.
    pub(super) fn with_facts<T>(&self, user: &LoadedUser, ask: impl FnOnce(&Facts<'_>) -> T) -> Result<T, Stopped> {
        let resolved = self.asked.resolved()?;
        let first = resolved.first().ok_or_else(|| Denial::new(70011).with("scope", &self.asked.request.scope.raw))?;
        let as_asked = self.asked.call.tenant_as_asked(&self.asked.tenant);
        let asked = Asked {
            tenant: &self.asked.tenant,
            as_asked: &as_asked,
            client: self.asked.client()?,
            scopes: first,
            claims: &self.asked.request.claims,
        };
        let client_app_type = match self.is_for_a_device() {
            true => ClientAppType::MobileAppsAndDesktopClients,
            false => ClientAppType::Browser,
        };
        let place = Place { ip: self.asked.call.moment.ip, client_app_type };
        Ok(ask(&user.facts(asked, Proofs::Page(self.proofs(user)), place, &self.asked.call.moment)))
    }

    /// What was proved here counts for the account that it was proved of, and for no other.
    fn proofs(&self, user: &LoadedUser) -> PageProofs {
        let proved =
            user.home.as_ref().is_some_and(|home| self.progress.proved == Some((home.tenant.id, home.user.id)));
        let password = match self.progress.password_at {
            Some(_) if proved => PasswordProof::Right,
            _ => PasswordProof::Unchecked,
        };
        PageProofs {
            password,
            session: self.chosen().map(|account| account.session.proofs),
            second_factor_at: self.progress.second_factor_at.filter(|_| proved),
        }
    }

    /// An authorization request may name several resources: consent is asked for all of them.
    fn consent_to_the_rest(&self, user: &LoadedUser, decision: Decision) -> Result<Decision, Stopped> {
        if !matches!(decision, Decision::Grant(_)) {
            return Ok(decision);
        }
        let resolved = self.asked.resolved()?;
        for asked in resolved.iter().skip(1) {
            if let Some(step) = self.missing(user, asked)? {
                return Ok(Decision::Interrupt(step));
            }
        }
        Ok(decision)
    }

    /// For everybody only an administrator consents, whatever there is to consent to.
    fn by_an_administrator(&self, user: &LoadedUser, decision: Decision) -> Decision {
        let about_consent = matches!(
            decision,
            Decision::Grant(_) | Decision::Interrupt(Step::Consent { .. } | Step::AdminConsent { .. })
        );
        let for_all = self.asked.purpose == Purpose::AdminConsent;
        if for_all && about_consent && !consent::is_administrator(&user.roles) {
            return Decision::Interrupt(Step::AdminConsent { scopes: Vec::new() });
        }
        decision
    }

    fn missing(&self, user: &LoadedUser, asked: &ResolvedScopes<'_>) -> Result<Option<Step>, Stopped> {
        let consenter = Consenter::of(&self.asked.tenant, &user.roles);
        Ok(match consent::evaluate(self.asked.client()?, asked, user.grants(), consenter) {
            Consent::Given(_) => None,
            Consent::Missing(scopes) => Some(Step::Consent { scopes }),
            Consent::MissingForAdmin(scopes) => Some(Step::AdminConsent { scopes }),
        })
    }
}
