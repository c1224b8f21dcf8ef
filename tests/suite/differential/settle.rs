//! Settlement against its slow twin: the programs of random worlds, and random transactions.

use super::{at_most, compare, tree_of};
use crate::random::Random;
use crate::slow::contest;
use crate::slow::settle::{self as slow, Settled, Stated};
use crate::world::{self, GRADES, World, every_world};
use proptest::strategy::ValueTree;
use qudao::policy::Policy;
use qudao::settle::{self, Earlier, Files, Former, Moved, Task};
use qudao::time::Instant;
use qudao::{Engine, calendar, check, compile, import, wire};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Cursor, Read};
use std::sync::atomic::{AtomicU32, Ordering};

/// Worlds of one run, unless `QUDAO_WORLDS` is smaller.
const WORLDS: u64 = 600;
/// What a run of them must meet.
const LEAST: u64 = 5;
const HEAD: &str =
    "id,dealer,date,sku,quantity,net,list,gross,untaxed,kind,ordered,delivered,paid,booked,currency,source,price,order.payment\n";
/// Rates of settlements; there is none for GBP before May.
const RATES: &str =
    "GBP,2026-05-01,8.9\nGBP,2026-10-01,9.23456789\nUSD,2026-01-01,7.1\nUSD,2026-07-01T08:00:00Z,6.98765432\nUSD,2024-01-01,7";
const UNTIL: [&str; 4] = ["2026-07-01T00:00:00+08:00", "2026-11-21T10:00:00+08:00", "2026-12-26T00:00:00Z", "2027-02-01T00:00:00+08:00"];

#[test]
fn settlements_are_the_same_slowly() {
    let count = at_most(WORLDS);
    let mut met = BTreeMap::<&str, u64>::new();
    let strategy = every_world();
    for seed in 0..count {
        let mut world = tree_of(&strategy, seed).current();
        for program in &mut world.programs {
            // Every other world counts all orders, so that many dealers have something to be ranked by.
            if seed.is_multiple_of(2) {
                program.counted = ("", "");
            }
            // A window has an end, so that what recurs is left out.
            if world::VALID[program.when.valid].contains(';') || !world::VALID[program.when.valid].contains("..") {
                program.when.valid = 0;
            }
        }
        let mut random = Random(seed);
        let mut table = table(&world, &mut random);
        if seed.is_multiple_of(3) {
            // Two dealers are equally good.
            let own = format!(",{},", world.dealer.id);
            let copies: Vec<String> =
                table.lines().filter(|row| row.contains(&own)).map(|row| format!("m{}\n", row.replacen(&own, ",D9,", 1))).collect();
            table = table.lines().filter(|row| !row.contains(",D9,")).map(|row| format!("{row}\n")).chain(copies).collect();
        }
        *met.entry("in another currency").or_default() += table.lines().filter(|row| row.contains(",USD")).count() as u64;
        let until = random.index(UNTIL.len());
        if seed % 3 == 1 {
            // Both dealers sell in the windows that go on then.
            let mut random = Random(seed);
            let day = ["2026-06-30", "2026-11-20", "2026-12-25", "2027-01-31"][until];
            // An order without a source or attributes, at ordinary prices.
            let plain = ",".repeat(table.lines().next().map_or(0, |columns| columns.split(',').count() - 15));
            for row in 0..12 {
                let other = random.index(2);
                let (dealer, sku) = ([world.dealer.id, "D9"][other], World::sku(random.index(world.products.len())));
                // In every other of these worlds one of them sells little: not enough for a rank where the other has one.
                let little = other == 1 && seed.is_multiple_of(2);
                let (quantity, net) = if little { (1, random.below(9)) } else { (1 + random.below(20), random.below(200)) };
                let net =
                    if world.digits() == 0 { net.to_string() } else { format!("{net}.{:0width$}", 5, width = world.digits() as usize) };
                writeln!(table, "n{row},{dealer},{day},{sku},{quantity},{net},{net},{net},{net},,{day},{day},{day},{day},{plain}").unwrap();
            }
        }
        // In every other world the policy was another one until some day.
        let before = (random.index(2) == 0).then(|| {
            let earlier = earlier(&world, &mut random);
            (
                files(&earlier, seed),
                ["2026-03-01T00:00:00+08:00", "2026-07-01T00:00:00+08:00", "2026-11-21T10:00:00+08:00"][random.index(3)],
            )
        });
        let (own, day) = (world.dealer.id, |random: &mut Random| format!("2026-{:02}-01T00:00:00+08:00", 2 + random.index(11)));
        let mut moved = Vec::new();
        if random.index(3) == 0 {
            moved.push((own, Instant::parse(&day(&mut random)).expect("an instant"), [Some("D9"), None][random.index(2)]));
            moved.push(("D9", Instant::parse(&day(&mut random)).expect("an instant"), [Some(own), None, None][random.index(3)]));
        }
        let found = of_world(&world, files(&world, seed), (before, &moved), &table, until, &mut met);
        assert!(found.is_empty(), "world {seed}\n{}\n{table}\n{}", found.join("\n"), world.shown());
    }
    for (what, times) in &met {
        println!("{times:>8}  {what}");
    }
    let what = [
        "statements",
        "partial",
        "carried",
        "lost",
        "differences below 0",
        "guarantees without rows",
        "guarantees lowered",
        "lost_to",
        "unmet",
        "covered",
        "with an earlier version",
        "ranked",
        "equally good",
        "prizes won",
        "prizes given back",
        "not decided",
        "stands first",
        "stands behind",
        "stands two steps from more",
        "stands outside",
        "stands before others",
        "in another currency",
        "counted",
        "uncounted",
        "later",
    ];
    let codes = [
        "CELLS",
        "ID_INVALID",
        "NUMBER_INVALID",
        "SKU_UNKNOWN",
        "DEALER_UNKNOWN",
        "KIND_UNKNOWN",
        "DATE_INVALID",
        "SIGN_WRONG",
        "CURRENCY_OTHER",
        "DEALER_LEFT",
        "PRICE_UNKNOWN",
        "ORDER_MISSING",
        "ORDER_UNKNOWN",
        "PRICE_MISSING",
        "TAX_MISSING",
        "ID_DUPLICATE",
    ];
    let missed: Vec<&str> = what.into_iter().chain(codes).filter(|what| met.get(what).copied().unwrap_or(0) < LEAST).collect();
    assert!(count < WORLDS || missed.is_empty(), "met less than {LEAST} times: {missed:?}");
}

