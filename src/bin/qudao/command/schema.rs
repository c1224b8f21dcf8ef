use super::{Format, Stop};
use crate::show;
use qudao::import;

/// Print the JSON Schema of policy files, from which editors complete.
#[derive(clap::Args)]
pub struct Arguments {
    /// The schema of files of tests instead.
    #[arg(long)]
    tests: bool,
}

pub fn run(arguments: &Arguments, format: Format) -> Result<(), Stop> {
    let schema = if arguments.tests { import::test_schema() } else { import::policy_schema() };
    match format {
        Format::Json => show::line(&schema.to_string()),
        Format::Text => show::line(&format!("{schema:#}")),
    }
    Ok(())
}
