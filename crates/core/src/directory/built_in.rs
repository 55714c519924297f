//! The applications that every tenant has, with what Microsoft's own clients may do without being asked.
//!
//! Permission ids are Microsoft's (<https://learn.microsoft.com/graph/permissions-reference>). Of Microsoft Graph only
//! what test applications commonly ask for is here; the rest can be added by an entry with Graph's `appId`.

use uuid::Uuid;

use super::{
    AppRole, Application, ClientPlatform, ConsentType, DelegatedPermission, MemberType, OAuth2PermissionGrant,
    PermissionKind, PreAuthorizedApplication,
};
use crate::ids::{
    AZURE_CLI, AZURE_POWERSHELL, AZURE_SERVICE_MANAGEMENT, AppId, MICROSOFT_GRAPH, MY_ACCOUNT, ObjectId, PermissionId,
    TenantId, derived_id,
};

/// The built-in applications of this tenant: Microsoft Graph, Azure Service Management, Azure CLI, Azure PowerShell, and the
/// person's own pages, which people sign in to as to any application.
/// Graph is named on the server's own origin too; the server knows its origin and adds that name.
pub fn applications(tenant: TenantId) -> Vec<Application> {
    vec![
        Application {
            display_name: "Microsoft Graph".to_owned(),
            identifier_uris: with_and_without_slash(&["https://graph.microsoft.com"]),
            oauth2_permission_scopes: GRAPH_SCOPES.iter().map(delegated_permission).collect(),
            pre_authorized_applications: vec![PreAuthorizedApplication {
                app_id: MY_ACCOUNT,
                delegated_permission_ids: vec![PermissionId(Uuid::from_u128(USER_READ))],
            }],
            app_roles: GRAPH_ROLES.iter().map(app_role).collect(),
            built_in: true,
            ..blank(tenant, MICROSOFT_GRAPH)
        },
        Application {
            display_name: "Windows Azure Service Management API".to_owned(),
            identifier_uris: with_and_without_slash(&[
                "https://management.core.windows.net",
                "https://management.azure.com",
            ]),
            oauth2_permission_scopes: vec![delegated_permission(&(
                "user_impersonation",
                PermissionKind::User,
                0x41094075_9dad_400e_a0bd_54e686782033,
                "Access Azure Service Management as you",
            ))],
            built_in: true,
            ..blank(tenant, AZURE_SERVICE_MANAGEMENT)
        },
        first_party_client(tenant, AZURE_CLI, "Microsoft Azure CLI"),
        first_party_client(tenant, AZURE_POWERSHELL, "Microsoft Azure PowerShell"),
        Application { display_name: "My Account".to_owned(), built_in: true, ..blank(tenant, MY_ACCOUNT) },
    ]
}

/// What Azure CLI and Azure PowerShell may do for everybody: Microsoft Graph and Azure Service Management, nothing else.
pub fn oauth2_permission_grants() -> Vec<OAuth2PermissionGrant> {
    let grant = |client, resource, scopes: &[&str]| OAuth2PermissionGrant {
        client,
        consent: ConsentType::AllPrincipals,
        resource,
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
    };
    [AZURE_CLI, AZURE_POWERSHELL]
        .into_iter()
        .flat_map(|client| {
            [
                grant(client, MICROSOFT_GRAPH, &GRANTED_GRAPH_SCOPES),
                grant(client, AZURE_SERVICE_MANAGEMENT, &["user_impersonation"]),
            ]
        })
        .collect()
}

/// An application of which nothing is known but its id: no permissions, no credentials, no redirect URIs.
pub(super) fn blank(tenant: TenantId, app_id: AppId) -> Application {
    let name = app_id.to_string();
    Application {
        app_id,
        id: ObjectId(derived_id(tenant, "application", &name)),
        service_principal_id: ObjectId(derived_id(tenant, "servicePrincipal", &name)),
        display_name: String::new(),
        identifier_uris: Vec::new(),
        requested_access_token_version: 1,
        oauth2_permission_scopes: Vec::new(),
        app_roles: Vec::new(),
        pre_authorized_applications: Vec::new(),
        required_resource_access: Vec::new(),
        password_credentials: Vec::new(),
        key_credentials: Vec::new(),
        federated_identity_credentials: Vec::new(),
        is_fallback_public_client: false,
        redirect_uris: Vec::new(),
        id_token_issuance: false,
        logout_url: None,
        group_membership_claims: Vec::new(),
        optional_id_token_claims: Vec::new(),
        optional_access_token_claims: Vec::new(),
        account_enabled: true,
        app_role_assignment_required: false,
        foci: false,
        built_in: false,
    }
}

