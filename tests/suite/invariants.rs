//! Invariants 1 and 2 of the design over worlds with everything there is: units, scales, fractions, tax, freight, registrations, adjustments, lots,
//! transitions. What `laws` says of plain worlds it says in more detail.

use crate::differential::tree_of;
use crate::hints;
use crate::laws::share;
use crate::random::Random;
use crate::world::{BASE, World, node, passing_worlds};
use proptest::strategy::ValueTree;
use qudao::num::Number;
use qudao::wire::{Faults, Node};
use qudao::{Engine, wire};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::ops::Sub;
use std::rc::Rc;

/// Worlds of a whole run.
const WORLDS: u32 = 1_500;
/// Of these, those whose order is priced many times.
const HINTED: u32 = 600;
/// Each feature stands in so many answers of a whole run at least, so that no law is one of nothing.
const LEAST: u64 = 10;

fn worlds() -> impl Iterator<Item = (u64, World)> {
    let strategy = passing_worlds();
    (0..u64::from(share(WORLDS))).map(move |seed| (seed, tree_of(&strategy, 7_000_000 + seed).current()))
}

fn asked(engine: &Engine, question: &Value) -> Result<Value, Vec<String>> {
    match wire::quote(engine, &node(question.clone())) {
        Ok(text) => Ok(serde_json::from_str(&text).unwrap()),
        Err(faults) => {
            let mut codes: Vec<String> =
                faults.to_string().lines().map(|line| line.split(' ').next().unwrap_or_default().to_owned()).collect();
            codes.sort();
            // Of things of one name the later ones are at fault, so how often depends on the order.
            codes.dedup();
            Err(codes)
        }
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn amount(value: &Value) -> Decimal {
    value.as_str().map_or(Decimal::ZERO, |text| text.parse::<Number>().unwrap_or_else(|_| panic!("{text}")).0)
}

fn sum<'a>(values: impl IntoIterator<Item = &'a Value>) -> Decimal {
    values.into_iter().map(amount).sum()
}

/// A text that is a zero with a minus before it.
fn minus_zero(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => text.strip_prefix('-').filter(|rest| rest.bytes().all(|b| matches!(b, b'0' | b'.'))).map(|_| text.as_str()),
        Value::Array(list) => list.iter().find_map(minus_zero),
        Value::Object(map) => map.values().find_map(minus_zero),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

#[test]
fn every_answer_adds_up() {
    let mut seen = [0_u64; 8];
    for (seed, world) in worlds() {
        let question = world.question();
        let Ok(quote) = asked(&world.engine(), &question) else { continue };
        let place = || format!("world {seed}\n{}\n{quote:#}", world.shown());
        let mut totals = [Decimal::ZERO; 4];
        for line in list(&quote["lines"]) {
            let (net, all) = (amount(&line["net"]), amount(&line["list"]));
            let steps = sum(list(&line["adjustments"]).iter().map(|step| &step["amount"]));
            assert!(list(&line["adjustments"]).iter().all(|step| amount(&step["amount"]) > Decimal::ZERO), "{}", place());
            assert!(all.sub(steps) == net && Decimal::ZERO <= net && net <= all, "{}: {}", line["id"], place());
            let portions = list(&line["price"]["portions"]);
            assert!(portions.is_empty() || sum(portions.iter().map(|portion| &portion["list"])) == all, "{}: {}", line["id"], place());
            let units = list(&line["units"]);
            let of = |key: &str| units.iter().map(|row| Decimal::from(row["count"].as_u64().unwrap()) * amount(&row[key])).sum::<Decimal>();
            assert!(units.is_empty() || [of("list"), of("discount"), of("net")] == [all, steps, net], "{}: {}", line["id"], place());
            let tax = &line["tax"];
            let [base, part, gross] = ["base", "tax", "gross"].map(|key| amount(&tax[key]));
            assert!(base + part == gross && part >= Decimal::ZERO && base >= Decimal::ZERO, "{}: {}", line["id"], place());
            totals = [totals[0] + all, totals[1] + steps, totals[2] + net, totals[3] + gross];
            seen[0] += u64::from(!portions.is_empty());
            seen[1] += u64::from(units.is_empty() && net > Decimal::ZERO);
            seen[2] += u64::from(tax.is_object());
            seen[3] += u64::from(line["unit"].is_string() && line["quantity"] != line["base_quantity"]);
            seen[4] += u64::from(!list(&line["price"]["bands"]).is_empty());
        }
        let said = &quote["totals"];
        assert_eq!(totals[..3], ["list", "discount", "net"].map(|key| amount(&said[key])), "{}", place());
        let freight = list(&quote["freight"]);
        let charged = |line: &Value| if line["net"].is_null() { amount(&line["charge"]) } else { amount(&line["net"]) };
        let charges: Decimal = freight.iter().map(charged).sum();
        assert_eq!(charges, amount(&said["freight"]), "{}", place());
        let taxed = said["tax"].is_object();
        let tax = ["base", "tax", "gross"].map(|key| sum(list(&quote["lines"]).iter().chain(freight).map(|line| &line["tax"][key])));
        assert!(!taxed || tax == ["base", "tax", "gross"].map(|key| amount(&said["tax"][key])), "{}", place());
        // Lots that the invoice shows as a discount lower the taxed amount and are redeemed too.
        let discounts = || list(&question["dealer"]["lots"]).iter().filter(|lot| lot["invoice_treatment"] == "discount");
        let lots = list(&quote["redemption"]["lots"]).iter().filter(|lot| discounts().any(|held| held["id"] == lot["id"]));
        let invoiced: Decimal = lots.map(|lot| amount(&lot["used"])).sum();
        let due = if taxed { tax[2] + invoiced } else { totals[2] + charges };
        assert_eq!(due - amount(&said["redeemed"]), amount(&said["payable"]), "{}", place());
        assert_eq!(minus_zero(&quote), None, "{}", place());
        for rebate in list(&quote["rebates"]) {
            let shares = list(&rebate["shares"]);
            let [before, after, delta] = ["before", "after", "delta"].map(|key| amount(&rebate[key]));
            assert_eq!(after - before, delta, "{}", place());
            assert!(shares.is_empty() || sum(shares.iter().map(|share| &share["amount"])) == delta, "{}", place());
        }
        seen[5] += u64::from(charges > Decimal::ZERO);
        seen[6] += u64::from(quote["transition"].is_object());
        seen[7] += u64::from(!list(&quote["approved"]).is_empty());
    }
    let least = u64::from(share(WORLDS)) * LEAST / u64::from(WORLDS);
    assert!(seen.iter().all(|seen| *seen >= least), "{seen:?}");
}

/// Every list of an order and of facts in another order, but those whose order is what they say.
fn turned(value: &mut Value, random: &mut Random) {
    match value {
        Value::Array(list) => {
            list.iter_mut().for_each(|item| turned(item, random));
            random.shuffle(list);
        }
        Value::Object(map) => map.values_mut().for_each(|value| turned(value, random)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn the_order_of_what_is_asked_and_written_changes_nothing() {
    for (seed, world) in worlds() {
        let shuffled = world.shuffled(seed);
        assert_eq!(world.bundle().hash(), shuffled.bundle().hash(), "world {seed}");
        let mut question = world.question();
        let quote = asked(&world.engine(), &question);
        turned(&mut question, &mut Random(seed + 1));
        let other = asked(&shuffled.engine(), &question);
        let place = || format!("world {seed}\n{}\n{question}", world.shown());
        let (mut quote, mut other) = match (quote, other) {
            (Ok(quote), Ok(other)) => (quote, other),
            (quote, other) => {
                assert_eq!(quote, other, "{}", place());
                continue;
            }
        };
        for answer in [&mut quote, &mut other] {
            for (key, id) in [("lines", "id"), ("coupons", "code")] {
                if let Some(list) = answer[key].as_array_mut() {
                    list.sort_by_key(|item| item[id].to_string());
                }
            }
            if let Some(lines) = answer["transition"]["lines"].as_array_mut() {
                lines.sort_by_key(|line| line["line"].to_string());
            }
        }
        assert_eq!(quote, other, "{}", place());
    }
}

/// A question and its answer.
type Door = fn(&Engine, &Node) -> Result<String, Faults>;

/// Hints hold where there is everything there is, and whatever is asked of a slice or of what is written in another order is answered in the same bytes.
#[test]
fn hints_hold_and_a_slice_says_what_the_whole_says() {
    let doors: [(&str, Door); 5] = [
        ("quote", wire::quote),
        ("explain", wire::explain),
        ("catalog", wire::catalog),
        ("hints", wire::hints),
        ("alternatives", wire::alternatives),
    ];
    let mut hinted = 0;
    for (seed, mut world) in worlds().take(share(HINTED) as usize) {
        world.extras.aliases.0 = 0;
        let mut question = world.question();
        for line in question["order"]["lines"].as_array_mut().unwrap() {
            if line["unit"].is_null() {
                line["unit"] = json!(BASE);
            }
        }
        let engine = Rc::new(world.engine());
        if asked(&engine, &question).is_err() {
            continue;
        }
        hinted += hints::held(&engine, &question).len() as u64;
        let slice = wire::slice(&engine, &node(json!({ "dealer": question["dealer"] }))).unwrap();
        let slice = Engine::load(slice.bytes()).unwrap();
        let shuffled = world.shuffled(seed).engine();
        for (name, door) in doors {
            let input = match name {
                "catalog" => json!({ "dealer": question["dealer"], "now": question["now"] }),
                "explain" => {
                    let mut question = question.clone();
                    question["language"] = json!("en");
                    question
                }
                _ => question.clone(),
            };
            let whole = door(&engine, &node(input.clone())).map_err(|faults| faults.to_string());
            for (other, engine) in [("a slice", &slice), ("another order", &shuffled)] {
                let answer = door(engine, &node(input.clone())).map_err(|faults| faults.to_string());
                assert!(whole == answer, "world {seed}: {name} of {other}\n{}\n{whole:?}\n{answer:?}", world.shown());
            }
        }
    }
    let least = u64::from(share(HINTED)) / 20;
    // Those of several lines are too rare here: `hints::a_combo_is_completed_with_the_fewest_units` has worlds of its own for them.
    assert!(hinted >= least, "{hinted} hints");
}

/// Promotions that nobody here can have: of others, over, behind a code, of a product that is not ordered.
const OF_OTHERS: &str = "
  - { id: zz-dealer, when: { dealer: { id: nobody } }, get: { percent: 90 }, priority: 99 }
  - { id: zz-over, valid: 2026-01-01 .. 2026-01-02, get: { percent: 90 }, priority: 99 }
  - { id: zz-code, coupon: NOBODY-HAS-THIS, get: { percent: 90 }, priority: 99 }
  - { id: zz-source, when: { order: { source: nowhere } }, stage: set, get: { percent: 90 }, priority: 99 }
";

#[test]
fn a_promotion_that_is_not_open_changes_nothing() {
    for (seed, world) in worlds().take(share(HINTED) as usize) {
        let mut files = world.files();
        let policy = files.iter_mut().find(|(name, _)| name == "policy.yaml").unwrap();
        let text = String::from_utf8(std::mem::take(&mut policy.1)).unwrap();
        let (before, after) = text.split_once("\npromotions:\n").unwrap_or((&text, ""));
        policy.1 = format!("{before}\npromotions:{OF_OTHERS}{after}").into_bytes();
        let mut imported = qudao::import::files(files);
        let checked = qudao::check::check(imported.policy, &imported.sources, &mut imported.diagnostics);
        let checked = checked.unwrap_or_else(|| panic!("world {seed}: {:#?}", imported.diagnostics.found));
        let more = Engine::load(qudao::compile::compile(&checked).bytes()).unwrap();
        let question = world.question();
        let answers = [world.engine(), more].map(|engine| {
            asked(&engine, &question).map(|mut quote| {
                // The hashes cover the bundle, too.
                quote.as_object_mut().unwrap().retain(|key, _| !key.contains("hash") && key != "bundle");
                quote
            })
        });
        assert_eq!(answers[0], answers[1], "world {seed}\n{}", world.shown());
    }
}
