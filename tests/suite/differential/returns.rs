//! Returns against their slow twin: random worlds of whose orders random units come back, on the same day and later.

use super::{at_most, compare, tree_of};
use crate::random::Random;
use crate::slow::exact::{Exact, text, whole};
use crate::slow::returns::{self, Taken};
use crate::slow::{self, decimal};
use crate::world::passing_worlds;
use proptest::strategy::ValueTree;
use qudao::policy::LotReturns;
use qudao::time::Instant;
use qudao::wire::{self, Node};
use qudao::{Engine, check, compile, import};
use serde_json::{Value, json};

/// Worlds that are looked at, unless `QUDAO_WORLDS` is smaller.
const WORLDS: u64 = 3_000;
const DAY: i64 = 86_400_000;

/// How often something was met.
#[derive(Default)]
struct Met(std::collections::BTreeMap<&'static str, u32>);

impl Met {
    fn count(&mut self, what: &'static str, holds: bool) {
        *self.0.entry(what).or_default() += u32::from(holds);
    }
}

#[test]
fn returns_are_the_same_slowly() {
    let count = at_most(WORLDS);
    let strategy = passing_worlds();
    let mut met = Met::default();
    for seed in 0..count {
        let world = tree_of(&strategy, seed).current();
        let import::Imported { mut policy, sources, mut diagnostics, .. } = import::files(world.files());
        if let Some(redemption) = &mut policy.redemption {
            redemption.returns = if seed % 3 == 0 { LotReturns::Forfeit } else { LotReturns::Restore };
            redemption.grace_days = if seed % 3 == 0 { 0 } else { u32::try_from(seed % 4).expect("below 4") };
        }
        let checked = check::check(policy.clone(), &sources, &mut diagnostics).expect("a policy");
        let Ok(engine) = Engine::load(compile::compile(&checked).bytes()) else { continue };
        let mut input = world.question();
        let Ok(order) = slow::quote(&policy, &input) else { continue };
        let mut random = Random(seed + 1);
        let taken = taken(&order, &mut random);
        if taken.is_empty() {
            continue;
        }
        let entry = |line: &str, quantity: Exact| json!({ "line": line, "quantity": text(quantity, 0) });
        let question = input.clone();
        let now: Vec<Value> = taken.iter().filter(|taken| taken.now > whole(0)).map(|taken| entry(&taken.line, taken.now)).collect();
        input["lines"] = json!(now);
        input["returned"] = taken.iter().filter(|taken| taken.before > whole(0)).map(|taken| entry(&taken.line, taken.before)).collect();
        let today = (random.index(2) == 0).then(|| today(&question, &order, world.settings.now, &mut random));
        if let Some(today) = &today {
            input["today"] = today.clone();
        }
        let node: Node = serde_json::from_value(input.clone()).expect("a question");
        let found = match wire::return_preview(&engine, &node) {
            Ok(found) => found,
            Err(faults) => {
                let known = ["UNIT_INEXACT", "POLICY_NOT_EFFECTIVE", "NUMBER_RANGE", "UNIT_UNKNOWN"];
                assert!(faults.0.iter().all(|fault| known.contains(&fault.code)), "world {seed}: {faults}\n{input}");
                continue;
            }
        };
        let mut found: Value = serde_json::from_str(&found).expect("JSON");
        let slow = returns::preview(&policy, &question, &taken, today.as_ref());
        if order["combination"]["proof"] == "bound" {
            found["gifts"] = slow["gifts"].clone();
        }
        let mut list = Vec::new();
        compare("return", &found, &slow, &mut list);
        assert!(list.is_empty(), "world {seed}\n{}\n{input}\n{found}\n{slow}\n{}", list.join("\n"), world.shown());
        let any = |key: &str| slow[key].as_array().is_some_and(|list| !list.is_empty());
        let of_rebates = |holds: &dyn Fn(&Value) -> bool| slow["rebates"].as_array().is_some_and(|list| list.iter().any(holds));
        met.count("orders", true);
        met.count("what programs take back", of_rebates(&|rebate| decimal(&rebate["clawback"]) > whole(0)));
        met.count("tiers fallen under", of_rebates(&|rebate| rebate["falls"].as_array().is_some_and(|falls| !falls.is_empty())));
        met.count("lots", any("lots"));
        met.count("lots that are lost", slow["lots"].as_array().is_some_and(|lots| lots.iter().any(|lot| lot["restored"] == false)));
        met.count("gifts", any("gifts"));
        met.count("tax", slow["totals"]["tax"].is_string());
        met.count("not the first", taken.iter().any(|taken| taken.before > whole(0)));
        met.count("on a later day", today.is_some());
        met.count("passing", order["transition"].is_object());
    }
    println!("{:?}", met.0);
    let least = met.0.iter().filter(|(_, count)| **count < 50).collect::<Vec<_>>();
    assert!(count < WORLDS || least.is_empty(), "met too seldom: {least:?}");
}

/// Of each line some units, or all, or none, a part of them before.
fn taken(order: &Value, random: &mut Random) -> Vec<Taken> {
    let unit = |random: &mut Random, most: Exact| if random.index(2) == 0 { most } else { (most * Exact::new(1, 2)).floor() };
    let mut found = Vec::new();
    for line in order["lines"].as_array().expect("lines") {
        let all = decimal(&line["quantity"]);
        let before = if random.index(3) == 0 { unit(random, all) } else { whole(0) };
        let now = if random.index(4) == 0 { whole(0) } else { unit(random, all - before) };
        if before + now > whole(0) {
            found.push(Taken { line: line["id"].as_str().expect("an id").to_owned(), before, now });
        }
    }
    found.sort_by(|a, b| a.line.cmp(&b.line));
    found
}

/// Facts of some days later, in which the order is posted or open.
fn today(question: &Value, order: &Value, now: &str, random: &mut Random) -> Value {
    let mut dealer = question["dealer"].clone();
    let mut volumes: Vec<Value> = dealer["volumes"].as_array().cloned().unwrap_or_default();
    for rebate in order["rebates"].as_array().expect("rebates") {
        let same = |fact: &Value| fact["program"] == rebate["program"] && fact["period"] == rebate["period"];
        let place = volumes.iter().rposition(same).unwrap_or_else(|| {
            volumes.push(json!({ "program": rebate["program"], "period": rebate["period"] }));
            volumes.len() - 1
        });
        let key = ["posted", "open"][random.index(2)];
        volumes[place][key] = rebate["counted"].clone();
    }
    if !volumes.is_empty() {
        dealer["volumes"] = json!(volumes);
    }
    let later = [0, DAY / 2, 2 * DAY, 20 * DAY][random.index(4)];
    json!({ "dealer": dealer, "now": Instant::parse(now).expect("an instant").0 + later })
}