fn first_party_client(tenant: TenantId, app_id: AppId, display_name: &str) -> Application {
    Application {
        display_name: display_name.to_owned(),
        is_fallback_public_client: true,
        redirect_uris: vec![(ClientPlatform::PublicClient, "http://localhost".to_owned())],
        foci: true,
        built_in: true,
        ..blank(tenant, app_id)
    }
}

fn with_and_without_slash(uris: &[&str]) -> Vec<String> {
    uris.iter().flat_map(|uri| [(*uri).to_owned(), format!("{uri}/")]).collect()
}

fn delegated_permission(row: &(&str, PermissionKind, u128, &str)) -> DelegatedPermission {
    let (value, kind, id, display_name) = *row;
    let of_everybody = WORDS_FOR_ADMINISTRATORS.iter().find(|(known, _)| *known == value).map(|(_, words)| *words);
    DelegatedPermission {
        id: PermissionId(Uuid::from_u128(id)),
        value: value.to_owned(),
        kind,
        is_enabled: true,
        admin_consent_display_name: Some(of_everybody.unwrap_or(display_name).to_owned()),
        user_consent_display_name: Some(display_name.to_owned()),
    }
}

fn app_role(row: &(&str, u128, &str)) -> AppRole {
    let (value, id, display_name) = *row;
    AppRole {
        id: PermissionId(Uuid::from_u128(id)),
        value: value.to_owned(),
        display_name: display_name.to_owned(),
        allowed_member_types: vec![MemberType::Application],
        is_enabled: true,
    }
}

/// `User.Read`: reading one's own profile.
const USER_READ: u128 = 0xe1fe6dd8_ba31_4d61_89e7_88639da4683d;

/// Azure CLI's consent to Microsoft Graph: the four directory-wide scopes are in a captured answer, the others are inferred
/// from what its commands can do.
const GRANTED_GRAPH_SCOPES: [&str; 14] = [
    "openid",
    "profile",
    "email",
    "offline_access",
    "User.Read",
    "User.Read.All",
    "User.ReadWrite.All",
    "Group.ReadWrite.All",
    "Directory.AccessAsUser.All",
    "Application.ReadWrite.All",
    "AppRoleAssignment.ReadWrite.All",
    "DelegatedPermissionGrant.ReadWrite.All",
    "AuditLog.Read.All",
    "Policy.Read.All",
];

