//! Build steps of this repository. Needs rustup's cargo and Node; everything else is set up here, once, and works offline afterwards.

mod bench;
mod count;
mod demo;
mod fuzz;
mod glue;
mod package;
mod panics;
mod report;
mod run;
mod settlement;
mod setup;
mod tables;
mod test;
mod wasm_pack;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask build                    the `qudao` command, the wasm module and the npm package in pkg/
cargo xtask demo [--port N]          build, then serve the ordering page with the edge worker on loopback
cargo xtask test [--quick] [--without native] [--without browser]
                                     formatting, lints, and every test in every place the engine runs
cargo xtask bench [--peers NAME,…] [--sizes S,M,L] [--rounds N]
                                     measure the packed package beside its peers, all in one run; see docs/performance.md
cargo xtask ceilings                 bytes and instructions of the package in pkg/ against benches/ceilings.json
cargo xtask functions                the same of a quote, function by function
cargo xtask fuzz [--inputs N | --seconds N] [--seed N] [--from N] [--workers N]
                                     hostile policy files, orders and bundles; failures go to target/fuzz
cargo xtask tables [--rows N]        time and memory of compiling a price table, a million rows by default
cargo xtask settlement [--rows N]    the same of settling transactions of 10,000 dealers under 12 programs, 20 million by default
cargo xtask wasm-pack                prove that `wasm-pack build` and `wasm-pack test --node` work on the crate";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["build"] => package::build().map(|()| true),
        ["bench", options @ ..] => bench::options(options).and_then(bench::bench).map(|()| true),
        ["demo", options @ ..] => demo::options(options).and_then(demo::demo).map(|()| true),
        ["test", options @ ..] => test::options(options).and_then(test::test),
        ["ceilings"] => count::ceilings().map(|()| true),
        ["functions"] => count::functions().map(|()| true),
        ["fuzz", options @ ..] => fuzz::fuzz(options).map(|()| true),
        ["tables", options @ ..] => tables::options(options, "tables", tables::ROWS).and_then(tables::tables).map(|()| true),
        ["settlement", options @ ..] => {
            tables::options(options, "settlement", settlement::ROWS).and_then(settlement::settlement).map(|()| true)
        }
        ["wasm-pack"] => wasm_pack::prove().map(|()| true),
        _ => Err(HELP.to_owned()),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}
