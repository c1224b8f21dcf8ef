//! A session against fresh quotes: after every change of a cart, in worlds of every kind, the same bytes.

use crate::differential::tree_of;
use crate::offers::engine;
use crate::world::{World, node, passing_worlds};
use proptest::strategy::ValueTree;
use qudao::session::Session;
use qudao::wire;
use serde_json::{Value, json};
use std::rc::Rc;

/// Worlds of one run.
const WORLDS: u64 = 400;
/// Changes of each cart.
const CHANGES: u64 = 14;

#[test]
fn after_every_change_a_session_is_a_fresh_quote() {
    let worlds = std::env::var("QUDAO_WORLDS").map_or(WORLDS, |count| count.parse().expect("QUDAO_WORLDS"));
    let strategy = passing_worlds();
    let mut answered = 0;
    for seed in 0..worlds {
        answered += edited(&tree_of(&strategy, seed).current(), seed);
    }
    assert!(answered > worlds * CHANGES / 2, "only {answered} carts had an answer");
}

/// An exclusive promotion comes in and keeps out what took something off a line that nobody touches: what skips discounted lines may have it now.
#[test]
fn what_is_kept_out_takes_its_discount_along() {
    let policy = "policy: { id: out, version: '1' }\nproducts: p.csv\nprices: [{ id: list, by: [sku], table: l.csv }]\n\
        groups: [{ id: solo, mode: exclusive }, { id: late, mode: always }]\npromotions:\n\
        - { id: solo, on: { sku: B }, at: { quantity: 5 }, get: { amount_off: 1 }, group: solo }\n\
        - { id: cut, on: { sku: A }, get: { percent: 10 } }\n\
        - { id: late, get: { per_unit_off: 5 }, discounted_lines: skip, group: late }\n";
    let files = [("policy.yaml", policy), ("p.csv", "sku,unit\nA,EA\nB,EA\n"), ("l.csv", "sku,price\nA,100\nB,10\n")];
    let engine = Rc::new(engine(files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).into()));
    let opening = json!({ "dealer": { "schema": 1, "id": "D", "as_of": 0 }, "now": 1_800_000_000_000_i64 });
    let mut session = Session::open(Rc::clone(&engine), &node(opening)).expect("a cart");
    for (sku, quantity, payable) in [("A", 1, "90.00"), ("B", 4, "110.00"), ("B", 5, "144.00"), ("B", 4, "110.00")] {
        session.set(sku, &wire::Node::Int(quantity)).expect("a quantity");
        let totals: Value = serde_json::from_str(&session.totals().expect("totals")).expect("JSON");
        assert_eq!(totals["payable"], payable, "{quantity} of {sku}");
    }
}

/// Fills a cart with the order, then changes it again and again; returns how many of the carts had an answer.
fn edited(world: &World, seed: u64) -> u64 {
    let engine = Rc::new(world.engine());
    let question = world.question();
    let mut opening = question.clone();
    let order = opening.as_object_mut().expect("a question").remove("order").expect("an order");
    for key in ["source", "ship_to", "deliver", "delivery", "fulfilled_by", "attributes"] {
        if let Some(value) = order.get(key) {
            opening[key] = value.clone();
        }
    }
    let Ok(mut session) = Session::open(Rc::clone(&engine), &node(opening)) else { return 0 };
    let lines: Vec<&Value> = question["order"]["lines"].as_array().expect("lines").iter().collect();
    for line in &lines {
        let unit = line["unit"].as_str().unwrap_or_default();
        // What an order may name and a cart may not stays out.
        let _ = session.set_in(line["sku"].as_str().expect("a SKU"), unit, &node(line["quantity"].clone()));
    }
    let mut random = seed;
    let mut next = |below: u64| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % below
    };
    let mut answered = 0;
    for change in 0..CHANGES {
        let product = usize::try_from(next(world.products.len() as u64)).expect("a product");
        let unit = lines.iter().find(|line| line["sku"] == World::sku(product)).and_then(|line| line["unit"].as_str()).unwrap_or_default();
        match (change, next(6)) {
            (5, _) => session.enter(&world.entries()).expect("entries"),
            (_, 0) => drop(session.set_in(&World::sku(product), unit, &wire::Node::Int(0))),
            (_, 1) => drop(session.set(&World::sku(product), &wire::Node::Int(1))),
            (_, much) => drop(session.set_in(&World::sku(product), unit, &node(json!(1 + next(much * 12))))),
        }
        let mut input = question.clone();
        let order: Value = serde_json::from_str(&session.order()).expect("an order");
        for (key, value) in order.as_object().expect("an order") {
            input["order"][key] = value.clone();
        }
        for key in ["coupons", "gifts", "decline", "redeem"] {
            if order.get(key).is_none() {
                input["order"].as_object_mut().expect("an order").remove(key);
            }
        }
        let fresh = wire::quote(&engine, &node(input));
        let totals = session.totals();
        let kept = session.quote();
        assert!(kept == fresh, "world {seed}, change {change}\n{}\n{}\n{}", apart(&kept, &fresh), session.order(), world.shown());
        assert_eq!(totals.is_ok(), fresh.is_ok());
        answered += u64::from(fresh.is_ok());
    }
    answered
}

/// Where two answers part.
fn apart(kept: &Result<String, wire::Faults>, fresh: &Result<String, wire::Faults>) -> String {
    let (Ok(kept), Ok(fresh)) = (kept, fresh) else { return format!("{kept:?}\n{fresh:?}") };
    let at = kept.bytes().zip(fresh.bytes()).take_while(|(a, b)| a == b).count();
    let part = |text: &str| text.chars().skip(text[..at.min(text.len())].chars().count().saturating_sub(200)).take(500).collect::<String>();
    format!("kept:  {}\nfresh: {}", part(kept), part(fresh))
}
