//! Plans of redemption against their slow twin: random worlds whose dealers hold lots.

use super::{at_most, compare, tree_of};
use crate::slow::{self, plan};
use crate::world::passing_worlds;
use proptest::strategy::ValueTree;
use qudao::time::Instant;
use qudao::wire::{self, Node};
use qudao::{Engine, check, compile, import};
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// Worlds that are looked at, unless `QUDAO_WORLDS` is smaller.
const WORLDS: u64 = 6_000;

#[test]
fn plans_are_the_same_slowly() {
    let count = at_most(WORLDS);
    let strategy = passing_worlds();
    let (mut planned, mut tiers, mut cut, mut lost) = (0, 0, 0, 0);
    for seed in 0..count {
        let world = tree_of(&strategy, seed).current();
        if world.dealer.lots.is_empty() || world.redemption.is_none() {
            continue;
        }
        let import::Imported { policy, sources, mut diagnostics, .. } = import::files(world.files());
        let checked = check::check(policy.clone(), &sources, &mut diagnostics).expect("a policy");
        let Ok(engine) = Engine::load(compile::compile(&checked).bytes()) else { continue };
        let mut input = world.question();
        let Ok(quote) = slow::quote(&policy, &input) else { continue };
        if seed % 2 == 1 {
            at_the_next_tier(&mut input, &quote);
        }
        let now = Instant::parse(world.settings.now).expect("an instant").0;
        input["until"] = json!(now + [1, 999, 1_000, 5_000][usize::try_from(seed % 4).expect("below 4")]);
        let node: Node = serde_json::from_value(input.clone()).expect("a question");
        let Ok(found) = wire::redemption_plans(&engine, &node) else { continue };
        let found: Value = serde_json::from_str(&found).expect("JSON");
        let slow = plan::plans(&policy, &input, input["until"].as_i64().expect("an instant"));
        let mut list = Vec::new();
        compare("plans", &found, &slow, &mut list);
        assert!(list.is_empty(), "world {seed}\n{}\n{found}\n{slow}\n{}", list.join("\n"), world.shown());
        let plans = slow["plans"].as_array().expect("plans");
        planned += 1;
        tiers += usize::from(keeps_a_tier(plans));
        cut += usize::from(slow["complete"] == false);
        lost += usize::from(plans.iter().any(|plan| plan["lost"] != plans[0]["lost"]));
    }
    println!("{planned} orders planned, {tiers} with tiers to keep, {cut} cut short, {lost} with lots that expire");
    assert!(count < WORLDS || (planned > 100 && tiers > 5 && lost > 20), "{planned}, {tiers}, {lost}");
}

/// Whether a plan pays neither nothing, nor all that lots can, nor what is lost otherwise: it stops where a tier does.
fn keeps_a_tier(plans: &[Value]) -> bool {
    let decimal = |value: &Value| value.as_str().and_then(|text| text.parse::<Decimal>().ok()).unwrap_or_default();
    let most = plans.iter().map(|plan| decimal(&plan["redeem"])).max().unwrap_or_default();
    let nothing = plans.iter().find(|plan| decimal(&plan["redeem"]).is_zero());
    let soon = nothing.map_or(Decimal::ZERO, |plan| decimal(&plan["lost"])).min(most);
    plans.iter().any(|plan| ![Decimal::ZERO, most, soon].contains(&decimal(&plan["redeem"])))
}

/// Posts a little more than is missing to the next tiers, so that the order reaches them and what lots pay at most leads under them again.
fn at_the_next_tier(input: &mut Value, quote: &Value) {
    let decimal = |value: &Value| value.as_str().and_then(|text| text.parse::<Decimal>().ok());
    let little = decimal(&quote["totals"]["payable"]).map_or(Decimal::ZERO, |payable| Decimal::new(3, payable.scale()));
    let rebates = quote["rebates"].as_array().into_iter().flatten();
    for (rebate, gap) in rebates.filter_map(|rebate| Some((rebate, decimal(&rebate["next"]["gap"])? + little))) {
        let facts = input["dealer"].as_object_mut().expect("facts");
        let volumes = facts.entry("volumes").or_insert_with(|| json!([])).as_array_mut().expect("a list");
        let known = volumes.iter_mut().find(|entry| entry["program"] == rebate["program"] && entry["period"] == rebate["period"]);
        match known {
            Some(entry) => {
                let posted = decimal(&entry["posted"]["amount"]).unwrap_or_default();
                let quantity = entry["posted"]["quantity"].as_str().unwrap_or("0").to_owned();
                entry["posted"] = json!({ "amount": (posted + gap).to_string(), "quantity": quantity });
            }
            None => volumes.push(json!({
                "program": rebate["program"],
                "period": rebate["period"],
                "posted": { "amount": gap.to_string(), "quantity": "0" },
            })),
        }
    }
}