/// A world in which programs of the same windows pay otherwise, are for other products and other dealers.
fn earlier(world: &World, random: &mut Random) -> World {
    let mut earlier = world.clone();
    let count = world.programs.len();
    for (at, program) in earlier.programs.iter_mut().enumerate() {
        if random.index(2) == 0 {
            program.tiers.iter_mut().for_each(|tier| tier.rate = (tier.rate * 7 + 13) % 40);
        }
        if random.index(3) == 0 {
            program.on = world.programs[(at + 1) % count].on.clone();
        }
        if random.index(4) == 0 {
            program.guarantee = program.guarantee.is_none().then_some(700);
        }
        if random.index(4) == 0 {
            program.listed = !program.listed;
        }
        if random.index(4) == 0 {
            program.modifiers.clear();
        }
    }
    earlier
}

/// A row has one fault at most.
fn table(world: &World, random: &mut Random) -> String {
    let mut table = HEAD.to_owned();
    let digits = world.digits();
    for row in 0..random.index(50) {
        let fault = random.index(60);
        let id = match (random.index(20), fault) {
            (_, 0) => String::new(),
            (_, 1) => "x".repeat(65),
            (0, 10..) => format!("t{}", row / 2),
            _ => format!("t{row}"),
        };
        let dealer = if fault == 2 { "D7" } else { [world.dealer.id, "D9"][random.index(2)] };
        let (year, month, day) = (2026 + random.index(2) * random.index(2), 1 + random.index(12), 1 + random.index(28));
        let date = match (random.index(4), fault) {
            (_, 3) => format!("{year}-02-30"),
            (0, _) => format!("{year}-{month:02}-{day:02}T{:02}:00:00+08:00", random.index(24)),
            (1, _) => ["2026-11-21", "2026-12-25", "2026-12-26", "2026-06-30", "2025-12-31", "2026-01-04"][random.index(6)].to_owned(),
            _ => format!("{year}-{month:02}-{day:02}"),
        };
        let sku = if fault == 4 { "nobody".to_owned() } else { World::sku(random.index(world.products.len())) };
        let kind = match (random.index(8), fault) {
            (_, 5) => "gift",
            (_, 6) | (0, _) => "return",
            // Late in the year much comes back, so that what was stated is too much.
            (4.., _) if month > 6 => "return",
            (1, _) => "payment",
            (2, _) => "sell_out",
            (3, _) => "sale",
            _ => "",
        };
        let sign = if (kind == "return") == (fault == 6) { "" } else { "-" };
        let figure = |random: &mut Random, most: u64| match digits {
            0 => random.below(most).to_string(),
            _ => format!("{}.{:0width$}", random.below(most), random.below(100), width = digits as usize),
        };
        let net = if fault == 7 { "1e3".to_owned() } else { format!("{sign}{}", figure(random, 400)) };
        let other = |random: &mut Random| if random.index(2) == 0 { String::new() } else { format!("{sign}{}", figure(random, 400)) };
        let (list, gross, untaxed) = (other(random), other(random), other(random));
        let quantity = if fault == 6 { 1 } else { random.below(20) };
        let currency = match (fault, random.index(6)) {
            (10, _) => "EUR",
            (11, _) if digits <= 2 => "GBP",
            (_, 0) if digits <= 2 => "USD",
            _ => "",
        };
        let more = if fault == 8 { ",," } else { "" };
        let day = |random: &mut Random| match random.index(3) {
            0 => String::new(),
            _ => format!("2026-{:02}-{:02}", 1 + random.index(12), 1 + random.index(28)),
        };
        let days = [day(random), day(random), day(random), if fault == 9 { "2026-13-01".to_owned() } else { day(random) }].join(",");
        let source = ["portal", "phone", "", "app"][random.index(4)];
        let price = match (fault, random.index(8)) {
            (12, _) => "cheap",
            (_, kind @ 0..6) => ["contract", "quotation", "special", "approved", "no_promotion", "special approved"][kind],
            _ => "",
        };
        let payment = if fault == 13 { "later" } else { ["prepaid", "credit", ""][random.index(3)] };
        let of_order = format!("{source},{price},{payment}");
        writeln!(
            table,
            "{id},{dealer},{date},{sku},{sign}{quantity},{net},{list},{gross},{untaxed},{kind},{days},{currency},{of_order}{more}"
        )
        .unwrap();
    }
    // Now and then the table does not say what programs ask for.
    let left_out = [None, Some(15), Some(16), Some(17)][random.index(16).saturating_sub(12)];
    let Some(left_out) = left_out else { return table };
    let without = |row: &str| {
        let mut cells: Vec<&str> = row.split(',').collect();
        cells.remove(left_out);
        cells.join(",") + "\n"
    };
    table.lines().map(without).collect()
}

