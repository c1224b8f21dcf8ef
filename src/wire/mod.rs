//! Bytes and objects in and out: reading inputs strictly, writing answers canonically.

mod answer;
mod columns;
mod door;
mod fault;
mod hint;
mod json;
mod node;
mod packed;
mod plan;
mod read;
mod returns;

pub use answer::{Writer, faults_json, finding_code};
pub(crate) use answer::{least_digits, part_scale};
pub use columns::Packed;
#[cfg(all(feature = "author", not(target_arch = "wasm32")))]
pub use door::dealers;
pub use door::{catalog, explain, hashes, policy_info, quote, quote_columns, slice, verify};
pub(crate) use door::{overflow, read, sentences};
pub(crate) use fault::words;
pub use fault::{Fault, Faults};
pub use hint::{alternatives, hints};
pub(crate) use hint::{alternatives_of, hints_of, read_wish};
pub use json::Json;
pub use node::Node;
pub use packed::Rows;
pub(crate) use plan::plans_until;
pub use plan::redemption_plans;
pub use read::Claimed;
pub(crate) use read::line_id;
pub use returns::return_preview;
