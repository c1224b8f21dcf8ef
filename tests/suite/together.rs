//! Who combines with whom (`docs/semantics.md` §31), against a reading of it that is as plain as can be.

use crate::laws::{cents, share};
use crate::offers::engine;
use crate::random::Random;
use crate::slice::Pair;
use crate::world::node;
use qudao::wire;
use serde_json::{Value, json};
use std::fmt::Write;
use std::rc::Rc;

const PRODUCTS: usize = 4;
const STAGES: [&str; 4] = ["line", "set", "order", "coupon"];

fn quoted(policy: &str) -> Value {
    let products = "sku,unit\nP0,EA\nP1,EA\nP2,EA\nP3,EA\n";
    let prices = "sku,price\nP0,100\nP1,100\nP2,100\nP3,100\n";
    let head = format!("products: products.csv\nprices: [{{ id: list, by: [sku], table: list.csv }}]\n{policy}");
    let files = [("policy.yaml", head.as_str()), ("products.csv", products), ("list.csv", prices)];
    let engine = Rc::new(engine(files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_owned())).to_vec()));
    let lines: Vec<Value> = (0..PRODUCTS).map(|p| json!({ "sku": format!("P{p}"), "quantity": 1 })).collect();
    let dealer = json!({ "schema": 1, "id": "D", "as_of": 0 });
    let question = json!({ "order": { "schema": 1, "lines": lines }, "dealer": dealer, "now": 1_800_000_000_000_i64 });
    Pair::of(&engine, &dealer).answers_alike(&question, policy);
    serde_json::from_str(&wire::quote(&engine, &node(question)).unwrap()).unwrap()
}

fn on(products: u64) -> String {
    let skus: Vec<String> = (0..PRODUCTS).filter(|p| products >> p & 1 == 1).map(|p| format!("P{p}")).collect();
    format!("on: {{ sku: [{}] }}", skus.join(", "))
}

fn words(letter: char, bits: u64) -> String {
    (0..3).filter(|bit| bits >> bit & 1 == 1).map(|bit| format!("{letter}{bit}")).collect::<Vec<_>>().join(", ")
}

/// §31.1: by priority, then kind, then id; a whole one all its lines or none, a line promotion those that are free. A best group beside it goes on.
#[test]
fn the_first_of_a_group_has_its_lines() {
    let mut random = Random(31);
    for _ in 0..share(1_000) {
        let count = 1 + random.index(6);
        let offers: Vec<(u64, u64, u64, bool)> =
            (0..count).map(|_| (1 + random.below(15), 1 + random.below(20), random.below(3), random.below(2) == 0)).collect();
        let mut policy =
            "policy: { id: first, version: '1', rounding_point: line }\ngroups: [{ id: one, mode: first }]\npromotions:\n".to_owned();
        for (index, (products, figure, priority, whole)) in offers.iter().enumerate() {
            let get = if *whole { "amount_off" } else { "percent" };
            writeln!(
                policy,
                "  - {{ id: r{index}, stage: order, {}, priority: {priority}, group: one, get: {{ {get}: {figure} }} }}",
                on(*products)
            )
            .unwrap();
        }
        let mut running: Vec<usize> = (0..count).collect();
        // Amounts run before percentages.
        running.sort_by_key(|index| (std::cmp::Reverse(offers[*index].2), !offers[*index].3, *index));
        let (mut taken, mut saved) = (0, 0);
        for (products, figure, _, whole) in running.into_iter().map(|index| offers[index]) {
            let free = products & !taken;
            if free == 0 || (whole && free != products) {
                continue;
            }
            taken |= free;
            saved += figure * 100 * if whole { 1 } else { u64::from(free.count_ones()) };
        }
        let quote = quoted(&policy);
        assert_eq!(cents(&quote["totals"]["discount"]), i64::try_from(saved).unwrap(), "{policy}");
        assert_eq!(quote["combination"]["proof"], "optimal");
    }
}

/// §31.3 and §31.4 over stages, each promotion a percentage of the list amount: it is taken from every line that nothing keeps it off.
#[test]
fn what_does_not_combine_keeps_off_each_others_lines() {
    let mut random = Random(314);
    let mut blocked = 0;
    for _ in 0..share(1_000) {
        let count = 2 + random.index(5);
        // Products, stage, tags, tags it is not with, whether it skips discounted lines.
        let offers: Vec<(u64, usize, u64, u64, bool)> =
            (0..count).map(|_| (1 + random.below(15), random.index(4), random.below(8), random.below(8), random.below(4) == 0)).collect();
        let all = offers.iter().fold(0, |all, offer| all | offer.2);
        let apart = |a: usize, b: usize| offers[a].3 & all & offers[b].2 != 0 || offers[b].3 & all & offers[a].2 != 0;
        if (0..count).any(|a| (0..a).any(|b| offers[a].1 == offers[b].1 && apart(a, b))) {
            continue;
        }
        let mut policy = "policy: { id: apart, version: '1', rounding_point: line }\npromotions:\n".to_owned();
        for (index, (products, stage, tags, not_with, skips)) in offers.iter().enumerate() {
            let mut fields = vec![format!(
                "id: r{index}, stage: {}, {}, base: original, get: {{ percent: {} }}",
                STAGES[*stage],
                on(*products),
                index + 1
            )];
            fields.extend((*tags > 0).then(|| format!("tags: [{}]", words('t', *tags))));
            fields.extend((not_with & all > 0).then(|| format!("not_with: [{}]", words('t', not_with & all))));
            fields.extend(skips.then(|| "discounted_lines: skip".to_owned()));
            writeln!(policy, "  - {{ {} }}", fields.join(", ")).unwrap();
        }
        let mut running: Vec<usize> = (0..count).collect();
        running.sort_by_key(|index| (offers[*index].1, *index));
        let mut on_line: Vec<Vec<usize>> = vec![Vec::new(); PRODUCTS];
        for stage in running.chunk_by(|a, b| offers[*a].1 == offers[*b].1) {
            let before = on_line.clone();
            for index in stage {
                let keeps = |line: &Vec<usize>| (offers[*index].4 && !line.is_empty()) || line.iter().any(|other| apart(*index, *other));
                for line in (0..PRODUCTS).filter(|line| offers[*index].0 >> line & 1 == 1 && !keeps(&before[*line])) {
                    on_line[line].push(*index);
                }
            }
        }
        let quote = quoted(&policy);
        for (line, took) in on_line.iter().enumerate() {
            let found: Vec<&str> =
                quote["lines"][line]["adjustments"].as_array().unwrap().iter().map(|step| step["rule"].as_str().unwrap()).collect();
            let expected: Vec<String> = took.iter().map(|index| format!("r{index}")).collect();
            assert_eq!(found, expected, "{policy}");
        }
        for rule in quote["rules"].as_array().unwrap() {
            let index: usize = rule["rule"].as_str().unwrap()[1..].parse().unwrap();
            let nowhere = !on_line.iter().any(|line| line.contains(&index));
            assert_eq!(rule["outcome"] == "blocked" && rule["by"] == "not_combined", nowhere, "{policy}");
            blocked += u32::from(nowhere);
        }
    }
    assert!(blocked > share(1_000) / 20, "{blocked}");
}