/// The files of a world, in which programs also say when and what they pay.
fn files(world: &World, seed: u64) -> Vec<(String, Vec<u8>)> {
    let mut random = Random(seed);
    let mut files = world.files();
    let policy = files.iter_mut().find(|(name, _)| name == "policy.yaml").expect("a policy");
    let text = String::from_utf8(std::mem::take(&mut policy.1)).expect("text");
    let (mut written, mut inside, mut has_budgets) = (String::new(), false, false);
    for line in text.lines() {
        if !line.starts_with(' ') {
            inside = line == "programs:";
        }
        if line == "budgets:" {
            has_budgets = true;
            writeln!(written, "{line}\n  - {{ id: kept, amount: {} }}", 1 + random.below(60)).unwrap();
            continue;
        }
        let Some(program) = line.strip_suffix(" }").filter(|_| inside) else {
            writeln!(written, "{line}").unwrap();
            continue;
        };
        let mut more = String::new();
        let mut add = |random: &mut Random, one_in: usize, text: String| {
            if random.index(one_in) == 0 {
                more += &text;
            }
        };
        let date = ["order", "delivery", "invoice", "payment"][random.index(4)];
        add(&mut random, 2, format!(", date: {date}"));
        let (days, least) = (random.below(40), 1 + random.below(30));
        add(&mut random, 3, format!(", grace_days: {days}"));
        // What is paid in pieces has no minimum.
        let pieces = line.contains("goods: {") || line.contains("face: ");
        add(&mut random, 3, if pieces { String::new() } else { format!(", minimum: {least}") });
        add(&mut random, 3, ", budget: kept".to_owned());
        if program.contains("period: year") || program.contains("period: lifetime") {
            let payout = ["month", "quarter", "half"][random.index(3)];
            let payout = if program.contains("period: lifetime") && random.index(2) == 0 {
                [
                    "year, payout_calendar: { year_start: 07-01 }",
                    "weeks, payout_calendar: { from: 2026-03-02, weeks: [4, 4, 5] }",
                    "dates, payout_calendar: { dates: [2026-02-01 .. 2026-06-30, 2026-09-01 .. 2026-11-20, '2026-11-21 .. 2026-12-25'] }",
                ][random.index(3)]
            } else {
                payout
            };
            add(&mut random, 2, format!(", payout: {payout}"));
        }
        if program.contains("weeks: [4, 4, 5]") {
            add(&mut random, 2, ", payout: weeks, payout_calendar: { from: 2026-01-05, weeks: [1, 3, 4, 5] }".to_owned());
        }
        writeln!(written, "{program}{more} }}").unwrap();
    }
    if !has_budgets {
        written += "budgets:\n  - { id: kept, amount: 25 }\n";
    }
    written += &contests(&text, &mut random);
    policy.1 = written.into_bytes();
    files
}

