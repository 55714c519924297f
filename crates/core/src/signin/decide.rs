use super::account::{Account, Home, Partner};
use super::facts::{Facts, PageProofs, PasswordProof, Proofs};
use super::step::Step;
use super::trace::Trace;
use crate::directory::{AgentState, AuthenticationContext, User};
use crate::error::Denial;
use crate::policy::conditional_access::{self, AppliedPolicy, Signals, claims_challenge, satisfied_contexts};
use crate::policy::consent::{Consent, Consenter};
use crate::policy::password_age::PasswordAge;
use crate::policy::refresh_lifetime::Lapsed;
use crate::policy::second_factor::Demand;
use crate::policy::session_lifetime::{Ended, SessionProofs};
use crate::policy::{assignment, consent, password_age, refresh_lifetime, second_factor, session_lifetime};

/// The answer to the one question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Yes, and this is what the tokens may hold.
    Grant(Granted),
    /// Only the person can clear the way, on the platform's page.
    Interrupt(Step),
    /// No.
    Deny(Denial),
}

/// What a granted sign-in's tokens may hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    /// The scope values of `scp`: all that is granted for the resource.
    pub scopes: Vec<String>,
    /// The user's roles at the resource: `roles` of the access token.
    pub resource_roles: Vec<String>,
    /// The user's roles at the client: `roles` of the id token.
    pub client_roles: Vec<String>,
    /// The authentication contexts that a token may hold unasked. Those that were asked for are granted with the rest.
    pub contexts: Vec<AuthenticationContext>,
}

/// A decision and how it came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruling {
    /// The answer.
    pub decision: Decision,
    /// The rules that were asked, in order.
    pub trace: Trace,
    /// Every Conditional Access policy's word, if it came to that.
    pub policies: Vec<AppliedPolicy>,
}

/// Answers the one question. Pure and total: the same facts always give the same answer.
///
/// The order of the rules is what a client can observe. What a policy thinks of the user is never said before the
/// password was right; which of several faults of a user is named first is inferred (facts/entra-errors.md, "Order of
/// checks").
pub fn decide(facts: &Facts<'_>) -> Ruling {
    let mut asked = Asked { trace: Trace::default(), policies: Vec::new() };
    let decision = match asked.rules(facts) {
        Ok(granted) => Decision::Grant(granted),
        Err(Stop::Deny(denial)) => Decision::Deny(denial),
        Err(Stop::Interrupt(step)) => Decision::Interrupt(step),
    };
    Ruling { decision, trace: asked.trace, policies: asked.policies }
}

enum Stop {
    Deny(Denial),
    Interrupt(Step),
}

struct Asked {
    trace: Trace,
    policies: Vec<AppliedPolicy>,
}

impl Asked {
    /// THE list: one rule after the other, the first that stops names the refusal.
    fn rules(&mut self, facts: &Facts<'_>) -> Result<Granted, Stop> {
        let (user, home) = self.account(facts)?;
        self.lockout(facts, home)?;
        match facts.proofs {
            Proofs::Password(proof) => {
                self.password(home, proof)?;
                self.password_age(home)?;
            }
            Proofs::Remembered(remembered) => self.refresh_lifetime(home, &remembered)?,
            Proofs::Page(PageProofs { password: PasswordProof::Unchecked, session: Some(session), .. }) => {
                self.session(home, &session)?;
            }
            Proofs::Page(page) => {
                self.password(home, page.password)?;
                self.password_age(home)?;
            }
        }
        self.account_enabled(user, home)?;
        let user = self.home_tenant(facts, user, home)?;
        self.assignment(facts, user)?;
        let asked_contexts = facts.claims.contexts();
        let policies_asking = self.conditional_access(facts, user, &asked_contexts)?;
        self.second_factor(facts, user, home, policies_asking)?;
        let scopes = self.consent(facts)?;
        Ok(Granted {
            scopes,
            resource_roles: assignment::role_values(facts.asked.resource, facts.assignments),
            client_roles: assignment::role_values(facts.client, facts.assignments),
            contexts: satisfied_contexts(
                facts.tenant,
                &signals(facts, user, &asked_contexts),
                facts.proofs.second_factor(),
            ),
        })
    }

