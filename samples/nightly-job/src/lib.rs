//! A scheduled job that calls an API for a user, in the three ways there are:
//!
//! - [`Way::Password`]: the user's password is stored with the job and sent each time (RFC 6749 §4.3). It works until the
//!   platform would ask the user anything else.
//! - [`Way::RefreshToken`]: a person authorises once, on the platform's page, and the job keeps the refresh token (§6).
//! - [`Way::ClientCredentials`]: nobody is there; the job acts as itself (§4.4), where an API has a permission for that.
//!
//! Start reading at `ways`, then `authorise` (how a person authorises), `store` (how the refresh token is kept),
//! `refusal` (what a refusal is about, and who can do something about it) and `platform` (the protocol, by the crate
//! `openidconnect`).

mod apis;
mod authorise;
mod failure;
mod platform;
mod refusal;
mod report;
mod sealed;
mod settings;
pub mod store;
mod ways;

pub use authorise::{How, authorise};
pub use failure::Exit;
pub use report::{Outcome, Report, Trouble};
pub use sealed::StoreKey;
pub use settings::Settings;
pub use ways::{Api, Way, run};
