//! One file per command. A command prints its result and returns how it went.

mod alternatives;
mod build;
mod check;
mod claim;
mod explain;
mod export;
mod grade;
mod hints;
mod import;
mod new;
mod plan;
mod quote;
mod returns;
mod schema;
mod settle;
mod slice;
mod test;
mod transfer;
mod verify;

use crate::{progress, show};
use clap::{Parser, Subcommand};
use qudao::wire::Node;
use std::path::Path;
use std::process::ExitCode;

/// Dealer pricing, promotions and rebates: policy files compiled to one exact engine.
///
/// Exit codes: 0 done; 1 the policy or the input has faults, or a test failed; 2 wrong usage; 3 a file cannot be read or written.
#[derive(Parser)]
#[command(name = "qudao", version)]
struct Cli {
    /// Print one JSON value on stdout instead of text.
    #[arg(long, global = true)]
    json: bool,
    /// Say on stderr what long work is at, also where stderr is no terminal.
    #[arg(long, global = true)]
    progress: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    New(new::Arguments),
    Check(check::Arguments),
    Build(build::Arguments),
    Slice(slice::Arguments),
    Quote(quote::Arguments),
    Explain(explain::Arguments),
    Hints(hints::Arguments),
    Alternatives(alternatives::Arguments),
    Plan(plan::Arguments),
    Return(returns::Arguments),
    Verify(verify::Arguments),
    Test(test::Arguments),
    Grade(grade::Arguments),
    Settle(settle::Arguments),
    Claim(claim::Arguments),
    Transfer(transfer::Arguments),
    Import(import::Arguments),
    Export(export::Arguments),
    Schema(schema::Arguments),
}

/// In which form a command answers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Text,
    Json,
}

/// Why a command ends without its result. What there is to say has a fixed place: faults on stdout with `--json`, else on stderr.
pub enum Stop {
    /// The policy or the input has faults, or a test failed; already printed.
    Faults,
    /// A file cannot be read or written, or is not what it should be.
    File {
        /// What went wrong.
        message: String,
        /// What to do.
        help: String,
    },
}

impl Stop {
    /// A file that cannot be read or written.
    pub fn file(path: &Path, error: impl std::fmt::Display, help: &str) -> Stop {
        Stop::File { message: format!("`{}`: {error}", path.display()), help: help.to_owned() }
    }
}

/// An instant as it is written: milliseconds, or text.
fn instant(text: &str) -> Node {
    text.parse().map_or_else(|_| Node::Text(text.to_owned()), Node::Int)
}

/// Runs the command that the arguments name.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let format = if cli.json { Format::Json } else { Format::Text };
    progress::begin(cli.progress);
    let outcome = match cli.command {
        Command::New(arguments) => new::run(&arguments, format),
        Command::Check(arguments) => check::run(&arguments, format),
        Command::Build(arguments) => build::run(&arguments, format),
        Command::Slice(arguments) => slice::run(&arguments, format),
        Command::Quote(arguments) => quote::run(&arguments, format),
        Command::Explain(arguments) => explain::run(&arguments, format),
        Command::Hints(arguments) => hints::run(&arguments, format),
        Command::Alternatives(arguments) => alternatives::run(&arguments, format),
        Command::Plan(arguments) => plan::run(&arguments, format),
        Command::Return(arguments) => returns::run(&arguments, format),
        Command::Verify(arguments) => verify::run(&arguments, format),
        Command::Test(arguments) => test::run(&arguments, format),
        Command::Grade(arguments) => grade::run(&arguments, format),
        Command::Settle(arguments) => settle::run(&arguments, format),
        Command::Claim(arguments) => claim::run(&arguments, format),
        Command::Transfer(arguments) => transfer::run(&arguments, format),
        Command::Import(arguments) => import::run(&arguments, format),
        Command::Export(arguments) => export::run(&arguments, format),
        Command::Schema(arguments) => schema::run(&arguments, format),
    };
    progress::end();
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Stop::Faults) => ExitCode::from(1),
        Err(Stop::File { message, help }) => {
            show::file_fault(&message, &help, format);
            ExitCode::from(3)
        }
    }
}
