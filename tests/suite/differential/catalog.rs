//! Catalogues against their slow twin: what random worlds say of prices before there is a line.

use super::{at_most, compare, tree_of};
use crate::slow::catalog;
use crate::world::{World, node, passing_worlds};
use proptest::strategy::ValueTree;
use qudao::wire;
use qudao::{Engine, check, compile, import};
use serde_json::{Map, Value, json};

/// Worlds that are looked at, unless `QUDAO_WORLDS` is smaller.
const WORLDS: u64 = 2_000;

#[test]
fn catalogues_have_the_same_prices_slowly() {
    let count = at_most(WORLDS);
    let strategy = passing_worlds();
    let (mut products, mut several, mut of_units) = (0, 0, 0);
    for seed in 0..count {
        // Between two sides no product has one table.
        let world = tree_of(&strategy, seed).current();
        if world.transition.is_some() {
            continue;
        }
        for [prices, units] in of_world(&world, seed) {
            products += 1;
            several += usize::from(prices > 1);
            of_units += units;
        }
    }
    println!("{products} products, {several} with several prices, {of_units} units with prices of their own");
    assert!(count < WORLDS || (products > 1_000 && several > 100 && of_units > 100), "{products}, {several}, {of_units}");
}

/// How many prices each product of a world has, and how many of its units have their own.
fn of_world(world: &World, seed: u64) -> Vec<[usize; 2]> {
    let import::Imported { policy, sources, mut diagnostics, .. } = import::files(world.files());
    let checked = check::check(policy.clone(), &sources, &mut diagnostics).expect("a policy");
    let Ok(engine) = Engine::load(compile::compile(&checked).bytes()) else { return Vec::new() };
    let input = world.question();
    let mut asked = json!({ "dealer": input["dealer"], "now": input["now"], "limit": 100 });
    for key in ["source", "deliver"].into_iter().filter(|key| !input["order"][*key].is_null()) {
        asked[key] = input["order"][key].clone();
    }
    let Ok(found) = wire::catalog(&engine, &node(asked)) else { return Vec::new() };
    let found: Value = serde_json::from_str(&found).expect("JSON");
    let slow = catalog::prices(&policy, &input);
    let items = found["items"].as_array().expect("items");
    let of_item = |item: &Value| {
        let (sku, slow) = slow.iter().find(|(sku, _)| *sku == item["sku"]).expect("a product");
        let told = |of: &Value| json!({ "prices": of["prices"], "access": of["access"] });
        let units = item["units"].as_array().expect("units");
        let of_unit = |unit: &Value| (unit["unit"].as_str().expect("a unit").to_owned(), told(unit));
        let found = json!({ "own": told(item), "units": units.iter().map(of_unit).collect::<Map<_, _>>() });
        let mut list = Vec::new();
        compare(sku, &found, slow, &mut list);
        assert!(list.is_empty(), "world {seed}\n{}\n{found}\n{slow}\n{}", list.join("\n"), world.shown());
        let count = |of: &Value| of["prices"].as_array().expect("prices").len();
        [count(item), units.iter().filter(|unit| count(unit) > 0).count()]
    };
    items.iter().map(of_item).collect()
}
