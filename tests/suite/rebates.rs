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

proptest! {
    #![proptest_config(cases(60))]

    /// A basket is a retroactive program with the tiers that have what they need, and more of anything it needs never loses a tier.
    #[test]
    fn a_basket_is_the_tiers_that_have_what_they_need(
        tiers in prop::collection::vec((1i64..400, 0i64..900, any::<bool>()), 1..5),
        volume in 0i64..100_000,
        cart in 1i64..40_000,
    ) {
        let (mut basket, mut plain) = (Vec::new(), Vec::new());
        let (mut from, mut rate) = (0, 0);
        for (step, rise, has) in &tiers {
            let tier = format!("from: {from}, percent: {}.{:02}", rate / 100, rate % 100);
            // A unit costs a cent, so that who has reached the start has so many units as well.
            let need = if *has { from * 100 + 1 } else { 1_000_000_000 };
            basket.push(format!("{{ {tier}, requires: [{{ program: all, quantity: {need} }}] }}"));
            if *has {
                plain.push(format!("{{ {} }}", tier.replacen(&format!("from: {from}"), &format!("above: {from}"), 1)));
            }
            (from, rate) = (from + step, rate + rise);
        }
        if plain.is_empty() {
            plain.push("{ from: 9000000, percent: 1 }".to_owned());
        }
        let engine = engine(&format!(
            "  - {{ id: all, period: year, mode: retroactive, tiers: [{{ from: 0, percent: 0 }}] }}\n\
             \x20 - {{ id: basket, period: year, mode: basket, tiers: [{}] }}\n\
             \x20 - {{ id: plain, period: year, mode: retroactive, tiers: [{}] }}\n",
            basket.join(", "),
            plain.join(", ")
        ))
        .unwrap();
        let all = rebates(&engine, &["all", "basket", "plain"], volume, 0, &[cart]);
        let of = |id: &str| all.iter().find(|rebate| rebate["program"] == id).unwrap();
        for key in ["before", "after", "delta"] {
            prop_assert_eq!(&of("basket")[key], &of("plain")[key], "{}", key);
        }
        prop_assert!(cents(&of("basket")["delta"]) >= 0);
        prop_assert!(of("basket")["cliff"].is_null());
    }

    /// Who joins later has no larger target, nobody has more than all of it, and it is the part of the days or months that is told.
    #[test]
    fn who_joins_later_has_a_smaller_target(target in 1i64..10_000_000, first in 0i64..9_000, later in 0i64..9_000) {
        let program = |id: &str| format!("  - {{ id: {id}, joiners: {id}, period: year, against: target, mode: retroactive, tiers: [{{ from: 100, percent: 1 }}] }}\n");
        let engine = engine(&["agreed", "days", "months"].map(program).concat()).unwrap();
        // Hours after the begin of 2026 in Asia/Shanghai.
        let base = |id: &str, hours: i64| {
            let volume = json!({ "program": id, "period": "2026", "joined": 1_767_196_800_000_i64 + hours * 3_600_000, "target": { "amount": format!("{}.{:02}", target / 100, target % 100) } });
            let question = json!({
                "order": { "schema": 1, "lines": [] },
                "dealer": { "schema": 1, "id": "D", "as_of": 0, "volumes": [volume] },
                "now": "2026-11-21T10:00:00+08:00",
            });
            let answer = wire::quote(&engine, &serde_json::from_value::<Node>(question).unwrap()).unwrap();
            let answer: Value = serde_json::from_str(&answer).unwrap();
            let rebate = answer["rebates"].as_array().unwrap().iter().find(|rebate| rebate["program"] == id).unwrap().clone();
            let base = if rebate["base"].is_null() { 0 } else { cents(&rebate["base"]) };
            let (left, of) = (rebate["joined"]["left"].as_i64(), rebate["joined"]["of"].as_i64());
            let part = left.zip(of).map_or(target * 2, |(left, of)| target * 2 * left / of);
            assert!((part - 1..=part + 1).contains(&(base * 2)), "{rebate}");
            base
        };
        let (early, late) = (first.min(later), first.max(later));
        for id in ["days", "months"] {
            prop_assert!(base(id, late) <= base(id, early) && base(id, early) <= target);
        }
        prop_assert_eq!((base("agreed", late), base("days", 0), base("months", 0)), (target, target, target));
    }
}

