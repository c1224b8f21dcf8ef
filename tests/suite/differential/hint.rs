//! Hints against their slow twin: random worlds whose dealers hold codes.

use super::{at_most, compare, tree_of};
use crate::slow::hint;
use crate::world::{CODES, World, node, passing_worlds};
use proptest::strategy::ValueTree;
use qudao::wire;
use qudao::{Engine, check, compile, import};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Worlds that are looked at, unless `QUDAO_WORLDS` is smaller.
const WORLDS: u64 = 2_000;
/// A promotion for orders of several products.
const VARIED: &str = "  - { id: varied, if: { cart: { skus: 3 } }, get: { percent: 40 } }\n";

#[test]
fn hints_are_the_same_slowly() {
    let count = at_most(WORLDS);
    let strategy = passing_worlds();
    let mut met: BTreeMap<String, u64> = BTreeMap::new();
    for seed in 0..count {
        of_world(&tree_of(&strategy, seed).current(), seed, &mut met);
    }
    for (what, times) in &met {
        println!("{times:>8}  {what}");
    }
    let least = if count < WORLDS { 0 } else { 10 };
    for kind in
        ["decline", "coupon", "cliff", "set_slot", "quantity", "amount", "skus", "rebate_tier", "way to a tier", "pack", "of two sides"]
    {
        assert!(met.get(kind).copied().unwrap_or(0) >= least, "{kind}: {met:?}");
    }
}

fn of_world(world: &World, seed: u64, met: &mut BTreeMap<String, u64>) {
    let mut files = world.files();
    // A third of the orders lack products that a promotion asks for.
    let few = seed.is_multiple_of(3);
    // A slow quote takes its time: now and then the search is let go to its end.
    let quotes = [5, 12, 30, 80][usize::try_from(seed % 4).expect("below 4")];
    let (_, text) = files.iter_mut().find(|(name, _)| name == "policy.yaml").expect("a policy");
    let mut policy = String::from_utf8(text.clone()).expect("text");
    policy = policy.replacen("policy: {", &format!("policy: {{ hint_quotes: {quotes},"), 1);
    if few {
        policy = policy.replacen("promotions:\n", &format!("promotions:\n{VARIED}"), 1);
    }
    *text = policy.into_bytes();
    let import::Imported { policy, sources, mut diagnostics, .. } = import::files(files);
    let checked = check::check(policy.clone(), &sources, &mut diagnostics).expect("a policy");
    let Ok(engine) = Engine::load(compile::compile(&checked).bytes()) else { return };
    let mut input = world.question();
    input["coupons"] = json!(CODES);
    if few {
        input["order"]["lines"].as_array_mut().expect("lines").truncate(1);
    }
    let Ok(found) = wire::hints(&engine, &node(input.clone())) else { return };
    let found: Value = serde_json::from_str(&found).expect("JSON");
    let slow = hint::hints(&policy, &input).expect("an order that is not refused");
    let mut add = |what: &str| *met.entry(what.to_owned()).or_default() += 1;
    let Some((slow, orders)) = slow else { return add("given up") };
    // Where a search for combinations ends early, the two may choose otherwise.
    let quote_of =
        |input: &Value| -> Value { serde_json::from_str(&wire::quote(&engine, &node(input.clone())).expect("a quote")).expect("JSON") };
    let is_bound = |input: &Value| quote_of(input)["combination"]["proof"] == "bound";
    let transition = quote_of(&orders[0])["transition"].clone();
    if transition["phase"] == "blend" {
        // Where the bands of both sides begin (26.9) is not in the slow catalogue.
        return add("blended");
    }
    let mut list = Vec::new();
    compare("hints", &found, &slow, &mut list);
    if !list.is_empty() && orders.iter().any(is_bound) {
        return add("bound");
    }
    assert!(list.is_empty(), "world {seed}\n{}\n{found}\n{slow}\n{}", list.join("\n"), world.shown());
    add("compared");
    if !transition.is_null() {
        add("of two sides");
    }
    for hint in slow["hints"].as_array().expect("a list") {
        add(hint["kind"].as_str().expect("a word"));
    }
    slow["tiers"].as_array().expect("a list").iter().for_each(|_| add("way to a tier"));
    slow["packs"].as_array().expect("a list").iter().for_each(|_| add("pack"));
    if slow["complete"] == false {
        add("cut short");
    }
}
