use super::quote::Question;
use super::{Format, Stop};
use crate::{load, show};
use qudao::wire;
use qudao::wire::Node;
use std::path::PathBuf;

/// Decide on an order: accept, accept with changes, route to approval, or reject.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    question: Question,
    /// What the order was thought to be, JSON or YAML: `{ result_hash, payable, lines }`.
    #[arg(long, value_name = "FILE")]
    claimed: Option<PathBuf>,
}

pub fn run(arguments: &Arguments, format: Format) -> Result<(), Stop> {
    let (engine, mut input) = arguments.question.load(format)?;
    if let Some(path) = &arguments.claimed {
        input.push(("claimed".to_owned(), load::input(path, format)?));
    }
    let verdict = wire::verify(&engine, &Node::Map(input)).map_err(|faults| show::faults(&faults, format))?;
    match format {
        Format::Json => show::line(&verdict),
        Format::Text => show::verdict(&verdict),
    }
    Ok(())
}
