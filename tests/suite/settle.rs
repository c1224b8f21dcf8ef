//! Settlement: what is stated of transactions, what is refused, and that it is the function of the preview.

use crate::laws::{cases, cents};
use proptest::prelude::*;
use qudao::num::Money;
use qudao::settle::{self, Counts, Earlier, Fault, Files, Former, Moved, Rates, Stated, Statement, Task};
use qudao::time::Instant;
use qudao::wire::{self, Node};
use qudao::{Engine, calendar, check, compile, import};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::{Cursor, Read};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

const POLICY: &str = "policy: { id: p, version: '1', valid: 2026-01-01 .. 2028-12-31 }
products: p.csv
prices: [{ id: list, by: [sku], table: l.csv }]
grades: [{ id: A }, { id: B }]
kpis: [{ id: service }]
overlaps: [{ id: one, mode: exclusive }]
programs:
  - { id: quarter, period: quarter, mode: retroactive, tiers: [{ from: 1000, percent: 1 }, { from: 2000, percent: 2 }], modifiers: [{ kpi: service, kind: multiply, bands: [{ from: 70, percent: 80 }, { from: 85, percent: 100 }] }] }
  - { id: year, period: year, on: { sku: P }, mode: incremental, tiers: [{ from: 0, percent: 1 }, { from: 500, percent: 3 }], split: [{ to: dealer, share: 70 }, { to: parent, share: 30 }] }
  - { id: paid, basis: collected, period: month, mode: retroactive, tiers: [{ from: 0, percent: 1 }] }
  - { id: only-a, when: { dealer: { grade: A } }, overlap: one, priority: 1, on: { sku: Q }, qualifier: quantity, period: year, mode: retroactive, tiers: [{ from: 0, per_unit: 2 }] }
  - { id: rest, overlap: one, qualifier: quantity, period: year, mode: retroactive, tiers: [{ from: 0, per_unit: 1 }] }
";

fn engine() -> Engine {
    engine_of(POLICY)
}

fn engine_of(policy: &str) -> Engine {
    let files = [("policy.yaml", policy), ("p.csv", "sku,unit\nP,EA\nQ,EA\n"), ("l.csv", "sku,price\nP,1\nQ,1\n")];
    let mut imported = import::files(files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).into());
    let checked = check::check(imported.policy, &imported.sources, &mut imported.diagnostics);
    Engine::load(compile::compile(&checked.unwrap_or_else(|| panic!("{:?}", imported.diagnostics.found))).bytes()).unwrap()
}

fn dealers() -> Value {
    let facts =
        |id: &str, grade: &str, service: &str| json!({ "schema": 1, "id": id, "as_of": 0, "grade": grade, "kpis": { "service": service } });
    json!({ "dealers": [facts("D1", "A", "78"), facts("D2", "B", "90")] })
}

struct Outcome {
    statements: Vec<Statement>,
    counts: Counts,
    withdrawn: Vec<Former>,
    trace: String,
    rejects: String,
    uncounted: String,
}

fn settle(engine: &Engine, table: &str, until: &str, stated: &Stated) -> Outcome {
    settle_on(2, engine, table, until, stated)
}

fn settle_on(threads: usize, engine: &Engine, table: &str, until: &str, stated: &Stated) -> Outcome {
    let outcome = settle_versions(threads, (&[], &[]), engine, table, until, stated).unwrap();
    traced(engine, &outcome);
    outcome
}

/// Under versions of a policy, each before the last one with the instant until which it was in force, and of dealers that go into others.
fn settle_versions(
    threads: usize,
    (before, moved): (&[(&Engine, &str)], &[Moved]),
    engine: &Engine,
    table: &str,
    until: &str,
    stated: &Stated,
) -> Result<Outcome, Fault> {
    static RUN: AtomicU32 = AtomicU32::new(0);
    let spill = std::env::temp_dir().join(format!("qudao-settle-{}-{}", std::process::id(), RUN.fetch_add(1, Ordering::Relaxed)));
    let read = |engine: &Engine| wire::dealers(engine, &serde_json::from_value::<Node>(dealers()).unwrap()).unwrap();
    let dealers = read(engine);
    let facts: Vec<_> = before.iter().map(|(engine, _)| read(engine)).collect();
    let until_of = |text: &str| Instant::parse(text).unwrap();
    let earlier: Vec<Earlier> = before
        .iter()
        .zip(&facts)
        .map(|((engine, until), dealers)| Earlier { policy: engine.policy(), dealers, until: until_of(until) })
        .collect();
    let zone = calendar::zone("Asia/Shanghai").unwrap();
    let task = Task {
        policy: engine.policy(),
        earlier: &earlier,
        dealers: &dealers,
        moved,
        rates: &Rates::default(),
        until: Instant::parse(until).unwrap(),
        day: &|text| calendar::day(text).ok().map(|day| zone.day_start(day)),
        stated,
        spill: &spill,
        threads,
        progress: &|_| (),
    };
    let bytes = table.as_bytes().to_vec();
    let open = || -> std::io::Result<Box<dyn Read + Send>> { Ok(Box::new(Cursor::new(bytes.clone()))) };
    let (mut trace, mut rejects, mut uncounted, mut statements) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let files = Files { lines: &mut trace, rejects: &mut rejects, uncounted: &mut uncounted, converted: &mut std::io::sink() };
    let (counts, withdrawn) = settle::settle(&task, &open, files, &|all| all, &mut |all| {
        statements.extend(all);
        Ok(())
    })?;
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let outcome = Outcome { statements, counts, withdrawn, trace: text(trace), rejects: text(rejects), uncounted: text(uncounted) };
    assert_eq!(counts.rows, counts.counted + counts.uncounted + counts.later + counts.rejected);
    assert_eq!(counts.rejected, outcome.rejects.lines().count() as u64 - 1);
    assert_eq!(counts.uncounted, outcome.uncounted.lines().count() as u64 - 1);
    Ok(outcome)
}

