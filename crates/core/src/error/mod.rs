//! Refusals as data: one catalogue, and nothing else formats an error.
//!
//! [`catalogue`] is the table. A rule that refuses makes a [`Denial`] (a row and what fills its template);
//! [`render`] turns it into the bytes of the endpoint that answers.

pub mod catalogue;
mod denial;
pub mod render;

pub use denial::Denial;
