//! Plans of redemption against their slow twin: random worlds whose dealers hold lots.

use super::{compare, tree_of};
use crate::slow::{self, plan};
use crate::world::passing_worlds;
use proptest::strategy::ValueTree;
use qudao::time::Instant;
use qudao::wire::{self, Node};
use qudao::{Engine, check, compile, import};
use serde_json::{Value, json};

/// Worlds that are looked at, unless `QUDAO_WORLDS` is smaller.
const WORLDS: u64 = 6_000;

#[test]
fn plans_are_the_same_slowly() {
    let count = std::env::var("QUDAO_WORLDS").ok().and_then(|text| text.parse().ok()).map_or(WORLDS, |count: u64| count.min(WORLDS));
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
        if slow::quote(&policy, &input).is_err() {
            continue;
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
        tiers += usize::from(plans.len() > 3);
        cut += usize::from(slow["complete"] == false);
        lost += usize::from(plans.iter().any(|plan| plan["lost"] != plans[0]["lost"]));
    }
    println!("{planned} orders planned, {tiers} with tiers to keep, {cut} cut short, {lost} with lots that expire");
    assert!(count < WORLDS || (planned > 100 && tiers > 5 && lost > 20), "{planned}, {tiers}, {lost}");
}
