//! Microsoft Graph, as far as tokens point there and a job's end needs it: users, consents, what ends a sign-in, and the
//! sign-in log. Who may do what is decided in `ropeway_core::graph`; one resource is one file.

mod answer;
mod caller;
pub(crate) mod member_objects;
pub(crate) mod oauth2_permission_grants;
mod query;
pub(crate) mod sessions;
pub(crate) mod sign_ins;
pub(crate) mod user_info;
pub(crate) mod users;

pub(crate) use sign_ins::properties as sign_in;
