//! Microsoft Graph, as far as tokens point there: the endpoint that tells the groups a token had no room for.

mod answer;
mod caller;
pub(crate) mod member_objects;
