//! Hostile input, by the fuzzers of `fuzz/`.

use crate::run::{Outcome, cargo, file, run, target};

/// Runs the fuzzers with their own options; says where a crash that they could not catch came from.
pub fn fuzz(options: &[&str]) -> Outcome {
    let folder = target().join("fuzz");
    file::empty_folder(&folder)?;
    let mut fuzzers = cargo();
    fuzzers.args(["run", "--quiet", "--profile", "checked", "--package", "qudao-fuzz", "--"]).args(options).env("QUDAO_FUZZ", &folder);
    run(&mut fuzzers).map_err(|fault| {
        let names = file::names(&folder).unwrap_or_default();
        let crashed = names.iter().filter(|name| name.starts_with("running-")).filter_map(|name| file::read(&folder.join(name)).ok());
        let crashed: Vec<String> = crashed.map(|input| format!("\n  it was at: cargo xtask fuzz {}", input.trim_end())).collect();
        format!("{fault}; failures stand in {}{}", folder.display(), crashed.concat())
    })
}
