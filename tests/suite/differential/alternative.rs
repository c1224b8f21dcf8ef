//! Equal alternatives against their slow twin: random worlds, and the worlds of contests, where they are many.

use super::{at_most, compare, tree_of};
use crate::slow::alternative;
use crate::world::{Benefit, Gift, Offer, World, node, passing_worlds};
use proptest::prelude::prop;
use proptest::strategy::ValueTree;
use qudao::wire;
use qudao::{Engine, check, compile, import};
use serde_json::{Value, json};

/// Worlds that are looked at, unless `QUDAO_WORLDS` is smaller; each has its own order only, because alternatives price it many times.
const WORLDS: u64 = 5_000;

/// How often what was met.
#[derive(Debug, Default)]
struct Met {
    compared: u64,
    several: u64,
    gifts: u64,
    cut: u64,
}

#[test]
fn alternatives_are_the_same_slowly() {
    let count = at_most(WORLDS);
    let (worlds, contests) = (passing_worlds(), prop::collection::vec((1_u8..63, 1_i64..4), 1..8));
    // Each for one of three products, and all worth the same: more sets than are told.
    let equal = prop::collection::vec((prop::sample::select(vec![1_u8, 2, 4]), 1_i64..2), 6..10);
    let mut met = Met::default();
    for seed in 0..count {
        // The groups are those of the side that answers; of two sides nothing is compared here.
        let world = tree_of(&worlds, seed).current();
        if world.transition.is_none() {
            of_world(&world, seed, &mut met);
        }
        let offers = match seed % 10 {
            0 | 5 => tree_of(&contests, seed).current(),
            1 | 2 => tree_of(&equal, seed).current(),
            _ => continue,
        };
        // One unit of any product is worth 1,000.00.
        let with_gifts = seed % 10 == 2;
        let minor = if with_gifts { 100_000 } else { 100 };
        let offers: Vec<Offer> = offers.iter().map(|(products, off)| Offer { products: *products, off: *off * minor }).collect();
        let mut world = World::contest(&offers);
        for (at, promotion) in world.promotions.iter_mut().enumerate().filter(|(at, _)| with_gifts && at % 2 == 1) {
            promotion.benefits = vec![Benefit::Gift(Gift { first: at % 6, units: [1; 3], items: 1, choose: 1 })];
        }
        of_world(&world, seed, &mut met);
    }
    println!("{met:?}");
    assert!(count < WORLDS || (met.several >= 100 && met.cut >= 100 && met.gifts >= 100), "{met:?}");
}

fn of_world(world: &World, seed: u64, met: &mut Met) {
    let import::Imported { policy, sources, mut diagnostics, .. } = import::files(world.files());
    let checked = check::check(policy.clone(), &sources, &mut diagnostics).expect("a policy");
    let Ok(engine) = Engine::load(compile::compile(&checked).bytes()) else { return };
    let input = world.question();
    let Ok(found) = wire::alternatives(&engine, &node(input.clone())) else { return };
    let found: Value = serde_json::from_str(&found).expect("JSON");
    let (slow, priced) = alternative::alternatives(&policy, &input).expect("an order that is not refused");
    // Where a search for combinations ends early, the two may choose otherwise.
    let is_bound = |declined| {
        let mut input = input.clone();
        input["order"]["decline"] = json!(declined);
        let quote: Value = serde_json::from_str(&wire::quote(&engine, &node(input)).expect("a quote")).expect("JSON");
        quote["combination"]["proof"] == "bound"
    };
    let mut list = Vec::new();
    compare("alternatives", &found, &slow, &mut list);
    if !list.is_empty() && priced.iter().any(is_bound) {
        return;
    }
    assert!(list.is_empty(), "world {seed}\n{}\n{found}\n{slow}\n{}", list.join("\n"), world.shown());
    let alternatives = slow["alternatives"].as_array().expect("a list");
    met.compared += 1;
    met.several += u64::from(alternatives.len() > 1);
    met.gifts += u64::from(alternatives.len() > 1 && alternatives.iter().any(|one| one["gifts"] != alternatives[0]["gifts"]));
    met.cut += u64::from(slow["complete"] == false);
}
