//! Bytes and objects in and out: reading inputs strictly, writing answers canonically.

mod fault;
mod node;

pub use fault::{Fault, Faults};
pub use node::Node;