#[rustfmt::skip]
const GRAPH_SCOPES: [(&str, PermissionKind, u128, &str); 32] = [
    ("openid", PermissionKind::User, 0x37f7f235_527c_4136_accd_4a02d197296e, "Sign you in"),
    ("profile", PermissionKind::User, 0x14dad69e_099b_42c9_810b_d002981feec1, "View your basic profile"),
    ("email", PermissionKind::User, 0x64a6cdd6_aab1_4aaf_94b8_3cc8405e90d0, "View your email address"),
    ("offline_access", PermissionKind::User, 0x7427e0e9_2fba_42fe_b0c0_848c9e6a8182, "Keep access to what you have given it access to"),
    ("User.Read", PermissionKind::User, USER_READ, "Sign you in and read your profile"),
    ("User.ReadWrite", PermissionKind::User, 0xb4e74841_8e56_480b_be8b_910348b18b4c, "Read and change your profile"),
    ("User.ReadBasic.All", PermissionKind::User, 0xb340eb25_3456_403f_be2f_af7a0d370277, "Read everybody's basic profile"),
    ("User.Read.All", PermissionKind::Admin, 0xa154be20_db9c_4678_8ab7_66f6cc099a59, "Read everybody's full profile"),
    ("User.ReadWrite.All", PermissionKind::Admin, 0x204e0828_b5ca_4ad8_b9f3_f32a958e7cc4, "Read and change everybody's full profile"),
    ("User.EnableDisableAccount.All", PermissionKind::Admin, 0xf92e74e7_2563_467f_9dd0_902688cb5863, "Enable and disable accounts"),
    ("User.RevokeSessions.All", PermissionKind::Admin, 0xfc30e98b_8810_4501_81f5_c20a3196387b, "End everybody's sign-in sessions"),
    ("User-PasswordProfile.ReadWrite.All", PermissionKind::Admin, 0x56760768_b641_451f_8906_e1b8ab31bca7, "Reset everybody's password"),
    ("Group.Read.All", PermissionKind::Admin, 0x5f8c59db_677d_491f_a6b8_5f174b11ec1d, "Read all groups"),
    ("Group.ReadWrite.All", PermissionKind::Admin, 0x4e46008b_f24c_477d_8fff_7bb4ec7aafe0, "Read and change all groups"),
    ("GroupMember.Read.All", PermissionKind::Admin, 0xbc024368_1153_4739_b217_4326f2e966d0, "Read group memberships"),
    ("Directory.Read.All", PermissionKind::Admin, 0x06da0dbc_49e2_44d2_8312_53f166ab848a, "Read the directory"),
    ("Directory.ReadWrite.All", PermissionKind::Admin, 0xc5366453_9fb0_48a5_a156_24f0c49a4b84, "Read and change the directory"),
    ("Directory.AccessAsUser.All", PermissionKind::Admin, 0x0e263e50_5827_48a4_b97c_d940288653c7, "Use the directory as you"),
    ("Application.Read.All", PermissionKind::Admin, 0xc79f8feb_a9db_4090_85f9_90d820caa0eb, "Read applications"),
    ("Application.ReadWrite.All", PermissionKind::Admin, 0xbdfbf15f_ee85_4955_8675_146e8e5296b5, "Read and change applications"),
    ("AppRoleAssignment.ReadWrite.All", PermissionKind::Admin, 0x84bccea3_f856_4a8a_967b_dbe0a3d53a64, "Give application permissions"),
    ("DelegatedPermissionGrant.ReadWrite.All", PermissionKind::Admin, 0x41ce6ca6_6826_4807_84f1_1c82854f7ee5, "Give delegated permissions"),
    ("AuditLog.Read.All", PermissionKind::Admin, 0xe4c9e354_4dc5_45b8_9e7c_e1393b0b1a20, "Read sign-in and audit logs"),
    ("Policy.Read.All", PermissionKind::Admin, 0x572fea84_0151_49b2_9301_11cb16974376, "Read policies"),
    ("Mail.Read", PermissionKind::User, 0x570282fd_fa5c_430d_a7fd_fc8dc98a9dca, "Read your mail"),
    ("Mail.ReadWrite", PermissionKind::User, 0x024d486e_b451_40bb_833d_3e66d98c5c73, "Read and change your mail"),
    ("Mail.Send", PermissionKind::User, 0xe383f46e_2787_4529_855e_0e479a3ffac0, "Send mail as you"),
    ("Calendars.Read", PermissionKind::User, 0x465a38f9_76ea_45b9_9f34_9e8b0d4b0b42, "Read your calendars"),
    ("Files.Read", PermissionKind::User, 0x10465720_29dd_4523_a11a_6a75c743c9d9, "Read your files"),
    ("Files.ReadWrite.All", PermissionKind::User, 0x863451e7_0667_486c_a5d6_d135439485f0, "Change all files you can reach"),
    ("Sites.Read.All", PermissionKind::User, 0x205e70e5_aba6_4c52_a976_6d2d46c48043, "Read all sites you can reach"),
    ("People.Read", PermissionKind::User, 0xba47897c_39ec_4d83_8086_ee8256fa737d, "Read who matters to you"),
];

/// Where what is said to one person is wrong for whoever consents for everybody.
#[rustfmt::skip]
const WORDS_FOR_ADMINISTRATORS: [(&str, &str); 15] = [
    ("openid", "Sign people in"),
    ("profile", "View people's basic profile"),
    ("email", "View people's email address"),
    ("offline_access", "Keep access to what it was given access to"),
    ("User.Read", "Sign people in and read their profile"),
    ("User.ReadWrite", "Read and change the profile of whoever signs in"),
    ("Directory.AccessAsUser.All", "Use the directory as whoever signs in"),
    ("Mail.Read", "Read the mail of whoever signs in"),
    ("Mail.ReadWrite", "Read and change the mail of whoever signs in"),
    ("Mail.Send", "Send mail as whoever signs in"),
    ("Calendars.Read", "Read the calendars of whoever signs in"),
    ("Files.Read", "Read the files of whoever signs in"),
    ("Files.ReadWrite.All", "Change all files that whoever signs in can reach"),
    ("Sites.Read.All", "Read all sites that whoever signs in can reach"),
    ("People.Read", "Read who matters to whoever signs in"),
];

