//! Combos (`docs/semantics.md` §28) against brute force: every way of putting a few units into the parts of a few promotions.

use crate::laws::share;
use crate::random::Random;
use crate::world::node;
use qudao::{Engine, check, compile, import, wire};
use serde_json::{Value, json};
use std::fmt::Write;

enum Saves {
    Percent(i64),
    Amount(i64),
    Price(i64),
}

struct Part {
    /// Which of the products, as bits.
    products: usize,
    quantity: usize,
    cheapest: usize,
}

struct Combo {
    parts: Vec<Part>,
    saves: Saves,
    times: usize,
}

/// A few products with whole prices, how many units of each, and a few promotions that want them.
struct Instance {
    prices: Vec<i64>,
    quantities: Vec<usize>,
    combos: Vec<Combo>,
}

/// A number of the range, both ends included.
fn from(random: &mut Random, low: u64, high: u64) -> usize {
    usize::try_from(low + random.below(high - low + 1)).expect("small")
}

fn instance(random: &mut Random) -> Instance {
    let products = from(random, 2, 4);
    let prices = (0..products).map(|_| i64::try_from(from(random, 1, 20) * 5).expect("small")).collect();
    let quantities = (0..products).map(|_| from(random, 1, 2)).collect();
    let some = |random: &mut Random| from(random, 1, (1 << products) - 1);
    let combo = |random: &mut Random| {
        let percent = random.below(2) == 0;
        let parts = (0..from(random, 1, 2)).map(|_| {
            let quantity = from(random, 1, 3);
            let cheapest = if percent { from(random, 1, quantity as u64) } else { quantity };
            Part { products: some(random), quantity, cheapest }
        });
        let mut parts: Vec<Part> = parts.collect();
        if parts.len() > 1 && random.below(8) == 0 {
            parts[0].cheapest = 0;
        }
        let saves = match random.below(2) {
            _ if percent => Saves::Percent(i64::try_from(from(random, 1, 10) * 10).expect("small")),
            0 => Saves::Amount(i64::try_from(from(random, 1, 4)).expect("small")),
            _ => Saves::Price(i64::try_from(from(random, 5, 90)).expect("small")),
        };
        Combo { parts, saves, times: from(random, 1, 3) }
    };
    let combos = (0..from(random, 2, 3)).map(|_| combo(random)).collect();
    Instance { prices, quantities, combos }
}

fn policy(instance: &Instance) -> Engine {
    let mut text = "policy: { id: combos, version: '1', valid: 2026-01-01 .. 2026-12-31 }\nproducts: products.csv\n".to_owned();
    text += "prices: [{ id: list, by: [sku], table: prices.csv }]\ngroups: [{ id: units, mode: best }]\npromotions:\n";
    let (mut products, mut prices) = ("sku,unit\n".to_owned(), "sku,price\n".to_owned());
    for (product, price) in instance.prices.iter().enumerate() {
        let _ = writeln!(products, "s{product},EA");
        let _ = writeln!(prices, "s{product},{price}");
    }
    for (number, combo) in instance.combos.iter().enumerate() {
        let parts = combo.parts.iter().map(|part| {
            let skus: Vec<String> = (0..instance.prices.len()).filter(|p| part.products >> p & 1 == 1).map(|p| format!("s{p}")).collect();
            let cheapest = if part.cheapest < part.quantity { format!(", cheapest: {}", part.cheapest) } else { String::new() };
            format!("{{ on: {{ sku: [{}] }}, quantity: {}{cheapest} }}", skus.join(", "), part.quantity)
        });
        let get = match combo.saves {
            Saves::Percent(percent) => format!("percent: {percent}"),
            Saves::Amount(amount) => format!("amount_off: {amount}"),
            Saves::Price(price) => format!("price: {price}"),
        };
        let parts: Vec<String> = parts.collect();
        let _ = writeln!(
            text,
            "- {{ id: p{number}, combo: {{ parts: [{}], times: {} }}, get: {{ {get} }}, group: units }}",
            parts.join(", "),
            combo.times
        );
    }
    let files = [("policy.yaml", text), ("products.csv", products), ("prices.csv", prices)];
    let mut imported = import::files(files.map(|(name, text)| (name.to_owned(), text.into_bytes())).into());
    let checked = check::check(imported.policy, &imported.sources, &mut imported.diagnostics);
    let checked = checked.unwrap_or_else(|| panic!("{:#?}", imported.diagnostics.found));
    Engine::load(compile::compile(&checked).bytes()).expect("a sound bundle")
}

