//! How long a policy with a big price table takes to compile, and how much memory that needs.

use crate::run::{Outcome, cargo, file, program, run, step, target};
use std::fmt::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Rows of the price table unless the caller says otherwise.
pub const ROWS: u64 = 1_000_000;
/// Rows of one product: 5 regions × 4 grades.
const ROWS_PER_PRODUCT: u64 = 20;
/// Between two looks at the memory of the command.
const LOOK: Duration = Duration::from_millis(20);

/// Reads `--rows N` of a command; what it is unless said.
pub fn options(words: &[&str], command: &str, unless_said: u64) -> Outcome<u64> {
    match words {
        [] => Ok(unless_said),
        ["--rows", rows] => rows.parse().map_err(|_| format!("`{rows}` is not a number of rows")),
        _ => Err(format!("cargo xtask {command} [--rows N]")),
    }
}

/// Writes a policy of so many price rows and compiles it with the released command.
pub fn tables(rows: u64) -> Outcome {
    run(cargo().args(["build", "--release", "--bin", "qudao"]))?;
    let folder = target().join("tables");
    step("write the tables", || write(&folder, rows))?;
    let bundle = folder.join("tables.qudao");
    let qudao = target().join("release").join(format!("qudao{}", std::env::consts::EXE_SUFFIX));
    let mut command = program(qudao);
    command.args(["build", "--progress"]).arg(folder.join("policy")).arg("-o").arg(&bundle).stdout(Stdio::null());
    let (seconds, memory) = watched(&mut command)?;
    let bytes = file::read_bytes(&bundle)?.len() >> 20;
    println!("{rows} price rows: {seconds:.1} s, memory at most {memory}, bundle of {bytes} MB");
    Ok(())
}

/// Runs a command to its end: how many seconds it took, and how much memory at most, in words.
pub fn watched(command: &mut Command) -> Outcome<(f64, String)> {
    let begun = Instant::now();
    let mut child = command.spawn().map_err(|error| error.to_string())?;
    let mut most = None;
    let status = loop {
        // The kernel keeps the high mark, so the last look before the end is nearly the truth.
        most = memory(child.id()).max(most);
        match child.try_wait().map_err(|error| error.to_string())? {
            Some(status) => break status,
            None => std::thread::sleep(LOOK),
        }
    };
    let seconds = begun.elapsed().as_secs_f64();
    if !status.success() {
        return Err(format!("the command ended with {status}"));
    }
    Ok((seconds, most.map_or("not known here".to_owned(), |kilobytes| format!("{} MB", kilobytes >> 10))))
}

/// The most memory that a process had so far, in kilobytes, where the system tells.
fn memory(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().split(' ').next()?.parse().ok()
}

fn write(folder: &Path, rows: u64) -> Outcome {
    file::empty_folder(folder)?;
    let policy = folder.join("policy");
    file::folder(&policy)?;
    file::write(
        &policy.join("policy.yaml"),
        "policy: { id: tables, version: \"1\", valid: 2026-01-01 .. 2026-12-31 }\n\
         grades: [{ id: G0 }, { id: G1 }, { id: G2 }, { id: G3 }]\n\
         regions: [{ id: 大区0 }, { id: 大区1 }, { id: 大区2 }, { id: 大区3 }, { id: 大区4 }]\n\
         products: products.csv\n\
         prices: [{ id: list, by: [region, grade, sku], table: list.csv }]\n",
    )?;
    let products = rows.div_ceil(ROWS_PER_PRODUCT);
    let mut text = "sku,unit,name_zh\n".to_owned();
    for product in 0..products {
        let _ = writeln!(text, "SKU-{product:06},台,产品 {product}");
    }
    file::write(&policy.join("products.csv"), text)?;
    let mut text = "region,grade,sku,price,valid\n".to_owned();
    for row in 0..rows {
        let (region, grade, product) = (row % 5, row / 5 % 4, row / ROWS_PER_PRODUCT);
        let (yuan, fen) = (100 + row * 7919 % 5000, row % 100);
        let _ = writeln!(text, "大区{region},G{grade},SKU-{product:06},{yuan}.{fen:02},2026-01-01 .. 2026-12-31");
    }
    file::write(&policy.join("list.csv"), text)
}
