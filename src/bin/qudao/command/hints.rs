use super::quote::Question;
use super::{Format, Stop};
use crate::show;
use qudao::wire;
use qudao::wire::Node;

/// Small changes of an order that bring more than they cost, each priced anew.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    question: Question,
    /// Language of the sentences.
    #[arg(long, value_parser = ["zh", "en"], default_value = "zh")]
    language: String,
    /// A coupon code that the dealer holds; may be given several times.
    #[arg(long, value_name = "CODE")]
    coupon: Vec<String>,
}

pub fn run(arguments: &Arguments, format: Format) -> Result<(), Stop> {
    let (engine, mut input) = arguments.question.load(format)?;
    input.push(("language".to_owned(), Node::Text(arguments.language.clone())));
    input.push(("coupons".to_owned(), Node::List(arguments.coupon.iter().cloned().map(Node::Text).collect())));
    let hints = wire::hints(&engine, &Node::Map(input)).map_err(|faults| show::faults(&faults, format))?;
    match format {
        Format::Json => show::line(&hints),
        Format::Text => show::hints(&hints),
    }
    Ok(())
}
