//! What Microsoft Graph decides: who may do what there, and which objects a `$filter` means. Pure; the server has the
//! objects.

mod access;
mod filter;

pub use access::{Deed, GraphCaller, Target, may};
pub use filter::{Filter, FilterFault, Scalar};