/// The rows of each statement stand together where it says, and sum to its volume.
fn traced(engine: &Engine, outcome: &Outcome) {
    let rows: Vec<&str> = outcome.trace.lines().collect();
    let mut next = 2;
    for statement in &outcome.statements {
        let Some(row) = statement.row else {
            assert_eq!(statement.transactions, 0);
            continue;
        };
        assert_eq!(row, next);
        next += statement.transactions;
        let place = |row: u64| usize::try_from(row).unwrap() - 1;
        let own = &rows[place(row)..place(next)];
        let value: Value = serde_json::from_str(&statement.json(engine.policy())).unwrap();
        let words = |key: &str| value["rebate"][key].as_str().unwrap().to_owned();
        let middle = format!(",{},{},{},", statement.dealer, words("program"), words("period"));
        let amount = |row: &str| {
            assert!(row.contains(&middle), "{row} {middle}");
            row.rsplit(',').nth(1).unwrap().replace('.', "").parse::<i64>().unwrap()
        };
        assert_eq!(own.iter().map(|row| amount(row)).sum::<i64>(), statement.rebate.posted.amount.0);
    }
    assert_eq!(next, rows.len() as u64 + 1);
}

fn csv(engine: &Engine, outcome: &Outcome) -> String {
    outcome.statements.iter().map(|statement| statement.csv(engine.policy())).collect()
}

/// What the statements stated, for the settlement after them.
fn stated(engine: &Engine, outcome: &Outcome) -> Stated {
    stated_as(engine, formers(engine, outcome))
}

fn stated_as(engine: &Engine, formers: Vec<Former>) -> Stated {
    let dealers = wire::dealers(engine, &serde_json::from_value::<Node>(dealers()).unwrap()).unwrap();
    let all = formers.into_iter().map(Ok::<Former, ()>);
    Stated::of(engine.policy(), &dealers, all).unwrap()
}

fn formers(engine: &Engine, outcome: &Outcome) -> Vec<Former> {
    let mut formers = Vec::new();
    for statement in &outcome.statements {
        let value: Value = serde_json::from_str(&statement.json(engine.policy())).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        for party in &statement.parties {
            let (dealer, to, rebate) = (statement.dealer.clone(), party.to.clone(), &value["rebate"]);
            formers.push(Former { dealer, program: text(&rebate["program"]), period: text(&rebate["period"]), to, amount: party.amount });
        }
    }
    formers
}

const END: &str = "2027-01-01T00:00:00+08:00";
const HEAD: &str = "id,dealer,date,sku,quantity,net,list,gross,kind\n";

const VERSIONS: &str = "policy: { id: p, version: 'V', valid: 2026-01-01 .. 2028-12-31 }
products: p.csv
prices: [{ id: list, by: [sku], table: l.csv }]
grades: [{ id: A }, { id: B }]
kpis: [{ id: service }]
programs:
  - { id: flat, period: year, mode: retroactive, tiers: [{ from: 0, percent: RATE }] }
  - { id: for-grade, when: { dealer: { grade: GRADE } }, period: year, mode: retroactive, tiers: [{ from: 0, percent: 1 }, { from: 1500, percent: 2 }] }
  - { id: monthly, period: month, mode: retroactive, tiers: [{ from: 0, percent: RATE }] }
";

fn version(version: &str, rate: &str, grade: &str) -> String {
    VERSIONS.replace("'V'", &format!("'{version}'")).replace("RATE", rate).replace("GRADE", grade)
}

#[test]
fn each_transaction_counts_under_the_version_of_its_day() {
    let (old, new) = (engine_of(&version("1", "2", "A")), engine_of(&version("2", "3", "B")));
    let table = format!("{HEAD}i1,D1,2026-05-05,P,1,1000.00,,,\ni2,D1,2026-08-05,Q,1,1000.00,,,\ni3,D2,2026-08-05,Q,1,2000.00,,,\n");
    let day = "2026-07-01T00:00:00+08:00";
    let outcome = settle_versions(2, (&[(&old, day)], &[]), &new, &table, END, &Stated::default()).unwrap();
    traced(&new, &outcome);
    // 2 % of 1000.00, and what the second 1000.00 adds at 3 %: 60.00 − 30.00. D1 is not in the program of a grade any more, D2 is.
    let expected = "D1,flat,2026,dealer,2000.00,2,2,50.00,0.00,50.00\n\
                    D1,for-grade,2026,dealer,1000.00,1,1,10.00,0.00,10.00\n\
                    D1,monthly,2026-05,dealer,1000.00,1,1,20.00,0.00,20.00\n\
                    D1,monthly,2026-08,dealer,1000.00,1,1,30.00,0.00,30.00\n\
                    D2,flat,2026,dealer,2000.00,1,1,60.00,0.00,60.00\n\
                    D2,for-grade,2026,dealer,2000.00,1,1,40.00,0.00,40.00\n\
                    D2,monthly,2026-08,dealer,2000.00,1,1,60.00,0.00,60.00\n";
    assert_eq!(csv(&new, &outcome), expected);
    let told: Value = serde_json::from_str(&outcome.statements[0].json(new.policy())).unwrap();
    let steps = json!([{ "version": "1", "before": "0.00", "after": "20.00" }, { "version": "2", "before": "30.00", "after": "60.00" }]);
    assert_eq!((&told["versions"], &told["earned"]), (&steps, &json!("50.00")));
    // Under the latest version all is stated anew, with the differences to what was stated as of the transactions.
    let latest = settle(&new, &table, END, &stated(&new, &outcome));
    let text = csv(&new, &latest);
    assert!(text.contains("D1,flat,2026,dealer,2000.00,2,2,60.00,50.00,10.00\n"), "{text}");
    assert!(text.contains("D1,monthly,2026-05,dealer,1000.00,1,1,30.00,20.00,10.00\n"), "{text}");
    assert_eq!(
        latest.withdrawn.iter().map(|former| former.csv(new.policy())).collect::<String>(),
        "D1,for-grade,2026,dealer,0.00,0,0,0.00,10.00,-10.00\n"
    );
    // With one and the same version it is that version.
    let same = settle_versions(1, (&[(&new, day)], &[]), &new, &table, END, &Stated::default()).unwrap();
    assert_eq!(csv(&new, &same), csv(&new, &settle(&new, &table, END, &Stated::default())));
    // The last version has what the others have.
    let gone = engine_of(&version("3", "3", "B").replace("id: monthly, period: month", "id: monthly, period: quarter"));
    let fault = settle_versions(1, (&[(&old, day)], &[]), &gone, &table, END, &Stated::default()).err();
    assert!(matches!(fault, Some(Fault::Version(program)) if program == "monthly"));
    let apart = engine_of(&version("3", "3", "B").replace("id: flat,", "id: flat, covers: sku,"));
    let fault = settle_versions(1, (&[(&old, day)], &[]), &apart, &table, END, &Stated::default()).err();
    assert!(matches!(fault, Some(Fault::Version(program)) if program == "flat"));
}

