//! Hints: worked figures, and the law that applying a hint gives what it says, whoever asks and in whatever order.

use crate::asked::{asked, engine};
use crate::case::{self, Case};
use crate::laws::{cases, cents};
use crate::random::Random;
use crate::world::{Offer, World, node, worlds};
use proptest::prelude::*;
use qudao::diagnostic::Diagnostics;
use qudao::import::tree::{Tree, Value as Written};
use qudao::session::Session;
use qudao::wire::{self, Node};
use qudao::{Engine, check, compile, import, limit, policy_test};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::rc::Rc;

#[test]
fn every_hint_of_a_case_is_as_expected() {
    let cases = case::all("answers", &["case", "says", "source", "files", "tests"]);
    let wrong: Vec<String> = cases.iter().flat_map(differences).collect();
    assert!(wrong.is_empty() && !cases.is_empty(), "{} differences\n{}", wrong.len(), wrong.join("\n"));
}

/// Every kind is shown by some case, with its sentence in both languages.
#[test]
fn every_kind_has_a_case() {
    let mut kinds: Vec<String> = Vec::new();
    for case in case::all("answers", &["case", "says", "source", "files", "tests"]) {
        for test in case.tree.get("tests").map_or(&[][..], Tree::items) {
            let hints = test.get("expect").and_then(|expect| expect.get("hints")).map_or(&[][..], Tree::items);
            let said = |hint: &&Tree| ["zh", "en"].iter().all(|language| hint.get(language).is_some());
            kinds.extend(hints.iter().filter(said).filter_map(|hint| hint.get("kind")?.text()).map(str::to_owned));
        }
    }
    for kind in ["decline", "coupon", "cliff", "set_slot", "quantity", "amount", "skus", "rebate_tier"] {
        assert!(kinds.iter().any(|known| known == kind), "{kind} has no case with both sentences");
    }
}

fn differences(case: &Case) -> Vec<String> {
    let engine = Rc::new(engine(case));
    let mut wrong = Vec::new();
    for (test, mut question) in asked(case, &["coupons"]) {
        let place = format!("{}: {}", case.name, test.name);
        let [zh, en] = ["zh", "en"].map(|language| {
            question["language"] = json!(language);
            let text = wire::hints(&engine, &node(question.clone())).unwrap_or_else(|faults| panic!("{place}: {faults}"));
            serde_json::from_str::<Value>(&text).unwrap()
        });
        question.as_object_mut().unwrap().remove("language");
        held(&engine, &question);
        for entry in test.expect.entries() {
            if entry.key != "hints" {
                compare(&entry.tree, &zh[&entry.key], &format!("{place}: {}", entry.key), &mut wrong);
                continue;
            }
            let found = zh["hints"].as_array().unwrap();
            if entry.tree.items().len() != found.len() {
                wrong.push(format!("{place}: {} hints, found {}", entry.tree.items().len(), zh["hints"]));
                continue;
            }
            for (at, expected) in entry.tree.items().iter().enumerate() {
                for field in expected.entries() {
                    let path = format!("{place}: hints[{at}].{}", field.key);
                    match field.key.as_str() {
                        "zh" => compare(&field.tree, &found[at]["text"], &path, &mut wrong),
                        "en" => compare(&field.tree, &en["hints"][at]["text"], &path, &mut wrong),
                        key => compare(&field.tree, &found[at][key], &path, &mut wrong),
                    }
                }
            }
        }
    }
    wrong
}

pub fn compare(expected: &Tree, found: &Value, path: &str, wrong: &mut Vec<String>) {
    match &expected.value {
        Written::Map(entries) => {
            entries.iter().for_each(|entry| compare(&entry.tree, &found[&entry.key], &format!("{path}.{}", entry.key), wrong))
        }
        Written::List(items) => {
            let count = found.as_array().map_or(0, Vec::len);
            if items.len() != count {
                wrong.push(format!("{path}: expected {} items, found {found}", items.len()));
            }
            items.iter().enumerate().for_each(|(at, item)| compare(item, &found[at], &format!("{path}[{at}]"), wrong));
        }
        _ => {
            let plain = found.as_str().map_or_else(|| found.to_string(), str::to_owned);
            if expected.text().map_or("null", |text| text) != plain {
                wrong.push(format!("{path}: expected {:?}, found {plain}", expected.text()));
            }
        }
    }
}

