//! Laws of rebate programs on random tiers and volumes, and their limits.

use crate::laws::{cases, cents};
use proptest::prelude::*;
use qudao::diagnostic::Diagnostics;
use qudao::wire::{self, Node};
use qudao::{Engine, check, compile, import, limit};
use serde_json::{Value, json};

const MODES: [&str; 6] = ["retroactive", "incremental", "rolling", "total", "increments", "interpolated"];

/// A policy with these programs, or the codes of what is wrong with it. One unit of `P` costs a cent.
fn engine(programs: &str) -> Result<Engine, Vec<String>> {
    let policy = format!(
        "policy: {{ id: p, version: '1', valid: 2026-01-01 .. 2028-12-31, horizon_years: 3 }}\nproducts: p.csv\n\
         prices: [{{ id: list, by: [sku], table: l.csv }}]\nprograms:\n{programs}"
    );
    let files = [("policy.yaml", policy.as_str()), ("p.csv", "sku,unit\nP,EA\n"), ("l.csv", "sku,price\nP,0.01\n")];
    let mut imported = import::files(files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).into());
    match check::check(imported.policy, &imported.sources, &mut imported.diagnostics) {
        Some(checked) => Ok(Engine::load(compile::compile(&checked).bytes()).unwrap()),
        None => {
            let Diagnostics { found, .. } = imported.diagnostics;
            Err(found.iter().map(|finding| finding.code.to_string()).collect())
        }
    }
}

/// What an order of so many cents does to each program, with these volumes of each.
fn rebates(engine: &Engine, programs: &[&str], posted: i64, open: i64, cart: &[i64]) -> Vec<Value> {
    let amount = |cents: i64| json!({ "amount": format!("{}.{:02}", cents / 100, cents % 100), "quantity": cents });
    let volumes: Vec<Value> = programs
        .iter()
        .map(|program| json!({ "program": program, "period": "2026", "posted": amount(posted), "open": amount(open) }))
        .collect();
    let lines: Vec<Value> =
        cart.iter().enumerate().map(|(at, cents)| json!({ "id": at.to_string(), "sku": "P", "quantity": cents })).collect();
    let question = json!({
        "order": { "schema": 1, "lines": lines },
        "dealer": { "schema": 1, "id": "D", "as_of": 0, "volumes": volumes },
        "now": "2026-11-21T10:00:00+08:00",
    });
    let question: Node = serde_json::from_value(question).unwrap();
    let answer: Value = serde_json::from_str(&wire::quote(engine, &question).unwrap()).unwrap();
    answer["rebates"].as_array().unwrap().clone()
}

