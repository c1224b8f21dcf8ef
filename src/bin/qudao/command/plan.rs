use super::quote::Question;
use super::{Format, Stop, instant};
use crate::show;
use qudao::wire::{self, Node};

/// How much of an order lots of rebate should pay: the best first, with what expires unused and what paying by lots costs in rebates.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    question: Question,
    /// When the dealer orders again, and not before; what expires until then is lost otherwise.
    #[arg(long, value_name = "TIME")]
    until: String,
}

pub fn run(arguments: &Arguments, format: Format) -> Result<(), Stop> {
    let (engine, mut input) = arguments.question.load(format)?;
    input.push(("until".to_owned(), instant(&arguments.until)));
    let found = wire::redemption_plans(&engine, &Node::Map(input)).map_err(|faults| show::faults(&faults, format))?;
    match format {
        Format::Json => show::line(&found),
        Format::Text => show::plans(&found),
    }
    Ok(())
}