pub struct Plain<'a>(pub &'a Node);

impl serde::Serialize for Plain<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        match self.0 {
            Node::Null => serializer.serialize_unit(),
            Node::Bool(value) => serializer.serialize_bool(*value),
            Node::Int(value) => serializer.serialize_i64(*value),
            Node::Fraction(text) | Node::Text(text) => serializer.serialize_str(text),
            Node::List(list) => serializer.collect_seq(list.iter().map(Plain)),
            Node::Map(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                for (key, value) in entries {
                    map.serialize_entry(key, &Plain(value))?;
                }
                map.end()
            }
            Node::Rows(_) => unreachable!("only JavaScript packs lines"),
        }
    }
}

/// Asks for hints, applies each, and compares every figure; returns the hints.
pub fn held(engine: &Rc<Engine>, question: &Value) -> Vec<Value> {
    let hints: Value = serde_json::from_str(&wire::hints(engine, &node(question.clone())).expect("sound input")).unwrap();
    let mut asked = question.clone();
    asked.as_object_mut().unwrap().remove("coupons");
    let quoted = |question: &Value| -> Value { serde_json::from_str(&wire::quote(engine, &node(question.clone())).unwrap()).unwrap() };
    let now = quoted(&asked);
    let list = |key: &str| hints[key].as_array().unwrap().iter();
    // The way to a tier that is shown is the hint.
    let told = |way: &Value| {
        list("hints")
            .all(|hint| hint["kind"] != way["kind"] || hint["program"] != way["program"] || cents(&way["outlay"]) <= cents(&hint["outlay"]))
    };
    assert!(list("tiers").all(told), "{hints}");
    for (hint, must_show) in list("hints").map(|hint| (hint, true)).chain(list("tiers").chain(list("packs")).map(|way| (way, false))) {
        let then = quoted(&applied(&asked, &hint["change"]));
        assert_eq!(then["totals"], hint["totals"], "{hint}");
        let figure = |key: &str, of: &dyn Fn(&Value) -> i64| assert_eq!(of(&then) - of(&now), cents(&hint[key]), "{key} of {hint}");
        let total = |key: &'static str| move |quote: &Value| cents(&quote["totals"][key]);
        figure("outlay", &|quote| total("payable")(quote) + total("redeemed")(quote));
        let freight = |quote: &Value| quote["totals"].get("freight_discount").map_or(0, cents);
        figure("saving", &|quote| total("discount")(quote) + freight(quote));
        figure("gift_value", &total("gift_value"));
        figure("list", &total("list"));
        let rebate = |quote: &Value| -> i64 { quote["rebates"].as_array().unwrap().iter().map(|rebate| cents(&rebate["delta"])).sum() };
        figure("rebate", &rebate);
        let of = |quote: &Value, program: &Value| -> i64 {
            quote["rebates"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|rebate| rebate["program"] == *program)
                .map(|rebate| cents(&rebate["delta"]))
                .sum()
        };
        let own = hint["rebates"].as_array().unwrap();
        assert!(own.iter().all(|one| of(&then, &one["program"]) - of(&now, &one["program"]) == cents(&one["amount"])), "{hint}");
        assert_eq!(own.iter().map(|one| cents(&one["amount"])).sum::<i64>(), cents(&hint["rebate"]), "{hint}");
        let worth = |quote: &Value| i128::from(total("discount")(quote) + freight(quote) + total("gift_value")(quote) + rebate(quote));
        let benefit = worth(&then) - worth(&now);
        assert_eq!(benefit, i128::from(cents(&hint["benefit"])));
        let (list, more) = (i128::from(total("list")(&now)), i128::from(cents(&hint["list"])));
        let shown = if list == 0 { benefit > 0 } else { benefit * list > worth(&now) * more };
        assert!(!must_show || shown || cents(&hint["outlay"]) < 0, "{hint} of {now}");
        // What it leads to passes as well as what there is.
        let grave = |quote: &Value| quote["guards"].as_array().unwrap().iter().filter(|guard| guard["severity"] != "info").count();
        assert!(grave(&then) <= grave(&now), "{hint}: {}", then["guards"]);
        for line in raised(hint) {
            let fine = |guard: &Value| guard["severity"] == "info" || guard["line"] != line["line"];
            assert!(then["guards"].as_array().unwrap().iter().all(fine), "{hint}: {}", then["guards"]);
        }
    }
    hints["hints"].as_array().unwrap().clone()
}

