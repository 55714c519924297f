//! Conditional Access: which policies apply to a sign-in, and what they ask.
//!
//! [`conditions`] says whether a policy applies, [`location`] where the request came from; this file adds up what the
//! applying ones demand (<https://learn.microsoft.com/entra/identity/conditional-access/concept-conditional-access-policies>).

mod conditions;
mod location;

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::directory::{
    AuthenticationContext, ClientAppType, ConditionalAccessPolicy, GrantControl, GrantOperator, PolicyState, Tenant,
    User,
};
use crate::ids::{AppId, ObjectId};
use crate::oauth::claims_request::ClaimsRequest;

/// What policies look at in one sign-in.
#[derive(Debug, Clone, Copy)]
pub struct Signals<'a> {
    /// The user in the tenant whose resource is asked for.
    pub user: &'a User,
    /// Groups and role templates that the user belongs to.
    pub groups: &'a [ObjectId],
    /// Role templates of the user's directory roles.
    pub roles: &'a [ObjectId],
    /// The application that is to be called.
    pub resource: AppId,
    /// How the client signs in.
    pub client_app_type: ClientAppType,
    /// Where the request came from.
    pub ip: IpAddr,
    /// The authentication contexts that are asked for.
    pub contexts: &'a [AuthenticationContext],
}

/// What all policies together ask, and what each said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The enforced policies that block.
    pub blocked_by: Vec<ObjectId>,
    /// The enforced policies that want a second factor.
    pub second_factor_for: Vec<ObjectId>,
    /// Every policy, in order, for the sign-in log.
    pub applied: Vec<AppliedPolicy>,
}

/// One policy's word on one sign-in (Graph: `appliedConditionalAccessPolicy`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AppliedPolicy {
    /// The policy.
    pub id: ObjectId,
    /// Its name.
    pub display_name: String,
    /// What it asked for.
    pub enforced_grant_controls: Vec<String>,
    /// What came of it.
    pub result: PolicyResult,
}

/// Graph: `appliedConditionalAccessPolicyResult`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PolicyResult {
    /// Applied, and was satisfied.
    Success,
    /// Applied, and was not satisfied.
    Failure,
    /// Did not apply.
    NotApplied,
    /// Is off.
    NotEnabled,
    /// Report-only: would have been satisfied.
    ReportOnlySuccess,
    /// Report-only: would have blocked.
    ReportOnlyFailure,
    /// Report-only: would have asked the person for something.
    ReportOnlyInterrupted,
    /// Report-only: would not have applied.
    ReportOnlyNotApplied,
}

/// Evaluates every policy of the tenant. `second_factor_proved` says whether one was proved for this sign-in.
pub fn evaluate(tenant: &Tenant, signals: &Signals<'_>, second_factor_proved: bool) -> Outcome {
    let mut outcome = Outcome::default();
    for policy in &tenant.conditional_access_policies {
        let applies = conditions::apply(policy, &tenant.named_locations, signals);
        let demand = demand(policy, second_factor_proved);
        let result = match (policy.state, applies, demand) {
            (PolicyState::Disabled, ..) => PolicyResult::NotEnabled,
            (PolicyState::Enabled, false, _) => PolicyResult::NotApplied,
            (PolicyState::Enabled, true, Demand::Satisfied) => PolicyResult::Success,
            (PolicyState::Enabled, true, Demand::Block) => {
                outcome.blocked_by.push(policy.id);
                PolicyResult::Failure
            }
            (PolicyState::Enabled, true, Demand::SecondFactor) => {
                outcome.second_factor_for.push(policy.id);
                PolicyResult::Failure
            }
            (PolicyState::EnabledForReportingButNotEnforced, false, _) => PolicyResult::ReportOnlyNotApplied,
            (PolicyState::EnabledForReportingButNotEnforced, true, Demand::Satisfied) => {
                PolicyResult::ReportOnlySuccess
            }
            (PolicyState::EnabledForReportingButNotEnforced, true, Demand::Block) => PolicyResult::ReportOnlyFailure,
            (PolicyState::EnabledForReportingButNotEnforced, true, Demand::SecondFactor) => {
                PolicyResult::ReportOnlyInterrupted
            }
        };
        outcome.applied.push(AppliedPolicy {
            id: policy.id,
            display_name: policy.display_name.clone(),
            enforced_grant_controls: policy.built_in_controls.iter().map(|control| control.name().to_owned()).collect(),
            result,
        });
    }
    outcome
}

