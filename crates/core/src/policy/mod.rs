//! The rules that `decide` asks, one file each. Each takes values and says what it found; none of them refuses by itself.

pub mod assignment;
pub mod conditional_access;
pub mod consent;
pub mod password_age;
pub mod refresh_lifetime;
pub mod second_factor;
pub mod session_lifetime;
