//! `qudao transfer`.

use super::{Format, Stop};
use crate::{load, show};
use qudao::claims::Fault;
use qudao::facts::Lot;
use qudao::num::Money;
use qudao::time::Instant;
use qudao::transfer::{Book, Examined};
use qudao::{Engine, settle, wire};
use serde_json::json;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Pass lots of rebate on to other dealers (返利单转让): what is made, what is refused, and the lots that everybody holds then.
#[derive(clap::Args)]
pub struct Arguments {
    /// Folder of the policy.
    policy: PathBuf,
    /// Facts of the dealers, with their lots.
    #[arg(long, value_name = "FILE")]
    dealers: PathBuf,
    /// The transfers, CSV: `id`, `lot`, `from`, `to`, `amount`; a blank amount is all of it.
    #[arg(long, value_name = "FILE")]
    transfers: PathBuf,
    /// When they are made, an instant with offset.
    #[arg(long, value_name = "INSTANT")]
    at: String,
    /// `transfers.csv` of the runs before this one: lots that came of them are not passed on again.
    #[arg(long, value_name = "FILE")]
    previous: Vec<PathBuf>,
    /// Write the files into this folder: transfers.csv, refused.csv, lots.json.
    #[arg(short, long, value_name = "FOLDER")]
    output: PathBuf,
}

pub fn run(arguments: &Arguments, format: Format) -> Result<(), Stop> {
    let checked = load::policy(&arguments.policy, format)?;
    let engine: Engine = load::engine_of(load::compile(&checked).bytes(), format)?;
    let policy = engine.policy();
    let facts = load::input(&arguments.dealers, format)?;
    let mut dealers = wire::dealers(&engine, &facts).map_err(|faults| show::faults(&faults, format))?;
    let fault = || Stop::file(Path::new(&arguments.at), "no instant", "write it with an offset: 2027-01-01T00:00:00+08:00");
    let at = Instant::parse(&arguments.at).ok_or_else(fault)?;
    let text = |path: &PathBuf| fs::read_to_string(path).map_err(|error| Stop::file(path, error, "name a CSV file in UTF-8"));
    let unsound = |path: &Path, (line, what): Fault| Stop::file(path, format!("line {line}: {what}"), "correct the row");
    let mut book = Book::default();
    for path in &arguments.previous {
        book.before(&text(path)?).map_err(|fault| unsound(path, fault))?;
    }
    let path = &arguments.transfers;
    let rule = checked.policy().redemption.as_ref();
    let examined = book.transfer(policy, rule, &mut dealers, at, &text(path)?).map_err(|fault| unsound(path, fault))?;
    let made: String = examined.iter().filter_map(|row| row.made(policy, &dealers)).collect();
    let refused: String = examined.iter().filter_map(Examined::refused).collect();
    let left = |lot: &&Lot| lot.balance > Money::ZERO;
    let held = dealers.iter().filter(|dealer| dealer.lots.iter().any(|lot| left(&lot))).map(|dealer| {
        let lots: Vec<String> = dealer.lots.iter().filter(left).map(|lot| settle::lot_json(policy, lot)).collect();
        format!("\n{{\"id\":{},\"lots\":[{}]}}", json!(dealer.id), lots.join(","))
    });
    let bundle = json!(policy.hash);
    let held = format!("{{\"schema\":1,\"bundle\":{bundle},\"dealers\":[{}\n]}}\n", held.collect::<Vec<_>>().join(","));
    let folder = &arguments.output;
    let write = |name: &str, text: &str| -> io::Result<()> { fs::write(folder.join(name), text) };
    fs::create_dir_all(folder)
        .and_then(|()| write("transfers.csv", &(Examined::MADE.to_owned() + &made)))
        .and_then(|()| write("refused.csv", &(Examined::REFUSED.to_owned() + &refused)))
        .and_then(|()| write("lots.json", &held))
        .map_err(|error| Stop::file(folder, error, "name a folder that can be written to"))?;
    let (rows, refused) = (examined.len(), examined.iter().filter(|row| row.outcome.is_err()).count());
    match format {
        Format::Json => show::line(&json!({ "ok": true, "rows": rows, "made": rows - refused, "refused": refused }).to_string()),
        Format::Text => show::line(&format!("{rows} transfers: {} made, {refused} refused", rows - refused)),
    }
    Ok(())
}