/// The authentication contexts whose policies ask nothing more, among those that a policy is for: what a token may hold
/// unasked (Microsoft Learn, authentication context, "opportunistic evaluation").
pub fn satisfied_contexts(
    tenant: &Tenant,
    signals: &Signals<'_>,
    second_factor_proved: bool,
) -> Vec<AuthenticationContext> {
    let acting = tenant.conditional_access_policies.iter().filter(|policy| policy.state == PolicyState::Enabled);
    let mut contexts: Vec<_> = acting.flat_map(|policy| &policy.applications.include_contexts).cloned().collect();
    contexts.sort();
    contexts.dedup();
    contexts.retain(|context| {
        let signals = Signals { contexts: std::slice::from_ref(context), ..*signals };
        let outcome = evaluate(tenant, &signals, second_factor_proved);
        outcome.blocked_by.is_empty() && outcome.second_factor_for.is_empty()
    });
    contexts
}

/// The claims challenge of a refusal by these policies: what the client passes on as `claims`
/// (<https://learn.microsoft.com/entra/identity-platform/claims-challenge>; the member `capolids` is captured). The
/// authentication contexts that were asked for stand in it as well, so that a client that passes on nothing else still asks
/// for them (inferred).
pub fn claims_challenge(policies: &[ObjectId], request: &ClaimsRequest) -> Option<String> {
    if policies.is_empty() && !request.contexts().iter().any(AuthenticationContext::is_second_factor) {
        return None;
    }
    let wish = |values: Vec<String>| json!({ "essential": true, "values": values });
    let mut access_token = Map::new();
    let mut challenge = Map::new();
    let ids = |contexts: &[AuthenticationContext]| contexts.iter().map(ToString::to_string).collect();
    if !request.access_token_contexts.is_empty() {
        access_token.insert("acrs".to_owned(), wish(ids(&request.access_token_contexts)));
    }
    if !policies.is_empty() {
        access_token.insert("capolids".to_owned(), wish(policies.iter().map(ToString::to_string).collect()));
    }
    if !access_token.is_empty() {
        challenge.insert("access_token".to_owned(), access_token.into());
    }
    if !request.id_token_contexts.is_empty() {
        challenge.insert("id_token".to_owned(), json!({ "acrs": wish(ids(&request.id_token_contexts)) }));
    }
    Some(Value::Object(challenge).to_string())
}

enum Demand {
    Satisfied,
    SecondFactor,
    Block,
}

/// A block always wins; with `OR`, one satisfied control is enough.
fn demand(policy: &ConditionalAccessPolicy, second_factor_proved: bool) -> Demand {
    let controls = &policy.built_in_controls;
    if controls.contains(&GrantControl::Block) {
        return Demand::Block;
    }
    let met = |control: &GrantControl| match control {
        GrantControl::Mfa => second_factor_proved,
        GrantControl::Block => false,
    };
    let satisfied = match policy.operator {
        GrantOperator::And => controls.iter().all(met),
        GrantOperator::Or => controls.is_empty() || controls.iter().any(met),
    };
    if satisfied { Demand::Satisfied } else { Demand::SecondFactor }
}

impl GrantControl {
    /// Graph's word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Block => "block",
            Self::Mfa => "mfa",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::{PolicyApplications, PolicyUsers};
    use crate::signin::fixture;

    fn result(state: PolicyState, control: GrantControl, included: bool, proved: bool) -> (PolicyResult, bool, bool) {
        let user = fixture::user("a@alpine.test");
        let mut tenant = fixture::tenant();
        let mut policy = fixture::policy(1, control);
        policy.state = state;
        policy.users = PolicyUsers { include_all: included, ..PolicyUsers::default() };
        tenant.conditional_access_policies = vec![policy];
        let outcome = evaluate(&tenant, &fixture::signals(&user), proved);
        (outcome.applied[0].result, !outcome.blocked_by.is_empty(), !outcome.second_factor_for.is_empty())
    }

