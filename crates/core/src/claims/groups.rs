use serde_json::json;

use super::set::Claims;
use super::{Issue, UserSubject};
use crate::directory::{Application, Group, OptionalClaim};
use crate::ids::ObjectId;

/// `groups` and `wids` as the application's `groupMembershipClaims` asks, in the form that an optional claim `groups`
/// among `asked` gives them
/// (<https://learn.microsoft.com/entra/identity-platform/optional-claims#configure-groups-optional-claims>).
///
/// More than 200 groups are not listed: the token then says where to ask.
pub(super) fn add(
    claims: &mut Claims,
    issue: &Issue<'_>,
    user: &UserSubject<'_>,
    application: &Application,
    asked: &[OptionalClaim],
) {
    let asks_for = |kind: &str| application.group_membership_claims.iter().any(|asked| asked == kind);
    if asks_for("All") || asks_for("DirectoryRole") {
        claims.add_list("wids", &wids(user));
    }
    let group = |id: &ObjectId| issue.tenant.groups.iter().find(|group| group.id == *id);
    let belongs = |id: &ObjectId| {
        asks_for("All")
            || (asks_for("SecurityGroup") && group(id).is_some_and(|group| group.security_enabled))
            || (asks_for("ApplicationGroup") && user.assigned_groups.contains(&(application.app_id, *id)))
    };
    let form = asked.iter().find(|claim| claim.name == "groups");
    let has = |property: &str| form.is_some_and(|claim| claim.has(property));
    // Names are not unique, so only groups that an administrator assigned to the application are named.
    let by_name = has("cloud_displayname") && application.group_membership_claims == ["ApplicationGroup"];
    let shown = |id: &ObjectId| match group(id) {
        Some(Group { display_name, .. }) if by_name => display_name.clone(),
        _ => id.to_string(),
    };
    let groups: Vec<String> = user.groups.iter().filter(|id| belongs(id)).map(shown).collect();
    if groups.len() > MOST_GROUPS {
        let endpoint = format!("{}/v1.0/users/{}/getMemberObjects", issue.issuer.origin, user.user.id);
        claims.add("_claim_names", json!({ "groups": "src1" }));
        claims.add("_claim_sources", json!({ "src1": { "endpoint": endpoint } }));
    } else {
        claims.add_list(if has("emit_as_roles") { "roles" } else { "groups" }, &groups);
    }
}

/// The user's directory roles; every member has the default one.
pub(super) fn wids(user: &UserSubject<'_>) -> Vec<String> {
    let roles = user.directory_roles.iter().map(ToString::to_string);
    roles.chain((!user.is_guest()).then(|| DEFAULT_ROLE.to_owned())).collect()
}

const MOST_GROUPS: usize = 200;
const DEFAULT_ROLE: &str = "b79fbf4d-3ef9-4689-8143-76b194e85509";