#[rustfmt::skip]
const GRAPH_ROLES: [(&str, u128, &str); 16] = [
    ("User.Read.All", 0xdf021288_bdef_4463_88db_98f22de89214, "Read everybody's full profile"),
    ("User.ReadWrite.All", 0x741f803b_c850_494e_b5df_cde7c675a1ca, "Read and change everybody's full profile"),
    ("User.EnableDisableAccount.All", 0x3011c876_62b7_4ada_afa2_506cbbecc68c, "Enable and disable accounts"),
    ("User.RevokeSessions.All", 0x77f3a031_c388_4f99_b373_dc68676a979e, "End everybody's sign-in sessions"),
    ("User-PasswordProfile.ReadWrite.All", 0xcc117bb9_00cf_4eb8_b580_ea2a878fe8f7, "Reset everybody's password"),
    ("DelegatedPermissionGrant.ReadWrite.All", 0x8e8e4742_1d95_4f68_9d56_6ee75648c72a, "Give delegated permissions"),
    ("Group.Read.All", 0x5b567255_7703_4780_807c_7be8301ae99b, "Read all groups"),
    ("Group.ReadWrite.All", 0x62a82d76_70ea_41e2_9197_370581804d09, "Read and change all groups"),
    ("GroupMember.Read.All", 0x98830695_27a2_44f7_8c18_0c3ebc9698f6, "Read group memberships"),
    ("Directory.Read.All", 0x7ab1d382_f21e_4acd_a863_ba3e13f7da61, "Read the directory"),
    ("Directory.ReadWrite.All", 0x19dbc75e_c2e2_444c_a770_ec69d8559fc7, "Read and change the directory"),
    ("Application.Read.All", 0x9a5d68dd_52b0_4cc2_bd40_abcf44ac3a30, "Read applications"),
    ("Application.ReadWrite.All", 0x1bfefb4e_e0b5_418b_a88f_73c46d2cc8e9, "Read and change applications"),
    ("AuditLog.Read.All", 0xb0afded3_3588_46d8_8b3d_9842eff778da, "Read sign-in and audit logs"),
    ("Policy.Read.All", 0x246dd0d5_5bd0_4def_940b_0421030a5b68, "Read policies"),
    ("Mail.Send", 0xb633e1c5_b582_4048_a93e_9f11b44c7e96, "Send mail as anybody"),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::ids::CONSUMER_TENANT;

    #[test]
    fn no_permission_of_graph_stands_twice() {
        let ids: HashSet<u128> =
            GRAPH_SCOPES.iter().map(|row| row.2).chain(GRAPH_ROLES.iter().map(|row| row.1)).collect();
        assert_eq!(ids.len(), GRAPH_SCOPES.len() + GRAPH_ROLES.len());
        let scopes: HashSet<&str> = GRAPH_SCOPES.iter().map(|row| row.0).collect();
        assert_eq!(scopes.len(), GRAPH_SCOPES.len());
    }

    #[test]
    fn whoever_consents_for_everybody_is_not_told_of_their_own_data() {
        for permission in GRAPH_SCOPES.iter().map(delegated_permission) {
            let words = permission.admin_consent_display_name.unwrap_or_default();
            assert!(!words.split(' ').any(|word| word == "you" || word == "your"), "{}: {words}", permission.value);
        }
        for (value, _) in WORDS_FOR_ADMINISTRATORS {
            assert!(GRAPH_SCOPES.iter().any(|row| row.0 == value), "{value}");
        }
    }

    #[test]
    fn microsofts_clients_are_granted_what_the_apis_publish() {
        let applications = applications(CONSUMER_TENANT);
        for grant in oauth2_permission_grants() {
            let resource = applications.iter().find(|app| app.app_id == grant.resource);
            for scope in &grant.scopes {
                assert!(
                    resource.is_some_and(|app| app.oauth2_permission_scopes.iter().any(|known| known.value == *scope)),
                    "{scope}"
                );
            }
        }
    }

    #[test]
    fn azure_service_management_is_named_in_four_ways() {
        let applications = applications(CONSUMER_TENANT);
        let names =
            applications.iter().find(|app| app.app_id == AZURE_SERVICE_MANAGEMENT).map(|app| &app.identifier_uris);
        assert_eq!(names.map(Vec::len), Some(4));
        assert!(names.is_some_and(|names| names.contains(&"https://management.core.windows.net/".to_owned())));
    }
}
