use super::{Format, Stop};
use crate::{load, show};
use qudao::wire;
use qudao::wire::Node;
use serde_json::json;
use std::fs;
use std::path::PathBuf;

/// Cut the part of a policy that one dealer can meet: a bundle that answers this dealer like the whole policy and holds nothing of others.
#[derive(clap::Args)]
pub struct Arguments {
    /// Folder of the policy, a bundle, or a module with the policy inside.
    policy: PathBuf,
    /// The dealer facts, JSON or YAML; id, grade, region, channel, group and attributes decide. Or the id of a dealer in the dealer table of the policy folder.
    #[arg(long, value_name = "FILE|ID")]
    dealer: PathBuf,
    /// Write the slice to this file.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

pub fn run(arguments: &Arguments, format: Format) -> Result<(), Stop> {
    let engine = load::engine(&arguments.policy, format)?;
    // A slice is for every instant, so the facts may be of any.
    let dealer = load::dealer(&arguments.dealer, &arguments.policy, &Node::Int(0), format)?;
    let input = Node::Map(vec![("dealer".to_owned(), dealer)]);
    let slice = wire::slice(&engine, &input).map_err(|faults| show::faults(&faults, format))?;
    let path = &arguments.output;
    fs::write(path, slice.bytes()).map_err(|error| Stop::file(path, error, "name a file in a folder that exists"))?;
    let (file, bytes, bundle) = (path.display().to_string(), slice.bytes().len(), &engine.policy().hash);
    match format {
        Format::Json => show::line(&json!({ "ok": true, "bundle": bundle, "file": file, "bytes": bytes }).to_string()),
        Format::Text => {
            show::line(&format!("{file}: {bytes} bytes"));
            show::line(&format!("of bundle {bundle}"));
        }
    }
    Ok(())
}
