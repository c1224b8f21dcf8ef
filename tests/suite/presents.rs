//! Gifts that compete for stock (`docs/semantics.md` §17.7): the best combination against each of them, and never more than there is.

use crate::laws::share;
use crate::offers::engine;
use crate::random::Random;
use crate::world::node;
use qudao::{Engine, wire};
use serde_json::{Value, json};
use std::fmt::Write;

const GIFTS: [&str; 3] = ["G", "H", "I"];
const LINES: [&str; 3] = ["A", "B", "C"];

fn item(random: &mut Random) -> String {
    format!("{{ sku: {}, quantity: {} }}", GIFTS[random.index(3)], 1 + random.below(3))
}

fn gift(random: &mut Random) -> String {
    let (one, other) = (random.index(3), 1 + random.index(2));
    let (sku, instead) = (GIFTS[one], GIFTS[(one + other) % 3]);
    match random.below(4) {
        0 => item(random),
        1 => format!("{{ from: [{{ sku: {sku} }}, {{ sku: {instead}, quantity: 2 }}] }}"),
        _ => format!("{{ sku: {sku}, quantity: {}, instead: [{{ sku: {instead} }}] }}", 1 + random.below(2)),
    }
}

/// Promotions of two groups, most of them with gifts.
fn policy(random: &mut Random, offers: usize) -> String {
    let mut text = String::from("policy: { id: p, version: '1' }\nproducts: p.csv\nprices: [{ id: list, by: [sku], table: l.csv }]\n");
    text += "groups: [{ id: x, mode: best }, { id: y, mode: best }]\npromotions:\n";
    for offer in 0..offers {
        let on = LINES.iter().filter(|_| random.below(2) == 0).copied().collect::<Vec<_>>();
        let on = if on.is_empty() { "A".to_owned() } else { on.join(", ") };
        let get = if random.below(4) == 0 { format!("amount_off: {}", 5 + random.below(60)) } else { format!("gift: {}", gift(random)) };
        let group = if random.below(3) == 0 { "y" } else { "x" };
        let _ = writeln!(text, "- {{ id: p{offer}, on: {{ sku: [{on}] }}, group: {group}, at: {{ quantity: 1 }}, get: {{ {get} }} }}");
    }
    text
}

fn quote(engine: &Engine, question: &Value, declined: Vec<String>) -> Value {
    let mut question = question.clone();
    question["order"]["decline"] = json!(declined);
    serde_json::from_str(&wire::quote(engine, &node(question)).expect("an answer")).unwrap()
}

fn cents(amount: &Value) -> i64 {
    amount.as_str().unwrap().replace('.', "").parse().unwrap()
}

fn worth(quote: &Value) -> i64 {
    cents(&quote["totals"]["discount"]) + cents(&quote["totals"]["gift_value"])
}

#[test]
fn gifts_that_share_stock_are_given_in_the_best_way() {
    let mut random = Random(17);
    let (mut scarce, instances) = (0, share(300));
    for _ in 0..instances {
        let offers = 3 + random.index(4);
        let text = policy(&mut random, offers);
        let tables = [
            ("policy.yaml", text.as_str()),
            ("p.csv", "sku,unit\nA,EA\nB,EA\nC,EA\nG,EA\nH,EA\nI,EA\n"),
            ("l.csv", "sku,price\nA,100\nB,90\nC,80\nG,50\nH,30\nI,20\n"),
        ];
        let engine = engine(tables.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).into());
        let stock: Vec<Value> = GIFTS.iter().map(|sku| json!({ "sku": sku, "available": random.below(5) })).collect();
        let lines = LINES.map(|sku| json!({ "sku": sku, "quantity": 1 }));
        let own = random.below(2);
        let lines: Vec<Value> = lines.into_iter().chain((own > 0).then(|| json!({ "sku": "G", "quantity": 1 }))).collect();
        let question = json!({ "order": { "schema": 1, "lines": lines }, "now": "2026-11-21T10:00:00+08:00",
            "dealer": { "schema": 1, "id": "D1", "as_of": "2026-11-21T09:00:00+08:00", "stock": stock } });
        let best = quote(&engine, &question, Vec::new());
        assert_eq!(best["combination"]["proof"], "optimal", "{text}");
        for (sku, stock) in GIFTS.iter().zip(&stock) {
            let given = best["gifts"].as_array().unwrap().iter().filter(|gift| gift["sku"] == **sku);
            let given: u64 = given.map(|gift| gift["quantity"].as_str().unwrap().parse::<u64>().unwrap()).sum();
            let left = stock["available"].as_u64().unwrap().saturating_sub(if *sku == "G" { own } else { 0 });
            assert!(given <= left, "{given} of {left} {sku}: {text}\n{question}");
        }
        // Every combination is what is left when the others are declined.
        let others = |chosen: u32| (0..offers).filter(|offer| chosen >> offer & 1 == 0).map(|offer| format!("p{offer}")).collect();
        let most = (0..1 << offers).map(|chosen: u32| worth(&quote(&engine, &question, others(chosen)))).max().unwrap();
        assert_eq!(worth(&best), most, "{text}\n{question}");
        let mut plenty = question.clone();
        plenty["dealer"]["stock"] = json!([]);
        scarce += u32::from(worth(&quote(&engine, &plenty, Vec::new())) > most);
    }
    println!("{scarce} of {instances} orders would get more if there were more to give");
    assert!(scarce * 4 >= instances, "{scarce} of {instances}");
}