    #[test]
    fn state_and_control_make_the_result() {
        use GrantControl::{Block, Mfa};
        use PolicyResult as R;
        use PolicyState::{Disabled, Enabled, EnabledForReportingButNotEnforced as ReportOnly};
        let cases = [
            (Enabled, Block, true, false, (R::Failure, true, false)),
            (Enabled, Block, false, false, (R::NotApplied, false, false)),
            (Enabled, Mfa, true, false, (R::Failure, false, true)),
            (Enabled, Mfa, true, true, (R::Success, false, false)),
            (Disabled, Block, true, false, (R::NotEnabled, false, false)),
            (ReportOnly, Block, true, false, (R::ReportOnlyFailure, false, false)),
            (ReportOnly, Mfa, true, false, (R::ReportOnlyInterrupted, false, false)),
            (ReportOnly, Mfa, true, true, (R::ReportOnlySuccess, false, false)),
            (ReportOnly, Mfa, false, false, (R::ReportOnlyNotApplied, false, false)),
        ];
        for (state, control, included, proved, expected) in cases {
            assert_eq!(result(state, control, included, proved), expected, "{state:?} {control:?} {included} {proved}");
        }
    }

    #[test]
    fn the_challenge_names_the_policies() {
        let id = fixture::policy(1, GrantControl::Mfa).id;
        let plain = ClaimsRequest::default();
        let text = claims_challenge(&[id, id], &plain).unwrap_or_default();
        assert_eq!(text, format!(r#"{{"access_token":{{"capolids":{{"essential":true,"values":["{id}","{id}"]}}}}}}"#));
        assert_eq!(claims_challenge(&[], &plain), None);
        let of = |id: &str| AuthenticationContext::parse(id).into_iter().collect::<Vec<_>>();
        let request =
            ClaimsRequest { access_token_contexts: of("c1"), id_token_contexts: of("c2"), ..ClaimsRequest::default() };
        assert_eq!(claims_challenge(&[], &request), None, "no policy of a context asked");
        assert_eq!(
            claims_challenge(&[id], &request).unwrap_or_default(),
            format!(
                r#"{{"access_token":{{"acrs":{{"essential":true,"values":["c1"]}},"capolids":{{"essential":true,"values":["{id}"]}}}},"id_token":{{"acrs":{{"essential":true,"values":["c2"]}}}}}}"#
            )
        );
        let second_factor = ClaimsRequest { access_token_contexts: of("p1"), ..ClaimsRequest::default() };
        assert_eq!(
            claims_challenge(&[], &second_factor).unwrap_or_default(),
            r#"{"access_token":{"acrs":{"essential":true,"values":["p1"]}}}"#,
            "as Azure Resource Manager challenges"
        );
    }

    /// The table of Microsoft Learn: A asks all but Ariel for a second factor at c1; B blocks all but Jay at c2 and c3.
    #[test]
    fn contexts_are_satisfied_as_microsofts_own_table_says() {
        let ariel = fixture::user("ariel@alpine.test");
        let jay = User { id: ObjectId(fixture::guid(77)), ..fixture::user("jay@alpine.test") };
        let of = |ids: &str| -> Vec<_> { ids.split(' ').filter_map(AuthenticationContext::parse).collect() };
        let policy = |number, control, but: &User, contexts: &str| {
            let mut policy = fixture::policy(number, control);
            policy.users.exclude_users = vec![but.id];
            policy.applications =
                PolicyApplications { include_contexts: of(contexts), ..PolicyApplications::default() };
            policy
        };
        let mut tenant = fixture::tenant();
        tenant.conditional_access_policies =
            vec![policy(1, GrantControl::Mfa, &ariel, "c1"), policy(2, GrantControl::Block, &jay, "c2 c3")];
        let cases = [
            (&ariel, false, "c1", Some(true), "c1"),
            (&ariel, false, "c2", None, "c1"),
            (&ariel, false, "", Some(true), "c1"),
            (&jay, false, "c1", Some(false), "c2 c3"),
            (&jay, true, "c1", Some(true), "c1 c2 c3"),
            (&jay, false, "c2", Some(true), "c2 c3"),
            (&jay, true, "c2", Some(true), "c1 c2 c3"),
            (&jay, true, "", Some(true), "c1 c2 c3"),
            (&jay, false, "", Some(true), "c2 c3"),
        ];
        for (user, proved, asked, granted, satisfied) in cases {
            let contexts = of(asked);
            let signals = Signals { contexts: &contexts, ..fixture::signals(user) };
            let outcome = evaluate(&tenant, &signals, proved);
            let verdict = outcome.blocked_by.is_empty().then_some(outcome.second_factor_for.is_empty());
            assert_eq!(verdict, granted, "{} {asked:?} {proved}", user.user_principal_name);
            assert_eq!(
                satisfied_contexts(&tenant, &signals, proved),
                of(satisfied),
                "{} {proved}",
                user.user_principal_name
            );
        }
    }
}
