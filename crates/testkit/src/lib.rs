//! A Microsoft Entra ID test tenant inside a Rust test.
//!
//! ```no_run
//! # async fn example() -> anyhow::Result<()> {
//! let tenant = ropeway_testkit::TestTenant::start().await?;
//! let token = tenant.token("cloud@alpine.test").await?;
//! # let _ = token; Ok(()) }
//! ```
//!
//! The server runs in the test's own process, on a loopback address of its own, with a real TLS certificate: your code
//! under test talks to it as to Entra. [`TestTenant`] holds both clocks and the directory; dropping it stops the server.
//! [`sample`] names the users and applications that are there when you bring no tenant file of your own.

mod answer;
mod browser;
mod builder;
mod request;
pub mod sample;
mod tenant;

pub use answer::{Answer, NotGranted};
pub use browser::{Browser, Landed, Reply, Shown};
pub use builder::TestTenantBuilder;
pub use request::TokenRequest;
pub use tenant::TestTenant;
