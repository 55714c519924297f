use std::collections::HashMap;

use indexmap::IndexSet;
use uuid::Uuid;

use super::names::{Sort, Target};
use super::tenant::Builder;
use super::value::Object;
use crate::directory::{DirectoryRole, Group};
use crate::ids::{ObjectId, TenantId, derived_id};

/// Builds the groups of a tenant; users must be known by then.
pub(super) fn groups(builder: &mut Builder<'_, '_>, tenant: &Object) -> Vec<Group> {
    let mut ids = Vec::new();
    let mut derived: HashMap<ObjectId, u64> = HashMap::new();
    for object in tenant.objects("groups") {
        let Some(name) = object.text("displayName") else {
            builder.names.miss(Sort::Group);
            continue;
        };
        let id = builder.claim_id(object, "group", name);
        if object.field("id").is_none()
            && let Some(line) = derived.insert(id, object.place.line)
        {
            let found = format!("a second group {name}, the first is in line {line}");
            builder.reader.fault(object.place, &object.path, found, "rename it, or give both an id");
        }
        builder.names.add(&id.to_string(), Target::Group(id));
        builder.names.add(name, Target::Group(id));
        ids.push((object, id, name));
    }
    // Groups may hold groups that stand further down.
    ids.into_iter()
        .map(|(object, id, name)| Group {
            id,
            display_name: name.to_owned(),
            security_enabled: object.flag("securityEnabled").unwrap_or(true),
            members: members(builder, object, &[Sort::User, Sort::Group]),
        })
        .collect()
}

/// Builds the activated directory roles of a tenant; users must be known by then.
pub(super) fn directory_roles(builder: &mut Builder<'_, '_>, tenant: &Object) -> Vec<DirectoryRole> {
    let mut roles: Vec<DirectoryRole> = Vec::new();
    for object in tenant.objects("directoryRoles") {
        let Some(name) = object.text("displayName") else { continue };
        let role_template_id = object.guid("roleTemplateId").map_or_else(|| role_template_id(name), ObjectId);
        if roles.iter().any(|role| role.role_template_id == role_template_id) {
            let found = format!("a second role {name}");
            builder.reader.fault(object.place, &object.path, found, "list its members in one place");
        }
        builder.claim_id(object, "directoryRole", name);
        // A group in a role would have to count for its members; nothing does that yet, so it is refused.
        let members = members(builder, object, &[Sort::User, Sort::Application]);
        roles.push(DirectoryRole { display_name: name.to_owned(), role_template_id, members });
    }
    roles
}

fn members(builder: &mut Builder<'_, '_>, object: &Object, sorts: &[Sort]) -> IndexSet<ObjectId> {
    let mut members = IndexSet::new();
    for reference in object.list("members") {
        let id = match builder.names.resolve(builder.reader, reference, sorts) {
            Some(Target::User(id) | Target::Group(id) | Target::Application(_, id)) => id,
            Some(Target::Location(..)) | None => continue,
        };
        members.insert(id);
    }
    members
}

/// The template of a role by its name; a name that is not Microsoft's gets an id of its own, the same in every tenant.
pub(super) fn role_template_id(name: &str) -> ObjectId {
    let known = ROLE_TEMPLATES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    known.map_or_else(
        || ObjectId(derived_id(TenantId(Uuid::nil()), "directoryRole", name)),
        |(_, id)| ObjectId(Uuid::from_u128(*id)),
    )
}

/// <https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference>
const ROLE_TEMPLATES: [(&str, u128); 16] = [
    ("Application Administrator", 0x9b895d92_2cd3_44c7_9d02_a6ac2d5ea5c3),
    ("Authentication Administrator", 0xc4e39bd9_1100_46d3_8c65_fb160da0071f),
    ("Billing Administrator", 0xb0f54661_2d74_4c50_afa3_1ec803f12efe),
    ("Cloud Application Administrator", 0x158c047a_c907_4556_b7ef_446551a6b5f7),
    ("Conditional Access Administrator", 0xb1be1c3e_b65d_4f19_8427_f6fa0d97feb9),
    ("Directory Readers", 0x88d8e3e3_8f55_4a1e_953a_9b9898b8876b),
    ("Exchange Administrator", 0x29232cdf_9323_42fd_ade2_1d097af3e4de),
    ("Global Administrator", 0x62e90394_69f5_4237_9190_012177145e10),
    ("Global Reader", 0xf2ef992c_3afb_46b9_b7cf_a126ee74c451),
    ("Helpdesk Administrator", 0x729827e3_9c14_49f7_bb1b_9608f156bbb8),
    ("Privileged Authentication Administrator", 0x7be44c8a_adaf_4e2a_84d6_ab2649e08a13),
    ("Privileged Role Administrator", 0xe8611ab8_c189_46e8_94e1_60213ab1f814),
    ("Security Administrator", 0x194ae4cb_b126_40b2_bd5b_6091b380977d),
    ("Security Reader", 0x5d6b6bb7_de71_4623_b4af_96380a352509),
    ("SharePoint Administrator", 0xf28a1f50_f6e7_4571_818b_6a12f2af6b6c),
    ("User Administrator", 0xfe930be7_5e62_47db_91af_98c3a49a38b1),
];