/// `contests` of the programs of a policy.
fn contests(policy: &str, random: &mut Random) -> String {
    let mut list = String::new();
    let programs = policy.lines().skip_while(|line| *line != "programs:").skip(1).take_while(|line| line.starts_with(' '));
    for (at, program) in programs.enumerate() {
        let Some(id) = program.split("id: ").nth(1).and_then(|rest| rest.split(',').next()) else { continue };
        let by = if program.contains("against: ") && random.index(3) > 0 { "percent" } else { "volume" };
        let most = [60, 600][random.index(2)];
        let minimum = if random.index(3) > 0 { format!(", minimum: {}", 1 + random.below(most)) } else { String::new() };
        let prizes: Vec<String> = (0..1 + random.index(5) / 2)
            .map(|_| format!("{{ places: {}, amount: {} }}", 1 + random.index(3) / 2, 1 + random.below(90)))
            .collect();
        let ties = ["share", "each"][random.index(2)];
        if random.index(8) > 0 {
            writeln!(list, "  - {{ id: c{at}, program: {id}, by: {by}{minimum}, prizes: [{}], ties: {ties} }}", prizes.join(", ")).unwrap();
        }
    }
    if list.is_empty() { list } else { format!("contests:\n{list}") }
}

fn engine_of(files: Named) -> (Policy, Engine) {
    let import::Imported { policy, sources, mut diagnostics, .. } = import::files(files);
    let checked = check::check(policy.clone(), &sources, &mut diagnostics).expect("a policy");
    (policy, Engine::load(compile::compile(&checked).bytes()).expect("a bundle"))
}

