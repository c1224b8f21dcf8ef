//! `qudao claim`.

use super::{Format, Stop};
use crate::{load, show};
use qudao::claims::{Allowed, Book, Examined, Fault};
use qudao::num::Money;
use qudao::{Engine, bundle, calendar};
use serde_json::json;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Examine claims with evidence (报备核销): what is owed for each, or why it is refused.
#[derive(clap::Args)]
pub struct Arguments {
    /// Folder of the policy.
    policy: PathBuf,
    /// The registrations, CSV: `registration`, `kind` (`ship_and_debit`, `margin`, `price_protection`, `cost_share`), `dealer`, `sku`, `from`,
    /// `to`, and where there are `quantity`, `customer`, `price`, `margin`, `old_price`, `share`, `amount`.
    #[arg(long, value_name = "FILE")]
    registrations: PathBuf,
    /// The claims, CSV: `id`, `registration`, `dealer`, `sku`, `date`, `quantity`, and where there are `invoice`, `customer`, `cost`, `sell`, `snapshot`.
    #[arg(long, value_name = "FILE")]
    claims: PathBuf,
    /// The stock that claims of price protection name by its SHA-256 as `snapshot`, CSV: `dealer`, `sku`, `at`, `quantity`.
    #[arg(long, value_name = "FILE")]
    stock: Option<PathBuf>,
    /// `claims.csv` of the runs before this one: what they allowed is used up.
    #[arg(long, value_name = "FILE")]
    previous: Vec<PathBuf>,
    /// Write the files into this folder: claims.csv, refused.csv.
    #[arg(short, long, value_name = "FOLDER")]
    output: PathBuf,
}

pub fn run(arguments: &Arguments, format: Format) -> Result<(), Stop> {
    let checked = load::policy(&arguments.policy, format)?;
    let zone = checked.resolved().zone.clone();
    let engine: Engine = load::engine_of(load::compile(&checked).bytes(), format)?;
    let policy = engine.policy();
    let day = |text: &str| calendar::day(text).ok().and_then(|_| calendar::window(&format!("{text} .. {text}"), &zone).ok());
    let text = |path: &PathBuf| fs::read_to_string(path).map_err(|error| Stop::file(path, error, "name a CSV file in UTF-8"));
    let unsound = |path: &Path, (line, what): Fault| Stop::file(path, format!("line {line}: {what}"), "correct the row");
    let stock = arguments.stock.as_ref().map(text).transpose()?;
    let snapshot = stock.as_ref().map(|stock| (stock.as_str(), bundle::hex(&bundle::sha256(stock.as_bytes()))));
    let path = &arguments.registrations;
    let mut book = Book::read(policy, &day, &text(path)?).map_err(|fault| unsound(path, fault))?;
    if let (Some(path), Some((stock, hash))) = (&arguments.stock, snapshot) {
        book.hold(policy, &day, stock, hash).map_err(|fault| unsound(path, fault))?;
    }
    for path in &arguments.previous {
        book.before(policy, &text(path)?).map_err(|fault| unsound(path, fault))?;
    }
    let path = &arguments.claims;
    let examined = book.examine(policy, &day, &text(path)?).map_err(|fault| unsound(path, fault))?;
    let (mut claims, mut refused) = (Allowed::HEADER.to_owned(), Examined::REFUSED.to_owned());
    let (mut amount, mut counts) = (Money::ZERO, [0, 0]);
    for row in &examined {
        match &row.outcome {
            Ok(allowed) => {
                claims += &allowed.csv(policy);
                let sum = amount.plus(allowed.amount);
                amount = sum.map_err(|_| Stop::file(path, "the sum does not fit 64 bits", "claim less at once"))?;
                counts[0] += 1;
            }
            Err(_) => {
                refused += &row.refused().unwrap_or_default();
                counts[1] += 1;
            }
        }
    }
    let folder = &arguments.output;
    let write = |name: &str, text: &str| -> io::Result<()> { fs::write(folder.join(name), text) };
    fs::create_dir_all(folder)
        .and_then(|()| write("claims.csv", &claims))
        .and_then(|()| write("refused.csv", &refused))
        .map_err(|error| Stop::file(folder, error, "name a folder that can be written to"))?;
    let amount = policy.constants.money_scale.show(amount.0);
    let [allowed, other] = counts;
    match format {
        Format::Json => {
            show::line(&json!({ "ok": true, "rows": examined.len(), "allowed": allowed, "refused": other, "amount": amount }).to_string());
        }
        Format::Text => show::line(&format!("{} claims: {allowed} allowed, {amount} in all; {other} refused", examined.len())),
    }
    Ok(())
}