/// The lines of a hint that get more.
fn raised(hint: &Value) -> &[Value] {
    hint["change"]["lines"].as_array().map_or(&[], Vec::as_slice)
}

/// The question with a change.
fn applied(question: &Value, change: &Value) -> Value {
    let mut question = question.clone();
    let order = question["order"].as_object_mut().unwrap();
    if let Some(code) = change.get("coupon") {
        order.entry("coupons").or_insert(json!([])).as_array_mut().unwrap().push(code.clone());
    } else if let Some(id) = change.get("decline") {
        order.entry("decline").or_insert(json!([])).as_array_mut().unwrap().push(id.clone());
    } else {
        let lines = order["lines"].as_array_mut().unwrap();
        for raised in change["lines"].as_array().unwrap() {
            raise(lines, raised);
        }
    }
    question
}

/// One line of an order with what it has in a change.
fn raise(lines: &mut Vec<Value>, raised: &Value) {
    // Lines without an id have that of their SKU and unit; those without a unit are in the product's own, whatever that is.
    let (id, sku) = (raised["line"].as_str().unwrap(), &raised["sku"]);
    let own = |line: &Value| match line.get("id").and_then(Value::as_str) {
        Some(known) => known == id,
        None => match line.get("unit").and_then(Value::as_str) {
            Some(unit) => format!("{}|{unit}", line["sku"].as_str().unwrap()) == id,
            None => line["sku"] == *sku && id == format!("{}|{}", sku.as_str().unwrap(), raised["unit"].as_str().unwrap()),
        },
    };
    // A line that is there already keeps whatever else it says.
    let new = json!({ "id": id, "sku": sku, "unit": raised["unit"] });
    let mut line = lines.iter().find(|line| own(line)).cloned().unwrap_or(new);
    line["quantity"] = raised["quantity"].clone();
    lines.retain(|line| !own(line));
    lines.push(line);
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn applying_a_hint_gives_its_figures(world in worlds(), seed in any::<u64>()) {
        let engine = Rc::new(world.engine());
        let question = world.question();
        held(&engine, &question);
        let ask = |engine: &Engine, question: &Value| wire::hints(engine, &node(question.clone())).unwrap();
        let hints = ask(&engine, &question);
        // Neither the order of anything nor what a slice leaves out changes a byte.
        let shuffled = world.shuffled(seed);
        prop_assert_eq!(&hints, &ask(&shuffled.engine(), &shuffled.question()));
        let slice = wire::slice(&engine, &node(json!({ "dealer": question["dealer"] }))).unwrap();
        prop_assert_eq!(&hints, &ask(&Engine::load(slice.bytes()).unwrap(), &question));
    }

    /// A hint of combos makes one more of them, and nothing that it adds could stay away.
    #[test]
    fn a_combo_is_completed_with_the_fewest_units(world in worlds()) {
        let engine = Rc::new(world.engine());
        let question = world.question();
        let made = |question: &Value, promotion: &Value| -> Option<i64> {
            let quote: Value = serde_json::from_str(&wire::quote(&engine, &node(question.clone())).unwrap()).unwrap();
            let rule = quote["rules"].as_array().unwrap().iter().find(|rule| rule["rule"] == *promotion)?;
            Some(if rule["outcome"] == "applied" { rule["times"].as_i64().unwrap() } else { 0 })
        };
        let hints: Value = serde_json::from_str(&wire::hints(&engine, &node(question.clone())).unwrap()).unwrap();
        for hint in hints["hints"].as_array().unwrap().iter().filter(|hint| hint["kind"] == "set_slot") {
            let now = made(&question, &hint["promotion"]).unwrap();
            prop_assert!(made(&applied(&question, &hint["change"]), &hint["promotion"]) > Some(now), "{}", hint);
            for at in 0..raised(hint).len() {
                let mut fewer = hint["change"].clone();
                let quantity: i64 = fewer["lines"][at]["quantity"].as_str().unwrap().parse().unwrap();
                let step = world.products.iter().enumerate().find(|(index, _)| fewer["lines"][at]["sku"] == World::sku(*index));
                if quantity > 1 && step.is_some_and(|(_, product)| product.multiple.is_none() && product.min_quantity.is_none()) {
                    fewer["lines"][at]["quantity"] = json!((quantity - 1).to_string());
                    prop_assert!(made(&applied(&question, &fewer), &hint["promotion"]).unwrap_or(0) <= now, "{} of {}", fewer, hint);
                }
            }
        }
    }

    #[test]
    fn a_cart_has_the_hints_of_its_order(world in worlds(), lines in prop::collection::vec((0usize..6, 1i64..20), 1..6)) {
        let engine = Rc::new(world.engine());
        let mut session = Session::open(engine.clone(), &world.session_input()).unwrap();
        session.enter(&world.entries()).unwrap();
        let mut cart: Vec<(usize, i64)> = Vec::new();
        for (product, quantity) in lines {
            let product = product % world.products.len();
            cart.retain(|(known, _)| *known != product);
            cart.push((product, quantity));
            session.set(&World::sku(product), &Node::Int(quantity)).unwrap();
        }
        prop_assert_eq!(session.hints(&node(json!({}))), wire::hints(&engine, &world.input(&cart)));
    }
}