    fn account<'a>(&mut self, facts: &Facts<'a>) -> Result<(Option<&'a User>, Home<'a>), Stop> {
        const RULE: &str = "account";
        match facts.account {
            Account::Unknown => {
                self.trace.stopped(
                    RULE,
                    format!("nobody in {} signs in as {}", facts.tenant.display_name, facts.sign_in_name),
                );
                Err(Stop::Deny(Denial::new(50034).with("tenant", facts.tenant_as_asked)))
            }
            Account::AtPartner { partner, .. } => {
                let provider = match partner {
                    Partner::MicrosoftAccount => "a personal Microsoft account",
                    Partner::Google => "a Google account",
                    Partner::FederationService => "an account of a federation service",
                };
                self.trace.stopped(RULE, format!("{provider}: its password is not Entra's to check"));
                Err(Stop::Interrupt(Step::AtPartner(partner)))
            }
            Account::Known { user, home } => {
                self.trace.passed(RULE, format!("{} of {}", home.user.user_principal_name, home.tenant.display_name));
                Ok((user, home))
            }
        }
    }

    fn lockout(&mut self, facts: &Facts<'_>, home: Home<'_>) -> Result<(), Stop> {
        const RULE: &str = "smart lockout";
        // A refresh token or a session proves nothing that could be guessed.
        let guessable = match facts.proofs {
            Proofs::Password(_) => true,
            Proofs::Remembered(_) => false,
            Proofs::Page(page) => page.session.is_none() || page.password != PasswordProof::Unchecked,
        };
        if !guessable {
            return Ok(());
        }
        let until = facts.locked_until.max(home.user.locked_until).filter(|until| *until > home.now);
        match until {
            Some(until) => {
                self.trace.stopped(RULE, format!("locked until {}", until.to_rfc3339()));
                Err(Stop::Deny(Denial::new(50053)))
            }
            None => {
                self.trace.passed(RULE, "not locked");
                Ok(())
            }
        }
    }

    fn password(&mut self, home: Home<'_>, proof: PasswordProof) -> Result<(), Stop> {
        const RULE: &str = "password";
        if home.is_federated() && !home.allows_cloud_password_validation() {
            self.trace.stopped(
                RULE,
                "a federated domain: the password is on premises, and no policy allows a synchronised hash",
            );
            return Err(Stop::Interrupt(Step::AtPartner(Partner::FederationService)));
        }
        if home.user.pass_through && home.tenant.settings.pass_through_agent == AgentState::Down {
            self.trace.stopped(RULE, "the pass-through authentication agent does not answer");
            return Err(Stop::Deny(Denial::new(80002)));
        }
        if !home.has_password {
            self.trace.stopped(RULE, "the directory holds no password for this user");
            return Err(Stop::Deny(Denial::new(50056)));
        }
        match proof {
            PasswordProof::Unchecked => {
                self.trace.stopped(RULE, "not checked yet");
                Err(Stop::Interrupt(Step::Password))
            }
            PasswordProof::Wrong => {
                self.trace.stopped(RULE, "wrong");
                Err(Stop::Deny(Denial::new(50126)))
            }
            PasswordProof::Right => {
                self.trace.passed(RULE, "right");
                Ok(())
            }
        }
    }

    fn password_age(&mut self, home: Home<'_>) -> Result<(), Stop> {
        const RULE: &str = "password age";
        match password_age::evaluate(home.tenant, home.user, home.now) {
            PasswordAge::Current => {
                self.trace.passed(RULE, "current");
                Ok(())
            }
            PasswordAge::Expired { days, limit } => {
                self.trace.stopped(RULE, format!("{days} days old, the domain allows {limit}"));
                Err(Stop::Interrupt(Step::NewPassword))
            }
            PasswordAge::MustChange => {
                self.trace.stopped(RULE, "must be changed at the next sign-in");
                Err(Stop::Interrupt(Step::NewPassword))
            }
        }
    }

    fn refresh_lifetime(&mut self, home: Home<'_>, remembered: &refresh_lifetime::Remembered) -> Result<(), Stop> {
        const RULE: &str = "refresh token";
        match refresh_lifetime::evaluate(remembered, home.user, home.now) {
            None => {
                self.trace.passed(RULE, format!("issued {}", remembered.issued_at.to_rfc3339()));
                Ok(())
            }
            Some(Lapsed::Revoked { issued_at, valid_from }) => {
                self.trace
                    .stopped(RULE, format!("issued {}, revoked {}", issued_at.to_rfc3339(), valid_from.to_rfc3339()));
                let denial = Denial::new(50173)
                    .with("issuedAt", issued_at.to_rfc3339())
                    .with("tokensValidFrom", valid_from.to_rfc3339());
                Err(Stop::Deny(denial))
            }
            Some(Lapsed::SinglePage { issued_at }) => {
                self.trace.stopped(RULE, "a single-page application's, and its day is over");
                let denial =
                    Denial::new(700084).with("lifetime", "1.00:00:00").with("issuedAt", issued_at.to_rfc3339());
                Err(Stop::Deny(denial))
            }
            Some(Lapsed::Inactive { issued_at, days }) => {
                self.trace.stopped(RULE, format!("issued {}, not used for {days} days", issued_at.to_rfc3339()));
                let denial = Denial::new(700082)
                    .with("issuedAt", issued_at.to_rfc3339())
                    .with("inactiveFor", format!("{days}.00:00:00"));
                Err(Stop::Deny(denial))
            }
        }
    }

    fn session(&mut self, home: Home<'_>, session: &SessionProofs) -> Result<(), Stop> {
        const RULE: &str = "session";
        let saw = match session_lifetime::evaluate(session, home.user, home.now) {
            None => {
                self.trace.passed(RULE, format!("signed in {}", session.started_at.to_rfc3339()));
                return Ok(());
            }
            Some(Ended::Idle) => "not used for too long",
            Some(Ended::Revoked) => "revoked, or the password was changed",
        };
        self.trace.stopped(RULE, saw);
        Err(Stop::Interrupt(Step::Password))
    }

    fn account_enabled(&mut self, user: Option<&User>, home: Home<'_>) -> Result<(), Stop> {
        const RULE: &str = "account enabled";
        if home.user.account_enabled && user.is_none_or(|user| user.account_enabled) {
            self.trace.passed(RULE, "enabled");
            return Ok(());
        }
        self.trace.stopped(RULE, "disabled by an administrator");
        Err(Stop::Deny(Denial::new(50057)))
    }

    fn home_tenant<'a>(&mut self, facts: &Facts<'a>, user: Option<&'a User>, home: Home<'a>) -> Result<&'a User, Stop> {
        const RULE: &str = "home tenant";
        if let Some(user) = user {
            let role = if home.tenant.id == facts.tenant.id { "member here" } else { "guest here" };
            self.trace.passed(RULE, role);
            return Ok(user);
        }
        self.trace.stopped(
            RULE,
            format!("a user of {}, not a guest in {}", home.tenant.display_name, facts.tenant.display_name),
        );
        let denial = Denial::new(50020)
            .with("homeTid", home.tenant.id)
            .with("tenantName", &facts.tenant.display_name)
            .with("appId", facts.client.app_id)
            .with("appName", &facts.client.display_name);
        Err(Stop::Deny(denial))
    }

    fn assignment(&mut self, facts: &Facts<'_>, user: &User) -> Result<(), Stop> {
        const RULE: &str = "assignment";
        let closed = [facts.client, facts.asked.resource]
            .into_iter()
            .find(|application| !assignment::satisfied(application, facts.assignments));
        let Some(application) = closed else {
            self.trace.passed(RULE, "assigned, or not required");
            return Ok(());
        };
        self.trace.stopped(RULE, format!("{} lets in assigned users only", application.display_name));
        let denial = Denial::new(50105)
            .with("appId", application.app_id)
            .with("appName", &application.display_name)
            .with("user", user.sign_in_name());
        Err(Stop::Deny(denial))
    }

    /// Returns the policies that want a second factor.
    fn conditional_access(
        &mut self,
        facts: &Facts<'_>,
        user: &User,
        contexts: &[AuthenticationContext],
    ) -> Result<Vec<crate::ids::ObjectId>, Stop> {
        const RULE: &str = "Conditional Access";
        let signals = signals(facts, user, contexts);
        let outcome = conditional_access::evaluate(facts.tenant, &signals, facts.proofs.second_factor());
        self.policies = outcome.applied;
        if !outcome.blocked_by.is_empty()
            && let Some(claims) = claims_challenge(&outcome.blocked_by, facts.claims)
        {
            let names = names_of(&self.policies, &outcome.blocked_by);
            self.trace.stopped(RULE, format!("blocked by {names}"));
            return Err(Stop::Deny(Denial::new(53003).with_claims(claims)));
        }
        let asking = names_of(&self.policies, &outcome.second_factor_for);
        let saw = if asking.is_empty() { "nothing asked".to_owned() } else { format!("{asking}: a second factor") };
        self.trace.passed(RULE, saw);
        Ok(outcome.second_factor_for)
    }

    fn second_factor(
        &mut self,
        facts: &Facts<'_>,
        user: &User,
        home: Home<'_>,
        policies: Vec<crate::ids::ObjectId>,
    ) -> Result<(), Stop> {
        const RULE: &str = "second factor";
        // The home tenant's own demand on its user counts wherever the user is a guest (inferred).
        let own = match second_factor::demand(home.tenant, home.user) {
            Demand::None if home.tenant.id != facts.tenant.id => second_factor::demand(facts.tenant, user),
            demand => demand,
        };
        let by = match own {
            _ if facts.proofs.second_factor() => None,
            Demand::PerUser => Some("required for this user"),
            Demand::SecurityDefaults => Some("required by security defaults"),
            Demand::None if !policies.is_empty() => Some("required by Conditional Access"),
            Demand::None if facts.claims.contexts().iter().any(AuthenticationContext::is_second_factor) => {
                Some("asked for by the application")
            }
            Demand::None => None,
        };
        let Some(by) = by else {
            self.trace.passed(RULE, "not required, or proved");
            return Ok(());
        };
        let registered = home.user.has_second_factor() || user.has_second_factor();
        self.trace.stopped(RULE, format!("{by}, {}", if registered { "registered" } else { "none registered" }));
        Err(Stop::Interrupt(if registered {
            Step::SecondFactor { policies }
        } else {
            Step::EnrolSecondFactor { policies }
        }))
    }

    fn consent(&mut self, facts: &Facts<'_>) -> Result<Vec<String>, Stop> {
        const RULE: &str = "consent";
        let (client, resource) = (facts.client, facts.asked.resource);
        let consenter = Consenter::of(facts.tenant, facts.roles);
        match consent::evaluate(client, facts.asked, facts.grants, consenter) {
            Consent::Given(scopes) => {
                self.trace.passed(RULE, format!("granted: {}", scopes.join(" ")));
                Ok(scopes)
            }
            _ if facts.asked.by_resource && !client.built_in && !consent::declares(client, resource) => {
                self.trace.stopped(RULE, format!("{} does not declare {}", client.display_name, resource.display_name));
                let declared = client.required_resource_access.iter().map(|access| access.resource.to_string());
                let denial = Denial::new(650057)
                    .with("appId", client.app_id)
                    .with("appName", &client.display_name)
                    .with("resource", &facts.asked.resource_as_asked)
                    .with("resourceAppId", resource.app_id)
                    .with("resources", declared.collect::<Vec<_>>().join(", "));
                Err(Stop::Deny(denial))
            }
            Consent::Missing(scopes) => {
                self.trace.stopped(RULE, format!("nobody consented to: {}", scopes.join(" ")));
                Err(Stop::Interrupt(Step::Consent { scopes }))
            }
            Consent::MissingForAdmin(scopes) => {
                self.trace.stopped(RULE, format!("no administrator consented to: {}", scopes.join(" ")));
                Err(Stop::Interrupt(Step::AdminConsent { scopes }))
            }
        }
    }
}

fn signals<'a>(facts: &Facts<'a>, user: &'a User, contexts: &'a [AuthenticationContext]) -> Signals<'a> {
    Signals {
        user,
        groups: facts.groups,
        roles: facts.roles,
        resource: facts.asked.resource.app_id,
        client_app_type: facts.place.client_app_type,
        ip: facts.place.ip,
        contexts,
    }
}

fn names_of(policies: &[AppliedPolicy], ids: &[crate::ids::ObjectId]) -> String {
    let names = policies.iter().filter(|policy| ids.contains(&policy.id)).map(|policy| policy.display_name.as_str());
    names.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