fn of_world(
    world: &World,
    files: Named,
    (before, moved): (Option<(Named, &str)>, &[slow::Moved]),
    table: &str,
    until: usize,
    met: &mut BTreeMap<&'static str, u64>,
) -> Vec<String> {
    let (policy, engine) = engine_of(files);
    let before = before.map(|(files, until)| (engine_of(files), Instant::parse(until).expect("an instant")));
    let earlier: Vec<(&Policy, Instant)> = before.iter().map(|((policy, _), until)| (policy, *until)).collect();
    let engines: Vec<(&Engine, Instant)> = before.iter().map(|((_, engine), until)| (engine, *until)).collect();
    *met.entry("with an earlier version").or_default() += u64::from(before.is_some());
    let own = world.question()["dealer"].clone();
    let mut other = own.clone();
    other["id"] = json!("D9");
    other["grade"] = json!(GRADES[1]);
    other["kpis"] = json!({ "score": "85", "k": "1" });
    let dealers = [own, other];
    let zone = calendar::zone(&policy.settings.zone).expect("a zone");
    let rates: Vec<slow::Rate> = RATES
        .lines()
        .map(|row| {
            let cells: Vec<&str> = row.split(',').collect();
            let day = || calendar::day(cells[1]).ok().map(|day| zone.day_start(day));
            (cells[0], Instant::parse(cells[1]).or_else(day).expect("a day"), cells[2])
        })
        .collect();
    let (mut stated, mut prizes) = (Stated::new(), contest::Stated::new());
    let mut list = Vec::new();
    let mut differences = 0;
    // The first of two settlements, in every other world without what comes late, and all there is.
    let rows = table.lines().count();
    let early: String =
        table.lines().take(if rows.is_multiple_of(2) { rows } else { rows - rows / 3 }).map(|row| format!("{row}\n")).collect();
    for (until, table) in [(UNTIL[until], &*early), (UNTIL[3], table)] {
        let until = Instant::parse(until).expect("an instant");
        let before = (&stated, &prizes);
        let (statements, counts, refused, placed, standings) =
            of_engine((&engines, moved, &engine), &policy, world, &dealers, table, until, before);
        let slow = slow::settle((&earlier, moved, &rates), &policy, &dealers, table, until, &stated);
        compare("counts", &json!(counts), &json!(slow.counts), &mut list);
        compare("refused", &json!(refused), &json!(slow.refused), &mut list);
        compare("statements", &json!(statements), &json!(slow.statements), &mut list);
        let slowly = contest::contests(&policy, &slow.statements, &prizes, world.digits());
        compare("contests", &json!(placed), &json!(slowly), &mut list);
        let stood = contest::standings(&policy, &slow.statements, &slowly, until.0, world.digits());
        compare("standings", &json!(standings), &json!(stood), &mut list);
        if !list.is_empty() {
            list.push(json!(statements).to_string());
            list.push(json!(slow.statements).to_string());
            return list;
        }
        tell(&slow, met);
        tell_contests(&slowly, met);
        tell_standings(&stood, met);
        prizes = contest::Stated::new();
        for placed in &slowly {
            let key = ["contest", "period", "dealer"].map(|key| placed[key].as_str().expect("a text").to_owned());
            prizes.insert(key, minor(&placed["amount"]));
        }
        differences += parties(&statements).map(|party| minor(&party["difference"])).sum::<i128>();
        for statement in &slow.statements {
            for party in statement["parties"].as_array().expect("parties") {
                let of = |key: &str| statement[key].as_str().expect("a text").to_owned();
                let key = [of("dealer"), of("program"), of("period"), party["to"].as_str().expect("a party").to_owned()];
                stated.insert(key, minor(&party["amount"]));
            }
        }
    }
    // All of it at once comes to the same, in any order of the rows, and of invoices that are split.
    let until = Instant::parse(UNTIL[3]).expect("an instant");
    let run = |table: &str| {
        of_engine((&engines, moved, &engine), &policy, world, &dealers, table, until, (&Stated::new(), &contest::Stated::new())).0
    };
    let once: i128 = parties(&run(table)).map(|party| minor(&party["amount"])).sum();
    if differences != once {
        list.push(format!("{differences} in two settlements, {once} in one"));
    }
    let (head, rows) = (table.lines().next().expect("a head"), unique(table));
    let joined = |rows: &[String]| format!("{head}\n{}\n", rows.join("\n"));
    let whole = run(&joined(&rows));
    let turned: Vec<String> = rows.iter().rev().cloned().collect();
    compare("turned", &json!(run(&joined(&turned))), &json!(whole), &mut list);
    let parts: Vec<String> = rows.iter().flat_map(|row| halves(row, world.digits())).collect();
    let bare = |all: Vec<Value>| -> Vec<Value> {
        let without = |mut one: Value| {
            one["transactions"] = Value::Null;
            one
        };
        all.into_iter().map(without).collect()
    };
    compare("split", &json!(bare(run(&joined(&parts)))), &json!(bare(whole)), &mut list);
    list
}

