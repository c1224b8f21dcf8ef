use super::{Format, Stop};
use crate::show;
use qudao::import;

/// Print the JSON Schema of policy files, from which editors complete.
#[derive(clap::Args)]
pub struct Arguments {
    /// The schema of files of tests instead.
    #[arg(long)]
    tests: bool,
    /// The schema of mappings instead.
    #[arg(long, conflicts_with = "tests")]
    mapping: bool,
}

pub fn run(arguments: &Arguments, format: Format) -> Result<(), Stop> {
    let schema = match (arguments.tests, arguments.mapping) {
        (true, _) => import::test_schema(),
        (_, true) => import::mapping_schema(),
        _ => import::policy_schema(),
    };
    match format {
        Format::Json => show::line(&schema.to_string()),
        Format::Text => show::line(&format!("{schema:#}")),
    }
    Ok(())
}
