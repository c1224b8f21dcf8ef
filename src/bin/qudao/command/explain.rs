use super::quote::Question;
use super::{Format, Stop};
use crate::show;
use qudao::wire;
use qudao::wire::Node;

/// Price an order and say why, in words.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    question: Question,
    /// Language of the sentences.
    #[arg(long, value_parser = ["zh", "en"], default_value = "zh")]
    language: String,
    /// Also every promotion that is not open or has no product in the order, and why.
    #[arg(long)]
    all: bool,
}

pub fn run(arguments: &Arguments, format: Format) -> Result<(), Stop> {
    let (engine, mut input) = arguments.question.load(format)?;
    input.push(("language".to_owned(), Node::Text(arguments.language.clone())));
    input.push(("all".to_owned(), Node::Bool(arguments.all)));
    let sentences = wire::explain(&engine, &Node::Map(input)).map_err(|faults| show::faults(&faults, format))?;
    match format {
        Format::Json => show::line(&sentences),
        Format::Text => show::sentences(&sentences),
    }
    Ok(())
}