fn parties(statements: &[Value]) -> impl Iterator<Item = &Value> {
    statements.iter().flat_map(|statement| statement["parties"].as_array().expect("parties"))
}

/// The rows whose id no row before them has.
fn unique(table: &str) -> Vec<String> {
    let mut seen = std::collections::BTreeSet::new();
    table.lines().skip(1).filter(|row| seen.insert(row.split(',').next())).map(str::to_owned).collect()
}

/// A row in two, if its figures are some.
fn halves(row: &str, digits: u32) -> Vec<String> {
    let cells: Vec<&str> = row.split(',').collect();
    let image = |cell: &str| -> Option<i64> { cell.replace('.', "").parse().ok() };
    let figures: Option<Vec<Option<i64>>> =
        cells[4..9].iter().map(|cell| if cell.is_empty() { Some(None) } else { image(cell).map(Some) }).collect();
    // Half of what is refused for its sign may be nothing.
    let sound = |figures: &Vec<Option<i64>>| (cells[9] == "return") != figures.iter().flatten().any(|figure| *figure > 0);
    // What is converted is rounded row by row.
    let Some(figures) = figures.filter(sound).filter(|_| cells[14].is_empty()) else { return vec![row.to_owned()] };
    let part = |second: bool| {
        let mut cells: Vec<String> = cells.iter().map(|cell| (*cell).to_owned()).collect();
        // An id that is none stays none.
        if !cells[0].is_empty() {
            cells[0] += if second { "b" } else { "a" };
        }
        for (at, figure) in figures.iter().enumerate() {
            let Some(figure) = figure else { continue };
            let half = if second { figure - figure / 2 } else { figure / 2 };
            let scale = if at == 0 { 0 } else { digits };
            cells[4 + at] = qudao::num::Scale(scale).show(half);
        }
        cells.join(",")
    };
    vec![part(false), part(true)]
}

fn tell(settled: &Settled, met: &mut BTreeMap<&'static str, u64>) {
    let mut add = |what: &'static str, times: usize| *met.entry(what).or_default() += u64::try_from(times).expect("a number");
    let of = |holds: &dyn Fn(&&Value) -> bool| settled.statements.iter().filter(holds).count();
    add("statements", settled.statements.len());
    add("partial", of(&|statement| statement["partial"] == true));
    add("differences below 0", of(&|statement| statement["parties"][0]["difference"].as_str().is_some_and(|text| text.starts_with('-'))));
    add("guarantees without rows", of(&|statement| statement["transactions"] == 0));
    add(
        "guarantees lowered",
        of(&|statement| statement["guarantee"]["surplus"].as_str().is_some_and(|text| text.contains(|c| ('1'..='9').contains(&c)))),
    );
    add("lost_to", of(&|statement| statement["lost_to"].is_string()));
    let above =
        |key: &'static str| move |statement: &&Value| statement[key].as_str().is_some_and(|text| !text.trim_matches(['0', '.']).is_empty());
    add("carried", of(&above("carried")));
    add("lost", of(&above("lost")));
    add("unmet", of(&|statement| statement["unmet"].is_object()));
    add("covered", of(&|statement| statement["covered"].as_u64() > Some(1)));
    for (what, times) in ["rows", "counted", "uncounted", "later", "refused"].into_iter().zip(settled.counts) {
        add(what, times);
    }
    for (_, code) in &settled.refused {
        add(code, 1);
    }
}

