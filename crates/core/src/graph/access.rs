//! Permissions of Microsoft Graph, as its reference lists them for each method. A delegated permission reaches as far as the
//! signed-in user's own directory roles do; an application's own permission stands alone
//! (<https://learn.microsoft.com/graph/permissions-overview>).

use crate::ids::ObjectId;

/// Who calls, as far as it matters here.
#[derive(Debug, Clone, Copy)]
pub struct GraphCaller<'a> {
    /// In whose name; `None`: the application's own.
    pub user: Option<ObjectId>,
    /// That user is a guest.
    pub is_guest: bool,
    /// Role templates of that user's directory roles.
    pub roles: &'a [ObjectId],
    /// What the token carries: `scp`, or `roles` of an application.
    pub permissions: &'a [String],
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Deed {
    /// Read a user's profile.
    ReadUser,
    /// Read a list of users.
    ListUsers,
    /// Change names and the like.
    UpdateUser,
    /// Change `accountEnabled`.
    EnableUser,
    /// Set `passwordProfile`.
    ResetPassword,
    /// Change a password by knowing the old one.
    ChangePassword,
    /// End all sessions and refresh tokens.
    RevokeSessions,
    /// Read delegated consents.
    ReadGrants,
    /// Give or take delegated consents.
    WriteGrants,
    /// Read the sign-in log.
    ReadSignIns,
}

/// Whom it is done to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// This user.
    User(ObjectId),
    /// No one user, or all.
    Everybody,
}

/// Whether the caller may. `target_roles` are role templates of the directory roles of the user whom it is done to.
pub fn may(caller: &GraphCaller<'_>, deed: Deed, target: Target, target_roles: &[ObjectId]) -> bool {
    let rule = rule(deed);
    let has = |permissions: &[&str]| caller.permissions.iter().any(|held| permissions.contains(&held.as_str()));
    let Some(user) = caller.user else {
        // It would need a directory role above the administrator's, and applications have none here.
        let above = target_roles.is_empty() || !matches!(deed, Deed::EnableUser | Deed::ResetPassword);
        return has(rule.application) && above;
    };
    if target == Target::User(user) && has(rule.for_self) {
        return true;
    }
    let sensitive = matches!(deed, Deed::EnableUser | Deed::ResetPassword | Deed::RevokeSessions);
    let above = |role: &ObjectId| !sensitive || target_roles.iter().all(|of| is_above(*role, *of));
    let roles: Vec<ObjectId> = caller.roles.iter().copied().filter(above).collect();
    has(rule.delegated) && (rule.by_members && !caller.is_guest || holds_one(&roles, rule.roles))
}

/// Whether holders of one role may lock out holders of the other
/// (<https://learn.microsoft.com/entra/identity/role-based-access-control/privileged-roles-permissions#who-can-reset-passwords>;
/// the table itself and its role ids are inferred, as that page was not at hand).
fn is_above(role: ObjectId, of: ObjectId) -> bool {
    let (role, of) = (role.0.as_u128(), of.0.as_u128());
    matches!(role, GLOBAL_ADMINISTRATOR | PRIVILEGED_AUTHENTICATION_ADMINISTRATOR)
        || match of {
            DIRECTORY_READERS | GUEST_INVITER | PASSWORD_ADMINISTRATOR => true,
            MESSAGE_CENTER_READER | REPORTS_READER => role != PASSWORD_ADMINISTRATOR,
            HELPDESK_ADMINISTRATOR => matches!(role, HELPDESK_ADMINISTRATOR | USER_ADMINISTRATOR),
            GROUPS_ADMINISTRATOR | USER_ADMINISTRATOR => role == USER_ADMINISTRATOR,
            AUTHENTICATION_ADMINISTRATOR => role == AUTHENTICATION_ADMINISTRATOR,
            _ => false,
        }
}

fn holds_one(held: &[ObjectId], wanted: &[u128]) -> bool {
    held.iter().any(|role| role.0.as_u128() == GLOBAL_ADMINISTRATOR || wanted.contains(&role.0.as_u128()))
}

/// What one deed takes.
struct Rule {
    /// Delegated permissions that let users do it to themselves, whatever their role.
    for_self: &'static [&'static str],
    /// Delegated permissions that let a user with one of `roles` do it.
    delegated: &'static [&'static str],
    /// Every member of the directory may, not only who holds a role.
    by_members: bool,
    /// Role templates, besides Global Administrator.
    roles: &'static [u128],
    /// Permissions of an application in its own name.
    application: &'static [&'static str],
}

