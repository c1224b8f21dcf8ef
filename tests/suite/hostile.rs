//! Policies that ask for more work than any honest one. Mutated policies, orders and bundles are the fuzzers' work, `cargo xtask fuzz`.

use qudao::{Engine, check, compile, import, wire};

#[test]
fn thousands_of_rivals_are_searched_within_the_budget() {
    let rivals = 3_000;
    let promotions: String =
        (1..=rivals).map(|off| format!("  - {{ id: r{off}, at: {{ quantity: 1 }}, get: {{ amount_off: {off} }}, group: g }}\n")).collect();
    let policy = format!(
        "policy: {{ id: rivals, version: '1', valid: 2026-01-01 .. 2026-12-31 }}\nproducts: p.csv\nprices: [{{ id: list, by: [sku], table: l.csv }}]\n\
         groups: [{{ id: g, mode: best }}]\npromotions:\n{promotions}"
    );
    let files = [("policy.yaml", policy.as_str()), ("p.csv", "sku,unit\nP,EA\n"), ("l.csv", "sku,price\nP,1000000\n")];
    let mut imported = import::files(files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).into());
    let checked = check::check(imported.policy, &imported.sources, &mut imported.diagnostics).expect("the policy is sound");
    let engine = Engine::load(compile::compile(&checked).bytes()).unwrap();
    let question = serde_json::json!({
        "order": { "schema": 1, "lines": [{ "sku": "P", "quantity": 1 }] },
        "dealer": { "schema": 1, "id": "D", "as_of": 0 },
        "now": "2026-06-01T00:00:00+08:00",
    });
    let quote = wire::quote(&engine, &serde_json::from_value(question).unwrap()).unwrap();
    let quote: serde_json::Value = serde_json::from_str(&quote).unwrap();
    assert_eq!(quote["totals"]["discount"], format!("{rivals}.00"));
    assert_eq!(quote["combination"]["proof"], "optimal");
    assert!(quote["combination"]["steps"].as_u64().is_some_and(|steps| steps < 10_000), "{}", quote["combination"]);
}