/// One SKU in each version is two together, on any number of cores; what comes back whole covers nothing.
#[test]
fn coverage_is_of_all_versions_so_far() {
    let covers = "covers: sku, requires: [{ program: flat, covers: 2 }], ";
    let [old, new] = ["2", "3"].map(|rate| engine_of(&version(rate, rate, "A").replace("id: flat, ", &format!("id: flat, {covers}"))));
    let day = "2026-07-01T00:00:00+08:00";
    let both = "i1,D1,2026-05-05,P,1,1000.00,,,\ni2,D1,2026-08-05,Q,1,1000.00,,,\ni3,D2,2026-08-05,Q,1,2000.00,,,\n";
    let first = |table: &str, threads: usize| {
        let outcome = settle_versions(threads, (&[(&old, day)], &[]), &new, &format!("{HEAD}{table}"), END, &Stated::default()).unwrap();
        csv(&new, &outcome).lines().next().unwrap_or_default().to_owned()
    };
    // Nothing by the first version, and by the second the whole less what it comes to without Q, which is nothing: 3 % of 2000.00.
    assert_eq!(first(both, 1), "D1,flat,2026,dealer,2000.00,2,2,60.00,0.00,60.00");
    assert_eq!(first(both, 3), first(both, 1));
    let back = format!("r,D1,2026-09-05,P,-1,-1000.00,,,return\n{both}");
    assert_eq!(first(&back, 2), "D1,flat,2026,dealer,1000.00,1,3,0.00,0.00,0.00");
}

#[test]
fn who_goes_into_another_takes_what_is_his_from_then_on() {
    let engine = engine();
    let day = |text: &str| Instant::parse(&format!("{text}T00:00:00+08:00")).unwrap();
    let moved =
        |dealer: &str, from: &str, into: Option<&str>| Moved { dealer: dealer.to_owned(), from: day(from), into: into.map(str::to_owned) };
    let table = format!(
        "{HEAD}a,D2,2026-10-31,P,600,600.00,,,\nb,D2,2026-11-01,P,500,500.00,,,\nc,D1,2026-11-01,P,500,500.00,,,\nd,D1,2026-12-01,P,9,9.00,,,\n"
    );
    let run = |moved: &[Moved]| settle_versions(1, (&[], moved), &engine, &table, END, &Stated::default()).unwrap();
    let outcome = run(&[moved("D2", "2026-11-01", Some("D1")), moved("D1", "2026-12-01", None)]);
    assert_eq!(outcome.counts, Counts { rows: 4, counted: 3, uncounted: 0, later: 0, rejected: 1 });
    assert!(outcome.rejects.contains("\n5,d,DEALER_LEFT,"), "{}", outcome.rejects);
    let text = csv(&engine, &outcome);
    // 1000.00 of both at 1 % times 80 %; what D2 sold before is his, and too little.
    assert!(text.contains("D1,quarter,2026-Q4,dealer,1000.00,1000,2,8.00,0.00,8.00\n"), "{text}");
    assert!(text.contains("D2,quarter,2026-Q4,dealer,600.00,600,1,0.00,0.00,0.00\n"), "{text}");
    traced(&engine, &outcome);
    // Round in a circle there is nobody.
    let circle = run(&[moved("D2", "2026-11-01", Some("D1")), moved("D1", "2026-11-01", Some("D2"))]);
    assert_eq!((circle.counts.counted, circle.counts.rejected), (1, 3));
}

#[test]
fn rates_are_read_whole_or_not() {
    let day = |text: &str| calendar::day(text).ok().map(|day| calendar::zone("Asia/Shanghai").unwrap().day_start(day));
    let read = |rows: &[&str]| Rates::read(rows, &day).map(|_| ());
    assert_eq!(read(&["USD,2026-01-01,7.1", "USD,2026-02-01T00:00:00+08:00,0.00000001", "EUR,2026-01-01,1000000"]), Ok(()));
    // A currency that there is not, a day, rates of 0, of more than a million and of 9 digits, a cell too many, and a day that is there.
    for row in [
        "XXZ,2026-01-01,7",
        "USD,2026-02-30,7",
        "USD,2026-01-02,0",
        "USD,2026-01-02,1000000.1",
        "USD,2026-01-02,0.000000001",
        "USD,2026-01-02,7,",
        "USD,2026-01-01,8",
    ] {
        assert_eq!(read(&["USD,2026-01-01,7.1", row]), Err(1), "{row}");
    }
}

#[test]
fn what_counts_for_nothing_is_told_why() {
    let engine = engine_of(
        &POLICY
            .replace("- { id: rest, overlap: one,", "- { id: rest, on: { sku: Q }, overlap: one,")
            .replace("- { id: quarter,", "- { id: quarter, on: { sku: Q },"),
    );
    let table = "id,dealer,date,sku,quantity,net,currency,kind\n\
                 a,D1,2026-10-05,P,1,1.00,CNY,\nb,D1,2026-10-05,P,1,1.00,USD,\nc,D1,2025-10-05,P,1,1.00,,\nd,D1,2026-10-05,P,1,1.00,,sell_out\n";
    let outcome = settle(&engine, table, END, &Stated::default());
    assert_eq!(outcome.counts, Counts { rows: 4, counted: 1, uncounted: 2, later: 0, rejected: 1 });
    assert!(outcome.rejects.contains("\n3,b,CURRENCY_OTHER,"), "{}", outcome.rejects);
    let rows: Vec<&str> = outcome.uncounted.lines().skip(1).map(|row| row.rsplit_once(',').unwrap().0).collect();
    assert_eq!(rows, ["4,c,NO_WINDOW", "5,d,NO_PROGRAM"]);
}

