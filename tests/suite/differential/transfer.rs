//! Transfers of lots against their slow twin: random dealers, lots and transfers, most of them nearly sound; and the sum of all lots stays.

use super::at_most;
use crate::random::Random;
use crate::slow::decimal;
use crate::slow::exact::Exact;
use crate::slow::transfer::{self as slow, Row, Rule};
use qudao::facts::DealerFacts;
use qudao::settle::lot_json;
use qudao::time::Instant;
use qudao::transfer::{Book, Examined};
use qudao::wire::{self, Node};
use qudao::{Engine, check, compile, import, policy};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const WORLDS: u64 = 2_000;
const CODES: [&str; 14] = [
    "CELLS",
    "ID_INVALID",
    "ID_DUPLICATE",
    "TRANSFER_CLOSED",
    "DEALER_UNKNOWN",
    "DEALER_SAME",
    "LOT_UNKNOWN",
    "GROUP_OTHER",
    "LOT_RECEIVED",
    "LOT_FROZEN",
    "LOT_EXPIRED",
    "LOT_ENDS_SOON",
    "BALANCE_SHORT",
    "LOT_WHOLE",
];
const AT: i64 = 1_795_190_400_000;
const DAY: i64 = 86_400_000;

fn engine(rule: &str, currency: &str) -> (policy::Policy, Engine) {
    let text = format!(
        "policy: {{ id: t, version: '1', currency: {currency} }}\nproducts: p.csv\ndealer_groups: [{{ id: G1 }}, {{ id: G2, parent: G1 }}]\n{rule}"
    );
    let files = [("policy.yaml", text.as_str()), ("p.csv", "sku,unit\nP,EA\n")];
    let mut imported = import::files(files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).into());
    let checked = check::check(imported.policy.clone(), &imported.sources, &mut imported.diagnostics);
    let checked = checked.unwrap_or_else(|| panic!("{:?}", imported.diagnostics.found));
    (imported.policy, Engine::load(compile::compile(&checked).bytes()).unwrap())
}

