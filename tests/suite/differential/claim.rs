//! Claims against their slow twin: random registrations, stocks and claims, most of them nearly sound.

use super::at_most;
use crate::random::Random;
use crate::slow::claim::{self as slow, Row, Tables};
use qudao::claims::Book;
use qudao::num::Rounding;
use qudao::{Engine, bundle, calendar, check, compile, import};
use std::collections::{BTreeMap, BTreeSet};

const WORLDS: u64 = 2_000;
const CODES: [&str; 17] = [
    "CELLS",
    "ID_INVALID",
    "ID_DUPLICATE",
    "REGISTRATION_UNKNOWN",
    "DEALER_OTHER",
    "SKU_OTHER",
    "CUSTOMER_OTHER",
    "DATE_INVALID",
    "OUTSIDE_WINDOW",
    "NUMBER_INVALID",
    "EVIDENCE_MISSING",
    "SNAPSHOT_OTHER",
    "STOCK_SHORT",
    "CLAIMED_BEFORE",
    "QUANTITY_EXCEEDED",
    "NOTHING_OWED",
    "AMOUNT_EXCEEDED",
];

fn engine(currency: &str, unit: u32, rounding: &str) -> Engine {
    let policy = format!(
        "policy: {{ id: c, version: \"1\", valid: 2026-01-01 .. 2027-12-31, currency: {currency}, unit_scale: {unit}, rounding: {rounding} }}\n\
         products: p.csv\naliases: a.csv\n"
    );
    let files = [("policy.yaml", policy.as_str()), ("p.csv", "sku,unit\nP,EA\nQ,EA\n"), ("a.csv", "alias,sku\nOLD,P\n")];
    let mut imported = import::files(files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).into());
    let checked = check::check(imported.policy, &imported.sources, &mut imported.diagnostics);
    Engine::load(compile::compile(&checked.unwrap_or_else(|| panic!("{:?}", imported.diagnostics.found))).bytes()).unwrap()
}

fn row(columns: &[&str], cells: Vec<String>) -> Row {
    columns.iter().map(|column| (*column).to_owned()).zip(cells).collect()
}

fn csv(columns: &[&str], rows: &[Row]) -> String {
    let mut text = columns.join(",") + "\n";
    for row in rows {
        let cells: Vec<&str> = columns.iter().map(|column| row[*column].as_str()).collect();
        text += &(cells.join(",") + row.get("more").map_or("", String::as_str) + "\n");
    }
    text
}

