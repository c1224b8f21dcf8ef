//! What was checked, what failed, and what was not run.

use crate::run::{Outcome, step};

#[derive(Default)]
pub struct Report {
    passed: Vec<&'static str>,
    failed: Vec<(&'static str, String)>,
    not_run: Vec<(&'static str, String)>,
}

impl Report {
    /// Runs one check, unless it is left out or something that it needs is not there.
    pub fn check(&mut self, name: &'static str, needs: &[&str], left_out_by: Option<&str>, work: impl FnOnce() -> Outcome) {
        if let Some(option) = left_out_by {
            return self.not_run.push((name, format!("left out by {option}")));
        }
        if let Some(missing) = needs.iter().find(|need| !self.passed.contains(need)) {
            return self.not_run.push((name, format!("needs {missing}")));
        }
        match step(name, work) {
            Ok(()) => self.passed.push(name),
            Err(message) => {
                eprintln!("  {message}");
                self.failed.push((name, message));
            }
        }
    }

    /// Prints the result, the closing line last and alone, and says whether nothing failed.
    pub fn close(self) -> bool {
        println!();
        for (name, message) in &self.failed {
            println!("FAILED {name}: {message}");
        }
        for (name, reason) in &self.not_run {
            println!("not run: {name}, {reason}");
        }
        let skipped = if self.not_run.is_empty() { String::new() } else { format!(", {} skipped", self.not_run.len()) };
        println!("{} passed, {} failed{skipped}", self.passed.len(), self.failed.len());
        self.failed.is_empty()
    }
}