fn tell_contests(placed: &[Value], met: &mut BTreeMap<&'static str, u64>) {
    let mut add = |what: &'static str, times: usize| *met.entry(what).or_default() += u64::try_from(times).expect("a number");
    let of = |holds: &dyn Fn(&&Value) -> bool| placed.iter().filter(holds).count();
    let place = |placed: &Value| ["contest", "period", "rank"].map(|key| placed[key].clone());
    add("ranked", of(&|placed| placed["rank"].is_u64()));
    add("equally good", placed.windows(2).filter(|pair| place(&pair[0]) == place(&pair[1]) && pair[0]["rank"].is_u64()).count());
    add("prizes won", of(&|placed| minor(&placed["amount"]) > 0));
    add("prizes given back", of(&|placed| minor(&placed["difference"]) < 0));
    add("not decided", of(&|placed| placed["decided"] == false));
}

fn tell_standings(stood: &[Value], met: &mut BTreeMap<&'static str, u64>) {
    for standing in stood.iter().flat_map(|dealer| dealer["contests"].as_array().expect("contests")) {
        let ahead = standing["ahead"].as_array().expect("ranks");
        let rows = [
            (standing["rank"].is_u64() && ahead.is_empty(), "stands first"),
            (standing["rank"].is_u64() && !ahead.is_empty(), "stands behind"),
            (ahead.len() > 1, "stands two steps from more"),
            (standing["rank"].is_null(), "stands outside"),
            (standing["lead"].is_object(), "stands before others"),
        ];
        rows.into_iter().filter(|(holds, _)| *holds).for_each(|(_, what)| *met.entry(what).or_default() += 1);
    }
}

fn minor(amount: &Value) -> i128 {
    amount.as_str().expect("an amount").replace('.', "").parse().expect("digits")
}

type Named = Vec<(String, Vec<u8>)>;
type Told = (Vec<Value>, [u64; 5], Vec<(usize, String)>, Vec<Value>, Vec<Value>);

