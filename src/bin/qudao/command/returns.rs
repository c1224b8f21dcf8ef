use super::quote::Question;
use super::{Format, Stop, instant};
use crate::{load, show};
use qudao::wire::{self, Node};
use std::path::PathBuf;

/// What it comes to if units of an order come back: refund, lots, gifts, and what rebate programs take back.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    question: Question,
    /// A line that comes back, by its id, and how much of it: `A|EA=3`; may be given several times.
    #[arg(long = "line", value_name = "LINE=QUANTITY", required = true)]
    lines: Vec<String>,
    /// What came back of the order before, in the same form.
    #[arg(long, value_name = "LINE=QUANTITY")]
    returned: Vec<String>,
    /// Facts of the day of the return, in which the order is booked, with `--at`.
    #[arg(long, value_name = "FILE|ID", requires = "at")]
    today: Option<PathBuf>,
    /// The instant of the return.
    #[arg(long, value_name = "TIME", requires = "today")]
    at: Option<String>,
    /// Language of the sentences.
    #[arg(long, value_parser = ["zh", "en"], default_value = "zh")]
    language: String,
}

pub fn run(arguments: &Arguments, format: Format) -> Result<(), Stop> {
    let (engine, mut input) = arguments.question.load(format)?;
    let map = |entries: Vec<(&str, Node)>| Node::Map(entries.into_iter().map(|(key, node)| (key.to_owned(), node)).collect());
    // The id may hold an equals sign, the quantity does not.
    let line = |text: &String| {
        let (line, quantity) = text.rsplit_once('=').unwrap_or((text, ""));
        map(vec![("line", Node::Text(line.to_owned())), ("quantity", Node::Text(quantity.to_owned()))])
    };
    let mut add = |key: &str, node: Node| input.push((key.to_owned(), node));
    add("lines", Node::List(arguments.lines.iter().map(line).collect()));
    add("returned", Node::List(arguments.returned.iter().map(line).collect()));
    add("language", Node::Text(arguments.language.clone()));
    if let (Some(today), Some(at)) = (&arguments.today, &arguments.at) {
        let now = instant(at);
        let dealer = load::dealer(today, &arguments.question.policy, &now, format)?;
        add("today", map(vec![("dealer", dealer), ("now", now)]));
    }
    let found = wire::return_preview(&engine, &Node::Map(input)).map_err(|faults| show::faults(&faults, format))?;
    match format {
        Format::Json => show::line(&found),
        Format::Text => show::returned(&found),
    }
    Ok(())
}