#[test]
fn what_an_order_leaves_out_its_transactions_leave_out() {
    let tail = "period: month, mode: retroactive, tiers: [{ from: 0, percent: 1 }]";
    let orders = [
        "source: portal",
        "attributes: { type: [a, b] }",
        "except: { source: portal, attributes: { type: a } }",
        "source: [portal, phone], except: { attributes: { type: b } }",
    ];
    let kinds = ["contract", "quotation", "special", "approved", "no_promotion"];
    let mut programs = format!("  - {{ id: all, {tail} }}\n");
    for (at, orders) in orders.iter().enumerate() {
        writeln!(programs, "  - {{ id: o{at}, orders: {{ {orders} }}, {tail} }}").unwrap();
    }
    for kind in kinds {
        writeln!(programs, "  - {{ id: {kind}, prices: {{ except: [{kind}] }}, {tail} }}").unwrap();
    }
    writeln!(programs, "  - {{ id: both, orders: {{ {} }}, prices: {{ except: [{}] }}, {tail} }}", orders[1], kinds.join(", ")).unwrap();
    let tables: Vec<String> =
        kinds[..3].iter().map(|kind| format!("{{ id: {kind}, by: [sku], registered: {kind}, table: {kind}.csv }}")).collect();
    let policy = format!(
        "policy: {{ id: p, version: '1', valid: 2026-01-01 .. 2028-12-31 }}\ngrades: [{{ id: A }}, {{ id: B }}]\nkpis: [{{ id: service }}]\n\
         attributes: [{{ id: type, of: order }}]\nproducts: p.csv\n\
         prices: [{}, {{ id: list, by: [sku], table: l.csv }}]\nprograms:\n{programs}",
        tables.join(", ")
    );
    let skus = ["contract", "quotation", "special", "approved", "no_promotion", "plain", "both"];
    let mut files = vec![
        ("policy.yaml".to_owned(), policy.into_bytes()),
        ("p.csv".to_owned(), format!("sku,unit\n{}", skus.map(|sku| format!("{sku},EA\n")).concat()).into_bytes()),
        (
            "l.csv".to_owned(),
            format!("sku,price,flags\n{}", skus.map(|sku| format!("{sku},10,{}\n", if sku == "no_promotion" { sku } else { "" })).concat())
                .into_bytes(),
        ),
    ];
    for kind in &kinds[..3] {
        let both = if *kind == "special" { "n2,both,8\n" } else { "" };
        files.push((format!("{kind}.csv"), format!("registration,sku,price\nn1,{kind},9\n{both}").into_bytes()));
    }
    let mut imported = import::files(files);
    let checked = check::check(imported.policy, &imported.sources, &mut imported.diagnostics);
    let engine = Engine::load(compile::compile(&checked.unwrap_or_else(|| panic!("{:?}", imported.diagnostics.found))).bytes()).unwrap();
    for source in ["", "portal", "phone", "app"] {
        for kind in ["", "a", "b", "c"] {
            let lines: Vec<Value> = skus.iter().map(|sku| json!({ "id": sku, "sku": sku, "quantity": 3 })).collect();
            let mut order = json!({ "schema": 1, "lines": lines });
            if !source.is_empty() {
                order["source"] = json!(source);
            }
            if !kind.is_empty() {
                order["attributes"] = json!({ "type": kind });
            }
            let adjustment = |sku: &str| json!({ "id": sku, "line": sku, "amount": "1", "approver": "w", "reason": "r" });
            let question = json!({
                "order": order,
                "dealer": { "schema": 1, "id": "D1", "as_of": 0, "adjustments": [adjustment("approved"), adjustment("both")] },
                "now": "2026-11-21T10:00:00+08:00",
            });
            let answer: Value = serde_json::from_str(&wire::quote(&engine, &serde_json::from_value(question).unwrap()).unwrap()).unwrap();
            let mut table = "id,dealer,date,sku,quantity,net,source,price,order.type\n".to_owned();
            for line in answer["lines"].as_array().unwrap() {
                let sku = line["sku"].as_str().unwrap();
                let price = match sku {
                    "plain" => "",
                    "both" => "approved special",
                    own => own,
                };
                writeln!(table, "{sku},D1,2026-11-21,{sku},3,{},{source},{price},{kind}", line["net"].as_str().unwrap()).unwrap();
            }
            let outcome = settle(&engine, &table, END, &Stated::default());
            assert_eq!(outcome.counts.counted, 7);
            for rebate in answer["rebates"].as_array().unwrap() {
                let stated = outcome.statements.iter().find(|own| engine.policy().program(own.rebate.program) == rebate["program"]);
                let stated = stated.map_or(0, |own| own.rebate.posted.amount.0);
                let counted = rebate["counted"]["amount"].as_str().unwrap().replace('.', "").parse::<i64>().unwrap();
                assert_eq!(counted, stated, "{source} {kind} {rebate}");
                assert!((counted == 0) <= (rebate["program"] != "all"), "{rebate}");
            }
        }
    }
}

#[test]
fn what_stands_no_more_is_taken_back() {
    let engine = engine();
    let table = format!("{HEAD}i1,D1,2026-10-05,P,600,600.00,,,\n");
    let first = settle(&engine, &table, END, &Stated::default());
    assert!(first.withdrawn.is_empty());
    // A dealer, a program, a window and a party that there are no more; and D2 is of a grade that one is not for.
    let mut before = formers(&engine, &first);
    let former = |dealer: &str, program: &str, period: &str, to: &str, amount: i64| Former {
        dealer: dealer.to_owned(),
        program: program.to_owned(),
        period: period.to_owned(),
        to: to.to_owned(),
        amount: Money(amount),
    };
    let gone = [
        former("D1", "old", "2026", "dealer", 200),
        former("D1", "quarter", "2025-Q4", "dealer", 300),
        former("D1", "year", "2026", "grandparent", 400),
        former("D2", "only-a", "2026", "dealer", 500),
        former("D9", "rest", "2026", "dealer", 100),
    ];
    before.extend(gone.iter().rev().cloned());
    before.push(former("D9", "year", "2026", "dealer", 0));
    let second = settle(&engine, &table, END, &stated_as(&engine, before));
    assert_eq!(second.withdrawn, gone);
    assert!(second.statements.iter().flat_map(|statement| &statement.parties).all(|party| party.difference == Money::ZERO));
    assert_eq!(gone[3].csv(engine.policy()), "D2,only-a,2026,dealer,0.00,0,0,0.00,5.00,-5.00\n");
    assert_eq!(
        gone[4].json(engine.policy()),
        r#"{"dealer":"D9","program":"rest","period":"2026","to":"dealer","stated":"1.00","difference":"-1.00"}"#
    );
}

