use serde_json::json;

use super::set::ClaimSet;
use super::{Issue, UserSubject};
use crate::directory::Application;
use crate::ids::ObjectId;

/// `groups` and `wids` as the application's `groupMembershipClaims` asks
/// (<https://learn.microsoft.com/entra/identity-platform/optional-claims#configure-groups-optional-claims>).
///
/// More than 200 groups are not listed: the token then says where to ask.
pub(super) fn add(claims: &mut ClaimSet, issue: &Issue<'_>, user: &UserSubject<'_>, application: &Application) {
    let asks_for = |kind: &str| application.group_membership_claims.iter().any(|asked| asked == kind);
    if asks_for("All") || asks_for("DirectoryRole") {
        claims.add_list("wids", &wids(user));
    }
    let belongs = |group: &ObjectId| {
        asks_for("All")
            || (asks_for("SecurityGroup")
                && issue.tenant.groups.iter().any(|it| it.id == *group && it.security_enabled))
            || (asks_for("ApplicationGroup") && user.assigned_groups.contains(&(application.app_id, *group)))
    };
    let groups: Vec<String> = user.groups.iter().filter(|group| belongs(group)).map(ToString::to_string).collect();
    if groups.len() > MOST_GROUPS {
        let endpoint = format!("{}/v1.0/users/{}/getMemberObjects", issue.issuer.origin, user.user.id);
        claims.add("_claim_names", json!({ "groups": "src1" }));
        claims.add("_claim_sources", json!({ "src1": { "endpoint": endpoint } }));
    } else {
        claims.add_list("groups", &groups);
    }
}

/// The user's directory roles; every member has the default one.
pub(super) fn wids(user: &UserSubject<'_>) -> Vec<String> {
    let roles = user.directory_roles.iter().map(ToString::to_string);
    roles.chain((!user.is_guest()).then(|| DEFAULT_ROLE.to_owned())).collect()
}

const MOST_GROUPS: usize = 200;
const DEFAULT_ROLE: &str = "b79fbf4d-3ef9-4689-8143-76b194e85509";
