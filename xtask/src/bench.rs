//! The engine as it is packed, beside what one would use without it: same workload, same figures, same run. See `docs/performance.md`.

use crate::run::{Outcome, cargo, file, program, read, root, run, step, target};
use crate::{package, setup, test};
use std::path::PathBuf;

const PEERS: [&str; 7] = ["js-int-indexed", "qudao", "decimal", "json-logic-engine", "zen", "json-rules-engine", "cedar"];

pub struct Options {
    peers: Vec<String>,
    sizes: Vec<String>,
    rounds: u32,
}

pub fn options(mut words: &[&str]) -> Outcome<Options> {
    const USAGE: &str = "cargo xtask bench [--peers NAME,…] [--sizes S,M,L] [--rounds N]";
    let mut options = Options { peers: PEERS.map(str::to_owned).to_vec(), sizes: vec!["S".to_owned(), "M".to_owned()], rounds: 3 };
    let list = |given: &str, known: &[&str]| -> Outcome<Vec<String>> {
        let given: Vec<String> = given.split(',').map(str::to_owned).collect();
        match given.iter().find(|name| !known.contains(&name.as_str())) {
            Some(unknown) => Err(format!("`{unknown}` is none of {}", known.join(", "))),
            None => Ok(given),
        }
    };
    loop {
        words = match words {
            [] => return Ok(options),
            ["--peers", peers, rest @ ..] => {
                options.peers = list(peers, &PEERS)?;
                // What every ratio is to.
                if !options.peers.iter().any(|peer| peer == PEERS[0]) {
                    options.peers.insert(0, PEERS[0].to_owned());
                }
                rest
            }
            ["--sizes", sizes, rest @ ..] => {
                options.sizes = list(sizes, &["S", "M", "L"])?;
                rest
            }
            ["--rounds", rounds, rest @ ..] => {
                options.rounds = rounds.parse().map_err(|_| USAGE.to_owned())?;
                rest
            }
            _ => return Err(USAGE.to_owned()),
        };
    }
}

pub fn bench(options: Options) -> Outcome {
    package::build()?;
    step("qudao command, optimised", || run(cargo().args(["build", "--package", "qudao", "--bin", "qudao", "--release"])))?;
    step("peers", || setup::npm_packages("benches"))?;
    let app = step("packed package", || {
        let app = folder().join("app");
        test::install_packed(&app).map(|()| app)
    })?;
    let mut policies: Vec<(&str, &str)> = Vec::new();
    for size in &options.sizes {
        policies.push((size, ""));
        if size != "L" {
            policies.push((size, "plus"));
        }
        if size == "M" {
            policies.push((size, "programs"));
        }
    }
    let optimised = target().join("release").join(format!("qudao{}", std::env::consts::EXE_SUFFIX));
    step("policies of the workloads", || {
        policies.iter().try_for_each(|(size, extra)| bundle(program(&optimised), size, extra).map(|_| ()))
    })?;
    let table = step("measurements", || {
        let mut node = program("node");
        node.arg("benches/bench.mjs").args([options.sizes.join(","), options.peers.join(","), options.rounds.to_string()]);
        node.env("QUDAO_APP", app).env("QUDAO_BUNDLES", folder()).stderr(std::process::Stdio::inherit());
        read(&mut node)
    })?;
    println!("{table}");
    file::write(&folder().join("table.md"), table)
}

/// Where everything for measuring is made.
pub fn folder() -> PathBuf {
    target().join("bench")
}

/// The bundle of one workload, made anew by `qudao`: `extra` is `plus`, `programs` or nothing.
pub fn bundle(mut qudao: std::process::Command, size: &str, extra: &str) -> Outcome<PathBuf> {
    let name = match extra {
        "plus" => format!("{size}+"),
        "" => size.to_owned(),
        other => format!("{size}-{other}"),
    };
    let policy = folder().join(&name);
    file::empty_folder(&policy)?;
    run(program("node").arg("benches/policy.mjs").arg(size).arg(&policy).args((!extra.is_empty()).then_some(extra)))?;
    let out = folder().join(format!("{name}.qudao"));
    read(qudao.current_dir(root()).arg("build").arg(policy).arg("-o").arg(&out))?;
    Ok(out)
}
