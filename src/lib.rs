//! Qudao (渠道).

pub mod diagnostic;
pub mod num;
pub mod policy;
pub mod time;
pub mod wire;
