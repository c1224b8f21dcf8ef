use super::{Format, Stop};
use crate::{load, show};
use qudao::policy_test::{self, Difference, PolicyTest};
use qudao::wire;
use serde_json::json;
use std::path::PathBuf;

/// Run the policy's own tests.
#[derive(clap::Args)]
pub struct Arguments {
    /// Folder of the policy.
    policy: PathBuf,
}

pub fn run(arguments: &Arguments, format: Format) -> Result<(), Stop> {
    let checked = load::check(&arguments.policy)?;
    let policy = load::require(&checked, format)?;
    let engine = load::engine_of(load::compile(policy).bytes(), format)?;
    let results: Vec<(&PolicyTest, Vec<Difference>)> =
        checked.tests.iter().map(|test| (test, policy_test::run(test, |input| wire::quote(&engine, input)))).collect();
    let failed = results.iter().filter(|(_, differences)| !differences.is_empty()).count();
    match format {
        Format::Json => {
            let tests: Vec<_> = results.iter().map(|(test, differences)| show::test_json(test, differences, &checked.sources)).collect();
            show::line(&json!({ "ok": failed == 0, "passed": results.len() - failed, "failed": failed, "tests": tests }).to_string());
        }
        Format::Text => {
            for (test, differences) in &results {
                show::test(test, differences, &checked.sources);
            }
            show::line(&format!("{} passed, {failed} failed", results.len() - failed));
        }
    }
    if failed == 0 { Ok(()) } else { Err(Stop::Faults) }
}
