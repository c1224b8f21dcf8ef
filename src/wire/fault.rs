use crate::num::Scale;
use std::fmt;

/// One fault of an input: a stable code, where it is, what was found there, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Stable code, for example `SKU_UNKNOWN`.
    pub code: &'static str,
    /// Path into the input, for example `order.lines[3].quantity`.
    pub path: String,
    /// What was found there, shortened.
    pub value: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
}

/// Every fault of one input; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults(pub Vec<Fault>);

/// A text of parts. The formatting of the standard library would be five kilobytes of the engine.
#[inline(never)]
pub fn words(parts: &[&str]) -> String {
    parts.concat()
}

/// A count as text.
#[inline(never)]
pub fn count(count: usize) -> String {
    Scale(0).show(i64::try_from(count).unwrap_or(i64::MAX))
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        for (index, fault) in self.0.iter().enumerate() {
            let line_break = if index == 0 { "" } else { "\n" };
            write!(f, "{line_break}{}: {}: {} ({})", fault.code, fault.path, fault.message, fault.help)?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}
