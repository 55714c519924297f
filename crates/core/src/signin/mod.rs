//! The one decision: may this principal, with these proofs, through this client, from this place, have these scopes on
//! this resource, now?
//!
//! [`Facts`] holds what the question is about, [`decide`] answers it, [`Step`] is what only the person can do about it on
//! the platform's page, and [`Step::as_denial`] is the only bridge from there to an error. [`next()`] says which page that is.

mod account;
mod decide;
mod facts;
#[cfg(test)]
pub(crate) mod fixture;
mod next;
mod session;
mod step;
mod trace;

pub use account::{Account, Home, Partner};
pub use decide::{Decision, Granted, Ruling, decide};
pub use facts::{Facts, PageProofs, PasswordProof, Place, Proofs};
pub use next::{Next, Standing, next};
pub use session::Session;
pub use step::{Step, Unattended};
pub use trace::{Trace, TraceEntry, Verdict};