#[test]
fn transfers_are_made_the_same_slowly() {
    let count = at_most(WORLDS);
    let rule = |transfer: &'static str, days: i64| Some(Rule { transfer, days });
    let engines = [
        (engine("redemption: { share: 50, transfer: group, transfer_days: 10 }\n", "CNY"), rule("group", 10), 2),
        (engine("redemption: { share: 50, transfer: any }\n", "JPY"), rule("any", 0), 0),
        (engine("redemption: { share: 50, transfer: group }\n", "KWD"), rule("group", 0), 3),
        (engine("redemption: { share: 50 }\n", "CNY"), rule("none", 0), 2),
        (engine("", "CNY"), None, 2),
    ];
    let mut met = BTreeMap::<String, u64>::new();
    for seed in 0..count {
        let mut random = Random(seed);
        let at = if random.index(8) == 0 { 3 + random.index(2) } else { random.index(3) };
        let ((policy, engine), rule, digits) = &engines[at];
        let mut pick = |list: &[&str]| list[random.index(list.len())].to_owned();
        let mut dealers: Vec<Value> = Vec::new();
        for id in ["A", "B", "C"] {
            let mut dealer = json!({ "schema": 1, "id": id, "as_of": 0 });
            let group = pick(&["G1", "G1", "G1", "G2", ""]);
            if !group.is_empty() {
                dealer["group"] = json!(group);
            }
            let mut lots = Vec::new();
            for lot in ["L1", "L2", "L3"] {
                let mut fact = json!({ "id": lot, "balance": pick(&["100", "60", "7", "0"]), "issued": AT });
                match pick(&["plain", "plain", "voucher", "once", "early", "late", "soon", "over"]).as_str() {
                    "voucher" => fact["face"] = json!("20"),
                    "once" => fact["pays"] = json!("one_order"),
                    "early" => fact["issued"] = json!(AT + 1),
                    "late" => fact["expires"] = json!(AT + 10 * DAY),
                    "soon" => fact["expires"] = json!(AT + 10 * DAY - 1),
                    "over" => fact["expires"] = json!(AT),
                    _ => fact["invoice_treatment"] = json!("discount"),
                }
                lots.push(fact);
            }
            dealer["lots"] = json!(lots);
            dealers.push(dealer);
        }
        let mut rows: Vec<Row> = (0..12)
            .map(|number| Row {
                id: if pick(&["", "1", "2", "3", "4", "5", "6", "7"]).is_empty() { pick(&["", "t0", "t3"]) } else { format!("t{number}") },
                lot: pick(&["L1", "L1", "L2", "L2", "L3", "L9", "L1/t0", "L2/t1"]),
                from: pick(&["A", "A", "B", "C", "Z"]),
                to: pick(&["B", "B", "C", "A"]),
                amount: pick(&["", "20", "40", "1", "7", "100.01", "0", "60", "x"]),
                more: pick(&["", "", "", "", "", "", "", "", "", "more"]) == "more",
            })
            .collect();
        // Some pass on what they got.
        for number in (1..rows.len()).filter(|number| (seed + *number as u64).is_multiple_of(5)) {
            let (lot, from) = (format!("{}/{}", rows[number - 1].lot, rows[number - 1].id), rows[number - 1].to.clone());
            (rows[number].lot, rows[number].from) = (lot, from);
        }
        let table: String = rows
            .iter()
            .map(|Row { id, lot, from, to, amount, more }| format!("{id},{lot},{from},{to},{amount}{}\n", if *more { "," } else { "" }))
            .collect();
        let table = format!("id,lot,from,to,amount\n{table}");
        let node: Node = serde_json::from_value(json!({ "dealers": dealers })).unwrap();
        let mut facts: Vec<DealerFacts> = wire::dealers(engine, &node).unwrap();
        let found = Book::default().transfer(engine.policy(), policy.redemption.as_ref(), &mut facts, Instant(AT), &table).unwrap();
        let shown: Vec<(String, Result<String, &str>)> = found
            .iter()
            .map(|row| (row.id.clone(), row.outcome.as_ref().map(|made| made.becomes.clone()).map_err(|refusal| refusal.said().0)))
            .collect();
        let sum = |dealers: &[Value]| -> Exact {
            dealers.iter().flat_map(|dealer| dealer["lots"].as_array().unwrap()).map(|lot| decimal(&lot["balance"])).sum()
        };
        let before = sum(&dealers);
        let slow = slow::transfer(&mut dealers, rule.as_ref(), AT, *digits, &rows);
        assert_eq!(shown, slow, "world {seed}\n{table}");
        // What everybody holds then, and that nothing is lost of it.
        let held = |lots: Vec<Value>| -> BTreeMap<String, Value> {
            let plain = |mut lot: Value| {
                lot["balance"] = json!(decimal(&lot["balance"]).to_string());
                lot["face"] = json!(decimal(&lot["face"]).to_string());
                (lot["id"].as_str().unwrap().to_owned(), lot)
            };
            lots.into_iter().map(plain).collect()
        };
        for (facts, dealer) in facts.iter().zip(&dealers) {
            let own = facts.lots.iter().map(|lot| serde_json::from_str(&lot_json(engine.policy(), lot)).unwrap()).collect();
            assert_eq!(held(own), held(dealer["lots"].as_array().unwrap().clone()), "world {seed}\n{table}");
        }
        assert_eq!(sum(&dealers), before, "world {seed}");
        // The next run knows what came of this one.
        let made: String = found.iter().filter_map(|row| row.made(engine.policy(), &facts)).collect();
        let mut book = Book::default();
        book.before(&(Examined::MADE.to_owned() + &made)).unwrap();
        let again = book.transfer(engine.policy(), policy.redemption.as_ref(), &mut facts, Instant(AT), &table).unwrap();
        let passed = again.iter().filter_map(|row| row.outcome.as_ref().ok());
        assert!(passed.into_iter().all(|made| !made.lot.contains('/')), "world {seed}");
        for (_, answer) in &slow {
            *met.entry(answer.as_ref().map_or_else(|code| (*code).to_owned(), |_| "made".to_owned())).or_default() += 1;
        }
    }
    println!("{met:?}");
    let seldom: Vec<&str> =
        CODES.iter().copied().chain(["NUMBER_INVALID", "made"]).filter(|code| met.get(*code).is_none_or(|times| *times < 20)).collect();
    assert!(count < WORLDS || seldom.is_empty(), "hardly met: {seldom:?}");
}