/// What prices do as more is ordered.
#[derive(Clone, Copy)]
enum Scale {
    Fall,
    Rise,
}

/// A policy with one product P at a price by quantity, and one promotion that an amount or a quantity of it reaches.
fn scaled(random: &mut Random, scale: Scale) -> Engine {
    let [mut from, mut price] = [0, 30 + random.below(70)];
    let mut rows = "sku,from_quantity,price\n".to_owned();
    for _ in 0..=random.below(4) {
        rows += &format!("P,{from},{price}\n");
        from += 2 + random.below(6);
        price = match scale {
            Scale::Fall => price - 1 - random.below(price / 3),
            Scale::Rise => price + 1 + random.below(price / 3),
        };
    }
    let (amount, quantity) = (200 + random.below(1200), 4 + random.below(20));
    // Parts that must all hold are tried one by one, which finds the least where no amount falls.
    let forms = if matches!(scale, Scale::Rise) { 4 } else { 3 };
    let reach = match random.below(forms) {
        0 => format!("at: {{ amount: {amount} }}"),
        1 => format!("at: {{ quantity: {quantity} }}"),
        2 => format!("if: {{ cart: {{ amount: {amount} }} }}"),
        _ => format!("if: {{ all: [{{ cart: {{ amount: {amount} }} }}, {{ cart: {{ on: {{ sku: P }}, quantity: {quantity} }} }}] }}"),
    };
    let cut = ["", "- { id: cut, stage: line, get: { percent: 15 } }\n", "- { id: cut, stage: line, get: { amount_off: 25 } }\n"]
        [random.index(3)];
    let policy = format!(
        "policy: {{ id: p, version: '1', valid: 2026-01-01 .. 2028-12-31 }}\nproducts: products.csv\n\
         prices: [{{ id: list, by: [sku], table: prices/list.csv }}]\npromotions:\n{cut}- {{ id: full, {reach}, get: {{ amount_off: {} }} }}\n",
        50 + random.below(150)
    );
    let products = format!("sku,unit,multiple\nP,EA,{}\n", 1 + random.below(4));
    let files = [("policy.yaml", policy), ("products.csv", products), ("prices/list.csv", rows)];
    let files = files.map(|(name, text)| (name.to_owned(), text.into_bytes())).into();
    let import::Imported { policy, sources, mut diagnostics, .. } = import::files(files);
    let checked = check::check(policy, &sources, &mut diagnostics).unwrap_or_else(|| panic!("{:?}", diagnostics.found));
    Engine::load(compile::compile(&checked).bytes()).unwrap()
}