/// The tiers of each mode with the same starts, rising rates and amounts.
fn programs(tiers: &[(i64, i64)]) -> String {
    let (mut text, mut from, mut rate) = (String::new(), 0, 0);
    let mut starts = Vec::new();
    for (step, rise) in tiers {
        starts.push((from, rate));
        (from, rate) = (from + step, rate + rise);
    }
    for mode in MODES {
        let tier = |(from, rate): &(i64, i64)| match mode {
            "increments" => format!("{{ from: {from}, every: 7, amount: {rate} }}"),
            _ => format!("{{ from: {from}, percent: {}.{:02} }}", rate / 100, rate % 100),
        };
        let tiers: Vec<String> = starts.iter().map(tier).collect();
        text += &format!("  - {{ id: {mode}, period: year, mode: {mode}, tiers: [{}] }}\n", tiers.join(", "));
    }
    text
}

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn programs_pay_by_their_volume_and_nothing_else(
        tiers in prop::collection::vec((1i64..400, 0i64..900), 1..5),
        volume in 0i64..100_000,
        parts in prop::collection::vec(1i64..20_000, 1..6),
    ) {
        let engine = engine(&programs(&tiers)).unwrap();
        let cart: i64 = parts.iter().sum();
        let whole = rebates(&engine, &MODES, volume, 0, &[cart]);
        let split = rebates(&engine, &MODES, 0, volume, &parts);
        let mut reversed = parts.clone();
        reversed.reverse();
        let turned = rebates(&engine, &MODES, volume, 0, &reversed);
        let from_nothing = rebates(&engine, &MODES, 0, 0, &[volume + cart]);
        for (((whole, split), turned), from_nothing) in whole.iter().zip(&split).zip(&turned).zip(&from_nothing) {
            // Splitting, the order of parts, and what is booked already: nothing of it changes a figure.
            for other in [split, turned] {
                for key in ["before", "after", "delta", "tier", "next", "cliff"] {
                    prop_assert_eq!(&whole[key], &other[key], "{} {}", whole["program"].clone(), key);
                }
            }
            prop_assert_eq!(cents(&from_nothing["before"]), 0);
            prop_assert_eq!(&whole["after"], &from_nothing["after"]);
            // What a return of the cart would take back is what the cart adds.
            prop_assert_eq!(cents(&whole["after"]) - cents(&whole["delta"]), cents(&whole["before"]));
            let shared: i64 = split["shares"].as_array().unwrap().iter().map(|share| cents(&share["amount"])).sum();
            prop_assert_eq!(shared, cents(&split["delta"]));
            // Rates rise here, so more volume never earns less.
            prop_assert!(cents(&whole["delta"]) >= 0);
        }
        let after = |mode: &str| cents(&whole[MODES.iter().position(|known| *known == mode).map(|_| ()).map_or(0, |()| {
            whole.iter().position(|rebate| rebate["program"] == mode).unwrap()
        })]["after"]);
        prop_assert!(after("retroactive") >= after("incremental"));
        prop_assert!(after("rolling") >= after("retroactive"));
        prop_assert!(after("total") >= after("rolling"));
        prop_assert!(after("interpolated") >= after("retroactive"));
    }

    #[test]
    fn tier_by_tier_one_cent_of_volume_never_jumps(tiers in prop::collection::vec((1i64..400, 0i64..900), 1..5), volume in 0i64..150_000) {
        let engine = engine(&programs(&tiers)).unwrap();
        let rebates = rebates(&engine, &MODES, volume, 0, &[1]);
        let incremental = rebates.iter().find(|rebate| rebate["program"] == "incremental").unwrap();
        prop_assert!((0..=1).contains(&cents(&incremental["delta"])), "{incremental}");
        prop_assert!(incremental["cliff"].is_null());
    }
}

#[test]
fn a_cliff_is_where_it_is_said() {
    let engine =
        engine("  - { id: p, period: year, mode: retroactive, tiers: [{ from: 10, percent: 1 }, { above: 50, percent: 3 }] }\n").unwrap();
    let cliff = &rebates(&engine, &["p"], 6_000, 0, &[500])[0]["cliff"].clone();
    let (margin, loss) = (cents(&cliff["margin"]), cents(&cliff["loss"]));
    let at = |volume: i64| cents(&rebates(&engine, &["p"], volume - 1, 0, &[1])[0]["after"]);
    assert_eq!(at(6_500 - margin) - at(6_500 - margin - 1), loss);
    assert_eq!((margin, loss), (1_499, 100));
}

#[test]
fn a_program_has_so_many_tiers_rises_and_windows_and_not_one_more() {
    let tiers = |count: usize| (0..count).map(|from| format!("{{ from: {from}, percent: 1 }}")).collect::<Vec<_>>().join(", ");
    let program = |tiers: &str, more: &str| format!("  - {{ id: p, period: year, mode: retroactive, tiers: [{tiers}]{more} }}\n");
    let refused = |text: String| engine(&text).map(|_| ()).unwrap_err();
    assert!(engine(&program(&tiers(limit::TIERS), "")).is_ok());
    assert_eq!(refused(program(&tiers(limit::TIERS + 1), "")), ["LIMIT_EXCEEDED"]);
    let rises = |count: usize| {
        let rises = vec!["{ percent: 1, from: 2026-07-01 }"; count].join(", ");
        program("{ from: 0, percent: 1 }", &format!(", against: target, price_rises: [{rises}]"))
    };
    assert!(engine(&rises(limit::PRICE_RISES)).is_ok());
    assert_eq!(refused(rises(limit::PRICE_RISES + 1)), ["LIMIT_EXCEEDED"]);
    let days = |count: usize| {
        let days: Vec<String> = (0..count).map(|at| format!("20{:02}-01-{:02} .. 20{0:02}-01-{1:02}", 26 + at / 28, 1 + at % 28)).collect();
        let calendar = format!("calendar: {{ dates: [{}] }}", days.join(", "));
        format!("  - {{ id: p, period: dates, {calendar}, mode: retroactive, tiers: [{{ from: 0, percent: 1 }}] }}\n")
    };
    assert!(engine(&days(limit::PERIODS)).is_ok());
    assert_eq!(refused(days(limit::PERIODS + 1)), ["LIMIT_EXCEEDED"]);
}
