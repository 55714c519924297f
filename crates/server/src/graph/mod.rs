//! Microsoft Graph, as far as tokens point there: the user of a token, and the endpoint that tells the groups a token had
//! no room for.

mod answer;
mod caller;
pub(crate) mod me;
pub(crate) mod member_objects;
pub(crate) mod user_info;