/// Hints say the smallest quantity of all that can be ordered with which the promotion is applied, and are silent only where there is none, or it brings too little.
#[test]
fn a_hint_has_the_smallest_quantity_of_brute_force() {
    let mut random = Random(34);
    let [mut told, mut silent, mut on_the_way] = [0; 3];
    let mut wrong: Vec<String> = Vec::new();
    for round in 0..3000 {
        let engine = scaled(&mut random, if round % 3 == 0 { Scale::Rise } else { Scale::Fall });
        let multiple = (1..).find(|quantity| passes(&quote_of(&engine, *quantity))).unwrap();
        let start = multiple * (1 + i64::try_from(random.below(6)).unwrap());
        let now = quote_of(&engine, start);
        let is_applied =
            |quote: &Value| quote["rules"].as_array().unwrap().iter().any(|rule| rule["rule"] == "full" && rule["outcome"] == "applied");
        if is_applied(&now) {
            continue;
        }
        let mut tried: Vec<Value> = Vec::new();
        while !tried.last().is_some_and(is_applied) {
            let more = i64::try_from(tried.len() + 1).unwrap();
            assert!(more < 400, "{now}");
            tried.push(quote_of(&engine, start + more * multiple));
        }
        let (least, then) = (start + i64::try_from(tried.len()).unwrap() * multiple, tried.last().unwrap());
        let hints: Value = serde_json::from_str(&wire::hints(&engine, &scaled_question(start)).unwrap()).unwrap();
        let hints = hints["hints"].as_array().unwrap();
        let [total, was] =
            [then, &now].map(|quote| [&quote["totals"]["list"], &quote["totals"]["discount"], &quote["totals"]["payable"]].map(cents));
        let more = [0, 1, 2].map(|at| total[at] - was[at]);
        let is_shown = more[1] * was[0] > was[1] * more[0] || more[2] < 0;
        let full = hints.iter().find(|hint| hint["promotion"] == "full");
        // A cliff may lead to the same quantity; then it is said first.
        let said = full.or_else(|| hints.iter().find(|hint| hint["kind"] == "cliff"));
        let quantity = said.map(|hint| raised(hint)[0]["quantity"].as_str().unwrap().parse().unwrap());
        if is_shown {
            if quantity != Some(least) {
                wrong.push(format!("{start}: {quantity:?} instead of {least}: {} {hints:?}", now["rules"]));
            }
            told += 1;
        } else {
            assert!(full.is_none(), "{start}: {now}: {hints:?}");
            silent += 1;
        }
        let amounts: Vec<i64> = tried.iter().map(|quote| cents(&quote["totals"]["list"])).collect();
        on_the_way += usize::from(amounts.windows(2).any(|two| two[1] < two[0]));
    }
    assert!(wrong.is_empty(), "{} differences\n{}", wrong.len(), wrong.join("\n"));
    assert!(told > 1000 && silent > 50 && on_the_way > 200, "{told} told, {silent} silent, {on_the_way} where the amount falls on the way");
}

fn scaled_question(quantity: i64) -> Node {
    node(json!({
        "now": "2026-11-21T10:00:00+08:00", "dealer": { "schema": 1, "id": "D1", "as_of": "2026-11-21T08:00:00+08:00" },
        "order": { "schema": 1, "lines": [{ "sku": "P", "quantity": quantity }] },
    }))
}