#[test]
fn statements_are_traced_and_differences_posted() {
    let engine = engine();
    let first = format!(
        "{HEAD}i1,D1,2026-10-05,P,600,600.00,,,\ni2,D1,2026-11-05,Q,600,600.00,,,sale\n\"i,3\",D2,2026-11-05T10:00:00+08:00,Q,5,5.00,,,\ni4,D1,2026-11-06,P,0,300.00,,,payment\n"
    );
    let outcome = settle(&engine, &first, END, &Stated::default());
    assert_eq!(outcome.counts, Counts { rows: 4, counted: 4, uncounted: 0, later: 0, rejected: 0 });
    // 1200.00 at 1 % times 80 %; 5.00 + 3.00 of 600.00, 70 to 30; 600 units of Q count for the first of the overlap, P for the other.
    let expected = "D1,only-a,2026,dealer,600.00,600,1,1200.00,0.00,1200.00\n\
                    D1,paid,2026-11,dealer,300.00,0,1,3.00,0.00,3.00\n\
                    D1,quarter,2026-Q4,dealer,1200.00,1200,2,9.60,0.00,9.60\n\
                    D1,rest,2026,dealer,600.00,600,1,600.00,0.00,600.00\n\
                    D1,year,2026,dealer,600.00,600,1,5.60,0.00,5.60\n\
                    D1,year,2026,parent,600.00,600,1,2.40,0.00,2.40\n\
                    D2,quarter,2026-Q4,dealer,5.00,5,1,0.00,0.00,0.00\n\
                    D2,rest,2026,dealer,5.00,5,1,5.00,0.00,5.00\n";
    assert_eq!(csv(&engine, &outcome), expected);
    assert!(outcome.trace.contains("i2,D1,only-a,2026,600.00,600\n") && outcome.trace.contains("\"i,3\",D2,rest,2026,5.00,5\n"));
    assert!(!outcome.trace.contains("i2,D1,rest"));
    assert_eq!(outcome.rejects, "line,transaction,code,reason\n");
    // A late invoice of October and a return: the quarter is stated anew, and only what differs is new.
    let second = format!("{first}i5,D1,2026-10-31,P,1000,1000.00,,,\ni6,D2,2026-12-01,Q,-5,-5.00,,,return\n");
    let later = settle(&engine, &second, END, &stated(&engine, &outcome));
    let text = csv(&engine, &later);
    assert!(text.contains("D1,quarter,2026-Q4,dealer,2200.00,2200,3,35.20,9.60,25.60\n"), "{text}");
    assert!(text.contains("D2,rest,2026,dealer,0.00,0,2,0.00,5.00,-5.00\n"), "{text}");
    let json: Value = serde_json::from_str(&later.statements[2].json(engine.policy())).unwrap();
    assert_eq!(json["rebate"]["tier"], json!({ "from": "2000.00", "percent": "2" }));
    assert_eq!(json["rebate"]["modifiers"][0]["percent"], "80");
    let said = later.statements[2].sentences(engine.policy(), qudao::explain::Language::Chinese);
    assert_eq!(said[0], "quarter（2026-Q4）：累计 ¥2,200.00，返利 ¥35.20。");
    assert_eq!(said[1], "达到 ¥2,000.00 起的阶梯。");
    let said = later.statements[2].sentences(engine.policy(), qudao::explain::Language::English);
    assert_eq!(said[2], "quarter: “service” is 78, so 80 % of the rebate count.");
}

#[test]
fn what_is_not_sound_is_refused_with_its_reason_and_nothing_is_skipped() {
    let engine = engine();
    let table = format!(
        "{HEAD}a,D1,2026-10-05,P,1,1.00,,,\na,D1,2026-10-05,P,1,1.00,,,\n,D1,2026-10-05,P,1,1.00,,,\nb,D9,2026-10-05,P,1,1.00,,,\n\
         c,D1,2026-02-30,P,1,1.00,,,\nd,D1,2026-10-05,Z,1,1.00,,,\ne,D1,2026-10-05,P,1,1.001,,,\nf,D1,2026-10-05,P,1,1.00,,,gift\n\
         g,D1,2026-10-05,P,-1,-1.00,,,\nh,D1,2026-10-05,P,1,1.00,,,return\ni,D1,2026-10-05,P\nj,D1,2027-01-01,P,1,1.00,,,\n\
         k,D1,2025-10-05,P,1,1.00,,,\n\"l,D1,2026-10-05,P,1,1.00,,,\n"
    );
    let outcome = settle(&engine, &table, END, &Stated::default());
    assert_eq!(outcome.counts, Counts { rows: 14, counted: 1, uncounted: 1, later: 1, rejected: 11 });
    let codes: Vec<(&str, &str)> = outcome
        .rejects
        .lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            (cells[0], cells[2])
        })
        .collect();
    let expected = [
        ("3", "ID_DUPLICATE"),
        ("4", "ID_INVALID"),
        ("5", "DEALER_UNKNOWN"),
        ("6", "DATE_INVALID"),
        ("7", "SKU_UNKNOWN"),
        ("8", "NUMBER_INVALID"),
        ("9", "KIND_UNKNOWN"),
        ("10", "SIGN_WRONG"),
        ("11", "SIGN_WRONG"),
        ("12", "CELLS"),
        ("15", "CELLS"),
    ];
    assert_eq!(codes, expected);
}