fn rule(deed: Deed) -> Rule {
    match deed {
        Deed::ReadUser => Rule {
            for_self: &[
                "User.Read",
                "User.ReadWrite",
                "User.Read.All",
                "User.ReadWrite.All",
                "Directory.Read.All",
                "Directory.ReadWrite.All",
                "Directory.AccessAsUser.All",
            ],
            delegated: &[
                "User.ReadBasic.All",
                "User.Read.All",
                "User.ReadWrite.All",
                "Directory.Read.All",
                "Directory.ReadWrite.All",
                "Directory.AccessAsUser.All",
            ],
            by_members: true,
            roles: &[USER_ADMINISTRATOR, GLOBAL_READER, HELPDESK_ADMINISTRATOR],
            application: READ_USERS,
        },
        Deed::ListUsers => Rule { for_self: &[], ..rule(Deed::ReadUser) },
        Deed::UpdateUser => Rule {
            for_self: &["User.ReadWrite", "User.ReadWrite.All", "Directory.ReadWrite.All"],
            delegated: &["User.ReadWrite.All", "Directory.ReadWrite.All", "Directory.AccessAsUser.All"],
            by_members: false,
            roles: &[USER_ADMINISTRATOR],
            application: &["User.ReadWrite.All", "Directory.ReadWrite.All"],
        },
        Deed::EnableUser => Rule {
            for_self: &[],
            delegated: &[
                "User.EnableDisableAccount.All",
                "User.ReadWrite.All",
                "Directory.ReadWrite.All",
                "Directory.AccessAsUser.All",
            ],
            by_members: false,
            roles: &[USER_ADMINISTRATOR, PRIVILEGED_AUTHENTICATION_ADMINISTRATOR],
            application: &["User.EnableDisableAccount.All", "User.ReadWrite.All", "Directory.ReadWrite.All"],
        },
        Deed::ResetPassword => Rule {
            for_self: &[],
            delegated: &["User-PasswordProfile.ReadWrite.All", "Directory.AccessAsUser.All"],
            by_members: false,
            roles: &[
                USER_ADMINISTRATOR,
                PRIVILEGED_AUTHENTICATION_ADMINISTRATOR,
                HELPDESK_ADMINISTRATOR,
                PASSWORD_ADMINISTRATOR,
                AUTHENTICATION_ADMINISTRATOR,
            ],
            application: &["User-PasswordProfile.ReadWrite.All"],
        },
        Deed::ChangePassword => Rule {
            for_self: &["Directory.AccessAsUser.All", "UserAuthenticationMethod.ReadWrite.All"],
            delegated: &[],
            by_members: false,
            roles: &[],
            application: &[],
        },
        Deed::RevokeSessions => Rule {
            for_self: REVOKE_SESSIONS,
            delegated: REVOKE_SESSIONS,
            by_members: false,
            roles: &[
                USER_ADMINISTRATOR,
                PRIVILEGED_AUTHENTICATION_ADMINISTRATOR,
                HELPDESK_ADMINISTRATOR,
                PASSWORD_ADMINISTRATOR,
                AUTHENTICATION_ADMINISTRATOR,
            ],
            application: &["User.RevokeSessions.All", "User.ReadWrite.All", "Directory.ReadWrite.All"],
        },
        Deed::ReadGrants => Rule {
            for_self: READ_GRANTS,
            delegated: READ_GRANTS,
            by_members: true,
            roles: &[GLOBAL_READER],
            application: READ_GRANTS,
        },
        Deed::WriteGrants => Rule {
            for_self: &[],
            delegated: &[
                "DelegatedPermissionGrant.ReadWrite.All",
                "Directory.ReadWrite.All",
                "Directory.AccessAsUser.All",
            ],
            by_members: false,
            roles: &[
                PRIVILEGED_ROLE_ADMINISTRATOR,
                CLOUD_APPLICATION_ADMINISTRATOR,
                APPLICATION_ADMINISTRATOR,
                USER_ADMINISTRATOR,
            ],
            application: &["DelegatedPermissionGrant.ReadWrite.All", "Directory.ReadWrite.All"],
        },
        Deed::ReadSignIns => Rule {
            for_self: &[],
            delegated: &["AuditLog.Read.All"],
            by_members: false,
            roles: &[REPORTS_READER, SECURITY_READER, SECURITY_ADMINISTRATOR, SECURITY_OPERATOR, GLOBAL_READER],
            application: &["AuditLog.Read.All"],
        },
    }
}