proptest! {
    #![proptest_config(cases(100))]

    /// What a program takes back of x is R(V) − R(V − x), at once or in two parts, and that is what falls on the lines.
    #[test]
    fn what_is_taken_back_is_what_the_volume_earned(
        tiers in prop::collection::vec((1i64..400, 0i64..900), 1..5),
        posted in 0i64..80_000,
        cart in 2i64..40_000,
        first in 0i64..40_000,
        second in 1i64..40_000,
    ) {
        let engine = engine(&programs(&tiers)).unwrap();
        let (first, second) = (first % cart, 1 + second % (cart - first % cart));
        let back = |returned: i64, now: i64| -> Vec<Value> {
            let part = |cents: i64| if cents > 0 { json!([{ "line": "P|EA", "quantity": cents }]) } else { json!([]) };
            let amount = json!({ "amount": format!("{}.{:02}", posted / 100, posted % 100), "quantity": posted });
            let volumes: Vec<Value> = MODES.iter().map(|program| json!({ "program": program, "period": "2026", "posted": amount })).collect();
            let question = json!({
                "order": { "schema": 1, "lines": [{ "sku": "P", "quantity": cart }] },
                "dealer": { "schema": 1, "id": "D", "as_of": 0, "volumes": volumes },
                "now": "2026-11-21T10:00:00+08:00", "lines": part(now), "returned": part(returned),
            });
            let question: Node = serde_json::from_value(question).unwrap();
            let answer: Value = serde_json::from_str(&wire::return_preview(&engine, &question).unwrap()).unwrap();
            answer["rebates"].as_array().unwrap().clone()
        };
        let earned = |volume: i64| rebates(&engine, &MODES, volume, 0, &[]);
        let (full, less) = (earned(posted + cart), earned(posted + cart - first - second));
        let (once, one, two) = (back(0, first + second), back(0, first), back(first, second));
        for at in 0..MODES.len() {
            let clawback = cents(&once[at]["clawback"]);
            prop_assert_eq!(cents(&full[at]["before"]) - cents(&less[at]["before"]), clawback, "{}", &once[at]["program"]);
            prop_assert_eq!(cents(&one[at]["clawback"]) + cents(&two[at]["clawback"]), clawback, "{}", &once[at]["program"]);
            let shares: i64 = once[at]["shares"].as_array().unwrap().iter().map(|share| cents(&share["amount"])).sum();
            prop_assert_eq!(shares, -clawback);
        }
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
    let more = |key: &str, entry: &dyn Fn(usize) -> String, count: usize| {
        let entries: Vec<String> = (0..count).map(entry).collect();
        program("{ from: 0, percent: 1 }", &format!(", {key}: [{}]", entries.join(", ")))
    };
    let with_kpis = |text: String, kpis: usize| {
        let kpis: Vec<String> = (0..kpis).map(|at| format!("{{ id: k{at} }}")).collect();
        engine(&format!("{text}kpis: [{}]\n", kpis.join(", "))).map(|_| ())
    };
    let modifiers = |count: usize| more("modifiers", &|_| "{ kpi: k0, kind: deduct, each: 1 }".to_owned(), count);
    assert!(with_kpis(modifiers(limit::MODIFIERS), limit::KPIS).is_ok());
    assert_eq!(with_kpis(modifiers(limit::MODIFIERS + 1), 1).unwrap_err(), ["LIMIT_EXCEEDED"]);
    assert_eq!(with_kpis(modifiers(1), limit::KPIS + 1).unwrap_err(), ["LIMIT_EXCEEDED"]);
    let needs = |count: usize| more("requires", &|_| "{ program: p, amount: 1 }".to_owned(), count);
    assert!(engine(&needs(limit::REQUIREMENTS)).is_ok());
    assert_eq!(refused(needs(limit::REQUIREMENTS + 1)), ["LIMIT_EXCEEDED"]);
    let parties = |count: usize| {
        more("split", &|at| format!("{{ to: t{at}, share: {} }}", if at == 0 { 101 - i64::try_from(count).unwrap() } else { 1 }), count)
    };
    assert!(engine(&parties(limit::SPLITS)).is_ok());
    assert_eq!(refused(parties(limit::SPLITS + 1)), ["LIMIT_EXCEEDED"]);
    let engine = engine(&program("{ from: 0, percent: 1 }", "")).unwrap();
    let asked = |key: &str, value: Value| {
        let mut dealer = json!({ "schema": 1, "id": "D", "as_of": 0 });
        dealer[key] = value;
        let question =
            json!({ "order": { "schema": 1, "lines": [{ "sku": "P", "quantity": 1 }] }, "dealer": dealer, "now": 1_800_000_000_000_i64 });
        let question: Node = serde_json::from_value(question).unwrap();
        wire::quote(&engine, &question).map(|_| ()).map_err(|faults| faults.0[0].code)
    };
    assert!(asked("programs", vec!["p"; limit::FACT_PROGRAMS].into()).is_ok());
    assert_eq!(asked("programs", vec!["p"; limit::FACT_PROGRAMS + 1].into()), Err("LIMIT_EXCEEDED"));
    let kpis = |count: usize| (0..count).map(|at| (format!("k{at}"), json!(1))).collect::<serde_json::Map<_, _>>();
    assert_eq!(asked("kpis", kpis(limit::KPIS).into()), Err("KPI_UNKNOWN"));
    assert_eq!(asked("kpis", kpis(limit::KPIS + 1).into()), Err("LIMIT_EXCEEDED"));
}

proptest! {
    #![proptest_config(cases(100))]

    /// Whatever the overlap, the order in which programs are written and the parts of an order change nothing, and parts and parties sum up.
    #[test]
    fn programs_beside_each_other_do_not_depend_on_how_they_are_written(
        rates in prop::collection::vec((0i64..3_000, 0i64..60, -2i32..3), 2..6),
        mode in prop::sample::select(vec!["exclusive", "best", "priority", "cascade"]),
        posted in 0i64..50_000,
        parts in prop::collection::vec(1i64..20_000, 1..4),
        share in 1i64..100,
    ) {
        let entries: Vec<String> = rates.iter().enumerate().map(|(at, (from, percent, priority))| format!(
            "  - {{ id: p{at}, overlap: one, priority: {priority}, period: year, mode: retroactive, tiers: [{{ from: {}.{:02}, percent: {percent} }}], \
             split: [{{ to: dealer, share: {share} }}, {{ to: parent, share: {} }}] }}\n",
            from / 100, from % 100, 100 - share
        )).collect();
        let overlaps = format!("overlaps: [{{ id: one, mode: {mode} }}]\n");
        let ids: Vec<String> = (0..rates.len()).map(|at| format!("p{at}")).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let forth = engine(&format!("{}{overlaps}", entries.concat())).unwrap();
        let back = engine(&format!("{}{overlaps}", entries.iter().rev().map(String::as_str).collect::<String>())).unwrap();
        let answers = rebates(&forth, &ids, posted, 0, &parts);
        prop_assert_eq!(&answers, &rebates(&back, &ids, posted, 0, &parts));
        let whole = rebates(&forth, &ids, 0, posted, &[parts.iter().sum()]);
        for (answer, whole) in answers.iter().zip(&whole) {
            for key in ["before", "after", "delta", "split", "lost_to"] {
                prop_assert_eq!(&answer[key], &whole[key]);
            }
            for key in ["before", "after"] {
                let split: i64 = answer["split"].as_array().unwrap().iter().map(|party| cents(&party[key])).sum();
                prop_assert_eq!(split, cents(&answer[key]));
            }
        }
        let paid = answers.iter().filter(|answer| cents(&answer["after"]) > 0).count();
        prop_assert!(paid <= 1 || mode == "cascade" || mode == "exclusive");
        // A cascade never pays out more than there is.
        let sum: i64 = answers.iter().map(|answer| cents(&answer["after"])).sum();
        prop_assert!(mode != "cascade" || sum <= posted + parts.iter().sum::<i64>());
    }
}
