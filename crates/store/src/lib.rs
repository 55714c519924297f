//! What a Ropeway instance remembers: tenants, users, consents, lockouts, keys, browser sessions, codes, sign-ins. The only crate that knows SQL.
//!
//! [`Store`] is the whole door. Reads run where they are called and see one moment ([`Store::read`]); writes queue for one
//! writer that commits many together and answers after the commit ([`Store::write`]). In memory all take turns at one
//! connection, in a directory each reader has its own; what they run is the same. Every statement is written once, in SQL that SQLite and PostgreSQL both take;
//! `dialect.rs` alone knows which of them runs it.
//!
//! Nothing here decides about a sign-in and nothing reads a clock: both times are arguments. Start at `store.rs`, then
//! the file named after what you look for; a new sentence of the domain is a method on [`Reads`] or on [`Tx`] there.

mod codes;
mod connections;
mod consents;
mod copy;
mod device_codes;
mod dialect;
mod error;
mod import;
mod keys;
mod lockout;
mod migrations;
mod redeemed;
mod row;
mod sessions;
mod sign_ins;
mod store;
mod tenants;
mod transactions;
mod tx;
mod users;
mod writer;

pub use device_codes::{Kept, WaitingDevice};
pub use error::StoreError;
pub use import::Imported;
pub use keys::{SealingKey, SigningKey};
pub use lockout::{Attempt, AttemptId, Lockout, Outcome, Settled};
pub use sessions::{OpenSession, SessionPlace};
pub use sign_ins::{Detail, SignIn};
pub use store::{Store, Swept};
pub use transactions::Transaction;
pub use tx::{Reads, Tx};
pub use users::StoredUser;