const READ_USERS: &[&str] = &["User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"];
const REVOKE_SESSIONS: &[&str] =
    &["User.RevokeSessions.All", "User.ReadWrite.All", "Directory.ReadWrite.All", "Directory.AccessAsUser.All"];
const READ_GRANTS: &[&str] = &[
    "DelegatedPermissionGrant.Read.All",
    "DelegatedPermissionGrant.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
    "Directory.AccessAsUser.All",
];

// Role templates (<https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference>).
const GLOBAL_ADMINISTRATOR: u128 = 0x62e90394_69f5_4237_9190_012177145e10;
const USER_ADMINISTRATOR: u128 = 0xfe930be7_5e62_47db_91af_98c3a49a38b1;
const HELPDESK_ADMINISTRATOR: u128 = 0x729827e3_9c14_49f7_bb1b_9608f156bbb8;
const PASSWORD_ADMINISTRATOR: u128 = 0x966707d0_3269_4727_9be2_8c3a10f19b9d;
const AUTHENTICATION_ADMINISTRATOR: u128 = 0xc4e39bd9_1100_46d3_8c65_fb160da0071f;
const PRIVILEGED_AUTHENTICATION_ADMINISTRATOR: u128 = 0x7be44c8a_adaf_4e2a_84d6_ab2649e08a13;
const PRIVILEGED_ROLE_ADMINISTRATOR: u128 = 0xe8611ab8_c189_46e8_94e1_60213ab1f814;
const CLOUD_APPLICATION_ADMINISTRATOR: u128 = 0x158c047a_c907_4556_b7ef_446551a6b5f7;
const APPLICATION_ADMINISTRATOR: u128 = 0x9b895d92_2cd3_44c7_9d02_a6ac2d5ea5c3;
const GLOBAL_READER: u128 = 0xf2ef992c_3afb_46b9_b7cf_a126ee74c451;
const REPORTS_READER: u128 = 0x4a5d8f65_41da_4de4_8968_e035b65339cf;
const SECURITY_READER: u128 = 0x5d6b6bb7_de71_4623_b4af_96380a352509;
const SECURITY_ADMINISTRATOR: u128 = 0x194ae4cb_b126_40b2_bd5b_6091b380977d;
const SECURITY_OPERATOR: u128 = 0x5f2222b1_57c3_48ba_8ad5_d4759f1fde6f;
const DIRECTORY_READERS: u128 = 0x88d8e3e3_8f55_4a1e_953a_9b9898b8876b;
const GUEST_INVITER: u128 = 0x95e79109_95c0_4d8e_aee3_d01accf2d47b;
const GROUPS_ADMINISTRATOR: u128 = 0xfdd7a751_b60b_444a_984c_02652fe8fa1c;
const MESSAGE_CENTER_READER: u128 = 0x790c1fb9_7f7d_4f88_86a1_ef1f95c05c1b;

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_permission_reaches_as_far_as_its_holder() {
        let (me, other) = (ObjectId(Uuid::from_u128(1)), ObjectId(Uuid::from_u128(2)));
        let role = |template: u128| vec![ObjectId(Uuid::from_u128(template))];
        let (nobody, admin) = (Vec::new(), role(GLOBAL_ADMINISTRATOR));
        let (helpdesk, reports) = (role(HELPDESK_ADMINISTRATOR), role(REPORTS_READER));
        let user = |roles| (Some(me), roles);
        let app = (None, &nobody);
        for ((caller, roles), permission, deed, target, expected) in [
            (user(&nobody), "User.Read", Deed::ReadUser, Target::User(me), true),
            (user(&nobody), "User.Read", Deed::ReadUser, Target::User(other), false),
            (user(&nobody), "User.ReadBasic.All", Deed::ReadUser, Target::User(other), true),
            (user(&nobody), "User.Read.All", Deed::ListUsers, Target::Everybody, true),
            (app, "User.Read.All", Deed::ListUsers, Target::Everybody, true),
            (app, "User.Read", Deed::ReadUser, Target::User(me), false),
            (user(&nobody), "User.ReadWrite", Deed::UpdateUser, Target::User(me), true),
            (user(&nobody), "User.ReadWrite.All", Deed::UpdateUser, Target::User(other), false),
            (user(&admin), "User.ReadWrite.All", Deed::UpdateUser, Target::User(other), true),
            (user(&admin), "User.Read.All", Deed::UpdateUser, Target::User(other), false),
            (user(&nobody), "User.ReadWrite.All", Deed::EnableUser, Target::User(me), false),
            (user(&admin), "User.ReadWrite.All", Deed::ResetPassword, Target::User(other), false),
            (user(&helpdesk), "Directory.AccessAsUser.All", Deed::ResetPassword, Target::User(other), true),
            (app, "User.ReadWrite.All", Deed::ResetPassword, Target::User(other), false),
            (app, "User-PasswordProfile.ReadWrite.All", Deed::ResetPassword, Target::User(other), true),
            (user(&nobody), "Directory.AccessAsUser.All", Deed::ChangePassword, Target::User(me), true),
            (user(&admin), "Directory.AccessAsUser.All", Deed::ChangePassword, Target::User(other), false),
            (user(&nobody), "User.RevokeSessions.All", Deed::RevokeSessions, Target::User(me), true),
            (user(&nobody), "User.RevokeSessions.All", Deed::RevokeSessions, Target::User(other), false),
            (user(&helpdesk), "User.RevokeSessions.All", Deed::RevokeSessions, Target::User(other), true),
            (app, "User.RevokeSessions.All", Deed::RevokeSessions, Target::User(other), true),
            (user(&nobody), "AuditLog.Read.All", Deed::ReadSignIns, Target::Everybody, false),
            (user(&reports), "AuditLog.Read.All", Deed::ReadSignIns, Target::Everybody, true),
            (app, "AuditLog.Read.All", Deed::ReadSignIns, Target::Everybody, true),
            (user(&admin), "Directory.Read.All", Deed::WriteGrants, Target::Everybody, false),
            (user(&admin), "DelegatedPermissionGrant.ReadWrite.All", Deed::WriteGrants, Target::Everybody, true),
        ] {
            let permissions = [permission.to_owned()];
            let caller = GraphCaller { user: caller, is_guest: false, roles, permissions: &permissions };
            assert_eq!(
                may(&caller, deed, target, &[]),
                expected,
                "{permission} {deed:?} {target:?} {:?}",
                caller.roles
            );
        }
        let permissions = ["User.ReadBasic.All".to_owned()];
        let guest = GraphCaller { user: Some(me), is_guest: true, roles: &[], permissions: &permissions };
        assert!(!may(&guest, Deed::ListUsers, Target::Everybody, &[]), "guests do not read the directory");
    }

    #[test]
    fn an_administrator_is_locked_out_only_from_above() {
        let other = Target::User(ObjectId(Uuid::from_u128(2)));
        let permissions = ["Directory.AccessAsUser.All".to_owned(), "User-PasswordProfile.ReadWrite.All".to_owned()];
        for (by, of, expected) in [
            (GLOBAL_ADMINISTRATOR, GLOBAL_ADMINISTRATOR, true),
            (PRIVILEGED_AUTHENTICATION_ADMINISTRATOR, GLOBAL_ADMINISTRATOR, true),
            (USER_ADMINISTRATOR, GLOBAL_ADMINISTRATOR, false),
            (HELPDESK_ADMINISTRATOR, GLOBAL_ADMINISTRATOR, false),
            (USER_ADMINISTRATOR, HELPDESK_ADMINISTRATOR, true),
            (HELPDESK_ADMINISTRATOR, USER_ADMINISTRATOR, false),
            (HELPDESK_ADMINISTRATOR, SECURITY_READER, false),
            (PASSWORD_ADMINISTRATOR, REPORTS_READER, false),
            (PASSWORD_ADMINISTRATOR, PASSWORD_ADMINISTRATOR, true),
        ] {
            let (roles, of) = ([ObjectId(Uuid::from_u128(by))], [ObjectId(Uuid::from_u128(of))]);
            let user = Some(ObjectId(Uuid::from_u128(1)));
            let caller = GraphCaller { user, is_guest: false, roles: &roles, permissions: &permissions };
            for deed in [Deed::ResetPassword, Deed::RevokeSessions] {
                assert_eq!(may(&caller, deed, other, &of), expected, "{deed:?}: {roles:?} of {of:?}");
            }
        }
        let roles = [ObjectId(Uuid::from_u128(GLOBAL_ADMINISTRATOR))];
        let app = GraphCaller { user: None, is_guest: false, roles: &[], permissions: &permissions };
        assert!(may(&app, Deed::ResetPassword, other, &[]));
        assert!(!may(&app, Deed::ResetPassword, other, &roles));
    }
}
