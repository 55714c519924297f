//! Refusals as data: one catalogue, and nothing else formats an error.
//!
//! [`catalogue`] is the table. A rule that refuses makes a [`Denial`] (a row and what fills its template);
//! [`render`] turns it into the bytes of the endpoint that answers; [`explain`] tells a person about a row.

pub mod catalogue;
mod denial;
pub mod explain;
pub mod render;
mod template;

pub use denial::Denial;
pub use render::{AnswerContext, EndpointVersion, ErrorAnswer};
pub use template::UNFILLED;