/// Units in unit order: product and price in cents.
fn units(instance: &Instance) -> Vec<(usize, i64)> {
    let all = instance.prices.iter().zip(&instance.quantities).enumerate();
    let mut units: Vec<(usize, i64)> = all.flat_map(|(product, (price, count))| vec![(product, price * 100); *count]).collect();
    units.sort_by_key(|(product, cents)| (-cents, *product));
    units
}

/// What an assignment saves, in cents, if it is one.
fn worth(instance: &Instance, units: &[(usize, i64)], slot_of: &[usize]) -> Option<i64> {
    let mut first = 0;
    let mut sum = 0;
    for combo in &instance.combos {
        let mut made = None;
        for (at, part) in combo.parts.iter().enumerate() {
            let own: Vec<i64> = units.iter().zip(slot_of).filter(|(_, slot)| **slot == first + at).map(|(unit, _)| unit.1).collect();
            let times = own.len() / part.quantity;
            if !own.len().is_multiple_of(part.quantity) || times > combo.times || *made.get_or_insert(times) != times {
                return None;
            }
            sum += match combo.saves {
                Saves::Percent(percent) => {
                    own.chunks(part.quantity).flat_map(|chunk| &chunk[part.quantity - part.cheapest..]).sum::<i64>() * percent / 100
                }
                Saves::Amount(_) => 0,
                Saves::Price(_) if part.cheapest == 0 => 0,
                Saves::Price(_) => own.iter().sum(),
            };
        }
        let times = i64::try_from(made.unwrap_or(0)).expect("small");
        sum += match combo.saves {
            Saves::Percent(_) => 0,
            Saves::Amount(amount) => amount * 100 * times,
            Saves::Price(price) => -price * 100 * times,
        };
        first += combo.parts.len();
    }
    Some(sum)
}

fn best(instance: &Instance, units: &[(usize, i64)], slot_of: &mut Vec<usize>) -> i64 {
    let slots: Vec<&Part> = instance.combos.iter().flat_map(|combo| &combo.parts).collect();
    let Some((product, _)) = units.get(slot_of.len()) else { return worth(instance, units, slot_of).unwrap_or(0) };
    let mut most = 0;
    for slot in 0..=slots.len() {
        if slots.get(slot).is_none_or(|part| part.products >> product & 1 == 1) {
            slot_of.push(slot);
            most = most.max(best(instance, units, slot_of));
            slot_of.pop();
        }
    }
    most
}

#[test]
fn units_go_where_they_save_most() {
    let mut random = Random(11);
    let (mut tried, mut gainful, mut shared) = (0, 0, 0);
    while tried < share(400) {
        let instance = instance(&mut random);
        let units = units(&instance);
        if units.len() > 6 {
            continue;
        }
        tried += 1;
        let expected = best(&instance, &units, &mut Vec::new());
        let lines: Vec<Value> = instance
            .quantities
            .iter()
            .enumerate()
            .map(|(product, count)| json!({ "sku": format!("s{product}"), "quantity": count }))
            .collect();
        let question = json!({ "now": "2026-11-21T10:00:00+08:00", "order": { "schema": 1, "lines": lines }, "dealer": { "schema": 1, "id": "D1", "as_of": "2026-11-21T09:00:00+08:00" } });
        let answer = wire::quote(&policy(&instance), &node(question)).expect("an answer");
        let answer: Value = serde_json::from_str(&answer).expect("JSON");
        let found = &answer["totals"]["discount"];
        let amount_over_price = answer["combination"]["proof"] != "optimal";
        assert!(!amount_over_price, "an amount is never above the cheapest unit here: {answer}");
        assert_eq!(*found, format!("{}.{:02}", expected / 100, expected % 100), "{answer}");
        gainful += u32::from(expected > 0);
        shared +=
            u32::from(answer["rules"].as_array().is_some_and(|rules| rules.iter().filter(|rule| rule["outcome"] == "applied").count() > 1));
    }
    println!("{gainful} of {tried} save something, {shared} by more than one promotion");
    // A handful says nothing of shares.
    assert!(tried < 100 || gainful * 2 >= tried && shared * 10 >= tried);
}
