//! Is the user assigned to the application, where it asks for that?

use crate::directory::{AppRoleAssignment, Application};

/// Whether `assignments` (those of the user and of the user's groups) let the user in.
pub fn satisfied(application: &Application, assignments: &[AppRoleAssignment]) -> bool {
    !application.app_role_assignment_required
        || assignments.iter().any(|assignment| assignment.resource == application.app_id)
}

/// The values of the roles of `application` that `assignments` give, in the order the application publishes them.
pub fn role_values(application: &Application, assignments: &[AppRoleAssignment]) -> Vec<String> {
    let assigned = |role: &crate::directory::AppRole| {
        assignments
            .iter()
            .any(|assignment| assignment.resource == application.app_id && assignment.app_role == Some(role.id))
    };
    let roles = application.app_roles.iter().filter(|role| role.is_enabled && assigned(role));
    roles.map(|role| role.value.clone()).collect()
}
