//! How long the settlement of a brand with 10,000 dealers under 12 programs takes, and how much memory that needs.

use crate::run::{Outcome, cargo, file, program, run, step, target};
use crate::tables::watched;
use std::fmt::Write;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::Stdio;

/// Rows of the table of transactions unless the caller says otherwise.
pub const ROWS: u64 = 20_000_000;
const DEALERS: u64 = 10_000;
const PRODUCTS: u64 = 2_000;

/// Writes a policy, its dealers and so many transactions, and settles them. Needs 10 GB of the disk for 20 million.
pub fn settlement(rows: u64) -> Outcome {
    run(cargo().args(["build", "--profile", "native", "--bin", "qudao"]))?;
    let folder = target().join("settlement");
    step("write the transactions", || write(&folder, rows))?;
    let mut command = program(target().join("native").join(format!("qudao{}", std::env::consts::EXE_SUFFIX)));
    command.args(["settle", "--until", "2027-01-01T00:00:00+08:00", "--progress"]).arg(folder.join("policy"));
    for (option, name) in [("--transactions", "transactions.csv"), ("--dealers", "dealers.json"), ("--output", "settled")] {
        command.arg(option).arg(folder.join(name));
    }
    let (seconds, memory) = watched(command.stdout(Stdio::null()))?;
    println!("{rows} transactions: {seconds:.1} s, memory at most {memory}");
    Ok(())
}

fn write(folder: &Path, rows: u64) -> Outcome {
    file::empty_folder(folder)?;
    let policy = folder.join("policy");
    file::folder(&policy)?;
    file::write(&policy.join("policy.yaml"), POLICY)?;
    let (mut products, mut list) = ("sku,unit,category\n".to_owned(), "sku,price\n".to_owned());
    for product in 0..PRODUCTS {
        let _ = writeln!(products, "SKU{product:05},EA,c{}", product % 10);
        let _ = writeln!(list, "SKU{product:05},{}", 10 + product % 90);
    }
    file::write(&policy.join("products.csv"), products)?;
    file::write(&policy.join("list.csv"), list)?;
    let mut dealers = "{\"dealers\":[".to_owned();
    for dealer in 0..DEALERS {
        let comma = if dealer == 0 { "" } else { "," };
        let _ = write!(
            dealers,
            "{comma}\n{{\"schema\":1,\"id\":\"D{dealer:05}\",\"as_of\":0,\"grade\":\"{}\",\"kpis\":{{\"service\":\"{}\"}},\"volumes\":[\
             {{\"program\":\"p07\",\"period\":\"2026\",\"last_year\":{{\"amount\":\"{}.00\"}}}}",
            if dealer % 2 == 0 { "A" } else { "B" },
            60 + dealer % 40,
            50_000 + dealer * 7919 % 250_000
        );
        for quarter in 1..=4 {
            let target = 10_000 + dealer * 104_729 * quarter % 80_000;
            let _ = write!(dealers, ",{{\"program\":\"p06\",\"period\":\"2026-Q{quarter}\",\"target\":{{\"amount\":\"{target}.00\"}}}}");
        }
        dealers += "]}";
    }
    file::write(&folder.join("dealers.json"), dealers + "]}\n")?;
    transactions(&folder.join("transactions.csv"), rows).map_err(|error| error.to_string())
}

/// Sales of a year in the order of time; some are returns or payments, one in a thousand has the id of an earlier one, one an unknown SKU.
fn transactions(path: &Path, rows: u64) -> std::io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    writeln!(out, "id,dealer,date,sku,quantity,net,list,gross,kind")?;
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for row in 0..rows {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mut random = (state >> 20) ^ (state >> 45);
        let mut next = |below: u64| {
            let value = random % below;
            random /= below;
            value
        };
        let (chance, dealer, product, day) = (next(1000), next(DEALERS), next(PRODUCTS), next(28) + 1);
        let (month, quantity) = (row * 12 / rows + 1, row % 20 + 1);
        let id = if chance == 500 { row / 2 } else { row };
        let sku = if chance == 600 { "NOPE".to_owned() } else { format!("SKU{product:05}") };
        let (sign, kind) = match chance {
            0..20 => ("-", "return"),
            20..120 => ("", "payment"),
            _ => ("", ""),
        };
        let net = quantity * (10 + product % 90);
        writeln!(out, "INV{id:09},D{dealer:05},2026-{month:02}-{day:02},{sku},{sign}{quantity},{sign}{net}.{:02},,,{kind}", row % 100)?;
    }
    out.flush()
}

const POLICY: &str = "policy: { id: settlement, version: '1', valid: 2026-01-01 .. 2026-12-31 }
products: products.csv
prices: [{ id: list, by: [sku], table: list.csv }]
grades: [{ id: A }, { id: B }]
kpis: [{ id: service }]
overlaps: [{ id: one, mode: exclusive }]
budgets: [{ id: pot, amount: 5000000 }]
categories: [{ id: c0 }, { id: c1 }, { id: c2 }, { id: c3 }, { id: c4 }, { id: c5 }, { id: c6 }, { id: c7 }, { id: c8 }, { id: c9 }]
programs:
  - { id: p01, covers: category, period: month, mode: retroactive, tiers: [{ from: 10000, percent: 1 }, { from: 20000, percent: 2 }],
      modifiers: [{ kpi: service, kind: multiply, bands: [{ from: 70, percent: 80 }, { from: 85, percent: 100 }] }] }
  - { id: p02, period: quarter, mode: incremental, on: { category: c1 }, tiers: [{ from: 0, percent: 1 }, { from: 5000, percent: 3 }],
      split: [{ to: dealer, share: 70 }, { to: parent, share: 30 }] }
  - { id: p03, period: month, basis: collected, mode: retroactive, tiers: [{ from: 0, percent: 1 }] }
  - { id: p04, period: year, overlap: one, priority: 1, on: { category: c2 }, qualifier: quantity, mode: retroactive,
      tiers: [{ from: 0, per_unit: 0.02 }] }
  - { id: p05, covers: sku, requires: [{ program: p05, covers: 50 }], period: year, overlap: one, qualifier: quantity, mode: retroactive, tiers: [{ from: 0, per_unit: 0.01 }] }
  - { id: p06, period: quarter, against: target, mode: retroactive, tiers: [{ from: 80, percent: 1 }, { from: 100, percent: 2 }] }
  - { id: p07, period: year, against: last_year, no_base: skip, mode: retroactive, tiers: [{ from: 5, percent: 1 }] }
  - { id: p08, period: quarter, on: { category: c3 }, mode: increments, tiers: [{ from: 1000, every: 1000, amount: 10 }] }
  - { id: p09, period: half, on: { category: c4 }, mode: total, tiers: [{ from: 1000, percent: 1 }, { from: 5000, percent: 1 }], minimum: 50 }
  - { id: p10, period: year, when: { dealer: { grade: A } }, mode: rolling, tiers: [{ from: 0, percent: 0.1 }, { from: 100000, percent: 0.2 }],
      budget: pot }
  - { id: p11, period: month, on: { category: c5 }, mode: retroactive, tiers: [{ from: 500, amount: 20 }], cap: { amount: 100 } }
  - { id: p12, period: quarter, on: { category: c6 }, mode: interpolated, tiers: [{ from: 1000, percent: 1 }, { from: 10000, percent: 2 }],
      grace_days: 5 }
";