fn of_engine(
    (earlier, moved, engine): (&[(&Engine, Instant)], &[slow::Moved], &Engine),
    policy: &Policy,
    world: &World,
    dealers: &[Value],
    table: &str,
    until: Instant,
    (stated, prizes): (&Stated, &contest::Stated),
) -> Told {
    static RUN: AtomicU32 = AtomicU32::new(0);
    let spill = std::env::temp_dir().join(format!("qudao-slowly-{}-{}", std::process::id(), RUN.fetch_add(1, Ordering::Relaxed)));
    let read = |engine: &Engine| {
        let node = world::node(json!({ "dealers": dealers }));
        wire::dealers(engine, &node).unwrap_or_else(|faults| panic!("{faults}\n{}", world.shown()))
    };
    let asked = dealers;
    let facts: Vec<_> = earlier.iter().map(|(engine, _)| read(engine)).collect();
    let earlier = earlier.iter().zip(&facts).map(|((engine, until), dealers)| Earlier { policy: engine.policy(), dealers, until: *until });
    let earlier: Vec<Earlier> = earlier.collect();
    let dealers = read(engine);
    let moved: Vec<Moved> = moved
        .iter()
        .map(|(dealer, from, into)| Moved { dealer: (*dealer).to_owned(), from: *from, into: into.map(str::to_owned) })
        .collect();
    let zone = calendar::zone(&policy.settings.zone).expect("a zone");
    let former = |([dealer, program, period, to], amount): (&[String; 4], &i128)| {
        let [dealer, program, period, to] = [dealer, program, period, to].map(String::clone);
        Ok::<Former, ()>(Former { dealer, program, period, to, amount: qudao::num::Money(i64::try_from(*amount).expect("an amount")) })
    };
    let stated = settle::Stated::of(engine.policy(), &dealers, stated.iter().map(former)).expect("what was stated");
    let day = |text: &str| calendar::day(text).ok().map(|day| zone.day_start(day));
    let rates = settle::Rates::read(&RATES.lines().collect::<Vec<_>>(), &day).expect("rates");
    let task = Task {
        policy: engine.policy(),
        earlier: &earlier,
        dealers: &dealers,
        moved: &moved,
        rates: &rates,
        until,
        day: &day,
        stated: &stated,
        spill: &spill,
        threads: 2,
        progress: &|_| (),
    };
    let bytes = table.as_bytes().to_vec();
    let open = || -> std::io::Result<Box<dyn Read + Send>> { Ok(Box::new(Cursor::new(bytes.clone()))) };
    let (mut trace, mut rejects, mut uncounted, mut statements) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let files = Files { lines: &mut trace, rejects: &mut rejects, uncounted: &mut uncounted, converted: &mut std::io::sink() };
    let outcome = settle::settle(&task, &open, files, &|all| all, &mut |all| {
        statements.extend(all);
        Ok(())
    });
    let (counts, withdrawn) = outcome.expect("statements");
    assert_eq!(withdrawn, []);
    let _ = std::fs::remove_dir_all(&spill);
    let entrants = settle::entrants(engine.policy(), policy, &statements);
    let prizes: settle::StatedPrizes = prizes
        .iter()
        .map(|([contest, period, dealer], amount)| {
            let amount = qudao::num::Money(i64::try_from(*amount).expect("an amount"));
            ((contest.clone(), period.clone(), dealer.clone()), amount)
        })
        .filter(|(_, amount)| *amount != qudao::num::Money::ZERO)
        .collect();
    let placed = settle::decide(engine.policy(), policy, &entrants, &prizes).expect("prizes that fit");
    let standings = settle::standings(engine.policy(), policy, &entrants, &placed, until).expect("volumes that fit");
    let entry = |(dealer, own): (&String, &Vec<String>)| {
        let own: Vec<Value> = own.iter().map(|one| serde_json::from_str(one).expect("JSON")).collect();
        let mut facts = dealer_of(asked, dealer);
        facts["contests"] = json!(own);
        // They are facts as they stand.
        let read = wire::dealers(engine, &world::node(json!({ "dealers": [facts] }))).unwrap_or_else(|faults| panic!("{faults}\n{own:?}"));
        assert_eq!(read[0].contests.len(), own.len());
        json!({ "id": dealer, "contests": own })
    };
    let standings = standings.iter().map(entry).collect();
    let placed = placed.iter().map(|placed| serde_json::from_str(&placed.json(engine.policy())).expect("JSON")).collect();
    let told = statements.iter().map(|statement| {
        let all: Value = serde_json::from_str(&statement.json(engine.policy())).expect("JSON");
        let row = statement.csv(engine.policy());
        let cells: Vec<&str> = row.lines().next().expect("a row").split(',').collect();
        let rebate = &all["rebate"];
        json!({
            "dealer": all["dealer"], "program": rebate["program"], "period": rebate["period"],
            "amount": cells[4], "quantity": cells[5], "transactions": all["transactions"], "partial": all["partial"], "parties": all["parties"],
            "base": rebate.get("base"), "tier": rebate["tier"], "modifiers": rebate.get("modifiers"), "lost_to": rebate.get("lost_to"), "unmet": rebate.get("unmet"),
            "lacks": rebate.get("lacks"), "covered": rebate.get("covered").map(|covered| &covered["after"]),
            "lost": rebate.get("budget").map(|kept| &kept["lost"]), "carried": all.get("carried"),
            "guarantee": rebate.get("guarantee"), "surplus": all.get("surplus"),
        })
    });
    let told: Vec<Value> = told.collect();
    // Every row that counts is traced to its statement.
    let traced = String::from_utf8(trace).expect("text").lines().count() - 1;
    assert_eq!(traced as u64, statements.iter().map(|statement| statement.transactions).sum::<u64>());
    let refused = String::from_utf8(rejects).expect("text");
    let refused = refused.lines().skip(1).map(|line| {
        let cells: Vec<&str> = line.split(',').collect();
        (cells[0].parse().expect("a line"), cells[2].to_owned())
    });
    let settle::Counts { rows, counted, uncounted, later, rejected } = counts;
    (told, [rows, counted, uncounted, later, rejected], refused.collect(), placed, standings)
}

fn dealer_of(dealers: &[Value], id: &str) -> Value {
    dealers.iter().find(|dealer| dealer["id"] == id).expect("a dealer").clone()
}
