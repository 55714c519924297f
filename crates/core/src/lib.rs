//! The pure part of Ropeway: values in, values out.
//!
//! Everything that decides lives here and nothing that acts: no network, no SQL, no clock and no
//! randomness of its own. Start at [`signin::decide`], the one question that every grant asks;
//! [`directory`] holds what it is asked about (in Microsoft Graph's shapes), [`error`] what a refusal
//! looks like, [`oauth`] how a request is read, [`claims`] and [`token`] what is issued.

pub mod claims;
pub mod client_auth;
pub mod directory;
pub mod error;
pub mod graph;
pub mod ids;
pub mod oauth;
pub mod password;
pub mod policy;
pub mod secret;
pub mod signin;
pub mod time;
pub mod token;
pub mod totp;
