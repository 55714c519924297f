use super::account::{Account, Home, Partner};
use super::facts::{Facts, PasswordProof, Proofs};
use super::step::Step;
use super::trace::Trace;
use crate::directory::{AgentState, User};
use crate::error::Denial;
use crate::policy::conditional_access::{self, AppliedPolicy, Signals, claims_challenge};
use crate::policy::consent::Consent;
use crate::policy::password_age::PasswordAge;
use crate::policy::refresh_lifetime::Lapsed;
use crate::policy::second_factor::Demand;
use crate::policy::{assignment, consent, password_age, refresh_lifetime, second_factor};

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
        }
        self.account_enabled(user, home)?;
        let user = self.home_tenant(facts, user, home)?;
        self.assignment(facts, user)?;
        let policies_asking = self.conditional_access(facts, user)?;
        self.second_factor(facts, user, home, policies_asking)?;
        let scopes = self.consent(facts)?;
        Ok(Granted {
            scopes,
            resource_roles: assignment::role_values(facts.asked.resource, facts.assignments),
            client_roles: assignment::role_values(facts.client, facts.assignments),
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
        // A refresh token proves nothing that could be guessed.
        if matches!(facts.proofs, Proofs::Remembered(_)) {
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
            Some(Lapsed::Inactive { issued_at, days }) => {
                self.trace.stopped(RULE, format!("issued {}, not used for {days} days", issued_at.to_rfc3339()));
                let denial = Denial::new(700082)
                    .with("issuedAt", issued_at.to_rfc3339())
                    .with("inactiveFor", format!("{days}.00:00:00"));
                Err(Stop::Deny(denial))
            }
        }
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
    fn conditional_access(&mut self, facts: &Facts<'_>, user: &User) -> Result<Vec<crate::ids::ObjectId>, Stop> {
        const RULE: &str = "Conditional Access";
        let signals = Signals {
            user,
            groups: facts.groups,
            roles: facts.roles,
            resource: facts.asked.resource.app_id,
            client_app_type: facts.place.client_app_type,
            ip: facts.place.ip,
        };
        let outcome = conditional_access::evaluate(facts.tenant, &signals, facts.proofs.second_factor());
        self.policies = outcome.applied;
        if let Some(claims) = claims_challenge(&outcome.blocked_by) {
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
            Demand::None if policies.is_empty() => None,
            Demand::None => Some("required by Conditional Access"),
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
        match consent::evaluate(client, facts.asked, facts.grants) {
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

fn names_of(policies: &[AppliedPolicy], ids: &[crate::ids::ObjectId]) -> String {
    let names = policies.iter().filter(|policy| ids.contains(&policy.id)).map(|policy| policy.display_name.as_str());
    names.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic, reason = "a test fails by panicking")]

    use super::*;
    use crate::directory::{
        AuthenticationMethod, AuthenticationType, GrantControl, PerUserMfaState, RequiredResourceAccess,
    };
    use crate::oauth::token::GrantType;
    use crate::policy::refresh_lifetime::Remembered;
    use crate::secret::Secret;
    use crate::signin::fixture::{Scene, policy};
    use crate::time::TenantTime;

    /// One way to be refused, in the order in which a user with several of them is told.
    struct Fault {
        code: u32,
        commit: fn(&mut Scene),
    }

    /// The order of facts/entra-errors.md §2: request, tenant, client and scope come before any of these.
    const FAULTS_IN_ORDER: &[Fault] = &[
        Fault { code: 50034, commit: |scene| scene.known = false },
        Fault { code: 50053, commit: |scene| scene.locked_until = Some(scene.now.plus_seconds(60)) },
        Fault { code: 50126, commit: |scene| scene.proofs = Proofs::Password(PasswordProof::Wrong) },
        Fault { code: 50055, commit: |scene| scene.user.force_change_password_next_sign_in = true },
        Fault { code: 50057, commit: |scene| scene.user.account_enabled = false },
        Fault { code: 50020, commit: |scene| scene.is_guest_here = false },
        Fault { code: 50105, commit: |scene| scene.tenant.applications[0].app_role_assignment_required = true },
        Fault {
            code: 53003,
            commit: |scene| scene.tenant.conditional_access_policies.push(policy(1, GrantControl::Block)),
        },
        Fault { code: 50079, commit: |scene| scene.user.per_user_mfa_state = PerUserMfaState::Enforced },
        Fault { code: 65001, commit: |scene| scene.grants.clear() },
    ];

    fn code(scene: &Scene) -> Option<u32> {
        match decide(&scene.facts()).decision {
            Decision::Grant(_) => None,
            Decision::Interrupt(step) => Some(step.as_denial(GrantType::Password, &scene.facts()).code()),
            Decision::Deny(denial) => Some(denial.code()),
        }
    }

    #[test]
    fn nothing_wrong_is_granted_with_what_was_consented() {
        let Decision::Grant(granted) = decide(&Scene::default().facts()).decision else { panic!("refused") };
        assert_eq!(granted.scopes, ["Employees.Read"]);
    }

    #[test]
    fn of_two_faults_the_earlier_is_named() {
        for (index, earlier) in FAULTS_IN_ORDER.iter().enumerate() {
            for later in &FAULTS_IN_ORDER[index..] {
                let mut scene = Scene::default();
                (later.commit)(&mut scene);
                assert_eq!(code(&scene), Some(later.code));
                (earlier.commit)(&mut scene);
                assert_eq!(code(&scene), Some(earlier.code), "{} before {}", earlier.code, later.code);
            }
        }
    }

    #[test]
    fn nothing_about_the_user_is_said_before_the_password_was_looked_at() {
        for fault in FAULTS_IN_ORDER.iter().filter(|fault| ![50034, 50053].contains(&fault.code)) {
            let mut scene = Scene::default();
            (fault.commit)(&mut scene);
            scene.proofs = Proofs::Password(PasswordProof::Unchecked);
            assert_eq!(decide(&scene.facts()).decision, Decision::Interrupt(Step::Password), "{}", fault.code);
            scene.proofs = Proofs::Password(PasswordProof::Wrong);
            assert_eq!(code(&scene), Some(50126), "{}", fault.code);
        }
    }

    #[test]
    fn who_holds_the_password_decides_how_it_is_refused() {
        let federated =
            |scene: &mut Scene| scene.tenant.verified_domains[0].authentication_type = AuthenticationType::Federated;
        let allow = |scene: &mut Scene| {
            scene.tenant.home_realm_discovery_policies.push(crate::directory::HomeRealmDiscoveryPolicy {
                display_name: "Cloud passwords".to_owned(),
                is_organization_default: true,
                allow_cloud_password_validation: true,
            });
        };
        let mut scene = Scene::default();
        federated(&mut scene);
        assert_eq!(code(&scene), Some(50126), "federated");
        allow(&mut scene);
        assert_eq!(code(&scene), None, "federated, cloud password allowed and synchronised");
        scene.has_password = false;
        assert_eq!(code(&scene), Some(50126), "federated, cloud password allowed, no hash");

        let mut scene = Scene { has_password: false, ..Scene::default() };
        assert_eq!(code(&scene), Some(50056), "managed, no password");
        scene = Scene::default();
        scene.user.pass_through = true;
        assert_eq!(code(&scene), None, "pass-through, agent up");
        scene.tenant.settings.pass_through_agent = AgentState::Down;
        assert_eq!(code(&scene), Some(80002), "pass-through, agent down");
    }

    #[test]
    fn whoever_has_a_factor_is_asked_for_it_and_only_a_policy_makes_claims() {
        let mut scene = Scene::default();
        scene
            .user
            .authentication_methods
            .push(AuthenticationMethod::SoftwareOath { secret_key: Secret::new("JBSWY3DP") });
        scene.tenant.conditional_access_policies.push(policy(1, GrantControl::Mfa));
        let asking = vec![scene.tenant.conditional_access_policies[0].id];
        let decision = |scene: &Scene| decide(&scene.facts()).decision;
        assert_eq!(decision(&scene), Decision::Interrupt(Step::SecondFactor { policies: asking }));
        scene.tenant.conditional_access_policies.clear();
        scene.tenant.security_defaults_enabled = true;
        assert_eq!(decision(&scene), Decision::Interrupt(Step::SecondFactor { policies: vec![] }));
        scene.user.authentication_methods.clear();
        assert_eq!(decision(&scene), Decision::Interrupt(Step::EnrolSecondFactor { policies: vec![] }));
    }

    #[test]
    fn a_resource_that_the_client_does_not_declare_is_not_even_a_matter_of_consent_on_v1() {
        let mut scene = Scene::default();
        scene.asked.by_resource = true;
        assert_eq!(code(&scene), None, "what was granted all the same is granted");
        scene.grants.clear();
        assert_eq!(code(&scene), Some(650057));
        let resource = scene.asked.resource.app_id;
        scene.tenant.applications[0].required_resource_access =
            vec![RequiredResourceAccess { resource, resource_access: Vec::new() }];
        assert_eq!(code(&scene), Some(65001));
    }

    #[test]
    fn a_refresh_token_is_not_asked_for_a_password_and_is_for_everything_else() {
        let remembered = Proofs::Remembered(Remembered {
            issued_at: TenantTime(0),
            password_at: Some(TenantTime(0)),
            second_factor_at: None,
            confidential_client: false,
        });
        let passes = [50053, 50126, 50055];
        for fault in FAULTS_IN_ORDER {
            let mut scene = Scene::default();
            (fault.commit)(&mut scene);
            scene.proofs = remembered;
            let expected = (!passes.contains(&fault.code)).then_some(fault.code);
            assert_eq!(code(&scene), expected, "{}", fault.code);
        }
        let proved = Remembered {
            second_factor_at: Some(TenantTime(0)),
            issued_at: TenantTime(0),
            password_at: None,
            confidential_client: true,
        };
        let mut scene = Scene { proofs: Proofs::Remembered(proved), ..Scene::default() };
        scene.user.per_user_mfa_state = PerUserMfaState::Enforced;
        assert_eq!(code(&scene), None);
    }

    #[test]
    fn the_trace_tells_the_rules_in_order_and_which_one_stopped() {
        let mut scene = Scene::default();
        scene.user.account_enabled = false;
        let ruling = decide(&scene.facts());
        let rules: Vec<_> = ruling.trace.0.iter().map(|entry| entry.rule).collect();
        assert_eq!(rules, ["account", "smart lockout", "password", "password age", "account enabled"]);
        assert_eq!(ruling.trace.stopped_by().map(|entry| entry.rule), Some("account enabled"));
        assert_eq!(decide(&Scene::default().facts()).trace.stopped_by(), None);
    }
}
