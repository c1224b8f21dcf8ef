use super::{Format, Stop};
use crate::{load, show};
use std::path::PathBuf;

/// Report every fault of a policy, with file, line, column and cure.
#[derive(clap::Args)]
pub struct Arguments {
    /// Folder of the policy.
    policy: PathBuf,
}

pub fn run(arguments: &Arguments, format: Format) -> Result<(), Stop> {
    let checked = load::check(&arguments.policy)?;
    match format {
        Format::Json => show::diagnostics_json(checked.policy.is_some(), &checked.diagnostics, &checked.sources),
        Format::Text => {
            show::diagnostics(&checked.diagnostics, &checked.sources);
            if let Some(policy) = &checked.policy {
                let policy = policy.policy();
                let rows: usize = policy.prices.iter().chain(&policy.floors).map(|access| access.rows.len()).sum();
                show::line(&format!(
                    "{} {} is fine: {} products, {rows} price rows, {} promotions, {} programs, {} tests",
                    policy.settings.id,
                    policy.settings.version,
                    policy.products.len(),
                    policy.promotions.len(),
                    policy.programs.len(),
                    checked.tests.len()
                ));
            }
        }
    }
    checked.policy.map(|_| ()).ok_or(Stop::Faults)
}