#[test]
fn claims_are_examined_the_same_slowly() {
    let count = at_most(WORLDS);
    let engines = [
        (engine("CNY", 4, "half_up"), 2, 4, Rounding::HalfUp),
        (engine("JPY", 2, "half_even"), 0, 2, Rounding::HalfEven),
        (engine("CNY", 2, "down"), 2, 2, Rounding::Down),
    ];
    let columns =
        ["registration", "kind", "dealer", "sku", "from", "to", "quantity", "customer", "price", "margin", "old_price", "share", "amount"];
    let of_stock = ["dealer", "sku", "at", "quantity"];
    let of_claims = ["id", "registration", "dealer", "sku", "date", "quantity", "invoice", "customer", "cost", "sell", "snapshot"];
    let mut met = BTreeMap::<String, u64>::new();
    for seed in 0..count {
        let mut random = Random(seed);
        let (engine, digits, unit, rounding) = &engines[random.index(engines.len())];
        let pick = |random: &mut Random, list: &[&str]| list[random.index(list.len())].to_owned();
        let price = |random: &mut Random| format!("{}.{:0width$}", random.below(12), random.below(100), width = 2);
        let mut registrations = Vec::new();
        for id in ["R1", "R2", "R3"] {
            let kind = pick(&mut random, &["ship_and_debit", "margin", "price_protection", "cost_share"]);
            let skus: &[&str] = if kind == "cost_share" { &["", "P", "OLD"] } else { &["P", "P", "OLD", "Q"] };
            let (price, margin, old) =
                (price(&mut random), format!("{}.{}", 1 + random.below(98), random.below(10_000)), price(&mut random));
            let cells = vec![
                id.to_owned(),
                kind,
                pick(&mut random, &["D1", "D1", "D2"]),
                pick(&mut random, skus),
                pick(&mut random, &["2026-03-01", "2026-03-02", "2026-02-28"]),
                pick(&mut random, &["", "2026-03-30", "2026-03-03"]),
                pick(&mut random, &["", "9", "20"]),
                pick(&mut random, &["", "", "C"]),
                price,
                margin,
                old,
                pick(&mut random, &["50", "33.3333", "100", "0.0001"]),
                pick(&mut random, &["", "", "25", "60"]),
            ];
            registrations.push(row(&columns, cells));
        }
        let mut stock = Vec::new();
        for _ in 0..6 {
            let own = &registrations[random.index(3)];
            let (dealer, sku, from) = (own["dealer"].clone(), own["sku"].clone(), own["from"].clone());
            let sku = if sku.is_empty() { "P".to_owned() } else { sku };
            let cells = vec![dealer, sku, if random.index(6) == 0 { "2026-03-05".to_owned() } else { from }, random.below(12).to_string()];
            stock.push(row(&of_stock, cells));
        }
        let held = csv(&of_stock, &stock);
        let snapshot = bundle::hex(&bundle::sha256(held.as_bytes()));
        let mut claims: Vec<Row> = Vec::new();
        for number in 0..12 {
            let own = &registrations[random.index(3)];
            let mut or = |own: &str, others: &[&str]| match random.index(15) {
                at if at < others.len() => others[at].to_owned(),
                _ => own.to_owned(),
            };
            let mut cells = vec![
                or(&format!("c{number}"), &["c0", ""]),
                or(&own["registration"], &["R9"]),
                or(&own["dealer"], &["D2"]),
                or(&own["sku"], &["Q", "OLD"]),
                or("2026-03-03", &["2026-03-04", "2026-13-01"]),
                String::new(),
                String::new(),
                or(&own["customer"], &["X"]),
            ];
            cells[5] = match random.index(20) {
                0 => "0".to_owned(),
                1 => "1.5".to_owned(),
                _ => (1 + random.below(8)).to_string(),
            };
            cells[6] = if random.index(12) == 0 { String::new() } else { format!("i{}", random.below(20)) };
            for _ in 0..2 {
                cells.push(match random.index(20) {
                    0 => String::new(),
                    1 => "1e3".to_owned(),
                    _ => price(&mut random),
                });
            }
            cells.push(match random.index(8) {
                0 => String::new(),
                1 => snapshot.to_uppercase(),
                _ => snapshot.clone(),
            });
            let mut claim = row(&of_claims, cells);
            if random.index(30) == 0 {
                claim.insert("more".to_owned(), ",".to_owned());
            }
            claims.push(claim);
        }
        let zone = calendar::zone("Asia/Shanghai").unwrap();
        let day = |text: &str| calendar::day(text).ok().and_then(|_| calendar::window(&format!("{text} .. {text}"), &zone).ok());
        let policy = engine.policy();
        let written = csv(&of_claims, &claims);
        // In one run, and in two of which the second knows what the first allowed.
        let registered = csv(&columns, &registrations);
        let book = || {
            let mut book = Book::read(policy, &day, &registered).unwrap();
            book.hold(policy, &day, &held, snapshot.clone()).unwrap();
            book
        };
        let found = book().examine(policy, &day, &written).unwrap();
        let shown = |found: &[qudao::claims::Examined]| -> Vec<(String, Result<String, &'static str>)> {
            let amount = |row: &qudao::claims::Examined| match &row.outcome {
                Ok(allowed) => Ok(policy.constants.money_scale.show(allowed.amount.0)),
                Err(refusal) => Err(refusal.code()),
            };
            found.iter().map(|row| (row.id.clone(), amount(row))).collect()
        };
        let slow =
            slow::examine(&Tables { registrations, stock, snapshot: snapshot.clone(), claims: claims.clone() }, *digits, *unit, *rounding);
        assert_eq!(shown(&found), slow, "world {seed}\n{registered}\n{held}\n{written}");
        for (_, answer) in &slow {
            *met.entry(answer.as_ref().map_or_else(|code| (*code).to_owned(), |_| "allowed".to_owned())).or_default() += 1;
        }
        // What one run allows is used up for the next: the same claims again allow nothing, and no unit is paid twice.
        let mut again = book();
        let rows: String = found.iter().filter_map(|row| row.outcome.as_ref().ok()).map(|allowed| allowed.csv(policy)).collect();
        again.before(policy, &(qudao::claims::Allowed::HEADER.to_owned() + &rows)).unwrap();
        let repeated = again.examine(policy, &day, &written).unwrap();
        let first: BTreeSet<&str> = found.iter().filter(|row| row.outcome.is_ok()).map(|row| row.id.as_str()).collect();
        assert!(repeated.iter().all(|row| row.outcome.is_err() || !first.contains(row.id.as_str())), "world {seed}");
    }
    for (what, times) in &met {
        println!("{times:>8}  {what}");
    }
    let seldom: Vec<&str> = CODES.iter().copied().chain(["allowed"]).filter(|code| met.get(*code).is_none_or(|times| *times < 5)).collect();
    assert!(count < WORLDS || seldom.is_empty(), "hardly met: {seldom:?}");
}
