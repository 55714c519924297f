//! The control API, `/_ropeway/api/v1`: what a test does to a tenant from outside.
//!
//! One file per resource, each with its handlers and what they do to the store. Bodies are written in the tenant file's
//! own words and read by its reader ([`ropeway_core::directory::file::ObjectReader`]); a change is a JSON merge patch.
//! [`openapi`] puts the routes together, `answer` reads bodies and writes errors. [`directory`](mod@directory) holds what
//! code in the same process calls instead.

#![allow(unused_qualifications, reason = "utoipa's derives write whole paths")]

mod answer;
mod applications;
mod clock;
mod conditional_access;
mod consents;
mod directory;
mod keys;
pub(crate) mod openapi;
mod sign_ins;
mod tenants;
mod users;

pub(crate) use answer::Refusal;
pub(crate) use openapi::router;
pub(crate) use users::apply as change_user;