#[test]
fn a_long_table_is_settled_in_pieces_with_its_duplicates_found() {
    let engine = engine();
    let mut table = HEAD.to_owned();
    for row in 0..200_000_u32 {
        // Every tenth id stands twice, far apart.
        let id = if row % 10 == 9 { row / 10 } else { row + 1_000_000 };
        let id = if row < 20_000 && row % 10 != 9 { row } else { id };
        writeln!(table, "t{id},D{},2026-{:02}-05,P,1,1.00,,,", 1 + row % 2, 1 + row % 12).unwrap();
    }
    let outcome = settle(&engine, &table, END, &Stated::default());
    let mut seen = std::collections::HashSet::new();
    let twice = table.lines().skip(1).filter(|line| !seen.insert(line.split(',').next().unwrap())).count() as u64;
    assert!(twice > 10_000);
    assert_eq!(outcome.counts, Counts { rows: 200_000, counted: 200_000 - twice, rejected: twice, ..Counts::default() });
    assert_eq!(outcome.trace.lines().filter(|line| line.contains(",rest,")).count() as u64, 200_000 - twice);
    for threads in [1, 2] {
        let again = settle_on(threads, &engine, &table, END, &Stated::default());
        assert!(outcome.trace == again.trace && outcome.rejects == again.rejects && csv(&engine, &outcome) == csv(&engine, &again));
    }
}

proptest! {
    #![proptest_config(cases(60))]

    /// Any order and any split of invoices, and any steps to the end, state the same; and it is what the preview says before a cart.
    #[test]
    fn settlements_do_not_depend_on_their_way(
        rows in prop::collection::vec((0usize..2, 1u32..13, 0usize..2, 1i64..3_000, any::<bool>(), 0u8..10), 1..40),
        turn in 0usize..40,
        cut in 1u32..13,
    ) {
        let engine = engine();
        let line = |at: usize, part: &str, cents: i64, row: &(usize, u32, usize, i64, bool, u8)| {
            let (dealer, month, product, _, _, kind) = row;
            let (sign, kind) = match kind { 0 => ("-", "return"), 1 => ("", "payment"), _ => ("", "") };
            format!("t{at}{part},D{},2026-{month:02}-15,{},{sign}{cents},{sign}{}.{:02},,,{kind}\n", dealer + 1, ["P", "Q"][*product], cents / 100, cents % 100)
        };
        let whole: Vec<String> = rows.iter().enumerate().map(|(at, row)| line(at, "", row.3, row)).collect();
        let table = |lines: &[String]| format!("{HEAD}{}", lines.concat());
        let all = settle(&engine, &table(&whole), END, &Stated::default());
        let mut turned = whole.clone();
        turned.rotate_left(turn % whole.len());
        prop_assert_eq!(csv(&engine, &settle(&engine, &table(&turned), END, &Stated::default())), csv(&engine, &all));
        let split: Vec<String> = rows.iter().enumerate().flat_map(|(at, row)| {
            let half = row.3 / 2;
            if row.4 && half > 0 { vec![line(at, "a", half, row), line(at, "b", row.3 - half, row)] } else { vec![line(at, "", row.3, row)] }
        }).collect();
        let amounts = |outcome: &Outcome| outcome.statements.iter().map(|statement| (statement.dealer.clone(), statement.rebate.after, statement.parties.clone())).collect::<Vec<_>>();
        prop_assert_eq!(amounts(&settle(&engine, &table(&split), END, &Stated::default())), amounts(&all));
        // Up to some month first, then the rest.
        let partly = settle(&engine, &table(&whole), &format!("2026-{cut:02}-15T00:00:00+08:00"), &Stated::default());
        let rest = settle(&engine, &table(&whole), END, &stated(&engine, &partly));
        let sum = |outcome: &Outcome| outcome.statements.iter().flat_map(|statement| &statement.parties).map(|party| party.difference.0).sum::<i64>();
        prop_assert_eq!(sum(&partly) + sum(&rest), sum(&all));
        // The preview with these volumes as posted says the same before a cart.
        for statement in all.statements.iter().filter(|statement| statement.rebate.posted.amount >= Money::ZERO && statement.rebate.posted.quantity.0 >= 0) {
            let value: Value = serde_json::from_str(&statement.json(engine.policy())).unwrap();
            let (program, period) = (value["rebate"]["program"].as_str().unwrap(), value["rebate"]["period"].as_str().unwrap());
            if period.len() == 7 && period.as_bytes()[5] != b'Q' && period != "2026-11" || (period.contains('Q') && period != "2026-Q4") {
                continue;
            }
            let volume = statement.rebate.posted;
            let posted = json!({ "amount": format!("{}.{:02}", volume.amount.0 / 100, volume.amount.0 % 100), "quantity": volume.quantity.0 });
            let mut dealer = dealers()["dealers"].as_array().unwrap().iter().find(|dealer| dealer["id"] == statement.dealer.as_str()).unwrap().clone();
            dealer["volumes"] = json!([{ "program": program, "period": period, "posted": posted }]);
            let question = json!({ "order": { "schema": 1, "lines": [] }, "dealer": dealer, "now": "2026-11-20T00:00:00+08:00" });
            let question: Node = serde_json::from_value(question).unwrap();
            let answer: Value = serde_json::from_str(&wire::quote(&engine, &question).unwrap()).unwrap();
            let preview = answer["rebates"].as_array().unwrap().iter().find(|rebate| rebate["program"] == program).unwrap();
            prop_assert_eq!(cents(&preview["before"]), statement.rebate.after.0, "{} {}", program, period);
        }
    }
}

