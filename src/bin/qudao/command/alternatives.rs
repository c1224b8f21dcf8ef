use super::quote::Question;
use super::{Format, Stop};
use crate::show;
use qudao::wire;
use qudao::wire::Node;

/// Other combinations of promotions that are worth as much to the dealer; `decline` of the order chooses one.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    question: Question,
}

pub fn run(arguments: &Arguments, format: Format) -> Result<(), Stop> {
    let (engine, input) = arguments.question.load(format)?;
    let found = wire::alternatives(&engine, &Node::Map(input)).map_err(|faults| show::faults(&faults, format))?;
    match format {
        Format::Json => show::line(&found),
        Format::Text => show::alternatives(&found),
    }
    Ok(())
}
