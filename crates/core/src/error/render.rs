//! A [`Denial`](super::Denial) as the bytes that the asked endpoint answers with.
