#![allow(clippy::panic, reason = "a test fails by panicking")]

use super::*;
use crate::directory::{
    AuthenticationMethod, AuthenticationType, GrantControl, PerUserMfaState, RequiredResourceAccess,
};
use crate::oauth::token::GrantType;
use crate::policy::refresh_lifetime::Remembered;
use crate::secret::Secret;
use crate::signin::fixture::{Scene, policy};
use crate::signin::step::Unattended;
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
        Decision::Interrupt(step) => {
            Some(step.as_denial(Unattended::Grant(GrantType::Password), &scene.facts()).code())
        }
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
    scene.user.authentication_methods.push(AuthenticationMethod::SoftwareOath { secret_key: Secret::new("JBSWY3DP") });
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
        single_page_since: None,
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
        single_page_since: None,
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