fn quote_of(engine: &Engine, quantity: i64) -> Value {
    serde_json::from_str(&wire::quote(engine, &scaled_question(quantity)).unwrap()).unwrap()
}

fn passes(quote: &Value) -> bool {
    quote["guards"].as_array().unwrap().is_empty()
}

#[test]
fn every_equal_alternative_of_a_case_is_as_expected() {
    let cases = case::all("equal", &["case", "says", "source", "files", "tests"]);
    assert!(!cases.is_empty());
    let mut wrong = Vec::new();
    for case in &cases {
        let engine = engine(case);
        for test in policy_test::read(&case.tree, |_| None, &mut Diagnostics::default()) {
            let text = wire::alternatives(&engine, &test.input).unwrap_or_else(|faults| panic!("{}: {faults}", case.name));
            compare(&test.expect, &serde_json::from_str(&text).unwrap(), &format!("{}: {}", case.name, test.name), &mut wrong);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

proptest! {
    #![proptest_config(cases(300))]

    /// Whole promotions with plain amounts: the alternatives are the heaviest sets of promotions that share no line, all of them where they are few.
    #[test]
    fn the_alternatives_are_all_the_heaviest_sets(offers in prop::collection::vec((1u8..63, 1i64..4), 1..8)) {
        let world = World::contest(&offers.iter().map(|(mask, off)| Offer { products: *mask, off: *off * 100 }).collect::<Vec<_>>());
        let sets = (0u32..1 << offers.len()).filter_map(|set| {
            let chosen = offers.iter().enumerate().filter(|(index, _)| set >> index & 1 == 1);
            let mut taken = 0u8;
            let mut sum = 0;
            for (_, (mask, off)) in chosen.clone() {
                if taken & mask != 0 {
                    return None;
                }
                taken |= mask;
                sum += off;
            }
            Some((sum, chosen.map(|(index, _)| World::promotion_id(index).to_owned()).collect::<BTreeSet<_>>()))
        });
        let sets: Vec<_> = sets.collect();
        let most = sets.iter().map(|(sum, _)| *sum).max().unwrap();
        let heaviest: BTreeSet<_> = sets.into_iter().filter(|(sum, _)| *sum == most).map(|(_, set)| set).collect();
        let engine = world.engine();
        let question = node(world.question());
        let found: Value = serde_json::from_str(&wire::alternatives(&engine, &question).unwrap()).unwrap();
        let list = found["alternatives"].as_array().unwrap();
        let applied = |one: &Value| one["applied"].as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect::<BTreeSet<_>>();
        let told: BTreeSet<_> = list.iter().map(applied).collect();
        prop_assert_eq!(told.len(), list.len());
        prop_assert!(told.is_subset(&heaviest));
        prop_assert_eq!(told.len(), heaviest.len().min(limit::ALTERNATIVES));
        for one in list {
            let mut question = world.question();
            question["order"]["decline"] = one["decline"].clone();
            let quote: Value = serde_json::from_str(&wire::quote(&engine, &node(question)).unwrap()).unwrap();
            prop_assert_eq!(&quote["totals"], &one["totals"]);
        }
    }

    #[test]
    fn alternatives_are_worth_the_same_whoever_asks(world in worlds(), seed in any::<u64>()) {
        let (engine, question) = (world.engine(), world.question());
        let ask = |engine: &Engine, question: &Value| wire::alternatives(engine, &node(question.clone())).unwrap();
        let text = ask(&engine, &question);
        let shuffled = world.shuffled(seed);
        prop_assert_eq!(&text, &ask(&shuffled.engine(), &shuffled.question()));
        let slice = wire::slice(&engine, &node(json!({ "dealer": question["dealer"] }))).unwrap();
        prop_assert_eq!(&text, &ask(&Engine::load(slice.bytes()).unwrap(), &question));
        let found: Value = serde_json::from_str(&text).unwrap();
        let worth = |one: &Value| cents(&one["totals"]["discount"]) + cents(&one["totals"]["gift_value"]);
        let worths: BTreeSet<i64> = found["alternatives"].as_array().unwrap().iter().map(worth).collect();
        prop_assert_eq!(worths.len(), 1);
    }
}

/// One more pack is priced of the first lines that a program counts.
#[test]
fn one_more_pack_is_told_of_so_many_lines() {
    let policy = "policy: { id: many, version: '1' }\nproducts: p.csv\nprices: [{ id: list, by: [sku], table: l.csv }]\n\
                  programs: [{ id: year, period: year, mode: retroactive, tiers: [{ from: 0, percent: 1 }] }]\n";
    let rows = |row: &str| (0..=limit::HINT_PACKS).map(|at| format!("P{at:02},{row}\n")).collect::<String>();
    let files = [
        ("policy.yaml", policy.to_owned()),
        ("p.csv", format!("sku,unit\n{}", rows("EA"))),
        ("l.csv", format!("sku,price\n{}", rows("9"))),
    ];
    let import::Imported { policy, sources, mut diagnostics, .. } =
        import::files(files.map(|(name, text)| (name.to_owned(), text.into_bytes())).into());
    let checked = check::check(policy, &sources, &mut diagnostics).unwrap_or_else(|| panic!("{:?}", diagnostics.found));
    let engine = Rc::new(Engine::load(compile::compile(&checked).bytes()).unwrap());
    let lines: Vec<Value> = (0..=limit::HINT_PACKS).map(|at| json!({ "sku": format!("P{at:02}"), "quantity": 9 })).collect();
    let question =
        json!({ "order": { "schema": 1, "lines": lines }, "dealer": { "schema": 1, "id": "D", "as_of": 0 }, "now": 1_800_000_000_000_i64 });
    let hints: Value = serde_json::from_str(&wire::hints(&engine, &node(question)).unwrap()).unwrap();
    let packs = hints["packs"].as_array().unwrap();
    assert_eq!((packs.len(), limit::HINT_PACKS + 1), (20, 21));
    assert!(packs.iter().all(|pack| pack["change"]["lines"][0]["sku"] != "P20" && pack["rebate"] == "0.09"));
}

/// As many as anybody reads are given, the best of them.
#[test]
fn at_most_fifty_hints_are_given() {
    let offers: String = (0..=limit::HINTS)
        .map(|at| format!("  - {{ id: p{at:02}, on: {{ sku: P{at:02} }}, at: {{ quantity: 10 }}, get: {{ amount_off: {} }} }}\n", at + 1))
        .collect();
    let policy = format!(
        "policy: {{ id: many, version: '1' }}\nproducts: p.csv\nprices: [{{ id: list, by: [sku], table: l.csv }}]\npromotions:\n{offers}"
    );
    let rows = |row: &str| (0..=limit::HINTS).map(|at| format!("P{at:02},{row}\n")).collect::<String>();
    let files = [("policy.yaml", policy), ("p.csv", format!("sku,unit\n{}", rows("EA"))), ("l.csv", format!("sku,price\n{}", rows("9")))];
    let import::Imported { policy, sources, mut diagnostics, .. } =
        import::files(files.map(|(name, text)| (name.to_owned(), text.into_bytes())).into());
    let checked = check::check(policy, &sources, &mut diagnostics).unwrap_or_else(|| panic!("{:?}", diagnostics.found));
    let engine = Rc::new(Engine::load(compile::compile(&checked).bytes()).unwrap());
    let lines: Vec<Value> = (0..=limit::HINTS).map(|at| json!({ "sku": format!("P{at:02}"), "quantity": 9 })).collect();
    let order = json!({ "schema": 1, "lines": lines });
    let hints = held(&engine, &json!({ "order": order, "dealer": { "schema": 1, "id": "D", "as_of": 0 }, "now": 1_800_000_000_000_i64 }));
    assert_eq!((hints.len(), limit::HINTS + 1), (50, 51));
    // The least of all, 1.00 off for 9.00 more, is the one that is not given.
    assert!(hints.iter().all(|hint| hint["promotion"] != "p00"));
}