#[test]
fn the_command_writes_the_same_files_twice() {
    let folder = std::env::temp_dir().join(format!("qudao-settle-command-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(folder.join("policy")).unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
    write("policy/policy.yaml", POLICY);
    write("policy/p.csv", "sku,unit\nP,EA\nQ,EA\n");
    write("policy/l.csv", "sku,price\nP,1\nQ,1\n");
    write("dealers.json", &dealers().to_string());
    write("t.csv", &format!("{HEAD}i1,D1,2026-10-05,P,600,600.00,,,\ni2,D1,2026-11-05,Q,600,600.00,,,\nbad,D9,2026-11-05,Q,6,6.00,,,\n"));
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let run = |output: &str, more: &[&str]| {
        let (policy, table, dealers, output) = (path("policy"), path("t.csv"), path("dealers.json"), path(output));
        let fixed = ["settle", &policy, "--transactions", &table, "--dealers", &dealers, "--until", END, "--output", &output, "--json"];
        let answer = Command::new(env!("CARGO_BIN_EXE_qudao")).args(fixed).args(more).output().unwrap();
        (answer.status.code().unwrap(), serde_json::from_slice::<Value>(&answer.stdout).unwrap())
    };
    let (code, figures) = run("one", &[]);
    assert_eq!((code, &figures["rows"], &figures["counted"], &figures["rejected"]), (0, &json!(3), &json!(2), &json!(1)), "{figures}");
    run("two", &["--threads", "1"]);
    let before = format!("{}@2026-11-01T00:00:00+08:00", path("policy"));
    assert_eq!(run("as-of", &["--before", &before]).0, 0);
    assert_ne!(run("wrong", &["--before", &path("policy")]).0, 0);
    write("moved.csv", "dealer,from,into\nD1,2026-11-01,D2\nD2,2026-12-01,\n");
    assert_eq!(run("moved", &["--moved", &path("moved.csv")]).0, 0);
    write("moved.csv", "dealer,from,into\nD1,2026-11-01,D1\n");
    assert_ne!(run("wrong", &["--moved", &path("moved.csv")]).0, 0);
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    assert_eq!(read("one/statements.csv"), read("as-of/statements.csv"));
    for file in
        ["statements.json", "statements.csv", "lines.csv", "rejects.csv", "uncounted.csv", "missing.csv", "report.txt", "report/D1.html"]
    {
        assert!(!read(&format!("one/{file}")).is_empty());
        assert_eq!(read(&format!("one/{file}")), read(&format!("two/{file}")), "{file}");
    }
    let (_, again) = run("three", &["--previous", &path("one/statements.json")]);
    assert_eq!(again["statements"], figures["statements"]);
    let statements: Value = serde_json::from_str(&read("three/statements.json")).unwrap();
    let parties = statements["statements"].as_array().unwrap().iter().flat_map(|statement| statement["parties"].as_array().unwrap());
    assert!(parties.clone().count() > 4 && parties.into_iter().all(|party| party["difference"] == "0.00"));
    assert_eq!(read("one/rejects.csv"), "line,transaction,code,reason\n4,bad,DEALER_UNKNOWN,no facts of this dealer were given\n");
    let page = read("one/report/D1.html");
    assert!(page.contains("<svg") && page.contains("<h2>quarter · 2026-Q4<span class=\"sum\">9.60</span></h2>"), "{page}");
    let _ = std::fs::remove_dir_all(&folder);
}

#[test]
fn what_the_facts_lack_is_told() {
    let text = POLICY
        .replace("modifiers: [{ kpi: service,", "against: target, modifiers: [{ kpi: other,")
        .replace("{ id: service }", "{ id: service }, { id: other }");
    let engine = engine_of(
        &text.replace("from: 1000, percent: 1", "from: 50, percent: 1").replace("from: 2000, percent: 2", "from: 100, percent: 2"),
    );
    let outcome = settle(&engine, &format!("{HEAD}i1,D2,2026-10-05,P,600,600.00,,,\n"), END, &Stated::default());
    let rows: String = outcome.statements.iter().map(|statement| statement.missing_csv(engine.policy())).collect();
    assert_eq!(rows, "D2,quarter,2026-Q4,TARGET_MISSING,\nD2,quarter,2026-Q4,KPI_MISSING,other\n");
}

const PAYMENT: &str = "policy: { id: p, version: '1', valid: 2026-01-01 .. 2028-12-31 }
products: p.csv
prices: [{ id: list, by: [sku], table: l.csv }]
grades: [{ id: A }, { id: B }]
kpis: [{ id: service }]
budgets: [{ id: pot, amount: 22 }]
programs:
  - { id: by-delivery, on: { sku: P }, date: delivery, period: month, mode: retroactive, tiers: [{ from: 0, percent: 1 }] }
  - { id: by-order, on: { sku: P }, date: order, period: month, mode: retroactive, tiers: [{ from: 0, percent: 1 }] }
  - { id: by-payment, on: { sku: P }, date: payment, period: month, mode: retroactive, tiers: [{ from: 0, percent: 1 }] }
  - { id: grace, on: { sku: P }, grace_days: 5, period: month, mode: retroactive, tiers: [{ from: 0, percent: 1 }] }
  - { id: least, on: { sku: P }, minimum: 40, period: month, mode: retroactive, tiers: [{ from: 0, percent: 1 }] }
  - { id: pot, on: { sku: P }, budget: pot, period: year, mode: retroactive, tiers: [{ from: 0, percent: 1 }] }
  - { id: quarterly, period: year, payout: quarter, mode: retroactive, tiers: [{ from: 0, percent: 1 }] }
";

#[test]
fn what_is_paid_and_when() {
    let engine = engine_of(PAYMENT);
    let first = "id,dealer,date,sku,quantity,net,kind,ordered,delivered,paid,booked\n\
                 a,D1,2026-01-10,P,1,1000.00,,2026-01-05,2026-02-02,2026-03-03,\n\
                 b,D1,2026-01-31,P,1,1500.00,,2025-12-30,,,2026-02-05T23:59:59+08:00\n\
                 c,D1,2026-01-31,P,1,500.00,,,,,2026-02-06\n\
                 d,D2,2026-04-10,P,1,300.00,,,,,\n\
                 e,D1,2026-04-20,P,1,1200.00,,,,,\n\
                 f,D1,2026-05-02,P,-1,-100.00,return,,,,\n\
                 h,D2,2026-04-11,Q,1,7.00,,,,,\n\
                 i,D2,2026-04-11,Q,1,7.00,,2026-02-30,,,\n";
    let outcome = settle(&engine, first, "2026-05-10T00:00:00+08:00", &Stated::default());
    // Of Q only what is not due yet counts.
    assert_eq!(outcome.counts, Counts { rows: 8, counted: 6, uncounted: 0, later: 1, rejected: 1 });
    assert!(outcome.rejects.contains("9,i,DATE_INVALID"), "{}", outcome.rejects);
    let expected = "D1,by-delivery,2026-02,dealer,1000.00,1,1,10.00,0.00,10.00\n\
                    D1,by-order,2026-01,dealer,1000.00,1,1,10.00,0.00,10.00\n\
                    D1,by-payment,2026-03,dealer,1000.00,1,1,10.00,0.00,10.00\n\
                    D1,grace,2026-01,dealer,2500.00,2,2,25.00,0.00,25.00\n\
                    D1,grace,2026-02,dealer,500.00,1,1,5.00,0.00,5.00\n\
                    D1,grace,2026-04,dealer,1200.00,1,1,12.00,0.00,12.00\n\
                    D1,grace,2026-05,dealer,-100.00,-1,1,0.00,0.00,0.00\n\
                    D1,least,2026-01,dealer,3000.00,3,3,0.00,0.00,0.00\n\
                    D1,least,2026-04,dealer,1200.00,1,1,42.00,0.00,42.00\n\
                    D1,least,2026-05,dealer,-100.00,-1,1,0.00,0.00,0.00\n\
                    D1,pot,2026,dealer,4100.00,3,5,20.50,0.00,20.50\n\
                    D1,quarterly,2026,dealer,3000.00,3,3,30.00,0.00,30.00\n\
                    D2,grace,2026-04,dealer,300.00,1,1,3.00,0.00,3.00\n\
                    D2,least,2026-04,dealer,300.00,1,1,0.00,0.00,0.00\n\
                    D2,pot,2026,dealer,300.00,1,1,1.50,0.00,1.50\n";
    assert_eq!(csv(&engine, &outcome), expected);
    let said = |program: &str, period: &str| {
        let of = |statement: &&Statement| {
            let json: Value = serde_json::from_str(&statement.json(engine.policy())).unwrap();
            (json["rebate"]["program"].as_str(), json["rebate"]["period"].as_str()) == (Some(program), Some(period))
        };
        let statement = outcome.statements.iter().find(of).unwrap();
        let json: Value = serde_json::from_str(&statement.json(engine.policy())).unwrap();
        (json, statement.sentences(engine.policy(), qudao::explain::Language::English).join("\n"))
    };
    let (json, text) = said("least", "2026-04");
    assert_eq!([&json["carried_in"], &json["paid"], &json["carried"]], ["30.00", "42.00", "0.00"]);
    assert!(text.contains("¥30.00 was carried in, ¥42.00 is paid, ¥0.00 is carried to the next window."), "{text}");
    let (json, text) = said("pot", "2026");
    assert_eq!(json["rebate"]["budget"], json!({ "budget": "pot", "left": "22.00", "lost": "20.50" }));
    assert!(text.contains("pot: its budget is ¥22.00 for all, so ¥20.50 is not paid."), "{text}");
    assert_eq!(said("quarterly", "2026").0["partial"], true);
    // Grace of January is over in May, that of May is not.
    assert_eq!(said("grace", "2026-01").0["partial"], false);
    // A late row of February fills the least there, so that April carries its own; a quarter later more of the year is due.
    let second = format!("{first}g,D1,2026-02-15,P,1,1000.00,,,,,\n");
    let later = settle(&engine, &second, "2026-08-01T00:00:00+08:00", &stated(&engine, &outcome));
    let text = csv(&engine, &later);
    assert!(text.contains("D1,least,2026-02,dealer,1000.00,1,1,40.00,0.00,40.00\n"), "{text}");
    assert!(text.contains("D1,least,2026-04,dealer,1200.00,1,1,0.00,42.00,-42.00\n"), "{text}");
    assert!(text.contains("D1,quarterly,2026,dealer,5100.00,4,6,51.00,30.00,21.00\n"), "{text}");
    assert_eq!(later.counts.later, 0);
}

#[test]
fn what_is_new_is_issued_as_lots() {
    let text = POLICY
        .replace("  - { id: quarter, ", "  - { id: quarter, lot: { days: 365, freeze_days: 10, invoice_treatment: discount }, ")
        .replace("  - { id: rest, ", "  - { id: rest, lot: {}, ");
    let engine = engine_of(&text);
    let policy = import::files(vec![("policy.yaml".to_owned(), text.into_bytes())]).policy;
    let until = Instant::parse(END).unwrap();
    let issued = |outcome: &Outcome| settle::lots(engine.policy(), &policy, &outcome.statements, until);
    let first = settle(&engine, &format!("{HEAD}i1,D1,2026-10-05,P,600,1000.00,,,\n"), END, &Stated::default());
    let lots = issued(&first);
    let json: Vec<String> = lots.iter().map(|lot| lot.json(engine.policy())).collect();
    assert_eq!(
        json,
        [
            r#"{"id":"quarter/2026-Q4/1798732800000","balance":"8.00","issued":1799596800000,"expires":1830268800000,"invoice_treatment":"discount"}"#,
            r#"{"id":"rest/2026/1798732800000","balance":"600.00","issued":1798732800000}"#,
        ]
    );
    // As the facts of a dealer take them.
    let read: Vec<Value> = json.iter().map(|lot| serde_json::from_str(lot).unwrap()).collect();
    let facts = json!({ "dealers": [{ "schema": 1, "id": "D1", "as_of": 0, "lots": read }] });
    assert_eq!(wire::dealers(&engine, &serde_json::from_value::<Node>(facts).unwrap()).unwrap()[0].lots.len(), 2);
    // 100 units come back: what was stated is too much, and nothing of it is a lot.
    let table = format!("{HEAD}i1,D1,2026-10-05,P,600,1000.00,,,\ni2,D1,2026-10-06,P,-100,0.00,,,return\n");
    let second = issued(&settle(&engine, &table, END, &stated(&engine, &first)));
    let rows: String = second.iter().map(|lot| lot.csv(engine.policy())).collect();
    assert_eq!(rows, "D1,rest,2026,,-100.00,1798732800000,\n");
    let sum: i64 = lots.iter().chain(&second).map(|lot| lot.amount.0).sum();
    assert_eq!(Money(sum), Money(50_800));
}
