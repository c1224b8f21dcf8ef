use super::{Format, Stop, instant};
use crate::{load, show};
use qudao::wire;
use qudao::wire::Node;
use std::path::PathBuf;

/// Price an order.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    pub question: Question,
}

/// What is asked: a policy and who orders what, when.
#[derive(clap::Args)]
pub struct Question {
    /// Folder of the policy, a bundle, or a module with the policy inside.
    pub policy: PathBuf,
    /// The order, JSON or YAML.
    #[arg(long, value_name = "FILE")]
    order: PathBuf,
    /// The dealer facts, JSON or YAML; or the id of a dealer in the dealer table of the policy folder.
    #[arg(long, value_name = "FILE|ID")]
    dealer: PathBuf,
    /// The instant of the quote: RFC 3339 with offset, or milliseconds since 1970.
    #[arg(long, value_name = "TIME")]
    now: String,
}

pub fn run(arguments: &Arguments, format: Format) -> Result<(), Stop> {
    let (engine, input) = arguments.question.load(format)?;
    let quote = wire::quote(&engine, &Node::Map(input)).map_err(|faults| show::faults(&faults, format))?;
    match format {
        Format::Json => show::line(&quote),
        Format::Text => show::quote(&quote),
    }
    Ok(())
}

impl Question {
    /// Loads the engine and reads the parts of the input.
    pub fn load(&self, format: Format) -> Result<(qudao::Engine, Vec<(String, Node)>), Stop> {
        let engine = load::engine(&self.policy, format)?;
        let now = instant(&self.now);
        let order = load::input(&self.order, format)?;
        let dealer = load::dealer(&self.dealer, &self.policy, &now, format)?;
        Ok((engine, [("order", order), ("dealer", dealer), ("now", now)].map(|(key, node)| (key.to_owned(), node)).into()))
    }
}
