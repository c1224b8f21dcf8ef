use super::{Format, Stop};
use crate::{load, show};
use qudao::diagnostic::{Diagnostics, nearest};
use qudao::policy::{Policy, Scorecard};
use qudao::wire::Node;
use qudao::{Engine, grade, import};
use std::fs;
use std::path::PathBuf;

/// Rate dealers by a scorecard and propose their grades: promotion, demotion, elimination, and how far the next grade is.
#[derive(clap::Args)]
pub struct Arguments {
    /// Folder of the policy.
    policy: PathBuf,
    /// The table of scores, CSV or XLSX: `dealer`, `grade`, `since` and a column for each KPI.
    #[arg(long, value_name = "FILE")]
    scores: PathBuf,
    /// The period that is rated, such as `2026-Q3`.
    #[arg(long, value_name = "PERIOD")]
    period: String,
    /// Id of the scorecard. Default: the only one.
    #[arg(long, value_name = "ID")]
    scorecard: Option<String>,
    /// Orders by dealer, JSON or YAML, `{ D001: [order, …] }`: quoted with the proposed and with the next grade they say what that is worth.
    #[arg(long, value_name = "FILE")]
    orders: Option<PathBuf>,
    /// Facts of the dealers that these orders are quoted with, JSON or YAML, `{ dealers: [ … ] }` or a list. Without them, those of the policy's dealer table.
    #[arg(long, value_name = "FILE")]
    dealers: Option<PathBuf>,
    /// Language of the sentences.
    #[arg(long, value_parser = ["zh", "en"], default_value = "zh")]
    language: String,
}

pub fn run(arguments: &Arguments, format: Format) -> Result<(), Stop> {
    let policy = load::policy(&arguments.policy, format)?;
    let card = card(policy.policy(), arguments)?;
    let path = &arguments.scores;
    let bytes = fs::read(path).map_err(|error| Stop::file(path, error, "name a CSV or XLSX file"))?;
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    let (rows, import::Imported { sources, mut diagnostics, .. }) = import::scores(&name, bytes, &policy.policy().settings.currency, card);
    let grading = match diagnostics.failed() {
        true => None,
        false => grade::grade(&policy, card, &arguments.period, &rows, &sources, &mut diagnostics),
    };
    diagnostics.sort();
    let Some(grading) = grading else { return Err(faulty(&diagnostics, &sources, format)) };
    let worth = match &arguments.orders {
        Some(path) => {
            let orders = load::input(path, format)?;
            let dealers = arguments.dealers.as_ref().map_or(Ok(Node::Null), |path| load::input(path, format))?;
            let known = match &dealers {
                Node::List(list) => list,
                Node::Map(entries) => match entries.iter().find(|(key, _)| key == "dealers") {
                    Some((_, Node::List(list))) => &list[..],
                    _ => &[],
                },
                _ => &[],
            };
            let engine: Engine = load::engine_of(load::compile(&policy).bytes(), format)?;
            grade::worth(&policy, &engine, card, &grading, &orders, known).map_err(|(dealer, faults)| {
                if format == Format::Text {
                    show::line(&format!("an order of {dealer} cannot be quoted:"));
                }
                show::faults(&faults, format)
            })?
        }
        None => Vec::new(),
    };
    let answer = grade::json(policy.policy(), card, &grading, &worth);
    match format {
        Format::Json => show::line(&answer.to_string()),
        Format::Text => show::grading(&answer, &arguments.language),
    }
    Ok(())
}

fn faulty(diagnostics: &Diagnostics, sources: &qudao::diagnostic::Sources, format: Format) -> Stop {
    match format {
        Format::Text => show::diagnostics(diagnostics, sources),
        Format::Json => show::diagnostics_only(diagnostics, sources),
    }
    Stop::Faults
}

fn card<'a>(policy: &'a Policy, arguments: &Arguments) -> Result<&'a Scorecard, Stop> {
    let ids = || policy.scorecards.iter().map(|card| card.id.as_str());
    let found = match &arguments.scorecard {
        Some(id) => policy.scorecards.iter().find(|card| card.id == *id),
        None if policy.scorecards.len() == 1 => policy.scorecards.first(),
        None => None,
    };
    found.ok_or_else(|| match &arguments.scorecard {
        Some(id) => {
            let help =
                nearest(id, ids()).map_or_else(|| "define it under `scorecards`".to_owned(), |meant| format!("did you mean `{meant}`?"));
            Stop::File { message: format!("the policy has no scorecard `{id}`"), help }
        }
        None if policy.scorecards.is_empty() => {
            Stop::File { message: "the policy has no scorecard".to_owned(), help: "define one under `scorecards`".to_owned() }
        }
        None => {
            let all: Vec<&str> = ids().collect();
            Stop::File {
                message: "the policy has several scorecards".to_owned(),
                help: format!("name one with `--scorecard`: {}", all.join(", ")),
            }
        }
    })
}
