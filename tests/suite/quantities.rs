//! Minimum, multiple, step and most, beside trying every quantity.

use crate::laws::cases;
use crate::world;
use proptest::prelude::*;
use qudao::{Engine, check, compile, import, limit, wire};
use serde_json::{Value, json};

fn engine(row: &str) -> Engine {
    let files = [
        (
            "policy.yaml",
            "policy: { id: a, version: \"1\", valid: 2026-01-01 .. 2028-12-31 }\nproducts: products.csv\nprices: [{ id: list, by: [sku], table: list.csv }]\n",
        ),
        ("products.csv", &format!("sku,unit,units,min_quantity,multiple,step,max_order,max_period\n{row}\n")),
        ("list.csv", "sku,price\nP,1\n"),
    ];
    let mut imported = import::files(files.into_iter().map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).collect());
    let checked = check::check(imported.policy, &imported.sources, &mut imported.diagnostics).expect("a sound policy");
    Engine::load(compile::compile(&checked).bytes()).unwrap()
}

fn question(lines: Value, bought: Value) -> Value {
    let now = "2026-11-21T10:00:00+08:00";
    json!({ "now": now, "order": { "schema": 1, "lines": lines }, "dealer": { "schema": 1, "id": "D", "as_of": now, "bought": bought } })
}

proptest! {
    #![proptest_config(cases(3_000))]

    #[test]
    fn nearest_quantities_are_those_that_trying_finds(
        (least, multiple, step) in (0i64..12, 0i64..7, 0i64..7),
        (most, most_of_period, bought) in (0i64..40, 0i64..40, 0i64..30),
        (factor, boxes, pieces) in (2i64..9, 1i64..8, 0i64..20),
    ) {
        let step = if multiple > 0 { 0 } else { step };
        let cell = |number: i64| if number > 0 { number.to_string() } else { String::new() };
        let cells = [least, multiple, step, most, most_of_period].map(cell).join(",");
        let engine = engine(&format!("P,EA,BOX={factor},{cells}"));
        let mut lines = vec![json!({ "sku": "P", "quantity": boxes, "unit": "BOX" })];
        if pieces > 0 {
            // Its id is behind the other's, so boxes are named.
            lines.push(json!({ "id": "Z", "sku": "P", "quantity": pieces }));
        }
        let input = question(lines.into(), json!([{ "sku": "P", "period": "2026-11", "quantity": bought }]));
        let answer: Value = serde_json::from_str(&wire::quote(&engine, &world::node(input)).unwrap()).unwrap();
        // What is allowed, as 22.8 says it.
        let start = match (multiple, step, least) {
            (0, 0, least) => least.max(1),
            (0, step, 0) => step,
            (0, _, least) => least,
            (multiple, ..) => (1..).map(|times| times * multiple).find(|quantity| *quantity >= least).unwrap(),
        };
        let fits = |quantity: i64| quantity >= start && (quantity - start) % (multiple + step).max(1) == 0;
        let left = if most_of_period > 0 { (most_of_period - bought).max(0) } else { 1_000 };
        let room = left.min(if most > 0 { most } else { 1_000 });
        let have = boxes * factor + pieces;
        let down = |most: i64| (1..=most).rev().find(|quantity| fits(*quantity));
        let up = (have + 1..).find(|quantity| fits(*quantity)).unwrap();
        let shown = |quantity: Option<i64>| quantity.map_or(Value::Null, |quantity| quantity.to_string().into());
        let mut expected = Vec::new();
        if have < least {
            expected.push(json!({ "code": "QTY_MIN", "nearest": shown(Some(start)) }));
        } else if !fits(have) {
            let code = if multiple > 0 { "QTY_MULTIPLE" } else { "QTY_STEP" };
            expected.push(json!({ "code": code, "nearest_down": shown(down(have)), "nearest_up": shown(Some(up)) }));
        }
        if most > 0 && have > most {
            expected.push(json!({ "code": "QTY_MAX", "nearest": shown(down(most)) }));
        }
        if have > left {
            expected.push(json!({ "code": "QTY_PERIOD", "nearest": shown(down(left)) }));
        }
        let boxed = |count: i64| fits(count * factor + pieces);
        let any = (1..500).any(boxed);
        let allowed = |count: &i64| boxed(*count) && count * factor + pieces <= room;
        let in_unit = json!({
            "unit": "BOX", "have": boxes.to_string(), "down": shown((1..boxes).rev().find(allowed)), "up": shown((boxes + 1..500).find(allowed)),
        });
        let guards = answer["guards"].as_array().unwrap();
        prop_assert_eq!(guards.len(), expected.len(), "{:?} {:?}", guards, expected);
        for (guard, expected) in guards.iter().zip(&expected) {
            for (key, value) in expected.as_object().unwrap() {
                prop_assert_eq!(&guard[key], value, "{} of {}", key, guard);
            }
            prop_assert_eq!(&guard["in_unit"], if any { &in_unit } else { &Value::Null });
        }
    }
}

#[test]
fn purchases_are_told_up_to_a_limit_and_each_once() {
    let engine = engine("P,EA,,,,,,5");
    let bought =
        |count: usize| -> Value { (0..count).map(|at| json!({ "sku": "P", "period": format!("p{at}"), "quantity": 1 })).collect() };
    let asked = |bought: Value| wire::quote(&engine, &world::node(question(json!([]), bought))).map_err(|faults| faults.0[0].code);
    assert!(asked(bought(limit::FACT_BOUGHT)).is_ok());
    assert_eq!(asked(bought(limit::FACT_BOUGHT + 1)), Err("LIMIT_EXCEEDED"));
    let twice = json!([{ "sku": "P", "period": "2026-11", "quantity": 1 }, { "sku": "P", "period": "2026-11", "quantity": 2 }]);
    assert!(asked(twice).is_err());
}
