use super::{Signals, location};
use crate::directory::{
    ClientAppType, ConditionalAccessPolicy, NamedLocation, PolicyApplications, PolicyUsers, UserType,
};

/// Whether every condition of the policy holds. An exclusion beats an inclusion.
pub(super) fn apply(policy: &ConditionalAccessPolicy, locations: &[NamedLocation], signals: &Signals<'_>) -> bool {
    user(&policy.users, signals)
        && application(&policy.applications, signals)
        && client_app_type(&policy.client_app_types, signals.client_app_type)
        && policy.locations.as_ref().is_none_or(|condition| location::matches(condition, locations, signals.ip))
}

fn user(users: &PolicyUsers, signals: &Signals<'_>) -> bool {
    let guest = signals.user.user_type == UserType::Guest;
    let any =
        |wanted: &[crate::ids::ObjectId], held: &[crate::ids::ObjectId]| held.iter().any(|id| wanted.contains(id));
    let included = users.include_all
        || (guest && users.include_guests)
        || users.include_users.contains(&signals.user.id)
        || any(&users.include_groups, signals.groups)
        || any(&users.include_roles, signals.roles);
    let excluded = (guest && users.exclude_guests)
        || users.exclude_users.contains(&signals.user.id)
        || any(&users.exclude_groups, signals.groups)
        || any(&users.exclude_roles, signals.roles);
    included && !excluded
}

/// A policy is for applications or for authentication contexts; one that names both is for either (inferred).
fn application(applications: &PolicyApplications, signals: &Signals<'_>) -> bool {
    let by_resource = (applications.include_all || applications.include.contains(&signals.resource))
        && !applications.exclude.contains(&signals.resource);
    by_resource || applications.include_contexts.iter().any(|context| signals.contexts.contains(context))
}

fn client_app_type(wanted: &[ClientAppType], used: ClientAppType) -> bool {
    wanted.is_empty() || wanted.contains(&ClientAppType::All) || wanted.contains(&used)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::{GrantControl, User};
    use crate::ids::{AppId, ObjectId};
    use crate::signin::fixture;

    #[test]
    fn users_groups_roles_and_guests_are_included_and_excluded() {
        let member = fixture::user("a@alpine.test");
        let guest = User { user_type: UserType::Guest, ..fixture::user("g@fjord.test") };
        let (group, role) = (ObjectId(fixture::guid(50)), ObjectId(fixture::guid(51)));
        let all = || PolicyUsers { include_all: true, ..PolicyUsers::default() };
        let cases: [(&str, PolicyUsers, &User, bool); 11] = [
            ("nobody", PolicyUsers::default(), &member, false),
            ("all", all(), &member, true),
            ("by id", PolicyUsers { include_users: vec![member.id], ..PolicyUsers::default() }, &member, true),
            ("by group", PolicyUsers { include_groups: vec![group], ..PolicyUsers::default() }, &member, true),
            ("by role", PolicyUsers { include_roles: vec![role], ..PolicyUsers::default() }, &member, true),
            ("guests, a member", PolicyUsers { include_guests: true, ..PolicyUsers::default() }, &member, false),
            ("guests, a guest", PolicyUsers { include_guests: true, ..PolicyUsers::default() }, &guest, true),
            ("all but this one", PolicyUsers { exclude_users: vec![member.id], ..all() }, &member, false),
            ("all but a group", PolicyUsers { exclude_groups: vec![group], ..all() }, &member, false),
            ("all but a role", PolicyUsers { exclude_roles: vec![role], ..all() }, &member, false),
            ("all but guests", PolicyUsers { exclude_guests: true, ..all() }, &guest, false),
        ];
        for (name, users, who, expected) in cases {
            let mut policy = fixture::policy(1, GrantControl::Block);
            policy.users = users;
            let (groups, roles) = ([group], [role]);
            let signals = Signals { groups: &groups, roles: &roles, ..fixture::signals(who) };
            assert_eq!(apply(&policy, &[], &signals), expected, "{name}");
        }
    }

    #[test]
    fn the_resource_and_the_kind_of_client_count() {
        let user = fixture::user("a@alpine.test");
        let signals = fixture::signals(&user);
        let other = AppId(fixture::guid(60));
        let applications = |include_all, include: &[AppId], exclude: &[AppId]| PolicyApplications {
            include_all,
            include: include.to_vec(),
            exclude: exclude.to_vec(),
            include_contexts: Vec::new(),
        };
        let cases = [
            ("all", applications(true, &[], &[]), vec![], true),
            ("this one", applications(false, &[signals.resource], &[]), vec![], true),
            ("another", applications(false, &[other], &[]), vec![], false),
            ("all but this one", applications(true, &[], &[signals.resource]), vec![], false),
            ("browsers only", applications(true, &[], &[]), vec![ClientAppType::Browser], false),
            ("apps", applications(true, &[], &[]), vec![ClientAppType::MobileAppsAndDesktopClients], true),
            ("all kinds", applications(true, &[], &[]), vec![ClientAppType::All], true),
        ];
        for (name, applications, kinds, expected) in cases {
            let mut policy = fixture::policy(1, GrantControl::Block);
            policy.applications = applications;
            policy.client_app_types = kinds;
            assert_eq!(apply(&policy, &[], &signals), expected, "{name}");
        }
    }
}
